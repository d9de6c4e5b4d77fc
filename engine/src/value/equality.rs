//! JMESPath's `==` over values, and a hash that agrees with it.

use std::{
    hash::{Hash, Hasher},
    mem::discriminant,
};

use super::{Entry, Object, Value};

impl Value<'_> {
    /// Deep equality: numbers by exact mathematical value, strings by content, objects whatever the
    /// order of their members.
    #[must_use]
    pub fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Number(left), Value::Number(right)) => left == right,
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Array(left), Value::Array(right)) => {
                left.len() == right.len() && left.iter().zip(*right).all(|(left, right)| left.equals(right))
            }
            (Value::Object(left), Value::Object(right)) => objects_equal(left, right),
            _ => false,
        }
    }
}

impl<'b> PartialEq<Value<'b>> for Value<'_> {
    fn eq(&self, other: &Value<'b>) -> bool {
        self.equals(other)
    }
}

impl Eq for Value<'_> {}

impl Hash for Value<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self).hash(state);
        match self {
            Value::Null => {}
            Value::Bool(bool) => bool.hash(state),
            Value::Number(number) => number.hash(state),
            Value::String(text) => text.hash(state),
            Value::Array(elements) => elements.hash(state),
            Value::Object(object) => {
                // Equal objects may differ in order.
                let mut entries: Vec<&Entry<'_>> = object.entries().iter().collect();
                entries.sort_unstable_by_key(|entry| entry.key);
                entries.hash(state);
            }
        }
    }
}

/// Keys are unique on both sides, so equal sizes and one inclusion are equality.
fn objects_equal(left: &Object<'_>, right: &Object<'_>) -> bool {
    left.len() == right.len()
        && left.entries().iter().enumerate().all(|(at, entry)| {
            // Objects of one origin share their order: look at the same place first.
            match right.entries().get(at).filter(|other| other.key == entry.key) {
                Some(other) => entry.value.equals(&other.value),
                None => right.find(&entry.key).is_some_and(|value| entry.value.equals(&value)),
            }
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::hash::DefaultHasher;

    use super::super::{Arena, Limits, read};
    use super::*;

    fn hash(value: Value<'_>) -> u64 {
        let mut state = DefaultHasher::new();
        value.hash(&mut state);
        state.finish()
    }

    fn equal(left: &str, right: &str) -> bool {
        let arena = Arena::new();
        let limits = Limits::default();
        let left = read(left.as_bytes(), &arena, &limits).unwrap();
        let right = read(right.as_bytes(), &arena, &limits).unwrap();
        let equal = left == right;
        assert_eq!(equal, right.equals(&left));
        assert!(!equal || hash(left) == hash(right), "equal values hash alike");
        equal
    }

    #[test]
    fn equality_is_by_meaning() {
        assert!(equal(r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"\u0061":10e-1}"#));
        assert!(equal(r#"["\u0041\n"]"#, r#"["A\u000a"]"#));
        assert!(!equal(r#"{"a":1}"#, r#"{"a":1,"b":2}"#));
        assert!(!equal(r#"{"a":1}"#, r#"{"b":1}"#));
        assert!(!equal("[1,2]", "[2,1]"));
        assert!(!equal("1", r#""1""#));
        assert!(!equal("null", "false"));
        assert!(equal("null", "null"));
    }
}
