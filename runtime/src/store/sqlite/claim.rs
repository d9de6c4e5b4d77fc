use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    column::{self, Micros},
    lane,
    row::{self, DeliveryRow, Ending},
};
use crate::store::{AttemptOutcome, Capacity, Claimed, DeliveryState, Error, NewDelivery};

/// Claims the heads that are due; each counts an attempt and gets a new fence.
pub(super) fn claim(
    connection: &Connection,
    now: Timestamp,
    capacity: &Capacity,
    lease: SignedDuration,
) -> Result<Vec<Claimed>, Error> {
    let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
    let mut claimed = Vec::new();
    for delivery in due(connection, now, capacity)? {
        if delivery.state == DeliveryState::InFlight && !lose(connection, &delivery, now)? {
            continue;
        }
        claimed.push(next_attempt(connection, delivery.seq)?);
        take(connection, delivery.seq, now, until)?;
    }
    Ok(claimed)
}

/// Puts the end of a lease off.
pub(super) fn renew(
    connection: &Connection,
    (delivery, fence): (&str, u64),
    now: Timestamp,
    lease: SignedDuration,
) -> Result<(), Error> {
    let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
    let renewed = connection
        .prepare_cached("UPDATE delivery SET due = ?4 WHERE id = ?1 AND fence = ?2 AND state = ?3")?
        .execute(params![delivery, i64::try_from(fence).ok(), DeliveryState::InFlight, Micros(until)])?;
    if renewed == 0 {
        return Err(Error::StaleFence { delivery: delivery.to_owned() });
    }
    Ok(())
}

/// Ends every claim as lost; returns how many there were.
pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<usize, Error> {
    let lost = in_flight(connection)?;
    for delivery in &lost {
        if lose(connection, delivery, now)? {
            connection
                .prepare_cached("UPDATE delivery SET state = ?2, due = ?3 WHERE seq = ?1")?
                .execute(params![delivery.seq, DeliveryState::Pending, Micros(now)])?;
            lane::elect(connection, &delivery.lane)?;
        }
    }
    Ok(lost.len())
}

/// When the first head is due or its lease ends.
pub(super) fn next_due(connection: &Connection, capacity: &Capacity) -> Result<Option<Timestamp>, Error> {
    let mut earliest: Option<Timestamp> = None;
    for partner in partners(connection)?.iter().filter(|partner| capacity.room(partner) > 0) {
        let due = connection
            .prepare_cached(
                "SELECT due FROM delivery
                 WHERE partner = ?1 AND head = 1 AND state <= 1 ORDER BY due LIMIT 1",
            )?
            .query_row([partner], |row| column::time(row, 0))
            .optional()?;
        earliest = earliest.into_iter().chain(due).min();
    }
    Ok(earliest)
}

/// The earliest heads that there is room for. Partner by partner: however many wait for one that is left out, they are not
/// looked at.
fn due(connection: &Connection, now: Timestamp, capacity: &Capacity) -> rusqlite::Result<Vec<DeliveryRow>> {
    let columns = DeliveryRow::COLUMNS;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {columns} FROM delivery
         WHERE partner = ?1 AND head = 1 AND state <= 1 AND due <= ?2 ORDER BY due LIMIT ?3"
    ))?;
    let mut heads: Vec<DeliveryRow> = Vec::new();
    for partner in partners(connection)? {
        let room = column::limit(capacity.room(&partner));
        let rows = statement.query_map(params![partner, Micros(now), room], DeliveryRow::read)?;
        heads.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    heads.sort_by_key(|head| (head.due, head.seq));
    heads.truncate(capacity.total);
    Ok(heads)
}

/// The destinations of all heads: one step in the index each.
fn partners(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut next = connection.prepare_cached(
        "SELECT partner FROM delivery
         WHERE head = 1 AND state <= 1 AND partner > ?1 ORDER BY partner LIMIT 1",
    )?;
    let mut partners: Vec<String> = Vec::new();
    while let Some(partner) =
        next.query_row([partners.last().map_or("", String::as_str)], |row| row.get(0)).optional()?
    {
        partners.push(partner);
    }
    Ok(partners)
}

