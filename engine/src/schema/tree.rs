//! The validator's view of our tree: no copy on the way to a verdict.

use std::{borrow::Cow, collections::HashSet, slice};

use jsonschema::{
    JsonType,
    json::{Array, Json, JsonNumber, Node, NodeIdentity, Object},
};

use crate::value::{Entry, Number, Object as Members, Text, Value};

/// Up to this many elements are compared pairwise for `uniqueItems`.
const PAIRWISE: usize = 8;

/// Our representation of JSON.
pub(super) struct Tree;

impl Json for Tree {
    type Node<'a> = &'a Value<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = ();

    // Measured: at 0 and 6 no message of ours is faster.
    const KEYS_PER_LOOKUP: usize = 2;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Self::Node<'_>) -> T) -> T {
        f(&Value::string(string))
    }
}

impl<'a> Node<'a, Tree> for &'a Value<'a> {
    type Object = &'a Members<'a>;
    type Array = &'a [Value<'a>];
    type Number = Number<'a>;

    fn as_object(&self) -> Option<&'a Members<'a>> {
        (**self).as_object()
    }

    fn as_array(&self) -> Option<&'a [Value<'a>]> {
        (**self).as_array()
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.as_text().map(|text| text.decode())
    }

    fn as_number(&self) -> Option<Number<'a>> {
        (**self).as_number()
    }

    fn as_boolean(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        (**self).is_null()
    }

    fn json_type(&self) -> JsonType {
        match self {
            Value::Null => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Number(_) => JsonType::Number,
            Value::String(_) => JsonType::String,
            Value::Array(_) => JsonType::Array,
            Value::Object(_) => JsonType::Object,
        }
    }

    fn string_length(&self) -> Option<u64> {
        self.as_text().map(|text| text.char_count() as u64)
    }

    fn equals_value(&self, expected: &serde_json::Value) -> bool {
        equals(self, expected)
    }

    fn to_value(&self) -> Cow<'a, serde_json::Value> {
        Cow::Owned(to_serde(self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref(*self).addr()))
    }
}

impl<'a> Object<'a, Tree> for &'a Members<'a> {
    type Node = &'a Value<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        (**self).len()
    }

    fn get(&self, key: &Box<str>) -> Option<&'a Value<'a>> {
        self.entry(key).map(|entry| &entry.value)
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter(self.entries().iter())
    }
}

/// The members of an object, their names decoded.
pub(super) struct MembersIter<'a>(slice::Iter<'a, Entry<'a>>);

impl<'a> Iterator for MembersIter<'a> {
    type Item = (Cow<'a, str>, &'a Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.key.decode(), &entry.value))
    }
}

impl<'a> Array<'a, Tree> for &'a [Value<'a>] {
    type Node = &'a Value<'a>;
    type ElementsIter = slice::Iter<'a, Value<'a>>;

    fn len(&self) -> usize {
        <[Value<'a>]>::len(self)
    }

    fn elements(&self) -> slice::Iter<'a, Value<'a>> {
        self.iter()
    }

    fn is_unique(&self) -> bool {
        if <[Value<'a>]>::len(self) > PAIRWISE {
            let mut seen = HashSet::with_capacity(<[Value<'a>]>::len(self));
            return self.iter().all(|element| seen.insert(element));
        }
        let earlier = |at| self.get(..at).unwrap_or_default();
        self.iter().enumerate().all(|(at, element)| !earlier(at).contains(element))
    }
}

impl JsonNumber for Number<'_> {
    fn as_u64(&self) -> Option<u64> {
        Number::as_u64(self)
    }

    fn as_i64(&self) -> Option<i64> {
        Number::as_i64(self)
    }

    /// `None` beyond the range of `f64`, where the validator decides by sign.
    fn as_f64(&self) -> Option<f64> {
        Some(Number::as_f64(self)).filter(|value| value.is_finite())
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(Number::as_str(self))
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(nearest(*self))
    }

    fn is_integer(&self) -> bool {
        Number::is_integer(self)
    }

    fn is_written_as_integer(&self) -> bool {
        !Number::as_str(self).contains(['.', 'e', 'E'])
    }
}

/// Equality with a value of the schema, without building one.
fn equals(value: &Value<'_>, expected: &serde_json::Value) -> bool {
    match (value, expected) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(bool), serde_json::Value::Bool(expected)) => bool == expected,
        (Value::Number(number), serde_json::Value::Number(expected)) => same_number(*number, expected),
        (Value::String(text), serde_json::Value::String(expected)) => text.is(expected),
        (Value::Array(elements), serde_json::Value::Array(expected)) => {
            elements.len() == expected.len()
                && elements.iter().zip(expected).all(|(element, expected)| equals(element, expected))
        }
        (Value::Object(object), serde_json::Value::Object(expected)) => {
            object.len() == expected.len()
                && expected.iter().all(|(key, expected)| {
                    object.entry(key).is_some_and(|entry| equals(&entry.value, expected))
                })
        }
        _ => false,
    }
}

fn same_number(number: Number<'_>, expected: &serde_json::Number) -> bool {
    match (expected.as_i64(), expected.as_u64()) {
        (Some(expected), _) => number.as_i64() == Some(expected),
        (None, Some(expected)) => number.as_u64() == Some(expected),
        (None, None) => Number::from_lexeme(&expected.to_string()).is_some_and(|expected| expected == number),
    }
}

/// A copy for error values, which nobody prints: digits beyond a machine number are lost.
fn to_serde(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(bool) => (*bool).into(),
        Value::Number(number) => nearest(*number).into(),
        Value::String(text) => text.decode().into(),
        Value::Array(elements) => elements.iter().map(to_serde).collect(),
        Value::Object(object) => {
            let member = |entry: &Entry<'_>| (decoded(&entry.key), to_serde(&entry.value));
            serde_json::Value::Object(object.entries().iter().map(member).collect())
        }
    }
}

fn decoded(key: &Text<'_>) -> String {
    key.decode().into_owned()
}

fn nearest(number: Number<'_>) -> serde_json::Number {
    if let Some(value) = number.as_i64() {
        return value.into();
    }
    if let Some(value) = number.as_u64() {
        return value.into();
    }
    let value = number.as_f64().clamp(f64::MIN, f64::MAX);
    serde_json::Number::from_f64(value).unwrap_or_else(|| 0.into())
}
