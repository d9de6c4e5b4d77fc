//! What a configuration of many partners costs: time to load it, memory to hold it, time to load one partner again.
//!
//! `load` writes configurations into a temporary folder, measures each in processes of their own, interleaved, and prints
//! the medians. `load write FOLDER` only writes one.

mod configuration;
mod measure;
mod process;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// How many partners, several to see the shape
    #[arg(long, value_delimiter = ',', default_value = "10,100,1000")]
    partners: Vec<usize>,
    /// How often each is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The binary that is run; beside this one unless told otherwise
    #[arg(long, value_name = "FILE")]
    tolmach: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Write a configuration
    Write {
        folder: PathBuf,
        #[arg(default_value_t = 1000)]
        partners: usize,
    },
    /// Load a configuration once and print the figures as JSON
    Once { folder: PathBuf },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(Command::Write { folder, partners }) => {
            configuration::write(folder, *partners).map_err(Failure::from)
        }
        Some(Command::Once { folder }) => measure::once(folder).and_then(|figures| {
            println!("{}", serde_json::to_string(&figures)?);
            Ok(())
        }),
        None => report::all(&arguments),
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
