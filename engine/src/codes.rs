//! Code tables: rows of `theirs` and `ours` with more columns, looked up both ways.

use std::collections::HashMap;

use bumpalo::collections::Vec as ArenaVec;
use foldhash::fast::RandomState;

use crate::fault::Policy;
use crate::value::{Arena, Constant, Entry, Text, Value};

/// Which code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the partner's code to ours.
    ToOurs,
    /// From our code to the partner's.
    ToTheirs,
}

/// What a code without a row means.
#[derive(Debug, Clone, PartialEq)]
pub enum Unknown {
    /// The message is kept for a person.
    Park,
    /// The sender is told.
    Reject,
    /// The code goes through as it came.
    Keep,
    /// A code that stands for all unknown ones; where a side has none, the sender is told.
    Use { ours: Option<Constant>, theirs: Option<Constant> },
}

/// One row. A row without `ours` has a meaning for people only (`display`), and translates to null.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub theirs: Box<str>,
    pub ours: Option<Constant>,
    /// Further columns, in the order of the file.
    pub columns: Vec<(Box<str>, Constant)>,
    /// The row translates their code to ours, never back.
    pub inbound_only: bool,
}

/// A code without a row, in a table that does not say what stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCode {
    pub direction: Direction,
    /// What the table says is to become of the message.
    pub policy: Policy,
}

/// Places of rows by code.
type Index = HashMap<Box<str>, usize, RandomState>;

/// A compiled table. Look-ups cost the same for ten rows and for a hundred thousand.
#[derive(Debug, PartialEq)]
pub struct Table {
    name: Box<str>,
    columns: Vec<Box<str>>,
    rows: Vec<Row>,
    by_theirs: Index,
    by_ours: Index,
    unknown: Unknown,
}

impl Table {
    /// Indexes the rows; of rows with one code the first is found (the compiler has reported the others). `columns`
    /// are those that a row may have beside `theirs` and `ours`.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, columns: Vec<Box<str>>, rows: Vec<Row>, unknown: Unknown) -> Self {
        let mut by_theirs = Index::with_capacity_and_hasher(rows.len(), RandomState::default());
        let mut by_ours = Index::with_capacity_and_hasher(rows.len(), RandomState::default());
        for (at, row) in rows.iter().enumerate() {
            by_theirs.entry(row.theirs.clone()).or_insert(at);
            if let (Some(ours), false) = (row.ours.as_ref().and_then(Constant::as_code), row.inbound_only) {
                by_ours.entry(ours.into()).or_insert(at);
            }
        }
        Self { name: name.into(), columns, rows, by_theirs, by_ours, unknown }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names that a row may have.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        ["theirs", "ours"].into_iter().chain(self.columns.iter().map(|column| &**column))
    }

    /// Whether a code of ours can be translated at all.
    #[must_use]
    pub fn leads_back(&self) -> bool {
        !self.by_ours.is_empty()
            || matches!(self.unknown, Unknown::Keep | Unknown::Use { theirs: Some(_), .. })
    }

    /// Whether the partner's codes come as strings, all of them.
    #[must_use]
    pub fn theirs_is_text(&self) -> bool {
        match &self.unknown {
            Unknown::Use { theirs: Some(theirs), .. } => theirs.as_text().is_some(),
            _ => true,
        }
    }

    /// The code on the other side of `code`.
    ///
    /// # Errors
    /// The table has no row for the code, and its policy is to park or to reject.
    pub fn code<'a>(
        &'a self,
        direction: Direction,
        code: &'a str,
        arena: &'a Arena,
    ) -> Result<Value<'a>, UnknownCode> {
        match (self.find(direction, code), direction) {
            (Some(row), Direction::ToTheirs) => Ok(Value::string(&row.theirs)),
            (Some(row), Direction::ToOurs) => {
                Ok(row.ours.as_ref().map_or(Value::Null, |ours| ours.value(arena)))
            }
            (None, _) => self.unknown(direction, code, arena),
        }
    }

    /// The whole row of `code`, as an object of `theirs`, `ours` and the columns.
    ///
    /// # Errors
    /// As for [`Self::code`]; an unknown code that is kept or replaced has no row: null.
    pub fn row<'a>(
        &'a self,
        direction: Direction,
        code: &'a str,
        arena: &'a Arena,
    ) -> Result<Value<'a>, UnknownCode> {
        match self.find(direction, code) {
            Some(row) => Ok(row.value(arena)),
            None => self.unknown(direction, code, arena).map(|_| Value::Null),
        }
    }

    /// How many values all rows have.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rows.iter().map(|row| row.columns.len() + 2).sum()
    }

    /// All rows, in the order of the file.
    pub fn rows<'a>(&'a self, arena: &'a Arena) -> Value<'a> {
        Value::Array(arena.alloc_slice_fill_iter(self.rows.iter().map(|row| row.value(arena))))
    }

    fn find(&self, direction: Direction, code: &str) -> Option<&Row> {
        let index = match direction {
            Direction::ToOurs => &self.by_theirs,
            Direction::ToTheirs => &self.by_ours,
        };
        index.get(code).and_then(|at| self.rows.get(*at))
    }

    fn unknown<'a>(
        &'a self,
        direction: Direction,
        code: &'a str,
        arena: &'a Arena,
    ) -> Result<Value<'a>, UnknownCode> {
        let policy = match &self.unknown {
            Unknown::Keep => return Ok(Value::string(code)),
            Unknown::Use { ours: Some(ours), .. } if direction == Direction::ToOurs => {
                return Ok(ours.value(arena));
            }
            Unknown::Use { theirs: Some(theirs), .. } if direction == Direction::ToTheirs => {
                return Ok(theirs.value(arena));
            }
            Unknown::Park => Policy::Park,
            Unknown::Reject | Unknown::Use { .. } => Policy::Refuse,
        };
        Err(UnknownCode { direction, policy })
    }
}

impl Row {
    fn value<'a>(&'a self, arena: &'a Arena) -> Value<'a> {
        let ours = self.ours.as_ref().map_or(Value::Null, |ours| ours.value(arena));
        let codes = [("theirs", Value::string(&self.theirs)), ("ours", ours)];
        let columns = self.columns.iter().map(|(name, constant)| (&**name, constant.value(arena)));
        let entries = codes.into_iter().chain(columns);
        let entries = entries.map(|(name, value)| Entry { key: Text::plain(name), value });
        Value::object(arena, &ArenaVec::from_iter_in(entries, arena))
    }
}
