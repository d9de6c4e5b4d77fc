//! From a tree to bytes.

use super::{Limits, Value};

impl Value<'_> {
    /// Appends compact JSON. What was read is written with the very digits and escapes it came
    /// with.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let _ = self.write_json_within(usize::MAX, out);
    }

    /// Appends compact JSON until `out` is longer than `limit` bytes or the value nests too deeply; `false` when that
    /// was before its end. A computed value shares its parts: a few nodes may be gigabytes when they are written.
    #[must_use]
    pub fn write_json_within(&self, limit: usize, out: &mut Vec<u8>) -> bool {
        self.write_level(Limits::MAX_DEPTH, limit, out)
    }

    fn write_level(&self, depth: usize, limit: usize, out: &mut Vec<u8>) -> bool {
        let Some(inner) = depth.checked_sub(1) else { return false };
        match self {
            Self::Array(elements) => {
                out.push(b'[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    if !element.write_level(inner, limit, out) {
                        return false;
                    }
                }
                out.push(b']');
            }
            Self::Object(object) => {
                out.push(b'{');
                for (at, entry) in object.entries().iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    entry.key.write_json(out);
                    out.push(b':');
                    if !entry.value.write_level(inner, limit, out) {
                        return false;
                    }
                }
                out.push(b'}');
            }
            scalar => scalar.write_scalar(out),
        }
        out.len() <= limit
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

    fn write_scalar(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => out.extend_from_slice(number.as_str().as_bytes()),
            Self::String(text) => text.write_json(out),
            Self::Null | Self::Array(_) | Self::Object(_) => out.extend_from_slice(b"null"),
        }
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

    #[test]
    fn shared_parts_are_written_as_far_as_the_limit() {
        let arena = Arena::new();
        let mut value = Value::string("x");
        for _ in 0..100 {
            value = Value::array(&arena, &[value, value]);
        }
        let mut out = Vec::new();
        assert!(!value.write_json_within(1000, &mut out));
        assert!(out.len() < 1200);
        let mut deep = Value::Null;
        for _ in 0..100_000 {
            deep = Value::array(&arena, &[deep]);
        }
        assert!(!deep.write_json_within(usize::MAX, &mut Vec::new()));
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
