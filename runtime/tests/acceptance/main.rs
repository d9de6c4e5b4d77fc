//! Tolmach as its users meet it: over HTTP and on the command line, with real files and a real database.
//!
//! One test program for all of it: it is linked once, and the harness is shared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod admin;
mod callers;
mod calls;
mod cli;
mod crash;
mod delivery;
mod harness;
mod inbound;
mod packs;
mod reload;
mod story;
mod tls;
mod tutorial;
mod unprompted;
mod watch;
