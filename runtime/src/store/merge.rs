//! Merges JSON objects as text, so that numbers keep their digits and fields their order.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};

/// An object whose values are left as they are spelled.
#[derive(Default)]
struct Fields<'a> {
    fields: Vec<(String, Value<'a>)>,
    places: HashMap<String, usize>,
}

enum Value<'a> {
    Borrowed(&'a RawValue),
    Owned(Box<RawValue>),
}

impl<'a> Fields<'a> {
    /// Replaces the field of this name in its place, or adds it at the end.
    fn set(&mut self, name: String, value: Value<'a>) {
        match self.places.get(&name).and_then(|place| self.fields.get_mut(*place)) {
            Some(field) => field.1 = value,
            None => {
                self.places.insert(name.clone(), self.fields.len());
                self.fields.push((name, value));
            }
        }
    }
}

/// Puts `fields` over `stored` (both texts of objects) and makes sure of the key field, which stands first where neither
/// has it.
///
/// # Errors
/// When a text is not one JSON object.
pub fn merge(
    stored: Option<&str>,
    (key_field, key): (&str, &str),
    fields: &str,
) -> serde_json::Result<String> {
    let stored: Fields<'_> = stored.map(serde_json::from_str).transpose()?.unwrap_or_default();
    let fields: Fields<'_> = serde_json::from_str(fields)?;
    let mut merged = Fields::default();
    if !stored.places.contains_key(key_field) && !fields.places.contains_key(key_field) {
        merged.set(key_field.to_owned(), Value::Owned(to_raw_value(key)?));
    }
    for (name, value) in stored.fields.into_iter().chain(fields.fields) {
        merged.set(name, value);
    }
    serde_json::to_string(&merged)
}

/// The text of a field that is a string, a number or a boolean: a string's content, a number's own digits.
pub fn scalar(object: &str, field: &str) -> Option<String> {
    let fields: Fields<'_> = serde_json::from_str(object).ok()?;
    let (_, Value::Borrowed(value)) = fields.fields.get(*fields.places.get(field)?)? else { return None };
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(value.get().to_owned()),
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some((name, value)) = map.next_entry()? {
            fields.set(name, Value::Borrowed(value));
        }
        Ok(fields)
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Borrowed(value) => value.serialize(serializer),
            Self::Owned(value) => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_and_order_stay() {
        let stored = r#"{"ours":"a","amount":1234567890123456789012.10,"x":{"b":1.0,"a":[ 2 ]}}"#;
        let merged = merge(Some(stored), ("ours", "a"), r#"{"y":-0.0,"amount":1e2}"#).unwrap();
        assert_eq!(merged, r#"{"ours":"a","amount":1e2,"x":{"b":1.0,"a":[ 2 ]},"y":-0.0}"#);
    }

    #[test]
    fn key_field_is_added_once() {
        let merged = merge(None, ("ours", "a\"b"), r#"{"x":1}"#).unwrap();
        assert_eq!(merged, r#"{"ours":"a\"b","x":1}"#);
        assert_eq!(merge(Some(&merged), ("ours", "a\"b"), "{}").unwrap(), merged);
        assert_eq!(merge(None, ("n", "7"), r#"{"n":7}"#).unwrap(), r#"{"n":7}"#);
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for text in ["", "[]", "1", "null", "{} {}", r#"{"a":}"#] {
            assert!(merge(None, ("k", "v"), text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(a in r#"\{("[ab]":(1\.0|"x"|\[\]|null)(,"[cd]":[0-9]{1,30})?)?\}"#) {
            if let Ok(once) = merge(None, ("k", "v"), &a) {
                prop_assert_eq!(&merge(Some(&once), ("k", "v"), &a).unwrap(), &once);
            }
        }
    }
}
