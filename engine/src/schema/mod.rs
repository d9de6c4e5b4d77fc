//! JSON Schema 2020-12 over the borrowed tree, and what a schema tells about paths.
//!
//! All schemas of a configuration are compiled together, offline: a reference leads to another of
//! them or it is a [`Problem`].

mod check;
mod compile;
mod document;
mod explain;
mod reference;
mod sensitive;
mod shape;
mod tree;
mod violation;

use std::{collections::BTreeMap, fmt, sync::Arc};

use check::{Check, Leaves};
pub use document::Document;
use document::Documents;
use explain::Explainers;
pub use sensitive::{MASKED, without};
pub use shape::{Lookup, Shape};
use tree::Tree;

use crate::diagnostic::Code;
use crate::fault::Violation;
use crate::value::Value;

/// The schemas of a configuration by name: the path below `schemas/` without `.json`.
#[derive(Debug)]
pub struct Schemas {
    documents: Arc<Documents>,
    compiled: Compiled,
}

/// Schemas without problems.
pub type Compiled = BTreeMap<Box<str>, Arc<Schema>>;

/// One compiled schema.
pub struct Schema {
    form: Form,
    /// Its own file, then those that it refers to.
    files: Arc<[Arc<Document>]>,
    explainers: Arc<Explainers>,
}

enum Form {
    Checked(Check),
    /// It says what only the library understands.
    Whole(jsonschema::Validator<Tree>),
}

/// What was compiled before, to be used again where nothing has changed.
#[derive(Debug, Default)]
pub struct Memo {
    compiled: Compiled,
    leaves: Leaves,
    explainers: Arc<Explainers>,
    /// The files that go by names of their own: where one of them changes, any reference may lead elsewhere.
    named: Vec<Arc<Document>>,
}

/// What is wrong with a schema file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub code: Code,
    /// The name of the schema.
    pub file: String,
    /// The JSON pointer to the place in that file, when it is known.
    pub pointer: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Schemas {
    /// Compiles every file that is not as it was. Those with problems are left out of [`Schemas::get`], and problems
    /// that only follow from a problem of another file are not repeated.
    #[must_use]
    pub fn compile(files: impl IntoIterator<Item = Arc<Document>>, memo: &mut Memo) -> (Self, Vec<Problem>) {
        let mut documents = Arc::new(Documents::new(files));
        let (compiled, problems) = compile::all(&mut documents, memo);
        (Self { documents, compiled }, problems)
    }

    /// The schema `name`, when there is one without problems.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Schema>> {
        self.compiled.get(name)
    }

    /// All that can be used once everything is compiled.
    #[must_use]
    pub fn into_compiled(self) -> Compiled {
        self.compiled
    }

    /// The names of all files, those with problems included, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.documents.names()
    }

    /// Whether there is a file `name`, be it with problems.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.documents.document(name).is_some()
    }

    /// Forgets what was read of the files, where that takes much memory; it is read again when somebody looks.
    pub fn forget(&mut self) {
        Documents::forget(&mut self.documents);
    }

    /// What the schema `name` says about paths; `name#/$defs/x` is that part of it.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<Shape<'_>> {
        Shape::root(&self.documents, name)
    }
}

impl Schema {
    /// Whether `value` satisfies the schema. Where our check and the library differ, the library has the last word.
    ///
    /// # Errors
    /// At most `limit` violations; of a schema that cannot be asked what is wrong, one that does not say it.
    pub fn validate(&self, value: Value<'_>, limit: usize) -> Result<(), Vec<Violation>> {
        let valid = match &self.form {
            Form::Checked(check) => check.is_valid(value) || self.explainers.finds_valid(&self.files, value),
            Form::Whole(validator) => validator.is_valid(&value),
        };
        if valid { Ok(()) } else { Err(self.violations(value, limit)) }
    }

    /// Whether `value` satisfies the schema, by what it is judged with first.
    #[must_use]
    pub fn is_valid(&self, value: Value<'_>) -> bool {
        match &self.form {
            Form::Checked(check) => check.is_valid(value),
            Form::Whole(validator) => validator.is_valid(&value),
        }
    }

    /// What is wrong with `value`, at most `limit` violations.
    #[must_use]
    pub fn violations(&self, value: Value<'_>, limit: usize) -> Vec<Violation> {
        match &self.form {
            Form::Checked(_) => self.explainers.violations(&self.files, value, limit),
            Form::Whole(validator) => violation::collect(validator.iter_errors(&value), value, limit),
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Checked(_) => format_args!("Checked"),
            Form::Whole(_) => format_args!("Whole"),
        };
        f.debug_struct("Schema").field("form", &form).finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}: {}", self.file, self.pointer.as_deref().unwrap_or_default(), self.message)
    }
}

#[cfg(test)]
mod tests;
