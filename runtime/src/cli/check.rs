//! `tolmach check`: everything that is wrong with the files, in one run.

use std::path::Path;

use clap::Args;

use super::{Failure, Format, Status, configuration};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How the findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let compiled = configuration::compile(folder, &configuration::offline())?;
    let summary = compiled.engine.as_ref().map(summary);
    let errors = compiled.diagnostics.has_errors();
    let text = configuration::render(compiled, arguments.format, true)?;
    match arguments.format {
        Format::Json => anstream::println!("{text}"),
        Format::Text => {
            anstream::print!("{text}");
            if let Some(summary) = summary {
                anstream::println!("{summary}");
            }
        }
    }
    Ok(if errors { Status::Findings } else { Status::Ok })
}

fn summary(engine: &engine::Engine) -> String {
    let partners: std::collections::BTreeSet<_> = engine.routes().map(|route| &route.partner).collect();
    let (routes, channels) = (engine.routes().count(), engine.channels().count());
    format!("ok: {} partners, {channels} channels, {routes} routes", partners.len())
}
