//! From a tree to bytes.

use bumpalo::collections::Vec as ArenaVec;

use super::{Arena, Limits, Value, read};

/// Why a value was not written to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More bytes than are allowed.
    Size,
    /// More arrays and objects within each other than are allowed.
    Depth,
}

/// JSON for people, on several lines; what is not JSON stays as it is.
#[must_use]
pub fn pretty(json: &[u8]) -> String {
    let arena = Arena::new();
    let mut out = Vec::new();
    match read(json, &arena, &Limits::default()) {
        Ok(value) => value.write_pretty(&mut out),
        Err(_) => out.extend_from_slice(json),
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Memory that JSON is written to: the heap's, or a message's arena's.
pub trait Sink {
    fn push(&mut self, byte: u8);
    fn extend_from_slice(&mut self, bytes: &[u8]);
    /// Makes room for so many more bytes.
    fn reserve(&mut self, bytes: usize);
    /// How many bytes it holds.
    fn size(&self) -> usize;
}

impl Value<'_> {
    /// Appends compact JSON. What was read is written with the very digits and escapes it came
    /// with.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let _ = self.write_json_within(usize::MAX, Limits::MAX_DEPTH, out);
    }

    /// Appends compact JSON until `out` is longer than `limit` bytes. A computed value shares its parts: a few nodes may
    /// be gigabytes when they are written.
    ///
    /// # Errors
    /// What stood in the way before its end.
    pub fn write_json_within(&self, limit: usize, depth: usize, out: &mut impl Sink) -> Result<(), Excess> {
        match self {
            Self::Array(elements) => {
                let inner = depth.checked_sub(1).ok_or(Excess::Depth)?;
                out.push(b'[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    element.write_json_within(limit, inner, out)?;
                }
                out.push(b']');
            }
            Self::Object(object) => {
                let inner = depth.checked_sub(1).ok_or(Excess::Depth)?;
                out.push(b'{');
                for (at, entry) in object.entries().iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    entry.key.write_json(out);
                    out.push(b':');
                    entry.value.write_json_within(limit, inner, out)?;
                }
                out.push(b'}');
            }
            scalar => scalar.write_scalar(out),
        }
        if out.size() <= limit { Ok(()) } else { Err(Excess::Size) }
    }

    /// Appends JSON for people: one member a line, two spaces a level, no final newline.
    pub fn write_pretty(&self, out: &mut Vec<u8>) {
        self.write_indented(0, out);
    }

    fn write_indented(&self, level: usize, out: &mut Vec<u8>) {
        match self {
            Self::Array([]) => out.extend_from_slice(b"[]"),
            Self::Object(object) if object.is_empty() => out.extend_from_slice(b"{}"),
            Self::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    out.push(if at == 0 { b'[' } else { b',' });
                    new_line(level + 1, out);
                    element.write_indented(level + 1, out);
                }
                new_line(level, out);
                out.push(b']');
            }
            Self::Object(object) => {
                for (at, entry) in object.entries().iter().enumerate() {
                    out.push(if at == 0 { b'{' } else { b',' });
                    new_line(level + 1, out);
                    entry.key.write_json(out);
                    out.extend_from_slice(b": ");
                    entry.value.write_indented(level + 1, out);
                }
                new_line(level, out);
                out.push(b'}');
            }
            scalar => scalar.write_scalar(out),
        }
    }

    fn write_scalar(&self, out: &mut impl Sink) {
        match self {
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => out.extend_from_slice(number.as_str().as_bytes()),
            Self::String(text) => text.write_json(out),
            Self::Null | Self::Array(_) | Self::Object(_) => out.extend_from_slice(b"null"),
        }
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.push(byte);
    }

    #[inline]
    fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn reserve(&mut self, bytes: usize) {
        self.reserve(bytes);
    }

    #[inline]
    fn size(&self) -> usize {
        self.len()
    }
}

impl Sink for ArenaVec<'_, u8> {
    fn push(&mut self, byte: u8) {
        self.push(byte);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.extend_from_slice_copy(bytes);
    }

    fn reserve(&mut self, bytes: usize) {
        self.reserve(bytes);
    }

    fn size(&self) -> usize {
        self.len()
    }
}

fn new_line(level: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + 2 * level, b' ');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Arena, Limits, Value, read};
    use super::Excess;

    #[test]
    fn shared_parts_are_written_as_far_as_the_limit() {
        let arena = Arena::new();
        let mut value = Value::string("x");
        for _ in 0..100 {
            value = Value::array(&arena, &[value, value]);
        }
        let mut out = Vec::new();
        assert_eq!(value.write_json_within(1000, 200, &mut out), Err(Excess::Size));
        assert!(out.len() < 1200);
        let mut deep = Value::Null;
        for _ in 0..100_000 {
            deep = Value::array(&arena, &[deep]);
        }
        assert_eq!(deep.write_json_within(usize::MAX, 512, &mut Vec::new()), Err(Excess::Depth));
    }

    #[test]
    fn pretty_is_two_spaces_a_level() {
        let arena = Arena::new();
        let value = read(br#"{"a":[1.10,{}],"b":{"c":[]}}"#, &arena, &Limits::default()).unwrap();
        let mut out = Vec::new();
        value.write_pretty(&mut out);
        let expected = "{\n  \"a\": [\n    1.10,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
