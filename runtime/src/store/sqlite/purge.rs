//! Forgets what is over.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column::{self, Micros};
use crate::store::{Error, MessageState};

/// Messages that are over, and records that have expired; what hangs on them goes with them.
pub(super) fn purge(
    connection: &Connection,
    received_before: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Result<usize, Error> {
    let [delivered, rejected, done, discarded, superseded] = MessageState::OVER;
    let messages = connection
        .prepare_cached(
            "DELETE FROM message WHERE seq IN
               (SELECT seq FROM message INDEXED BY message_received
                WHERE received_at < ?1 AND state IN (?3, ?4, ?5, ?6, ?7) ORDER BY received_at LIMIT ?2)",
        )?
        .execute(params![
            Micros(received_before),
            column::limit(limit),
            delivered,
            rejected,
            done,
            discarded,
            superseded
        ])?;
    let records = connection
        .prepare_cached(
            "DELETE FROM record WHERE seq IN
               (SELECT seq FROM record WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
        )?
        .execute(params![Micros(now), column::limit(limit)])?;
    Ok(messages + records)
}
