//! From files to validators.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jsonschema::{PatternOptions, ReferencingError, ValidationError, error::ValidationErrorKind};
use serde_json::Value;

use super::{
    Compiled, Form, Memo, Problem, Schema,
    check::{self, Leaves},
    document::{Document, Documents, Offline},
    reference::References,
    tree::Tree,
    violation::bounded,
};
use crate::diagnostic::Code;

type Validator = jsonschema::Validator<Tree>;

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

type AllFindings = BTreeMap<Box<str>, Findings>;

/// Compiles every file that is not as it was; problems come in the order of the files' names.
pub(super) fn all(documents: &mut Arc<Documents>, memo: &mut Memo) -> (Compiled, Vec<Problem>) {
    memo.look_at(documents);
    let names: Vec<Box<str>> = documents.names().map(Into::into).collect();
    let (mut compiled, mut forms, mut findings) = (Compiled::new(), Vec::new(), AllFindings::new());
    for name in names {
        let found = if let Some(schema) = memo.unchanged(&name, documents) {
            compiled.insert(name.clone(), Arc::clone(schema));
            Findings::of_sound(schema)
        } else {
            let (form, found) = one(documents, &name, &mut memo.leaves);
            forms.extend(form.map(|form| (name.clone(), form)));
            Documents::forget(documents);
            found
        };
        findings.insert(name, found);
    }
    for (name, form) in forms {
        let needs = reachable(&name, &findings);
        let others = needs.into_iter().filter(|other| **other != *name);
        let files =
            std::iter::once(&*name).chain(others).filter_map(|name| documents.document(name).cloned());
        let schema = Schema { form, files: files.collect(), explainers: Arc::clone(&memo.explainers) };
        compiled.insert(name, Arc::new(schema));
    }
    let mut problems = Vec::new();
    for (name, found) in &findings {
        let failures = found.failures.iter().filter(|_| !only_follows(name, &findings));
        problems.extend(found.own.iter().chain(failures).cloned());
    }
    memo.compiled.clone_from(&compiled);
    memo.leaves.tidy();
    (compiled, problems)
}

impl Memo {
    /// Forgets all that may mean something else now.
    fn look_at(&mut self, documents: &Documents) {
        let named: Vec<_> = documents
            .names()
            .filter_map(|name| documents.document(name).filter(|document| document.is_named()).cloned())
            .collect();
        let same = |(left, right): (&Arc<_>, &Arc<_>)| Arc::ptr_eq(left, right);
        if named.len() != self.named.len() || !named.iter().zip(&self.named).all(same) {
            self.compiled.clear();
        }
        self.named = named;
    }

    /// The schema, if neither its file nor any that it refers to has changed.
    fn unchanged(&self, name: &str, documents: &Documents) -> Option<&Arc<Schema>> {
        let schema = self.compiled.get(name)?;
        let is_known = |file: &Arc<Document>| {
            documents.document(file.name()).is_some_and(|document| Arc::ptr_eq(document, file))
        };
        schema.files.iter().all(is_known).then_some(schema)
    }
}

impl Findings {
    /// Of a schema that was compiled before.
    fn of_sound(schema: &Schema) -> Self {
        let needs = schema.files.iter().skip(1).map(|file| file.name().to_owned()).collect();
        Self { own: Vec::new(), failures: Vec::new(), needs }
    }
}

fn one(documents: &Arc<Documents>, name: &str, leaves: &mut Leaves) -> (Option<Form>, Findings) {
    let schema = documents.get(name).unwrap_or(&Value::Null);
    let references = References::of(documents, name, schema);
    let mut own = violations_of_the_meta_schema(name, schema);
    let broken = references.broken.iter();
    own.extend(broken.map(|(pointer, error)| problem(error.code(), name, pointer, error.to_string())));
    let mut found = Findings { own, failures: Vec::new(), needs: references.files };
    if !found.own.is_empty() {
        return (None, found);
    }
    if let Some(check) = check::build(documents, name, leaves) {
        return (Some(Form::Checked(check)), found);
    }
    match build(documents, name, schema) {
        Ok(validator) => (Some(Form::Whole(validator)), found),
        Err(first) => {
            found.failures = all_refused(documents, name, schema, first);
            (None, found)
        }
    }
}

/// The library's validator for a file that it was compiled of before.
pub(super) fn validator(documents: &Arc<Documents>, name: &str) -> Option<Validator> {
    build(documents, name, documents.get(name)?).ok()
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

/// How the library is to understand a schema.
pub(super) fn options() -> jsonschema::ValidationOptions<'static, Arc<dyn jsonschema::Retrieve>, Tree> {
    jsonschema::options_for::<Tree>()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
}

fn build(documents: &Arc<Documents>, name: &str, schema: &Value) -> Result<Validator, Problem> {
    options()
        .with_base_uri(documents.place(name).unwrap_or_default())
        .with_retriever(Offline(Arc::clone(documents)))
        .build(schema)
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
fn only_follows(name: &str, findings: &AllFindings) -> bool {
    let fails = |name: &str| {
        findings.get(name).is_some_and(|found| !found.own.is_empty() || !found.failures.is_empty())
    };
    reachable(name, findings)
        .into_iter()
        .any(|other| other != name && fails(other) && !reachable(other, findings).contains(name))
}

fn reachable<'f>(from: &str, findings: &'f AllFindings) -> BTreeSet<&'f str> {
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
