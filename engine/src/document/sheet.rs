//! Rows of a CSV or TSV file (RFC 4180): a header that names the columns, then one row a line. Every cell knows its
//! place, and what a lenient reader would guess at is reported: the `csv` crate tells the place of a row only, and takes
//! an unclosed quote for a cell.

use std::collections::BTreeMap;

use super::{Kind, Node, Reader, Resolved, Scalar, Style};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span, Spanned};

/// The signs that may stand between cells.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// The header and the rows; an empty cell is no entry of its row.
pub struct Sheet {
    pub header: Vec<Spanned<String>>,
    pub rows: Vec<Node>,
}

/// One line: its cells, and all of it.
struct Line {
    span: Span,
    cells: Vec<Spanned<String>>,
}

impl Sheet {
    /// Reads a whole file. `None` where there is no header to go by.
    pub fn read(source: SourceId, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.sources.text(source);
        let mut found = Vec::new();
        let mut lines = Lines::new(source, text, &mut found);
        let Some(header) = lines.next().map(|line| line.cells) else {
            let message = "the file has no header";
            let at = Span::new(source, 0, 0);
            found.push(Diagnostic::error(Code::EmptyFile, message, at).help(HEADER));
            reader.diagnostics.extend(found);
            return None;
        };
        let mut rows = Vec::new();
        let mut uneven = Vec::new();
        for line in lines {
            match wrong_length(&line, header.len()) {
                None => rows.push(row(&header, line)),
                Some(diagnostic) => uneven.push(diagnostic),
            }
        }
        found.extend(check_header(&header));
        found.extend(uneven);
        let whole = found.is_empty();
        reader.diagnostics.extend(found);
        whole.then_some(Self { header, rows })
    }
}

const HEADER: &str = "its first line names the columns, as in: theirs,ours";

fn check_header(header: &[Spanned<String>]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for name in header {
        if name.value.is_empty() {
            found.push(Diagnostic::error(Code::EmptyValue, "a column has no name", name.span).help(HEADER));
        } else if let Some(first) = seen.insert(&name.value, name.span) {
            let message = format!("two columns are `{}`", name.value);
            let diagnostic = Diagnostic::error(Code::DuplicateName, message, name.span);
            found.push(diagnostic.context(first, "the first"));
        }
    }
    found
}

fn wrong_length(line: &Line, columns: usize) -> Option<Diagnostic> {
    let cells = line.cells.len();
    (cells != columns).then(|| {
        let message = format!("the row has {cells} cells, the header {columns}");
        Diagnostic::error(Code::UnevenColumns, message, line.span)
            .help("a cell that holds the separating sign stands in double quotes")
    })
}

fn row(header: &[Spanned<String>], line: Line) -> Node {
    let cells = header.iter().zip(line.cells).filter(|(_, cell)| !cell.value.is_empty());
    let entries = cells.map(|(name, cell)| {
        let (text, span) = (cell.value, cell.span);
        let scalar = Scalar { text, style: Style::Quoted, resolved: Resolved::String, span };
        (Spanned::new(name.value.clone(), name.span), Node { kind: Kind::Scalar(scalar), span })
    });
    Node { kind: Kind::Mapping(entries.collect()), span: line.span }
}

/// The lines of a file that are not empty.
struct Lines<'t, 'f> {
    source: SourceId,
    text: &'t str,
    at: usize,
    separator: char,
    found: &'f mut Vec<Diagnostic>,
}

impl<'t, 'f> Lines<'t, 'f> {
    fn new(source: SourceId, text: &'t str, found: &'f mut Vec<Diagnostic>) -> Self {
        // Spreadsheets begin a file with a mark that says it is UTF-8.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { source, text, at, separator: separator(text.get(at..).unwrap_or_default()), found }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn line(&mut self) -> Line {
        let start = self.at;
        let mut cells = vec![self.cell()];
        while self.rest().starts_with(self.separator) {
            self.at += self.separator.len_utf8();
            cells.push(self.cell());
        }
        let line = self.text.get(start..self.at).unwrap_or_default();
        let span = Span::new(self.source, start, start + line.trim_end().len());
        self.at += usize::from(self.rest().starts_with('\n'));
        Line { span, cells }
    }

    /// Up to the next separator or the end of the line. White space around a cell is not of it.
    fn cell(&mut self) -> Spanned<String> {
        let blank = |c: char| c.is_whitespace() && c != '\n' && c != self.separator;
        self.at += self.rest().len() - self.rest().trim_start_matches(blank).len();
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let rest = self.rest();
        let end = rest.find([self.separator, '\n']).unwrap_or(rest.len());
        let text = rest.get(..end).unwrap_or_default().trim_end();
        let span = Span::new(self.source, self.at, self.at + text.len());
        self.at += end;
        Spanned::new(text.to_owned(), span)
    }

