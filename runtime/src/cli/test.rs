//! `tolmach test`: every case of the configuration is played and compared with what was accepted.

mod junit;
mod review;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use clap::Args;
use engine::diagnostic::Diagnostics;
use engine::source::Sources;
use engine::{Engine, Environment};
use indicatif::ProgressBar;
use similar::TextDiff;

use super::{Failure, Status, configuration};
use crate::cases::snapshot::{self, Verdict};
use crate::cases::{self, Case, Context, Found};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach test                          all cases
  tolmach test bank/new-application     those whose name holds this
  tolmach test --accept                 what comes now is right from now on
  tolmach test --review                 look at each difference, and accept it or not
  tolmach test --junit report.xml       for a build server

A case is a message: tests/cases/<partner>/<route>/<case>.json; beside it <case>.context.yaml says what it meets, and
<case>.snap what it has to give. `cargo insta review` works on the snapshots too.

Exit codes: 0 all cases are as accepted, 1 some are not, 2 usage.")]
pub(super) struct Arguments {
    /// Only cases whose name holds one of these
    filter: Vec<String>,
    /// Accept what comes now
    #[arg(long, conflicts_with = "review")]
    accept: bool,
    /// Look at each difference and decide
    #[arg(long)]
    review: bool,
    /// Write a report in JUnit's format
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// What became of one case.
struct Outcome {
    case: Case,
    took: Duration,
    end: End,
}

enum End {
    Same,
    New {
        text: String,
    },
    Differs {
        expected: String,
        text: String,
    },
    /// It could not be played.
    Unfit(String),
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let mut compiled = configuration::compile(folder, &environment())?;
    let Some(engine) = compiled.engine.take() else {
        anstream::eprint!("{}", configuration::render(compiled));
        return Ok(Status::Findings);
    };
    let wanted = |case: &Case| {
        arguments.filter.is_empty() || arguments.filter.iter().any(|filter| case.name.contains(filter))
    };
    let Found { mut cases, strays } = cases::find(folder)?;
    cases.retain(wanted);
    if cases.is_empty() {
        let what = if arguments.filter.is_empty() { "" } else { " of this name" };
        return Err(format!("there are no cases{what} in {}", folder.join(cases::FOLDER).display()).into());
    }
    let bar = ProgressBar::new(cases.len() as u64);
    let mut outcomes = Vec::with_capacity(cases.len());
    for case in cases {
        let started = Instant::now();
        let end = played(folder, &engine, &case)?;
        let took = started.elapsed();
        let end = bar.suspend(|| settled(folder, &case, end, arguments))?;
        outcomes.push(Outcome { case, took, end });
        bar.inc(1);
    }
    bar.finish_and_clear();
    // Of those that are not asked for nothing is said.
    let strays = if arguments.filter.is_empty() { strays } else { Vec::new() };
    for stray in &strays {
        anstream::println!("stray    {}: there is no case of this name\n", stray.display());
    }
    if let Some(file) = &arguments.junit {
        fs::write(file, junit::report(&outcomes))
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    Ok(if summary(&outcomes) && strays.is_empty() { Status::Ok } else { Status::Findings })
}

/// The same on every machine: no variable is set.
fn environment() -> Environment {
    Environment { variables: BTreeMap::new(), ..configuration::offline() }
}

fn played(folder: &Path, engine: &Engine, case: &Case) -> Result<End, Failure> {
    let Some(route) = engine.routes().find(|route| *route.name == *case.route) else {
        let help = engine::diagnostic::suggestion(&case.route, engine.routes().map(|route| &*route.name));
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        return Ok(End::Unfit(format!("there is no route `{}`{help}", case.route)));
    };
    let message = read(folder, &case.message)?;
    let context = match context(folder, engine, case)? {
        Ok(context) => context,
        Err(told) => return Ok(End::Unfit(told)),
    };
    let text = cases::play(engine, route, &message, &context);
    let path = folder.join(case.snapshot());
    let verdict = snapshot::compare(&path, &text)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Ok(match verdict {
        Verdict::Same => End::Same,
        Verdict::New => End::New { text },
        Verdict::Differs { expected } => End::Differs { expected, text },
    })
}

fn read(folder: &Path, file: &Path) -> Result<Vec<u8>, Failure> {
    let path = folder.join(file);
    fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()).into())
}

