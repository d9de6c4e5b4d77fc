//! A JSON file as a tree in which every value knows where it was written: the same tree as of YAML.

use super::{Kind, Node, Reader, Resolved, Scalar, Style};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span, Spanned};
use crate::value::{Arena, Limits, read};

/// Reads a whole file; what is wrong is reported.
pub fn parse(source: SourceId, reader: &mut Reader<'_>) -> Option<Node> {
    let text = reader.sources.text(source);
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - json.len();
    match read(json.as_bytes(), &Arena::new(), &Limits::default()) {
        Ok(_) => Cursor { source, text, at: skipped }.value(),
        Err(error) => {
            let at = skipped + error.offset;
            let message = format!("the file is not JSON: {}", error.reason());
            reader.report(Diagnostic::error(Code::BadRows, message, Span::new(source, at, at + 1)));
            None
        }
    }
}

/// A place in a text that is JSON for sure, and not nested deeply.
struct Cursor<'t> {
    source: SourceId,
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn value(&mut self) -> Option<Node> {
        self.skip_blanks();
        let start = self.at;
        let kind = match self.peek()? {
            b'{' => self.object()?,
            b'[' => self.array()?,
            b'"' => {
                let text = self.string()?;
                let span = self.span(start);
                Kind::Scalar(Scalar { text, style: Style::Quoted, resolved: Resolved::String, span })
            }
            _ => {
                let rest = self.text.get(self.at..)?;
                let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}');
                let text = rest.get(..rest.find(ends).unwrap_or(rest.len()))?.to_owned();
                self.at += text.len();
                let (style, span) = (Style::Plain, self.span(start));
                Kind::Scalar(Scalar { resolved: Resolved::of(&text, style), text, style, span })
            }
        };
        Some(Node { kind, span: self.span(start) })
    }

    fn object(&mut self) -> Option<Kind> {
        let mut entries = Vec::new();
        while self.enters(b'}') {
            let start = self.at;
            let key = self.string()?;
            let key = Spanned::new(key, self.span(start));
            self.skip_blanks();
            self.at += 1; // the colon
            entries.push((key, self.value()?));
        }
        Some(Kind::Mapping(entries))
    }

    fn array(&mut self) -> Option<Kind> {
        let mut items = Vec::new();
        while self.enters(b']') {
            items.push(self.value()?);
        }
        Some(Kind::Sequence(items))
    }

    /// Passes the opening bracket or a comma; `false` when it was the closing bracket instead.
    fn enters(&mut self, closing: u8) -> bool {
        self.skip_blanks();
        if self.peek() != Some(closing) {
            self.at += usize::from(matches!(self.peek(), Some(b'{' | b'[' | b',')));
            self.skip_blanks();
        }
        let more = self.peek().is_some_and(|byte| byte != closing);
        self.at += usize::from(!more);
        more
    }

    fn string(&mut self) -> Option<String> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        while *bytes.get(end)? != b'"' {
            end += if bytes.get(end) == Some(&b'\\') { 2 } else { 1 };
        }
        let quoted = self.text.get(self.at..=end)?;
        self.at = end + 1;
        serde_json::from_str(quoted).ok()
    }

    fn skip_blanks(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.source, start, self.at)
    }
}
