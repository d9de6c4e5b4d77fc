//! Deliveries: claimed lane by lane, attempted, settled with all that follows.

mod again;
mod attempt;
mod backoff;
pub mod fault;
pub mod intake;
mod under_way;
mod worker;

pub use attempt::Attempt;
pub use worker::Worker;
