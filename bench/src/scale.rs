//! Configurations and messages of any size: what should not matter to a message that does not need it.

mod partners;
mod rows;

pub use partners::{Partners, Way};
pub use rows::Rows;
