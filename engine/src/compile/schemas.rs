//! The schema files, compiled together.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bundle::Documents;
use super::pointer::locate;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::schema::{Document, Memo, Schemas};
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
    let mut parsed = Vec::new();
    for (name, source) in &documents.schemas {
        match parse(sources.text(*source)) {
            Ok(schema) => {
                let document = Document::new(name, sources.text(*source).into(), &schema);
                parsed.push((Arc::new(document), Some(schema)));
            }
            Err(mistake) => {
                let span = Span::new(*source, mistake.offset, mistake.offset + 1);
                let diagnostic = Diagnostic::error(mistake.code, mistake.message, span);
                diagnostics.push(diagnostic.help_if(mistake.help));
                documents.broken_schemas.insert(name.clone());
            }
        }
    }
    let (schemas, problems) = Schemas::compile(parsed, &mut Memo::default());
    for problem in problems {
        if let Some(source) = documents.schemas.get(&problem.file) {
            let at = locate(sources.text(*source), problem.pointer.as_deref().unwrap_or_default());
            let span = Span::new(*source, at.start, at.end);
            diagnostics.push(Diagnostic::error(problem.code, problem.message, span));
        }
    }
    schemas
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
