//! The one thread that writes: it gathers commands and commits them together.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::{Connection, config::DbConfig};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::{
    batch::{Batch, Failure},
    checkpoint::Checkpoints,
};
use crate::store::Error;

/// Commands in one commit.
const BATCH: usize = 256;
/// How long the first command of a batch may wait for more.
const WINDOW: Duration = Duration::from_millis(2);
/// Commands waiting; callers beyond that wait for room.
const QUEUE: usize = 1024;

/// A unit of work with somebody waiting for its result.
pub(super) trait Command: Send {
    /// Does the work, perhaps more than once: an error undoes it, and so does one of another command in the batch.
    fn run(&mut self, connection: &Connection) -> Result<(), Error>;
    /// Tells the caller, once it is known whether the batch was committed.
    fn reply(self: Box<Self>, committed: Result<(), Error>);
}

/// A handle on the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// None only while dropping.
    queue: Option<mpsc::Sender<Box<dyn Command>>>,
    room: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
    failure: watch::Receiver<Option<String>>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread, which owns the connection from now on; the other one is for moving the log.
    pub fn start(connection: Connection, checkpoints: Connection) -> io::Result<Self> {
        let (queue, commands) = mpsc::channel();
        let (report, failure) = watch::channel(None);
        let report = Arc::new(Report(report));
        let (commits, told) = (Arc::new(AtomicU64::new(0)), Arc::clone(&report));
        let checkpoints = Checkpoints::start(checkpoints, move |failure| drop(told.note(failure)))?;
        let loop_ =
            Loop { checkpoints, connection, commands, report, commits: Arc::clone(&commits), expected: 1 };
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(|| loop_.run())?;
        Ok(Self {
            queue: Some(queue),
            room: Arc::new(Semaphore::new(QUEUE)),
            thread: Some(thread),
            failure,
            commits,
        })
    }

    /// Runs `work` in the next batch; resolves when that is committed.
    pub async fn run<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| stopped())?;
        let (caller, result) = oneshot::channel();
        let command = Task { work, result: None, caller, _room: room };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Box::new(command)).map_err(|_| stopped())?;
        result.await.map_err(|_| stopped())?
    }

    /// Why nothing can be written any more, if so.
    pub fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.clone()
    }

    /// How many batches were committed.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    /// Waits until everything queued is committed.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer thread has panicked");
        }
    }
}

fn stopped() -> Error {
    Error::Failed { reason: "its writer has stopped".to_owned() }
}

/// A closure as a command.
struct Task<T, F> {
    work: F,
    result: Option<Result<T, Error>>,
    caller: oneshot::Sender<Result<T, Error>>,
    /// Given back when the command is over.
    _room: OwnedSemaphorePermit,
}

impl<T, F> Command for Task<T, F>
where
    T: Send,
    F: Fn(&Connection) -> Result<T, Error> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), Error> {
        let result = (self.work)(connection);
        let outcome = result.as_ref().map(drop).map_err(Error::clone);
        self.result = Some(result);
        outcome
    }

    fn reply(self: Box<Self>, committed: Result<(), Error>) {
        let result = match (self.result, committed) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(failed)) => Err(failed),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => Err(stopped()),
        };
        // A caller that has gone needs no reply.
        drop(self.caller.send(result));
    }
}

struct Loop {
    /// Ended first: the connection that is closed last folds the log into the database.
    checkpoints: Checkpoints,
    connection: Connection,
    commands: mpsc::Receiver<Box<dyn Command>>,
    report: Arc<Report>,
    commits: Arc<AtomicU64>,
    /// The size of the last batch: a lone caller is not made to wait for company.
    expected: usize,
}

impl Loop {
    fn run(mut self) {
        while let Ok(first) = self.commands.recv() {
            let batch = self.gather(first);
            self.expected = batch.len();
            self.commit(batch);
        }
        if self.report.reason().is_some() {
            // Closing must not fold a log of unknown state into the database.
            drop(self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true));
        }
    }

    /// What is queued, and what comes within the window until the batch is as large as the last one.
    fn gather(&self, first: Box<dyn Command>) -> Vec<Box<dyn Command>> {
        let deadline = Instant::now() + WINDOW;
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let next = match self.commands.try_recv() {
                Ok(next) => next,
                Err(_) if batch.len() >= self.expected => break,
                Err(_) => {
                    match self.commands.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                        Ok(next) => next,
                        Err(_) => break,
                    }
                }
            };
            batch.push(next);
        }
        batch
    }

    fn commit(&mut self, mut commands: Vec<Box<dyn Command>>) {
        let outcome = match self.report.reason() {
            Some(reason) => Err(Failure::Fatal(reason)),
            None => Batch::new(&self.connection).commit(&mut commands),
        };
        let reply = outcome.map_err(|failure| self.report.note(failure));
        if reply.is_ok() {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        for command in commands {
            command.reply(reply.clone());
        }
        if reply.is_ok()
            && let Err(failure) = self.checkpoints.after_commit(&self.connection)
        {
            self.report.note(failure);
        }
    }
}

/// Tells of the first failure after which nothing may be written.
struct Report(watch::Sender<Option<String>>);

impl Report {
    fn reason(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Remembers a failure after which nothing may be written; returns what callers are told.
    fn note(&self, failure: Failure) -> Error {
        match failure {
            Failure::Refused(error) => error,
            Failure::Fatal(reason) => {
                self.0.send_if_modified(|known| {
                    let first = known.is_none();
                    if first {
                        tracing::error!(reason, "the store has failed");
                        *known = Some(reason.clone());
                    }
                    first
                });
                Error::Failed { reason }
            }
        }
    }
}
