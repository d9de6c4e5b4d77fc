//! Runs the cases of a folder in the format of JMESPath's public compliance suite: each in the library, and by starting
//! `tolmach eval`. The public suite is <https://github.com/jmespath/jmespath.test>, its folder `tests`.
//!
//! ```text
//! cargo build -p runtime
//! cargo run -p runtime --example jmespath_suite -- FOLDER
//! ```
//!
//! It ends with 0 where every case is right, with 1 where one is not, with 2 where nothing could be run.

mod binary;
#[path = "../../../engine/tests/jmespath/suite.rs"]
mod suite;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Parser;

use binary::by_binary;
use suite::{Case, File, Origin, Told, by_library, files, judge};

/// Runs JMESPath's compliance suite in the library and by `tolmach eval`
#[derive(Parser)]
struct Arguments {
    /// The folder of the cases (*.json)
    folder: PathBuf,
    /// The program to run; the one beside this program's folder unless it is named
    #[arg(long)]
    tolmach: Option<PathBuf>,
}

/// How many cases were right.
#[derive(Default)]
struct Count {
    results: usize,
    errors: usize,
    /// The suite's benchmarks, which only have to run.
    others: usize,
    wrong: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            anstream::eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, String> {
    let tolmach = match &arguments.tolmach {
        Some(path) => path.clone(),
        None => beside()?,
    };
    if !tolmach.is_file() {
        let path = tolmach.display();
        return Err(format!(
            "{path} is not there: `cargo build -p runtime` makes it, or name it: --tolmach PATH"
        ));
    }
    let files = files(&arguments.folder)?;
    let library = count("library", &files, |case, given| Ok(by_library(&case.expression, given)))?;
    let binary = count("tolmach eval", &files, |case, given| {
        by_binary(Command::new(&tolmach), &case.expression, given)
            .map_err(|error| format!("{}: {error}", tolmach.display()))
    })?;
    Ok(library && binary)
}

/// The program that was built with this one: `target/debug/tolmach` of `target/debug/examples/jmespath_suite`.
fn beside() -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = here.parent().and_then(|examples| examples.parent()).ok_or("this program has no folder")?;
    Ok(folder.join(format!("tolmach{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs every case in one way, and tells what is wrong; whether nothing is.
fn count(
    way: &str,
    files: &[File],
    run: impl Fn(&Case, &serde_json::value::RawValue) -> Result<Told, String>,
) -> Result<bool, String> {
    let mut count = Count::default();
    for file in files {
        for (suite, case) in
            file.suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
        {
            match judge(case, &run(case, &suite.given)?, Origin::Foreign) {
                Ok(()) if case.result.is_some() => count.results += 1,
                Ok(()) if case.error.is_some() => count.errors += 1,
                Ok(()) => count.others += 1,
                Err(why) => {
                    count.wrong += 1;
                    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
                    anstream::println!("{way}: {name}: `{}` {why}", case.expression);
                }
            }
        }
    }
    let Count { results, errors, others, wrong } = count;
    anstream::println!(
        "{way}: {results} results, {errors} errors and {others} without either are right, {wrong} are wrong"
    );
    Ok(wrong == 0)
}
