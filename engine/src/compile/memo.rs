//! What was compiled before. A change costs what it changes: all else is taken from here as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bound::Bound;
use super::bundle::{Bundle, Files};
use super::declarations::Declarations;
use super::settings::Environment;
use crate::expression::{Patterns, Record};
use crate::schema;
use crate::script::Scripts;
use crate::source::SourceId;

/// What was compiled of a configuration, to be given to the next [`recompile`](crate::recompile). An empty one is as good:
/// the result is the same.
#[derive(Debug, Default)]
pub struct Memo {
    environment: Option<Environment>,
    /// The last sound state of each partner.
    units: BTreeMap<String, Arc<Unit>>,
    /// By `partner.record`.
    pub(super) records: BTreeMap<String, Arc<Record>>,
    pub(super) schemas: schema::Memo,
    pub(super) documents: BTreeMap<Box<str>, Arc<schema::Document>>,
    pub(super) patterns: Patterns,
    scripts: Option<Scripts>,
    /// No id is given twice, so that a place in an old text is never taken for one in a new text.
    next: SourceId,
}

/// One partner, compiled.
#[derive(Debug)]
pub(super) struct Unit {
    pub files: Arc<Files>,
    pub first: SourceId,
    pub declarations: Arc<Declarations>,
    pub bound: Arc<Bound>,
}

/// One partner, to be compiled.
pub(super) struct Draft<'b> {
    pub partner: &'b str,
    pub files: Arc<Files>,
    /// The id of its first file; the others have those after it.
    pub first: SourceId,
    /// Its last sound state.
    pub earlier: Option<Arc<Unit>>,
    /// Whether that was made of the same files.
    pub unchanged: bool,
}

impl Memo {
    /// Where the surroundings are others nothing is as it was.
    pub(super) fn surround(&mut self, environment: &Environment) {
        if self.environment.as_ref().is_none_or(|known| !known.agrees(environment)) {
            *self = Self {
                environment: Some(environment.clone()),
                scripts: Some(Scripts::new(environment.stopwatch)),
                next: self.next,
                ..Self::default()
            };
        }
    }

    /// Interpreters, and no scripts yet.
    pub(super) fn scripts(&self) -> Scripts {
        self.scripts.clone().unwrap_or_default()
    }

    /// All partners of a bundle beside their last states.
    pub(super) fn drafts<'b>(&mut self, bundle: &'b Bundle) -> Vec<Draft<'b>> {
        bundle.files().map(|(partner, files)| self.draft(partner, files)).collect()
    }

    fn draft<'b>(&mut self, partner: &'b str, files: &Arc<Files>) -> Draft<'b> {
        let earlier = self.units.get(partner).cloned();
        if let Some(unit) = earlier.as_ref().filter(|unit| unit.files == *files) {
            let (files, first) = (Arc::clone(&unit.files), unit.first);
            return Draft { partner, files, first, earlier, unchanged: true };
        }
        let first = self.next;
        self.next = files.keys().fold(first, |next, _| next.next());
        Draft { partner, files: Arc::clone(files), first, earlier, unchanged: false }
    }

    /// The partners whose files the last sound state of one refers to.
    pub(crate) fn needs_of(&self, partner: &str) -> BTreeSet<String> {
        let unit = self.units.get(partner);
        let declared = unit.iter().flat_map(|unit| &unit.declarations.schemas).map(|(name, _)| folder(name));
        let bound = unit.iter().flat_map(|unit| unit.bound.partners());
        declared.chain(bound).map(str::to_owned).collect()
    }

    /// Keeps what is sound, and forgets partners that are gone.
    pub(super) fn keep<'b>(
        &mut self,
        units: impl IntoIterator<Item = (Draft<'b>, Arc<Declarations>, Arc<Bound>)>,
    ) {
        let mut known = std::mem::take(&mut self.units);
        for (draft, declarations, bound) in units {
            let unit = if declarations.is_sound() && bound.is_sound() {
                Some(Arc::new(Unit { files: draft.files, first: draft.first, declarations, bound }))
            } else {
                known.remove(draft.partner)
            };
            self.units.extend(unit.map(|unit| (draft.partner.to_owned(), unit)));
        }
        self.patterns.tidy();
    }
}

/// The folder that a name is of, as a partner has one.
pub(super) fn folder(name: &str) -> &str {
    name.split_once(['/', '.']).map_or("", |(folder, _)| folder)
}

impl Draft<'_> {
    /// The files with their ids.
    pub fn sources(&self) -> impl Iterator<Item = (SourceId, &Arc<str>, &super::bundle::Text)> {
        let mut next = self.first;
        self.files.iter().map(move |(path, text)| (next.give(), path, text))
    }
}
