//! From a file or standard input to chunks of whole lines, in blocks and without a copy of each line.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::AsFd;
use std::path::Path;

use memchr::{memchr, memchr_iter, memrchr};

use super::chunk::Chunk;
use crate::cli::Failure;

/// Bytes asked for at once. A pipe gives what it has, so that nothing that came waits for what is still to come.
const BLOCK: usize = 256 << 10;
/// Room beyond the longest line for its CRLF and a byte order mark: what is longer is seen to be longer.
const SLACK: usize = 8;

/// What is read from.
#[derive(Debug)]
pub(super) struct Input {
    pub file: File,
    pub name: String,
}

impl Input {
    /// The file, or standard input for `-` or no file.
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path.filter(|path| *path != Path::new("-")) {
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
                Ok(Self { file, name })
            }
            None => {
                let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
                Ok(Self { file, name: "standard input".to_owned() })
            }
        }
    }

    /// How many bytes there are still to read, where that is known.
    pub fn size(&self) -> Option<u64> {
        let size = self.file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let read = (&self.file).stream_position().ok()?;
        size.checked_sub(read)
    }
}

/// Why the input could not be read to its end.
#[derive(Debug)]
pub(super) struct Error {
    input: String,
    /// The last line that was read whole; 0 for none.
    line: u64,
    cause: io::Error,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be read", self.input)?;
        match self.line {
            0 => write!(f, ": {}", self.cause),
            line => write!(f, " after line {line}: {}", self.cause),
        }
    }
}

impl std::error::Error for Error {}

/// Cuts what is read into chunks of whole lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    name: String,
    /// A longer line is cut: it is refused, and nobody holds the rest of it.
    longest: usize,
    /// Lines handed out.
    line: u64,
    /// What was read of the next line already.
    begun: Vec<u8>,
    ended: bool,
}

impl<R: Read> Lines<R> {
    /// `limit` is the longest line in bytes.
    pub fn new(input: R, name: String, limit: usize) -> Self {
        let longest = limit.saturating_add(SLACK);
        Self { input, name, longest, line: 0, begun: Vec::new(), ended: false }
    }

    /// Fills the chunk with the lines that come next; `false` at the end of the input.
    ///
    /// # Errors
    /// The input cannot be read. All whole lines before that were handed out.
    pub fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Error> {
        chunk.reset();
        self.fill(chunk).map_err(|cause| Error { input: self.name.clone(), line: self.line, cause })?;
        let text = chunk.filled();
        let unended = text.last().is_some_and(|byte| *byte != b'\n');
        let lines = memchr_iter(b'\n', text).count() + usize::from(unended);
        chunk.first_line = self.line + 1;
        self.line += lines as u64;
        Ok(lines > 0)
    }

    /// Reads until there is the end of a line, and keeps what follows the last one for the next chunk.
    fn fill(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        chunk.append(&self.begun);
        self.begun.clear();
        let mut too_long = false;
        while !self.ended {
            let before = chunk.filled;
            self.ended = self.block(chunk)? == 0;
            if too_long {
                let end = memchr(b'\n', chunk.since(before)).unwrap_or(chunk.filled - before);
                chunk.drop_middle(before, end);
            }
            if let Some(last) = memrchr(b'\n', chunk.since(before)) {
                let end = before + last + 1;
                self.begun.extend_from_slice(chunk.since(end));
                chunk.filled = end;
                return Ok(());
            }
            if chunk.filled > self.longest {
                chunk.filled = self.longest;
                too_long = true;
            }
        }
        Ok(())
    }

    /// One read, behind what the chunk holds; 0 at the end of the input.
    fn block(&mut self, chunk: &mut Chunk) -> io::Result<usize> {
        loop {
            match self.input.read(chunk.room(BLOCK)) {
                Ok(read) => {
                    chunk.filled += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the pieces one after another, then what `end` says.
    struct Pieces {
        pieces: Vec<Vec<u8>>,
        end: Option<io::ErrorKind>,
    }

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.pieces.is_empty() {
                return self.end.map_or(Ok(0), |kind| Err(kind.into()));
            }
            let piece = self.pieces.remove(0);
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    fn pieces(pieces: &[&str], end: Option<io::ErrorKind>, limit: usize) -> Lines<Pieces> {
        let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        Lines::new(Pieces { pieces, end }, "the input".to_owned(), limit)
    }

    /// Each chunk with the number of its first line, and why there are no more.
    fn chunks(mut lines: Lines<impl Read>) -> (Vec<(u64, String)>, Option<String>) {
        let (mut chunk, mut chunks) = (Chunk::default(), Vec::new());
        loop {
            match lines.read(&mut chunk) {
                Ok(true) => {
                    chunks.push((chunk.first_line, String::from_utf8(chunk.filled().to_vec()).unwrap()));
                }
                Ok(false) => return (chunks, None),
                Err(error) => return (chunks, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn what_came_is_handed_out_at_once_in_whole_lines() {
        let (chunks, error) = chunks(pieces(&["a\nb", "b\ncc\n", "d", "d", "\n\n", "e"], None, 100));
        let expected = [(1, "a\n"), (2, "bb\ncc\n"), (4, "dd\n\n"), (6, "e")];
        assert_eq!(chunks, expected.map(|(line, text)| (line, text.to_owned())));
        assert_eq!(error, None);
    }

    #[test]
    fn what_is_longer_than_the_limit_is_not_held() {
        let long = "x".repeat(1000);
        let (chunks, _) = chunks(pieces(&["a\n", &long, &long, "x\nb\nc", "\n", &long], None, 10));
        let cut = "x".repeat(10 + SLACK);
        let expected = [(1, "a\n".to_owned()), (2, format!("{cut}\nb\n")), (4, "c\n".to_owned()), (5, cut)];
        assert_eq!(chunks, expected);
    }

    #[test]
    fn an_input_that_breaks_off_tells_how_far_it_was_read() {
        let (chunks, error) = chunks(pieces(&["a\nb\nc"], Some(io::ErrorKind::ConnectionReset), 100));
        assert_eq!(chunks, [(1, "a\nb\n".to_owned())]);
        assert_eq!(error.unwrap(), "the input cannot be read after line 2: connection reset");
    }
}
