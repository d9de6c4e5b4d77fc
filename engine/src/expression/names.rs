//! The names of a configuration that expressions may use, resolved at load.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::codes::Table;

/// A record's declaration, as expressions and `record:` rows need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `partner.record`
    pub name: Box<str>,
    pub key: Box<str>,
    pub unique: Vec<Box<str>>,
    /// How long a record is kept after its last change.
    pub keep: Option<std::time::Duration>,
}

/// A setting's value at load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: Box<str>,
    /// A secret is usable only where it is sent or signed.
    pub secret: bool,
}

/// All names, each `partner.name`; `partner` is whose file is being compiled.
pub struct Names<'n> {
    pub partner: &'n str,
    pub tables: &'n BTreeMap<String, Arc<Table>>,
    pub records: &'n BTreeMap<String, Arc<Record>>,
    pub settings: &'n BTreeMap<String, Setting>,
}

impl Names<'_> {
    /// `product` is this partner's, `goodfin.product` another's.
    #[must_use]
    pub fn qualify(&self, name: &str) -> String {
        if name.contains('.') { name.to_owned() } else { format!("{}.{name}", self.partner) }
    }

    /// The names in `map` as they would be written here: short for this partner's own.
    pub fn known<'m, T>(&'m self, map: &'m BTreeMap<String, T>) -> impl Iterator<Item = &'m str> {
        map.keys().map(|name| match name.split_once('.') {
            Some((partner, short)) if partner == self.partner => short,
            _ => name.as_str(),
        })
    }
}
