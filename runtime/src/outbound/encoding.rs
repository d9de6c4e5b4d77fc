//! What goes out of a body that is kept as JSON.

use bytes::Bytes;
use engine::Encoding;
use engine::value::{Arena, Limits, Value, read};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The content type of a body with this encoding; empty where no body goes out.
#[must_use]
pub fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => JSON,
        Encoding::Form => FORM,
        Encoding::Raw | Encoding::Nothing => "",
    }
}

/// The bytes that go out under this content type.
#[must_use]
pub fn encoded(content_type: &str, json: &[u8]) -> Bytes {
    match content_type {
        "" => Bytes::new(),
        FORM => form(json).into(),
        _ => Bytes::copy_from_slice(json),
    }
}

/// Numbers keep their digits, nulls are left out. It was made of an object of scalars: anything else is no form.
fn form(json: &[u8]) -> String {
    let arena = Arena::new();
    let mut form = form_urlencoded::Serializer::new(String::new());
    let Ok(Value::Object(object)) = read(json, &arena, &Limits::default()) else { return form.finish() };
    for entry in object.entries() {
        let name = entry.key.decode();
        match entry.value {
            Value::String(text) => form.append_pair(&name, &text.decode()),
            Value::Number(number) => form.append_pair(&name, number.as_str()),
            Value::Bool(flag) => form.append_pair(&name, if flag { "true" } else { "false" }),
            Value::Null | Value::Array(_) | Value::Object(_) => &mut form,
        };
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_digits_and_leaves_nulls_out() {
        let json = r#"{"a b":"x&y=\u00e9","sum":10.50,"big":12345678901234567890123,"yes":true,"no":false,"gone":null}"#;
        let sent = encoded(FORM, json.as_bytes());
        let expected = "a+b=x%26y%3D%C3%A9&sum=10.50&big=12345678901234567890123&yes=true&no=false";
        assert_eq!(sent, expected);
    }

    #[test]
    fn what_else_goes_out() {
        assert_eq!(encoded(content_type(Encoding::Json), b"{\"a\":1.0}"), "{\"a\":1.0}");
        assert_eq!(encoded(content_type(Encoding::Nothing), b"{}"), "");
    }
}
