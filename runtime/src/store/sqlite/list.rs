//! What an operator sees: lists, one message in full, counts.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{self, Micros};
use crate::store::{
    Answer, Attempt, Counts, DeliveryDetail, DeliveryState, DeliverySummary, Error, Filter, MessageDetail,
    MessageState, MessageSummary, Queue, Response,
};

const MESSAGE: &str =
    "m.seq, m.id, m.partner, m.channel, m.route, m.message_type, m.key, m.received_at, m.state, m.fault";

/// The messages that fit, newest first.
pub(super) fn list(connection: &Connection, filter: &Filter) -> Result<Vec<MessageSummary>, Error> {
    let snapshot = connection.unchecked_transaction()?;
    let mut messages = Vec::new();
    for (seq, mut message) in matching(&snapshot, filter)? {
        message.deliveries = deliveries(&snapshot, seq)?.into_iter().map(|(_, each)| each).collect();
        messages.push(message);
    }
    Ok(messages)
}

/// A message with bodies and attempts.
pub(super) fn show(connection: &Connection, id: &str) -> Result<Option<MessageDetail>, Error> {
    let snapshot = connection.unchecked_transaction()?;
    let found = snapshot
        .prepare_cached(&format!("SELECT {MESSAGE} FROM message m WHERE m.id = ?1"))?
        .query_row([id], message)
        .optional()?;
    let Some((seq, mut summary)) = found else {
        return Ok(None);
    };
    let mut details = Vec::new();
    for (seq, delivery) in deliveries(&snapshot, seq)? {
        summary.deliveries.push(delivery);
        details.push(detail(&snapshot, seq)?);
    }
    let (body, answer) = bodies(&snapshot, seq)?;
    Ok(Some(MessageDetail { summary, body, answer, deliveries: details }))
}

