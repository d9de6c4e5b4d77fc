//! What we send to partners.

pub mod client;
mod error;
#[cfg(test)]
pub(crate) mod fake;
mod retry_after;

pub use client::{Client, Request, Response};
pub use error::Error;
