//! Scalars that fold: plain and quoted ones. One break is a space, n breaks are n-1 breaks, blanks
//! around a break vanish.

use std::ops::Range;

use super::Decoded;

const BLANKS: [char; 2] = [' ', '\t'];

/// What stands around the text and decides how a line of it is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Absent,
    Single,
    Double,
}

pub fn plain(raw: &str) -> Decoded {
    fold(raw, 0..raw.len(), Quotes::Absent).unwrap_or_default()
}

pub fn single_quoted(raw: &str) -> Option<Decoded> {
    fold(raw, between_quotes(raw)?, Quotes::Single)
}

pub fn double_quoted(raw: &str) -> Option<Decoded> {
    fold(raw, between_quotes(raw)?, Quotes::Double)
}

fn between_quotes(raw: &str) -> Option<Range<usize>> {
    (raw.len() >= 2).then(|| 1..raw.len() - 1)
}

fn fold(raw: &str, inside: Range<usize>, quotes: Quotes) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let lines = lines(raw, inside)?;
    let last = lines.len().checked_sub(1)?;
    // The breaks since the last text: how many, whether the first is escaped, where they begin.
    let (mut breaks, mut escaped, mut gap) = (0, false, 0);
    for (index, line) in lines.into_iter().enumerate() {
        let text = trimmed(raw, line.clone(), index > 0, index < last)?;
        if text.is_empty() && index > 0 && index < last {
            breaks += 1;
            continue;
        }
        if index > 0 {
            folded_breaks(&mut decoded, breaks, escaped, gap..text.start);
        }
        escaped = index < last && quotes.ends_in_escape(raw.get(line.start..text.end)?);
        gap = if escaped { text.end - 1 } else { text.end };
        quotes.decode(&mut decoded, raw, text.start..gap)?;
        breaks = 1;
    }
    Some(decoded)
}

fn folded_breaks(decoded: &mut Decoded, breaks: usize, escaped: bool, raw: Range<usize>) {
    match breaks {
        0 => {}
        1 if escaped => {}
        1 => decoded.push(" ", raw),
        _ => decoded.push(&"\n".repeat(breaks - 1), raw),
    }
}

/// The ranges between the breaks.
fn lines(raw: &str, inside: Range<usize>) -> Option<Vec<Range<usize>>> {
    let mut lines = Vec::new();
    let mut start = inside.start;
    for line in raw.get(inside)?.split('\n') {
        lines.push(start..start + line.trim_end_matches('\r').len());
        start += line.len() + 1;
    }
    Some(lines)
}

fn trimmed(raw: &str, line: Range<usize>, at_start: bool, at_end: bool) -> Option<Range<usize>> {
    let text = raw.get(line.clone())?;
    let end = if at_end { line.start + text.trim_end_matches(BLANKS).len() } else { line.end };
    let kept = raw.get(line.start..end)?;
    let start = if at_start { end - kept.trim_start_matches(BLANKS).len() } else { line.start };
    Some(start..end)
}

impl Quotes {
    /// Decodes a part of a line into pieces.
    fn decode(self, decoded: &mut Decoded, raw: &str, line: Range<usize>) -> Option<()> {
        match self {
            Self::Absent => verbatim(decoded, raw, line),
            Self::Single => doubled_quotes(decoded, raw, line),
            Self::Double => escapes(decoded, raw, line),
        }
    }

    /// Whether a line ends in a backslash that escapes the break and is not escaped itself.
    fn ends_in_escape(self, line: &str) -> bool {
        let backslashes = line.len() - line.trim_end_matches('\\').len();
        self == Self::Double && backslashes % 2 == 1
    }
}

fn verbatim(decoded: &mut Decoded, raw: &str, line: Range<usize>) -> Option<()> {
    let text = raw.get(line.clone())?;
    if !text.is_empty() {
        decoded.push(text, line);
    }
    Some(())
}

fn doubled_quotes(decoded: &mut Decoded, raw: &str, line: Range<usize>) -> Option<()> {
    let mut at = line.start;
    while let Some(quote) = raw.get(at..line.end)?.find("''") {
        verbatim(decoded, raw, at..at + quote)?;
        decoded.push("'", at + quote..at + quote + 2);
        at += quote + 2;
    }
    verbatim(decoded, raw, at..line.end)
}

fn escapes(decoded: &mut Decoded, raw: &str, line: Range<usize>) -> Option<()> {
    let mut at = line.start;
    while let Some(backslash) = raw.get(at..line.end)?.find('\\') {
        verbatim(decoded, raw, at..at + backslash)?;
        at += backslash;
        let (char, length) = escape(raw.get(at + 1..line.end)?)?;
        decoded.push(char.encode_utf8(&mut [0; 4]), at..at + 1 + length);
        at += 1 + length;
    }
    verbatim(decoded, raw, at..line.end)
}

/// The character an escape stands for, and the bytes it takes after the backslash.
fn escape(rest: &str) -> Option<(char, usize)> {
    let name = rest.chars().next()?;
    let digits = match name {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => return named_escape(name).map(|char| (char, name.len_utf8())),
    };
    let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
    Some((char::from_u32(code)?, 1 + digits))
}

fn named_escape(name: char) -> Option<char> {
    Some(match name {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        ' ' | '"' | '/' | '\\' => name,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}
