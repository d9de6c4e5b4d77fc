//! The schema files, compiled together.

use std::collections::BTreeMap;

use super::bundle::Documents;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::schema::Schemas;
use crate::source::{Sources, Span};

pub(super) fn compile(documents: &Documents, sources: &Sources, diagnostics: &mut Diagnostics) -> Schemas {
    let mut parsed = BTreeMap::new();
    for (name, source) in &documents.schemas {
        let text = sources.text(*source);
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(schema) => drop(parsed.insert(name.clone(), schema)),
            Err(error) => {
                let line_start = sources.line_start(*source, error.line());
                let at = (line_start + error.column().saturating_sub(1)).min(text.len());
                let message = format!("the schema is not JSON: {error}");
                diagnostics.push(Diagnostic::error(
                    Code::SchemaNotJson,
                    message,
                    Span::new(*source, at, at + 1),
                ));
            }
        }
    }
    let (schemas, problems) = Schemas::compile(&parsed);
    for problem in problems {
        if let Some(source) = documents.schemas.get(&problem.file) {
            let span = locate(sources.text(*source), problem.pointer.as_deref());
            let span = Span::new(*source, span.0, span.1);
            diagnostics.push(Diagnostic::error(Code::BadSchema, problem.message, span));
        }
    }
    schemas
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
