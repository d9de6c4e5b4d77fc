//! Those who do the job, each from bytes to bytes.

mod codes;
mod hand;
mod ours;
mod raw;
mod typed;

pub use codes::{currency, document_type, minor_units, status};
pub use ours::{Ours, Served};

use crate::Failure;

/// What was asked of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The whole job: the result is the same as everybody's.
    Maps,
    /// Parses the message and writes it again: the floor under those that build a tree.
    Copies,
}

/// One who does the job. It may keep what it needs from one message to the next.
pub trait Case {
    /// Maps one message; the result is its own until the next call.
    ///
    /// # Errors
    /// The message cannot be mapped.
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure>;
}

/// A case that can be made.
#[derive(Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    pub work: Work,
    pub make: fn() -> Result<Box<dyn Case>, Failure>,
}

/// What needs no other crates than the engine does.
pub const CASES: &[Entry] = &[
    Entry { name: "ours", work: Work::Maps, make: || Ok(Box::new(Ours::job(false)?)) },
    Entry { name: "ours+schemas", work: Work::Maps, make: || Ok(Box::new(Ours::job(true)?)) },
    Entry { name: TYPED, work: Work::Maps, make: || Ok(Box::new(typed::Typed::default())) },
    Entry { name: "hand", work: Work::Maps, make: || Ok(Box::new(hand::Hand::default())) },
    Entry { name: RAW, work: Work::Copies, make: || Ok(Box::new(raw::Raw::default())) },
];

/// The case that tells what others should cost, and what the result is.
pub const TYPED: &str = "typed";
/// The case that tells what a tree costs.
pub const RAW: &str = "raw";
