//! Member names in a row, and where they were found last.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::value::{Object, Tag, Value};

/// One or more member names in a row: `a.b.c`.
#[derive(Debug)]
pub struct Path(Box<[Step]>);

#[derive(Debug)]
struct Step {
    name: Box<str>,
    tag: Tag,
    /// Where the member stood in the last object. Messages of one type mostly have their members in one order, so the next
    /// one has it there too; a wrong guess costs a comparison and changes no result.
    place: AtomicU32,
}

impl Path {
    pub fn new(name: &str) -> Self {
        Self([Step { name: name.into(), tag: Tag::of(name), place: AtomicU32::new(0) }].into())
    }

    pub fn join(self, tail: Self) -> Self {
        Self(self.0.into_iter().chain(tail.0).collect())
    }

    /// The value at its end; null where a member is not there.
    #[inline(always)]
    pub fn follow<'a>(&self, node: Value<'a>) -> Value<'a> {
        let [first, rest @ ..] = &*self.0 else { return node };
        let mut node = first.of(node);
        for step in rest {
            node = step.of(node);
        }
        node
    }
}

impl Step {
    #[inline(always)]
    fn of<'a>(&self, node: Value<'a>) -> Value<'a> {
        let Value::Object(object) = node else { return Value::Null };
        let guess = self.place.load(Ordering::Relaxed) as usize;
        if let Some(entry) = object.entries().get(guess)
            && entry.key.is_tagged(&self.name, self.tag)
        {
            return entry.value;
        }
        self.search(object, guess)
    }

    /// A member that is there in one message and not in the next moves those behind it by one place.
    #[inline(never)]
    fn search<'a>(&self, object: &Object<'a>, guess: usize) -> Value<'a> {
        let is = |place: usize| {
            object.entries().get(place).is_some_and(|entry| entry.key.is_tagged(&self.name, self.tag))
        };
        let near = [guess.wrapping_add(1), guess.wrapping_sub(1)].into_iter().find(|place| is(*place));
        let Some(place) = near.or_else(|| object.place(&self.name)) else { return Value::Null };
        self.place.store(u32::try_from(place).unwrap_or_default(), Ordering::Relaxed);
        object.entries().get(place).map_or(Value::Null, |entry| entry.value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::value::{Arena, Limits, read};

    #[test]
    fn a_member_is_found_wherever_it_stood_before() {
        let path = Path::new("a").join(Path::new("b"));
        let arena = Arena::new();
        for (message, expected) in [
            (r#"{"a":{"b":1}}"#, "1"),
            (r#"{"x":0,"a":{"y":0,"b":2}}"#, "2"),
            (r#"{"a":{"b":3}}"#, "3"),
            (r#"{"x":0,"y":{"b":4}}"#, "null"),
            (r#"{"x":0,"a":{"c":{},"d":{},"b":5}}"#, "5"),
            (r#"{"a":[]}"#, "null"),
            ("[]", "null"),
        ] {
            let mut out = Vec::new();
            path.follow(read(message.as_bytes(), &arena, &Limits::default()).unwrap()).write_json(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{message}");
        }
    }
}
