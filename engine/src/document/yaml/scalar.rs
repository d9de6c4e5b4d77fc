//! Scalars and what the core schema, narrowed to JSON's grammar, makes of them.

use super::decode;
use crate::source::{Sources, Span};

/// A value without parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text with quotes, escapes, folding and indentation resolved; for a number the very
    /// digits written.
    pub text: String,
    pub style: Style,
    pub resolved: Resolved,
    /// The same as its node's span.
    pub span: Span,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    /// In single or double quotes.
    Quoted,
    /// After `|` or `>`.
    Block,
}

/// What a scalar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// `null`, `Null`, `NULL`, `~` or nothing at all.
    Null,
    /// `true`, `True`, `TRUE` and the same of false.
    Bool(bool),
    /// What JSON calls a number. `0x10`, `1_000`, `.5` and `007` are strings.
    Number,
    /// Everything else, and whatever is quoted.
    String,
}

impl Resolved {
    /// The meaning of a scalar's text.
    #[must_use]
    pub fn of(text: &str, style: Style) -> Self {
        if style != Style::Plain {
            return Self::String;
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            _ if is_json_number(text) => Self::Number,
            _ => Self::String,
        }
    }

    /// What it is called in a message.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
        }
    }
}

impl Scalar {
    /// The place in the file of the bytes `start..end` of [`Self::text`]. The whole scalar's span
    /// where the two cannot be matched; offsets beyond the text mean its end.
    #[must_use]
    pub fn span_of(&self, sources: &Sources, start: usize, end: usize) -> Span {
        let base = self.span.start as usize;
        let Some(pieces) = decode::pieces(self, sources) else {
            return self.span;
        };
        let place = decode::locate(&pieces, start.min(self.text.len()), end.min(self.text.len()));
        place.map_or(self.span, |raw| Span::new(self.span.source, base + raw.start, base + raw.end))
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    are_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(are_digits)
        && exponent.is_none_or(are_digits)
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_numbers_are_numbers() {
        for number in ["0", "-0", "7", "1.10", "-12.5e+3", "1E5", "1234567890123456789012.10"] {
            assert_eq!(Resolved::of(number, Style::Plain), Resolved::Number, "{number}");
        }
        for word in [
            "0x10", "1_000", ".5", "5.", "007", "+1", "1e", "-", "1.2.3", ".inf", "NaN", "0o7", "1e5.0",
            "--1", "12:30",
        ] {
            assert_eq!(Resolved::of(word, Style::Plain), Resolved::String, "{word}");
        }
    }

    #[test]
    fn norway_is_no_boolean() {
        for word in ["NO", "no", "on", "off", "yes", "y", "tRUE", "nULL", "none", "nil"] {
            assert_eq!(Resolved::of(word, Style::Plain), Resolved::String, "{word}");
        }
        for (word, value) in [
            ("true", true),
            ("True", true),
            ("TRUE", true),
            ("false", false),
            ("False", false),
            ("FALSE", false),
        ] {
            assert_eq!(Resolved::of(word, Style::Plain), Resolved::Bool(value));
        }
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(Resolved::of(word, Style::Plain), Resolved::Null);
        }
    }

    #[test]
    fn quoted_words_are_strings() {
        for word in ["", "null", "true", "1"] {
            assert_eq!(Resolved::of(word, Style::Quoted), Resolved::String);
            assert_eq!(Resolved::of(word, Style::Block), Resolved::String);
        }
    }
}
