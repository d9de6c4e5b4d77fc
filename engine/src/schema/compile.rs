//! From files to validators.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jsonschema::{PatternOptions, ReferencingError, ValidationError, error::ValidationErrorKind};
use serde_json::Value;

use super::{
    Problem, Schema,
    document::{Documents, Offline},
    reference::References,
    tree::Tree,
    violation::bounded,
};
use crate::diagnostic::Code;

/// More faults of one file than this help nobody.
const FAULTS: usize = 20;

/// What was found about one file.
struct Findings {
    /// Faults of the file itself.
    own: Vec<Problem>,
    /// Why there is no validator; perhaps because of another file.
    failures: Vec<Problem>,
    /// The files it refers to.
    needs: BTreeSet<String>,
}

/// Compiles every file; problems come in the order of the files' names.
pub(super) fn all(documents: &Arc<Documents>) -> (BTreeMap<String, Schema>, Vec<Problem>) {
    let mut compiled = BTreeMap::new();
    let mut findings = BTreeMap::new();
    for (name, schema) in documents.iter() {
        let (schema, found) = one(documents, name, schema);
        compiled.extend(schema.map(|schema| (name.to_owned(), schema)));
        findings.insert(name, found);
    }
    let mut problems = Vec::new();
    for (name, found) in &findings {
        let failures = found.failures.iter().filter(|_| !only_follows(name, &findings));
        problems.extend(found.own.iter().chain(failures).cloned());
    }
    (compiled, problems)
}

fn one(documents: &Arc<Documents>, name: &str, schema: &Value) -> (Option<Schema>, Findings) {
    let references = References::of(documents, name, schema);
    let mut own = violations_of_the_meta_schema(name, schema);
    let broken = references.broken.iter();
    own.extend(broken.map(|(pointer, error)| problem(error.code(), name, pointer, error.to_string())));
    let mut found = Findings { own, failures: Vec::new(), needs: references.files };
    if !found.own.is_empty() {
        return (None, found);
    }
    match build(documents, name, schema) {
        Ok(schema) => (Some(schema), found),
        Err(first) => {
            found.failures = all_refused(documents, name, schema, first);
            (None, found)
        }
    }
}

/// The library stops at the first keyword that it refuses; without that one it goes on to the next.
fn all_refused(documents: &Arc<Documents>, name: &str, schema: &Value, first: Problem) -> Vec<Problem> {
    let mut rest = schema.clone();
    let mut found = vec![first];
    while found.len() < FAULTS
        && let Some(pointer) = found.last().and_then(|problem| problem.pointer.as_deref())
        && remove(&mut rest, pointer)
        && let Err(next) = build(documents, name, &rest)
    {
        found.push(next);
    }
    found
}

/// Takes a member out of its object.
fn remove(schema: &mut Value, pointer: &str) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    let key = key.replace("~1", "/").replace("~0", "~");
    let members = schema.pointer_mut(parent).and_then(Value::as_object_mut);
    members.is_some_and(|members| members.remove(&key).is_some())
}

fn violations_of_the_meta_schema(name: &str, schema: &Value) -> Vec<Problem> {
    let Ok(validator) = jsonschema::meta::validator_for(schema) else {
        let message = "not a draft of JSON Schema that is supported; leave `$schema` out for 2020-12";
        return vec![problem(Code::BadSchema, name, "/$schema", message.to_owned())];
    };
    validator
        .iter_errors(schema)
        .take(FAULTS)
        .map(|error| problem(Code::BadSchema, name, error.instance_path().as_str(), told(&error)))
        .collect()
}

/// Of alternatives the one that lists what is allowed: `"intger" is not one of …`.
fn told(error: &ValidationError<'_>) -> String {
    let context = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            &context[..]
        }
        _ => &[],
    };
    let lists = |inner: &&ValidationError<'_>| matches!(inner.kind(), ValidationErrorKind::Enum { .. });
    let listing = context.iter().flatten().find(lists);
    listing.map_or_else(|| error.to_string(), ToString::to_string)
}

fn build(documents: &Arc<Documents>, name: &str, schema: &Value) -> Result<Schema, Problem> {
    jsonschema::options_for::<Tree>()
        .with_base_uri(documents.place(name).unwrap_or_default())
        .with_retriever(Offline(Arc::clone(documents)))
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .build(schema)
        .map(|validator| Schema { validator })
        .map_err(|error| refused(name, &error))
}

fn refused(name: &str, error: &ValidationError<'_>) -> Problem {
    let pointer = error.schema_path().as_str();
    let (code, message) = match error.kind() {
        ValidationErrorKind::Referencing(ReferencingError::Unretrievable { source, .. }) => {
            (Code::UnresolvedReference, source.to_string())
        }
        ValidationErrorKind::Format { format } if format == "regex" => (
            Code::BadSchemaPattern,
            "not a regular expression, or too large a one, or one with look-around or back-references, \
             which take unbounded time"
                .to_owned(),
        ),
        _ => {
            // The library goes on with advice about its own configuration.
            let message = error.to_string();
            let message = message.split(". Adjust configuration").next().unwrap_or_default();
            match message.strip_prefix("Unknown format: ") {
                Some(format) => (Code::UnknownFormat, format!("there is no format {format}")),
                None => (Code::BadSchema, message.to_owned()),
            }
        }
    };
    problem(code, name, pointer, message)
}

fn problem(code: Code, name: &str, pointer: &str, message: String) -> Problem {
    Problem {
        code,
        file: name.to_owned(),
        pointer: Some(pointer.to_owned()).filter(|pointer| !pointer.is_empty()),
        message: bounded(message),
    }
}

/// Whether a file fails because one that it needs does, and that one not because of this one.
fn only_follows(name: &str, findings: &BTreeMap<&str, Findings>) -> bool {
    let fails = |name: &str| {
        findings.get(name).is_some_and(|found| !found.own.is_empty() || !found.failures.is_empty())
    };
    reachable(name, findings)
        .into_iter()
        .any(|other| other != name && fails(other) && !reachable(other, findings).contains(name))
}

fn reachable<'f>(from: &str, findings: &'f BTreeMap<&str, Findings>) -> BTreeSet<&'f str> {
    let needs = |name: &str| findings.get(name).into_iter().flat_map(|found| &found.needs);
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = needs(from).map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(needs(name).map(String::as_str));
        }
    }
    found
}
