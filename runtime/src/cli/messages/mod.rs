//! `tolmach messages`: what came in, where it went, what waits for a person.

mod discard;
mod list;
mod retry;
mod show;
pub(super) mod store;

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::remote::{Remote, segment};
use super::{Failure, Format, Status};
use crate::store::sqlite::Operator;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  tolmach messages                            the last messages, the newest last
  tolmach messages --state parked             what waits for a person
  tolmach messages --partner market --limit 5 --format json
  tolmach messages show 01a20186-466a-731a-8cae-1e3def34fe20 --payload
  tolmach messages retry 01a20186-466a-731a-8cae-1e3def34fe20
  tolmach messages discard 01a20186-466a-731a-8cae-1e3def34fe20"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: store::Place,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    format: Format,
    #[command(flatten)]
    query: list::Query,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// One message with its deliveries and every attempt
    Show(show::Arguments),
    /// Try again what is parked or was rejected
    Retry(retry::Arguments),
    /// Give up for good what is parked or pending
    Discard(discard::Arguments),
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let store = match arguments.place.store(folder) {
        Ok(store) => store,
        Err(mistakes) => return Ok(super::run::show(*mistakes)),
    };
    // The process that serves the database is asked; without one, the file.
    let remote = Remote::find(&store)?;
    let source = match &remote {
        Some(remote) => Source::Process(remote),
        None => Source::File { store: &store, folder },
    };
    match &arguments.verb {
        None => list::run(source, &arguments.query, arguments.format),
        Some(Verb::Show(verb)) => show::run(source, verb, arguments.format),
        Some(Verb::Retry(verb)) => retry::run(source, verb, arguments.format),
        Some(Verb::Discard(verb)) => discard::run(source, verb, arguments.format),
    }
}

/// Who is asked.
#[derive(Clone, Copy)]
enum Source<'s> {
    Process(&'s Remote),
    File { store: &'s Path, folder: &'s Path },
}

/// A change of one message in the file, where no process serves it.
fn operator(store: &Path) -> Result<Operator, Failure> {
    drop(store::open(store)?);
    Ok(Operator::open(store)?)
}

/// The one sentence of a fault.
fn detail(fault: &Value) -> Option<&str> {
    fault.get("detail")?.as_str()
}

/// A text of a message, or what stands for none.
fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("-")
}

/// A colour says at a glance whether somebody must look.
fn coloured(state: &str) -> String {
    let colour = match state {
        "delivered" | "done" => "\u{1b}[32m",
        "parked" | "rejected" | "lost" | "unknown" => "\u{1b}[31m",
        _ => "\u{1b}[33m",
    };
    format!("{colour}{state:9}\u{1b}[0m")
}
