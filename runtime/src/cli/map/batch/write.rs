//! Chunks that were mapped, to standard output; their faults, to standard error or a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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
    ///
    /// # Errors
    /// It cannot be written, or holds the messages.
    pub fn open(faults: Option<PathBuf>, input: &File, progress: Progress) -> Result<Self, Failure> {
        // Without the buffer of `Stdout`: a chunk is large enough.
        let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let faults = match faults {
            Some(path) => {
                let file = anew(&path, [(input, "the messages"), (&output, "the results")])?;
                Some((path, file))
            }
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

/// The file, empty; not where one of the others is the same.
fn anew(path: &Path, others: [(&File, &str); 2]) -> Result<File, Failure> {
    let failed = |error: io::Error| format!("{} cannot be written: {error}", path.display());
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(failed)?;
    let own = file.metadata().map_err(failed)?;
    if !own.is_file() {
        return Ok(file);
    }
    for (other, what) in others {
        let other = other.metadata()?;
        if (own.dev(), own.ino()) == (other.dev(), other.ino()) {
            return Err(format!("the faults would overwrite {what}: {}", path.display()).into());
        }
    }
    file.set_len(0).map_err(failed)?;
    Ok(file)
}

fn read_or_gone(written: io::Result<()>, name: &str) -> Result<Reader, Failure> {
    match written {
        Ok(()) => Ok(Reader::There),
        Err(error) if is_closed_pipe(&error) => Ok(Reader::Gone),
        Err(error) => Err(format!("{name} cannot be written: {error}").into()),
    }
}
