//! From a tree to bytes.

use super::Value;

impl Value<'_> {
    /// Appends compact JSON. What was read is written with the very digits and escapes it came
    /// with.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Array(elements) => {
                out.push(b'[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    element.write_json(out);
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
                    entry.value.write_json(out);
                }
                out.push(b'}');
            }
            scalar => scalar.write_scalar(out),
        }
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
    use super::super::{Arena, Limits, read};

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
