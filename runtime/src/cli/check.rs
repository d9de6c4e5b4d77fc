//! `tolmach check`: everything that is wrong with the files, in one run.

use std::path::Path;

use clap::Args;
use engine::Variables;

use super::configuration::{self, Report};
use super::{Failure, Status};
use crate::config::{Config, Overrides};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach check
  tolmach check --format github       in a workflow of GitHub Actions
  tolmach check --format sarif > tolmach.sarif")]
pub(super) struct Arguments {
    /// How the findings are printed
    #[arg(long, value_enum, default_value_t = Report::Text)]
    format: Report,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let mut compiled = configuration::compile(folder, &configuration::offline())?;
    let engine::Compiled { sources, diagnostics, .. } = &mut compiled;
    let overrides =
        Overrides { token: super::run::token(), unset: Variables::Optional, ..Overrides::default() };
    let _ = Config::load_beside(folder, overrides, sources, diagnostics);
    let errors = compiled.diagnostics.has_errors();
    let sorted = compiled.diagnostics.into_sorted(&compiled.sources);
    anstream::print!("{}", configuration::report(&sorted, &compiled.sources, folder, arguments.format)?);
    if let (Some(engine), Report::Text, false) = (&compiled.engine, arguments.format, errors) {
        anstream::println!("{}", summary(engine));
    }
    Ok(if errors { Status::Findings } else { Status::Ok })
}

fn summary(engine: &engine::Engine) -> String {
    let counts = [
        (engine.channels().count(), "channel"),
        (engine.endpoints().count(), "endpoint"),
        (engine.routes().count(), "route"),
    ];
    let counted = counts.map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }));
    format!("ok: {}", counted.join(", "))
}
