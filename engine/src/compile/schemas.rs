//! The schema files, compiled together.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::Documents;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::schema::Schemas;
use crate::source::{Sources, Span};
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

pub(super) fn compile(
    documents: &mut Documents,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Schemas {
    let mut parsed = BTreeMap::new();
    for (name, source) in &documents.schemas {
        match parse(sources.text(*source)) {
            Ok(schema) => drop(parsed.insert(name.clone(), schema)),
            Err(mistake) => {
                let span = Span::new(*source, mistake.offset, mistake.offset + 1);
                diagnostics.push(Diagnostic::error(mistake.code, mistake.message, span));
                documents.broken_schemas.insert(name.clone());
            }
        }
    }
    let (schemas, problems) = Schemas::compile(&parsed);
    for problem in problems {
        if let Some(source) = documents.schemas.get(&problem.file) {
            let span = locate(sources.text(*source), problem.pointer.as_deref());
            let span = Span::new(*source, span.0, span.1);
            diagnostics.push(Diagnostic::error(problem.code, problem.message, span));
        }
    }
    schemas
}

struct Mistake {
    code: Code,
    message: String,
    offset: usize,
}

impl Mistake {
    fn not_json(reason: impl std::fmt::Display, offset: usize) -> Self {
        Self { code: Code::SchemaNotJson, message: format!("the schema is not JSON: {reason}"), offset }
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
        },
        _ => Mistake::not_json(error.reason(), error.offset),
    })?;
    serde_json::from_str(text).map_err(|error| Mistake::not_json(error, 0))
}

/// Where the last name of a JSON pointer is first written as a key after its parents: close enough to look at.
fn locate(text: &str, pointer: Option<&str>) -> (usize, usize) {
    let mut at = 0;
    let mut found = (0, 0);
    for name in pointer.unwrap_or_default().split('/').filter(|name| !name.is_empty()) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let key = format!("\"{name}\"");
        if let Some(offset) = text.get(at..).and_then(|rest| rest.find(&key)) {
            found = (at + offset, at + offset + key.len());
            at = found.1;
        }
    }
    found
}
