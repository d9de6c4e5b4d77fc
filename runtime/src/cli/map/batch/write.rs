//! Chunks that were mapped, to standard output; their faults, to standard error or a file.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;

use super::chunk::{Chunk, Tally};
use super::progress::Progress;
use crate::cli::{Failure, is_closed_pipe};

/// Writes chunks in the order it is given.
pub(super) struct Writer {
    output: File,
    faults: Option<(PathBuf, File)>,
    progress: Progress,
    pub tally: Tally,
}

/// Whether anybody reads what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    There,
    Gone,
}

impl Writer {
    /// Faults go into the file, which is made anew, or to standard error.
    pub fn open(faults: Option<PathBuf>, progress: Progress) -> Result<Self, Failure> {
        // Without the buffer of `Stdout`: a chunk is large enough.
        let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let faults = match faults {
            Some(path) => match File::create(&path) {
                Ok(file) => Some((path, file)),
                Err(error) => return Err(format!("{} cannot be written: {error}", path.display()).into()),
            },
            None => None,
        };
        Ok(Self { output, faults, progress, tally: Tally::default() })
    }

    /// Writes what the chunk's messages send, then their faults.
    ///
    /// # Errors
    /// It cannot be written, and that is not because a pipe was closed.
    pub fn write(&mut self, chunk: &Chunk) -> Result<Reader, Failure> {
        self.tally.add(chunk.tally);
        self.progress.count(self.tally);
        let sent = self.output.write_all(&chunk.output);
        match read_or_gone(sent, "standard output")? {
            Reader::There if !chunk.faults.is_empty() => self.report(&chunk.faults),
            reader => Ok(reader),
        }
    }

    fn report(&mut self, faults: &[u8]) -> Result<Reader, Failure> {
        match &mut self.faults {
            Some((path, file)) => match file.write_all(faults) {
                Ok(()) => Ok(Reader::There),
                Err(error) => Err(format!("{} cannot be written: {error}", path.display()).into()),
            },
            None => {
                let told = self.progress.aside(|| io::stderr().write_all(faults));
                read_or_gone(told, "standard error")
            }
        }
    }
}

fn read_or_gone(written: io::Result<()>, name: &str) -> Result<Reader, Failure> {
    match written {
        Ok(()) => Ok(Reader::There),
        Err(error) if is_closed_pipe(&error) => Ok(Reader::Gone),
        Err(error) => Err(format!("{name} cannot be written: {error}").into()),
    }
}
