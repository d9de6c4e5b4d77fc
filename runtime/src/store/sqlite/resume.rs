use rusqlite::{Connection, OptionalExtension, params};

use super::column::limit;
use super::row::{self, MessageRow};
use super::{lane, record};
use crate::store::{Error, Idempotency, MessageState, Queued, Resumption};

/// Queues a message that was parked on arrival; `false` when it is none.
pub(super) fn queue(connection: &Connection, message: i64) -> rusqlite::Result<bool> {
    leave(connection, message, MessageState::Queued)
}

/// Gives a message up that was parked on arrival; `false` when it is none.
pub(super) fn discard(connection: &Connection, message: i64) -> rusqlite::Result<bool> {
    leave(connection, message, MessageState::Discarded)
}

fn leave(connection: &Connection, message: i64, state: MessageState) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE message SET state = ?3 WHERE seq = ?1 AND state = ?2
             AND NOT EXISTS (SELECT 1 FROM delivery WHERE message = ?1)",
        )?
        .execute(params![message, MessageState::Parked, state])?;
    Ok(changed > 0)
}

pub(super) fn queued(connection: &Connection, most: usize) -> Result<Vec<Queued>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.channel, b.body, b.inbound, m.route FROM message m JOIN message_body b ON b.message = m.seq
         WHERE m.state = ?1 ORDER BY m.seq LIMIT ?2",
    )?;
    let rows = statement.query_map(params![MessageState::Queued, limit(most)], |row| {
        Ok(Queued {
            id: row.get(0)?,
            channel: row.get(1)?,
            route: row.get(4)?,
            body: row.get(2)?,
            inbound: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives a queued message what it causes, or parks it again.
pub(super) fn resume(connection: &Connection, resumption: &Resumption) -> Result<bool, Error> {
    let seq: Option<i64> = connection
        .prepare_cached("SELECT seq FROM message WHERE id = ?1 AND state = ?2")?
        .query_row(params![resumption.message_id, MessageState::Queued], |row| row.get(0))
        .optional()?;
    let Some(seq) = seq else { return Ok(false) };
    let state = if resumption.fault.is_some() { MessageState::Parked } else { MessageState::Done };
    connection
        .prepare_cached(
            "UPDATE message SET state = ?2, route = ?3, message_type = ?4, key = ?5, fault = ?6 WHERE seq = ?1",
        )?
        .execute(params![
            seq,
            state,
            resumption.route,
            resumption.message_type,
            resumption.key,
            resumption.fault
        ])?;
    let message = MessageRow { seq, id: &resumption.message_id };
    if let Some(idempotency) = &resumption.idempotency {
        identify(connection, message, idempotency)?;
    }
    for delivery in &resumption.deliveries {
        lane::enter(connection, message, delivery)?;
    }
    for write in &resumption.records {
        record::write(connection, write)?;
    }
    row::refresh_message(connection, seq)?;
    Ok(true)
}

/// Gives the message its id, which it may have already.
fn identify(
    connection: &Connection,
    message: MessageRow<'_>,
    idempotency: &Idempotency,
) -> Result<(), Error> {
    let Idempotency { scope, id, digest } = idempotency;
    connection
        .prepare_cached(
            "UPDATE OR IGNORE message SET scope = ?1, sender_id = ?2, digest = ?3 WHERE seq = ?4",
        )?
        .execute(params![scope, id, digest, message.seq])?;
    let owner: i64 = connection
        .prepare_cached("SELECT seq FROM message WHERE scope = ?1 AND sender_id = ?2")?
        .query_row([scope, id], |row| row.get(0))?;
    if owner != message.seq {
        return Err(Error::KnownId { message: message.id.to_owned() });
    }
    Ok(())
}
