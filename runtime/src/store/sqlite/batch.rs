//! One transaction for many commands, each of which can fail alone.

use rusqlite::{Connection, ErrorCode};

use super::writer::Command;
use crate::store::Error;

/// Why a batch was not committed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was written and the next batch may succeed.
    Refused(Error),
    /// What the disk holds is unknown: a failed sync must not be tried again on the same file handle.
    Fatal(String),
}

impl Failure {
    /// Sorts an error of a commit or a checkpoint. A full disk fails before the sync, so it leaves nothing in doubt.
    pub fn of(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Refused(Error::Full),
            _ => Self::Fatal(error.to_string()),
        }
    }

    fn of_command(error: Error) -> Self {
        match error {
            Error::Full => Self::Refused(Error::Full),
            error => Self::Fatal(error.to_string()),
        }
    }
}

pub(super) struct Batch<'a> {
    connection: &'a Connection,
}

impl<'a> Batch<'a> {
    pub fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    /// Runs every command and commits once.
    pub fn commit(&self, commands: &mut [Box<dyn Command>]) -> Result<(), Failure> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| Failure::Refused(error.into()))?;
        let done = commands.iter_mut().try_for_each(|command| self.run(command.as_mut()));
        done.and_then(|()| self.execute("COMMIT").map_err(Failure::of)).inspect_err(|_| self.abort())
    }

    fn run(&self, command: &mut dyn Command) -> Result<(), Failure> {
        self.execute("SAVEPOINT command").map_err(Failure::of)?;
        if let Err(error) = command.run(self.connection) {
            // Some errors (disk full, I/O) end the whole transaction, and with it every command before.
            if self.connection.is_autocommit() {
                return Err(Failure::of_command(error));
            }
            self.execute("ROLLBACK TO command").map_err(Failure::of)?;
        }
        self.execute("RELEASE command").map_err(Failure::of)
    }

    fn abort(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            // The next BEGIN fails then; nothing is written.
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }
}
