//! A configuration at work, and how a change takes its place: partner by partner, so that one who makes a mistake keeps
//! what worked, and nobody else notices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::compile::{Bundle, Environment, Memo, owner};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::engine::Engine;
use crate::source::Sources;
use crate::{Compiled, recompile};

/// Files without mistakes, and what was compiled of them. Messages are completed on the generation that accepted them.
#[derive(Debug, Clone)]
pub struct Generation {
    bundle: Bundle,
    engine: Arc<Engine>,
}

/// What became of a change.
#[derive(Debug)]
pub struct Advance {
    /// What is to run from now on.
    pub generation: Generation,
    /// By partner. What belongs to nobody, as schemas for all, has an empty name.
    pub fates: BTreeMap<String, Fate>,
    /// What is to be said of the files as they are now, also of those that are not used.
    pub diagnostics: Diagnostics,
    /// The texts the diagnostics point into.
    pub sources: Sources,
}

/// What became of the files of one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// They are as they were.
    Unchanged,
    /// They are used from now on.
    Changed,
    /// There are none any more.
    Removed,
    /// They have mistakes: the last ones without are used.
    Broken,
    /// They have none, and do not go together with files of these partners that are used: the last ones that did are.
    Held { by: BTreeSet<String> },
}

impl Generation {
    /// The first generation.
    ///
    /// # Errors
    /// The files have mistakes.
    pub fn new(
        bundle: Bundle,
        environment: &Environment,
        memo: &mut Memo,
    ) -> Result<(Self, Diagnostics, Sources), Box<Compiled>> {
        let Compiled { engine, diagnostics, sources } = recompile(&bundle, environment, memo);
        match engine {
            Some(engine) => Ok((Self { bundle, engine: Arc::new(engine) }, diagnostics, sources)),
            None => Err(Box::new(Compiled { engine, diagnostics, sources })),
        }
    }

    /// The files that it is made of.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The generation that follows when the files are those of `wanted`. Of partners whose files cannot be used together
    /// with those of the others it has the last ones that could. `environment` and `memo` are those of this generation.
    #[must_use]
    pub fn advance(&self, wanted: &Bundle, environment: &Environment, memo: &mut Memo) -> Advance {
        let mut next = Next::new(self, wanted);
        let Compiled { mut engine, diagnostics, sources } = recompile(wanted, environment, memo);
        let broken: BTreeSet<String> =
            errors(&diagnostics).map(|error| owner(sources.name(error.primary.span.source))).collect();
        next.hold_back(&diagnostics, &sources, memo);
        while engine.is_none() && !next.changed.is_empty() {
            let compiled = recompile(&next.bundle, environment, memo);
            next.hold_back(&compiled.diagnostics, &compiled.sources, memo);
            engine = compiled.engine;
        }
        let fates = next.fates(self, &broken);
        let generation = match engine {
            Some(engine) => Self { bundle: next.bundle, engine: Arc::new(engine) },
            // All is as it was.
            None => self.clone(),
        };
        Advance { generation, fates, diagnostics, sources }
    }
}

/// A generation in the making.
struct Next<'g> {
    last: &'g Generation,
    bundle: Bundle,
    /// The partners whose files are others than in the last generation.
    changed: BTreeSet<String>,
    /// Those whose files were to be others, with the partners that do not go together with them.
    held: BTreeMap<String, BTreeSet<String>>,
}

impl<'g> Next<'g> {
    fn new(last: &'g Generation, wanted: &Bundle) -> Self {
        let partners = last.bundle.partners().chain(wanted.partners());
        let changed = partners.filter(|partner| !last.bundle.agrees(wanted, partner)).map(str::to_owned);
        Self { last, bundle: wanted.clone(), changed: changed.collect(), held: BTreeMap::new() }
    }

    /// Takes back what the errors come from.
    fn hold_back(&mut self, diagnostics: &Diagnostics, sources: &Sources, memo: &Memo) {
        let mut blamed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for error in errors(diagnostics) {
            let place = owner(sources.name(error.primary.span.source));
            if self.changed.contains(&place) {
                // New files that go together with all that is wanted miss what was held back.
                let by = among(&self.held.keys().cloned().collect(), memo.needs_of(&place));
                blamed.entry(place).or_default().extend(by);
                continue;
            }
            // Files that are as they were miss what they had.
            let mentioned = error.context.iter().map(|label| owner(sources.name(label.span.source)));
            for partner in among(&self.changed, mentioned.chain(memo.needs_of(&place))) {
                blamed.entry(partner).or_default().insert(place.clone());
            }
        }
        for (partner, by) in blamed {
            self.bundle.take(&partner, &self.last.bundle);
            self.changed.remove(&partner);
            self.held.insert(partner, by);
        }
    }

    fn fates(&self, last: &Generation, broken: &BTreeSet<String>) -> BTreeMap<String, Fate> {
        let fate = |partner: &str| match self.held.get(partner) {
            Some(_) if broken.contains(partner) => Fate::Broken,
            Some(by) => Fate::Held { by: by.clone() },
            None if !self.changed.contains(partner) => Fate::Unchanged,
            None if self.bundle.partners().any(|known| known == partner) => Fate::Changed,
            None => Fate::Removed,
        };
        let partners = last.bundle.partners().chain(self.bundle.partners());
        let partners = partners.chain(self.held.keys().map(String::as_str));
        partners.map(|partner| (partner.to_owned(), fate(partner))).collect()
    }
}

/// Those of the partners that are near, or else all: it may be any of them.
fn among(partners: &BTreeSet<String>, near: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let near = partners.intersection(&near.into_iter().collect()).cloned().collect::<BTreeSet<_>>();
    if near.is_empty() { partners.clone() } else { near }
}

fn errors(diagnostics: &Diagnostics) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
}
