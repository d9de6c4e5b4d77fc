//! From what the engine decided to what the store keeps.

use engine::{Delivery, Engine, RecordWrite};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::outbound::content_type;
use crate::store;

/// The message, and what led to its deliveries.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'o> {
    pub message_id: &'o str,
    /// How many deliveries led to these.
    pub depth: u16,
    pub at: Timestamp,
}

/// Fresh ids that sort by time (version 7).
#[must_use]
pub fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

/// The engine's deliveries as the store keeps them.
#[must_use]
pub fn deliveries(made: Vec<Delivery>, engine: &Engine, origin: Origin<'_>) -> Vec<store::NewDelivery> {
    made.into_iter().map(|delivery| new_delivery(delivery, engine, origin)).collect()
}

fn new_delivery(made: Delivery, engine: &Engine, origin: Origin<'_>) -> store::NewDelivery {
    let id = fresh_id();
    let engine::Delivery { route, step, request, key, after } = made;
    let endpoint = engine.endpoint(&request.endpoint);
    let attempts = endpoint.map_or(1, |endpoint| endpoint.retry.attempts);
    let on_exhausted = endpoint.map(|endpoint| endpoint.on_exhausted).unwrap_or_default();
    let after = SignedDuration::try_from(after).unwrap_or_default();
    store::NewDelivery {
        lane: lane(&request.partner, key.as_deref(), &id),
        idempotency_key: id.clone(),
        message_id: origin.message_id.to_owned(),
        route: route.into(),
        step: step.into(),
        partner: request.partner.into(),
        endpoint: request.endpoint.into(),
        method: request.method.as_str().to_owned(),
        url: request.url,
        content_type: content_type(request.encoding).to_owned(),
        headers: owned(request.headers),
        body: request.body,
        due: origin.at.checked_add(after).unwrap_or(origin.at),
        max_attempts: attempts,
        on_exhausted: match on_exhausted {
            engine::Exhausted::ParkMessage => store::Exhausted::ParkMessage,
            engine::Exhausted::ParkKey => store::Exhausted::ParkKey,
            engine::Exhausted::LatestWins => store::Exhausted::LatestWins,
        },
        depth: origin.depth,
        unless_pending: false,
        id,
    }
}

/// Headers as the store keeps them.
#[must_use]
pub fn owned(headers: Vec<(Box<str>, String)>) -> Vec<(String, String)> {
    headers.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// One destination and one key are a lane; a delivery without a key has one of its own.
fn lane(partner: &str, key: Option<&str>, id: &str) -> String {
    match key {
        Some(key) => format!("{partner}/{key}"),
        None => format!("{partner}#{id}"),
    }
}

/// The order key of a lane, if it is one of several deliveries.
#[must_use]
pub fn key_of<'l>(lane: &'l str, partner: &str) -> Option<&'l str> {
    lane.strip_prefix(partner)?.strip_prefix('/')
}

/// The engine's record writes as the store keeps them.
#[must_use]
pub fn records(writes: Vec<RecordWrite>, at: Timestamp) -> Vec<store::RecordWrite> {
    writes.into_iter().map(|write| new_record(write, at)).collect()
}

fn new_record(write: RecordWrite, at: Timestamp) -> store::RecordWrite {
    let keep = write.record.keep.and_then(|keep| SignedDuration::try_from(keep).ok());
    store::RecordWrite {
        record: write.record.name.to_string(),
        key_field: write.record.key.to_string(),
        key: write.key,
        unique: write.unique.into_iter().map(|(field, value)| (field.into(), value)).collect(),
        json: String::from_utf8_lossy(&write.json).into_owned(),
        at,
        expires: keep.and_then(|keep| at.checked_add(keep).ok()),
    }
}
