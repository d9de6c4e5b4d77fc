//! Reads the files of the public JSON parsing test suite as messages are read:
//! <https://github.com/nst/JSONTestSuite>, its folder `test_parsing`.
//!
//! ```text
//! cargo run -p runtime --example json_suite -- FOLDER
//! ```
//!
//! What begins with `y_` must be read, and what is written again must mean the same (but for two that repeat a key); what begins with `n_` must be
//! refused; of what begins with `i_` it is told what becomes of it, since the standard leaves that open. It ends with 0
//! where no answer is wrong, with 1 where one is, with 2 where nothing could be run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use engine::value::{Arena, Limits, read};

/// Whose keys are not unique: the standard lets it be and says that nobody can rely on it (RFC 8259, section 4). Two
/// readers would take two values for one message, so it is refused.
const REFUSED: [&str; 2] = ["y_object_duplicated_key", "y_object_duplicated_key_and_value"];

/// Runs the public JSON parsing test suite
#[derive(Parser)]
struct Arguments {
    /// The folder of the files (y_*.json, n_*.json, i_*.json)
    folder: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().folder) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(why) => {
            anstream::eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

/// How many answers are wrong.
fn run(folder: &Path) -> Result<usize, String> {
    let (mut right, mut wrong) = (0, 0);
    for path in files(folder)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let answer = answer(&bytes);
        let expected = match (name.get(..2), &answer) {
            (Some("y_"), Err(Why::Refused(_))) if REFUSED.contains(&&*name) => true,
            (Some("y_"), Ok(())) if !REFUSED.contains(&&*name) => true,
            (Some("n_"), Err(Why::Refused(_))) => true,
            (Some("i_"), Ok(())) => {
                println!("{name}: is read");
                true
            }
            (Some("i_"), Err(Why::Refused(why))) => {
                println!("{name}: {why}");
                true
            }
            _ => false,
        };
        if expected {
            right += 1;
        } else {
            wrong += 1;
            println!("WRONG {name}: {answer:?}");
        }
    }
    println!("{right} right, {wrong} wrong");
    Ok(wrong)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() { Err(format!("{}: there are no cases", folder.display())) } else { Ok(files) }
}

#[derive(Debug)]
enum Why {
    Refused(String),
    /// It was read, and what was written again is something else.
    Changed,
}

fn answer(bytes: &[u8]) -> Result<(), Why> {
    let arena = Arena::new();
    let value =
        read(bytes, &arena, &Limits::default()).map_err(|error| Why::Refused(error.reason().to_string()))?;
    let mut written = Vec::new();
    value.write_json(&mut written);
    let again = read(&written, &arena, &Limits::default()).map_err(|_| Why::Changed)?;
    if again == value { Ok(()) } else { Err(Why::Changed) }
}
