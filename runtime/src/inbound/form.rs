//! A form (`application/x-www-form-urlencoded`) as a JSON object of strings.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serializer as _;

use super::percent;

/// Why a form cannot be read. A field is told by its place, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The field has a broken escape, or is not UTF-8.
    Encoding { field: usize },
    /// A field before it has the same name.
    Duplicate { field: usize },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { field } => {
                write!(f, "field {field} of the form has a broken escape or is not UTF-8")
            }
            Self::Duplicate { field } => {
                write!(f, "field {field} of the form has the name of another")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The form as the bytes of a JSON object: every value a string, the fields in their order.
/// Empty fields (`a=1&&b=2`) are left out, a field without `=` has an empty value.
///
/// # Errors
/// [`Error`], where the usual readers would guess: duplicate names, broken escapes, broken UTF-8.
pub fn to_json(form: &[u8]) -> Result<Vec<u8>, Error> {
    let mut names = BTreeSet::new();
    let mut fields = Vec::new();
    let written = form.split(|byte| *byte == b'&').filter(|text| !text.is_empty());
    for (text, field) in written.zip(1..) {
        let (name, value) = pair(text).ok_or(Error::Encoding { field })?;
        if !names.insert(name.clone()) {
            return Err(Error::Duplicate { field });
        }
        fields.push((name, value));
    }
    let mut json = Vec::with_capacity(form.len() * 2);
    serde_json::Serializer::new(&mut json)
        .collect_map(fields)
        // Strings into memory: it cannot fail.
        .unwrap_or_default();
    Ok(json)
}

fn pair(text: &[u8]) -> Option<(String, String)> {
    let mut halves = text.splitn(2, |byte| *byte == b'=');
    let (name, value) = (halves.next()?, halves.next().unwrap_or_default());
    Some((decode(name)?, decode(value)?))
}

fn decode(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent::decode(&spaced)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn json(form: &str) -> Result<String, Error> {
        to_json(form.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_form_becomes_an_object_in_its_order() {
        let cases = [
            ("", "{}"),
            ("b=2&a=1", r#"{"b":"2","a":"1"}"#),
            ("a=1&&b&", r#"{"a":"1","b":""}"#),
            ("n=%D0%98+%2B%26%3D&q=\"\\", r#"{"n":"И +&=","q":"\"\\"}"#),
            ("a=b=c&%0A=%00", r#"{"a":"b=c","\n":"\u0000"}"#),
            ("=x", r#"{"":"x"}"#),
        ];
        for (form, expected) in cases {
            assert_eq!(json(form).as_deref(), Ok(expected), "{form}");
        }
    }

    #[test]
    fn text_that_is_not_escaped_is_taken_as_utf8() {
        assert_eq!(json("имя=Анна").as_deref(), Ok(r#"{"имя":"Анна"}"#));
    }

    #[test]
    fn a_guess_is_refused() {
        assert_eq!(json("a=1&b=2&%61=3"), Err(Error::Duplicate { field: 3 }));
        assert_eq!(json("a=1&b=%zz"), Err(Error::Encoding { field: 2 }));
        assert_eq!(json("%F0=1"), Err(Error::Encoding { field: 1 }));
        assert_eq!(to_json(b"a=\xff"), Err(Error::Encoding { field: 1 }));
    }

    #[test]
    fn the_usual_reader_agrees_on_what_is_taken() {
        let form = "a=1&b+c=%20+%D1%8F&d=%26%3D%25";
        let usual: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let ours: serde_json::Value = serde_json::from_slice(&to_json(form.as_bytes()).unwrap()).unwrap();
        assert_eq!(ours.as_object().unwrap().len(), usual.len());
        for (name, value) in usual {
            assert_eq!(ours[&name], value.as_str());
        }
    }
}
