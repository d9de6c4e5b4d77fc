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
use engine::{EvaluateError, Ids, Records, Unavailable, World, evaluate};
use serde::Deserialize;
use serde_json::Value;

/// One value, and expressions over it.
#[derive(Deserialize)]
struct Suite {
    given: Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    expression: String,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<String>,
}

/// An absent result is none, a null result is one.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
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
}

#[test]
fn every_case_gives_what_it_says() {
    let folder = std::env::var_os("JMESPATH_SUITE").map_or_else(own_cases, PathBuf::from);
    let mut failures = Vec::new();
    let mut count = 0;
    for path in files(&folder) {
        let suites: Vec<Suite> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for (suite, case) in suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
        {
            count += 1;
            if let Err(told) = check(&suite.given, case) {
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

fn check(given: &Value, case: &Case) -> Result<(), String> {
    let world = World { now: jiff::Timestamp::UNIX_EPOCH, ids: &Nothing, records: &Nothing };
    let outcome = evaluate(&case.expression, &serde_json::to_vec(given).unwrap(), world);
    match (outcome, &case.result, &case.error) {
        // A case of the suite's benchmarks: it need only run.
        (Ok(_), None, None) => Ok(()),
        (Ok(json), Some(expected), _) => {
            let result = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
            if same(&result, expected) { Ok(()) } else { Err(format!("gives {result}, not {expected}")) }
        }
        (Ok(json), None, Some(error)) => {
            Err(format!("gives {}, not {error}", String::from_utf8_lossy(&json)))
        }
        (Err(told), _, Some(error)) if kinds(&told).contains(&error.as_str()) => Ok(()),
        (Err(told), _, _) => Err(format!("fails: {told:?}")),
    }
}

/// Equality of JSON: 2 and 2.0 are one number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
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
