//! Who is at the head of a lane.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    column::{Headers, Micros},
    row::{DeliveryRow, MessageRow},
};
use crate::store::{DeliveryState, Error, Exhausted, NewDelivery};

/// Puts a delivery at the end of its lane; it is the head if nobody is there.
pub(super) fn enter(
    connection: &Connection,
    message: MessageRow<'_>,
    delivery: &NewDelivery,
) -> Result<(), Error> {
    if delivery.message_id != message.id {
        return Err(Error::ForeignDelivery { delivery: delivery.id.clone() });
    }
    insert(connection, message.seq, delivery)?;
    connection
        .prepare_cached("INSERT INTO delivery_body (delivery, body, headers) VALUES (?1, ?2, ?3)")?
        .execute(params![connection.last_insert_rowid(), delivery.body, Headers(&delivery.headers)])?;
    Ok(())
}

/// Whether another message has an unfinished delivery of the same route in the lane.
pub(super) fn is_busy(connection: &Connection, delivery: &NewDelivery) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM delivery d JOIN message m ON m.seq = d.message
             WHERE d.lane = ?1 AND d.state <= 1 AND d.route = ?2 AND m.id <> ?3",
        )?
        .exists(params![delivery.lane, delivery.route, delivery.message_id])
}

fn insert(connection: &Connection, message: i64, delivery: &NewDelivery) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO delivery
               (id, message, state, due, max_attempts, depth, lane, route, step, partner, endpoint,
                idempotency_key, method, url, content_type, on_exhausted, since, attempts, fence, claimed_at, head)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?4, 0, 0, 0,
                NOT EXISTS (SELECT 1 FROM delivery WHERE lane = ?7 AND head = 1))",
        )?
        .execute(params![
            delivery.id,
            message,
            DeliveryState::Pending,
            Micros(delivery.due),
            delivery.max_attempts,
            delivery.depth,
            delivery.lane,
            delivery.route,
            delivery.step,
            delivery.partner,
            delivery.endpoint,
            delivery.idempotency_key,
            delivery.method,
            delivery.url,
            delivery.content_type,
            delivery.on_exhausted,
        ])
        .map(drop)
}

/// What becomes of a delivery that is given up, and whether it stays at the head of its lane.
pub(super) fn given_up(
    connection: &Connection,
    delivery: &DeliveryRow,
) -> rusqlite::Result<(DeliveryState, bool)> {
    Ok(match delivery.on_exhausted {
        Exhausted::ParkMessage => (DeliveryState::Parked, false),
        Exhausted::ParkKey => (DeliveryState::Parked, true),
        Exhausted::LatestWins if has_later(connection, delivery)? => (DeliveryState::Superseded, false),
        Exhausted::LatestWins => (DeliveryState::Parked, false),
    })
}

/// Whether a later delivery of the lane goes, or went, to the same endpoint.
pub(super) fn has_later(connection: &Connection, delivery: &DeliveryRow) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM delivery
             WHERE on_exhausted = 2 AND lane = ?1 AND endpoint = ?3 AND seq > ?2 AND state <= 2 LIMIT 1",
        )?
        .exists(params![delivery.lane, delivery.seq, delivery.endpoint])
}

/// Makes the first unfinished delivery of the lane its head, unless one keeps the lane: it is in flight, or was given up and
/// holds what comes after it.
///
/// Called whenever a delivery leaves, comes back or gives up its claim.
pub(super) fn elect(connection: &Connection, lane: &str) -> Result<(), Error> {
    let head = head(connection, lane)?;
    if let Some((_, DeliveryState::InFlight | DeliveryState::Parked)) = head {
        return Ok(());
    }
    let head = head.map(|(seq, _)| seq);
    let first = first(connection, lane)?;
    if head != first {
        mark(connection, head, false)?;
        mark(connection, first, true)?;
    }
    Ok(())
}

fn head(connection: &Connection, lane: &str) -> rusqlite::Result<Option<(i64, DeliveryState)>> {
    connection
        .prepare_cached("SELECT seq, state FROM delivery WHERE lane = ?1 AND head = 1")?
        .query_row([lane], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn first(connection: &Connection, lane: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT seq FROM delivery WHERE lane = ?1 AND state <= 1 ORDER BY seq LIMIT 1")?
        .query_row([lane], |row| row.get(0))
        .optional()
}

fn mark(connection: &Connection, delivery: Option<i64>, head: bool) -> rusqlite::Result<()> {
    if let Some(seq) = delivery {
        connection
            .prepare_cached("UPDATE delivery SET head = ?2 WHERE seq = ?1")?
            .execute(params![seq, head])?;
    }
    Ok(())
}
