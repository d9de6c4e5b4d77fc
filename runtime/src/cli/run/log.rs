//! The log of a process that serves. Its lines are gathered and written by a thread of its own: a line costs a request no
//! system call, and whoever reads the log slowly holds nobody up before a megabyte of it waits.

use std::env;
use std::io::{self, IsTerminal, Write as _};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::Failure;

/// How long the first of the lines that are written together waits.
const GATHERED: Duration = Duration::from_millis(5);
/// Bytes of lines that may wait.
const MOST: usize = 1 << 20;
/// The variable that says what is logged.
const FILTER: &str = "TOLMACH_LOG";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Log {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// Writes the log as long as it lives; when it is dropped, what is left.
pub(super) struct Logging {
    lines: Arc<Lines>,
    thread: Option<JoinHandle<()>>,
}

/// Begins to log to stderr.
///
/// # Errors
/// There can be no thread; the filter of the environment says nothing that is understood.
pub(super) fn begin(log: Log) -> Result<Logging, Failure> {
    let filter = filter()?;
    let lines = Arc::new(Lines::default());
    let written = Arc::clone(&lines);
    let thread = thread::Builder::new().name("log".to_owned()).spawn(move || written.write())?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(Arc::clone(&lines)).with_target(false);
    match log {
        // Whoever watches a terminal knows the day.
        Log::Text if io::stderr().is_terminal() => builder.with_ansi(true).with_timer(TimeOfDay).init(),
        Log::Text => builder.with_ansi(false).init(),
        Log::Json => builder.json().flatten_event(true).init(),
    }
    Ok(Logging { lines, thread: Some(thread) })
}

/// A level alone, as people write it, is checked: the library takes any other word for the name of a target.
fn filter() -> Result<EnvFilter, Failure> {
    let Some(text) = env::var(FILTER).ok().filter(|text| !text.is_empty()) else {
        return Ok(EnvFilter::new("info"));
    };
    let wrong =
        |why: &str| format!("{FILTER} cannot be `{text}`: {why}; it is error, warn, info, debug or trace");
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word && text.parse::<LevelFilter>().is_err() {
        return Err(wrong("there is no such level").into());
    }
    EnvFilter::try_new(&text).map_err(|error| wrong(&error.to_string()).into())
}

impl Drop for Logging {
    fn drop(&mut self) {
        self.lines.lock().closed = true;
        self.lines.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // One that has panicked writes no more, and there is no log to say so.
            let _ = thread.join();
        }
    }
}

/// Lines on their way.
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    text: Vec<u8>,
    closed: bool,
}

impl Lines {
    fn add(&self, line: &[u8]) -> io::Result<()> {
        let full = |waiting: &mut Waiting| waiting.text.len() > MOST && !waiting.closed;
        let mut waiting = self.changed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            return io::stderr().write_all(line);
        }
        let first = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        drop(waiting);
        if first {
            self.changed.notify_all();
        }
        Ok(())
    }

    fn write(&self) {
        let mut text = Vec::new();
        while self.take(&mut text) {
            // Nobody is left to be told that nobody reads.
            let _ = io::stderr().write_all(&text);
            text.clear();
        }
    }

    /// What has gathered, in exchange for an empty text; `false` at the end.
    fn take(&self, text: &mut Vec<u8>) -> bool {
        let none = |waiting: &mut Waiting| waiting.text.is_empty() && !waiting.closed;
        let few = |waiting: &mut Waiting| waiting.text.len() < MOST && !waiting.closed;
        let some = self.changed.wait_while(self.lock(), none).unwrap_or_else(PoisonError::into_inner);
        let gathered = self.changed.wait_timeout_while(some, GATHERED, few);
        let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut waiting.text, text);
        drop(waiting);
        self.changed.notify_all();
        !text.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line is written at once.
impl io::Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add(line).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hours to milliseconds, UTC.
struct TimeOfDay;

impl FormatTime for TimeOfDay {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", jiff::Timestamp::now().strftime("%H:%M:%S%.3f"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_together_and_in_order() {
        let lines = Arc::new(Lines::default());
        let taking = Arc::clone(&lines);
        let taken = thread::spawn(move || {
            let (mut all, mut text) = (Vec::new(), Vec::new());
            while taking.take(&mut text) {
                all.append(&mut text);
            }
            all
        });
        let sent: Vec<u8> =
            (0..50_000).flat_map(|n: u32| format!("line {n} of a log\n").into_bytes()).collect();
        for line in sent.split_inclusive(|byte| *byte == b'\n') {
            lines.add(line).unwrap();
        }
        lines.lock().closed = true;
        lines.changed.notify_all();
        assert!(taken.join().unwrap() == sent, "something is lost or in another place");
    }
}
