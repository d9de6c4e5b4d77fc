//! The schema files, compiled together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bundle::{Placed, Text};
use super::documents::check_is_text;
use super::memo::{Draft, Memo};
use super::pointer::locate;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expression::{Kind, Used};
use crate::schema::{Document, Schema, Schemas, Shape};
use crate::source::{SourceId, Span};
use crate::value::read::Kind as ReadFault;
use crate::value::{Arena, Limits, read};

/// Schemas within each other; the library that validates recurses.
const MAX_DEPTH: usize = 100;

/// The schemas, and the names of those that could not be read.
#[derive(Clone, Copy)]
pub(super) struct KnownSchemas<'k> {
    pub schemas: &'k Schemas,
    pub broken: &'k BTreeSet<String>,
}

impl<'k> KnownSchemas<'k> {
    /// The shape of a schema, or of a part of one: `name#/$defs/x`.
    pub fn shape(self, name: &str, used: &Used) -> Option<Shape<'k>> {
        let found = self.schemas.shape(name)?;
        let file = name.split_once('#').map_or(name, |(file, _)| file);
        match self.schemas.get(file) {
            Some(_) => used.mark(Kind::Schema, file),
            // What is wrong with it is told elsewhere.
            None => used.doubt(),
        }
        Some(found)
    }

    /// Whether there is such a file, and it could not be read.
    pub fn is_broken(self, name: &str, used: &Used) -> bool {
        let broken = self.broken.contains(name);
        if broken {
            used.doubt();
        }
        broken
    }

    pub fn contains(self, name: &str) -> bool {
        self.schemas.contains(name)
    }

    pub fn names(self) -> impl Iterator<Item = &'k str> {
        self.schemas.names()
    }

    /// Whether a schema is the one it was.
    pub fn is_still(self, name: &str, schema: &Arc<Schema>) -> bool {
        self.schemas.get(name).is_some_and(|known| Arc::ptr_eq(known, schema))
    }

    /// The schemas among what was used.
    pub fn found(self, used: Used) -> Vec<(String, Arc<Schema>)> {
        let names = used.into_names().into_iter().filter(|(kind, _)| *kind == Kind::Schema);
        names.filter_map(|(_, name)| self.schemas.get(&name).cloned().map(|schema| (name, schema))).collect()
    }
}

/// A file by the name of its schema.
type Files<'d> = BTreeMap<&'d str, (SourceId, &'d Text)>;

/// Compiles the schemas of all partners; also tells which could not be read.
pub(super) fn compile(
    drafts: &[Draft<'_>],
    memo: &mut Memo,
    diagnostics: &mut Diagnostics,
) -> (Schemas, BTreeSet<String>) {
    let mut files = Files::new();
    for (source, path, text) in drafts.iter().flat_map(Draft::sources) {
        if let Placed::Schema(name) = Placed::of(path) {
            files.insert(name, (source, text));
        }
    }
    let earlier = std::mem::take(&mut memo.documents);
    let (mut documents, mut broken) = (Vec::with_capacity(files.len()), BTreeSet::new());
    for (name, (source, text)) in &files {
        match document(name, (*source, text), earlier.get(*name), diagnostics) {
            Some(document) => documents.push(document),
            None => drop(broken.insert((*name).to_owned())),
        }
    }
    memo.documents = documents.iter().map(|known| (known.name().into(), Arc::clone(known))).collect();
    let (schemas, problems) = Schemas::compile(documents, &mut memo.schemas);
    for problem in problems {
        if let Some((source, text)) = files.get(problem.file.as_str()) {
            let at = locate(&text.text, problem.pointer.as_deref().unwrap_or_default());
            let span = Span::new(*source, at.start, at.end);
            diagnostics.push(Diagnostic::error(problem.code, problem.message, span));
        }
    }
    (schemas, broken)
}

/// The document of a file, the one it was if it is the same; `None` where it cannot be read.
fn document(
    name: &str,
    (source, text): (SourceId, &Text),
    earlier: Option<&Arc<Document>>,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Document>> {
    check_is_text(source, text, diagnostics);
    if let Some(known) = earlier.filter(|known| *known.text() == text.text && text.whole) {
        return Some(Arc::clone(known));
    }
    if !text.whole {
        return None;
    }
    match parse(&text.text) {
        Ok(schema) => Some(Arc::new(Document::new(name, Arc::clone(&text.text), &schema))),
        Err(mistake) => {
            let span = Span::new(source, mistake.offset, mistake.offset + 1);
            let diagnostic = Diagnostic::error(mistake.code, mistake.message, span);
            diagnostics.push(diagnostic.help_if(mistake.help));
            None
        }
    }
}

struct Mistake {
    code: Code,
    message: String,
    offset: usize,
    help: Option<&'static str>,
}

impl Mistake {
    fn not_json(reason: impl std::fmt::Display, offset: usize) -> Self {
        let message = format!("the schema is not JSON: {reason}");
        Self { code: Code::SchemaNotJson, message, offset, help: None }
    }
}

/// Our reader goes first: it tells the place, and does not overlook a key that is there twice.
fn parse(text: &str) -> Result<serde_json::Value, Mistake> {
    let arena = Arena::new();
    let limits = Limits { depth: MAX_DEPTH };
    read(text.as_bytes(), &arena, &limits).map_err(|error| match error.kind {
        ReadFault::Depth => Mistake {
            code: Code::SchemaTooDeep,
            message: format!("the schema nests deeper than {MAX_DEPTH} levels"),
            offset: error.offset,
            help: Some("give the inner ones names under `$defs` and refer to them"),
        },
        ReadFault::ByteOrderMark => Mistake {
            help: Some("save it as UTF-8 without a byte order mark"),
            ..Mistake::not_json(error.reason(), error.offset)
        },
        _ => Mistake::not_json(error.reason(), error.offset),
    })?;
    serde_json::from_str(text).map_err(|error| Mistake::not_json(error, 0))
}
