//! Reading and compiling the configuration folder, for every command that needs one.

use std::path::Path;

use engine::diagnostic::{Diagnostic, render};
use engine::source::Sources;
use engine::{Compiled, Environment, Variables};

use super::{Failure, Format};
use crate::bundle;

/// The environment of a command that looks at files and does not run them.
pub(super) fn offline() -> Environment {
    Environment {
        variables: std::env::vars().collect(),
        listen: "http://127.0.0.1:8080".to_owned(),
        sandbox: false,
        unset: Variables::Optional,
        stopwatch: crate::world::stopwatch,
    }
}

/// Compiles the folder, its sandboxes too where the environment is one or nothing is run.
pub(super) fn compile(folder: &Path, environment: &Environment) -> Result<Compiled, Failure> {
    let sandboxes = environment.sandbox || environment.unset == Variables::Optional;
    let bundle = bundle::read(folder, sandboxes)?;
    Ok(engine::compile(&bundle, environment))
}

/// Diagnostics as text for a terminal, or as JSON.
pub(super) fn render(compiled: Compiled, format: Format) -> Result<String, Failure> {
    let sorted = compiled.diagnostics.into_sorted(&compiled.sources);
    rendered(&sorted, &compiled.sources, format)
}

/// The same for diagnostics that are sorted already.
pub(super) fn rendered(sorted: &[Diagnostic], sources: &Sources, format: Format) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => render::text::render(sorted, sources, true),
        Format::Json => render::json::render(sorted, sources)?,
    })
}
