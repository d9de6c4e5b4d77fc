//! From bytes to a tree, in one pass, strictly by RFC 8259.
//!
//! Stricter than many readers: no byte order mark, no duplicate keys, no lone surrogates, bounded
//! depth.

mod error;
mod marks;

use bumpalo::collections::Vec as ArenaVec;

pub use error::{Error, Kind};

use marks::{Marked, Marks};

use super::{
    Arena, Entry, Number, Object, Text, Value,
    number::{self, Malformed},
    object::{Duplicate, Seen},
    scan, text,
};

/// What a message may be, beyond well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many arrays and objects may contain each other; never more than [`Limits::MAX_DEPTH`].
    pub depth: usize,
}

impl Limits {
    /// The reader recurses once a level, so the depth has a ceiling that no stack minds.
    pub const MAX_DEPTH: usize = 512;

    /// How many may contain each other in a message, unless one says otherwise.
    pub const DEPTH: usize = 64;
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: Self::DEPTH }
    }
}

/// Reads one JSON text. Strings and numbers borrow from `bytes`, everything else lives in `arena`.
///
/// # Errors
/// The first place where `bytes` is not one JSON value in UTF-8, repeats a key in an object, or
/// nests deeper than `limits` allows.
pub fn read<'a>(bytes: &'a [u8], arena: &'a Arena, limits: &Limits) -> Result<Value<'a>, Error> {
    let text = simdutf8::basic::from_utf8(bytes).map_err(|_| Error::not_utf8(bytes))?;
    let mut reader = Reader::new(text, arena, limits);
    reader.document().map_err(|fault| Error::at(text, fault))
}

