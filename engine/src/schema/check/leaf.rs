//! What schemas say of single values: patterns, formats, ranges. Much of it is said again and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::super::compile;
use super::super::tree::Tree;
use crate::value::Value;

/// Words about one value, compiled by the library.
#[derive(Debug)]
pub(in super::super) struct Leaf(jsonschema::Validator<Tree>);

/// Every leaf by what it says.
#[derive(Debug, Default)]
pub(in super::super) struct Leaves(pub(super) BTreeMap<String, Arc<Leaf>>);

impl Leaf {
    pub fn is_valid(&self, value: Value<'_>) -> bool {
        self.0.is_valid(&value)
    }
}

impl Leaves {
    /// `None` where the library refuses it.
    pub fn get(&mut self, said: Map<String, Json>) -> Option<Arc<Leaf>> {
        let said = Json::Object(said);
        let text = said.to_string();
        if let Some(leaf) = self.0.get(&text) {
            return Some(Arc::clone(leaf));
        }
        let leaf = Arc::new(Leaf(compile::options().build(&said).ok()?));
        self.0.insert(text, Arc::clone(&leaf));
        Some(leaf)
    }

    /// Forgets what no schema says any more.
    pub fn tidy(&mut self) {
        self.0.retain(|_, leaf| Arc::strong_count(leaf) > 1);
    }
}
