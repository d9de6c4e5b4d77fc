//! A worker: all lines of a chunk through the engine, what they send and their faults into the chunk's buffers.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use engine::fault::Kind;
use engine::value::{Arena, Limits, Value, read};
use engine::{Engine, Fault, Inbound, NoRecords, Sends, Workspace, World};
use jiff::Timestamp;
use serde::Serialize;

use super::chunk::{Chunk, lines};
use crate::cli::Format;
use crate::world::RandomIds;

/// What is to be done with every line.
pub(super) struct Task {
    pub engine: Engine,
    pub route: Box<str>,
    pub sends: Sends,
    /// The longest message in bytes.
    pub limit: usize,
    pub keep_lines: bool,
    pub format: Format,
}

/// A chunk to be mapped, and where it is waited for.
pub(super) struct Job {
    pub chunk: Chunk,
    pub done: SyncSender<Chunk>,
}

/// Does jobs until there are no more.
pub(super) fn work(task: &Task, jobs: &Mutex<Receiver<Job>>) {
    let mut mapper = Mapper { task, inbound: Inbound::default(), workspace: Workspace::default() };
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(Job { mut chunk, done }) = next() {
        mapper.map(&mut chunk);
        // Nobody waits for it where the output was cut off.
        drop(done.send(chunk));
    }
}

/// What a thread needs from message to message.
struct Mapper<'t> {
    task: &'t Task,
    inbound: Inbound,
    workspace: Workspace,
}

impl Mapper<'_> {
    fn map(&mut self, chunk: &mut Chunk) {
        let (mut output, mut faults) = (std::mem::take(&mut chunk.output), std::mem::take(&mut chunk.faults));
        let mut tally = chunk.tally;
        for (number, line) in (chunk.first_line..).zip(lines(chunk.text())) {
            if line.trim_ascii().is_empty() {
                self.task.nothing(&mut output);
                continue;
            }
            tally.messages += 1;
            if let Err(found) = self.message(line, &mut output) {
                tally.faulty += 1;
                self.task.nothing(&mut output);
                self.task.report(number, &found, &mut faults);
            }
        }
        (chunk.output, chunk.faults, chunk.tally) = (output, faults, tally);
    }

    /// Appends what one message sends, each with its line end.
    fn message(&mut self, message: &[u8], output: &mut Vec<u8>) -> Result<(), Vec<Fault>> {
        let Task { engine, route, limit, .. } = self.task;
        if message.len() > *limit {
            let detail = format!("the message is larger than `max_body` of its channel, {limit} bytes");
            return Err(vec![Fault::new(Kind::TooLarge, detail)]);
        }
        let world = World { now: Timestamp::now(), ids: &RandomIds, records: &NoRecords };
        let mapped = engine.map(route, message, &self.inbound, world, &mut self.workspace);
        self.task.write(mapped.unwrap_or(Ok(&[]))?, output);
        Ok(())
    }
}

impl Task {
    fn write(&self, bodies: &[&[u8]], output: &mut Vec<u8>) {
        match (self.sends, bodies) {
            (Sends::Several, _) if self.keep_lines => {
                output.push(b'[');
                for (at, body) in bodies.iter().enumerate() {
                    output.extend_from_slice(if at > 0 { b"," } else { b"" });
                    output.extend_from_slice(body);
                }
                output.extend_from_slice(b"]\n");
            }
            // An answer with a status alone.
            (Sends::Nothing, [[]]) => self.nothing(output),
            (_, []) => self.nothing(output),
            _ => bodies.iter().for_each(|body| self.line(body, output)),
        }
    }

    fn line(&self, body: &[u8], output: &mut Vec<u8>) {
        // What is sent is JSON; an answer may be a text.
        match self.sends {
            Sends::Nothing if !is_a_line(body) => {
                Value::string(&String::from_utf8_lossy(body)).write_json(output);
            }
            _ => output.extend_from_slice(body),
        }
        output.push(b'\n');
    }

    /// What stands for a line that sends nothing.
    fn nothing(&self, output: &mut Vec<u8>) {
        if self.keep_lines {
            output.extend_from_slice(b"null\n");
        }
    }

    fn report(&self, line: u64, faults: &[Fault], out: &mut Vec<u8>) {
        // Nothing that is written to memory fails.
        match self.format {
            Format::Text => {
                faults.iter().for_each(|fault| drop(writeln!(out, "line {line}: {fault}")));
            }
            Format::Json => {
                drop(serde_json::to_writer(&mut *out, &Faulty { line, faults }));
                out.push(b'\n');
            }
        }
    }
}

/// Whether it is JSON on one line.
fn is_a_line(body: &[u8]) -> bool {
    !body.contains(&b'\n') && read(body, &Arena::new(), &Limits::default()).is_ok()
}

/// A message with faults, as programs are told of it.
#[derive(Serialize)]
struct Faulty<'f> {
    line: u64,
    faults: &'f [Fault],
}
