//! The world the engine is given: memory, random ids, records from the store.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use engine::value::Arena;
use engine::{Engine, Ids, Records, Unavailable};
use jiff::Timestamp;
use uuid::Uuid;

use crate::store::{self, Store};

/// Bytes of an arena that a thread keeps for its next message.
const KEPT: usize = 256 * 1024;

/// Does `work` in memory that the thread has used before.
pub fn with_arena<T>(work: impl FnOnce(&Arena) -> T) -> T {
    thread_local! {
        static SPARE: Cell<Option<Arena>> = const { Cell::new(None) };
    }
    let mut arena = SPARE.take().unwrap_or_default();
    let done = work(&arena);
    if arena.allocated_bytes() <= KEPT {
        arena.reset();
        SPARE.set(Some(arena));
    }
    done
}

/// The time since this process first looked.
#[must_use]
pub fn stopwatch() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Random ids (version 4).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// The records of the store.
pub struct StoredRecords {
    store: Arc<dyn Store>,
    engine: Arc<Engine>,
}

impl StoredRecords {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, engine: Arc<Engine>) -> Self {
        Self { store, engine }
    }
}

impl Records for StoredRecords {
    fn find(&self, name: &str, field: &str, value: &str) -> Result<Option<String>, Unavailable> {
        let field = unique(&self.engine, name, field);
        told(name, self.store.find_record(name, field, value, Timestamp::now()))
    }

    fn list(
        &self,
        name: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
    ) -> Result<Vec<String>, Unavailable> {
        told(name, self.store.list_records(name, filter, limit, Timestamp::now()))
    }
}

/// The store finds a record by its key unless it is told a unique field.
fn unique<'f>(engine: &Engine, record: &str, field: &'f str) -> Option<&'f str> {
    let is_key = engine.record(record).is_some_and(|record| *record.key == *field);
    (!is_key).then_some(field)
}

/// The engine only needs to know that it did not work; why is for the log.
fn told<T>(record: &str, found: Result<T, store::Error>) -> Result<T, Unavailable> {
    found.map_err(|error| {
        tracing::error!(record, %error, "the records cannot be read");
        Unavailable
    })
}
