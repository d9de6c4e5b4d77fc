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

/// What was read, and the place behind it.
type Read<T> = Result<(T, usize), Fault>;

/// Every function is given the place where it begins: a place that is passed on stays in a register.
struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
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
            depth: limits.depth.min(Limits::MAX_DEPTH),
            arena,
            marks: Marks::of(text.as_bytes(), arena),
            elements: ArenaVec::with_capacity_in(32, arena),
            entries: ArenaVec::with_capacity_in(64, arena),
        }
    }

    fn document(&mut self) -> Result<Value<'a>, Fault> {
        if self.text.starts_with('\u{feff}') {
            return Err(Fault { kind: Kind::ByteOrderMark, at: 0 });
        }
        if let (None, at) = self.significant(0) {
            return Err(Fault { kind: Kind::Empty, at });
        }
        let (value, at) = self.value(0)?;
        match self.significant(at) {
            (Some(_), at) => Err(Fault { kind: Kind::Trailing, at }),
            (None, _) => Ok(value),
        }
    }

    /// Reads a value; most are strings, so that they are read where they are met.
    #[inline(always)]
    fn value(&mut self, at: usize) -> Read<Value<'a>> {
        match self.significant(at) {
            (Some(b'"'), at) => self.string(at).map(|(text, at)| (Value::String(text), at)),
            (first, at) => self.other(first, at),
        }
    }

    /// Reads a value that is no string.
    fn other(&mut self, first: Option<u8>, at: usize) -> Read<Value<'a>> {
        match first {
            Some(b'{') => self.nested(at, Self::object),
            Some(b'[') => self.nested(at, Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            Some(b't') => self.word("true", Value::Bool(true), at),
            Some(b'f') => self.word("false", Value::Bool(false), at),
            Some(b'n') => self.word("null", Value::Null, at),
            _ => Err(self.expected(Kind::Value, at)),
        }
    }

    /// Reads a container one level deeper, whose opening bracket is at `at`.
    #[inline]
    fn nested(&mut self, at: usize, container: fn(&mut Self, usize) -> Read<Value<'a>>) -> Read<Value<'a>> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(Fault { kind: Kind::Depth, at });
        };
        self.depth = depth;
        let read = container(self, at + 1)?;
        self.depth = depth + 1;
        Ok(read)
    }

    fn array(&mut self, mut at: usize) -> Read<Value<'a>> {
        let start = self.elements.len();
        if let (Some(b']'), at) = self.significant(at) {
            return Ok((Value::Array(&[]), at + 1));
        }
        loop {
            let (element, behind) = self.value(at)?;
            self.elements.push(element);
            let (next, behind) = self.significant(behind);
            at = behind + 1;
            match next {
                Some(b',') => {}
                Some(b']') => break,
                _ => return Err(self.expected(Kind::CommaOrBracket, behind)),
            }
        }
        let elements = self.elements.get(start..).unwrap_or_default();
        let elements = self.arena.alloc_slice_copy(elements);
        self.elements.truncate(start);
        Ok((Value::Array(elements), at))
    }

    fn object(&mut self, mut at: usize) -> Read<Value<'a>> {
        let start = self.entries.len();
        if let (Some(b'}'), at) = self.significant(at) {
            return Ok((Value::Object(Object::EMPTY), at + 1));
        }
        let (mut seen, mut distinct) = (Seen::default(), true);
        loop {
            let (key, behind) = self.key(at)?;
            distinct &= seen.is_new(&key);
            let (value, behind) = self.value(behind)?;
            self.entries.push(Entry { key, value });
            let (next, behind) = self.significant(behind);
            at = behind + 1;
            match next {
                Some(b',') => {}
                Some(b'}') => break,
                _ => return Err(self.expected(Kind::CommaOrBrace, behind)),
            }
        }
        let entries = self.entries.get(start..).unwrap_or_default();
        let entries = self.arena.alloc_slice_copy(entries);
        self.entries.truncate(start);
        if distinct {
            return Ok((Value::Object(Object::distinct(self.arena, entries)), at));
        }
        match Object::unique(self.arena, entries) {
            Ok(object) => Ok((Value::Object(object), at)),
            Err(Duplicate(place)) => Err(self.duplicate(entries, place)),
        }
    }

    /// Reads a key and the colon after it.
    #[inline(always)]
    fn key(&mut self, at: usize) -> Read<Text<'a>> {
        let (Some(b'"'), at) = self.significant(at) else {
            return Err(self.expected(Kind::Key, self.significant(at).1));
        };
        let (key, at) = self.string(at)?;
        match self.significant(at) {
            (Some(b':'), at) => Ok((key.named(), at + 1)),
            (_, at) => Err(self.expected(Kind::Colon, at)),
        }
    }

    /// Reads a string whose opening quote is at `at`.
    #[inline(always)]
    fn string(&mut self, at: usize) -> Read<Text<'a>> {
        let start = at + 1;
        match self.marks.string(start) {
            Some(Marked { end, escape: None }) => Ok((Text::clean(self.slice(start, end)?), end + 1)),
            Some(Marked { escape: Some(escape), .. }) => self.escaped(start, escape),
            None => self.unmarked(start),
        }
    }

    /// Reads a string whose end is yet to be found, or is not there.
    fn unmarked(&self, start: usize) -> Read<Text<'a>> {
        let end = self.special_from(start)?;
        if self.bytes.get(end) != Some(&b'"') {
            return self.escaped(start, end);
        }
        Ok((Text::clean(self.slice(start, end)?), end + 1))
    }

    /// The rest of a string whose first escape is at `at`.
    #[cold]
    fn escaped(&self, start: usize, mut at: usize) -> Read<Text<'a>> {
        while self.bytes.get(at) == Some(&b'\\') {
            let escape = self.slice(at + 1, self.text.len())?;
            let Some((_, rest)) = text::decode_escape(escape) else {
                return Err(Fault { kind: Kind::of_escape(escape), at });
            };
            at = self.special_from(self.text.len() - rest.len())?;
        }
        Ok((Text::escaped(self.slice(start, at)?), at + 1))
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
    fn number(&self, start: usize) -> Read<Value<'a>> {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = number::measure(rest).map_err(|malformed| fault_of(malformed, start))?;
        let end = start + length;
        Ok((Value::Number(Number::trusted(self.slice(start, end)?)), end))
    }

    fn word(&self, word: &str, value: Value<'a>, at: usize) -> Read<Value<'a>> {
        let end = at + word.len();
        if self.bytes.get(at..end) != Some(word.as_bytes()) {
            return Err(Fault { kind: Kind::Value, at });
        }
        Ok((value, end))
    }

    /// Skips white space and looks at what follows: mostly there is none to skip.
    #[inline(always)]
    fn significant(&self, at: usize) -> (Option<u8>, usize) {
        match self.bytes.get(at) {
            Some(byte) if *byte > b' ' => (Some(*byte), at),
            _ => self.skip(at),
        }
    }

    fn skip(&self, mut at: usize) -> (Option<u8>, usize) {
        loop {
            match self.bytes.get(at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
                other => return (other.copied(), at),
            }
        }
    }

    #[inline(always)]
    fn slice(&self, start: usize, end: usize) -> Result<&'a str, Fault> {
        self.text.get(start..end).ok_or(Fault { kind: Kind::End, at: start })
    }

    /// The next byte is not what the grammar expects; nothing there at all is a fault of its own.
    #[cold]
    fn expected(&self, kind: Kind, at: usize) -> Fault {
        Fault { kind: if at < self.bytes.len() { kind } else { Kind::End }, at }
    }

    /// Keys borrow from the text: the distance between the two is the key's offset.
    #[cold]
    fn duplicate(&self, entries: &[Entry<'a>], place: usize) -> Fault {
        let key = entries.get(place).map_or(0, |entry| entry.key.address());
        let at = key.saturating_sub(self.text.as_ptr().addr()).saturating_sub(1);
        Fault { kind: Kind::DuplicateKey, at }
    }
}

#[cold]
fn fault_of(malformed: Malformed, start: usize) -> Fault {
    let (kind, distance) = match malformed {
        Malformed::Digit(distance) => (Kind::Digit, distance),
        Malformed::LeadingZero => (Kind::LeadingZero, 0),
        Malformed::Exponent => (Kind::Exponent, 0),
    };
    Fault { kind, at: start + distance }
}

#[cfg(test)]
mod tests;
