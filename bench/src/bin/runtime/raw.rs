//! Rows of bare SQLite: what the disk and the database give before anything else is done.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use crate::steady::{Latency, Schedule};
use crate::{Failure, configuration};

/// As many as share a commit in `tolmach`.
const BATCH: usize = 256;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 2000;
    CREATE TABLE message (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body BLOB NOT NULL);
    CREATE TABLE idempotency (id TEXT PRIMARY KEY, digest BLOB NOT NULL, message INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE delivery (seq INTEGER PRIMARY KEY, message INTEGER NOT NULL, body BLOB NOT NULL);";

/// Messages a second that one thread commits in `folder`: each with its id, and with one delivery. All `senders` wait for
/// each commit, so that so many share it.
pub fn rows(folder: &Path, senders: usize, seconds: u64) -> Result<f64, Failure> {
    let connection = open(folder)?;
    let batch = senders.clamp(1, BATCH);
    let (begun, mut ids, mut written) = (Instant::now(), Ids(1), 0_usize);
    while begun.elapsed() < Duration::from_secs(seconds) {
        commit(&connection, batch, &mut ids)?;
        written += batch;
    }
    Ok(written as f64 / begun.elapsed().as_secs_f64())
}

/// What a message waits for its commit where `rate` a second come: all that have come share the next one.
pub fn steady(folder: &Path, rate: f64, seconds: u64) -> Result<Latency, Failure> {
    let connection = open(folder)?;
    let schedule = Schedule::new(rate, seconds);
    let (mut ids, mut waited, mut written) = (Ids(1), Vec::new(), 0);
    while written < schedule.last {
        let come = schedule.come().min(schedule.last).min(written + BATCH as u64);
        if come == written {
            std::thread::sleep(schedule.due(written).saturating_duration_since(Instant::now()));
            continue;
        }
        commit(&connection, usize::try_from(come - written)?, &mut ids)?;
        waited.extend((written.max(schedule.first)..come).map(|number| schedule.due(number).elapsed()));
        written = come;
    }
    Ok(Latency::of(waited, rate))
}

fn open(folder: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(folder.join("raw.db"))?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn commit(connection: &Connection, batch: usize, ids: &mut Ids) -> Result<(), Failure> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for _ in 0..batch {
        let (id, digest) = (ids.next(), [7_u8; 32]);
        connection
            .prepare_cached("INSERT INTO message (id, body) VALUES (?1, ?2)")?
            .execute(params![id, configuration::DEAL.as_bytes()])?;
        let message = connection.last_insert_rowid();
        connection
            .prepare_cached("INSERT INTO idempotency (id, digest, message) VALUES (?1, ?2, ?3)")?
            .execute(params![id, digest, message])?;
        connection
            .prepare_cached("INSERT INTO delivery (message, body) VALUES (?1, ?2)")?
            .execute(params![message, configuration::LOAN.as_bytes()])?;
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// Ids in no order, as senders have them.
struct Ids(u64);

impl Ids {
    fn next(&mut self) -> String {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = self.0 ^ (self.0 >> 33);
        format!("{:08x}-{:04x}-4000-8000-{:012x}", mixed >> 32, mixed & 0xffff, self.0 >> 16)
    }
}
