//! `tolmach map --ndjson`: a stream of messages on all cores, in the order of its lines and in flat memory.
//!
//! ```text
//! reader --chunks of whole lines--> workers, one a core --mapped chunks--> writer
//!    \----------------the same chunks, in their order------------------------/
//! ```
//!
//! The reader hands each chunk to whichever worker is free, and to the writer the promise of it; the writer redeems the
//! promises one after another. Only so many promises can be open, so that neither side runs away; the chunks go round
//! and keep their memory.

mod chunk;
mod progress;
mod read;
mod work;
mod write;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use clap::Args;
use engine::{Engine, Route};

use chunk::{Chunk, Tally};
use progress::Progress;
use read::{Input, Lines};
use work::{Job, Task};
use write::Writer;

use crate::cli::{Failure, Format, STACK, Status};

/// Chunks under way for one worker: the one it maps, and the next.
const CHUNKS_A_WORKER: usize = 2;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Map on so many threads [default: as many as there are cores]
    #[arg(long, value_name = "N", requires = "ndjson", value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: Option<u16>,
    /// One line for each that comes, `null` where nothing is sent; of a route that may send several an array
    #[arg(long, requires = "ndjson")]
    keep_lines: bool,
    /// Write the faults into this file
    #[arg(long, value_name = "FILE", requires = "ndjson")]
    faults: Option<PathBuf>,
    /// How faults are written: a line each, or an object for each message that has some
    #[arg(long, requires = "ndjson", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say at the end how many messages there were, also where standard error is not a terminal
    #[arg(long, requires = "ndjson")]
    verbose: bool,
}

/// Maps every line of `file`, or of standard input, by the route; `limit` is the longest line in bytes.
pub(super) fn run(
    engine: Engine,
    route: &Route,
    limit: usize,
    file: Option<&Path>,
    options: Options,
) -> Result<Status, Failure> {
    let Options { threads, keep_lines, faults, format, verbose } = options;
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.map_or_else(cores, usize::from);
    let input = Input::open(file)?;
    let progress = Progress::new(&input);
    let writer = Writer::open(faults, &input.file, progress.clone()).inspect_err(|_| progress.clear())?;
    let task = Task { engine, route: route.name.clone(), sends: route.sends(), limit, keep_lines, format };
    let drained = Pipeline::start(task, threads, input, &progress)?.drain(writer);
    progress.clear();
    let Drained::All(tally) = drained? else { return Ok(Status::CutOff) };
    progress.end(tally, verbose);
    Ok(if tally.faulty == 0 { Status::Ok } else { Status::Findings })
}

/// The threads at work. They are not waited for where the output is cut off: the reader may be reading a terminal.
struct Pipeline {
    promises: Receiver<Receiver<Chunk>>,
    /// Chunks that were written go back to the reader.
    spent: Sender<Chunk>,
    reader: JoinHandle<Result<(), read::Error>>,
}

/// How the writing ended.
enum Drained {
    All(Tally),
    CutOff,
}

impl Pipeline {
    fn start(task: Task, threads: usize, input: Input, progress: &Progress) -> Result<Self, Failure> {
        let under_way = threads * CHUNKS_A_WORKER;
        let (promise, promises) = sync_channel(under_way);
        let (job, jobs) = sync_channel(under_way);
        let (spent, recycled) = channel();
        let (task, jobs) = (Arc::new(task), Arc::new(Mutex::new(jobs)));
        let lines = Lines::new(progress.follow(input.file), input.name, task.limit);
        for _ in 0..threads {
            let (task, jobs) = (Arc::clone(&task), Arc::clone(&jobs));
            let worker = thread::Builder::new().name("map".to_owned()).stack_size(STACK);
            worker.spawn(move || work::work(&task, &jobs))?;
        }
        let reader = thread::Builder::new().name("read".to_owned());
        let reader = reader.spawn(move || feed(lines, &recycled, &promise, &job))?;
        Ok(Self { promises, spent, reader })
    }

    /// Writes chunk after chunk, to the end of the input.
    fn drain(self, mut writer: Writer) -> Result<Drained, Failure> {
        for promise in self.promises {
            let chunk =
                promise.recv().map_err(|_| "a thread that maps has failed: the rest is not mapped")?;
            if writer.write(&chunk)? == write::Reader::Gone {
                return Ok(Drained::CutOff);
            }
            // The reader may have come to its end.
            drop(self.spent.send(chunk));
        }
        // It has dropped its end of the promises, so this does not wait.
        match self.reader.join() {
            Ok(read) => read?,
            Err(_) => return Err("the thread that reads has failed: the rest is not mapped".into()),
        }
        Ok(Drained::All(writer.tally))
    }
}

/// Reads chunks and hands them out until the input ends, or nobody takes them any more.
fn feed(
    mut lines: Lines<impl std::io::Read>,
    recycled: &Receiver<Chunk>,
    promises: &SyncSender<Receiver<Chunk>>,
    jobs: &SyncSender<Job>,
) -> Result<(), read::Error> {
    loop {
        let mut chunk = recycled.try_recv().unwrap_or_default();
        if !lines.read(&mut chunk)? {
            return Ok(());
        }
        let (done, promise) = sync_channel(1);
        if promises.send(promise).is_err() || jobs.send(Job { chunk, done }).is_err() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_that_is_lost_is_not_passed_over() {
        let input = Input::open(Some(Path::new("/dev/null"))).unwrap();
        let progress = Progress::new(&input);
        let (promise, promises) = sync_channel(1);
        let (done, lost) = sync_channel(1);
        let reader = thread::spawn(move || {
            drop(done);
            promise.send(lost).unwrap();
            Ok(())
        });
        let pipeline = Pipeline { promises, spent: channel().0, reader };
        let drained = pipeline.drain(Writer::open(None, &input.file, progress).unwrap());
        assert!(drained.is_err_and(|error| error.to_string().contains("the rest is not mapped")));
    }
}
