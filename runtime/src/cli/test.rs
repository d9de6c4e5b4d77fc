//! `tolmach test`: every case and every flow of the configuration is played and compared with what was accepted.

mod junit;
mod played;
mod review;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use clap::Args;
use indicatif::ProgressBar;
use similar::TextDiff;

use super::{Failure, Status};
use crate::cases::snapshot;
use crate::{cases, flows};
use played::{Item, Player};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach test                          all cases and flows
  tolmach test bank/new-application     those whose name holds this
  tolmach test flows/                   the flows only
  tolmach test --accept                 what comes now is right from now on
  tolmach test --review                 look at each difference, and accept it or not
  tolmach test --junit report.xml       for a build server

A case is a message: tests/cases/<partner>/<route>/<case>.json; beside it <case>.context.yaml says what it meets, and
<case>.snap what it has to give. A flow is a conversation: tests/flows/<flow>.yaml. `cargo insta review` works on the
snapshots too.

Exit codes: 0 all are as accepted, 1 some are not, 2 usage.")]
pub(super) struct Arguments {
    /// Only cases and flows whose name holds one of these
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

/// So many lines of a difference are shown.
const LINES: usize = 100;

/// What became of one case or flow.
struct Outcome {
    item: Item,
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
    /// A flow does not go as it says itself.
    Unmet(String),
    /// It could not be played.
    Unfit(String),
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let Some(mut player) = Player::new(folder)? else { return Ok(Status::Findings) };
    let (mut items, strays) = played::found(folder)?;
    let wanted = |item: &Item| {
        arguments.filter.is_empty() || arguments.filter.iter().any(|filter| item.name.contains(filter))
    };
    items.retain(wanted);
    if items.is_empty() {
        let what = if arguments.filter.is_empty() { "" } else { " of this name" };
        let (cases, flows) = (folder.join(cases::FOLDER), folder.join(flows::FOLDER));
        let told =
            format!("there are no cases{what} in {}, no flows in {}", cases.display(), flows.display());
        return Err(told.into());
    }
    let bar = ProgressBar::new(items.len() as u64);
    let mut outcomes = Vec::with_capacity(items.len());
    for item in items {
        let started = Instant::now();
        let end = player.play(&item)?;
        let took = started.elapsed();
        let end = bar.suspend(|| settled(folder, &item, end, arguments))?;
        outcomes.push(Outcome { item, took, end });
        bar.inc(1);
    }
    bar.finish_and_clear();
    // Of those that are not asked for nothing is said.
    let strays = if arguments.filter.is_empty() { strays } else { Vec::new() };
    for stray in &strays {
        anstream::println!("stray    {}: there is no case or flow of this name\n", stray.display());
    }
    if let Some(file) = &arguments.junit {
        fs::write(file, junit::report(&outcomes))
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    Ok(if summary(&outcomes) && strays.is_empty() { Status::Ok } else { Status::Findings })
}

/// Says what came, and keeps it: as accepted, or beside that for somebody to look at.
fn settled(folder: &Path, item: &Item, end: End, arguments: &Arguments) -> Result<End, Failure> {
    let path = folder.join(&item.snapshot);
    let failed = |error: io::Error| format!("{} cannot be written: {error}", path.display());
    let text = match &end {
        End::New { text } | End::Differs { text, .. } => text,
        End::Same | End::Unmet(_) | End::Unfit(_) => "",
    };
    let accepted = match &end {
        End::Same => true,
        End::Unmet(_) | End::Unfit(_) => false,
        _ if arguments.accept => true,
        _ => arguments.review && review::accepts(&item.name, &shown(&end))?,
    };
    if accepted {
        snapshot::forget(&path).map_err(failed)?;
    }
    if !text.is_empty() {
        let written = if accepted { path.clone() } else { snapshot::pending(&path) };
        snapshot::write(&written, &item.source, text).map_err(failed)?;
    }
    match &end {
        End::Same => {}
        _ if accepted => anstream::println!("accepted {}", item.name),
        // Whoever reviews has just seen it.
        End::New { .. } | End::Differs { .. } if arguments.review => {}
        End::New { .. } | End::Differs { .. } => {
            let beside = snapshot::pending(&path);
            anstream::println!("{:8} {}\n{}", word(&end), item.name, begun(&shown(&end), &beside));
        }
        _ => anstream::println!("{:8} {}\n{}", word(&end), item.name, shown(&end)),
    }
    Ok(if accepted { End::Same } else { end })
}

/// As much as somebody reads on a terminal; the rest stands in the file `beside` the snapshot.
fn begun(text: &str, beside: &Path) -> String {
    let more = text.lines().count().saturating_sub(LINES);
    // A few lines are not worth a note.
    if more <= LINES / 10 {
        return text.to_owned();
    }
    let shown: String = text.split_inclusive('\n').take(LINES).collect();
    format!("{shown}    ... and {more} lines more, in {}\n", beside.display())
}

/// What a person needs to see of it.
fn shown(end: &End) -> String {
    match end {
        End::Same => String::new(),
        End::Unmet(told) | End::Unfit(told) => told.clone(),
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
        End::Unmet(_) => "unmet",
        End::Unfit(_) => "unfit",
    }
}

/// Says how many ended how; whether all are as accepted.
fn summary(outcomes: &[Outcome]) -> bool {
    let counts = ["ok", "changed", "new", "unmet", "unfit"]
        .map(|kind| (outcomes.iter().filter(|outcome| word(&outcome.end) == kind).count(), kind));
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let flows = outcomes.iter().filter(|outcome| outcome.item.is_flow()).count();
    let kinds = [("case", outcomes.len() - flows), ("flow", flows)];
    let played = kinds.iter().filter(|(_, count)| *count > 0);
    let played: Vec<String> =
        played.map(|(kind, count)| format!("{count} {kind}{}", if *count == 1 { "" } else { "s" })).collect();
    anstream::println!("{}: {}", played.join(", "), told.join(", "));
    let all = outcomes.iter().all(|outcome| matches!(outcome.end, End::Same));
    if outcomes.iter().any(|outcome| matches!(outcome.end, End::New { .. } | End::Differs { .. })) {
        anstream::println!("`tolmach test --review` shows each again and asks; `--accept` takes them all");
    }
    all
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{LINES, begun};

    #[test]
    fn what_is_long_is_shown_in_part() {
        let lines = |count| "    +line\n".repeat(count);
        let beside = Path::new("case.snap.new");
        assert_eq!(begun(&lines(LINES + 10), beside), lines(LINES + 10));
        let shown = begun(&lines(LINES + 11), beside);
        assert_eq!(shown, lines(LINES) + "    ... and 11 lines more, in case.snap.new\n");
    }
}
