//! What a person holds back.

use rusqlite::{Connection, params};

use super::column::{self, Micros};
use crate::store::{Error, Pause};

pub(super) fn set(connection: &Connection, pause: &Pause) -> Result<(), Error> {
    if pause.messages || pause.deliveries {
        connection
            .prepare_cached(
                "INSERT INTO pause (partner, messages, deliveries, since) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (partner) DO UPDATE SET messages = ?2, deliveries = ?3",
            )?
            .execute(params![pause.partner, pause.messages, pause.deliveries, Micros(pause.since)])?;
    } else {
        connection.prepare_cached("DELETE FROM pause WHERE partner = ?1")?.execute([&pause.partner])?;
    }
    Ok(())
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Pause>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT partner, messages, deliveries, since FROM pause ORDER BY partner")?;
    let rows = statement.query_map([], |row| {
        Ok(Pause {
            partner: row.get(0)?,
            messages: row.get(1)?,
            deliveries: row.get(2)?,
            since: column::time(row, 3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
