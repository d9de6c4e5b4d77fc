//! A person's hand on the database, beside the process that serves it: short transactions of its own, no lock.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use super::{Error, schema, settle};
use crate::store::{self, Discarded, Redriven};

/// Opens an existing database and changes single messages in it. The serving process sees the change at its next look.
#[derive(Debug)]
pub struct Operator {
    connection: Connection,
}

impl Operator {
    /// # Errors
    /// There is no database at `path`, or it has another schema.
    pub fn open(path: &Path) -> Result<Self, Error> {
        // Opening for writing would create one.
        drop(schema::open_reader(path)?);
        Ok(Self { connection: schema::open_writer(path)? })
    }

    /// As [`Store::redrive`](store::Store::redrive).
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn redrive(&mut self, id: &str, now: Timestamp) -> Result<Redriven, store::Error> {
        self.write(|connection| settle::redrive(connection, id, now))
    }

    /// As [`Store::discard`](store::Store::discard).
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn discard(&mut self, id: &str, now: Timestamp) -> Result<Discarded, store::Error> {
        self.write(|connection| settle::discard(connection, id, now))
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, store::Error>,
    ) -> Result<T, store::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}