/// Of the heads of lanes that wait, by destination: they are the oldest of their lanes.
pub(super) fn queues(connection: &Connection) -> Result<Vec<Queue>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT partner, count(*), min(since) FROM delivery INDEXED BY delivery_due
         WHERE head = 1 AND state <= 1 GROUP BY partner ORDER BY partner",
    )?;
    let rows = statement.query_map([], |row| {
        let (partner, lanes) = (row.get(0)?, column::unsigned(row, 1)?);
        Ok(Queue { partner, lanes, since: column::time(row, 2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many messages are in each state.
pub(super) fn counts(connection: &Connection) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    let mut statement = connection.prepare_cached("SELECT state, count(*) FROM message GROUP BY state")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number = column::unsigned(row, 1)?;
        match row.get(0)? {
            MessageState::Accepted => counts.accepted = number,
            MessageState::Delivered => counts.delivered = number,
            MessageState::Rejected => counts.rejected = number,
            MessageState::Parked => counts.parked = number,
            MessageState::Done => counts.done = number,
            MessageState::Queued => counts.queued = number,
            MessageState::Discarded => counts.discarded = number,
            MessageState::Superseded => counts.superseded = number,
        }
    }
    Ok(counts)
}

fn matching(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<(i64, MessageSummary)>> {
    // One text for each set of conditions: SQLite then picks an index by what is asked.
    let conditions = [
        filter.partner.is_some().then_some("m.partner = ?1"),
        filter.route.is_some().then_some("m.route = ?2"),
        filter.state.is_some().then_some("m.state = ?3"),
        filter.key.is_some().then_some("m.key = ?4"),
        filter.since.is_some().then_some("m.received_at >= ?5"),
        filter.until.is_some().then_some("m.received_at < ?6"),
        filter.before.is_some().then_some("m.seq < (SELECT seq FROM message WHERE id = ?7)"),
    ];
    let mut sql = format!("SELECT {MESSAGE} FROM message m WHERE ?8 > 0");
    for condition in conditions.into_iter().flatten() {
        sql.push_str(" AND ");
        sql.push_str(condition);
    }
    sql.push_str(" ORDER BY m.seq DESC LIMIT ?8");
    connection
        .prepare_cached(&sql)?
        .query_map(
            params![
                filter.partner,
                filter.route,
                filter.state,
                filter.key,
                filter.since.map(Micros),
                filter.until.map(Micros),
                filter.before,
                column::limit(filter.limit)
            ],
            message,
        )?
        .collect()
}

fn message(row: &Row<'_>) -> rusqlite::Result<(i64, MessageSummary)> {
    let summary = MessageSummary {
        id: row.get(1)?,
        partner: row.get(2)?,
        channel: row.get(3)?,
        route: row.get(4)?,
        message_type: row.get(5)?,
        key: row.get(6)?,
        received_at: column::time(row, 7)?,
        state: row.get(8)?,
        fault: row.get(9)?,
        deliveries: Vec::new(),
    };
    Ok((row.get(0)?, summary))
}

fn bodies(connection: &Connection, message: i64) -> rusqlite::Result<(Vec<u8>, Answer)> {
    connection
        .prepare_cached(
            "SELECT body, answer_status, answer_content_type, answer_body, answer_headers
             FROM message_body WHERE message = ?1",
        )?
        .query_row([message], |row| {
            let answer = Answer {
                status: row.get(1)?,
                content_type: row.get(2)?,
                headers: column::headers(row, 4)?,
                body: row.get(3)?,
            };
            Ok((row.get(0)?, answer))
        })
}

fn deliveries(connection: &Connection, message: i64) -> rusqlite::Result<Vec<(i64, DeliverySummary)>> {
    connection
        .prepare_cached(
            "SELECT seq, id, route, step, partner, endpoint, state, attempts, due, last_fault, head
             FROM delivery WHERE message = ?1 ORDER BY seq",
        )?
        .query_map([message], |row| {
            let state = row.get(6)?;
            let (pending, head): (bool, bool) = (state == DeliveryState::Pending, row.get(10)?);
            let due = column::time(row, 8)?;
            let summary = DeliverySummary {
                id: row.get(1)?,
                route: row.get(2)?,
                step: row.get(3)?,
                partner: row.get(4)?,
                endpoint: row.get(5)?,
                state,
                attempts: row.get(7)?,
                next_due: (pending && head).then_some(due),
                behind: pending && !head,
                last_fault: row.get(9)?,
            };
            Ok((row.get(0)?, summary))
        })?
        .collect()
}

fn detail(connection: &Connection, delivery: i64) -> rusqlite::Result<DeliveryDetail> {
    let attempts = attempts(connection, delivery)?;
    connection
        .prepare_cached(
            "SELECT d.id, d.lane, d.idempotency_key, d.method, d.url, d.content_type, b.body, d.max_attempts,
                b.headers
             FROM delivery d JOIN delivery_body b ON b.delivery = d.seq WHERE d.seq = ?1",
        )?
        .query_row([delivery], |row| {
            Ok(DeliveryDetail {
                id: row.get(0)?,
                lane: row.get(1)?,
                idempotency_key: row.get(2)?,
                method: row.get(3)?,
                url: row.get(4)?,
                content_type: row.get(5)?,
                headers: column::headers(row, 8)?,
                body: row.get(6)?,
                max_attempts: row.get(7)?,
                attempts,
            })
        })
}

fn attempts(connection: &Connection, delivery: i64) -> rusqlite::Result<Vec<Attempt>> {
    connection
        .prepare_cached(
            "SELECT number, started_at, ended_at, outcome, status, response, fault
             FROM attempt WHERE delivery = ?1 ORDER BY seq",
        )?
        .query_map([delivery], |row| {
            let status: Option<u16> = row.get(4)?;
            let body: Option<Vec<u8>> = row.get(5)?;
            Ok(Attempt {
                number: row.get(0)?,
                started_at: column::time(row, 1)?,
                ended_at: column::time(row, 2)?,
                outcome: row.get(3)?,
                response: status.zip(body).map(|(status, body)| Response { status, body }),
                fault: row.get(6)?,
            })
        })?
        .collect()
}
