//! The names of a configuration that expressions may use, resolved at load.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Fields, Patterns};
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
    pub patterns: &'n Patterns,
}

/// Names that stand somewhere but could not be read. That is reported there; what only follows from it is not.
#[derive(Debug, Default, Clone)]
pub struct Broken {
    partners: BTreeSet<String>,
    names: BTreeSet<(String, String)>,
}

/// What was found by its name: it decides what is compiled, and what nothing refers to is worth a warning.
#[derive(Debug, Default)]
pub struct Used {
    names: RefCell<BTreeSet<(Kind, String)>>,
    doubtful: Cell<bool>,
}

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Channel,
    Endpoint,
    Record,
    Schema,
    Script,
    Setting,
    Table,
}

impl Names<'_> {
    /// `product` is this partner's, `goodfin.product` another's.
    #[must_use]
    pub fn qualify(&self, name: &str) -> String {
        if name.contains('.') { name.to_owned() } else { format!("{}.{name}", self.partner) }
    }

    /// The code table `name`, as it is written here.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.find(Kind::Table, name, self.tables)
    }

    /// The record `name`, as it is written here.
    #[must_use]
    pub fn record(&self, name: &str) -> Option<&Arc<Record>> {
        self.find(Kind::Record, name, self.records)
    }

    /// The setting `name`, as it is written here.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.find(Kind::Setting, name, self.settings)
    }

    fn find<'m, T>(&self, kind: Kind, name: &str, map: &'m BTreeMap<String, T>) -> Option<&'m T> {
        let (name, found) = map.get_key_value(&self.qualify(name))?;
        self.used.mark(kind, name);
        Some(found)
    }

    /// Whether `partner.name` or `partner/name` is missing because of a mistake that is reported.
    #[must_use]
    pub fn explains(&self, qualified: &str) -> bool {
        let explains = self.broken.explains(qualified);
        if explains {
            self.used.doubt();
        }
        explains
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

    /// Whether a name is missing because of a mistake that is reported.
    fn explains(&self, qualified: &str) -> bool {
        let Some((partner, name)) = qualified.split_once(['.', '/']) else { return false };
        self.partners.contains(partner) || self.names.contains(&(partner.to_owned(), name.to_owned()))
    }

    /// Whether there is nothing of the kind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.partners.is_empty() && self.names.is_empty()
    }

    /// All that is missing elsewhere too.
    pub fn extend(&mut self, other: &Self) {
        self.partners.extend(other.partners.iter().cloned());
        self.names.extend(other.names.iter().cloned());
    }
}

impl Used {
    pub fn mark(&self, kind: Kind, name: &str) {
        self.names.borrow_mut().insert((kind, name.to_owned()));
    }

    /// Something was not found for a mistake that is elsewhere: what is compiled here is not what is meant.
    pub fn doubt(&self) {
        self.doubtful.set(true);
    }

    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.doubtful.get()
    }

    /// All that was found.
    #[must_use]
    pub fn into_names(self) -> BTreeSet<(Kind, String)> {
        self.names.into_inner()
    }
}
