//! What a document may say: its keys, the shapes of their values, the laws among them. The reader reads by it, and the
//! schema for editors is written from it.

use std::fmt::Debug;

/// The units of durations, in milliseconds.
pub const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// The units of sizes, in bytes.
pub const SIZES: [(&str, usize); 3] = [("KB", 1 << 10), ("MB", 1 << 20), ("B", 1)];

/// The keys of one kind of mapping.
#[derive(Debug)]
pub struct Keys {
    /// What a mapping with these keys is called: "a channel". No two kinds are called the same.
    pub what: &'static str,
    pub keys: &'static [Key],
    pub laws: &'static [Law],
}

/// One key of a document.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    pub required: bool,
    pub shape: Shape,
    /// What holds where the key is not there, as it would be written.
    pub default: Option<&'static str>,
}

/// What stands under a key.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A name, a path, a line for people: one value, not empty.
    Text,
    /// One value of any type, not empty.
    Value,
    /// One value of any type, or nothing: a code.
    Code,
    /// A JMESPath expression.
    Expression,
    /// A whole number and a unit of time.
    Duration,
    /// A whole number and a unit of memory.
    Size,
    Boolean,
    Number {
        least: u32,
        most: u32,
    },
    Null,
    Choice(&'static dyn Words),
    /// Whatever YAML can say.
    Constant,
    List(&'static Shape),
    /// Names of the author's own, each with this.
    Named(&'static Shape),
    Keys(&'static Keys),
    /// Known keys, and names of the author's own, each with this.
    Open(&'static Keys, &'static Shape),
    /// One of these.
    Either(&'static [Shape]),
}

/// What holds among the keys of one mapping.
#[derive(Debug, Clone, Copy)]
pub enum Law {
    /// One of these, and no second but where the two are a pair.
    One { of: &'static [&'static str], pairs: &'static [(&'static str, &'static str)] },
    /// One of these, or more.
    Some(&'static [&'static str]),
    /// Each of `keys` says something only beside one of `owners`.
    Needs { keys: &'static [&'static str], owners: &'static [&'static str] },
    /// `key` stands beside none of `others`.
    Excludes { key: &'static str, others: &'static [&'static str] },
}

/// The words of a choice, whatever each stands for.
pub trait Words: Debug + Sync {
    fn words(&self) -> Vec<&'static str>;
}

impl<T: Debug + Sync, const N: usize> Words for [(&'static str, T); N] {
    fn words(&self) -> Vec<&'static str> {
        self.iter().map(|(word, _)| *word).collect()
    }
}

impl Key {
    /// A key with a text; [`Self::of`] gives it another shape.
    #[must_use]
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, required: false, shape: Shape::Text, default: None }
    }

    #[must_use]
    pub const fn required(name: &'static str, about: &'static str) -> Self {
        Self { required: true, ..Self::new(name, about) }
    }

    #[must_use]
    pub const fn of(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }
}

impl Keys {
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}
