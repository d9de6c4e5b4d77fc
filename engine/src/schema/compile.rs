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

/// More faults of one file than this help nobody.
const FAULTS: usize = 20;

/// Compiles every file; problems come in the order of the files' names.
pub(super) fn all(documents: &Arc<Documents>) -> (BTreeMap<String, Schema>, Vec<Problem>) {
    let mut compiled = BTreeMap::new();
    let mut problems: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    let mut needs: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, schema) in documents.iter() {
        let references = References::of(documents, name, schema);
        let mut own = violations_of_the_meta_schema(name, schema);
        own.extend(references.broken.iter().map(|(pointer, error)| Problem {
            file: name.to_owned(),
            pointer: Some(pointer.clone()),
            message: error.to_string(),
        }));
        needs.insert(name, references.files);
        if own.is_empty() {
            match build(documents, name, schema) {
                Ok(schema) => {
                    compiled.insert(name.to_owned(), schema);
                }
                Err(problem) => own.push(problem),
            }
        }
        if !own.is_empty() {
            problems.insert(name.to_owned(), own);
        }
    }
    let own: Vec<Problem> = problems
        .iter()
        .filter(|(name, _)| !only_follows(name, &problems, &needs))
        .flat_map(|(_, problems)| problems.iter().cloned())
        .collect();
    (compiled, own)
}

fn violations_of_the_meta_schema(name: &str, schema: &Value) -> Vec<Problem> {
    let Ok(validator) = jsonschema::meta::validator_for(schema) else {
        let message =
            "not a draft of JSON Schema that is supported; leave `$schema` out for 2020-12";
        return vec![problem(name, "/$schema", message.to_owned())];
    };
    validator
        .iter_errors(schema)
        .take(FAULTS)
        .map(|error| problem(name, error.instance_path().as_str(), error.to_string()))
        .collect()
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
    let message = match error.kind() {
        ValidationErrorKind::Referencing(ReferencingError::Unretrievable { source, .. }) => {
            source.to_string()
        }
        _ => error.to_string(),
    };
    problem(name, error.schema_path().as_str(), message)
}

fn problem(name: &str, pointer: &str, message: String) -> Problem {
    Problem {
        file: name.to_owned(),
        pointer: Some(pointer.to_owned()).filter(|pointer| !pointer.is_empty()),
        message: bounded(message),
    }
}

/// Whether a file fails because a file it needs does, and that one not because of this one.
fn only_follows(
    name: &str,
    problems: &BTreeMap<String, Vec<Problem>>,
    needs: &BTreeMap<&str, BTreeSet<String>>,
) -> bool {
    // A file with faults of its own place speaks for itself.
    let speaks = |name: &str| problems.contains_key(name);
    reachable(name, needs)
        .iter()
        .any(|other| other != name && speaks(other) && !reachable(other, needs).contains(name))
}

fn reachable(from: &str, needs: &BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = vec![from];
    while let Some(name) = open.pop() {
        for next in needs.get(name).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    found
}
