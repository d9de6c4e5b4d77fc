//! What the engine says to a case.

use std::sync::Arc;

use engine::schema::{Document, Memo, Schema, Schemas};
use engine::value::{Arena, Limits, read};
use serde_json::value::RawValue;

use super::suite::{Case, Remotes, SERVED};

/// The name of a case's schema among those it refers to.
const NAME: &str = "case";

/// How a schema is kept.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Check,
    Whole,
}

pub enum Verdict {
    Right,
    /// And what was said.
    Wrong(&'static str),
}

/// Compiles a schema as a file of a configuration, or tells why it is refused.
///
/// # Errors
/// The suite's text is not JSON.
pub fn compile(schema: &RawValue, remotes: &Remotes) -> Result<Result<(Arc<Schema>, Form), String>, String> {
    let text = schema.get();
    let read = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let document = Document::new(NAME, text.into(), &read);
    let others = remotes.0.iter().filter(|_| text.contains(SERVED));
    let others = others.map(|(document, schema)| (Arc::clone(document), Some(schema.clone())));
    let files = others.chain([(Arc::new(document), Some(read))]);
    let (schemas, problems) = Schemas::compile(files, &mut Memo::default());
    let Some(schema) = schemas.get(NAME) else {
        let own = problems.iter().find(|problem| problem.file == NAME).or(problems.first());
        let told =
            |problem: &engine::schema::Problem| format!("{} {}", problem.code.as_str(), problem.message);
        return Ok(Err(own.map_or_else(|| "for no reason".to_owned(), told)));
    };
    let form = if format!("{schema:?}").contains("Checked") { Form::Check } else { Form::Whole };
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
