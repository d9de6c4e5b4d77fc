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

/// Why the commands of a batch are run no further.
enum Stop {
    Failed(Failure),
    /// A command has failed after it had written something.
    Halfway,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) struct Batch<'a> {
    connection: &'a Connection,
}

impl<'a> Batch<'a> {
    pub fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    /// Runs every command and commits once. A savepoint for each command would cost more than the command does, and hardly
    /// one fails halfway: where one does, all are run once more, with savepoints.
    pub fn commit(&self, commands: &mut [Box<dyn Command>]) -> Result<(), Failure> {
        match self.transaction(commands, Self::run) {
            Ok(()) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Halfway) => self.transaction(commands, Self::run_apart),
        }
    }

    fn transaction<E: From<Failure>>(
        &self,
        commands: &mut [Box<dyn Command>],
        run: fn(&Self, &mut dyn Command) -> Result<(), E>,
    ) -> Result<(), E> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| Failure::Refused(error.into()))?;
        let done = commands.iter_mut().try_for_each(|command| run(self, command.as_mut()));
        done.and_then(|()| self.execute("COMMIT").map_err(|error| Failure::of(error).into()))
            .inspect_err(|_| self.abort())
    }

    fn run(&self, command: &mut dyn Command) -> Result<(), Stop> {
        let before = self.connection.total_changes();
        let Err(error) = command.run(self.connection) else { return Ok(()) };
        self.check_open(error)?;
        if self.connection.total_changes() == before { Ok(()) } else { Err(Stop::Halfway) }
    }

    fn run_apart(&self, command: &mut dyn Command) -> Result<(), Failure> {
        self.execute("SAVEPOINT command").map_err(Failure::of)?;
        if let Err(error) = command.run(self.connection) {
            self.check_open(error)?;
            self.execute("ROLLBACK TO command").map_err(Failure::of)?;
        }
        self.execute("RELEASE command").map_err(Failure::of)
    }

    /// Some errors (disk full, I/O) end the whole transaction, and with it every command before.
    fn check_open(&self, error: Error) -> Result<(), Failure> {
        if self.connection.is_autocommit() { Err(Failure::of_command(error)) } else { Ok(()) }
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
