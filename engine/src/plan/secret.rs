//! Members of a body that are secrets: they are put in as the body goes out, and kept nowhere.

use std::borrow::Cow;

use super::auth::Secret;
use crate::value::{Arena, Entry, Limits, Object, Text, Value, read};

/// One of them.
#[derive(Debug)]
pub(crate) struct SecretMember {
    /// The names that lead to it.
    pub path: Box<[Box<str>]>,
    pub value: Secret,
}

/// The body with its secrets. What is on the way to one and is no object gives way to it: a body is mapped without them.
pub(super) fn with<'b>(body: &'b [u8], secrets: &[SecretMember]) -> Cow<'b, [u8]> {
    let arena = Arena::new();
    let Ok(mut value) = read(body, &arena, &Limits::default()) else { return Cow::Borrowed(body) };
    for secret in secrets {
        value = put(value, &secret.path, secret.value.reveal(), &arena);
    }
    let mut out = Vec::with_capacity(body.len());
    value.write_json(&mut out);
    Cow::Owned(out)
}

fn put<'a>(value: Value<'a>, path: &'a [Box<str>], secret: &'a str, arena: &'a Arena) -> Value<'a> {
    let Some((name, rest)) = path.split_first() else { return Value::string(secret) };
    let (inner, mut entries) = match value {
        Value::Object(object) => (object.get(name), object.entries().to_vec()),
        _ => (None, Vec::new()),
    };
    let value = put(inner.unwrap_or(Value::Null), rest, secret, arena);
    // Of two members with one name the last one counts, in the place of the first.
    entries.push(Entry { key: Text::plain(name), value });
    Value::Object(Object::build(arena, &entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &str, secrets: &[(&[&str], &str)]) -> String {
        let member = |(path, value): &(&[&str], &str)| SecretMember {
            path: path.iter().map(|name| (*name).into()).collect(),
            value: Secret::new(*value),
        };
        let secrets: Vec<_> = secrets.iter().map(member).collect();
        String::from_utf8_lossy(&with(body.as_bytes(), &secrets)).into_owned()
    }

    #[test]
    fn a_member_is_added_and_all_else_stays() {
        let body = r#"{"a":{"user":"u","sum":1.10},"b":12345678901234567890}"#;
        let whole =
            r#"{"a":{"user":"u","sum":1.10,"password":"p\"w"},"b":12345678901234567890,"c":{"d":"e"}}"#;
        assert_eq!(sent(body, &[(&["a", "password"], "p\"w"), (&["c", "d"], "e")]), whole);
    }

    #[test]
    fn a_member_that_is_there_is_replaced() {
        assert_eq!(sent(r#"{"a":"x","b":1}"#, &[(&["a"], "y")]), r#"{"a":"y","b":1}"#);
    }
}
