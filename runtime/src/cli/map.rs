//! `tolmach map`: what a route sends for a message, or for a stream of messages: each result one JSON. Of a route that
//! calls it is what would be called with; a route that runs by itself reads no message.

mod batch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use engine::value::pretty;
use engine::{Engine, Inbound, NoRecords, Route, Workspace, World};
use jiff::Timestamp;

use super::{Failure, Status, configuration, text};
use crate::world::RandomIds;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach map bank/new-application message.json
  tolmach map bank/status-changed --ndjson < messages.ndjson > mapped.ndjson
  tolmach map bank/status-changed --ndjson --faults faults.txt messages.ndjson > mapped.ndjson
  zcat messages.gz | tolmach map bank/status-changed --ndjson --keep-lines --threads 2 | gzip > mapped.gz

Exit codes: 0 ok, 1 a message has faults, 2 usage, or something cannot be read or written;
with --ndjson 141 where the reader of the output went away before the end.")]
pub(super) struct Arguments {
    /// The route: partner/route
    route: String,
    /// The message; - or nothing reads standard input. A route that runs by itself reads none
    file: Option<PathBuf>,
    /// One message a line, one result a line, in their order; faults go to standard error with their line
    #[arg(long)]
    ndjson: bool,
    /// Print the result on one line
    #[arg(long)]
    compact: bool,
    #[command(flatten)]
    batch: batch::Options,
}

pub(super) fn run(folder: &Path, arguments: Arguments) -> Result<Status, Failure> {
    let mut compiled = configuration::compile(folder, &configuration::offline())?;
    let Some(engine) = compiled.engine.take() else {
        anstream::eprint!("{}", configuration::render(compiled));
        return Ok(Status::Findings);
    };
    let route = find(&engine, &arguments.route)?;
    match (arguments.ndjson, route.channel()) {
        (true, Some(channel)) => {
            let limit = engine.channel(channel).map_or(usize::MAX, |channel| channel.max_body);
            batch::run(engine, &route, limit, arguments.file.as_deref(), arguments.batch)
        }
        (true, None) => Err(format!("`{}` runs by itself: there are no messages to read", route.name).into()),
        (false, Some(_)) => {
            single(&engine, &route, &text::input(arguments.file.as_deref())?, arguments.compact)
        }
        (false, None) => single(&engine, &route, &[], arguments.compact),
    }
}

fn find(engine: &Engine, name: &str) -> Result<Arc<Route>, Failure> {
    if let Some(route) = engine.routes().find(|route| *route.name == *name) {
        return Ok(Arc::clone(route));
    }
    let help = engine::diagnostic::suggestion(name, engine.routes().map(|route| &*route.name));
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    Err(format!("there is no route `{name}`{help}").into())
}

fn single(engine: &Engine, route: &Route, message: &[u8], compact: bool) -> Result<Status, Failure> {
    let world = World { now: Timestamp::now(), ids: &RandomIds, records: &NoRecords };
    let (inbound, mut workspace) = (Inbound::default(), Workspace::default());
    match engine.map(&route.name, message, &inbound, world, &mut workspace) {
        Some(Err(faults)) => {
            for fault in faults {
                anstream::eprintln!("fault: {fault}");
            }
            Ok(Status::Findings)
        }
        mapped => {
            for json in mapped.and_then(Result::ok).unwrap_or_default() {
                match compact {
                    true => anstream::println!("{}", String::from_utf8_lossy(json)),
                    false => anstream::println!("{}", pretty(json)),
                }
            }
            Ok(Status::Ok)
        }
    }
}
