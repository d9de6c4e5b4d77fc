//! What we send to partners.

pub mod client;
mod encoding;
mod error;
#[cfg(test)]
pub(crate) mod fake;
mod flow;
mod opened;
mod prepared;
mod retry_after;
mod upload;

pub use client::{Client, Request, Response};
pub use encoding::{content_type, encoded};
pub use error::Error;
pub use opened::{Opened, Passing};
pub(crate) use retry_after::of as asked;
pub use upload::{Broken, Progress, Upload};
