//! What a schema marks with `x-sensitive: true` is not to be shown.

use std::collections::BTreeSet;

use super::document::Documents;
use super::{Schema, Shape};
use crate::value::{Arena, Entry, Value};

/// What is shown instead.
pub const MASKED: &str = "***";
/// Shorter texts and numbers say nothing, and are found everywhere.
const SHORTEST: usize = 4;

impl Schema {
    /// Adds the texts, numbers and truths of `value` that the schema marks.
    pub fn sensitive(&self, value: Value<'_>, found: &mut BTreeSet<String>) {
        self.over(|shape| collect(value, &shape, false, &Arena::new(), found));
    }

    /// The value without what the schema marks, and without `secrets`, wherever they are.
    #[must_use]
    pub fn masked<'a>(&self, value: Value<'a>, secrets: &BTreeSet<String>, arena: &'a Arena) -> Value<'a> {
        self.over(|shape| masked(value, Some(&shape), secrets, arena)).unwrap_or(Value::Null)
    }

    fn over<T>(&self, work: impl FnOnce(Shape<'_>) -> T) -> Option<T> {
        let documents = Documents::new(self.files.iter().cloned());
        Shape::root(&documents, self.files.first()?.name()).map(work)
    }
}

/// The value without `secrets`.
#[must_use]
pub fn without<'a>(value: Value<'a>, secrets: &BTreeSet<String>, arena: &'a Arena) -> Value<'a> {
    masked(value, None, secrets, arena)
}

fn masked<'a>(
    value: Value<'a>,
    shape: Option<&Shape<'_>>,
    secrets: &BTreeSet<String>,
    arena: &'a Arena,
) -> Value<'a> {
    if shape.is_some_and(Shape::is_sensitive) && !value.is_null() {
        return Value::string(MASKED);
    }
    match value {
        Value::Object(object) => {
            let member = |entry: &Entry<'a>| {
                let shape = shape.map(|shape| shape.member(&entry.key.decode()));
                Entry { key: entry.key, value: masked(entry.value, shape.as_ref(), secrets, arena) }
            };
            let entries: Vec<Entry<'a>> = object.entries().iter().map(member).collect();
            Value::object(arena, &entries)
        }
        Value::Array(elements) => {
            let element = shape.map(Shape::element);
            let elements: Vec<Value<'a>> =
                elements.iter().map(|value| masked(*value, element.as_ref(), secrets, arena)).collect();
            Value::array(arena, &elements)
        }
        scalar => match scalar.scalar_text(arena) {
            Some(text) if secrets.iter().any(|secret| text.contains(&**secret)) => Value::string(MASKED),
            _ => scalar,
        },
    }
}

fn collect(value: Value<'_>, shape: &Shape<'_>, within: bool, arena: &Arena, found: &mut BTreeSet<String>) {
    let marked = within || shape.is_sensitive();
    match value {
        Value::Object(object) => {
            for entry in object.entries() {
                let shape = shape.member(&entry.key.decode());
                collect(entry.value.copy_into(arena), &shape, marked, arena, found);
            }
        }
        Value::Array(elements) => {
            let element = shape.element();
            for value in elements {
                collect(value.copy_into(arena), &element, marked, arena, found);
            }
        }
        scalar if marked => {
            let scalar = scalar.copy_into(arena);
            found.extend(scalar.scalar_text(arena).filter(|text| text.len() >= SHORTEST).map(str::to_owned));
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::{Document, Memo, Schemas};
    use super::*;
    use crate::value::{Limits, read};

    fn schema(schema: &serde_json::Value) -> Arc<Schema> {
        let document = Document::new("bank/card", schema.to_string().into(), schema);
        let (schemas, problems) = Schemas::compile([Arc::new(document)], &mut Memo::default());
        assert!(problems.is_empty(), "{problems:?}");
        Arc::clone(schemas.get("bank/card").unwrap())
    }

    fn shown(marks: &serde_json::Value, text: &str) -> String {
        let (schema, arena) = (schema(marks), Arena::new());
        let value = read(text.as_bytes(), &arena, &Limits::default()).unwrap();
        let mut secrets = BTreeSet::new();
        schema.sensitive(value, &mut secrets);
        let mut out = Vec::new();
        schema.masked(value, &secrets, &arena).write_json(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_mark_holds_wherever_a_schema_speaks() {
        let marked = json!({"x-sensitive": true});
        let marks = json!({
            "$defs": {"card": {"properties": {"pan": marked, "name": {}}}},
            "properties": {
                "card": {"$ref": "#/$defs/card"},
                "list": {"items": {"anyOf": [{"$ref": "#/$defs/card"}, {"type": "null"}]}},
                "pair": {"prefixItems": [{}, {"x-sensitive": true, "type": ["number", "string"]}]},
                "whole": {"type": "object", "x-sensitive": true},
                "map": {"additionalProperties": marked},
                "pins": {"patternProperties": {"^pin": marked}},
                "either": {"if": {"properties": {"a": marked}}, "then": {"properties": {"b": marked}}},
            },
        });
        let text = r#"{"card":{"pan":"4000123412341234","name":"Anna"},"list":[{"pan":1234567},null],"whole":{"a":[1]},"map":{"x":"1","y":null},"pins":{"pin2":9},"either":{"a":true,"b":1.50,"c":2},"copy":"of 4000123412341234","again":"4000123412341234"}"#;
        assert_eq!(
            shown(&marks, text),
            r#"{"card":{"pan":"***","name":"Anna"},"list":[{"pan":"***"},null],"whole":"***","map":{"x":"***","y":null},"pins":{"pin2":"***"},"either":{"a":"***","b":"***","c":2},"copy":"***","again":"***"}"#
        );
        assert_eq!(shown(&marks, r#"{"pair":["open",5]}"#), r#"{"pair":["***","***"]}"#, "rather too much");
    }

    #[test]
    fn what_says_nothing_hides_nothing() {
        let marks = json!({"properties": {"a": {"x-sensitive": false}, "b": {"x-sensitive": true}}});
        assert_eq!(shown(&marks, r#"{"a":1,"b":12,"c":12}"#), r#"{"a":1,"b":"***","c":12}"#);
    }
}
