//! Why a call failed, in words that hold nothing of the message.

use std::collections::BTreeSet;

use rhai::{Dynamic, EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use super::Mistake;
use super::interpreter::Natives;
use super::limits::{MAX_CALLS, MAX_ELEMENTS, MAX_STEPS, MAX_STRING, MAX_TIME, Stop};
use crate::diagnostic::Code;

pub const UNKNOWN: &str = "it failed";

/// What may be told of a failure.
pub struct Told<'t> {
    /// Texts that the script throws as they are written.
    pub thrown: &'t BTreeSet<Box<str>>,
    pub natives: &'t Natives,
}

impl Told<'_> {
    /// Where it failed (a line and a column from 1) and why.
    pub fn about(&self, error: &EvalAltResult, stop: Option<Stop>) -> (Option<(usize, usize)>, String) {
        let mut position = place(error.position());
        let (mut inner, mut called) = (error, "");
        while let EvalAltResult::ErrorInFunctionCall(name, _, cause, _) = inner {
            (inner, called) = (cause, name);
            position = place(inner.position()).or(position);
        }
        (position, stop.map_or_else(|| self.why(inner, called), stopped))
    }

    /// A thrown text may hold values of the message, and so may names that were computed.
    fn why(&self, error: &EvalAltResult, called: &str) -> String {
        match error {
            EvalAltResult::ErrorRuntime(thrown, _) => self.thrown(thrown, called),
            EvalAltResult::ErrorDataTooLarge(..) => format!(
                "a value grew beyond {} KB of text or {MAX_ELEMENTS} elements or members",
                MAX_STRING / 1024
            ),
            EvalAltResult::ErrorStackOverflow(_) => format!("more than {MAX_CALLS} calls nest"),
            EvalAltResult::ErrorTooManyVariables(_) => "it has too many variables".to_owned(),
            EvalAltResult::ErrorMismatchDataType(expected, found, _) => {
                format!("expected {expected}, found {found}")
            }
            EvalAltResult::ErrorFunctionNotFound(signature, _) => self.not_found(signature),
            EvalAltResult::ErrorArrayBounds(..) => "an index is outside of the array".to_owned(),
            EvalAltResult::ErrorStringBounds(..) => "an index is outside of the text".to_owned(),
            EvalAltResult::ErrorIndexingType(..) => "a value that has no elements is indexed".to_owned(),
            EvalAltResult::ErrorDotExpr(..) | EvalAltResult::ErrorPropertyNotFound(..) => {
                "a value that is no object is asked for a member".to_owned()
            }
            EvalAltResult::ErrorFor(_) => "`for` goes over a value that has no elements".to_owned(),
            EvalAltResult::ErrorAssignmentToConstant(..) => "a constant is assigned to".to_owned(),
            EvalAltResult::ErrorArithmetic(..) => {
                "a number is out of range, divided by zero or not a number".to_owned()
            }
            _ => UNKNOWN.to_owned(),
        }
    }

    fn thrown(&self, thrown: &Dynamic, called: &str) -> String {
        if self.natives.contains_key(called) {
            return format!("`{called}` does not take this value");
        }
        let text = thrown.as_immutable_string_ref().ok();
        match text.filter(|text| self.thrown.contains(text.as_str())) {
            Some(text) => format!("it threw `{}`", *text),
            None => "it threw an error".to_owned(),
        }
    }

    /// `trim (i64)`: the name is one of the language, the types are those that it does not take.
    fn not_found(&self, signature: &str) -> String {
        let (name, types) = signature.split_once(" (").unwrap_or((signature, ""));
        match self.natives.get_key_value(name) {
            Some((name, _)) if name.contains('$') => {
                "a value that is no object is asked for a member".to_owned()
            }
            Some((name, _)) => {
                let types = types.replace("&str | ImmutableString | String", "string");
                format!("`{name}` does not take ({types}")
            }
            None => "it calls a function that is not there".to_owned(),
        }
    }
}

/// What a call that was ended is told.
pub fn stopped(stop: Stop) -> String {
    match stop {
        Stop::Steps => format!("it took more than {MAX_STEPS} steps"),
        Stop::Time => format!("it took longer than {} ms", MAX_TIME.as_millis()),
    }
}

fn place(position: Position) -> Option<(usize, usize)> {
    Some((position.line()?, position.position().unwrap_or(1)))
}

/// Why a text is no script.
pub fn broken(error: &ParseError) -> Mistake {
    let (line, column) = place(error.position()).unwrap_or((1, 1));
    let (code, message, help, word) = match error.err_type() {
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) | ParseErrorType::Reserved(word) => {
            let message = format!("a script cannot use `{word}`");
            (Code::ScriptForbidden, message, None, word.as_str())
        }
        ParseErrorType::VariableUndefined(name) => (
            Code::ScriptSyntax,
            format!("there is no variable `{name}`"),
            Some("a function sees its own parameters and variables, and so does `|x| …`".to_owned()),
            name.as_str(),
        ),
        other @ ParseErrorType::FnMissingName => {
            let help = "a word of the language cannot be the name of a function".to_owned();
            (Code::ScriptSyntax, lower_first(&other.to_string()), Some(help), "")
        }
        other => (Code::ScriptSyntax, lower_first(&other.to_string()), None, ""),
    };
    Mistake { code, line, column, width: word.chars().count().max(1), message, help }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
