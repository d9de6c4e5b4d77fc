//! The library is right: whatever a schema says, a check decides as it does.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::pattern::Pattern;
use super::{Leaves, build};
use crate::schema::compile;
use crate::schema::document::{Document, Documents};
use crate::value::{Arena, Limits, read};

const TYPES: [&str; 7] = ["null", "boolean", "number", "integer", "string", "array", "object"];
const NAMES: [&str; 4] = ["a", "b", "é", "long name"];

fn documents(files: &[(&str, &Json)]) -> Arc<Documents> {
    let files =
        files.iter().map(|(name, schema)| Arc::new(Document::new(name, schema.to_string().into(), schema)));
    Arc::new(Documents::new(files))
}

/// What the check says of each value, where there is one, and what the library says.
fn judged(documents: &Arc<Documents>, name: &str, values: &[Json]) -> Vec<(Option<bool>, bool)> {
    let check = build(documents, name, &mut Leaves::default());
    let library = compile::validator(documents, name).unwrap();
    let judge = |value: &Json| {
        let (text, arena) = (value.to_string(), Arena::new());
        let value = read(text.as_bytes(), &arena, &Limits::default()).unwrap();
        (check.as_ref().map(|check| check.is_valid(value)), library.is_valid(&value))
    };
    values.iter().map(judge).collect()
}

fn scalar() -> BoxedStrategy<Json> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(7),
        json!(""),
        json!("a"),
        json!("ab"),
        json!("é"),
        json!("2024-01-01"),
    ])
    .boxed()
}

fn value() -> BoxedStrategy<Json> {
    scalar()
        .prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map(prop::sample::select(&NAMES[..]), inner, 0..4).prop_map(object),
            ]
        })
        .boxed()
}

fn object<'n>(members: impl IntoIterator<Item = (&'n str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A keyword that looks at one value.
fn assertion() -> BoxedStrategy<(&'static str, Json)> {
    prop_oneof![
        prop::sample::select(&TYPES[..]).prop_map(|name| ("type", json!(name))),
        prop::sample::subsequence(&TYPES[..], 1..4).prop_map(|names| ("type", json!(names))),
        prop::collection::vec(scalar(), 1..4).prop_map(|values| ("enum", Json::from(values))),
        value().prop_map(|value| ("const", value)),
        prop::sample::subsequence(vec!["a", "ab", "é"], 1..3).prop_map(|texts| ("enum", json!(texts))),
        (0..3).prop_map(|length| ("minLength", json!(length))),
        (0..3).prop_map(|length| ("maxLength", json!(length))),
        (-1..2).prop_map(|least| ("minimum", json!(least))),
        (0..3).prop_map(|most| ("maxItems", json!(most))),
        (0..3).prop_map(|least| ("minProperties", json!(least))),
        prop::sample::subsequence(&NAMES[..], 0..3).prop_map(|names| ("required", json!(names))),
        Just(("pattern", json!("^[a-b]+$"))),
        Just(("format", json!("date"))),
        Just(("uniqueItems", json!(true))),
        Just(("x-remark", json!({"type": "no schema"}))),
        Just(("description", json!("a text"))),
    ]
    .boxed()
}

/// Schemas over values of any kind; `x`, `y` and `z` are definitions, and may speak of each other.
fn schema() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        4 => prop::collection::vec(assertion(), 0..3).prop_map(object),
        1 => any::<bool>().prop_map(Json::from),
        2 => prop::sample::select(&["#/$defs/x", "other.json#/$defs/y", "#/$defs/z", "#"][..])
            .prop_map(|target| json!({"$ref": target})),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        let named = prop::collection::btree_map(prop::sample::select(&NAMES[..]), inner.clone(), 0..4);
        let keyword = prop_oneof![
            3 => named.prop_map(|named| ("properties", object(named))),
            2 => inner.clone().prop_map(|schema| ("additionalProperties", schema)),
            2 => inner.clone().prop_map(|schema| ("items", schema)),
            1 => list.clone().prop_map(|schemas| ("prefixItems", Json::from(schemas))),
            1 => list.clone().prop_map(|schemas| ("allOf", Json::from(schemas))),
            1 => list.clone().prop_map(|schemas| ("anyOf", Json::from(schemas))),
            1 => list.prop_map(|schemas| ("oneOf", Json::from(schemas))),
            1 => inner.clone().prop_map(|schema| ("not", schema)),
            1 => inner.clone().prop_map(|schema| ("if", schema)),
            1 => inner.clone().prop_map(|schema| ("then", schema)),
            1 => inner.prop_map(|schema| ("else", schema)),
            3 => assertion(),
        ];
        prop::collection::vec(keyword, 0..5).prop_map(object)
    })
    .boxed()
}

fn with_definitions(schema: Json, definitions: &[Json]) -> Json {
    let mut schema = match schema {
        Json::Object(members) => members,
        other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
    };
    schema.insert("$defs".to_owned(), object(["x", "y", "z"].into_iter().zip(definitions.iter().cloned())));
    Json::Object(schema)
}

proptest! {
    #[test]
    fn a_check_decides_as_the_library_does(
        schemas in prop::collection::vec(schema(), 8), values in prop::collection::vec(value(), 6)
    ) {
        let [first, second, definitions @ ..] = schemas.as_slice() else { return Ok(()) };
        let main = with_definitions(first.clone(), &definitions[..3]);
        let other = with_definitions(second.clone(), &definitions[3..]);
        let documents = documents(&[("s/main", &main), ("s/other", &other)]);
        for (at, (check, library)) in judged(&documents, "s/main", &values).into_iter().enumerate() {
            prop_assert!(check.is_none_or(|check| check == library), "{} by {main} and {other}", values[at]);
        }
    }
}

