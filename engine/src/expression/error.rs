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

/// Why an expression has no result for this message. The text names types and functions, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An argument has a type the function does not take.
    Type { function: &'static str, argument: usize, expected: String, found: &'static str },
    /// An argument has the right type but not a usable value: a bad date, a division by zero.
    Value { function: &'static str, detail: String },
    /// What a rule needs is not there.
    Rule { detail: &'static str },
    /// A code table has no row for the code.
    UnknownCode { table: Box<str>, direction: &'static str, policy: Policy },
    /// A script failed at this place of its file.
    Script { place: Box<Place>, detail: String },
    /// A computation reached its limit.
    Limit { what: &'static str },
    /// The records could not be read.
    Unavailable,
}

impl Error {
    pub fn value(function: &'static str, detail: impl Into<String>) -> Self {
        Self::Value { function, detail: detail.into() }
    }

    /// What happens to the message.
    #[must_use]
    pub fn policy(&self) -> Policy {
        match self {
            Self::UnknownCode { policy, .. } => *policy,
            Self::Unavailable => Policy::Retry,
            Self::Type { .. }
            | Self::Value { .. }
            | Self::Rule { .. }
            | Self::Script { .. }
            | Self::Limit { .. } => Policy::Refuse,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { function, argument, expected, found } => {
                write!(f, "{function}() takes {expected} as argument {}, not {found}", argument + 1)
            }
            Self::Value { function, detail } => write!(f, "{function}(): {detail}"),
            Self::Rule { detail } => f.write_str(detail),
            Self::UnknownCode { table, direction, .. } => {
                write!(f, "code table `{table}` has no row for {direction}")
            }
            Self::Script { place, detail } => write!(f, "script {place}: {detail}"),
            Self::Limit { what } => write!(f, "{what}"),
            Self::Unavailable => write!(f, "the records cannot be read now"),
        }
    }
}

impl std::error::Error for Error {}
