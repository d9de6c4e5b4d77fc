//! Versions of the schema, and how a connection is set up.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use super::Error;

/// One script for each version; script `n` takes version `n` to `n + 1`.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
];
/// The version this program reads and writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Older releases can corrupt the write-ahead log on a rare path.
const OLDEST_LIBRARY: i32 = 3_051_003;
/// Only a person's tool could hold a lock: the program has one writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a page; a database keeps what it was created with. The bodies of most messages share one, and a page that an
/// id changes is not too large.
const PAGE: i64 = 8192;
/// Bytes of pages that the writer keeps in memory.
const WRITER_CACHE: i64 = 32 << 20;

/// Refuses a library that may lose data.
pub(super) fn check_library() -> Result<(), Error> {
    if rusqlite::version_number() < OLDEST_LIBRARY {
        return Err(Error::OldLibrary { version: rusqlite::version() });
    }
    Ok(())
}

/// Opens the database for writing, creating or migrating it.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Error> {
    let database = |source| Error::Database { path: path.to_owned(), source };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(database)?;
    configure_writer(&connection).map_err(database)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Opens a database that [`open_writer`] has prepared, to move its log.
pub(super) fn open_checkpoints(path: &Path) -> Result<Connection, Error> {
    let database = |source| Error::Database { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(database)?;
    configure(&connection).map_err(database)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(database)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(database)?;
    Ok(connection)
}

/// Opens the database for reading; its schema must be the current one.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let database = |source| Error::Database { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(database)?;
    configure(&connection).map_err(database)?;
    match version(&connection).map_err(database)? {
        VERSION => Ok(connection),
        found if found > VERSION => Err(newer(path, found)),
        found => Err(Error::OlderSchema { path: path.to_owned(), found, supported: VERSION }),
    }
}

/// What every connection needs.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise a statement is planned anew for each value of a parameter that its plan looked at.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn configure_writer(connection: &Connection) -> rusqlite::Result<()> {
    configure(connection)?;
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Ids come in no order: what is not in memory is read for each of them.
    connection.pragma_update(None, "cache_size", -(WRITER_CACHE >> 10))?;
    // What undoes a statement is never needed after a crash.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // We checkpoint ourselves: a failed fsync must be seen, and senders need not wait for one that works.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let found = migrate_in_transaction(connection)
        .map_err(|source| Error::Database { path: path.to_owned(), source })?;
    if (0..=VERSION).contains(&found) {
        return Ok(());
    }
    Err(newer(path, found))
}

/// Brings the schema to the current version if it is older; returns the version it had.
fn migrate_in_transaction(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let pending = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..));
    if let Some(scripts) = pending.filter(|scripts| !scripts.is_empty()) {
        for script in scripts {
            transaction.execute_batch(script)?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(found)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Writes the version that is there already: a commit like any other, of one page.
pub(super) fn touch(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", VERSION)
}

fn newer(path: &Path, found: i64) -> Error {
    Error::NewerSchema { path: path.to_owned(), found, supported: VERSION }
}
