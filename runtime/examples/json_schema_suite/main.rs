//! Runs the cases of a folder in the format of the public JSON Schema test suite, its schemas compiled as those of a
//! configuration. The suite is <https://github.com/json-schema-org/JSON-Schema-Test-Suite>, its folder
//! `tests/draft2020-12`.
//!
//! ```text
//! cargo run -p runtime --example json_schema_suite -- FOLDER
//! ```
//!
//! It ends with 0 where no answer is wrong, with 1 where one is, with 2 where nothing could be run. A schema that is
//! refused at load is no wrong answer; the reasons are counted.

mod judge;
mod suite;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use judge::{Form, Verdict, compile, judge};
use suite::{File, Remotes};

/// Runs the public JSON Schema test suite
#[derive(Parser)]
struct Arguments {
    /// The folder of the cases (*.json, in folders too)
    folder: PathBuf,
    /// The schemas that cases refer to; the folder `../../remotes` of the cases' folder unless it is named
    #[arg(long)]
    remotes: Option<PathBuf>,
}

/// What became of the schemas and the cases of one folder.
#[derive(Default)]
struct Count {
    checks: usize,
    whole: usize,
    right: usize,
    wrong: usize,
    /// Formats that hold here, where the suite leaves them remarks.
    formats: usize,
    /// Cases of schemas that were refused, by the code and the message.
    refused: BTreeMap<String, (usize, usize)>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            anstream::eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, String> {
    let beside = || Some(arguments.folder.join("../../remotes")).filter(|folder| folder.is_dir());
    let remotes = match arguments.remotes.clone().or_else(beside) {
        Some(folder) => Remotes::read(&folder)?,
        None => Remotes::default(),
    };
    let mut counts = BTreeMap::<String, Count>::new();
    for file in suite::files(&arguments.folder)? {
        count(&file, &remotes, counts.entry(file.folder.clone()).or_default())?;
    }
    for (folder, count) in &counts {
        count.tell(folder);
    }
    Ok(counts.values().all(|count| count.wrong == 0))
}

/// Runs every case of a file, and tells what is wrong.
fn count(file: &File, remotes: &Remotes, count: &mut Count) -> Result<(), String> {
    for group in &file.groups {
        let (schema, form) = match compile(&group.schema, remotes)? {
            Ok(compiled) => compiled,
            Err(why) => {
                let (schemas, cases) = count.refused.entry(why).or_default();
                (*schemas, *cases) = (*schemas + 1, *cases + group.tests.len());
                continue;
            }
        };
        match form {
            Form::Check => count.checks += 1,
            Form::Whole => count.whole += 1,
        }
        for case in &group.tests {
            match judge(&schema, case)? {
                Verdict::Right => count.right += 1,
                Verdict::Wrong("invalid") if file.leaves_formats_open() => count.formats += 1,
                Verdict::Wrong(said) => {
                    count.wrong += 1;
                    let (group, case) = (&group.description, &case.description);
                    anstream::println!("{}: {group}: {case}: {said} by {form:?}", file.name);
                }
            }
        }
    }
    Ok(())
}

impl Count {
    fn tell(&self, folder: &str) {
        let Self { checks, whole, right, wrong, formats, refused } = self;
        anstream::println!(
            "{folder}: {right} answers are right, {wrong} are wrong, {formats} assert a format; \
             {checks} schemas are checks, {whole} are left to the library"
        );
        for (why, (schemas, cases)) in refused {
            anstream::println!("  refused at load: {schemas} schemas of {cases} cases: {why}");
        }
    }
}
