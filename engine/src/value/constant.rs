//! A value that outlives messages.

use std::fmt;

use super::{Arena, Entry, Number, Object, Text, Value, object::Slot};

/// A constant of a plan: owned, kept across messages, lent to each.
#[derive(Clone)]
pub struct Constant {
    json: Box<str>,
    form: Form,
}

/// Around a string.
const QUOTES: usize = 2;

/// What the JSON text is.
#[derive(Clone)]
enum Form {
    Null,
    Bool(bool),
    Number,
    /// The content of a string, between quotes.
    Text,
    /// Anything else.
    Tree(Box<Node>),
}

#[derive(Clone)]
enum Node {
    Null,
    Bool(bool),
    Number(Box<str>),
    String(Content),
    Array(Box<[Node]>),
    Object { members: Box<[(Content, Node)]>, index: Box<[Slot]> },
}

/// The content of a string, and whether JSON text needs no escapes for it.
#[derive(Clone)]
struct Content {
    content: Box<str>,
    clean: bool,
}

impl Constant {
    /// Copies a value out of its message.
    #[must_use]
    pub fn from_value(value: Value<'_>) -> Self {
        let mut json = Vec::new();
        value.write_json(&mut json);
        let json: Box<str> = String::from_utf8_lossy(&json).into();
        Self { form: Form::of(&value, &json), json }
    }

    /// Compact JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// The value, borrowed from the constant; only arrays and objects take room in the arena.
    #[must_use]
    pub fn value<'a>(&'a self, arena: &'a Arena) -> Value<'a> {
        match &self.form {
            Form::Null => Value::Null,
            Form::Bool(bool) => Value::Bool(*bool),
            Form::Number => Value::Number(Number::trusted(&self.json)),
            Form::Text => Value::String(Text::clean(self.between_quotes())),
            Form::Tree(node) => node.value(arena),
        }
    }

    fn between_quotes(&self) -> &str {
        self.json.get(1..self.json.len() - 1).unwrap_or_default()
    }

    /// The content of a string constant.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.form {
            Form::Text => Some(self.between_quotes()),
            Form::Tree(node) => match &**node {
                Node::String(text) => Some(&text.content),
                _ => None,
            },
            Form::Null | Form::Bool(_) | Form::Number => None,
        }
    }

    /// A scalar as the text of a code: `10` and `"10"` are the same code.
    #[must_use]
    pub fn as_code(&self) -> Option<&str> {
        match &self.form {
            Form::Number | Form::Bool(_) => Some(&self.json),
            Form::Null | Form::Text | Form::Tree(_) => self.as_text(),
        }
    }
}

impl Form {
    fn of(value: &Value<'_>, json: &str) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(_) => Self::Number,
            // It may have come with an escape that it does not need.
            Value::String(text) if text.decode().len() + QUOTES == json.len() => Self::Text,
            _ => Self::Tree(Box::new(Node::of(value))),
        }
    }
}

impl Node {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::Number(number.as_str().into()),
            Value::String(text) => Self::String(Content::of(text)),
            Value::Array(elements) => Self::Array(elements.iter().map(Self::of).collect()),
            Value::Object(object) => Self::Object {
                members: object
                    .entries()
                    .iter()
                    .map(|entry| (Content::of(&entry.key), Self::of(&entry.value)))
                    .collect(),
                index: object.index().into(),
            },
        }
    }

    fn value<'a>(&'a self, arena: &'a Arena) -> Value<'a> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(lexeme) => Value::Number(Number::trusted(lexeme)),
            Self::String(content) => Value::String(content.text()),
            Self::Array(elements) if elements.is_empty() => Value::Array(&[]),
            Self::Array(elements) => {
                Value::Array(arena.alloc_slice_fill_iter(elements.iter().map(|element| element.value(arena))))
            }
            Self::Object { members, .. } if members.is_empty() => Value::Object(Object::EMPTY),
            Self::Object { members, index } => {
                let entries =
                    members.iter().map(|(key, value)| Entry { key: key.text(), value: value.value(arena) });
                let entries = arena.alloc_slice_fill_iter(entries);
                Value::Object(arena.alloc(Object::from_parts(entries, index)))
            }
        }
    }
}

impl Content {
    fn of(text: &Text<'_>) -> Self {
        let content: Box<str> = text.decode().into();
        let clean = super::scan::special(content.as_bytes()).is_none();
        Self { content, clean }
    }

    fn text(&self) -> Text<'_> {
        if self.clean { Text::clean(&self.content) } else { Text::plain(&self.content) }
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        let arena = Arena::new();
        self.json == other.json || self.value(&arena) == other.value(&arena)
    }
}

impl Eq for Constant {}

impl fmt::Debug for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Constant").field(&self.json).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Limits, read};
    use super::*;

    fn constant(text: &str) -> Constant {
        let arena = Arena::new();
        Constant::from_value(read(text.as_bytes(), &arena, &Limits::default()).unwrap())
    }

    #[test]
    fn a_constant_is_its_value() {
        let members: Vec<_> = (0..40).map(|at| format!("\"k{at}\":{at}")).collect();
        let large = format!("{{{}}}", members.join(","));
        for text in [
            "null",
            "true",
            "1.10",
            r#""ab""#,
            r#""a\u0062""#,
            r#""a\nb""#,
            "[]",
            "{}",
            r#"[1,{"a\u0062":"c"}]"#,
            &large,
        ] {
            let constant = constant(text);
            let arena = Arena::new();
            let value = constant.value(&arena);
            assert_eq!(constant.as_json(), text);
            assert_eq!(value, read(text.as_bytes(), &arena, &Limits::default()).unwrap());
            assert_eq!(Constant::from_value(value), constant);
            assert_eq!(constant.as_text(), value.as_text().map(|text| text.decode()).as_deref());
        }
        let (constant, arena) = (constant(&large), Arena::new());
        assert_eq!(constant.value(&arena).get("k33"), Some(Value::integer(&arena, 33)));
    }

    #[test]
    fn scalars_take_no_memory() {
        let arena = Arena::new();
        for text in ["null", "1.10", r#""a\nb""#, "[]", "{}"] {
            let constant = constant(text);
            let _ = constant.value(&arena);
        }
        assert_eq!(arena.allocated_bytes(), 0);
    }

    #[test]
    fn equality_is_by_meaning() {
        assert_eq!(constant(r#"{"a":1.0,"b":2}"#), constant(r#"{"b":2,"a":1}"#));
        assert_ne!(constant("1"), constant("2"));
    }
}
