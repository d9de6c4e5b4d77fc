//! A JSON tree that borrows from the input text.
//!
//! Numbers keep the digits they were written with, strings stay escaped until somebody needs their
//! content, objects keep their order. What cannot be borrowed lives in an [`Arena`]; every node is
//! `Copy`.

mod constant;
mod equality;
mod number;
mod object;
pub mod read;
mod scan;
mod serde;
mod text;
mod write;

pub use constant::Constant;
pub use number::Number;
pub use object::{Entry, Object};
pub use read::{Limits, read};
pub use text::{Tag, Text};
pub use write::{Excess, Sink, pretty};

/// Memory for what one message needs beyond its own bytes; reset and reused between messages.
pub type Arena = bumpalo::Bump;

/// One JSON value over the input text or an [`Arena`].
///
/// `==` is JMESPath's equality: numbers by exact mathematical value, strings by content, objects
/// whatever their order.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, by its lexeme.
    Number(Number<'a>),
    /// A string, possibly still escaped.
    String(Text<'a>),
    /// The elements of an array, in order.
    Array(&'a [Value<'a>]),
    /// The members of an object, in input order.
    Object(&'a Object<'a>),
}

impl<'a> Value<'a> {
    /// A string from its content.
    #[must_use]
    pub const fn string(content: &'a str) -> Self {
        Self::String(Text::plain(content))
    }

    /// An integer; its digits are written into the arena.
    #[must_use]
    pub fn integer(arena: &'a Arena, value: i64) -> Self {
        Self::Number(Number::from_i64(arena, value))
    }

    /// An array of computed elements.
    #[must_use]
    pub fn array(arena: &'a Arena, elements: &[Value<'a>]) -> Self {
        match elements {
            [] => Self::Array(&[]),
            some => Self::Array(arena.alloc_slice_copy(some)),
        }
    }

    /// An object of computed entries; a later duplicate replaces an earlier one, as in
    /// [`Object::build`].
    #[must_use]
    pub fn object(arena: &'a Arena, entries: &[Entry<'a>]) -> Self {
        Self::Object(Object::build(arena, entries))
    }

    /// The same value with nothing borrowed from the input: everything is copied into `arena`.
    #[must_use]
    pub fn copy_into<'b>(&self, arena: &'b Arena) -> Value<'b> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => Value::Number(number.copy_into(arena)),
            Self::String(text) => Value::String(text.copy_into(arena)),
            Self::Array([]) => Value::Array(&[]),
            Self::Array(elements) => Value::Array(
                arena.alloc_slice_fill_iter(elements.iter().map(|element| element.copy_into(arena))),
            ),
            Self::Object(object) => Value::Object(object.copy_into(arena)),
        }
    }

    /// The content of a string; an escaped one is decoded into the arena.
    #[must_use]
    pub fn as_str(&self, arena: &'a Arena) -> Option<&'a str> {
        self.as_text().map(|text| text.decode_in(arena))
    }

    /// The text of a scalar: a string's content, a number's digits, `true` or `false`; `None` for null, arrays and
    /// objects. Codes, keys and signatures know no other difference.
    #[must_use]
    pub fn scalar_text(&self, arena: &'a Arena) -> Option<&'a str> {
        match self {
            Self::Null | Self::Array(_) | Self::Object(_) => None,
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Number(number) => Some(number.as_str()),
            Self::String(text) => Some(text.decode_in(arena)),
        }
    }

    /// The string as it stands.
    #[must_use]
    pub const fn as_text(&self) -> Option<Text<'a>> {
        match self {
            Self::String(text) => Some(*text),
            _ => None,
        }
    }

    /// The number as it was written.
    #[must_use]
    pub const fn as_number(&self) -> Option<Number<'a>> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value of a boolean.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub const fn as_array(&self) -> Option<&'a [Value<'a>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&'a Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The member `key` of an object; `None` for anything else.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.as_object()?.get(key)
    }

    /// Whether this is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The JMESPath name of the type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_three_words() {
        assert_eq!(size_of::<Value<'_>>(), 24);
        assert_eq!(size_of::<Entry<'_>>(), 48);
    }

    #[test]
    fn accessors_answer_only_for_their_own_kind() {
        let arena = Arena::new();
        let value =
            Value::object(&arena, &[Entry { key: Text::plain("n"), value: Value::integer(&arena, -7) }]);
        assert_eq!(value.kind(), "object");
        assert_eq!(value.get("n").and_then(|n| n.as_number()).and_then(|n| n.as_i64()), Some(-7));
        assert!(value.get("m").is_none());
        assert!(value.as_array().is_none());
        assert!(Value::Null.is_null());
        assert_eq!(Value::string("a").as_str(&arena), Some("a"));
    }

    #[test]
    fn a_copy_outlives_its_source() {
        let target = Arena::new();
        let copy = {
            let source = Arena::new();
            let text = String::from(r#"{"a":[1.10,"b\n",{}],"c":null}"#);
            read(text.as_bytes(), &source, &Limits::default()).unwrap().copy_into(&target)
        };
        let mut out = Vec::new();
        copy.write_json(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":[1.10,"b\n",{}],"c":null}"#);
    }
}
