//! Some whole lines as they came, and what became of them.

use memchr::memchr;

/// A buffer that has grown beyond this, for one long line, is given back.
const KEPT: usize = 4 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The unit of work. It goes round: reader, worker, writer, and back to the reader.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The number of its first line, from 1.
    pub first_line: u64,
    /// Only `filled` bytes of it count: the rest is room for what is read next.
    input: Vec<u8>,
    pub filled: usize,
    /// What is sent, each with its line end.
    pub output: Vec<u8>,
    /// The faults, as they are written.
    pub faults: Vec<u8>,
    pub tally: Tally,
}

/// What was counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// Lines that are not empty.
    pub messages: u64,
    /// Messages with faults.
    pub faulty: u64,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.faulty += other.faulty;
    }
}

impl Chunk {
    /// Ready to be filled anew.
    pub fn reset(&mut self) {
        self.filled = 0;
        self.tally = Tally::default();
        self.output.clear();
        self.faults.clear();
        for buffer in [&mut self.input, &mut self.output, &mut self.faults] {
            if buffer.capacity() > KEPT {
                *buffer = Vec::new();
            }
        }
    }

    /// What was read.
    pub fn filled(&self) -> &[u8] {
        self.input.get(..self.filled).unwrap_or_default()
    }

    /// What was read behind `start`.
    pub fn since(&self, start: usize) -> &[u8] {
        self.input.get(start..self.filled).unwrap_or_default()
    }

    /// Room for so many more bytes.
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        let end = self.filled + bytes;
        if self.input.len() < end {
            self.input.resize(end, 0);
        }
        self.input.get_mut(self.filled..end).unwrap_or_default()
    }

    pub fn append(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    /// Drops `bytes` bytes behind `start`.
    pub fn drop_middle(&mut self, start: usize, bytes: usize) {
        self.input.copy_within(start + bytes..self.filled, start);
        self.filled -= bytes;
    }

    /// What was read; without the byte order mark that some programs put before the first line.
    pub fn text(&self) -> &[u8] {
        let text = self.filled();
        match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(text) if self.first_line == 1 => text,
            _ => text,
        }
    }
}

/// The lines of a text without their ends, be they LF or CRLF; the last may have none.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, after) = match memchr(b'\n', rest).and_then(|end| rest.split_at_checked(end)) {
            Some((line, after)) => (line, after.get(1..).unwrap_or_default()),
            None => (rest, &[][..]),
        };
        rest = after;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_lf_or_crlf_and_the_last_in_nothing() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\n", &["a"]),
            ("a\r\n\r\n\nb\r", &["a", "", "", "b"]),
            ("a\rb\n", &["a\rb"]),
        ] {
            let lines: Vec<&[u8]> = lines(text.as_bytes()).collect();
            assert_eq!(lines, expected.iter().map(|line| line.as_bytes()).collect::<Vec<_>>(), "{text:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_stands_before_the_first_line_only() {
        let mut chunk = Chunk { first_line: 1, ..Chunk::default() };
        chunk.append(b"\xef\xbb\xbfa\n");
        assert_eq!(chunk.text(), b"a\n");
        chunk.first_line = 2;
        assert_eq!(chunk.text(), b"\xef\xbb\xbfa\n");
    }
}
