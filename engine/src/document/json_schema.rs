//! The JSON Schema of the documents, for editors: what the reader reads by, written as a schema.
//!
//! It is draft 7, which every language server for YAML knows. Beside the standard's words it holds `defaultSnippets`,
//! `errorMessage` and `patternErrorMessage`, which such servers show and validators pass over.

mod snippets;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::keys::{Key, Keys, Law, SIZES, Shape, UNITS};
use super::{contract, route, shared};

/// What an editor says where a boolean, a number or nothing stands for an expression.
const EXPRESSION: &str = "An expression is needed; the constant of a rule is written {value: …}";

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a `partner.yaml`.
#[must_use]
pub fn contract() -> Value {
    of("Tolmach: a contract", &Shape::Keys(&contract::KEYS))
}

/// The schema of a `codes.yaml`.
#[must_use]
pub fn codes() -> Value {
    of("Tolmach: code tables", &contract::codes::TABLES)
}

/// The schema of a route's file.
#[must_use]
pub fn route() -> Value {
    of("Tolmach: a route", &Shape::Keys(&route::KEYS))
}

/// The schema of a `mappings.yaml`.
#[must_use]
pub fn mappings() -> Value {
    of("Tolmach: shared mappings", &shared::MAPPINGS)
}

/// One schema for all files of a partner, which are told apart by what they hold: a contract names its partner, and
/// nothing stands at the top of a file of code tables but tables.
#[must_use]
pub fn mapping() -> Value {
    let mut definitions = Definitions::default();
    let contract = definitions.keys(&contract::KEYS);
    let route = definitions.keys(&route::KEYS);
    let tables = definitions.shape(&contract::codes::TABLES);
    let shared = definitions.shape(&shared::MAPPINGS);
    let names: BTreeSet<&str> = contract::KEYS.names().chain(route::KEYS.names()).collect();
    // A table may be called as a key of a route is; then its rows tell.
    let are_tables = json!({
        "minProperties": 1,
        "additionalProperties": {"type": "object"},
        "anyOf": [
            {"additionalProperties": {"required": ["rows"]}},
            {"propertyNames": {"not": {"enum": names}}},
        ],
    });
    // Neither is one of these named as a key of a table is.
    let of_tables: Vec<&str> = contract::codes::KEYS.names().collect();
    let are_shared = json!({
        "minProperties": 1,
        "propertyNames": {"not": {"enum": names}},
        "additionalProperties": {
            "type": "object", "minProperties": 1, "propertyNames": {"not": {"enum": of_tables}},
        },
    });
    let is_contract =
        json!({"required": ["partner"], "properties": {"partner": {"not": {"type": "object"}}}});
    let other = json!({"if": are_tables, "then": tables, "else": route});
    let other = json!({"if": are_shared, "then": shared, "else": other});
    let mut root = json!({"type": "object", "if": is_contract, "then": contract, "else": other});
    // An empty file is a route so far; that it may become a contract is offered beside it.
    let partner = contract::KEYS.get("partner").map(|key| json!({"partner": {"description": key.about}}));
    extend(&mut root, json!({"properties": partner, "defaultSnippets": snippets::of(&contract::KEYS)}));
    definitions.document("Tolmach: a mapping file", root)
}

/// The schema of a document of this shape.
#[must_use]
pub fn of(title: &str, shape: &Shape) -> Value {
    let mut definitions = Definitions::default();
    let root = definitions.shape(shape);
    definitions.document(title, root)
}

/// The schema of each kind of mapping, by what it is called: shapes may hold themselves.
#[derive(Default)]
struct Definitions(BTreeMap<String, Value>);

impl Definitions {
    fn document(self, title: &str, root: Value) -> Value {
        let mut document = json!({
            "$schema": DRAFT,
            "$comment": concat!("printed by `tolmach schema` ", env!("CARGO_PKG_VERSION")),
            "title": title,
        });
        // A reference hides what stands beside it.
        let root = if root.get("$ref").is_some() { json!({"allOf": [root]}) } else { root };
        extend(&mut document, root);
        extend(&mut document, json!({"definitions": self.0}));
        document
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Text => json!({"type": ["string", "number"], "minLength": 1}),
            Shape::Value => json!({"type": ["string", "number", "boolean"], "minLength": 1}),
            Shape::Code => json!({"type": ["string", "number", "boolean", "null"]}),
            Shape::Expression => json!({"type": "string", "minLength": 1, "errorMessage": EXPRESSION}),
            Shape::Duration => quantity(&UNITS.map(|(unit, _)| unit), "500ms, 15s, 2h, 400d"),
            Shape::Size => quantity(&SIZES.map(|(unit, _)| unit), "256KB, 2MB"),
            Shape::Boolean => json!({"type": "boolean"}),
            Shape::Number { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
            Shape::Null => json!({"type": "null"}),
            Shape::Choice(choice) => json!({"type": "string", "enum": choice.words()}),
            Shape::Constant => json!({"type": ["string", "number", "boolean", "null", "array", "object"]}),
            Shape::List(items) => json!({"type": "array", "items": self.shape(items)}),
            Shape::Named(values) => json!({"type": "object", "additionalProperties": self.shape(values)}),
            Shape::Keys(keys) => self.keys(keys),
            Shape::Open(keys, others) => {
                let reference = self.keys(keys);
                let others = self.shape(others);
                let open =
                    self.0.get_mut(&name(keys)).and_then(|schema| schema.get_mut("additionalProperties"));
                if let Some(open) = open {
                    *open = others;
                }
                reference
            }
            Shape::Either(shapes) => self.either(shapes),
        }
    }

