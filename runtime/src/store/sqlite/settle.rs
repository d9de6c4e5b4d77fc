use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    column::Micros,
    lane, record, resume,
    row::{self, DeliveryRow, Ending, MessageRow},
};
use crate::store::{DeliveryState, Discarded, Error, Exhausted, Redriven, Settlement, Verdict};

/// Ends the current attempt of a delivery and writes what follows from it.
pub(super) fn settle(connection: &Connection, settlement: &Settlement) -> Result<(), Error> {
    let delivery = current(connection, settlement)?;
    let ending = Ending {
        at: settlement.at,
        outcome: settlement.outcome(),
        response: settlement.response.as_ref(),
        fault: settlement.fault.as_deref(),
    };
    row::insert_attempt(connection, &delivery, &ending)?;
    apply(connection, &delivery, settlement)?;
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

fn apply(connection: &Connection, delivery: &DeliveryRow, settlement: &Settlement) -> rusqlite::Result<()> {
    let (state, head, due) = match settlement.verdict {
        Verdict::Retry { due } => (DeliveryState::Pending, true, due),
        Verdict::Delivered => (DeliveryState::Delivered, false, settlement.at),
        Verdict::Rejected => (DeliveryState::Rejected, false, settlement.at),
        Verdict::Parked => {
            let (state, head) = lane::given_up(connection, delivery)?;
            (state, head, settlement.at)
        }
    };
    connection
        .prepare_cached(
            "UPDATE delivery SET state = ?2, head = ?3, due = ?4, last_fault = ?5 WHERE seq = ?1",
        )?
        .execute(params![delivery.seq, state, head, Micros(due), settlement.fault])
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
    let deliveries = in_states(connection, id, message, [DeliveryState::Rejected, DeliveryState::Parked])?;
    let mut made = 0;
    for delivery in &deliveries {
        // Its time is over: made now, it would undo what a later one has done.
        let superseded =
            delivery.on_exhausted == Exhausted::LatestWins && lane::has_later(connection, delivery)?;
        let state = if superseded { DeliveryState::Superseded } else { DeliveryState::Pending };
        made += usize::from(!superseded);
        connection
            .prepare_cached(
                "UPDATE delivery SET state = ?2, attempts = 0, due = ?3, since = ?3, head = 0 WHERE seq = ?1",
            )?
            .execute(params![delivery.seq, state, Micros(now)])?;
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
    Ok(if made == 0 && !deliveries.is_empty() { Redriven::Superseded } else { Redriven::Deliveries(made) })
}

/// Gives up for good what is parked or pending.
pub(super) fn discard(connection: &Connection, id: &str, now: Timestamp) -> Result<Discarded, Error> {
    let message = row_of_message(connection, id)?;
    let deliveries = in_states(connection, id, message, [DeliveryState::Pending, DeliveryState::Parked])?;
    for delivery in &deliveries {
        connection
            .prepare_cached("UPDATE delivery SET state = ?2, due = ?3, head = 0 WHERE seq = ?1")?
            .execute(params![delivery.seq, DeliveryState::Discarded, Micros(now)])?;
        lane::elect(connection, &delivery.lane)?;
        row::refresh_message(connection, delivery.message)?;
    }
    if let (true, Some(message)) = (deliveries.is_empty(), message)
        && resume::discard(connection, message)?
    {
        return Ok(Discarded::Message);
    }
    if deliveries.is_empty() && message.is_none() && !is_delivery(connection, id)? {
        return Ok(Discarded::Unknown);
    }
    Ok(Discarded::Deliveries(deliveries.len()))
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

/// Deliveries with this id or of this message that are in one of two states.
fn in_states(
    connection: &Connection,
    id: &str,
    message: Option<i64>,
    states: [DeliveryState; 2],
) -> rusqlite::Result<Vec<DeliveryRow>> {
    let columns = DeliveryRow::COLUMNS;
    connection
        .prepare_cached(&format!(
            "SELECT {columns} FROM delivery
             WHERE (id = ?1 OR message = ?2) AND state IN (?3, ?4) ORDER BY seq"
        ))?
        .query_map(params![id, message, states[0], states[1]], DeliveryRow::read)?
        .collect()
}
