//! Moves the log into the database, beside the writer: what it writes meanwhile goes to the end of the log.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, ErrorCode};

use super::batch::Failure;

/// Pages of log (8 KiB each) that are worth a checkpoint. While the disk writes them, commits wait: better little and often.
const WORTH: i64 = 300;
/// Pages of log after which it is to begin anew, which it can when all of it is in the database: 32 MB.
const LONG: i64 = 4_000;
/// So many the writer moves itself for that, in about the time of one commit.
const REST: i64 = 300;
/// Pages of log after which it begins anew whatever that takes: 256 MB.
const TOO_LONG: i64 = 32_000;

/// The thread that moves the log. Dropping it waits until it has ended.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// None only while dropping.
    asked: Option<mpsc::Sender<()>>,
    under_way: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// The log in pages.
#[derive(Debug, Clone, Copy)]
struct Log {
    length: i64,
    /// What is not in the database yet.
    backlog: i64,
}

/// What the log needs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Move,
    /// By the writer, so that nothing is added to it.
    MoveAll,
}

impl Checkpoints {
    /// Starts the thread, which owns the connection; it tells of a failure after which nothing may be written.
    pub fn start(connection: Connection, failed: impl Fn(Failure) + Send + 'static) -> io::Result<Self> {
        let (asked, questions) = mpsc::channel();
        let under_way = Arc::new(AtomicBool::new(false));
        let busy = Arc::clone(&under_way);
        let thread = thread::Builder::new().name("store-checkpoint".to_owned()).spawn(move || {
            while questions.recv().is_ok() {
                if let Err(failure) = move_log(&connection) {
                    failed(failure);
                }
                busy.store(false, Ordering::Release);
            }
        })?;
        Ok(Self { asked: Some(asked), under_way, thread: Some(thread) })
    }

    /// Sees to the log after a commit. Being busy or short of room is no failure: the log keeps everything.
    pub fn after_commit(&self, writer: &Connection) -> Result<(), Failure> {
        let need = match Log::of(writer) {
            Ok(log) => log.need(),
            Err(error) => return if harmless(&error) { Ok(()) } else { Err(Failure::of(error)) },
        };
        match need {
            Need::MoveAll if !self.under_way.load(Ordering::Acquire) => return move_log(writer),
            Need::Move if !self.under_way.swap(true, Ordering::AcqRel) => {
                // A thread that has panicked asks for nothing more; the log grows, and is moved at the next start.
                let _ = self.asked.as_ref().map(|asked| asked.send(()));
            }
            Need::Nothing | Need::Move | Need::MoveAll => {}
        }
        Ok(())
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.asked = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's checkpoint thread has panicked");
        }
    }
}

impl Log {
    fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?;
        statement.query_row([], |row| {
            let (length, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(Self { length, backlog: length - moved })
        })
    }

    fn need(self) -> Need {
        match self {
            Self { length, .. } if length >= TOO_LONG => Need::MoveAll,
            Self { length, backlog } if length >= LONG && backlog <= REST => Need::MoveAll,
            Self { length, backlog } if length >= LONG || backlog >= WORTH => Need::Move,
            _ => Need::Nothing,
        }
    }
}

/// Moves what is in the log by now.
fn move_log(connection: &Connection) -> Result<(), Failure> {
    let moved = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut statement| statement.query_row([], |_| Ok(())));
    match moved {
        Err(error) if !harmless(&error) => Err(Failure::of(error)),
        _ => Ok(()),
    }
}

fn harmless(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_moves_little_or_what_has_become_too_much() {
        let need = |length, backlog| Log { length, backlog }.need();
        assert_eq!(need(WORTH, WORTH - 1), Need::Nothing);
        assert_eq!(need(WORTH, WORTH), Need::Move);
        assert_eq!(need(LONG, REST + 1), Need::Move);
        assert_eq!(need(LONG, REST), Need::MoveAll);
        assert_eq!(need(TOO_LONG, TOO_LONG), Need::MoveAll);
    }
}
