//! `{from: f(a, b)}` without quotes: within brackets YAML ends a value at the comma, and the rest looks like a key.
//! What is seen here is reported once, as what it is.

use super::{Kind, Node, Scalar, Style};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Sources, Span, Spanned};

pub(super) fn diagnostic(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ExpressionSyntax, "the expression is cut at its comma", span)
        .help("within { } or [ ] an expression that holds a comma stands in quotes")
}

/// The place of an expression whose second part was taken for a key.
pub(super) fn cut_entry(entries: &[(Spanned<String>, Node)], sources: &Sources) -> Option<Span> {
    let mut later = entries.iter();
    while let Some((_, value)) = later.next() {
        let tail = later.as_slice();
        let keys = tail.iter().take_while(|(_, value)| is_nothing(value)).map(|(key, _)| key);
        if let Some((first, last)) = ends(keys.map(|key| (key.span, key.value.as_str())))
            && is_open(value)
            && stands_behind_a_comma(value.span, first, sources)
        {
            return Some(value.span.to(last));
        }
    }
    None
}

/// The place of an expression whose second part was taken for an element.
pub(super) fn cut_item(items: &[Node], sources: &Sources) -> Option<Span> {
    let mut later = items.iter();
    while let Some(item) = later.next() {
        let tail = later.as_slice().iter().map_while(|item| Some((item.span, plain(item)?)));
        if let Some((first, last)) = ends(tail)
            && is_open(item)
            && stands_behind_a_comma(item.span, first, sources)
        {
            return Some(item.span.to(last));
        }
    }
    None
}

/// The first of these texts, and the first that closes more than it opens.
fn ends<'t>(mut texts: impl Iterator<Item = (Span, &'t str)>) -> Option<(Span, Span)> {
    let (first, text) = texts.next()?;
    if open_brackets(text) < 0 {
        return Some((first, first));
    }
    texts.find(|(_, text)| open_brackets(text) < 0).map(|(last, _)| (first, last))
}

fn is_open(node: &Node) -> bool {
    plain(node).is_some_and(|text| open_brackets(text) > 0)
}

fn plain(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar(Scalar { style: Style::Plain, text, .. }) => Some(text),
        _ => None,
    }
}

fn is_nothing(node: &Node) -> bool {
    plain(node) == Some("")
}

fn open_brackets(text: &str) -> i64 {
    text.chars().fold(0, |open, char| match char {
        '(' | '[' | '{' => open + 1,
        ')' | ']' | '}' => open - 1,
        _ => open,
    })
}

fn stands_behind_a_comma(first: Span, second: Span, sources: &Sources) -> bool {
    let between = Span { source: first.source, start: first.end, end: second.start };
    sources.slice(between).trim() == ","
}
