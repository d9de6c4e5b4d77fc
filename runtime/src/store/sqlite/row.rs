//! Rows that more than one operation reads or refreshes.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::column::{self, Micros};
use crate::store::{AttemptOutcome, DeliveryState, Error, Exhausted, MessageState, Response};

/// A message that the current command writes for.
#[derive(Debug, Clone, Copy)]
pub(super) struct MessageRow<'a> {
    pub seq: i64,
    pub id: &'a str,
}

/// A delivery as far as its life goes.
#[derive(Debug)]
pub(super) struct DeliveryRow {
    pub seq: i64,
    pub message: i64,
    pub lane: String,
    pub state: DeliveryState,
    pub attempts: u32,
    pub max_attempts: u32,
    pub fence: u64,
    pub claimed_at: Timestamp,
    pub due: Timestamp,
    pub endpoint: String,
    pub on_exhausted: Exhausted,
}

impl DeliveryRow {
    /// The columns that [`read`](Self::read) expects, in its order.
    pub const COLUMNS: &str =
        "seq, message, lane, state, attempts, max_attempts, fence, claimed_at, due, endpoint, on_exhausted";

    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            message: row.get(1)?,
            lane: row.get(2)?,
            state: row.get(3)?,
            attempts: row.get(4)?,
            max_attempts: row.get(5)?,
            fence: column::unsigned(row, 6)?,
            claimed_at: column::time(row, 7)?,
            due: column::time(row, 8)?,
            endpoint: row.get(9)?,
            on_exhausted: row.get(10)?,
        })
    }
}

/// How an attempt ended.
pub(super) struct Ending<'a> {
    pub at: Timestamp,
    pub outcome: AttemptOutcome,
    pub response: Option<&'a Response>,
    pub fault: Option<&'a str>,
}

/// Keeps the current attempt of a delivery, which is over.
pub(super) fn insert_attempt(
    connection: &Connection,
    delivery: &DeliveryRow,
    ending: &Ending<'_>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO attempt
               (delivery, number, started_at, ended_at, outcome, status, fault, response)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            delivery.seq,
            delivery.attempts,
            Micros(delivery.claimed_at),
            Micros(ending.at),
            ending.outcome,
            ending.response.map(|response| response.status),
            ending.fault,
            ending.response.map(|response| &response.body),
        ])
        .map(drop)
}

/// Derives the state of a message from its deliveries; they are few.
pub(super) fn refresh_message(connection: &Connection, message: i64) -> Result<(), Error> {
    let mut statement = connection.prepare_cached("SELECT state FROM delivery WHERE message = ?1")?;
    let deliveries: Vec<DeliveryState> =
        statement.query_map([message], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if let Some(state) = MessageState::of(deliveries) {
        connection
            .prepare_cached("UPDATE message SET state = ?2 WHERE seq = ?1 AND state <> ?2")?
            .execute(params![message, state])?;
    }
    Ok(())
}
