//! The types of a function's parameters: what each takes, and what a person is told when it does not.

use super::binding::Argument;
use crate::value::Value;

/// The types a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Any,
    Boolean,
    Number,
    String,
    Array,
    Object,
    /// `&expression`
    Expression,
    NumberOrString,
    StringOrArray,
    StringOrArrayOrObject,
    ArrayOfNumbers,
    ArrayOfStrings,
    /// All numbers or all strings.
    ArrayOfComparable,
    /// A string, or null, which yields null: the rule then says what a missing value means.
    MaybeString,
    /// A number or a numeric string, or null.
    MaybeNumber,
    /// An array or null.
    MaybeArray,
    /// An object or null.
    MaybeObject,
}

impl Type {
    /// What was given instead: of an array it is the elements that are wrong.
    pub(super) fn found(self, given: &Argument<'_>) -> &'static str {
        match (self, given.kind()) {
            (Self::ArrayOfNumbers | Self::ArrayOfStrings | Self::ArrayOfComparable, "array") => {
                "array of something else"
            }
            (_, kind) => kind,
        }
    }

    /// What it costs to check an argument: the elements of an array are looked at one by one.
    pub(super) fn visits(self, argument: &Argument<'_>) -> usize {
        match (self, argument) {
            (
                Self::ArrayOfNumbers | Self::ArrayOfStrings | Self::ArrayOfComparable,
                Argument::Value(Value::Array(elements)),
            ) => elements.len(),
            _ => 0,
        }
    }

    pub(super) fn takes(self, argument: &Argument<'_>) -> bool {
        let Argument::Value(value) = argument else { return self == Self::Expression };
        match (self, value) {
            (Self::Any, _)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number | Self::NumberOrString, Value::Number(_))
            | (Self::String | Self::NumberOrString, Value::String(_))
            | (Self::StringOrArray | Self::StringOrArrayOrObject, Value::String(_) | Value::Array(_))
            | (Self::Array | Self::MaybeArray, Value::Array(_))
            | (Self::Object | Self::StringOrArrayOrObject, Value::Object(_))
            | (Self::MaybeString, Value::String(_) | Value::Null)
            | (Self::MaybeNumber, Value::Number(_) | Value::String(_) | Value::Null)
            | (Self::MaybeObject, Value::Object(_))
            | (Self::MaybeArray | Self::MaybeObject, Value::Null) => true,
            (Self::ArrayOfNumbers, Value::Array(elements)) => all(elements, "number"),
            (Self::ArrayOfStrings, Value::Array(elements)) => all(elements, "string"),
            (Self::ArrayOfComparable, Value::Array(elements)) => {
                all(elements, "number") || all(elements, "string")
            }
            _ => false,
        }
    }
}

fn all(elements: &[Value<'_>], kind: &str) -> bool {
    elements.iter().all(|element| element.kind() == kind)
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Any => "any value",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Expression => "an &expression",
            Self::NumberOrString => "a number or a string",
            Self::StringOrArray => "a string or an array",
            Self::StringOrArrayOrObject => "a string, an array or an object",
            Self::ArrayOfNumbers => "an array of numbers",
            Self::ArrayOfStrings => "an array of strings",
            Self::ArrayOfComparable => "an array of numbers or of strings",
            Self::MaybeString => "a string or null",
            Self::MaybeNumber => "a number, a numeric string or null",
            Self::MaybeArray => "an array or null",
            Self::MaybeObject => "an object or null",
        })
    }
}
