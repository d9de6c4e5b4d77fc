//! Moves the log into the database between batches.

use rusqlite::{Connection, ErrorCode};

use super::batch::Failure;

/// Pages of log (4 KiB each) that are worth a checkpoint.
const PAGES: i64 = 2000;

/// Checkpoints if the log has grown enough. Being busy or short of room is no failure: the log keeps everything.
pub(super) fn after_commit(connection: &Connection) -> Result<(), Failure> {
    let done = backlog(connection).and_then(|pages| {
        if pages < PAGES {
            return Ok(());
        }
        connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |_| Ok(()))
    });
    match done {
        Err(error) if !harmless(&error) => Err(Failure::of(error)),
        _ => Ok(()),
    }
}

/// Pages in the log that are not yet in the database.
fn backlog(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?;
    statement.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
}

fn harmless(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull)
    )
}
