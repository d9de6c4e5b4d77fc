use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use rusqlite::Connection;

use super::{Error, accept, claim, list, pause, record, resume, schema};
use crate::store::{self, Accepted, Capacity, Counts, Filter, MessageDetail, MessageSummary, Pause, Queue};

/// Connections kept open for the next read.
const IDLE: usize = 4;

/// Reads the database, whoever writes it.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Reader {
    /// Opens a database that exists and has the current schema.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        schema::check_library()?;
        let first = schema::open_reader(path)?;
        Ok(Self { path: path.to_owned(), idle: Mutex::new(vec![first]) })
    }

    /// See [`Store::first_answer`](store::Store::first_answer).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn first_answer(
        &self,
        scope: &str,
        id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<Accepted>, store::Error> {
        self.read(|connection| accept::first_answer(connection, scope, id, digest))
    }

    /// See [`Store::next_due`](store::Store::next_due).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn next_due(&self, capacity: &Capacity) -> Result<Option<Timestamp>, store::Error> {
        self.read(|connection| claim::next_due(connection, capacity))
    }

    /// See [`Store::queued`](store::Store::queued).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn queued(&self, limit: usize) -> Result<Vec<store::Queued>, store::Error> {
        self.read(|connection| resume::queued(connection, limit))
    }

    /// See [`Store::pauses`](store::Store::pauses).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn pauses(&self) -> Result<Vec<Pause>, store::Error> {
        self.read(pause::all)
    }

    /// See [`Store::find_record`](store::Store::find_record).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn find_record(
        &self,
        record: &str,
        field: Option<&str>,
        value: &str,
        now: Timestamp,
    ) -> Result<Option<String>, store::Error> {
        self.read(|connection| record::find(connection, (record, field, value), now))
    }

    /// See [`Store::list_records`](store::Store::list_records).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn list_records(
        &self,
        record: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<String>, store::Error> {
        self.read(|connection| record::list(connection, (record, filter), limit, now))
    }

    /// See [`Store::list`](store::Store::list).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn list(&self, filter: &Filter) -> Result<Vec<MessageSummary>, store::Error> {
        self.read(|connection| list::list(connection, filter))
    }

    /// See [`Store::show`](store::Store::show).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn show(&self, id: &str) -> Result<Option<MessageDetail>, store::Error> {
        self.read(|connection| list::show(connection, id))
    }

    /// See [`Store::queues`](store::Store::queues).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn queues(&self) -> Result<Vec<Queue>, store::Error> {
        self.read(list::queues)
    }

    /// See [`Store::counts`](store::Store::counts).
    ///
    /// # Errors
    /// [`store::Error::Backend`].
    pub fn counts(&self) -> Result<Counts, store::Error> {
        self.read(list::counts)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, store::Error>) -> Result<T, store::Error> {
        let idle = self.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open_reader(&self.path)
                .map_err(|source| store::Error::Backend { source: std::sync::Arc::new(source) })?,
        };
        let result = work(&connection);
        let mut idle = self.lock();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
