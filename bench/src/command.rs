//! The command line of what is measured in one process.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::case::Entry;
use crate::measure::{Runner, check, measure, runners};
use crate::message::{Set, sizes};
use crate::report::{Section, table};
use crate::turns::Effort;
use crate::{Failure, ended};

/// Messages of one size: a few, so that nothing is learnt by heart.
const MESSAGES: u64 = 8;
/// In a debug build nothing is measured that anybody should see.
const DEBUG: &str = "a debug build says nothing about speed: cargo run --release";

#[derive(Debug, Parser)]
#[command(about = "Measures the engine beside its peers: the same job, in turns, in one process")]
struct Arguments {
    /// These cases only
    #[arg(long, value_delimiter = ',', value_name = "CASE,..")]
    only: Vec<String>,
    /// These sizes only: 2k, 20k, 200k
    #[arg(long, value_delimiter = ',', value_name = "SIZE,..")]
    size: Vec<String>,
    /// Messages from files, each measured by itself, instead of generated ones
    #[arg(long, num_args = 1.., value_name = "FILE", conflicts_with = "size")]
    input: Vec<PathBuf>,
    /// A short run: the figures are coarse
    #[arg(long)]
    quick: bool,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Do nothing but run this case, for a profiler
    #[arg(long, value_name = "CASE", conflicts_with = "only")]
    profile: Option<String>,
    /// How many messages --profile maps
    #[arg(long, default_value_t = 10_000, requires = "profile")]
    count: usize,
}

/// Measures these cases as the arguments of the process say.
#[must_use]
pub fn main(cases: &[Entry]) -> ExitCode {
    ended(run(&Arguments::parse(), cases))
}

fn run(arguments: &Arguments, cases: &[Entry]) -> Result<(), Failure> {
    let sets = sets(arguments)?;
    if let Some(case) = &arguments.profile {
        let case = std::slice::from_ref(case);
        return sets
            .iter()
            .try_for_each(|set| profile(&mut runners(cases, case)?, &set.messages, arguments.count));
    }
    if cfg!(debug_assertions) {
        eprintln!("{DEBUG}");
    }
    let effort = if arguments.quick { Effort::QUICK } else { Effort::FULL };
    let mut sections = Vec::new();
    for set in sets {
        let mut runners = runners(cases, &arguments.only)?;
        check(&mut runners, &set.messages).map_err(|failure| format!("{}: {failure}", set.name))?;
        let costs = measure(&mut runners, &set.messages, effort)?;
        let section = Section { bytes: set.mean_bytes(), name: set.name, costs };
        println!("{}", table(&section));
        sections.push(section);
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&sections)?)?;
    }
    Ok(())
}

/// The messages to measure.
fn sets(arguments: &Arguments) -> Result<Vec<Set>, Failure> {
    if !arguments.input.is_empty() {
        let read = |path: &PathBuf| {
            let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(Set { name: path.display().to_string(), messages: vec![text] })
        };
        return arguments.input.iter().map(read).collect();
    }
    let sizes = sizes(&arguments.size)?.into_iter();
    Ok(sizes.map(|(name, shape)| Set::generated(name, shape, MESSAGES)).collect())
}

/// A name to find in a profile: what is above it is not the case's.
#[inline(never)]
fn profile(runners: &mut [Runner], messages: &[Vec<u8>], count: usize) -> Result<(), Failure> {
    for runner in runners {
        for message in messages.iter().cycle().take(count) {
            black_box(runner.run(black_box(message))?);
        }
    }
    Ok(())
}
