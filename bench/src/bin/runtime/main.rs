//! What the runtime costs beside a bare forwarder and a bare database: over HTTP, with `wrk`, in processes of their own.

mod accept;
mod call;
mod configuration;
mod process;
mod raw;
mod report;
mod server;
mod steady;
mod wrk;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tempfile::TempDir;

/// The forwarder is to have what `tolmach` has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What ends a run, for the person who started it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Requests through `tolmach run` beside a bare forwarder; accepted messages beside rows of bare SQLite.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often each case is measured; they take turns, and medians are told
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Of one case in one round
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections that ask at the same time, in the cases of one request and one response
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Connections that ask at the same time, in the durable cases
    #[arg(long, default_value_t = 128)]
    senders: usize,
    /// Only these cases: call, accept
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The file system to write in [default: the temporary folder]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// A `tolmach` that is built already
    #[arg(long)]
    tolmach: Option<PathBuf>,
    /// Where the results are written as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    #[command(subcommand)]
    play: Option<Play>,
}

/// Parts that this program plays in processes of its own.
#[derive(Debug, Clone, Copy, Subcommand)]
#[command(hide = true)]
enum Play {
    /// Answers every request
    Upstream,
    /// Passes every request on
    Forwarder { to: SocketAddr },
}

/// What a case needs to know.
struct Plan {
    rounds: usize,
    seconds: u64,
    connections: usize,
    senders: usize,
    /// Deleted at the end: while a file system gives up what was used, it has no time for others.
    folder: TempDir,
    tolmach: PathBuf,
}

impl Plan {
    /// A folder of its own for a process.
    fn folder(&self) -> Result<PathBuf, Failure> {
        Ok(tempfile::tempdir_in(&self.folder)?.keep())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.play {
        Some(Play::Upstream) => server::upstream(),
        Some(Play::Forwarder { to }) => server::forwarder(to),
        None => measure(arguments),
    };
    // Not as the others end: the library counts allocations, and these are to be the product's.
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: Arguments) -> Result<(), Failure> {
    wrk::check()?;
    let wanted = |case: &str| arguments.only.is_empty() || arguments.only.iter().any(|name| name == case);
    let plan = Plan {
        rounds: arguments.rounds.max(1),
        seconds: arguments.seconds.max(1),
        connections: arguments.connections,
        senders: arguments.senders,
        folder: tempfile::tempdir_in(arguments.folder.unwrap_or_else(std::env::temp_dir))?,
        tolmach: arguments.tolmach.map_or_else(process::build, Ok)?,
    };
    let mut report = report::Report::default();
    if wanted("call") {
        report.call = Some(call::measure(&plan)?);
    }
    if wanted("accept") {
        report.accept = Some(accept::measure(&plan)?);
    }
    print!("{}", report.table());
    if let Some(path) = arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    Ok(())
}
