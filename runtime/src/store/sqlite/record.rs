//! Records: upsert, merge of fields, unique values, look-up.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::Micros;
use crate::store::merge::{merge, scalar};
use crate::store::{Error, RecordWrite};

/// A stored record, or the owner of a unique value.
struct Stored {
    seq: i64,
    json: String,
    expires: Option<Timestamp>,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let expires: Option<Micros> = row.get(2)?;
        Ok(Self { seq: row.get(0)?, json: row.get(1)?, expires: expires.map(|at| at.0) })
    }

    fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// Creates the record or merges the fields into it.
pub(super) fn write(connection: &Connection, write: &RecordWrite) -> Result<(), Error> {
    let stored = live(connection, by_key(connection, &write.record, &write.key)?, write.at)?;
    let fields = stored.as_ref().map(|stored| stored.json.as_str());
    let json = merge(fields, (&write.key_field, &write.key), &write.json)
        .map_err(|_| Error::InvalidRecord { record: write.record.clone() })?;
    let owner = put(connection, write, &json)?;
    for (field, value) in &write.unique {
        claim_value(connection, write, owner, (field, value))?;
    }
    Ok(())
}

/// The JSON text of the record with this key, or this value of a unique field.
pub(super) fn find(
    connection: &Connection,
    (record, field, value): (&str, Option<&str>, &str),
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let stored = match field {
        None => by_key(connection, record, value)?,
        Some(field) => by_value(connection, record, field, value)?,
    };
    Ok(stored.filter(|stored| stored.is_live(now)).map(|stored| stored.json))
}

/// The JSON texts of the first records by key order, all or those with this value of a field. The field is read here:
/// SQLite would make floats of numbers.
pub(super) fn list(
    connection: &Connection,
    (record, filter): (&str, Option<(&str, &str)>),
    limit: usize,
    now: Timestamp,
) -> Result<Vec<String>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT seq, json, expires FROM record WHERE record = ?1 ORDER BY key")?;
    let mut rows = statement.query([record])?;
    let mut texts = Vec::new();
    while texts.len() < limit
        && let Some(row) = rows.next()?
    {
        let stored = Stored::read(row)?;
        let wanted =
            filter.is_none_or(|(field, value)| scalar(&stored.json, field).as_deref() == Some(value));
        if wanted && stored.is_live(now) {
            texts.push(stored.json);
        }
    }
    Ok(texts)
}

fn by_key(connection: &Connection, record: &str, key: &str) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached("SELECT seq, json, expires FROM record WHERE record = ?1 AND key = ?2")?
        .query_row([record, key], Stored::read)
        .optional()
}

fn by_value(
    connection: &Connection,
    record: &str,
    field: &str,
    value: &str,
) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached(
            "SELECT r.seq, r.json, r.expires FROM record_unique u JOIN record r ON r.seq = u.owner
             WHERE u.record = ?1 AND u.field = ?2 AND u.value = ?3",
        )?
        .query_row([record, field, value], Stored::read)
        .optional()
}

/// The record unless it has expired; then it is removed, so that its key and unique values are free.
fn live(connection: &Connection, stored: Option<Stored>, now: Timestamp) -> rusqlite::Result<Option<Stored>> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    if stored.is_live(now) {
        return Ok(Some(stored));
    }
    connection.prepare_cached("DELETE FROM record WHERE seq = ?1")?.execute([stored.seq])?;
    Ok(None)
}

fn put(connection: &Connection, write: &RecordWrite, json: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO record (record, key, json, written_at, expires) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (record, key) DO UPDATE SET
                json = excluded.json, written_at = excluded.written_at, expires = excluded.expires
             RETURNING seq",
        )?
        .query_row(
            params![write.record, write.key, json, Micros(write.at), write.expires.map(Micros)],
            |row| row.get(0),
        )
}

/// Gives a unique value to a record in place of its former one.
fn claim_value(
    connection: &Connection,
    write: &RecordWrite,
    owner: i64,
    (field, value): (&str, &str),
) -> Result<(), Error> {
    let holder = by_value(connection, &write.record, field, value)?;
    match live(connection, holder, write.at)? {
        Some(holder) if holder.seq == owner => return Ok(()),
        Some(_) => {
            return Err(Error::RecordConflict { record: write.record.clone(), field: field.to_owned() });
        }
        None => {}
    }
    connection
        .prepare_cached("DELETE FROM record_unique WHERE owner = ?1 AND field = ?2")?
        .execute(params![owner, field])?;
    connection
        .prepare_cached("INSERT INTO record_unique (record, field, value, owner) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![write.record, field, value, owner])?;
    Ok(())
}
