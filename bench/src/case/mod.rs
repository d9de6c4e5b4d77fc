//! Those who do the job, each from bytes to bytes.

mod hand;
mod ours;
mod raw;
mod typed;

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

/// How a case is made.
pub type Make = fn() -> Result<Box<dyn Case>, Failure>;

/// Every case by name.
pub const CASES: &[(&str, Work, Make)] = &[
    ("ours", Work::Maps, || Ok(Box::new(ours::Ours::new(false)?))),
    ("ours+schemas", Work::Maps, || Ok(Box::new(ours::Ours::new(true)?))),
    (TYPED, Work::Maps, || Ok(Box::new(typed::Typed::default()))),
    ("hand", Work::Maps, || Ok(Box::new(hand::Hand::default()))),
    (RAW, Work::Copies, || Ok(Box::new(raw::Raw::default()))),
];

/// The case that others are compared with: what they cost, and whether they do the same.
pub const TYPED: &str = "typed";
/// The case that others are compared with: what they cost.
pub const RAW: &str = "raw";
