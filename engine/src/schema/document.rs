//! The schema files, by name and by the URIs they go by.

use std::{collections::BTreeMap, sync::Arc};

use jsonschema::{Retrieve, Uri, uri};
use serde_json::Value;

use super::reference::Error;

/// Where every file lives for the resolution of relative references.
const ROOT: &str = "tolmach:///schemas/";

/// The files of a configuration.
#[derive(Debug)]
pub(super) struct Documents {
    files: BTreeMap<String, Document>,
    /// Names by URI: the place of the file, and its `$id`.
    names: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Document {
    schema: Value,
    place: String,
    base: Option<Uri<String>>,
}

impl Documents {
    pub(super) fn new(files: &BTreeMap<String, Value>) -> Self {
        let files: BTreeMap<_, _> =
            files.iter().map(|(name, schema)| (name.clone(), Document::new(name, schema.clone()))).collect();
        let mut names = BTreeMap::new();
        for (name, document) in &files {
            let base = document.base.as_ref().map(|base| base.as_str().to_owned());
            for uri in base.into_iter().chain([document.place.clone()]) {
                names.insert(uri, name.clone());
            }
        }
        Self { files, names }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.files.iter().map(|(name, document)| (name.as_str(), &document.schema))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.files.get(name).map(|document| &document.schema)
    }

    /// The URI of the file `name`.
    pub(super) fn place(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|document| document.place.as_str())
    }

    /// What a `$ref` in the file `name` points at: a file and a schema in it.
    pub(super) fn resolve(&self, name: &str, reference: &str) -> Result<(&str, &Value), Error> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (name, document) = self.file(name, path)?;
        fragment_of(&document.schema, fragment)
            .map(|schema| (name, schema))
            .ok_or_else(|| Error::Nowhere { file: name.to_owned(), fragment: fragment.to_owned() })
    }

    fn file(&self, from: &str, path: &str) -> Result<(&str, &Document), Error> {
        let malformed = || Error::Malformed { reference: path.to_owned() };
        let uri = match self.files.get(from) {
            Some(document) if path.is_empty() => document.place.clone(),
            document => {
                let base = document.and_then(|document| document.base.as_ref());
                let base = base.ok_or_else(malformed)?.borrow();
                uri::resolve_against(&base, path).map_err(|_| malformed())?.as_str().to_owned()
            }
        };
        let known = self.names.get(&uri).and_then(|name| self.files.get_key_value(name));
        known.map(|(name, document)| (name.as_str(), document)).ok_or_else(|| Error::missing(uri))
    }
}

impl Document {
    fn new(name: &str, schema: Value) -> Self {
        let place = format!("{ROOT}{}.json", escaped(name));
        let own = uri::from_str(&place).ok();
        let id = schema.get("$id").and_then(Value::as_str);
        let base = match (own, id) {
            (Some(own), Some(id)) => uri::resolve_against(&own.borrow(), id).ok(),
            (own, _) => own,
        };
        Self { schema, place, base }
    }
}

/// Hands files to the validator; everything else is out of reach.
pub(super) struct Offline(pub(super) Arc<Documents>);

impl Retrieve for Offline {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let name = self.0.names.get(uri.as_str());
        let document = name.and_then(|name| self.0.get(name)).cloned();
        document.ok_or_else(|| Error::missing(uri.as_str().to_owned()).into())
    }
}

/// A file name as a URI path.
fn escaped(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

/// The part of a schema that a URI fragment names: a JSON pointer or an anchor.
fn fragment_of<'s>(schema: &'s Value, fragment: &str) -> Option<&'s Value> {
    let fragment = unescaped(fragment)?;
    if fragment.is_empty() || fragment.starts_with('/') {
        return schema.pointer(&fragment);
    }
    anchored(schema, &fragment)
}

fn anchored<'s>(schema: &'s Value, anchor: &str) -> Option<&'s Value> {
    let is_it = |key| schema.get(key).and_then(Value::as_str) == Some(anchor);
    if is_it("$anchor") || is_it("$dynamicAnchor") {
        return Some(schema);
    }
    match schema {
        Value::Object(members) => members.values().find_map(|member| anchored(member, anchor)),
        Value::Array(elements) => elements.iter().find_map(|element| anchored(element, anchor)),
        _ => None,
    }
}

/// Decodes `%41`.
fn unescaped(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut pieces = fragment.split('%');
    bytes.extend_from_slice(pieces.next()?.as_bytes());
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
