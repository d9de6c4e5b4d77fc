//! The schema files, by name and by the URIs they go by.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use jsonschema::{Retrieve, Uri, uri};
use serde_json::Value;

use super::reference::Error;

/// Where every file lives for the resolution of relative references. Of places under this scheme the library keeps no
/// URI for every keyword.
const ROOT: &str = "json-schema:///schemas/";

/// Bytes of texts that may be at hand as they were read, which takes ten times as much.
const AT_HAND: usize = 1 << 18;

/// The one dialect that checks know.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One file as it was written; it is kept as long as a schema needs it.
#[derive(Debug)]
pub struct Document {
    name: Box<str>,
    text: Arc<str>,
    place: Box<str>,
    base: Option<Uri<String>>,
    /// It goes by a name of its own.
    named: bool,
    /// Its references mean the same wherever they stand, and all of it is of one dialect.
    plain: bool,
}

/// The files of a configuration.
#[derive(Debug, Default)]
pub(super) struct Documents {
    files: BTreeMap<Box<str>, Opened>,
    /// Names by URI: the place of the file, and its `$id`.
    names: BTreeMap<Box<str>, Box<str>>,
    /// Bytes of the texts that were read and are not forgotten.
    read: AtomicUsize,
}

/// A file, and what is written in it once somebody looks.
#[derive(Debug)]
struct Opened {
    document: Arc<Document>,
    schema: OnceLock<Value>,
}

impl Document {
    /// A file whose text was read as `schema`.
    #[must_use]
    pub fn new(name: &str, text: Arc<str>, schema: &Value) -> Self {
        let place = format!("{ROOT}{}.json", escaped(name));
        let own = uri::from_str(&place).ok();
        let id = schema.get("$id").and_then(Value::as_str);
        let base = match (own, id) {
            (Some(own), Some(id)) => uri::resolve_against(&own.borrow(), id).ok(),
            (own, _) => own,
        };
        let dialect = schema.get("$schema").and_then(Value::as_str);
        let plain =
            dialect.is_none_or(|dialect| dialect.trim_end_matches('#') == DIALECT) && is_plain(schema);
        Self { name: name.into(), text, place: place.into(), base, named: id.is_some(), plain }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Where a path leads that is nothing, or the name of a file in the same folder: most do, and no URI has to be parsed.
    fn beside(&self, path: &str) -> Option<Cow<'_, str>> {
        if path.is_empty() {
            return Some(Cow::Borrowed(&self.place));
        }
        let is_plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'_' | b'.');
        if self.named || path.starts_with('.') || !path.bytes().all(is_plain) {
            return None;
        }
        let (folder, _) = self.place.rsplit_once('/')?;
        Some(format!("{folder}/{path}").into())
    }

    /// Whether the URI it goes by is written in it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.named
    }
}

impl Documents {
    pub(super) fn new(files: impl IntoIterator<Item = Arc<Document>>) -> Self {
        let mut documents = Self::default();
        for document in files {
            let opened = Opened { document, schema: OnceLock::new() };
            documents.files.insert(opened.document.name.clone(), opened);
        }
        for (name, Opened { document, .. }) in &documents.files {
            let base = document.base.as_ref().map(|base| base.as_str().into());
            for uri in base.into_iter().chain([document.place.clone()]) {
                documents.names.insert(uri, name.clone());
            }
        }
        documents
    }

    /// Forgets what was read, if it is much and nobody else looks at it.
    pub(super) fn forget(documents: &mut Arc<Self>) {
        let Some(documents) = Arc::get_mut(documents) else { return };
        if *documents.read.get_mut() > AT_HAND {
            documents.files.values_mut().for_each(|file| drop(file.schema.take()));
            *documents.read.get_mut() = 0;
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(|name| &**name)
    }

    pub(super) fn document(&self, name: &str) -> Option<&Arc<Document>> {
        self.files.get(name).map(|file| &file.document)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.files.get(name).map(|file| self.schema(file))
    }

    /// The URI of the file `name`.
    pub(super) fn place(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|file| &*file.document.place)
    }

    /// Whether references in the file `name` mean the same wherever they stand, and all of it is of the dialect of 2020.
    pub(super) fn is_plain(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|file| file.document.plain)
    }

    /// What a `$ref` in the file `name` points at: a file and a schema in it.
    pub(super) fn resolve(&self, name: &str, reference: &str) -> Result<(&str, &Value), Error> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (name, file) = self.file(name, path)?;
        fragment_of(self.schema(file), fragment)
            .map(|schema| (name, schema))
            .ok_or_else(|| Error::Nowhere { file: name.to_owned(), fragment: fragment.to_owned() })
    }

    fn file(&self, from: &str, path: &str) -> Result<(&str, &Opened), Error> {
        let malformed = || Error::Malformed { reference: path.to_owned() };
        let document = self.document(from);
        let uri: Cow<'_, str> = match document.and_then(|document| document.beside(path)) {
            Some(uri) => uri,
            None => {
                let base = document.and_then(|document| document.base.as_ref());
                let base = base.ok_or_else(malformed)?.borrow();
                uri::resolve_against(&base, path).map_err(|_| malformed())?.as_str().to_owned().into()
            }
        };
        let known = self.names.get(&*uri).and_then(|name| self.files.get_key_value(name));
        known.map(|(name, file)| (&**name, file)).ok_or_else(|| Error::missing(uri.into_owned()))
    }

    /// What was read once can be read again.
    fn schema<'f>(&self, file: &'f Opened) -> &'f Value {
        file.schema.get_or_init(|| {
            let text = &file.document.text;
            self.read.fetch_add(text.len(), Ordering::Relaxed);
            serde_json::from_str(text).unwrap_or_default()
        })
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

/// Whether nothing within the file has an id or a dialect of its own.
fn is_plain(schema: &Value) -> bool {
    let changes =
        |inner: &Value| ["$id", "$schema"].iter().any(|key| inner.get(key).is_some_and(Value::is_string));
    let plain = |inner: &Value| !changes(inner) && is_plain(inner);
    match schema {
        Value::Object(members) => members.values().all(plain),
        Value::Array(elements) => elements.iter().all(plain),
        _ => true,
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

/// An anchor is one only where a schema stands: an `enum` may hold what looks like one.
fn anchored<'s>(schema: &'s Value, anchor: &str) -> Option<&'s Value> {
    let is_it = |key| schema.get(key).and_then(Value::as_str) == Some(anchor);
    if is_it("$anchor") || is_it("$dynamicAnchor") {
        return Some(schema);
    }
    let mut inner = schema.as_object()?.iter().flat_map(|(keyword, value)| schemas_of(keyword, value));
    inner.find_map(|schema| anchored(schema, anchor))
}

/// The schemas that a keyword holds, in any dialect that has anchors.
fn schemas_of<'s>(keyword: &str, value: &'s Value) -> Vec<&'s Value> {
    match (keyword, value) {
        (
            "$defs" | "definitions" | "dependentSchemas" | "patternProperties" | "properties",
            Value::Object(named),
        ) => named.values().collect(),
        ("allOf" | "anyOf" | "items" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
            schemas.iter().collect()
        }
        (
            "additionalItems"
            | "additionalProperties"
            | "contains"
            | "contentSchema"
            | "else"
            | "if"
            | "items"
            | "not"
            | "propertyNames"
            | "then"
            | "unevaluatedItems"
            | "unevaluatedProperties",
            schema,
        ) => vec![schema],
        _ => Vec::new(),
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
