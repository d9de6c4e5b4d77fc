//! Deliveries: claimed lane by lane, attempted, settled with all that follows.

pub mod again;
mod attempt;
pub(crate) mod backoff;
pub mod fault;
pub mod intake;
mod worker;

pub use attempt::{Attempt, PATIENCE, patiently};
pub use worker::Worker;
