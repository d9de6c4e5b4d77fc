//! The command line: what it prints, and how it ends (0 ok, 1 findings, 2 usage).

mod batch;
mod check;
mod eval;
mod explain;
mod help;
mod map;
mod messages;
mod new;
mod schema;
mod test;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use regex::Regex;

use crate::harness::{Folder, command};

/// Runs the binary on a folder and shows how it ended and all it wrote.
fn shown(folder: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> String {
    let mut child = command()
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_ref()));
    let output = child.wait_with_output().unwrap();
    let mut text = format!("$ tolmach {}\n", arguments.join(" "));
    text.push_str(&String::from_utf8(output.stdout).unwrap());
    let errors = String::from_utf8(output.stderr).unwrap();
    if !errors.is_empty() {
        write!(text, "--- standard error\n{errors}").unwrap();
    }
    write!(text, "--- exit {}\n\n", output.status.code().unwrap()).unwrap();
    text.replace(folder.to_str().unwrap(), "FOLDER")
}

/// Without what differs from run to run.
fn stable(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, name) in [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "[time]"),
        (r"127\.0\.0\.1:\d+", "[address]"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

/// A case of a shipped route.
fn case(path: &str) -> String {
    Folder::shipped().join("tests/cases").join(path).to_str().unwrap().to_owned()
}
