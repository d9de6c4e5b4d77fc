use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    column::Micros,
    lane, record, resume,
    row::{self, DeliveryRow, Ending, MessageRow},
};
use crate::store::{AttemptOutcome, DeliveryState, Error, Redriven, Settlement, Verdict};

/// Ends the current attempt of a delivery and writes what follows from it.
pub(super) fn settle(connection: &Connection, settlement: &Settlement) -> Result<(), Error> {
    let delivery = current(connection, settlement)?;
    let ending = Ending {
        at: settlement.at,
        outcome: outcome(settlement.verdict),
        response: settlement.response.as_ref(),
        fault: settlement.fault.as_deref(),
    };
    row::insert_attempt(connection, &delivery, &ending)?;
    apply(connection, delivery.seq, settlement)?;
    // Before the follow-ups: who waits in the lane comes first.
    lane::elect(connection, &delivery.lane)?;
    follow_up(connection, delivery.message, settlement)?;
    row::refresh_message(connection, delivery.message)
}

/// The delivery, if the settlement is of its current claim.
fn current(connection: &Connection, settlement: &Settlement) -> Result<DeliveryRow, Error> {
    let columns = DeliveryRow::COLUMNS;
    connection
        .prepare_cached(&format!("SELECT {columns} FROM delivery WHERE id = ?1"))?
        .query_row([&settlement.delivery_id], DeliveryRow::read)
        .optional()?
        .filter(|row| row.state == DeliveryState::InFlight && row.fence == settlement.fence)
        .ok_or_else(|| Error::StaleFence { delivery: settlement.delivery_id.clone() })
}

const fn outcome(verdict: Verdict) -> AttemptOutcome {
    match verdict {
        Verdict::Delivered => AttemptOutcome::Delivered,
        Verdict::Retry { .. } => AttemptOutcome::Retry,
        Verdict::Rejected => AttemptOutcome::Rejected,
        Verdict::Parked => AttemptOutcome::Parked,
    }
}

fn apply(connection: &Connection, delivery: i64, settlement: &Settlement) -> rusqlite::Result<()> {
    let (state, head, due) = match settlement.verdict {
        Verdict::Retry { due } => (DeliveryState::Pending, true, due),
        Verdict::Delivered => (DeliveryState::Delivered, false, settlement.at),
        Verdict::Rejected => (DeliveryState::Rejected, false, settlement.at),
        Verdict::Parked => (DeliveryState::Parked, false, settlement.at),
    };
    connection
        .prepare_cached(
            "UPDATE delivery SET state = ?2, head = ?3, due = ?4, last_fault = ?5 WHERE seq = ?1",
        )?
        .execute(params![delivery, state, head, Micros(due), settlement.fault])
        .map(drop)
}

fn follow_up(connection: &Connection, message: i64, settlement: &Settlement) -> Result<(), Error> {
    if !settlement.deliveries.is_empty() {
        let id: String = connection
            .prepare_cached("SELECT id FROM message WHERE seq = ?1")?
            .query_row([message], |row| row.get(0))?;
        for delivery in &settlement.deliveries {
            let message = MessageRow { seq: message, id: &id };
            lane::enter(connection, message, delivery)?;
        }
    }
    for write in &settlement.records {
        record::write(connection, write)?;
    }
    Ok(())
}

/// Makes what was given up pending again.
pub(super) fn redrive(connection: &Connection, id: &str, now: Timestamp) -> Result<Redriven, Error> {
    let message = row_of_message(connection, id)?;
    let deliveries = given_up(connection, id, message)?;
    for delivery in &deliveries {
        connection
            .prepare_cached(
                "UPDATE delivery SET state = ?2, attempts = 0, due = ?3, head = 0 WHERE seq = ?1",
            )?
            .execute(params![delivery.seq, DeliveryState::Pending, Micros(now)])?;
        lane::elect(connection, &delivery.lane)?;
        row::refresh_message(connection, delivery.message)?;
    }
    if let (true, Some(message)) = (deliveries.is_empty(), message)
        && resume::queue(connection, message)?
    {
        return Ok(Redriven::Message);
    }
    if deliveries.is_empty() && message.is_none() && !is_delivery(connection, id)? {
        return Ok(Redriven::Unknown);
    }
    Ok(Redriven::Deliveries(deliveries.len()))
}

fn row_of_message(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT seq FROM message WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
}

fn is_delivery(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM delivery WHERE id = ?1")?.exists([id])
}

/// Parked and rejected deliveries with this id or of this message.
fn given_up(connection: &Connection, id: &str, message: Option<i64>) -> rusqlite::Result<Vec<DeliveryRow>> {
    let columns = DeliveryRow::COLUMNS;
    connection
        .prepare_cached(&format!(
            "SELECT {columns} FROM delivery
             WHERE (id = ?1 OR message = ?2) AND state IN (?3, ?4) ORDER BY seq"
        ))?
        .query_map(params![id, message, DeliveryState::Rejected, DeliveryState::Parked], DeliveryRow::read)?
        .collect()
}
