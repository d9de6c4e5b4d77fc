//! What `tolmach eval` makes of an expression, seen from outside: its result, or the kind of its error.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use engine::diagnostic::Code;
use serde_json::value::RawValue;

use super::suite::{Told, of_code};

/// Runs `tolmach eval` with the value on its standard input.
///
/// # Errors
/// It cannot be started.
pub fn by_binary(mut tolmach: Command, expression: &str, given: &RawValue) -> io::Result<Told> {
    let mut child = tolmach
        .args(["eval", "--compact", "--", expression, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // It may have ended already: what it says is in its output.
        drop(input.write_all(given.get().as_bytes()));
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(Told::Json(output.stdout));
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let kinds = if output.status.code() == Some(1) { kinds(&text) } else { &[] };
    Ok(Told::Failed(kinds, text.trim_end().to_owned()))
}

/// The suite's words for the first error: `error[CODE]: …` at load, `error: …` over the value.
fn kinds(text: &str) -> &'static [&'static str] {
    let first = text.lines().next().unwrap_or_default();
    if let Some(code) = first.strip_prefix("error[").and_then(|rest| rest.split(']').next()) {
        return Code::ALL.iter().find(|known| known.as_str() == code).map_or(&[], |code| of_code(*code));
    }
    match first.strip_prefix("error: ") {
        Some(told) if told.contains("() takes ") => &["invalid-type"],
        Some(told) if !told.starts_with("the message is not valid JSON") => &["invalid-value"],
        _ => &[],
    }
}
