//! Documents -> plan: names are resolved, everything is checked, all in one run.

mod bundle;
mod codes;
mod constant;
mod contract;
mod expressions;
mod fit;
mod mapping;
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

use expressions::Compiler;
use schemas::KnownSchemas;

use crate::diagnostic::Diagnostics;
use crate::plan::Plan;
use crate::source::Sources;

pub use bundle::{Bundle, File};
pub use quantity::duration;
pub use settings::{Environment, Variables};

/// What became of the documents.
pub(crate) struct Compilation {
    /// There unless a diagnostic is an error.
    pub plan: Option<Plan>,
    pub diagnostics: Diagnostics,
    /// The texts the diagnostics point into.
    pub sources: Sources,
}

/// Compiles a whole configuration.
pub(crate) fn compile(bundle: &Bundle, environment: &Environment) -> Compilation {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let mut documents = bundle::read(bundle, &mut sources, &mut diagnostics);
    let schemas = schemas::compile(&mut documents, &sources, &mut diagnostics);
    let names = names::collect(&mut documents, environment, &schemas, &sources, &mut diagnostics);
    let known = KnownSchemas { schemas: &schemas, broken: &documents.broken_schemas };
    let only = environment.sandbox.then_some(environment.listen.as_str());
    let mut compiler = Compiler { sources: &sources, names: &names, schemas: known, only, diagnostics };
    let contracts = contract::compile(&documents, &mut compiler);
    let routes = route::compile(&documents, &contracts, &mut compiler);
    let mut diagnostics = compiler.diagnostics;
    if !diagnostics.has_errors() {
        unused::check(&documents, &names, &routes, &mut diagnostics);
    }
    let records = names.records;
    let plan = (!diagnostics.has_errors()).then(|| Plan {
        contracts,
        routes,
        records,
        schemas: schemas.into_compiled(),
    });
    Compilation { plan, diagnostics, sources }
}
