//! The way to and from serde, for the edges: settings, scripts, tests.

use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::{Arena, Entry, Number, Text, Value};

impl<'a> Value<'a> {
    /// A copy of a serde_json value in the arena.
    #[must_use]
    pub fn from_serde(arena: &'a Arena, value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(bool) => Self::Bool(*bool),
            serde_json::Value::Number(number) => {
                Self::Number(Number::trusted(bumpalo::format!(in arena, "{}", number).into_bump_str()))
            }
            serde_json::Value::String(content) => Self::string(arena.alloc_str(content)),
            serde_json::Value::Array(elements) => {
                let elements: Vec<_> =
                    elements.iter().map(|element| Self::from_serde(arena, element)).collect();
                Self::array(arena, &elements)
            }
            serde_json::Value::Object(members) => {
                let entry = |(key, value): (&String, _)| Entry {
                    key: Text::plain(arena.alloc_str(key)),
                    value: Self::from_serde(arena, value),
                };
                let entries: Vec<_> = members.iter().map(entry).collect();
                Self::object(arena, &entries)
            }
        }
    }
}

/// Serde's numbers are machine numbers. One that no `i64`, `u64` or `f64` holds exactly is an
/// error, never a silent rounding; the spelling (`1.10`) is lost either way. Where digits matter
/// use [`Value::write_json`].
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Number(number) => serialize_number(*number, serializer),
            Self::String(text) => serializer.serialize_str(&text.decode()),
            Self::Array(elements) => serializer.collect_seq(*elements),
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for entry in object.entries() {
                    map.serialize_entry(&*entry.key.decode(), &entry.value)?;
                }
                map.end()
            }
        }
    }
}

fn serialize_number<S: Serializer>(number: Number<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    if let Some(value) = number.as_i64() {
        return serializer.serialize_i64(value);
    }
    if let Some(value) = number.as_u64() {
        return serializer.serialize_u64(value);
    }
    let value = number.as_f64();
    let shortest = format!("{value:e}");
    match Number::from_lexeme(&shortest) {
        Some(same) if same == number => serializer.serialize_f64(value),
        _ => Err(S::Error::custom("a number has more digits than a machine number holds")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Limits, read};
    use super::*;

    fn to_serde(text: &str) -> Result<serde_json::Value, serde_json::Error> {
        let arena = Arena::new();
        serde_json::to_value(read(text.as_bytes(), &arena, &Limits::default()).unwrap())
    }

    #[test]
    fn numbers_arrive_exactly_or_not_at_all() {
        for text in ["1", "-1", "18446744073709551615", "1.5", "0.1", "1e300", "{\"a\\n\":[null,true,\"b\"]}"]
        {
            let expected: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(to_serde(text).unwrap(), expected, "{text}");
        }
        assert_eq!(to_serde("1.10").unwrap(), serde_json::json!(1.1));
        assert_eq!(to_serde("1e2").unwrap(), serde_json::json!(100));
        for text in ["18446744073709551617", "0.12345678901234567891", "1e400"] {
            assert!(to_serde(text).is_err(), "{text}");
        }
    }

    #[test]
    fn serde_values_are_copied() {
        let arena = Arena::new();
        let source = serde_json::json!({"a": [1, -2.5, "x\ny", null, true], "b": {}});
        let value = Value::from_serde(&arena, &source);
        assert_eq!(serde_json::to_value(value).unwrap(), source);
    }
}
