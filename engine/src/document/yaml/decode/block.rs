//! Block scalars: `|` keeps the breaks, `>` folds those between lines that are not indented
//! further.

use std::ops::Range;

use super::{Decoded, Piece};

/// With an indentation indicator the indentation cannot be told from the scalar alone: so many are
/// tried.
const MAX_INDENT: usize = 64;

/// The pieces of a block scalar that begins with its indicator.
pub fn pieces(text: &str, raw: &str) -> Option<Vec<Piece>> {
    let folded = raw.starts_with('>');
    let lines = content_lines(raw)?;
    let indent = lines.iter().find_map(|line| indentation(raw, line))?;
    // The right one is the first line's, unless an indicator says that this line is indented
    // further than the text.
    (0..=indent.min(MAX_INDENT)).rev().chain([indent]).find_map(|indent| {
        let decoded = decode(raw, &lines, indent, folded)?;
        // How many breaks the end keeps is of no interest: they are no place an error is at.
        (decoded.text.trim_end() == text.trim_end()).then_some(decoded.pieces)
    })
}

/// The ranges of the lines after the header, without their breaks.
fn content_lines(raw: &str) -> Option<Vec<Range<usize>>> {
    let mut start = raw.find('\n')? + 1;
    let mut lines = Vec::new();
    for line in raw.get(start..)?.split('\n') {
        lines.push(start..start + line.trim_end_matches('\r').len());
        start += line.len() + 1;
    }
    Some(lines)
}

/// The spaces before the text of a line; `None` for a line without text.
fn indentation(raw: &str, line: &Range<usize>) -> Option<usize> {
    let text = raw.get(line.clone())?;
    let indent = text.len() - text.trim_start_matches(' ').len();
    (indent < text.len()).then_some(indent)
}

fn decode(raw: &str, lines: &[Range<usize>], indent: usize, folded: bool) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    // The breaks since the last line with text: how many, and where they begin.
    let (mut breaks, mut gap) = (0, lines.first()?.start);
    let (mut is_first, mut was_indented) = (true, false);
    for line in lines {
        let text = (line.start + indent).min(line.end)..line.end;
        let content = raw.get(text.clone())?;
        if content.is_empty() {
            breaks += 1;
            continue;
        }
        let is_indented = content.starts_with([' ', '\t']);
        let folds = folded && !is_first && !was_indented && !is_indented;
        let between = match breaks {
            1 if folds => " ".to_owned(),
            _ if folds => "\n".repeat(breaks - 1),
            _ => "\n".repeat(breaks),
        };
        if !between.is_empty() {
            decoded.push(&between, gap..text.start);
        }
        decoded.push(content, text.clone());
        (breaks, gap, is_first, was_indented) = (1, text.end, false, is_indented);
    }
    Some(decoded)
}
