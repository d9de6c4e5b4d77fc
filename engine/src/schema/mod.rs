//! JSON Schema 2020-12 over the borrowed tree, and what a schema tells about paths.
//!
//! All schemas of a configuration are compiled together, offline: a reference leads to another of
//! them or it is a [`Problem`].

mod compile;
mod document;
mod reference;
mod shape;
mod tree;
mod violation;

use std::{collections::BTreeMap, fmt, sync::Arc};

use document::Documents;
pub use shape::{Lookup, Shape};
use tree::Tree;

use crate::diagnostic::Code;
use crate::fault::Violation;
use crate::value::Value;

/// The schemas of a configuration by name: the path below `schemas/` without `.json`.
#[derive(Debug)]
pub struct Schemas {
    documents: Arc<Documents>,
    compiled: BTreeMap<String, Schema>,
}

/// One compiled schema.
pub struct Schema {
    validator: jsonschema::Validator<Tree>,
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
    /// Compiles every file. Those with problems are left out of [`Schemas::get`], and problems that
    /// only follow from a problem of another file are not repeated.
    #[must_use]
    pub fn compile(files: &BTreeMap<String, serde_json::Value>) -> (Self, Vec<Problem>) {
        let documents = Arc::new(Documents::new(files));
        let (compiled, problems) = compile::all(&documents);
        (Self { documents, compiled }, problems)
    }

    /// The schema `name`, when there is one without problems.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.compiled.get(name)
    }

    /// The names of all files, those with problems included, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().map(|(name, _)| name)
    }

    /// The file `name` as it was given.
    #[must_use]
    pub fn document(&self, name: &str) -> Option<&serde_json::Value> {
        self.documents.get(name)
    }

    /// What the schema `name` says about paths; `name#/$defs/x` is that part of it.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<Shape<'_>> {
        Shape::root(&self.documents, name)
    }
}

impl Schema {
    /// Whether `value` satisfies the schema.
    #[must_use]
    pub fn is_valid(&self, value: Value<'_>) -> bool {
        self.validator.is_valid(&value)
    }

    /// What is wrong with `value`, at most `limit` violations.
    #[must_use]
    pub fn violations(&self, value: Value<'_>, limit: usize) -> Vec<Violation> {
        violation::collect(self.validator.iter_errors(&value), value, limit)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}: {}", self.file, self.pointer.as_deref().unwrap_or_default(), self.message)
    }
}

#[cfg(test)]
mod tests;
