//! The compiled configuration: what it is and how it runs.

pub mod contract;
pub mod mapping;
pub mod route;
pub mod template;
