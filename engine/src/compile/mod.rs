//! Documents -> plan: names are resolved, everything is checked, all in one run.
//!
//! Partner by partner, twice: first what each declares, for all that others may refer to; then what each does, with all
//! that is declared. A partner whose files and whose needs are as they were is taken from the memo.

mod auth;
mod bound;
mod bundle;
mod codes;
mod constant;
mod contract;
mod declarations;
mod documents;
mod expressions;
mod fit;
mod limits;
mod mapping;
mod memo;
mod names;
mod pointer;
mod quantity;
mod records;
mod route;
mod rule;
mod schemas;
mod settings;
mod template;
mod unused;
mod url;

use std::collections::BTreeSet;
use std::sync::Arc;

use bound::Bound;
use bundle::Placed;
use declarations::Declarations;
use documents::Documents;
use memo::Draft;
use names::Names;
use schemas::KnownSchemas;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::plan::contract::Contracts;
use crate::schema::Schemas;
use crate::source::{SourceId, Sources, Span};

pub use auth::networks;
pub(crate) use bundle::owner;
pub use bundle::{Bundle, File};
pub use constant::constant;
pub use memo::Memo;
pub use quantity::{duration, duration_of};
pub use settings::{Environment, Variables};

/// Documents of so many partners are kept from one pass to the other; those of others are read again, for they take more
/// memory than what is made of them.
const KEPT: usize = 4;

/// What became of the documents.
pub(crate) struct Compilation {
    /// There unless a diagnostic is an error.
    pub plan: Option<Plan>,
    pub diagnostics: Diagnostics,
    /// The texts the diagnostics point into.
    pub sources: Sources,
}

/// Compiles a whole configuration; what is in the memo and has not changed is taken from there.
pub(crate) fn compile(bundle: &Bundle, environment: &Environment, memo: &mut Memo) -> Compilation {
    memo.surround(environment);
    let drafts = memo.drafts(bundle);
    let texts = drafts.iter().flat_map(Draft::sources).map(|(id, path, text)| (id, path, &text.text));
    let sources = Sources::from_iter(texts);
    let mut diagnostics = Diagnostics::new();
    check_places(&drafts, &mut diagnostics);
    let (schemas, broken) = schemas::compile(&drafts, memo, &mut diagnostics);
    let mut run = Run { environment, sources: &sources, schemas, broken, kept: Vec::new() };
    let declarations: Vec<_> = drafts.iter().map(|draft| run.declare(draft, memo)).collect();
    let names = names::joined(&declarations, memo.scripts(), &memo.records);
    let bound: Vec<_> = drafts
        .iter()
        .zip(&declarations)
        .map(|(draft, declared)| run.bind(draft, declared, &names, memo))
        .collect();
    diagnostics.extend(declarations.iter().flat_map(|declared| &declared.diagnostics).cloned());
    diagnostics.extend(bound.iter().flat_map(|bound| &bound.diagnostics).cloned());
    check_across(&declarations, &bound, &names, &mut diagnostics);
    let plan = (!diagnostics.has_errors()).then(|| plan(&bound, &names, run.schemas));
    memo.records = names.records;
    let units = declarations.into_iter().zip(bound);
    memo.keep(drafts.into_iter().zip(units).map(|(draft, (declared, bound))| (draft, declared, bound)));
    Compilation { plan, diagnostics, sources }
}

/// What is at hand while a configuration is compiled.
struct Run<'r> {
    environment: &'r Environment,
    sources: &'r Sources,
    schemas: Schemas,
    /// Schemas that could not be read.
    broken: BTreeSet<String>,
    /// By the id of the partner's first file.
    kept: Vec<(SourceId, Documents)>,
}

