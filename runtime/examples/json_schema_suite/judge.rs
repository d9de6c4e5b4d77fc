//! What the engine says to a case.

use std::sync::Arc;

use engine::schema::{Document, Memo, Problem, Schema, Schemas};
use engine::value::{Arena, Limits, read};
use serde_json::value::RawValue;

use super::suite::{Case, Remotes, SERVED};

/// The name of a case's schema among those it refers to.
const NAME: &str = "case";

/// How a schema is kept.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Checked,
    /// Left to the library.
    Whole,
}

pub enum Verdict {
    Right,
    /// And what was said.
    Wrong(&'static str),
}

/// Compiles a schema as a file of a configuration, or tells why it is refused there.
///
/// # Errors
/// The suite's text is not JSON, or a schema is neither compiled nor refused.
pub fn compile(schema: &RawValue, remotes: &Remotes) -> Result<Result<(Arc<Schema>, Form), Problem>, String> {
    let text = schema.get();
    let read = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let document = Document::new(NAME, text.into(), &read);
    let others = remotes.0.iter().filter(|_| text.contains(SERVED));
    let files = others.cloned().chain([Arc::new(document)]);
    let (schemas, mut problems) = Schemas::compile(files, &mut Memo::default());
    let Some(schema) = schemas.get(NAME) else {
        // Where it is a file it refers to that is refused, nothing is said of its own.
        problems.sort_by_key(|problem| problem.file != NAME);
        return problems.into_iter().next().map(Err).ok_or_else(|| format!("nothing is said of {text}"));
    };
    // Which of the two it is, nothing but this view for developers tells.
    let form = if format!("{schema:?}").contains("Checked") { Form::Checked } else { Form::Whole };
    Ok(Ok((Arc::clone(schema), form)))
}

/// Both the verdict and the explanation have to be right.
///
/// # Errors
/// The engine does not read the value.
pub fn judge(schema: &Schema, case: &Case) -> Result<Verdict, String> {
    let arena = Arena::new();
    let value = read(case.data.get().as_bytes(), &arena, &Limits::default())
        .map_err(|error| format!("{}: {}", case.description, error.reason()))?;
    let is_valid = schema.is_valid(value);
    Ok(match (is_valid, schema.violations(value, 1).is_empty()) {
        (true, false) => Verdict::Wrong("valid, with a violation"),
        (false, true) => Verdict::Wrong("invalid, without a violation"),
        _ if is_valid == case.valid => Verdict::Right,
        _ => Verdict::Wrong(if is_valid { "valid" } else { "invalid" }),
    })
}
