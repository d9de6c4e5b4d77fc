//! Cases in the format of JMESPath's public compliance suite (<https://github.com/jmespath/jmespath.test>, its folder
//! `tests`): how they are read, what the library says to them, and whether that is right.

use std::fs;
use std::path::{Path, PathBuf};

use engine::diagnostic::Code;
use engine::expression::{Error, Problem};
use engine::value::{Arena, Limits, Value, read};
use engine::{EvaluateError, NilIds, NoRecords, World, evaluate};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Whose cases they are: what the public suite leaves open, our own cases say.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "not every program that includes this file runs both")]
pub enum Origin {
    Own,
    Foreign,
}

/// One value, and expressions over it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    #[serde(rename = "comment", alias = "description")]
    _comment: Option<String>,
    pub given: Box<RawValue>,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(rename = "comment", alias = "description")]
    _comment: Option<String>,
    /// What the suite's benchmarks measure.
    #[serde(rename = "bench")]
    _bench: Option<String>,
    pub expression: String,
    #[serde(default, deserialize_with = "present")]
    pub result: Option<Box<RawValue>>,
    pub error: Option<String>,
}

/// A file of the folder, and what is in it.
pub struct File {
    pub path: PathBuf,
    pub suites: Vec<Suite>,
}

/// What became of an expression.
pub enum Told {
    Json(Vec<u8>),
    /// Any of the suite's words for it, and what a person is told.
    Failed(&'static [&'static str], String),
}

/// An absent result is none, a null result is one.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}

/// All files of cases in a folder, by name.
///
/// # Errors
/// There are none, or one cannot be read.
pub fn files(folder: &Path) -> Result<Vec<File>, String> {
    let told = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let entries = fs::read_dir(folder).map_err(|error| told(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| told(folder, &error))?.path();
        if path.extension().is_some_and(|name| name == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(told(folder, &"there are no files of cases (*.json) in it"));
    }
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).map_err(|error| told(&path, &error))?;
        let suites = serde_json::from_slice(&bytes).map_err(|error| told(&path, &error))?;
        Ok(File { path, suites })
    };
    paths.into_iter().map(read).collect()
}

/// What the library makes of an expression.
pub fn by_library(expression: &str, given: &RawValue) -> Told {
    let world = World { now: jiff::Timestamp::UNIX_EPOCH, ids: &NilIds, records: &NoRecords };
    match evaluate(expression, given.get().as_bytes(), world) {
        Ok(json) => Told::Json(json),
        Err(error) => Told::Failed(kinds(&error), format!("{error:?}")),
    }
}

/// Whether that is what the case asks for.
///
/// # Errors
/// What was given instead.
pub fn judge(case: &Case, told: &Told, origin: Origin) -> Result<(), String> {
    match (told, &case.result, &case.error) {
        (Told::Json(_), None, None) if origin == Origin::Foreign => Ok(()),
        (_, None, None) => Err("the case says neither `result` nor `error`".to_owned()),
        (Told::Json(json), Some(expected), _) => {
            let arena = Arena::new();
            let tree = |json| read(json, &arena, &Limits::default()).map_err(|error| error.to_string());
            if same(tree(json)?, tree(expected.get().as_bytes())?, origin) {
                return Ok(());
            }
            Err(format!("gives {}, not {expected}", String::from_utf8_lossy(json)))
        }
        (Told::Json(json), None, Some(error)) => {
            Err(format!("gives {}, not {error}", String::from_utf8_lossy(json)))
        }
        (Told::Failed(kinds, _), None, Some(error)) if kinds.contains(&error.as_str()) => Ok(()),
        (Told::Failed(_, text), _, Some(error)) => Err(format!("fails, but not by {error}: {text}")),
        (Told::Failed(_, text), _, None) => Err(format!("fails: {text}")),
    }
}

/// Equality of JSON. Our numbers keep their digits; to the public suite 2 and 2.0 are one number.
fn same(left: Value<'_>, right: Value<'_>, origin: Origin) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) if origin == Origin::Own => {
            left.as_str() == right.as_str()
        }
        (Value::Number(left), Value::Number(right)) => {
            left.as_str().parse::<f64>().ok() == right.as_str().parse::<f64>().ok()
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
    of_code(problem.code)
}

pub fn of_code(code: Code) -> &'static [&'static str] {
    match code {
        Code::ExpressionSyntax | Code::ExpressionTooLong | Code::ExpressionTooDeep => &["syntax"],
        Code::UnknownFunction => &["unknown-function"],
        Code::WrongArity => &["invalid-arity"],
        Code::WrongArgument => &["invalid-type", "invalid-value"],
        _ => &[],
    }
}
