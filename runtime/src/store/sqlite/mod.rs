//! The store in one SQLite file: one process and one thread write it, many may read.

mod accept;
mod batch;
mod checkpoint;
mod claim;
mod column;
mod error;
mod lane;
mod list;
mod lock;
mod operator;
mod pause;
mod purge;
mod reader;
mod record;
mod resume;
mod row;
mod schema;
mod settle;
#[cfg(test)]
mod tests;
mod writer;

use std::{future::Future, path::Path};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

pub use error::Error;
pub use operator::Operator;
pub use reader::Reader;

use crate::store::{
    self, Acceptance, Accepted, Capacity, Claimed, Counts, Discarded, Filter, MessageDetail, MessageSummary,
    Pause, Queue, Queued, Redriven, Resumption, Settlement, Store,
};
use lock::Lock;
use writer::Writer;

/// A database opened for writing. Dropping it commits what is queued.
#[derive(Debug)]
pub struct SqliteStore {
    /// Closed first: the writer can fold the log into the database only when nobody else has it open.
    reader: Reader,
    writer: Writer,
    /// Last, so that the file is given up after its connections are closed.
    _lock: Lock,
}

impl SqliteStore {
    /// Opens the database at `path`, creates or migrates it, and keeps other processes from doing the same.
    ///
    /// # Errors
    /// [`Error::InUse`] when another process has it open, [`Error::NewerSchema`] when a later version wrote it; the others
    /// when the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, Error> {
        schema::check_library()?;
        let lock = Lock::take(path)?;
        let connection = schema::open_writer(path)?;
        let checkpoints = schema::open_checkpoints(path)?;
        let reader = Reader::open(path)?;
        let writer = Writer::start(connection, checkpoints).map_err(|source| Error::Thread { source })?;
        Ok(Self { reader, writer, _lock: lock })
    }

    /// Opens the database for reading, whether or not a process writes it.
    ///
    /// # Errors
    /// [`Error::Database`] when there is none, [`Error::OlderSchema`] and [`Error::NewerSchema`] when it has another schema.
    pub fn open_read_only(path: &Path) -> Result<Reader, Error> {
        Reader::open(path)
    }

    /// Resolves with the reason when nothing can be written any more: the process should end, not try again.
    pub fn failed(&self) -> impl Future<Output = String> + Send + 'static {
        let mut failure = self.writer.failure();
        async move {
            match failure.wait_for(Option::is_some).await {
                Ok(reason) => reason.clone().unwrap_or_default(),
                Err(_) => "its writer has stopped".to_owned(),
            }
        }
    }

    /// How many commits were made; fewer than writes where these came together.
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }

    fn check(&self) -> Result<(), store::Error> {
        match self.writer.failure().borrow().as_ref() {
            Some(reason) => Err(store::Error::Failed { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    fn reader(&self) -> Result<&Reader, store::Error> {
        self.check()?;
        Ok(&self.reader)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, store::Error> {
        self.writer.run(move |connection| accept::accept(connection, &acceptance)).await
    }

    fn first_answer(
        &self,
        scope: &str,
        id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<Accepted>, store::Error> {
        self.reader()?.first_answer(scope, id, digest)
    }

    async fn claim(
        &self,
        now: Timestamp,
        capacity: Capacity,
        lease: SignedDuration,
    ) -> Result<Vec<Claimed>, store::Error> {
        self.writer.run(move |connection| claim::claim(connection, now, &capacity, lease)).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), store::Error> {
        self.writer.run(move |connection| settle::settle(connection, &settlement)).await
    }

    async fn renew(
        &self,
        delivery: &str,
        fence: u64,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<(), store::Error> {
        let delivery = delivery.to_owned();
        self.writer.run(move |connection| claim::renew(connection, (&delivery, fence), now, lease)).await
    }

    fn next_due(&self, capacity: &Capacity) -> Result<Option<Timestamp>, store::Error> {
        self.reader()?.next_due(capacity)
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, store::Error> {
        self.writer.run(move |connection| claim::recover(connection, now)).await
    }

    async fn redrive(&self, id: &str, now: Timestamp) -> Result<Redriven, store::Error> {
        let id = id.to_owned();
        self.writer.run(move |connection| settle::redrive(connection, &id, now)).await
    }

    async fn discard(&self, id: &str, now: Timestamp) -> Result<Discarded, store::Error> {
        let id = id.to_owned();
        self.writer.run(move |connection| settle::discard(connection, &id, now)).await
    }

    async fn purge(
        &self,
        received_before: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> Result<usize, store::Error> {
        self.writer.run(move |connection| purge::purge(connection, received_before, now, limit)).await
    }

    async fn pause(&self, pause: Pause) -> Result<(), store::Error> {
        self.writer.run(move |connection| pause::set(connection, &pause)).await
    }

    fn pauses(&self) -> Result<Vec<Pause>, store::Error> {
        self.reader()?.pauses()
    }

    fn queued(&self, limit: usize) -> Result<Vec<Queued>, store::Error> {
        self.reader()?.queued(limit)
    }

    async fn resume(&self, resumption: Resumption) -> Result<bool, store::Error> {
        self.writer.run(move |connection| resume::resume(connection, &resumption)).await
    }

    fn find_record(
        &self,
        record: &str,
        field: Option<&str>,
        value: &str,
        now: Timestamp,
    ) -> Result<Option<String>, store::Error> {
        self.reader()?.find_record(record, field, value, now)
    }

    fn list_records(
        &self,
        record: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<String>, store::Error> {
        self.reader()?.list_records(record, filter, limit, now)
    }

    fn list(&self, filter: &Filter) -> Result<Vec<MessageSummary>, store::Error> {
        self.reader()?.list(filter)
    }

    fn show(&self, id: &str) -> Result<Option<MessageDetail>, store::Error> {
        self.reader()?.show(id)
    }

    fn queues(&self) -> Result<Vec<Queue>, store::Error> {
        self.reader()?.queues()
    }

    fn counts(&self) -> Result<Counts, store::Error> {
        self.reader()?.counts()
    }

    async fn probe(&self) -> Result<(), store::Error> {
        self.writer.run(|connection| Ok(schema::touch(connection)?)).await
    }
}
