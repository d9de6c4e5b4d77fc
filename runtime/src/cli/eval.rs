//! `tolmach eval`: one expression over one message.

use std::path::PathBuf;

use clap::Args;
use engine::value::pretty;
use engine::{EvaluateError, NoRecords, World};
use jiff::Timestamp;

use super::{Failure, Status, text};
use crate::world::RandomIds;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach eval 'payload.requestData.result.dealNumber' message.json
  echo '{\"a\": 1.10}' | tolmach eval 'minor_units(a)'")]
pub(super) struct Arguments {
    /// A JMESPath expression with Tolmach's functions
    expression: String,
    /// The message; - or nothing reads standard input
    file: Option<PathBuf>,
    /// Print the result on one line
    #[arg(long)]
    compact: bool,
}

/// Characters of an expression that are shown with a mistake.
const LINE: usize = 100;

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let message = text::input(arguments.file.as_deref())?;
    let world = World { now: Timestamp::now(), ids: &RandomIds, records: &NoRecords };
    match engine::evaluate(&arguments.expression, &message, world) {
        Ok(json) if arguments.compact => anstream::println!("{}", String::from_utf8_lossy(&json)),
        Ok(json) => anstream::println!("{}", pretty(&json)),
        Err(error) => {
            anstream::eprint!("{}", describe(&arguments.expression, &error));
            return Ok(Status::Findings);
        }
    }
    Ok(Status::Ok)
}

fn describe(expression: &str, error: &EvaluateError) -> String {
    match error {
        EvaluateError::Message(error) => format!("error: the message is not valid JSON: {error}\n"),
        EvaluateError::Evaluation(error) => format!("error: {error}\n"),
        EvaluateError::Expression(problems) => problems
            .iter()
            .map(|problem| {
                let (line, column) = around(expression, problem.at.start);
                let left = line.chars().count().saturating_sub(column).max(1);
                let width = expression.get(problem.at.clone()).map_or(1, |part| part.chars().count());
                let width = width.clamp(1, left);
                let help = match problem.code.family() {
                    // Names of a configuration, which there is none of here.
                    "E03" => {
                        Some("`eval` knows no configuration; `tolmach map` runs a route with all its names")
                    }
                    _ => problem.help.as_deref(),
                };
                let help = help.map_or_else(String::new, |help| format!("  = help: {help}\n"));
                format!(
                    "error[{}]: {}\n  {line}\n  {}{}\n{help}",
                    problem.code,
                    problem.message,
                    " ".repeat(column),
                    "^".repeat(width)
                )
            })
            .collect(),
    }
}

/// As much of an expression as a line holds, and the column in it of what stands at byte `at`.
fn around(expression: &str, at: usize) -> (String, usize) {
    let column = expression.get(..at).map_or(0, |before| before.chars().count());
    let first = column.saturating_sub(LINE / 2);
    let mut line: String = expression.chars().skip(first).take(LINE).collect();
    let is_cut = first > 0;
    if is_cut {
        line.insert(0, '…');
    }
    if expression.chars().count() > first + LINE {
        line.push('…');
    }
    (line, column - first + usize::from(is_cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_expression_is_shown_around_the_mistake() {
        assert_eq!(around("a.b", 2), ("a.b".to_owned(), 2));
        let long = format!("{}!{}", "é".repeat(500), "b".repeat(500));
        let (line, column) = around(&long, 1000);
        assert_eq!((line.chars().count(), line.chars().nth(column)), (LINE + 2, Some('!')));
    }
}
