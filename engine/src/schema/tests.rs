#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::json;

use super::*;
use crate::value::{Arena, Limits, read};

fn compile(files: &[(&str, serde_json::Value)]) -> (Schemas, Vec<Problem>) {
    let files =
        files.iter().map(|(name, schema)| Arc::new(Document::new(name, schema.to_string().into(), schema)));
    Schemas::compile(files, &mut Memo::default())
}

fn sound(files: &[(&str, serde_json::Value)]) -> Schemas {
    let (schemas, problems) = compile(files);
    assert_eq!(problems, []);
    schemas
}

fn faults(schema: &serde_json::Value, text: &str) -> Vec<String> {
    let schemas = sound(&[("s", schema.clone())]);
    let arena = Arena::new();
    let value = read(text.as_bytes(), &arena, &Limits::default()).unwrap();
    let schema = schemas.get("s").unwrap();
    let verdict = schema.validate(value, 10);
    assert_eq!(schema.is_valid(value), verdict.is_ok());
    let violations = verdict.err().unwrap_or_default();
    assert_eq!(schema.is_valid(value), violations.is_empty());
    violations.iter().map(|violation| format!("{violation} ({})", violation.keyword)).collect()
}

#[test]
fn violations_name_paths_and_no_values() {
    let schema = json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {},
            "items": {"items": {"properties": {"na-me": {"type": "string", "pattern": "^a"}}}},
            "kind": {"enum": ["A", "B"]},
            "at": {"format": "date-time"},
        },
        "additionalProperties": false,
    });
    let text = r#"{"items":[{},{"na-me":"secret"},{"na-me":7}],"kind":"secret","at":"secret"}"#;
    let expected = [
        r#"`at`: value is not a "date-time" (format)"#,
        r#"`items[1]."na-me"`: value does not match "^a" (pattern)"#,
        r#"`items[2]."na-me"`: value is not of type "string" (type)"#,
        r#"`kind`: value is not one of "A" or "B" (enum)"#,
        "`id`: is required (required)",
    ];
    let mut found = faults(&schema, text);
    found.sort_by_key(|line| expected.iter().position(|other| other == line));
    assert_eq!(found, expected);
    assert_eq!(faults(&schema, "[]"), [r#"`@`: value is not of type "object" (type)"#]);
    assert_eq!(faults(&schema, r#"{"id":"\u0061","kind":"\u0041"}"#), [""; 0]);
}

#[test]
fn the_alternative_that_is_meant_speaks() {
    let schema = json!({"properties": {"a": {"anyOf": [
        {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}},
        {"type": "null"},
    ]}}});
    assert_eq!(faults(&schema, r#"{"a":{}}"#), ["`a.b`: is required (required)"]);
    assert_eq!(faults(&schema, r#"{"a":{"b":"x"}}"#), [r#"`a.b`: value is not of type "integer" (type)"#]);
    assert_eq!(faults(&schema, r#"{"a":1}"#).len(), 1);
    assert_eq!(faults(&schema, r#"{"a":null}"#), [""; 0]);
}

#[test]
fn numbers_are_compared_by_their_digits() {
    let schema = json!({"properties": {
        "integer": {"type": "integer"},
        "const": {"const": 1.1},
        "money": {"multipleOf": 0.01, "minimum": 0},
        "unique": {"uniqueItems": true},
    }});
    for text in [
        r#"{"integer":1e2}"#,
        r#"{"integer":123456789012345678901234567890}"#,
        r#"{"const":1.10}"#,
        r#"{"money":12.30}"#,
        r#"{"money":1e400}"#,
        r#"{"unique":[12345678901234567890, 12345678901234567891]}"#,
        r#"{"unique":[1,2,3,4,5,6,7,8,12345678901234567890,12345678901234567891]}"#,
    ] {
        let found = faults(&schema, text);
        // Only what is far beyond a machine number may be beyond `multipleOf`.
        assert!(found.is_empty() || text.contains("1e400"), "{text}: {found:?}");
    }
    for text in [
        r#"{"integer":1.5}"#,
        r#"{"money":-1e400}"#,
        r#"{"unique":[1, 1.0]}"#,
        r#"{"unique":[1,2,3,4,5,6,7,8,{"a":1,"b":2},{"b":2.0,"a":1}]}"#,
    ] {
        assert!(!faults(&schema, text).is_empty(), "{text}");
    }
}

#[test]
fn files_refer_to_each_other() {
    let schemas = sound(&[
        ("a/common", json!({"$defs": {"Id": {"type": "integer"}, "Me": {"$ref": "main.json"}}})),
        ("a/main", json!({"properties": {"id": {"$ref": "common.json#/$defs/Id"}, "me": {"$ref": "#"}}})),
        ("b/x y", json!({"$ref": "../a/main.json"})),
        ("c", json!({"$id": "https://example.com/c", "properties": {"d": {"$ref": "d"}}})),
        ("d", json!({"$id": "https://example.com/d", "$anchor": "here", "type": "string"})),
    ]);
    let arena = Arena::new();
    for (name, text, valid) in [
        ("b/x y", r#"{"id":1,"me":{"id":2}}"#, true),
        ("b/x y", r#"{"id":1,"me":{"id":"2"}}"#, false),
        ("c", r#"{"d":1}"#, false),
        ("c", r#"{"d":""}"#, true),
    ] {
        let value = read(text.as_bytes(), &arena, &Limits::default()).unwrap();
        assert_eq!(schemas.get(name).unwrap().is_valid(value), valid, "{name} {text}");
    }
    assert_eq!(schemas.names().collect::<Vec<_>>(), ["a/common", "a/main", "b/x y", "c", "d"]);
    assert!(schemas.contains("d"));
}

#[test]
fn references_in_circles_end() {
    fn shared<T: Send + Sync>(_: &T) {}
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"anyOf": [{"$ref": "#"}]}}}),
    ] {
        let schemas = sound(&[("s", schema)]);
        let compiled = schemas.get("s").unwrap();
        shared(&schemas);
        let _ = compiled.is_valid(Value::Null);
        assert_eq!(names(schemas.shape("s").unwrap().field("a")), "open");
    }
}

#[test]
fn escaped_text_is_judged_by_its_content() {
    let schema = json!({
        "propertyNames": {"maxLength": 2},
        "properties": {"яя": {"minLength": 3, "format": "date"}},
    });
    assert_eq!(faults(&schema, r#"{"\u044f\u044f":"2024-01-0\u0031"}"#), [""; 0]);
    assert_eq!(
        faults(&schema, r#"{"\u044f\u044fz":1,"\u044fя":"\u0031\u0032"}"#),
        [
            r#"`"яя"`: value is shorter than 3 characters (minLength)"#,
            r#"`"яя"`: value is not a "date" (format)"#,
            "`@`: a property name is not allowed: value is longer than 2 characters (propertyNames)",
        ]
    );
}

#[test]
fn problems_are_told_once_where_they_are() {
    let (schemas, problems) = compile(&[
        ("broken", json!({"$defs": {"X": {"type": "strin"}}, "minLength": -1})),
        ("follows-too", json!({"$ref": "broken.json#/$defs/X", "maxLength": -1})),
        ("follows", json!({"$ref": "broken.json#/$defs/X"})),
        ("format", json!({"properties": {"a": {"format": "fancy"}}})),
        ("gone", json!({"items": {"$ref": "nowhere.json"}})),
        ("pattern", json!({"properties": {"a": {"pattern": "(?=a)"}}})),
        ("pointer", json!({"properties": {"a/b": {"$ref": "sound.json#/$defs/Y"}}})),
        ("remote", json!({"allOf": [{"$ref": "https://example.com/x.json"}]})),
        ("sound", json!({"type": "string", "const": {"$ref": "no reference"}})),
        ("draft", json!({"$schema": "https://example.com/draft"})),
    ]);
    let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        r#"broken#/$defs/X/type: "strin" is not one of "array", "boolean" or 5 other candidates"#,
        "broken#/minLength: -1 is less than the minimum of 0",
        "draft#/$schema: not a draft of JSON Schema that is supported",
        "follows-too#/maxLength: -1 is less than the minimum of 0",
        "format#/properties/a/format: there is no format 'fancy'",
        "gone#/items/$ref: there is no file `schemas/nowhere.json`",
        "pattern#/properties/a/pattern: not a regular expression",
        "pointer#/properties/a~1b/$ref: there is no `/$defs/Y` in `sound`",
        "remote#/allOf/0/$ref: `https://example.com/x.json` is not one of the schema files, and nothing is fetched",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    assert!(schemas.get("sound").is_some() && schemas.get("broken").is_none());
}

fn names(lookup: Lookup<'_>) -> String {
    match lookup {
        Lookup::Known(shape) => format!("known {:?}", shape.names()),
        Lookup::Unknown { known_names } => format!("unknown {known_names:?}"),
        Lookup::Open => "open".to_owned(),
    }
}

#[test]
fn a_shape_knows_the_declared_paths() {
    let schemas = sound(&[
        (
            "p/main",
            json!({
                "type": "object",
                "allOf": [{"$ref": "common.json#/$defs/Envelope"}],
                "required": ["payload"],
                "properties": {
                    "payload": {"oneOf": [{"$ref": "common.json#/$defs/Party"}, {"type": "null"}]},
                    "list": {"type": "array", "items": {"$ref": "common.json#/$defs/Party"}},
                    "map": {"type": "object", "additionalProperties": {"$ref": "common.json#/$defs/Party"}},
                    "any": {"type": "object"},
                    "wide": {"properties": {"a": {}}, "additionalProperties": true},
                },
            }),
        ),
        (
            "p/common",
            json!({"$defs": {
                "Envelope": {"required": ["id"], "properties": {"id": {"type": "string"}}},
                "Party": {"properties": {"name": {"type": "string"}, "parent": {"$ref": "#/$defs/Party"}}},
                "Status": {"enum": ["A", "B"]},
                "Titled": {"oneOf": [{"const": "A", "title": "a"}, {"const": "B"}, {"type": "null"}]},
            }}),
        ),
    ]);
    let main = schemas.shape("p/main").unwrap();
    let field = |shape: &Shape<'_>, name: &str| names(shape.field(name));
    assert_eq!(field(&main, "id"), "known []");
    assert_eq!(field(&main, "nothing"), r#"unknown ["any", "list", "map", "payload", "wide", "id"]"#);
    assert_eq!(main.required(), ["payload", "id"]);
    let go = |name: &str| match main.field(name) {
        Lookup::Known(shape) => shape,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&go("payload"), "name"), "known []");
    assert_eq!(field(&go("payload"), "nam"), r#"unknown ["name", "parent"]"#);
    assert_eq!(field(&go("payload"), "parent"), r#"known ["name", "parent"]"#);
    assert_eq!(field(&go("list").element(), "parent"), r#"known ["name", "parent"]"#);
    assert_eq!(field(&go("map"), "whatever"), r#"known ["name", "parent"]"#);
    assert_eq!(field(&go("map").members(), "x"), r#"unknown ["name", "parent"]"#);
    assert_eq!(field(&go("any"), "x"), "open");
    assert_eq!(field(&go("any").element(), "x"), "open");
    assert_eq!(field(&go("wide"), "x"), "open");
    assert_eq!(field(&go("id"), "x"), "unknown []");
    let values = |name: &str| schemas.shape(name).unwrap().enum_values().map(|values| json!(values));
    assert_eq!(values("p/common#/$defs/Status"), Some(json!(["A", "B"])));
    assert_eq!(values("p/common#/$defs/Titled"), Some(json!(["A", "B", null])));
    assert_eq!(values("p/main"), None);
    assert!(schemas.shape("p/none").is_none());
    assert!(schemas.shape("p/common#/$defs/None").is_none());
}