    /// A cell in double quotes; two of them within it are one.
    fn quoted(&mut self) -> Spanned<String> {
        let start = self.at;
        let rest = self.rest();
        let Some(end) = closing_quote(rest) else {
            let span = Span::new(self.source, start, start + 1);
            self.found.push(
                Diagnostic::error(Code::BadRows, "the quote that begins here does not end", span)
                    .help("a double quote within a quoted cell is written twice"),
            );
            self.at = self.text.len();
            return Spanned::new(String::new(), span);
        };
        let text = rest.get(1..end).unwrap_or_default().replace("\"\"", "\"");
        let span = Span::new(self.source, start, start + end + 1);
        self.at = start + end + 1;
        let after = self.rest();
        let beyond = after.find([self.separator, '\n']).unwrap_or(after.len());
        let after = after.get(..beyond).unwrap_or_default();
        if !after.trim().is_empty() {
            self.found.push(
                Diagnostic::error(
                    Code::BadRows,
                    "the cell goes on behind its closing quote",
                    Span::new(self.source, self.at, self.at + after.trim_end().len()),
                )
                .help("a double quote within a quoted cell is written twice"),
            );
        }
        self.at += beyond;
        Spanned::new(text, span)
    }
}

impl Iterator for Lines<'_, '_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while self.at < self.text.len() {
            let line = self.line();
            if line.cells.iter().any(|cell| !cell.value.is_empty()) {
                return Some(line);
            }
        }
        None
    }
}

/// The sign behind the header's first name; spreadsheets of some countries write `;`.
fn separator(text: &str) -> char {
    let after = match text.strip_prefix('"') {
        Some(_) => text.get(closing_quote(text).unwrap_or_default()..).unwrap_or_default(),
        None => text,
    };
    let line = after.lines().next().unwrap_or_default();
    line.chars().find(|char| SEPARATORS.contains(char)).unwrap_or(',')
}

/// Where the quote that `text` begins with is closed.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;

    fn read(text: &str) -> Result<Vec<Vec<(String, String)>>, Vec<String>> {
        let mut sources = Sources::new();
        let source = sources.add("rows.csv", text);
        let mut diagnostics = Diagnostics::new();
        let sheet = Sheet::read(source, &mut Reader::new(&sources, &mut diagnostics));
        let Some(sheet) = sheet else {
            let told = |found: &Diagnostic| {
                let (line, column) = sources.line_column(found.primary.span);
                format!("{line}:{column} {}", found.message)
            };
            return Err(diagnostics.iter().map(told).collect());
        };
        let cells = |row: &Node| {
            let entries = row.as_mapping().unwrap().iter();
            entries.map(|(name, cell)| (name.value.clone(), cell.as_scalar().unwrap().text.clone())).collect()
        };
        Ok(sheet.rows.iter().map(cells).collect())
    }

    fn rows(expected: &[&[(&str, &str)]]) -> Result<Vec<Vec<(String, String)>>, Vec<String>> {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Ok(expected.iter().map(|row| row.iter().map(own).collect()).collect())
    }

    #[test]
    fn cells_are_text_and_empty_ones_are_none() {
        let text = "theirs,ours\n007,A\n\n 8 , B \n9,\n,\n";
        let expected: [&[_]; 3] =
            [&[("theirs", "007"), ("ours", "A")], &[("theirs", "8"), ("ours", "B")], &[("theirs", "9")]];
        assert_eq!(read(text), rows(&expected));
    }

    #[test]
    fn quotes_hold_separators_quotes_and_line_ends() {
        assert_eq!(
            read("theirs,text\r\n1,\"a, \"\"b\"\"\r\nc\" \r\n2,ООО \"Ромашка\"\r\n"),
            rows(&[
                &[("theirs", "1"), ("text", "a, \"b\"\r\nc")],
                &[("theirs", "2"), ("text", "ООО \"Ромашка\"")],
            ])
        );
    }

    #[test]
    fn the_header_tells_the_separator() {
        let expected = rows(&[&[("theirs", "1"), ("ours", "A")]]);
        for text in ["\u{feff}theirs;ours\n1;A", "theirs\tours\r\n1\tA\r\n", "\"theirs\";ours\n1;A\n"] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("theirs\n1\n"), rows(&[&[("theirs", "1")]]));
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let told = |text: &str| read(text).unwrap_err();
        assert_eq!(told(""), ["1:1 the file has no header"]);
        assert_eq!(
            told("theirs,,theirs\n1,2,3"),
            ["1:8 a column has no name", "1:9 two columns are `theirs`"]
        );
        assert_eq!(
            told("theirs,ours\n1\n2,B,C"),
            ["2:1 the row has 1 cells, the header 2", "3:1 the row has 3 cells, the header 2"]
        );
        assert_eq!(told("theirs,ours\n1,\"A\" b\n"), ["2:6 the cell goes on behind its closing quote"]);
        assert_eq!(told("theirs,ours\n1,\"A\n2,B\n"), ["2:3 the quote that begins here does not end"]);
    }
}