#[test]
fn most_schemas_are_checks_and_the_rest_is_left_to_the_library() {
    let is_check = |schema: Json| build(&documents(&[("s", &schema)]), "s", &mut Leaves::default()).is_some();
    assert!(is_check(json!({"properties": {"a": {"$ref": "#"}}})));
    assert!(is_check(
        json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "items": {"type": "null"}})
    ));
    for schema in [
        json!({"$ref": "#"}),
        json!({"anyOf": [{"not": {"$ref": "#"}}]}),
        json!({"$schema": "http://json-schema.org/draft-07/schema#"}),
        json!({"unevaluatedProperties": false}),
        json!({"patternProperties": {"^a": {}}}),
        json!({"$dynamicRef": "#a"}),
        json!({"properties": {"a": {"$id": "https://example.com/a"}}}),
        json!({"format": "fancy"}),
        json!({"unheard": {"of": true}}),
    ] {
        assert!(!is_check(schema.clone()), "{schema}");
    }
    let chain = (0..40).fold(json!({"type": "null"}), |inner, _| json!({"not": inner}));
    assert!(!is_check(chain), "each takes a frame of the stack");
}

#[test]
fn an_anchor_is_none_where_it_is_data() {
    let looks_like_one = json!({"const": {"$anchor": "amount", "type": "null"}});
    let schema = json!({
        "$defs": {"looks": looks_like_one, "real": {"$anchor": "amount", "type": "integer"}},
        "properties": {"sum": {"$ref": "#amount"}},
    });
    let values = [json!({"sum": 1}), json!({"sum": null})];
    let judged = judged(&documents(&[("s", &schema)]), "s", &values);
    assert_eq!(judged, [(Some(true), true), (Some(false), false)]);
    assert!(documents(&[("s", &looks_like_one)]).resolve("s", "#amount").is_err());
}

#[test]
fn what_is_required_is_no_property() {
    let schema = json!({"required": ["a"], "properties": {"b": {}}, "additionalProperties": false});
    let documents = documents(&[("s", &schema)]);
    assert_eq!(judged(&documents, "s", &[json!({"a": 1}), json!({"b": 1})]), [(Some(false), false); 2]);
}

#[test]
fn equal_words_are_compiled_once() {
    let mut leaves = Leaves::default();
    let number = json!({"format": "date"});
    let first = json!({"properties": {"a": number, "b": number}, "title": "one"});
    let second = json!({"items": number, "title": "two"});
    let documents = documents(&[("first", &first), ("second", &second)]);
    let checks: Vec<_> =
        ["first", "second"].iter().filter_map(|name| build(&documents, name, &mut leaves)).collect();
    assert_eq!((checks.len(), leaves.0.len()), (2, 1));
    drop(checks);
    leaves.tidy();
    assert!(leaves.0.is_empty());
}

/// Pieces of patterns, some of which mean something else together.
fn pattern() -> BoxedStrategy<String> {
    let kind = prop::sample::select(
        &[
            "a", "b", "-", r"\d", r"\w", r"\.", r"\-", "[ab]", "[a-c_]", r"[\d.-]", "[^a]", "é", ".", r"\s",
            "[a&&b]",
        ][..],
    );
    let times =
        prop::sample::select(&["", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,1}", "{1,}", "+?", "{,2}"][..]);
    let item = (kind, times).prop_map(|(kind, times)| format!("{kind}{times}"));
    let row = prop::collection::vec(item, 0..4).prop_map(|items| items.concat());
    let row = row.prop_recursive(2, 8, 3, |inner| {
        let group = (prop::collection::vec(inner.clone(), 1..3), prop::sample::select(&["", "?", "+"][..]));
        let group = group.prop_map(|(rows, times)| format!("({}){times}", rows.join("|")));
        (inner.clone(), group, inner).prop_map(|(before, group, after)| format!("{before}{group}{after}"))
    });
    let ends = prop::sample::select(
        &[("^", "$"), ("^", "$"), ("^", "$"), ("^", ""), ("", "$"), ("^", r"\$"), ("^", "|b$")][..],
    );
    (row, ends).prop_map(|(row, (start, end))| format!("{start}{row}{end}")).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_fits_what_the_library_says(pattern in pattern(), texts in prop::collection::vec("[ab0_.é$-]{0,5}", 12)) {
        let Some(ours) = Pattern::of(&pattern) else { return Ok(()) };
        let schema = json!({"pattern": pattern});
        let library = compile::options().build(&schema).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for text in &texts {
            let value = crate::value::Value::string(text);
            prop_assert_eq!(ours.fits(text), library.is_valid(&value), "{} over {}", pattern, text);
        }
    }
}

#[test]
fn usual_patterns_take_little() {
    for usual in [
        r"^\d{2}\.\d{2}\.\d{4}$",
        r"^(\d{10}|\d{12})$",
        "^[A-Z]{2}-[0-9A-Z]{1,20}$",
        "^ITF-[0-9A-Z]+$",
        r"^[A-Z]?\d{1,3}$",
        "^(?:RUB|USD)$",
        r"^\d{1,3}(\.\d{2})?$",
        "^[a-z0-9_]*$",
        "^$",
    ] {
        assert!(Pattern::of(usual).is_some(), "{usual}");
    }
    for other in [
        "a",
        "^a",
        "a$",
        "^a|b$",
        "^.$",
        r"^\s$",
        "^[^a]$",
        "^a*[ab]$",
        "^a?b?a$",
        "^(ab)+$",
        "^é$",
        "^a{2000}$",
        "^a+?$",
    ] {
        assert!(Pattern::of(other).is_none(), "{other}");
    }
}
