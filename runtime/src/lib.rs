//! The thin shell around the engine: it gives the engine bytes and carries out what it decided.

pub mod bundle;
pub mod cli;
pub mod store;
pub mod world;
