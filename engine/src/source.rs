//! The texts a configuration is made of, and places in them.
//!
//! A [`Span`] is three numbers; only [`Sources`] can turn it into a name, a line or a piece of
//! text. Every look-up accepts any span: one that lies outside its text is clamped, because a
//! diagnostic about a place must never fail itself.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// One text of a [`Sources`] registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The id after this one.
    #[must_use]
    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// This id, to be given to a text; it stands for the next one then.
    pub(crate) fn give(&mut self) -> Self {
        let given = *self;
        *self = given.next();
        given
    }
}

impl Default for SourceId {
    /// The id of the first text of a registry.
    fn default() -> Self {
        Self(0)
    }
}

/// A half-open range of byte offsets in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; equal to `start` for a place between two characters.
    pub end: u32,
}

impl Span {
    /// A span of the bytes `start..end`. An end before the start makes an empty span; offsets
    /// beyond 4 GiB saturate.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let start = saturate(start);
        Self { source, start, end: saturate(end).max(start) }
    }

    /// The smallest span that covers both. A span of another source is ignored.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if other.source != self.source {
            return self;
        }
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether the span marks a place rather than text.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// A value and where it was written. Two of them are equal when their values are, wherever they
/// stand.
#[derive(Clone, Copy)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    #[must_use]
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Another value at the same place.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }

    /// The value borrowed, at the same place.
    #[must_use]
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} @ {}..{}", self.value, self.span.start, self.span.end)
    }
}

/// The registry of texts. Names are paths relative to the configuration folder, as
/// `mappings/market/partner.yaml`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// In ascending order of their ids.
    sources: Vec<Source>,
}

#[derive(Clone, Debug)]
struct Source {
    id: SourceId,
    name: Arc<str>,
    text: Arc<str>,
    /// Byte offset of the first character of every line, once somebody asks.
    lines: OnceLock<Box<[u32]>>,
}

impl Sources {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a text. The same name may be added again and gets an id of its own.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let id = self.sources.last().map_or(SourceId::default(), |last| last.id.next());
        self.sources.push(Source::new(id, name.into(), text.into()));
        id
    }

    /// The name of a source; empty for an id of another registry.
    #[must_use]
    pub fn name(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.name)
    }

    /// The same, shared.
    #[must_use]
    pub fn shared_name(&self, id: SourceId) -> Arc<str> {
        self.get(id).map_or_else(|| "".into(), |source| Arc::clone(&source.name))
    }

    /// The text of a source; empty for an id of another registry.
    #[must_use]
    pub fn text(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| &source.text)
    }

    /// The text a span covers, without the parts of it that lie outside the source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let text = self.text(span.source);
        let start = floor(text, span.start as usize);
        text.get(start..floor(text, span.end as usize)).unwrap_or("")
    }

    /// Line and column of the span's start, both from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        self.get(span.source).map_or((1, 1), |source| source.line_column(span.start as usize))
    }

    /// Line and column after the span's last character, both from 1, the column in characters.
    #[must_use]
    pub fn end_line_column(&self, span: Span) -> (usize, usize) {
        self.get(span.source).map_or((1, 1), |source| source.line_column(span.end.max(span.start) as usize))
    }

    /// Byte offset of the first character of a line (from 1); the end of the text for a line beyond
    /// the last.
    #[must_use]
    pub fn line_start(&self, id: SourceId, line: usize) -> usize {
        self.get(id).map_or(0, |source| {
            source.lines().get(line.saturating_sub(1)).map_or(source.text.len(), |start| *start as usize)
        })
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        let found = self.sources.binary_search_by_key(&id, |source| source.id);
        found.ok().and_then(|at| self.sources.get(at))
    }
}

/// Texts under the ids that they have.
impl<'t> FromIterator<(SourceId, &'t Arc<str>, &'t Arc<str>)> for Sources {
    fn from_iter<I: IntoIterator<Item = (SourceId, &'t Arc<str>, &'t Arc<str>)>>(texts: I) -> Self {
        let source = |(id, name, text)| Source::new(id, Arc::clone(name), Arc::clone(text));
        let mut sources: Vec<Source> = texts.into_iter().map(source).collect();
        sources.sort_by_key(|source| source.id);
        Self { sources }
    }
}

impl Source {
    fn new(id: SourceId, name: Arc<str>, text: Arc<str>) -> Self {
        Self { id, name, text, lines: OnceLock::new() }
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let starts = self.text.match_indices('\n').map(|(at, _)| saturate(at + 1));
            std::iter::once(0).chain(starts).collect()
        })
    }

    fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = floor(&self.text, offset);
        let lines = self.lines();
        let line = lines.partition_point(|&start| start as usize <= offset);
        let start = lines.get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        let before = self.text.get(start..offset).unwrap_or("");
        // An editor does not show a byte order mark, so it takes no column.
        let visible = if start == 0 { before.trim_start_matches('\u{feff}') } else { before };
        (line, visible.chars().count() + 1)
    }
}

/// The nearest character boundary at or before the offset, at most the end of the text.
fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

fn saturate(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> (Sources, SourceId) {
        let mut sources = Sources::new();
        let id = sources.add("mappings/market/partner.yaml", text);
        (sources, id)
    }

    #[test]
    fn columns_count_characters() {
        let (sources, id) = sources("# Банк\nимя: значение\n");
        let start = sources.text(id).find("значение").unwrap_or(0);
        let span = Span::new(id, start, start + "значение".len());
        assert_eq!(sources.line_column(span), (2, 6));
        assert_eq!(sources.end_line_column(span), (2, 14));
        assert_eq!(sources.slice(span), "значение");
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let (sources, id) = sources("\u{feff}key: 1");
        assert_eq!(sources.line_column(Span::new(id, 3, 6)), (1, 1));
    }

    #[test]
    fn places_outside_the_text_are_clamped() {
        let (sources, id) = sources("ё\n");
        assert_eq!(sources.slice(Span::new(id, 1, 900)), "ё\n");
        assert_eq!(sources.line_column(Span::new(id, 900, 901)), (2, 1));
        assert_eq!(sources.slice(Span { source: id, start: 2, end: 0 }), "");
        let stranger = Span::new(SourceId(7), 0, 1);
        assert_eq!((sources.name(stranger.source), sources.slice(stranger)), ("", ""));
        assert_eq!(sources.line_column(stranger), (1, 1));
    }

    #[test]
    fn an_empty_text_has_one_place() {
        let (sources, id) = sources("");
        assert_eq!(sources.line_column(Span::new(id, 0, 0)), (1, 1));
    }

    #[test]
    fn equality_ignores_the_place() {
        let (_, id) = sources("aa");
        let (first, second) =
            (Spanned::new("a", Span::new(id, 0, 1)), Spanned::new("a", Span::new(id, 1, 2)));
        assert_eq!(first, second);
        assert_eq!(first.map(str::len).span, first.span);
        assert_eq!(first.span.to(second.span), Span::new(id, 0, 2));
    }
}
