//! JMESPath, in the format of its public compliance suite.
//!
//! The cases of our own are in `jmespath/`. With the environment variable `JMESPATH_SUITE` the suite in that folder is
//! run instead (<https://github.com/jmespath/jmespath.test>, its folder `tests`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::fs;
use std::path::{Path, PathBuf};

use engine::diagnostic::Code;
use engine::expression::{Error, Problem};
use engine::value::{Arena, Limits, Value, read};
use engine::{EvaluateError, Ids, Records, Unavailable, World, evaluate};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Whose cases they are: what the public suite leaves open, our own cases say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Own,
    Foreign,
}

/// One value, and expressions over it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    #[serde(rename = "comment", alias = "description")]
    _comment: Option<String>,
    given: Box<RawValue>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "comment", alias = "description")]
    _comment: Option<String>,
    /// What the suite's benchmarks measure.
    #[serde(rename = "bench")]
    _bench: Option<String>,
    expression: String,
    #[serde(default, deserialize_with = "present")]
    result: Option<Box<RawValue>>,
    error: Option<String>,
}

/// An absent result is none, a null result is one.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}

struct Nothing;

impl Ids for Nothing {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
}

impl Records for Nothing {
    fn find(&self, _: &str, _: &str, _: &str) -> Result<Option<String>, Unavailable> {
        Ok(None)
    }

    fn list(&self, _: &str, _: Option<(&str, &str)>, _: usize) -> Result<Vec<String>, Unavailable> {
        Ok(Vec::new())
    }
}

#[test]
fn every_case_gives_what_it_says() {
    let (folder, origin) = match std::env::var_os("JMESPATH_SUITE") {
        Some(folder) => (PathBuf::from(folder), Origin::Foreign),
        None => (own_cases(), Origin::Own),
    };
    let mut failures = Vec::new();
    let mut count = 0;
    for path in files(&folder) {
        let suites: Vec<Suite> = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (suite, case) in suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
        {
            count += 1;
            if let Err(told) = check(&suite.given, case, origin) {
                failures.push(format!("{}: `{}`: {told}", path.display(), case.expression));
            }
        }
    }
    assert!(count > 0, "there are no cases in {}", folder.display());
    assert!(failures.is_empty(), "{} of {count} fail:\n{}", failures.len(), failures.join("\n"));
}

fn own_cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jmespath")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|name| name == "json")).collect();
    files.sort();
    files
}

fn check(given: &RawValue, case: &Case, origin: Origin) -> Result<(), String> {
    let world = World { now: jiff::Timestamp::UNIX_EPOCH, ids: &Nothing, records: &Nothing };
    let outcome = evaluate(&case.expression, given.get().as_bytes(), world);
    match (outcome, &case.result, &case.error) {
        (Ok(_), None, None) if origin == Origin::Foreign => Ok(()),
        (_, None, None) => Err("the case says neither `result` nor `error`".to_owned()),
        (Ok(json), Some(expected), _) => {
            let arena = Arena::new();
            let tree = |json| read(json, &arena, &Limits::default()).map_err(|error| error.to_string());
            if same(tree(&json)?, tree(expected.get().as_bytes())?, origin) {
                return Ok(());
            }
            Err(format!("gives {}, not {expected}", String::from_utf8_lossy(&json)))
        }
        (Ok(json), None, Some(error)) => {
            Err(format!("gives {}, not {error}", String::from_utf8_lossy(&json)))
        }
        (Err(told), _, Some(error)) if kinds(&told).contains(&error.as_str()) => Ok(()),
        (Err(told), _, _) => Err(format!("fails: {told:?}")),
    }
}

/// Equality of JSON. Our numbers keep their digits; to the public suite 2 and 2.0 are one number.
fn same(left: Value<'_>, right: Value<'_>, origin: Origin) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) if origin == Origin::Own => {
            left.as_str() == right.as_str()
        }
        (Value::Number(left), Value::Number(right)) => {
            left.as_str().parse::<f64>().unwrap() == right.as_str().parse::<f64>().unwrap()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(*left, *right, origin))
        }
        (Value::Object(left), Value::Object(right)) => {
            let held = |name: &str| right.get(name);
            left.entries().len() == right.entries().len()
                && left.entries().iter().all(|entry| {
                    held(&entry.key.decode()).is_some_and(|right| same(entry.value, right, origin))
                })
        }
        _ => left == right,
    }
}

/// The suite's words for what went wrong; found at load, a type and a value are not always told apart.
fn kinds(error: &EvaluateError) -> &'static [&'static str] {
    match error {
        EvaluateError::Expression(problems) => problems.first().map_or(&[], of_problem),
        EvaluateError::Evaluation(Error::Type { .. }) => &["invalid-type"],
        EvaluateError::Evaluation(_) => &["invalid-value"],
        EvaluateError::Message(_) => &[],
    }
}

fn of_problem(problem: &Problem) -> &'static [&'static str] {
    match problem.code {
        Code::ExpressionSyntax | Code::ExpressionTooLong | Code::ExpressionTooDeep => &["syntax"],
        Code::UnknownFunction => &["unknown-function"],
        Code::WrongArity => &["invalid-arity"],
        Code::WrongArgument => &["invalid-type", "invalid-value"],
        _ => &[],
    }
}
