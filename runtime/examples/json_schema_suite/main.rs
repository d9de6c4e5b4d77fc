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
use engine::diagnostic::Code;

use judge::{Form, Verdict, compile, judge};
use suite::{File, Group, Remotes};

/// Runs the public JSON Schema test suite
#[derive(Parser)]
struct Arguments {
    /// The folder of the cases (*.json, in folders too)
    folder: PathBuf,
    /// The schemas that cases refer to; the folder `../../remotes` of the cases' folder unless it is named
    #[arg(long)]
    remotes: Option<PathBuf>,
    /// Tell of each schema why it is refused
    #[arg(long)]
    refused: bool,
}

/// What became of the schemas and the cases of one folder.
#[derive(Default)]
struct Count {
    checked: usize,
    whole: usize,
    right: usize,
    wrong: usize,
    /// Formats that hold here, where the suite leaves them remarks.
    formats: usize,
    /// How many schemas were refused, and how many cases they have.
    refused: BTreeMap<Code, (usize, usize)>,
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
        let count = counts.entry(file.folder.clone()).or_default();
        for group in &file.groups {
            count.add(&file, group, &remotes, arguments.refused)?;
        }
    }
    for (folder, count) in &counts {
        count.tell(folder);
    }
    Ok(counts.values().all(|count| count.wrong == 0))
}

impl Count {
    /// Runs every case of a schema, and tells what is wrong.
    fn add(&mut self, file: &File, group: &Group, remotes: &Remotes, refused: bool) -> Result<(), String> {
        let about = format!("{}: {}", file.name, group.description);
        let (schema, form) = match compile(&group.schema, remotes)? {
            Ok(compiled) => compiled,
            Err(problem) => {
                if refused {
                    anstream::println!("{about}: {}: {}", problem.code.as_str(), problem.message);
                }
                let (schemas, cases) = self.refused.entry(problem.code).or_default();
                (*schemas, *cases) = (*schemas + 1, *cases + group.tests.len());
                return Ok(());
            }
        };
        match form {
            Form::Checked => self.checked += 1,
            Form::Whole => self.whole += 1,
        }
        for case in &group.tests {
            match judge(&schema, case)? {
                Verdict::Right => self.right += 1,
                Verdict::Wrong("invalid") if file.leaves_formats_open() => self.formats += 1,
                Verdict::Wrong(said) => {
                    self.wrong += 1;
                    anstream::println!("{about}: {}: {said} ({form:?})", case.description);
                }
            }
        }
        Ok(())
    }

    fn tell(&self, folder: &str) {
        let Self { checked, whole, right, wrong, formats, refused } = self;
        anstream::println!(
            "{folder}: {right} answers are right, {wrong} are wrong, {formats} assert a format; {checked} schemas are \
             small checks, {whole} are left to the library"
        );
        for (code, (schemas, cases)) in refused {
            let (code, title) = (code.as_str(), code.title());
            anstream::println!("  refused at load: {schemas} with {cases} cases: {code}, {title}");
        }
    }
}
