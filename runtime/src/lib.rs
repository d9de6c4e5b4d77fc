//! The thin shell around the engine: it gives the engine bytes and carries out what it decided.

pub mod admin;
pub mod app;
pub mod auth;
pub mod bundle;
pub mod cases;
pub mod cli;
pub mod coding;
pub mod config;
pub mod configuration;
pub mod delivery;
pub mod destination;
pub mod flows;
pub mod inbound;
pub mod live;
pub mod metrics;
pub mod outbound;
pub mod pauses;
pub mod reload;
pub mod retention;
pub mod schedule;
pub mod service;
pub mod store;
pub mod trace;
pub mod transport;
pub mod view;
pub mod world;
