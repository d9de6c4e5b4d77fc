//! Member names and positions in a row, and where the members were found last.

use std::cmp::Ordering;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::value::{Object, Tag, Value};

/// One or more steps down: `a.b[0].c`.
#[derive(Debug)]
pub struct Path(Box<[Step]>);

#[derive(Debug)]
enum Step {
    Member(Member),
    /// The position of an element; a negative one counts from the end.
    Element(i32),
}

#[derive(Debug)]
struct Member {
    name: Box<str>,
    tag: Tag,
    /// Where the member stood in the last object. Messages of one type mostly have their members in one order, so the next
    /// one has it there too; a wrong guess costs a comparison and changes no result.
    place: AtomicU32,
}

impl Path {
    pub fn member(name: &str) -> Self {
        let member = Member { name: name.into(), tag: Tag::of(name), place: AtomicU32::new(0) };
        Self([Step::Member(member)].into())
    }

    pub fn element(position: i32) -> Self {
        Self([Step::Element(position)].into())
    }

    pub fn join(self, tail: Self) -> Self {
        Self(self.0.into_iter().chain(tail.0).collect())
    }

    /// Any order in which only the same paths are equal.
    pub fn order(&self, other: &Self) -> Ordering {
        self.0.iter().map(Step::name).cmp(other.0.iter().map(Step::name))
    }

    /// The value at its end; null where there is none.
    #[inline(always)]
    pub fn follow<'a>(&self, node: Value<'a>) -> Value<'a> {
        match &*self.0 {
            [Step::Member(member)] => member.of(node),
            steps => walk(steps, node),
        }
    }
}

/// As it is written where no name needs quotes.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(member) if at == 0 => f.write_str(&member.name)?,
                Step::Member(member) => write!(f, ".{}", member.name)?,
                Step::Element(position) => write!(f, "[{position}]")?,
            }
        }
        Ok(())
    }
}

impl Step {
    fn name(&self) -> (Option<&str>, i32) {
        match self {
            Self::Member(member) => (Some(&member.name), 0),
            Self::Element(position) => (None, *position),
        }
    }
}

fn walk<'a>(steps: &[Step], mut node: Value<'a>) -> Value<'a> {
    for step in steps {
        node = match step {
            Step::Member(member) => member.of(node),
            Step::Element(position) => element(node, *position),
        };
    }
    node
}

fn element(node: Value<'_>, position: i32) -> Value<'_> {
    let Value::Array(elements) = node else { return Value::Null };
    let distance = position.unsigned_abs() as usize;
    let at = if position < 0 { elements.len().checked_sub(distance) } else { Some(distance) };
    at.and_then(|at| elements.get(at)).copied().unwrap_or(Value::Null)
}

impl Member {
    #[inline(always)]
    fn of<'a>(&self, node: Value<'a>) -> Value<'a> {
        let Value::Object(object) = node else { return Value::Null };
        let guess = self.place.load(Relaxed) as usize;
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
        self.place.store(u32::try_from(place).unwrap_or_default(), Relaxed);
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
        let path = Path::member("a").join(Path::member("b"));
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
