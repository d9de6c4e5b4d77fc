//! `tolmach check`: everything that is wrong with the files, in one run.

use std::path::Path;

use clap::Args;

use super::{Failure, Format, Status, configuration};
use crate::config::{Config, Overrides};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How the findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    if let Err(mistakes) = Config::load(folder, Overrides::default()) {
        let sorted = mistakes.diagnostics.into_sorted(&mistakes.sources);
        let text = configuration::rendered(&sorted, &mistakes.sources, arguments.format)?;
        anstream::println!("{}", text.trim_end());
        return Ok(Status::Findings);
    }
    let compiled = configuration::compile(folder, &configuration::offline())?;
    let summary = compiled.engine.as_ref().map(summary);
    let errors = compiled.diagnostics.has_errors();
    let text = configuration::render(compiled, arguments.format)?;
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
    let counts = [
        (engine.channels().count(), "channel"),
        (engine.endpoints().count(), "endpoint"),
        (engine.routes().count(), "route"),
    ];
    let counted = counts.map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }));
    format!("ok: {}", counted.join(", "))
}
