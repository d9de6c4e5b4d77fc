//! `tolmach partners`, `pause` and `resume`: how partners stand, and holding them back.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use serde_json::Value;

use super::messages::store::Place;
use super::remote::{Remote, segment};
use super::{Failure, Format, Status};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach partners
  tolmach partners --format json")]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach pause bank                 take nothing in from it, deliver nothing to it
  tolmach pause bank --deliveries    take messages in, and let its deliveries wait
  tolmach resume bank")]
pub(super) struct Pause {
    /// The partner
    partner: String,
    /// Only what comes from it: it is answered 503
    #[arg(long, conflicts_with = "deliveries")]
    messages: bool,
    /// Only what goes to it
    #[arg(long)]
    deliveries: bool,
    #[command(flatten)]
    place: Place,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn list(folder: &Path, arguments: &List) -> Result<Status, Failure> {
    let store = match arguments.place.store(folder) {
        Ok(store) => store,
        Err(mistakes) => return Ok(super::run::show(*mistakes)),
    };
    let told = Remote::required(&store)?.get("/partners", &[])?;
    match arguments.format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&told)?),
        Format::Text => anstream::print!("{}", text(&told)),
    }
    let partners = told["partners"].as_array().map(Vec::as_slice).unwrap_or_default();
    let good = partners.iter().all(|partner| partner["condition"] == "good");
    Ok(if good { Status::Ok } else { Status::Findings })
}

pub(super) fn pause(folder: &Path, arguments: &Pause, begins: bool) -> Result<Status, Failure> {
    let store = match arguments.place.store(folder) {
        Ok(store) => store,
        Err(mistakes) => return Ok(super::run::show(*mistakes)),
    };
    let verb = if begins { "pause" } else { "resume" };
    let what: &[_] = match (arguments.messages, arguments.deliveries) {
        (true, _) => &[("what", "messages")],
        (_, true) => &[("what", "deliveries")],
        _ => &[],
    };
    let path = format!("/partners/{}/{verb}", segment(&arguments.partner));
    let told = Remote::required(&store)?.post(&path, what)?;
    match arguments.format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&told)?),
        Format::Text => anstream::println!("{}: {}", arguments.partner, paused(&told["paused"])),
    }
    Ok(Status::Ok)
}

fn text(told: &Value) -> String {
    let mut text = told["mistakes"].as_str().unwrap_or_default().to_owned();
    if !text.is_empty() {
        text.push('\n');
    }
    for partner in told["partners"].as_array().into_iter().flatten() {
        let name = partner["partner"].as_str().unwrap_or_default();
        let since: Option<Timestamp> = partner["since"].as_str().and_then(|since| since.parse().ok());
        let since = since.unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S");
        let mut more = Vec::new();
        match partner["condition"].as_str() {
            Some("broken") => more.push("its new files have mistakes".to_owned()),
            Some("held") => {
                more.push(format!("its new files wait for those of {}", names(&partner["held_by"])))
            }
            _ => {}
        }
        if !partner["paused"].is_null() {
            more.push(paused(&partner["paused"]));
        }
        if partner["left_alone"] == true {
            more.push("left alone: it fails".to_owned());
        }
        if partner["lanes_waiting"] != 0 {
            more.push(format!("{} waiting", partner["lanes_waiting"]));
        }
        if partner["under_way"] != 0 {
            more.push(format!("{} under way", partner["under_way"]));
        }
        let line =
            format!("{name:24} generation {} since {since}  {}", partner["generation"], more.join("; "));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn paused(pause: &Value) -> String {
    match (pause["messages"] == true, pause["deliveries"] == true) {
        (true, true) => "paused".to_owned(),
        (true, false) => "paused: its messages".to_owned(),
        (false, true) => "paused: its deliveries".to_owned(),
        (false, false) => "not paused".to_owned(),
    }
}

fn names(list: &Value) -> String {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}