impl Run<'_> {
    fn known(&self) -> KnownSchemas<'_> {
        KnownSchemas { schemas: &self.schemas, broken: &self.broken }
    }

    fn declare(&mut self, draft: &Draft<'_>, memo: &Memo) -> Arc<Declarations> {
        let earlier = draft.earlier.as_ref().map(|unit| &unit.declarations);
        if let Some(known) = earlier.filter(|known| draft.unchanged && known.holds(self.known())) {
            return Arc::clone(known);
        }
        let mut diagnostics = Diagnostics::new();
        let documents = draft.read(self.sources, &mut diagnostics);
        let means = declarations::Means {
            sources: self.sources,
            environment: self.environment,
            schemas: self.known(),
            scripts: &memo.scripts(),
            earlier: earlier.map(|earlier| &**earlier),
        };
        let declared = declarations::declare(&documents, diagnostics, means);
        if self.kept.len() < KEPT {
            self.kept.push((draft.first, documents));
        }
        self.schemas.forget();
        Arc::new(declared)
    }

    fn bind(
        &mut self,
        draft: &Draft<'_>,
        declared: &Arc<Declarations>,
        names: &Names,
        memo: &Memo,
    ) -> Arc<Bound> {
        let earlier = draft.earlier.as_ref().filter(|unit| Arc::ptr_eq(&unit.declarations, declared));
        if let Some(known) = earlier.map(|unit| &unit.bound).filter(|known| known.holds(names, self.known()))
        {
            return Arc::clone(known);
        }
        let kept = self.kept.iter().find(|(first, _)| *first == draft.first).map(|(_, documents)| documents);
        let read;
        let documents = match kept {
            Some(documents) => documents,
            None => {
                // What is wrong with them was told the first time.
                read = draft.read(self.sources, &mut Diagnostics::new());
                &read
            }
        };
        let environment = self.environment;
        let bound = bound::bind(
            documents,
            bound::Means {
                sources: self.sources,
                names,
                schemas: self.known(),
                patterns: &memo.patterns,
                only: environment.sandbox.then_some(environment.listen.as_str()),
            },
        );
        self.schemas.forget();
        Arc::new(bound)
    }
}

impl Draft<'_> {
    fn read(&self, sources: &Sources, diagnostics: &mut Diagnostics) -> Documents {
        documents::read(self.partner, (&self.files, self.first), sources, diagnostics)
    }
}

fn check_places(drafts: &[Draft<'_>], diagnostics: &mut Diagnostics) {
    for (source, path, text) in drafts.iter().flat_map(Draft::sources) {
        if matches!(Placed::of(path), Placed::Nowhere) {
            documents::check_is_text(source, text, diagnostics);
            let message = "the file is not where a partner's files are";
            diagnostics.push(Diagnostic::error(Code::MisplacedFile, message, Span::new(source, 0, 0)).help(
                "a partner's files are mappings/<partner>/*.yaml, its sandbox's mappings/<partner>/sandbox/*.yaml",
            ));
        }
    }
}

/// What no partner can know by itself.
fn check_across(
    declarations: &[Arc<Declarations>],
    bound: &[Arc<Bound>],
    names: &Names,
    diagnostics: &mut Diagnostics,
) {
    let declarations = declarations.iter().map(|declarations| &**declarations);
    let bound = bound.iter().map(|bound| &**bound);
    contract::check_paths(declarations.clone(), diagnostics);
    let routes = bound.clone().flat_map(|bound| &bound.routes);
    route::rivals::check(routes, &names.channels, diagnostics);
    // A broken rule refers to nothing: not a second mistake.
    if !diagnostics.has_errors() {
        unused::check(declarations, bound, diagnostics);
    }
}

fn plan(bound: &[Arc<Bound>], names: &Names, schemas: Schemas) -> Plan {
    let mut contracts = Contracts::default();
    for channel in bound.iter().flat_map(|bound| &bound.channels) {
        contracts.channels.insert(channel.name.clone(), Arc::clone(channel));
    }
    for endpoint in bound.iter().flat_map(|bound| &bound.endpoints) {
        contracts.endpoints.insert(endpoint.name.clone(), Arc::clone(endpoint));
    }
    let routes = bound.iter().flat_map(|bound| &bound.routes);
    let routes = routes.map(|bound| (bound.route.name.clone(), Arc::clone(&bound.route))).collect();
    let settings = names.settings.keys().cloned().collect();
    Plan { contracts, routes, records: names.records.clone(), settings, schemas: schemas.into_compiled() }
}
