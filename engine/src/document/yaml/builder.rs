//! The parser's events as a tree, and what is refused on the way.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marks};

use super::anchors::Anchors;
use super::frame::{Content, Frame, Mapping, Pending};
use super::lexical::Text;
use super::{Kind, MAX_DEPTH, MAX_FINDINGS, Node, Resolved, Scalar, Style, syntax};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Reads the events of a text; see [`super::parse`].
pub fn build(text: &Text<'_>, diagnostics: &mut Diagnostics) -> Option<Node> {
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str(text.str);
    let mut end = End::Keep;
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, marks)) => builder.take(event, marks),
            Err(error) => builder.syntax_fault(&error),
        };
        if let Err(reason) = step {
            end = reason;
            break;
        }
    }
    let (root, findings) = builder.finish(end);
    diagnostics.extend(findings);
    root
}

/// Reading stops before the end of the file: is what was read of use?
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Keep,
    Drop,
}

struct Builder<'a> {
    text: &'a Text<'a>,
    /// The mappings and sequences that are open, the innermost last.
    frames: Vec<Frame>,
    root: Option<Node>,
    anchors: Anchors,
    /// Where the last value ended: what stands between it and the next one is punctuation.
    last_end: usize,
    /// Whether the tree says what the writer meant.
    trusted: bool,
    findings: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a Text<'a>) -> Self {
        Self {
            text,
            frames: Vec::new(),
            root: None,
            anchors: Anchors::new(),
            last_end: 0,
            trusted: true,
            findings: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, marks: Marks) -> Result<(), End> {
        let (start, end) = self.text.range(marks);
        match event {
            Event::DocumentStart(explicit) => self.document(start, if explicit { end } else { start })?,
            Event::Alias(anchor) => self.alias(anchor, start, end)?,
            Event::Scalar(value, style, anchor, tag) => {
                let start = self.properties(start, end, tag.is_some());
                self.scalar(value.into_owned(), style, anchor, start, end);
            }
            Event::SequenceStart(anchor, tag) => {
                let start = self.properties(start, end, tag.is_some());
                self.open(anchor, Content::Sequence(Vec::new()), start, end)?;
            }
            Event::MappingStart(anchor, tag) => {
                let start = self.properties(start, end, tag.is_some());
                self.open(anchor, Content::Mapping(Mapping::default()), start, end)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(start),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        if self.findings.len() >= MAX_FINDINGS { Err(End::Drop) } else { Ok(()) }
    }

    fn document(&mut self, start: usize, end: usize) -> Result<(), End> {
        self.last_end = end;
        if self.root.is_none() {
            return Ok(());
        }
        let second = Diagnostic::error(
            Code::SeveralDocuments,
            "a file holds one document",
            self.text.span(start, end),
        );
        self.stop(
            second
                .label("a second one begins here")
                .help("remove the `---`, or move this part to a file of its own"),
            End::Keep,
        )
    }

    /// Skips anchor and tag before a value and refuses the tag.
    fn properties(&mut self, start: usize, end: usize, tagged: bool) -> usize {
        let after = self.text.after_properties(start, end);
        if tagged {
            let span = self.text.span(start, self.text.trimmed_end(start, after));
            self.mislead(
                Diagnostic::error(Code::Tag, "tags are not supported", span)
                    .help("remove the tag; to make a value a string, quote it"),
            );
        }
        after
    }

    fn alias(&mut self, anchor: usize, start: usize, end: usize) -> Result<(), End> {
        let span = self.text.span(start, end);
        match self.anchors.copy(anchor) {
            Ok((_, height)) if self.frames.len() + height > MAX_DEPTH => {
                self.stop(syntax::too_deep(span), End::Drop)
            }
            Ok((node, _)) => {
                self.place(node, start, end);
                Ok(())
            }
            Err(refusal) => self.stop(refusal.diagnostic(span), End::Drop),
        }
    }

    fn scalar(&mut self, text: String, written: ScalarStyle, anchor: usize, start: usize, end: usize) {
        let style = match written {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let (start, end) = match style {
            Style::Plain if text.is_empty() => self.text.left_out(start, self.last_end),
            Style::Plain => (start, self.text.trimmed_end(start, end)),
            Style::Quoted => (start, self.text.quoted_end(start, end)),
            Style::Block => self.text.block(self.last_end, start, end),
        };
        let span = self.text.span(start, end);
        let resolved = Resolved::of(&text, style);
        let node = Node { kind: Kind::Scalar(Scalar { text, style, resolved, span }), span };
        self.anchors.keep(anchor, &node);
        self.place(node, start, end);
    }

    fn open(&mut self, anchor: usize, content: Content, start: usize, end: usize) -> Result<(), End> {
        let bracketed = end > start && self.text.is_bracket(start);
        if self.frames.len() >= MAX_DEPTH {
            return self.stop(syntax::too_deep(self.text.span(start, end)), End::Drop);
        }
        let first = match &content {
            _ if bracketed => Some(start),
            Content::Sequence(_) if self.text.is_dash(start) => Some(start),
            Content::Sequence(_) => self.text.indicator(self.last_end, b"-"),
            Content::Mapping(_) => None,
        };
        let flow = bracketed || self.frames.last().is_some_and(|outer| outer.flow);
        if bracketed {
            self.last_end = start + 1;
        }
        self.frames.push(Frame { anchor, flow, bracketed, start: first, end, content });
        Ok(())
    }

    fn close(&mut self, bracket: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let start = frame.start.unwrap_or(frame.end);
        let end = if frame.bracketed { bracket + 1 } else { frame.end };
        let kind = match frame.content {
            Content::Sequence(elements) => Kind::Sequence(elements),
            Content::Mapping(mapping) => Kind::Mapping(mapping.entries),
        };
        let node = Node { kind, span: self.text.span(start, end) };
        self.anchors.keep(frame.anchor, &node);
        self.place(node, start, end);
    }

    /// Puts a value where the text has it: `start..end` is its place, for an alias that of the `*`.
    fn place(&mut self, node: Node, start: usize, end: usize) {
        self.last_end = self.last_end.max(end);
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.start.get_or_insert(start);
        frame.end = end;
        let in_block = !frame.flow;
        match &mut frame.content {
            Content::Sequence(elements) => elements.push(node),
            Content::Mapping(mapping) => match std::mem::take(&mut mapping.pending) {
                Pending::ValueOf(key) => mapping.entries.push((key, node)),
                Pending::Nothing => {}
                Pending::Key => match mapping.key(node) {
                    Ok(()) if in_block => self.indented_by_tab(start),
                    Ok(()) => {}
                    Err(fault) if fault.code == Code::MergeKey => self.mislead(fault),
                    Err(fault) => self.findings.push(fault),
                },
            },
        }
    }

    /// The parser lets a tab before the keys of the outermost mapping pass.
    fn indented_by_tab(&mut self, key: usize) {
        if let Some(tab) = self.text.tab_before(key) {
            self.findings.push(syntax::tab(self.text.span(tab, tab + 1)));
        }
    }

    fn syntax_fault(&mut self, error: &ScanError) -> Result<(), End> {
        let fault = syntax::fault(self.text, error);
        // What is wrong in brackets often begins with the one that was opened.
        let open = self.frames.last().filter(|frame| frame.bracketed).and_then(|frame| frame.start);
        let fault = match open {
            Some(at) => fault.context(self.text.span(at, at + 1), "within what is opened here"),
            None => fault,
        };
        self.stop(fault, End::Drop)
    }

    fn mislead(&mut self, fault: Diagnostic) {
        self.trusted = false;
        self.findings.push(fault);
    }

    fn stop(&mut self, fault: Diagnostic, end: End) -> Result<(), End> {
        self.findings.push(fault);
        Err(end)
    }

    fn finish(mut self, end: End) -> (Option<Node>, Vec<Diagnostic>) {
        if end == End::Drop || !self.trusted {
            return (None, self.findings);
        }
        if self.root.as_ref().is_none_or(is_nothing) {
            self.findings.push(
                Diagnostic::error(Code::EmptyFile, "the file holds no document", self.text.span(0, 0))
                    .help("write the document, or remove the file"),
            );
            return (None, self.findings);
        }
        (self.root, self.findings)
    }
}

fn is_nothing(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.style == Style::Plain && scalar.text.is_empty())
}
