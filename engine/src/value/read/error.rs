//! Why bytes are not an acceptable JSON text.

use std::fmt;

use super::Fault;

/// What is wrong and where. Says what was expected, never what a string holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: Kind,
    /// The byte offset, from 0.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// What is wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
// A whole word: beside an error of one byte, every copy of a result is a patchwork of narrow moves,
// which cost a fifth of the reader's time.
#[repr(usize)]
pub enum Kind {
    /// Nothing but white space.
    Empty,
    /// A byte order mark at the start.
    ByteOrderMark,
    /// Bytes that are not UTF-8.
    Utf8,
    /// The text ends inside a value.
    End,
    /// Something follows the value.
    Trailing,
    /// More arrays and objects within each other than the limit.
    Depth,
    /// A value is expected.
    Value,
    /// The name of a member is expected.
    Key,
    /// A colon is expected.
    Colon,
    /// A comma or the end of an object is expected.
    CommaOrBrace,
    /// A comma or the end of an array is expected.
    CommaOrBracket,
    /// A string without its closing quote.
    UnterminatedString,
    /// A control character inside a string, not escaped.
    ControlCharacter,
    /// An escape that JSON does not have.
    Escape,
    /// An escaped half of a surrogate pair without its other half.
    LoneSurrogate,
    /// A digit is expected.
    Digit,
    /// A number that begins with a superfluous zero.
    LeadingZero,
    /// An exponent of more than 17 digits.
    Exponent,
    /// A key that the object has already.
    DuplicateKey,
}

impl Kind {
    /// What is wrong with an escape; `escape` begins after the backslash.
    pub(super) fn of_escape(escape: &str) -> Self {
        let mut chars = escape.chars();
        match chars.next() {
            None => Self::UnterminatedString,
            Some('u') if chars.clone().take(4).filter(char::is_ascii_hexdigit).count() == 4 => {
                Self::LoneSurrogate
            }
            Some(_) => Self::Escape,
        }
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::Empty => "expected a JSON value, found nothing",
            Self::ByteOrderMark => "expected a JSON value, found a byte order mark",
            Self::Utf8 => "expected UTF-8",
            Self::End => "the text ends before the value does",
            Self::Trailing => "expected nothing after the value",
            Self::Depth => "arrays and objects are nested deeper than the limit",
            Self::Value => "expected a value: an object, an array, a string, a number, true, false or null",
            Self::Key => "expected a key in double quotes",
            Self::Colon => "expected ':' after the key",
            Self::CommaOrBrace => "expected ',' or '}' after the member",
            Self::CommaOrBracket => "expected ',' or ']' after the element",
            Self::UnterminatedString => "expected a closing quote: the string that begins here does not end",
            Self::ControlCharacter => "expected an escape: a string cannot hold a control character",
            Self::Escape => {
                "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hexadecimal digits"
            }
            Self::LoneSurrogate => "expected both halves of a surrogate pair",
            Self::Digit => "expected a digit",
            Self::LeadingZero => "expected a number without leading zeros",
            Self::Exponent => "expected an exponent of at most 17 digits",
            Self::DuplicateKey => "expected a key that the object does not have yet",
        }
    }
}

impl Error {
    pub(super) fn at(text: &str, fault: Fault) -> Self {
        let before = text.get(..fault.at).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            kind: fault.kind,
            offset: fault.at,
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }

    #[cold]
    pub(super) fn not_utf8(bytes: &[u8]) -> Self {
        let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Self::at(valid, Fault { kind: Kind::Utf8, at: valid.len() })
    }
}

impl Error {
    /// What is wrong, without the place.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.kind.describe()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.kind.describe())
    }
}

impl std::error::Error for Error {}
