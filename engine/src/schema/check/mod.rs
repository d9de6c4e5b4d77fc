//! A schema as it is kept: how values lie in each other, in a few words each. What is said of single values only is the
//! library's, and equal words are compiled once for all schemas.
//!
//! It decides, and does not explain: of a message that is not valid the library itself tells why.

mod build;
mod leaf;
mod members;
mod pattern;

use std::sync::Arc;

pub(super) use build::build;
pub(super) use leaf::{Leaf, Leaves};
use members::Members;
use pattern::Pattern;

use crate::value::{Text, Value};

/// The place of a node in its schema.
type At = u32;

/// One schema with all that it refers to.
#[derive(Debug)]
pub(super) struct Check {
    nodes: Box<[Node]>,
}

/// All of them must hold.
type Node = Box<[Test]>;

#[derive(Debug)]
enum Test {
    /// `false`
    Never,
    Types(Types),
    /// `enum` and `const` of strings.
    Listed(Box<[Box<str>]>),
    /// `minLength`, `maxLength`, in characters.
    Length {
        least: u32,
        most: u32,
    },
    Pattern(Pattern),
    Leaf(Arc<Leaf>),
    Members(Box<Members>),
    Elements {
        first: Box<[At]>,
        rest: Option<At>,
    },
    /// `$ref`, `allOf`
    Also(At),
    Any(Box<[At]>),
    One(Box<[At]>),
    Not(At),
    If {
        condition: At,
        then: Option<At>,
        otherwise: Option<At>,
    },
}

/// JSON types, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Types(u8);

impl Check {
    pub fn is_valid(&self, value: Value<'_>) -> bool {
        self.holds(0, value)
    }

    fn holds(&self, at: At, value: Value<'_>) -> bool {
        let tests = self.nodes.get(at as usize);
        tests.is_some_and(|tests| tests.iter().all(|test| self.passes(test, value)))
    }

    fn passes(&self, test: &Test, value: Value<'_>) -> bool {
        let holds = |at: &At| self.holds(*at, value);
        match test {
            Test::Never => false,
            Test::Types(types) => types.hold(value),
            Test::Listed(texts) => match value {
                Value::String(text) => texts.iter().any(|listed| text.is(listed)),
                _ => false,
            },
            Test::Length { least, most } => match value {
                Value::String(text) => is_long(text, *least as usize, *most as usize),
                _ => true,
            },
            Test::Pattern(pattern) => match value {
                Value::String(text) => {
                    text.as_clean().map_or_else(|| pattern.fits(&text.decode()), |text| pattern.fits(text))
                }
                _ => true,
            },
            Test::Leaf(leaf) => leaf.is_valid(value),
            Test::Members(members) => match value {
                Value::Object(object) => members.hold(object, |at, value| self.holds(at, value)),
                _ => true,
            },
            Test::Elements { first, rest } => match value {
                Value::Array(elements) => elements.iter().enumerate().all(|(place, element)| {
                    let at = first.get(place).copied().or(*rest);
                    at.is_none_or(|at| self.holds(at, *element))
                }),
                _ => true,
            },
            Test::Also(at) => holds(at),
            Test::Any(nodes) => nodes.iter().any(holds),
            Test::One(nodes) => nodes.iter().filter(|at| holds(at)).take(2).count() == 1,
            Test::Not(at) => !holds(at),
            Test::If { condition, then, otherwise } => {
                let branch = if holds(condition) { then } else { otherwise };
                branch.as_ref().is_none_or(holds)
            }
        }
    }
}

/// There are no more characters than bytes, and an escaped one takes up to twelve.
fn is_long(text: Text<'_>, least: usize, most: usize) -> bool {
    let (may_be_short, may_be_long) = (text.size() / 12 < least, text.size() > most);
    match (least, may_be_short, may_be_long) {
        (0 | 1, _, false) => text.size() >= least,
        (_, false, false) => true,
        _ => (least..=most).contains(&text.char_count()),
    }
}

impl Types {
    const NONE: Self = Self(0);
    const INTEGER: u8 = 1 << 6;

    fn with(self, name: &str) -> Option<Self> {
        let bit = match name {
            "null" => 1,
            "boolean" => 1 << 1,
            "number" => 1 << 2,
            "string" => 1 << 3,
            "array" => 1 << 4,
            "object" => 1 << 5,
            "integer" => Self::INTEGER,
            _ => return None,
        };
        Some(Self(self.0 | bit))
    }

    fn hold(self, value: Value<'_>) -> bool {
        let bit = match value {
            Value::Null => 1,
            Value::Bool(_) => 1 << 1,
            Value::Number(number) if self.0 & Self::INTEGER != 0 && number.is_integer() => Self::INTEGER,
            Value::Number(_) => 1 << 2,
            Value::String(_) => 1 << 3,
            Value::Array(_) => 1 << 4,
            Value::Object(_) => 1 << 5,
        };
        self.0 & bit != 0
    }
}

#[cfg(test)]
mod tests;
