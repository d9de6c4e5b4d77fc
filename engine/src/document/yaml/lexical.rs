//! Where values really stand. The parser's marks count characters, reach over comments behind a
//! quoted scalar, start a block scalar at its first line and an anchored value at its anchor: this
//! module looks at the text to correct them.

use saphyr_parser::{Marker, Span as Marks};

use crate::source::{SourceId, Span};

/// What YAML calls white space and breaks; a no-break space is text.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// A longer value is not repeated in a message.
const MAX_QUOTED: usize = 80;

/// The text that is parsed and the way from the parser's characters to bytes of the file.
pub struct Text<'a> {
    pub source: SourceId,
    /// The text without its byte order mark.
    pub str: &'a str,
    /// The bytes of the byte order mark.
    offset: usize,
    /// The byte offset of every character; empty for ASCII, where the two are the same.
    bytes: Vec<u32>,
}

impl<'a> Text<'a> {
    pub fn new(source: SourceId, file: &'a str) -> Self {
        let str = file.strip_prefix('\u{feff}').unwrap_or(file);
        let bytes = match str.is_ascii() {
            true => Vec::new(),
            false => str.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect(),
        };
        Self { source, str, offset: file.len() - str.len(), bytes }
    }

    /// The byte offset of a mark in [`Self::str`].
    pub fn byte(&self, mark: Marker) -> usize {
        let end = self.str.len();
        if self.bytes.is_empty() {
            return mark.index().min(end);
        }
        self.bytes.get(mark.index()).map_or(end, |&byte| byte as usize)
    }

    /// The span in the file of the bytes `start..end` of [`Self::str`].
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.offset + start, self.offset + end)
    }

    pub fn range(&self, marks: Marks) -> (usize, usize) {
        (self.byte(marks.start), self.byte(marks.end))
    }

    fn get(&self, start: usize, end: usize) -> &'a str {
        self.str.get(start..end).unwrap_or("")
    }

    fn rest(&self, start: usize) -> &'a str {
        self.str.get(start..).unwrap_or("")
    }

    fn at(&self, offset: usize) -> Option<u8> {
        self.str.as_bytes().get(offset).copied()
    }

    /// The end of the character that starts here.
    pub fn char_end(&self, start: usize) -> usize {
        start + self.rest(start).chars().next().map_or(0, char::len_utf8)
    }

    /// The first byte after anchor, tag and the white space behind them.
    pub fn after_properties(&self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end && matches!(self.at(at), Some(b'&' | b'!')) {
            at += self.get(at, end).find(char::is_whitespace).unwrap_or(end - at);
            at = self.after_blanks(at).min(end);
        }
        at
    }

    /// The first byte after white space and comments.
    fn after_blanks(&self, start: usize) -> usize {
        let mut at = start;
        loop {
            let rest = self.rest(at);
            at += rest.len() - rest.trim_start_matches(BLANKS).len();
            if self.at(at) != Some(b'#') {
                return at;
            }
            at += self.rest(at).find('\n').unwrap_or(self.str.len() - at);
        }
    }

    /// The first of the wanted indicators (`-`, `|`, `>`) in the gap between two values, which
    /// begins at `from`.
    pub fn indicator(&self, from: usize, wanted: &[u8]) -> Option<usize> {
        let mut at = from;
        loop {
            at = self.after_blanks(at);
            let next = self.at(at)?;
            if wanted.contains(&next) {
                return Some(at);
            }
            at = match next {
                b'&' | b'!' => self.after_properties(at, self.str.len()),
                b':' | b'-' | b'?' | b',' => at + 1,
                _ => return None,
            };
        }
    }

    /// Whether a `-` that begins an element stands here.
    pub fn is_dash(&self, at: usize) -> bool {
        self.at(at) == Some(b'-') && self.at(at + 1).is_none_or(|next| next.is_ascii_whitespace())
    }

    /// Whether a bracket that opens a mapping or sequence stands here.
    pub fn is_bracket(&self, at: usize) -> bool {
        matches!(self.at(at), Some(b'[' | b'{'))
    }

    /// The place of a value that was left out: behind the colon or dash that announces it, not
    /// before `least`.
    pub fn left_out(&self, start: usize, least: usize) -> (usize, usize) {
        let announced = match self.at(start) {
            Some(b':') => start + 1,
            _ => self.get(0, start).trim_end_matches(BLANKS).len(),
        };
        let place = announced.max(least);
        (place, place)
    }

    /// A block scalar from its `|` or `>` on, which stands between `gap` and its first line.
    pub fn block(&self, gap: usize, start: usize, end: usize) -> (usize, usize) {
        let header = self.indicator(gap, b"|>").unwrap_or(start);
        (header, self.trimmed_end(header, end))
    }

    /// The end of a quoted scalar that starts here, behind its closing quote.
    pub fn quoted_end(&self, start: usize, end: usize) -> usize {
        let raw = self.get(start, end).as_bytes();
        let Some((&quote, inside)) = raw.split_first() else {
            return end;
        };
        let mut bytes = inside.iter().enumerate();
        while let Some((at, &byte)) = bytes.next() {
            match byte {
                b'\\' if quote == b'"' => _ = bytes.next(),
                b'\'' if quote == b'\'' && inside.get(at + 1) == Some(&b'\'') => _ = bytes.next(),
                _ if byte == quote => return start + at + 2,
                _ => {}
            }
        }
        end
    }

    /// The end without the white space before it, but not before `start`.
    pub fn trimmed_end(&self, start: usize, end: usize) -> usize {
        start + self.get(start, end).trim_end_matches(BLANKS).len()
    }

    /// The first tab of the white space before `at`, if nothing else stands before it on its line.
    pub fn tab_before(&self, at: usize) -> Option<usize> {
        let before = self.get(0, at);
        let line = before.trim_end_matches([' ', '\t']).len();
        let is_indentation = line == 0 || before.as_bytes().get(line - 1) == Some(&b'\n');
        is_indentation.then(|| before.get(line..)?.find('\t').map(|tab| line + tab)).flatten()
    }

    /// The first tab that indents a line, from the line of `at` on.
    pub fn tab_from(&self, at: usize) -> Option<usize> {
        let mut line = self.get(0, at).rfind('\n').map_or(0, |newline| newline + 1);
        while line < self.str.len() {
            let rest = self.rest(line);
            let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = self.get(line, line + indent).find('\t') {
                return Some(line + tab);
            }
            line += rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        }
        None
    }

    /// The last line with text before the one that starts here; the character here if there is more
    /// before it on its line.
    pub fn line_before(&self, at: usize) -> Span {
        let before = self.get(0, at);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let mut end = line_start;
        for line in self.get(0, line_start).split_inclusive('\n').rev() {
            let text = line.trim_matches(BLANKS);
            end -= line.len();
            if !text.is_empty() && !text.starts_with('#') && self.get(line_start, at).trim().is_empty() {
                let start = end + line.len() - line.trim_start_matches(BLANKS).len();
                return self.span(start, start + text.len());
            }
        }
        self.span(at, self.char_end(at))
    }

    /// The rest of a line as a quoted scalar, if that is sure to be the value that was meant.
    pub fn quoted_line(&self, at: usize) -> Option<String> {
        let line = self.rest(at).lines().next()?;
        let value = line.split(" #").next()?.trim_end_matches(BLANKS);
        if value.len() > MAX_QUOTED || value.contains(['\\', '{', '}', ',']) {
            return None;
        }
        let quote = ['"', '\''].into_iter().find(|quote| !value.contains(*quote))?;
        Some(format!("{quote}{value}{quote}"))
    }
}