/// An error before its line and column are known.
#[derive(Clone, Copy, Debug)]
struct Fault {
    kind: Kind,
    at: usize,
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    arena: &'a Arena,
    marks: Marks<'a>,
    /// Members of the containers being read, the innermost on top.
    elements: ArenaVec<'a, Value<'a>>,
    entries: ArenaVec<'a, Entry<'a>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, arena: &'a Arena, limits: &Limits) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: limits.depth.min(Limits::MAX_DEPTH),
            arena,
            marks: Marks::of(text.as_bytes(), arena),
            elements: ArenaVec::with_capacity_in(32, arena),
            entries: ArenaVec::with_capacity_in(64, arena),
        }
    }

    fn document(&mut self) -> Result<Value<'a>, Fault> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.fault(Kind::ByteOrderMark));
        }
        if self.significant().is_none() {
            return Err(self.fault(Kind::Empty));
        }
        let value = self.value()?;
        if self.significant().is_some() {
            return Err(self.fault(Kind::Trailing));
        }
        Ok(value)
    }

    /// Reads a value; most are strings, so that they are read where they are met.
    #[inline(always)]
    fn value(&mut self) -> Result<Value<'a>, Fault> {
        match self.significant() {
            Some(b'"') => self.string().map(Value::String),
            first => self.other(first),
        }
    }

    /// Reads a value that is no string.
    fn other(&mut self, first: Option<u8>) -> Result<Value<'a>, Fault> {
        match first {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.expected(Kind::Value)),
        }
    }

    /// Reads a container one level deeper; the reader stands on its opening bracket.
    #[inline]
    fn nested(&mut self, container: fn(&mut Self) -> Result<Value<'a>, Fault>) -> Result<Value<'a>, Fault> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(self.fault(Kind::Depth));
        };
        self.depth = depth;
        self.at += 1;
        let value = container(self)?;
        self.depth = depth + 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.elements.len();
        if self.significant() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(&[]));
        }
        loop {
            let element = self.value()?;
            self.elements.push(element);
            match self.significant() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.expected(Kind::CommaOrBracket)),
            }
        }
        self.at += 1;
        let elements = self.elements.get(start..).unwrap_or_default();
        let elements = self.arena.alloc_slice_copy(elements);
        self.elements.truncate(start);
        Ok(Value::Array(elements))
    }

    fn object(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.entries.len();
        if self.significant() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::EMPTY));
        }
        let (mut seen, mut distinct) = (Seen::default(), true);
        loop {
            let key = self.key()?;
            distinct &= seen.is_new(&key);
            let value = self.value()?;
            self.entries.push(Entry { key, value });
            match self.significant() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.expected(Kind::CommaOrBrace)),
            }
        }
        self.at += 1;
        let entries = self.entries.get(start..).unwrap_or_default();
        let entries = self.arena.alloc_slice_copy(entries);
        self.entries.truncate(start);
        if distinct {
            return Ok(Value::Object(Object::distinct(self.arena, entries)));
        }
        let object = Object::unique(self.arena, entries);
        object.map(Value::Object).map_err(|Duplicate(place)| self.duplicate(entries, place))
    }

    /// Reads a key and the colon after it.
    #[inline(always)]
    fn key(&mut self) -> Result<Text<'a>, Fault> {
        if self.significant() != Some(b'"') {
            return Err(self.expected(Kind::Key));
        }
        let key = self.string()?.named();
        if self.significant() != Some(b':') {
            return Err(self.expected(Kind::Colon));
        }
        self.at += 1;
        Ok(key)
    }

    /// Reads a string; the reader stands on its opening quote.
    #[inline(always)]
    fn string(&mut self) -> Result<Text<'a>, Fault> {
        let start = self.at + 1;
        match self.marks.string(start) {
            Some(Marked { end, escape: None }) => {
                self.at = end + 1;
                self.slice(start, end).map(Text::clean)
            }
            Some(Marked { escape: Some(escape), .. }) => self.escaped(start, escape),
            None => self.unmarked(start),
        }
    }

    /// Reads a string whose end is yet to be found, or is not there.
    fn unmarked(&mut self, start: usize) -> Result<Text<'a>, Fault> {
        let end = self.special_from(start)?;
        if self.bytes.get(end) != Some(&b'"') {
            return self.escaped(start, end);
        }
        self.at = end + 1;
        self.slice(start, end).map(Text::clean)
    }

    /// The rest of a string whose first escape is at `at`.
    #[cold]
    fn escaped(&mut self, start: usize, mut at: usize) -> Result<Text<'a>, Fault> {
        while self.bytes.get(at) == Some(&b'\\') {
            let escape = self.slice(at + 1, self.text.len())?;
            let Some((_, rest)) = text::decode_escape(escape) else {
                return Err(Fault { kind: Kind::of_escape(escape), at });
            };
            at = self.special_from(self.text.len() - rest.len())?;
        }
        self.at = at + 1;
        self.slice(start, at).map(Text::escaped)
    }

    /// The place of the next quote or backslash inside a string.
    #[inline(always)]
    fn special_from(&self, start: usize) -> Result<usize, Fault> {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let at = scan::special(rest).map(|distance| start + distance);
        match at.and_then(|at| self.bytes.get(at)) {
            Some(b'"' | b'\\') => Ok(at.unwrap_or(start)),
            Some(_) => Err(Fault { kind: Kind::ControlCharacter, at: at.unwrap_or(start) }),
            None => Err(Fault { kind: Kind::UnterminatedString, at: start.saturating_sub(1) }),
        }
    }

    #[inline]
    fn number(&mut self) -> Result<Number<'a>, Fault> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = number::measure(rest).map_err(|malformed| self.malformed(malformed))?;
        self.at = start + length;
        self.slice(start, self.at).map(Number::trusted)
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Fault> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.fault(Kind::Value));
        }
        self.at = end;
        Ok(value)
    }

    /// Skips white space and looks at what follows: mostly there is none to skip.
    #[inline(always)]
    fn significant(&mut self) -> Option<u8> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.skip(),
        }
    }

    fn skip(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    #[inline(always)]
    fn slice(&self, start: usize, end: usize) -> Result<&'a str, Fault> {
        self.text.get(start..end).ok_or(Fault { kind: Kind::End, at: start })
    }

    #[cold]
    fn fault(&self, kind: Kind) -> Fault {
        Fault { kind, at: self.at }
    }

    /// The next byte is not what the grammar expects; nothing there at all is a fault of its own.
    #[cold]
    fn expected(&self, kind: Kind) -> Fault {
        self.fault(if self.at < self.bytes.len() { kind } else { Kind::End })
    }

    #[cold]
    fn malformed(&self, malformed: Malformed) -> Fault {
        let (kind, distance) = match malformed {
            Malformed::Digit(distance) => (Kind::Digit, distance),
            Malformed::LeadingZero => (Kind::LeadingZero, 0),
            Malformed::Exponent => (Kind::Exponent, 0),
        };
        Fault { kind, at: self.at + distance }
    }

    /// Keys borrow from the text: the distance between the two is the key's offset.
    #[cold]
    fn duplicate(&self, entries: &[Entry<'a>], place: usize) -> Fault {
        let key = entries.get(place).map_or(0, |entry| entry.key.address());
        let at = key.saturating_sub(self.text.as_ptr().addr()).saturating_sub(1);
        Fault { kind: Kind::DuplicateKey, at }
    }
}

#[cfg(test)]
mod tests;
