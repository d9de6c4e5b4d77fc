//! `tolmach messages`: what came in, where it went, what waits for a person.

mod discard;
mod list;
mod retry;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Failure, Format, Status};
use crate::config::{Config, Mistakes, Overrides};
use crate::store::sqlite::{Reader, SqliteStore};

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
    /// The database file [default: that of `tolmach run`]
    #[arg(long, value_name = "FILE", global = true)]
    store: Option<PathBuf>,
    /// The messages of `tolmach run --sandbox`
    #[arg(long, global = true)]
    sandbox: bool,
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
    let store = match store(folder, arguments) {
        Ok(store) => store,
        Err(mistakes) => return Ok(super::run::show(*mistakes)),
    };
    match &arguments.verb {
        None => list::run(&open(&store)?, &arguments.query, arguments.format),
        Some(Verb::Show(verb)) => show::run(&open(&store)?, verb, arguments.format),
        Some(Verb::Retry(verb)) => retry::run(&store, verb, arguments.format),
        Some(Verb::Discard(verb)) => discard::run(&store, verb, arguments.format),
    }
}

/// The database to look at: where only a sandbox has run, there is no other.
fn store(folder: &Path, arguments: &Arguments) -> Result<PathBuf, Box<Mistakes>> {
    let load = |sandbox| {
        let overrides = Overrides { store: arguments.store.clone(), sandbox, ..Overrides::default() };
        Config::load(folder, overrides).map(|config| config.store)
    };
    let store = load(arguments.sandbox)?;
    if store.is_file() || arguments.store.is_some() {
        return Ok(store);
    }
    let sandbox = load(true)?;
    Ok(if sandbox.is_file() { sandbox } else { store })
}

fn open(store: &Path) -> Result<Reader, Failure> {
    if !store.is_file() {
        let path = store.display();
        return Err(
            format!("there is no database at {path}; `tolmach run` makes it, --store names another").into()
        );
    }
    Ok(SqliteStore::open_read_only(store)?)
}

/// The one sentence of a stored fault.
fn detail(fault: Option<&str>) -> Option<String> {
    let fault: serde_json::Value = serde_json::from_str(fault?).ok()?;
    fault.get("detail")?.as_str().map(str::to_owned)
}

/// A stored fault as JSON.
fn fault_json(fault: Option<&str>) -> serde_json::Value {
    fault.and_then(|fault| serde_json::from_str(fault).ok()).unwrap_or_default()
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
