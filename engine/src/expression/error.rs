//! What can be wrong with an expression: at load a [`Problem`], at run time an [`Error`].

use std::fmt;
use std::ops::Range;

use crate::diagnostic::{Code, suggestion};
use crate::fault::{Place, Policy};

/// One mistake in an expression's text, found at load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Byte range in the expression's text.
    pub at: Range<usize>,
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
}

impl Problem {
    pub fn new(at: Range<usize>, code: Code, message: impl Into<String>) -> Self {
        Self { at, code, message: message.into(), help: None }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean" when `word` is close to one of the `known` names, else lists the names.
    #[must_use]
    pub fn suggest<'n>(self, word: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        match suggestion(word, known) {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

/// `1 argument`, `2 arguments`, `1 to 3 arguments`.
#[must_use]
pub fn counted(count: &str, noun: &str) -> String {
    format!("{count} {noun}{}", if count == "1" { "" } else { "s" })
}

/// Why an expression has no result for this message. The text names types and functions, never values. It is small: every
/// value that is computed comes in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An argument has a type the function does not take.
    Type(Box<Mismatch>),
    /// An argument has the right type but not a usable value: a bad date, a division by zero.
    Value(Box<(&'static str, String)>),
    /// What a rule needs is not there.
    Rule { detail: &'static str },
    /// A code table has no row for the code.
    UnknownCode(Box<UnknownCode>),
    /// A script failed at this place of its file.
    Script(Box<(Place, String)>),
    /// A computation reached its limit.
    Limit { what: &'static str },
    /// The records could not be read.
    Unavailable,
}

/// An argument of a type that its function does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    pub function: &'static str,
    pub argument: usize,
    pub expected: String,
    pub found: &'static str,
}

/// A code without a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode {
    pub table: Box<str>,
    pub direction: &'static str,
    pub policy: Policy,
}

impl Error {
    pub fn value(function: &'static str, detail: impl Into<String>) -> Self {
        Self::Value(Box::new((function, detail.into())))
    }

    /// What happens to the message.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match self {
            Self::UnknownCode(unknown) => unknown.policy,
            Self::Unavailable => Policy::Retry,
            Self::Type(_) | Self::Value(_) | Self::Rule { .. } | Self::Script(_) | Self::Limit { .. } => {
                Policy::Refuse
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(mismatch) => {
                let Mismatch { function, argument, expected, found } = &**mismatch;
                write!(f, "{function}() takes {expected} as argument {}, not {found}", argument + 1)
            }
            Self::Value(value) => write!(f, "{}(): {}", value.0, value.1),
            Self::Rule { detail } => f.write_str(detail),
            Self::UnknownCode(unknown) => {
                write!(f, "code table `{}` has no row for {}", unknown.table, unknown.direction)
            }
            Self::Script(script) => write!(f, "script {}: {}", script.0, script.1),
            Self::Limit { what } => write!(f, "{what}"),
            Self::Unavailable => write!(f, "the records cannot be read now"),
        }
    }
}

impl std::error::Error for Error {}
