//! `tolmach reload`: the serving process reads its files again, and says what became of each partner.

use std::path::Path;

use clap::Args;

use super::messages::store::Place;
use super::remote::Remote;
use super::{Failure, Format, Status};
use crate::reload::Report;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach reload
  tolmach reload --format json

Exit codes: 0 all that has changed is at work, 1 some of it is not, 2 usage, or no process serves.")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let store = match arguments.place.store(folder) {
        Ok(store) => store,
        Err(mistakes) => return Ok(super::run::show(*mistakes)),
    };
    let told = Remote::required(&store)?.post("/reload", &[])?;
    let report: Report = serde_json::from_value(told.clone())?;
    match arguments.format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&told)?),
        Format::Text => anstream::print!("{}", text(&report)),
    }
    Ok(if report.is_good() { Status::Ok } else { Status::Findings })
}

fn text(report: &Report) -> String {
    if let Some(error) = &report.error {
        return format!("nothing is reloaded: {error}\n");
    }
    let mut text = report.mistakes.clone();
    if !text.is_empty() {
        text.push('\n');
    }
    for changed in &report.partners {
        let more = match changed.fate.as_str() {
            "broken" => "its files have mistakes: it goes on as before".to_owned(),
            "held" => {
                let by = changed.by.join(", ");
                format!("its files do not go together with those of {by}: it goes on as before")
            }
            _ => String::new(),
        };
        text.push_str(format!("{:9} {}  {more}", changed.fate, changed.partner).trim_end());
        text.push('\n');
    }
    text.push_str(&format!("{} unchanged\n", report.unchanged));
    text
}
