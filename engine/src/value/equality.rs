//! JMESPath's `==` over values, and a hash that agrees with it.

use std::{
    hash::{Hash, Hasher},
    mem::discriminant,
};

use super::{Entry, Limits, Object, Value};

impl Value<'_> {
    /// Deep equality: numbers by exact mathematical value, strings by content, objects whatever the
    /// order of their members.
    #[must_use]
    pub fn equals(&self, other: &Value<'_>) -> bool {
        self.equals_within(other, &mut u32::MAX.clone()).unwrap_or_default()
    }

    /// Deep equality that takes what it looks at from `budget`; `None` when that is not enough, or when the values nest
    /// too deeply. A computed value shares its parts, and may be endless to look at.
    pub fn equals_within(&self, other: &Value<'_>, budget: &mut u32) -> Option<bool> {
        same(self, other, Limits::MAX_DEPTH, budget)
    }
}

fn same(left: &Value<'_>, right: &Value<'_>, depth: usize, budget: &mut u32) -> Option<bool> {
    *budget = budget.checked_sub(1)?;
    let inner = depth.checked_sub(1)?;
    Some(match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            for (left, right) in left.iter().zip(*right) {
                if !same(left, right, inner, budget)? {
                    return Some(false);
                }
            }
            true
        }
        (Value::Object(left), Value::Object(right)) => return same_members(left, right, inner, budget),
        _ => false,
    })
}

/// Keys are unique on both sides, so equal sizes and one inclusion are equality.
fn same_members(left: &Object<'_>, right: &Object<'_>, depth: usize, budget: &mut u32) -> Option<bool> {
    if left.len() != right.len() {
        return Some(false);
    }
    for (at, entry) in left.entries().iter().enumerate() {
        // Objects of one origin share their order: look at the same place first.
        let beside = right.entries().get(at).filter(|other| other.key == entry.key).map(|other| other.value);
        let equal = match beside.or_else(|| right.find(&entry.key)) {
            Some(value) => same(&entry.value, &value, depth, budget)?,
            None => false,
        };
        if !equal {
            return Some(false);
        }
    }
    Some(true)
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
    fn shared_parts_are_not_compared_for_ever() {
        let arena = Arena::new();
        let (mut left, mut right) = (Value::Null, Value::Null);
        for _ in 0..100 {
            left = Value::array(&arena, &[left, left]);
            right = Value::array(&arena, &[right, right]);
        }
        assert_eq!(left.equals_within(&right, &mut 10_000), None);
        for _ in 0..100_000 {
            left = Value::array(&arena, &[left]);
            right = Value::array(&arena, &[right]);
        }
        assert_eq!(left.equals_within(&right, &mut 1_000_000), None);
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