/// What the case meets, or what is wrong with what says so.
fn context(folder: &Path, engine: &Engine, case: &Case) -> Result<Result<Context, String>, Failure> {
    let name = case.context();
    let text = match fs::read_to_string(folder.join(&name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(Context::default())),
        text => text.map_err(|error| format!("{} cannot be read: {error}", name.display()))?,
    };
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let context = Context::read(&name.display().to_string(), &text, engine, &mut sources, &mut diagnostics);
    if !diagnostics.has_errors() {
        return Ok(Ok(context));
    }
    let sorted = diagnostics.into_sorted(&sources);
    Ok(Err(engine::diagnostic::render::text::render(&sorted, &sources, true)))
}

/// Says what came, and keeps it: as accepted, or beside that for somebody to look at.
fn settled(folder: &Path, case: &Case, end: End, arguments: &Arguments) -> Result<End, Failure> {
    let path = folder.join(case.snapshot());
    let failed = |error: io::Error| format!("{} cannot be written: {error}", path.display());
    let text = match &end {
        End::New { text } | End::Differs { text, .. } => text,
        End::Same | End::Unfit(_) => "",
    };
    let accepted = match &end {
        End::Same => true,
        End::Unfit(_) => false,
        _ if arguments.accept => true,
        _ => arguments.review && review::accepts(case, &shown(&end))?,
    };
    if accepted {
        snapshot::forget(&path).map_err(failed)?;
    }
    if !text.is_empty() {
        let written = if accepted { path.clone() } else { snapshot::pending(&path) };
        snapshot::write(&written, &case.message, text).map_err(failed)?;
    }
    match &end {
        End::Same => {}
        _ if accepted => anstream::println!("accepted {}", case.name),
        // Whoever reviews has just seen it.
        End::New { .. } | End::Differs { .. } if arguments.review => {}
        _ => anstream::println!("{:8} {}\n{}", word(&end), case.name, shown(&end)),
    }
    Ok(if accepted { End::Same } else { end })
}

/// What a person needs to see of it.
fn shown(end: &End) -> String {
    match end {
        End::Same => String::new(),
        End::Unfit(told) => told.clone(),
        End::New { text } => diff("", text),
        End::Differs { expected, text } => diff(expected, text),
    }
}

fn diff(expected: &str, text: &str) -> String {
    let diff = TextDiff::from_lines(expected, text);
    let mut shown = String::new();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        for line in hunk.to_string().lines() {
            let colour = match line.as_bytes().first() {
                Some(b'+') => "\u{1b}[32m",
                Some(b'-') => "\u{1b}[31m",
                Some(b'@') => "\u{1b}[36m",
                _ => "",
            };
            let end = if colour.is_empty() { "" } else { "\u{1b}[0m" };
            shown.push_str(&format!("    {colour}{line}{end}\n"));
        }
    }
    shown
}

fn word(end: &End) -> &'static str {
    match end {
        End::Same => "ok",
        End::New { .. } => "new",
        End::Differs { .. } => "changed",
        End::Unfit(_) => "unfit",
    }
}

/// Says how many ended how; whether all are as accepted.
fn summary(outcomes: &[Outcome]) -> bool {
    let counts = ["ok", "changed", "new", "unfit"]
        .map(|kind| (outcomes.iter().filter(|outcome| word(&outcome.end) == kind).count(), kind));
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let cases = if outcomes.len() == 1 { "case" } else { "cases" };
    anstream::println!("{} {cases}: {}", outcomes.len(), told.join(", "));
    let all = outcomes.iter().all(|outcome| matches!(outcome.end, End::Same));
    if !all {
        anstream::println!("`tolmach test --review` shows each again and asks; `--accept` takes them all");
    }
    all
}
