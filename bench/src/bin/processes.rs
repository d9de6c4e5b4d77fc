//! Tolmach's command line beside other programs, as processes: `cargo run --release -p bench --bin processes`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bench::case::{CASES, Case, TYPED};
use bench::compare::difference;
use bench::measure::{measure, runners};
use bench::message::{Set, sizes};
use bench::tool::{Tool, Usage, tools};
use bench::turns::{Effort, median};
use bench::{Failure, ended};
use clap::Parser;

/// Different messages of a size; a long file has them over and over.
const MESSAGES: u64 = 32;
/// A tool that takes as long for a short file needs no long one: its start and its warming up no longer matter.
const LONG_ENOUGH: Duration = Duration::from_secs(3);

#[derive(Debug, Parser)]
#[command(
    about = "Measures Tolmach's command line beside other programs: a message a line in, a result a line out"
)]
struct Arguments {
    /// These sizes only: 2k, 20k, 200k
    #[arg(long, value_delimiter = ',', value_name = "SIZE,..")]
    size: Vec<String>,
    /// These programs only
    #[arg(long, value_delimiter = ',', value_name = "TOOL,..")]
    only: Vec<String>,
    /// How often each program runs
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Megabytes of messages in a long run
    #[arg(long, default_value_t = 256)]
    megabytes: usize,
    /// Where messages and configurations are written to
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// The command line that is measured
    #[arg(long, default_value = "target/release/tolmach")]
    tolmach: PathBuf,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A file of messages.
struct Lines {
    path: PathBuf,
    messages: usize,
}

#[derive(serde::Serialize)]
struct Cost {
    size: String,
    tool: &'static str,
    /// Microseconds of CPU time a message, without the start.
    micros: f64,
    /// Milliseconds of CPU time for one message, most of it the start.
    start: f64,
    /// The largest resident memory of the long run, in MB.
    memory: f64,
    /// The messages of a run.
    messages: usize,
}

fn main() -> ExitCode {
    ended(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut costs = Vec::new();
    let tools = tools(&arguments.folder, &arguments.tolmach)?;
    let only = |tool: &Tool| arguments.only.is_empty() || arguments.only.iter().any(|name| name == tool.name);
    let mut tools: Vec<Tool> = tools.into_iter().filter(only).collect();
    for (size, shape) in sizes(&arguments.size)? {
        let set = Set::generated(size, shape, MESSAGES);
        let once = lines(&arguments.folder, &set, MESSAGES as usize)?;
        let expected = expected(&set)?;
        tools = able(tools, &once, &expected)?;
        let measured = measured(arguments, &set, &tools)?;
        print(&measured, set.mean_bytes());
        in_process(&set, &measured)?;
        costs.extend(measured);
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&costs)?)?;
    }
    Ok(())
}

/// Writes so many messages, one a line.
fn lines(folder: &Path, set: &Set, messages: usize) -> Result<Lines, Failure> {
    let path = folder.join(format!("{}-{messages}.ndjson", set.name));
    let mut file = BufWriter::new(File::create(&path)?);
    for message in set.messages.iter().cycle().take(messages) {
        file.write_all(message)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(Lines { path, messages })
}

/// What the typed program makes of them.
fn expected(set: &Set) -> Result<Vec<Vec<u8>>, Failure> {
    let typed = CASES.iter().find(|case| case.name == TYPED).ok_or("there is no case to compare with")?;
    let mut typed: Box<dyn Case> = (typed.make)()?;
    set.messages.iter().map(|message| Ok(typed.run(message)?.to_owned())).collect()
}

/// The tools that are there; of the others it is told how to get them. That one does another job is a failure.
fn able(tools: Vec<Tool>, messages: &Lines, expected: &[Vec<u8>]) -> Result<Vec<Tool>, Failure> {
    let mut able = Vec::with_capacity(tools.len());
    for tool in tools {
        match tool.output(&messages.path) {
            Err(failure) => eprintln!("{} is left out: {failure}\n    {}", tool.name, tool.install),
            Ok(output) => match difference_of_lines(&output, expected)? {
                Some(place) => return Err(format!("{}: another result at {place}", tool.name).into()),
                None => able.push(tool),
            },
        }
    }
    Ok(able)
}

fn difference_of_lines(output: &[u8], expected: &[Vec<u8>]) -> Result<Option<String>, Failure> {
    let results: Vec<&[u8]> = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    if results.len() != expected.len() {
        return Ok(Some(format!("the end: {} results of {}", results.len(), expected.len())));
    }
    for (at, (result, expected)) in results.iter().zip(expected).enumerate() {
        if let Some(place) = difference(result, expected)? {
            return Ok(Some(format!("message {at}, {place}")));
        }
    }
    Ok(None)
}

/// The tools in turns, each over as many messages as it needs.
fn measured(arguments: &Arguments, set: &Set, tools: &[Tool]) -> Result<Vec<Cost>, Failure> {
    let count = |megabytes: usize| (megabytes << 20) / set.mean_bytes();
    let one = lines(&arguments.folder, set, 1)?;
    let short = lines(&arguments.folder, set, count(arguments.megabytes.div_ceil(16)))?;
    let long = lines(&arguments.folder, set, count(arguments.megabytes))?;
    let mut runs = Vec::new();
    for tool in tools {
        let messages = if tool.usage(&short.path)?.cpu > LONG_ENOUGH { &short } else { &long };
        runs.push((tool, messages, Vec::new(), Vec::new()));
    }
    for _ in 0..arguments.rounds {
        for (tool, messages, starts, usages) in &mut runs {
            starts.push(tool.usage(&one.path)?);
            usages.push(tool.usage(&messages.path)?);
        }
    }
    let seconds = |usages: &[Usage]| median(usages.iter().map(|usage| usage.cpu.as_secs_f64()));
    Ok(runs
        .into_iter()
        .map(|(tool, lines, starts, usages)| {
            let (start, whole) = (seconds(&starts), seconds(&usages));
            Cost {
                size: set.name.clone(),
                tool: tool.name,
                micros: (whole - start) * 1e6 / (lines.messages - 1).max(1) as f64,
                start: start * 1e3,
                memory: median(usages.iter().map(|usage| usage.memory as f64)) / f64::from(1 << 20),
                messages: lines.messages,
            }
        })
        .collect())
}

fn print(costs: &[Cost], bytes: usize) {
    let Some(Cost { size, micros: first, .. }) = costs.first() else { return };
    println!(
        "{size} ({bytes} bytes)\n{:<16}{:>12}{:>8}{:>10}{:>11}{:>12}",
        "program", "us/message", "ratio", "start ms", "memory MB", "messages"
    );
    for Cost { tool, micros, start, memory, messages, .. } in costs {
        let ratio = micros / first;
        println!("{tool:<16}{micros:>12.2}{ratio:>8.2}{start:>10.1}{memory:>11.0}{messages:>12}");
    }
}

/// How much of the engine's speed reading and writing lines leaves.
fn in_process(set: &Set, costs: &[Cost]) -> Result<(), Failure> {
    for (case, tool) in [("ours", "tolmach"), ("ours+schemas", "tolmach+schemas")] {
        let Some(cost) = costs.iter().find(|cost| cost.tool == tool) else { continue };
        let measured = measure(&mut runners(CASES, &[case.to_owned()])?, &set.messages, Effort::FULL)?;
        let micros = median(measured.iter().map(|cost| cost.micros));
        println!(
            "{tool} has {:.2} of the speed of the engine in memory ({micros:.2} us)",
            micros / cost.micros
        );
    }
    println!();
    Ok(())
}