    /// One of several: what is there decides by its type which of them it has to be, so that an editor tells what is
    /// wrong within it and not only that it is none of them.
    fn either(&mut self, shapes: &[Shape]) -> Value {
        let mut scalars: Vec<Value> = Vec::new();
        let mut parts: Vec<(&str, Value)> = Vec::new();
        for shape in shapes {
            let schema = self.shape(shape);
            match shape {
                Shape::List(_) => parts.push(("array", schema)),
                Shape::Named(_) | Shape::Keys(_) | Shape::Open(..) => parts.push(("object", schema)),
                _ => scalars.push(schema),
            }
        }
        let mut rest = match scalars.len() {
            0 => parts.pop().map(|(_, schema)| schema).unwrap_or_default(),
            1 => scalars.remove(0),
            _ => json!({"anyOf": scalars}),
        };
        for (kind, schema) in parts {
            rest = json!({"if": {"type": kind}, "then": schema, "else": rest});
        }
        // Within a condition an editor looks for no words to offer. One word alone would be written unasked.
        let words = shapes.iter().filter_map(|shape| match shape {
            Shape::Choice(choice) => Some(choice.words()),
            _ => None,
        });
        let words: Vec<&str> = words.filter(|words| words.len() > 1).flatten().collect();
        let mut schema = json!({"anyOf": [rest]});
        if !words.is_empty() {
            extend(&mut schema, json!({"examples": words}));
        }
        schema
    }

    /// A reference to the schema of a mapping with these keys.
    fn keys(&mut self, keys: &'static Keys) -> Value {
        let name = name(keys);
        let reference = json!({"$ref": format!("#/definitions/{name}")});
        if self.0.contains_key(&name) {
            return reference;
        }
        self.0.insert(name.clone(), Value::Null);
        let properties: Map<String, Value> =
            keys.keys.iter().map(|key| (key.name.to_owned(), self.property(key))).collect();
        let required: Vec<&str> = keys.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut schema = json!({
            "title": keys.what.replace('`', ""),
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            extend(&mut schema, json!({"required": required}));
        }
        extend(&mut schema, laws(keys.laws));
        let snippets = snippets::of(keys);
        if !snippets.is_empty() {
            extend(&mut schema, json!({"defaultSnippets": snippets}));
        }
        self.0.insert(name, schema);
        reference
    }

    fn property(&mut self, key: &Key) -> Value {
        let mut schema = self.shape(&key.shape);
        extend(&mut schema, json!({"description": key.about}));
        if let Some(default) = key.default {
            // As it would be read: `10` is a number, `5s` is not.
            let value = serde_json::from_str(default).unwrap_or_else(|_| Value::from(default));
            extend(&mut schema, json!({"default": value}));
        }
        schema
    }
}

/// "an endpoint" is `endpoint`, "`auth`" is `auth`.
fn name(keys: &Keys) -> String {
    let what = keys.what;
    let bare =
        what.strip_prefix("a ").or(what.strip_prefix("an ")).or(what.strip_prefix("the ")).unwrap_or(what);
    bare.replace('`', "").replace(' ', "-")
}

fn quantity(units: &[&str], examples: &str) -> Value {
    let message = format!("A whole number and {}: {examples}", units.join(", "));
    json!({
        "type": "string",
        "pattern": format!(r"^[0-9]+\s*({})$", units.join("|")),
        "patternErrorMessage": message,
        "errorMessage": message,
    })
}

/// The laws among keys. A key that may not stand beside another is forbidden where the other is, so that an editor
/// marks the key and not the whole mapping.
fn laws(laws: &[Law]) -> Value {
    let mut one_of_each: Vec<Value> = Vec::new();
    let mut beside: BTreeMap<&str, Value> = BTreeMap::new();
    let mut forbid = |key: &'static str, other: &'static str| {
        let schema = beside.entry(key).or_insert_with(|| json!({}));
        deepen(schema, "properties", json!({other: false}));
    };
    for law in laws {
        match law {
            Law::One { of, pairs } => {
                one_of_each.push(any(of));
                for (at, key) in of.iter().enumerate() {
                    let others = of.iter().skip(at + 1);
                    let is_pair =
                        |other: &&&str| pairs.contains(&(*key, **other)) || pairs.contains(&(**other, *key));
                    others.filter(|other| !is_pair(other)).for_each(|other| forbid(key, other));
                }
            }
            Law::Some(of) => one_of_each.push(any(of)),
            Law::Excludes { key, others } => others.iter().for_each(|other| forbid(key, other)),
            Law::Needs { .. } => {}
        }
    }
    for law in laws {
        let Law::Needs { keys, owners } = law else { continue };
        for key in *keys {
            let schema = beside.entry(key).or_insert_with(|| json!({}));
            match owners {
                [owner] => extend(schema, json!({"required": [owner]})),
                _ => extend(schema, any(owners)),
            }
        }
    }
    let mut schema = json!({});
    match one_of_each.as_slice() {
        [] => {}
        [one] => extend(&mut schema, one.clone()),
        _ => extend(&mut schema, json!({"allOf": one_of_each})),
    }
    if !beside.is_empty() {
        extend(&mut schema, json!({"dependencies": beside}));
    }
    schema
}

/// One of these keys, or more.
fn any(names: &[&str]) -> Value {
    let schemas: Vec<Value> = names.iter().map(|name| json!({"required": [name]})).collect();
    json!({"anyOf": schemas})
}

/// Adds the members of one object to another.
fn extend(schema: &mut Value, more: Value) {
    if let (Value::Object(schema), Value::Object(more)) = (schema, more) {
        schema.extend(more);
    }
}

fn deepen(schema: &mut Value, key: &str, more: Value) {
    if let Value::Object(schema) = schema {
        extend(schema.entry(key).or_insert_with(|| json!({})), more);
    }
}