fn in_flight(connection: &Connection) -> rusqlite::Result<Vec<DeliveryRow>> {
    let columns = DeliveryRow::COLUMNS;
    connection
        .prepare_cached(&format!(
            "SELECT {columns} FROM delivery INDEXED BY delivery_due
             WHERE head = 1 AND state <= 1 AND state = ?1 ORDER BY seq"
        ))?
        .query_map([DeliveryState::InFlight], DeliveryRow::read)?
        .collect()
}

/// Said when even concluding a delivery ended the process.
const FATAL: &str = r#"{"detail":"the process ended while the delivery was given up"}"#;

/// Keeps the lost attempt. After the last one allowed there is one claim more, to conclude the delivery; false if that one
/// was lost too and the delivery is parked now. So what kills the process each time does not do so for ever.
fn lose(connection: &Connection, delivery: &DeliveryRow, now: Timestamp) -> Result<bool, Error> {
    let ending = Ending { at: now, outcome: AttemptOutcome::Lost, response: None, fault: None };
    row::insert_attempt(connection, delivery, &ending)?;
    if delivery.attempts <= delivery.max_attempts {
        return Ok(true);
    }
    let (state, head) = lane::given_up(connection, delivery)?;
    connection
        .prepare_cached("UPDATE delivery SET state = ?2, head = ?3, last_fault = ?4 WHERE seq = ?1")?
        .execute(params![delivery.seq, state, head, FATAL])?;
    lane::elect(connection, &delivery.lane)?;
    row::refresh_message(connection, delivery.message)?;
    Ok(false)
}

fn take(connection: &Connection, delivery: i64, now: Timestamp, until: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE delivery SET state = ?2, attempts = attempts + 1, fence = fence + 1,
                claimed_at = ?3, due = ?4
             WHERE seq = ?1",
        )?
        .execute(params![delivery, DeliveryState::InFlight, Micros(now), Micros(until)])
        .map(drop)
}

/// The delivery as [`take`] is about to make it.
fn next_attempt(connection: &Connection, delivery: i64) -> rusqlite::Result<Claimed> {
    connection
        .prepare_cached(
            "SELECT d.id, m.id, d.route, d.step, d.partner, d.endpoint, d.lane, d.idempotency_key,
                d.method, d.url, d.content_type, db.body, d.due, d.max_attempts, d.depth,
                d.attempts + 1, d.fence + 1, mb.body, m.partner, m.channel, m.route,
                db.headers, d.on_exhausted, d.since,
                d.attempts > 0 AND
                  (SELECT outcome FROM attempt WHERE delivery = d.seq ORDER BY seq DESC LIMIT 1) IS ?2,
                mb.trace
             FROM delivery d
             JOIN delivery_body db ON db.delivery = d.seq
             JOIN message m ON m.seq = d.message
             JOIN message_body mb ON mb.message = d.message
             WHERE d.seq = ?1",
        )?
        .query_row(params![delivery, AttemptOutcome::Lost], |row| {
            Ok(Claimed {
                delivery: NewDelivery {
                    id: row.get(0)?,
                    message_id: row.get(1)?,
                    route: row.get(2)?,
                    step: row.get(3)?,
                    partner: row.get(4)?,
                    endpoint: row.get(5)?,
                    lane: row.get(6)?,
                    idempotency_key: row.get(7)?,
                    method: row.get(8)?,
                    url: row.get(9)?,
                    content_type: row.get(10)?,
                    headers: column::headers(row, 21)?,
                    body: row.get(11)?,
                    due: column::time(row, 12)?,
                    max_attempts: row.get(13)?,
                    on_exhausted: row.get(22)?,
                    depth: row.get(14)?,
                    unless_pending: false,
                },
                attempt: row.get(15)?,
                fence: column::unsigned(row, 16)?,
                since: column::time(row, 23)?,
                after_lost: row.get(24)?,
                message: row.get(17)?,
                message_partner: row.get(18)?,
                message_channel: row.get(19)?,
                message_route: row.get(20)?,
                trace: row.get(25)?,
            })
        })
}
