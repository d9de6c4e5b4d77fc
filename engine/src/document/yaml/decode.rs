//! The way back from a decoded text to the file.
//!
//! A scalar is decoded a second time, now noting which bytes of the file every part of the text
//! comes from. The result is used only if it is the very text the parser made, so a difference
//! between the two costs precision and never gives a wrong place.

mod block;
mod flow;

use std::ops::Range;

use super::{Scalar, Style};
use crate::source::{Sources, Span};

/// A longer scalar is located as a whole.
const MAX_LOCATED: usize = 64 * 1024;

/// A part of the text and the bytes it was written with, which begin at the scalar's first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    text: Range<usize>,
    raw: Range<usize>,
}

/// A text in the making.
#[derive(Default)]
struct Decoded {
    text: String,
    pieces: Vec<Piece>,
}

impl Decoded {
    fn push(&mut self, text: &str, raw: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { text: start..self.text.len(), raw });
    }
}

/// The pieces of a scalar in the order of its text; `None` where they cannot be told.
pub fn pieces(scalar: &Scalar, sources: &Sources) -> Option<Vec<Piece>> {
    if scalar.text.len() > MAX_LOCATED
        || scalar.span.end.saturating_sub(scalar.span.start) as usize > MAX_LOCATED
    {
        return None;
    }
    let raw = sources.slice(scalar.span);
    let decoded = match (scalar.style, raw.bytes().next()?) {
        (Style::Plain, _) => flow::plain(raw),
        (Style::Quoted, b'\'') => flow::single_quoted(raw)?,
        (Style::Quoted, _) => flow::double_quoted(raw)?,
        (Style::Block, _) => return block::pieces(&scalar.text, to_line_end(scalar.span, sources)),
    };
    (decoded.text == scalar.text).then_some(decoded.pieces)
}

/// A block scalar's span is trimmed; blanks at the end of its last line are part of the text.
fn to_line_end(span: Span, sources: &Sources) -> &str {
    let file = sources.text(span.source);
    let tail = file.get(span.end as usize..).unwrap_or("");
    let line = tail.find('\n').unwrap_or(tail.len());
    sources.slice(Span::new(span.source, span.start as usize, span.end as usize + line))
}

/// The raw bytes of `start..end` of the text.
pub fn locate(pieces: &[Piece], start: usize, end: usize) -> Option<Range<usize>> {
    let first = pieces.iter().find(|piece| start < piece.text.end).or(pieces.last())?;
    let from = inside(first, start, first.raw.end);
    if end <= start {
        return Some(from..from);
    }
    let last = pieces.iter().rev().find(|piece| piece.text.start < end)?;
    let to = if end >= last.text.end { last.raw.end } else { inside(last, end, last.raw.end) };
    Some(from..to.max(from))
}

/// An offset of the text inside of a piece: a piece that is as long as it was written is itself, an
/// escape is one whole, with `otherwise` beyond its start.
fn inside(piece: &Piece, offset: usize, otherwise: usize) -> usize {
    let distance = offset.saturating_sub(piece.text.start);
    match distance {
        0 => piece.raw.start,
        _ if piece.text.len() == piece.raw.len() => piece.raw.start + distance.min(piece.raw.len()),
        _ => otherwise,
    }
}
