use rusqlite::{Connection, OptionalExtension, params};

use super::{
    column::{self, Headers, Micros},
    lane, record,
    row::MessageRow,
};
use crate::store::{
    Acceptance, Accepted, Answer, Disposition, Error, Idempotency, MessageState, NewDelivery, NewMessage,
};

/// Writes a message and what comes with it, unless its id is known.
pub(super) fn accept(connection: &Connection, acceptance: &Acceptance) -> Result<Accepted, Error> {
    let message = &acceptance.message;
    if let Some(Idempotency { scope, id, digest }) = &message.idempotency
        && let Some(known) = first_answer(connection, scope, id, digest)?
    {
        return Ok(known);
    }
    let deliveries = needed(connection, acceptance)?;
    if deliveries.is_empty() && !acceptance.deliveries.is_empty() && acceptance.records.is_empty() {
        return Ok(Accepted::Superfluous);
    }
    let state = initial_state(message.disposition, &deliveries);
    let row = MessageRow { seq: insert_message(connection, message, state)?, id: &message.id };
    for delivery in deliveries {
        lane::enter(connection, row, delivery)?;
    }
    for write in &acceptance.records {
        record::write(connection, write)?;
    }
    Ok(Accepted::New)
}

/// The deliveries without those that are superfluous.
fn needed<'a>(connection: &Connection, acceptance: &'a Acceptance) -> Result<Vec<&'a NewDelivery>, Error> {
    let mut needed = Vec::with_capacity(acceptance.deliveries.len());
    for delivery in &acceptance.deliveries {
        if !delivery.unless_pending || !lane::is_busy(connection, delivery)? {
            needed.push(delivery);
        }
    }
    Ok(needed)
}

/// What a message with this id gets if it is not the first.
pub(super) fn first_answer(
    connection: &Connection,
    scope: &str,
    id: &str,
    digest: &[u8; 32],
) -> Result<Option<Accepted>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT m.digest = ?3, b.answer_status, b.answer_content_type, b.answer_body, b.answer_headers
         FROM message m JOIN message_body b ON b.message = m.seq
         WHERE m.sender_id = ?2 AND m.scope = ?1",
    )?;
    let known = statement
        .query_row(params![scope, id, digest], |row| {
            if !row.get(0)? {
                return Ok(Accepted::Conflict);
            }
            Ok(Accepted::Duplicate(Answer {
                status: row.get(1)?,
                content_type: row.get(2)?,
                headers: column::headers(row, 4)?,
                body: row.get(3)?,
            }))
        })
        .optional()?;
    Ok(known)
}

fn initial_state(disposition: Disposition, deliveries: &[&NewDelivery]) -> MessageState {
    match disposition {
        Disposition::Parked => MessageState::Parked,
        Disposition::Rejected if deliveries.is_empty() => MessageState::Rejected,
        Disposition::Accepted if deliveries.is_empty() => MessageState::Done,
        Disposition::Accepted | Disposition::Rejected => MessageState::Accepted,
    }
}

fn insert_message(
    connection: &Connection,
    message: &NewMessage,
    state: MessageState,
) -> rusqlite::Result<i64> {
    let known = message.idempotency.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO message
               (id, partner, channel, route, message_type, key, received_at, state, fault,
                scope, sender_id, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            message.id,
            message.partner,
            message.channel,
            message.route,
            message.message_type,
            message.key,
            Micros(message.received_at),
            state,
            message.fault,
            known.map(|known| &known.scope),
            known.map(|known| &known.id),
            known.map(|known| known.digest),
        ])?;
    let seq = connection.last_insert_rowid();
    let answer = &message.answer;
    connection
        .prepare_cached(
            "INSERT INTO message_body
               (message, answer_status, answer_content_type, answer_body, answer_headers, body, inbound, trace)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            seq,
            answer.status,
            answer.content_type,
            answer.body,
            Headers(&answer.headers),
            message.body,
            message.inbound,
            message.trace
        ])?;
    Ok(seq)
}
