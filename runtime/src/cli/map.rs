//! `tolmach map`: what a route sends for a message, or for a stream of messages: each result one JSON. Of a route that
//! calls it is what would be called with; a route that runs by itself reads no message.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use engine::{Engine, Fault, Inbound, Workspace, World};
use jiff::Timestamp;

use super::{Failure, Status, configuration, text};
use crate::world::{NoRecords, RandomIds};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach map bank/new-application message.json
  tolmach map bank/status-changed --ndjson < messages.ndjson > mapped.ndjson")]
pub(super) struct Arguments {
    /// The route: partner/route
    route: String,
    /// The message; - or nothing reads standard input. A route that runs by itself reads none
    file: Option<PathBuf>,
    /// One message a line, one result a line; faults go to standard error with their line
    #[arg(long)]
    ndjson: bool,
    /// Print the result on one line
    #[arg(long)]
    compact: bool,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let mut compiled = configuration::compile(folder, &configuration::offline())?;
    let Some(engine) = compiled.engine.take() else {
        anstream::eprint!("{}", configuration::render(compiled));
        return Ok(Status::Findings);
    };
    if !engine.routes().any(|route| *route.name == *arguments.route) {
        let names = engine.routes().map(|route| &*route.name);
        let help = engine::diagnostic::suggestion(&arguments.route, names);
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        return Err(format!("there is no route `{}`{help}", arguments.route).into());
    }
    let by_itself = engine.routes().any(|route| *route.name == *arguments.route && route.channel().is_none());
    match arguments.ndjson {
        true if by_itself => {
            let message = format!("`{}` runs by itself: there are no messages to read", arguments.route);
            Err(message.into())
        }
        true => stream(&engine, arguments),
        false => single(&engine, arguments, by_itself),
    }
}

fn single(engine: &Engine, arguments: &Arguments, by_itself: bool) -> Result<Status, Failure> {
    let message = if by_itself { Vec::new() } else { text::input(arguments.file.as_deref())? };
    match map(engine, &arguments.route, &message, &Inbound::default(), &mut Workspace::default()) {
        Ok(mapped) => {
            for json in mapped {
                match arguments.compact {
                    true => anstream::println!("{}", String::from_utf8_lossy(json)),
                    false => anstream::println!("{}", text::pretty(json)),
                }
            }
        }
        Err(faults) => {
            for fault in faults {
                anstream::eprintln!("fault: {fault}");
            }
            return Ok(Status::Findings);
        }
    }
    Ok(Status::Ok)
}

fn stream(engine: &Engine, arguments: &Arguments) -> Result<Status, Failure> {
    let input: Box<dyn BufRead> = match &arguments.file {
        Some(path) if path != Path::new("-") => Box::new(BufReader::new(std::fs::File::open(path)?)),
        _ => Box::new(BufReader::new(std::io::stdin())),
    };
    let mut output = BufWriter::new(std::io::stdout().lock());
    let (inbound, mut workspace) = (Inbound::default(), Workspace::default());
    let mut status = Status::Ok;
    for (at, line) in input.split(b'\n').enumerate() {
        let line = line?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match map(engine, &arguments.route, &line, &inbound, &mut workspace) {
            Ok(mapped) => {
                for json in mapped {
                    output.write_all(json)?;
                    output.write_all(b"\n")?;
                }
            }
            Err(faults) => {
                status = Status::Findings;
                for fault in faults {
                    anstream::eprintln!("line {}: {fault}", at + 1);
                }
            }
        }
    }
    output.flush()?;
    Ok(status)
}

fn map<'a>(
    engine: &'a Engine,
    route: &str,
    message: &'a [u8],
    inbound: &'a Inbound,
    workspace: &'a mut Workspace,
) -> Result<&'a [&'a [u8]], Vec<Fault>> {
    let world = World { now: Timestamp::now(), ids: &RandomIds, records: &NoRecords };
    engine.map(route, message, inbound, world, workspace).unwrap_or(Ok(&[]))
}
