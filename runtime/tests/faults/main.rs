//! Tolmach where everything around it fails: the process is killed, the disk is full or damaged, partners misbehave.
//!
//! The short form runs with all tests; `TOLMACH_FAULTS=long` makes it a long one (docs/reliability.md).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod backlog;
mod damage;
mod disk;
mod form;
// It is shared with the acceptance tests, and not all of it is used here.
#[path = "../acceptance/harness/mod.rs"]
#[allow(unused_imports)]
mod harness;
mod kills;
mod neighbours;
mod oracle;
mod partners;
mod raw;
mod reloads;
