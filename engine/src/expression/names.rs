//! The names of a configuration that expressions may use, resolved at load.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Fields;
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
    /// The schema its fields are of.
    pub schema: Option<Box<str>>,
    /// All its fields; `None` where it may have others.
    pub fields: Option<Fields>,
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
    pub broken: &'n Broken,
    pub used: &'n Used,
}

/// Names that stand somewhere but could not be read. That is reported there; what only follows from it is not.
#[derive(Debug, Default)]
pub struct Broken {
    partners: BTreeSet<String>,
    names: BTreeSet<(String, String)>,
}

/// The names that expressions refer to; what is never referred to is worth a warning.
#[derive(Debug, Default)]
pub struct Used(RefCell<BTreeSet<String>>);

impl Names<'_> {
    /// `product` is this partner's, `goodfin.product` another's.
    #[must_use]
    pub fn qualify(&self, name: &str) -> String {
        if name.contains('.') { name.to_owned() } else { format!("{}.{name}", self.partner) }
    }

    /// The code table `name`, as it is written here.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        let (name, table) = self.tables.get_key_value(&self.qualify(name))?;
        self.used.mark(name);
        Some(table)
    }

    /// The names in `map` as they would be written here: short for this partner's own.
    pub fn known<'m, T>(&'m self, map: &'m BTreeMap<String, T>) -> impl Iterator<Item = &'m str> {
        map.keys().map(|name| match name.split_once('.') {
            Some((partner, short)) if partner == self.partner => short,
            _ => name.as_str(),
        })
    }
}

impl Broken {
    /// Nothing of this partner is known for sure.
    pub fn partner(&mut self, partner: &str) {
        self.partners.insert(partner.to_owned());
    }

    /// One name of a partner is not known.
    pub fn name(&mut self, partner: &str, name: &str) {
        self.names.insert((partner.to_owned(), name.to_owned()));
    }

    /// Whether `partner.name` or `partner/name` is missing because of a mistake that is reported.
    #[must_use]
    pub fn explains(&self, qualified: &str) -> bool {
        let Some((partner, name)) = qualified.split_once(['.', '/']) else { return false };
        self.partners.contains(partner) || self.names.contains(&(partner.to_owned(), name.to_owned()))
    }
}

impl Used {
    pub fn mark(&self, name: &str) {
        self.0.borrow_mut().insert(name.to_owned());
    }

    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.borrow().contains(name)
    }
}
