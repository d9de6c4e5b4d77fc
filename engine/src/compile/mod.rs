//! Documents -> plan: names are resolved, everything is checked, all in one run.

mod bundle;
mod codes;
mod constant;
mod contract;
mod expressions;
mod mapping;
mod names;
mod quantity;
mod route;
mod schemas;
mod settings;
mod url;

use crate::diagnostic::Diagnostics;
use crate::engine::Engine;
use crate::source::Sources;

pub use bundle::{Bundle, File};
pub(crate) use contract::Contracts;
pub use quantity::duration;
pub use settings::{Environment, Variables};

/// A configuration that was compiled, or what is wrong with it.
pub struct Compiled {
    /// There unless a diagnostic is an error.
    pub engine: Option<Engine>,
    pub diagnostics: Diagnostics,
    /// The texts the diagnostics point into.
    pub sources: Sources,
}

/// Compiles a whole configuration.
#[must_use]
pub fn compile(bundle: &Bundle, environment: &Environment) -> Compiled {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let documents = bundle::read(bundle, &mut sources, &mut diagnostics);
    let schemas = schemas::compile(&documents, &sources, &mut diagnostics);
    let names = names::collect(&documents, environment, &schemas, &sources, &mut diagnostics);
    let mut compiler =
        expressions::Compiler { sources: &sources, names: &names, schemas: &schemas, diagnostics };
    let contracts = contract::compile(&documents, &mut compiler);
    let routes = route::compile(&documents, &contracts, &mut compiler);
    let diagnostics = compiler.diagnostics;
    let records = names.records;
    let engine = (!diagnostics.has_errors()).then(|| Engine::new(contracts, routes, records, schemas));
    Compiled { engine, diagnostics, sources }
}
