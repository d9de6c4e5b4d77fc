//! Where the strings of a text begin and end, found before it is read: sixty-four bytes in one step, none of which waits for
//! the one before. A reader that looked for the end of each string where it stands would wait for every one.

use bumpalo::collections::Vec as ArenaVec;
use wide::u8x32;

use super::super::Arena;

const BLOCK: usize = 64;

/// The strings of a text that may be JSON. Outside of strings nothing is checked.
#[derive(Debug, Default)]
pub(super) struct Marks<'a> {
    /// One bit for each byte that is a quote and is not escaped: each opens a string or closes one.
    quotes: &'a [u64],
    /// One bit for each backslash that is not escaped; nothing where there is none.
    backslashes: &'a [u64],
    /// The first of them that is not passed yet; behind the text where there is none.
    backslash: usize,
}

/// A string between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub end: usize,
    /// The first backslash in it.
    pub escape: Option<usize>,
}

impl<'a> Marks<'a> {
    /// None at all where a string holds a control character.
    pub fn of(bytes: &[u8], arena: &'a Arena) -> Self {
        let mut search = Search::new(bytes.len(), arena);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for block in blocks {
            search.block(block);
        }
        let mut last = [b' '; BLOCK];
        for (place, byte) in last.iter_mut().zip(rest) {
            *place = *byte;
        }
        search.block(&last);
        if search.control {
            return Self::default();
        }
        let backslashes = search.backslashes.into_bump_slice();
        Self {
            quotes: search.quotes.into_bump_slice(),
            backslashes,
            backslash: first_from(backslashes, 0).unwrap_or(usize::MAX),
        }
    }

    /// The string that begins at `start`, behind its opening quote. Strings are asked for in their order.
    #[inline(always)]
    pub fn string(&mut self, start: usize) -> Option<Marked> {
        let end = first_from(self.quotes, start)?;
        let escape = if self.backslash < end { self.pass(start, end) } else { None };
        Some(Marked { end, escape })
    }

    /// Passes all backslashes before `end`; the first of them behind `start`.
    #[cold]
    fn pass(&mut self, start: usize, end: usize) -> Option<usize> {
        let first = first_from(self.backslashes, start).filter(|backslash| *backslash < end);
        self.backslash = first_from(self.backslashes, end).unwrap_or(usize::MAX);
        first
    }
}

/// The first mark at or behind `start`.
#[inline(always)]
fn first_from(marks: &[u64], start: usize) -> Option<usize> {
    let mut word = start / BLOCK;
    let mut bits = marks.get(word)? & u64::MAX << (start % BLOCK);
    while bits == 0 {
        word += 1;
        bits = *marks.get(word)?;
    }
    Some(word * BLOCK + bits.trailing_zeros() as usize)
}

struct Search<'a> {
    quotes: ArenaVec<'a, u64>,
    backslashes: ArenaVec<'a, u64>,
    /// The first byte of the next block is escaped.
    escaped: bool,
    /// All ones where the next block begins within a string.
    inside: u64,
    /// There is a control character in a string.
    control: bool,
}

impl<'a> Search<'a> {
    fn new(length: usize, arena: &'a Arena) -> Self {
        let quotes = ArenaVec::with_capacity_in(length / BLOCK + 1, arena);
        let backslashes = ArenaVec::new_in(arena);
        Self { quotes, backslashes, escaped: false, inside: 0, control: false }
    }

    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK]) {
        let [mut quotes, rare] = [bits(block, |half| half.simd_eq(u8x32::splat(b'"'))), bits(block, rare)];
        if rare != 0 || self.escaped {
            quotes = self.rare(block, quotes);
        }
        if quotes.count_ones() & 1 == 1 {
            self.inside = !self.inside;
        }
        self.quotes.push(quotes);
    }

    /// A block that holds a backslash or a control character: the quotes of it that are not escaped.
    #[cold]
    fn rare(&mut self, block: &[u8; BLOCK], quotes: u64) -> u64 {
        let backslashes = bits(block, backslash);
        let quotes = quotes & !self.escapes(backslashes);
        let controls = bits(block, control);
        self.control |= controls & (prefixes(quotes) ^ self.inside) != 0;
        quotes
    }

    /// The bytes that are escaped; the backslashes that do it are kept.
    fn escapes(&mut self, mut backslashes: u64) -> u64 {
        let mut escaped = u64::from(self.escaped);
        self.escaped = false;
        let mut kept = 0;
        backslashes &= !escaped;
        while backslashes != 0 {
            let next = 1_u64.checked_shl(backslashes.trailing_zeros() + 1).unwrap_or_default();
            self.escaped = next == 0;
            escaped |= next;
            kept |= backslashes & backslashes.wrapping_neg();
            backslashes &= (backslashes - 1) & !next;
        }
        if kept != 0 {
            self.backslashes.resize(self.quotes.len(), 0);
            self.backslashes.push(kept);
        }
        escaped
    }
}

/// One bit for each byte of a block that is of a kind.
#[inline(always)]
fn bits(block: &[u8; BLOCK], kind: impl Fn(u8x32) -> u8x32) -> u64 {
    let (halves, _) = block.as_chunks::<32>();
    halves.iter().rev().fold(0, |bits, half| bits << 32 | u64::from(kind(u8x32::new(*half)).to_bitmask()))
}

#[inline(always)]
fn backslash(bytes: u8x32) -> u8x32 {
    bytes.simd_eq(u8x32::splat(b'\\'))
}

#[inline(always)]
fn control(bytes: u8x32) -> u8x32 {
    bytes.min(u8x32::splat(0x1f)).simd_eq(bytes)
}

#[inline(always)]
fn rare(bytes: u8x32) -> u8x32 {
    backslash(bytes) | control(bytes)
}

/// Each bit is the parity of itself and those below: set from an opening quote up to where its string closes.
const fn prefixes(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The strings of a text, byte by byte: opening quote, and what is marked. `None` if one holds a control character.
    fn strings(text: &[u8]) -> Option<Vec<(usize, Marked)>> {
        let (mut strings, mut opening, mut escape, mut at) = (Vec::new(), None, None, 0);
        while let Some(byte) = text.get(at) {
            match (byte, opening) {
                (b'"', None) => (opening, escape) = (Some(at), None),
                (b'"', Some(opened)) => {
                    strings.push((opened, Marked { end: at, escape }));
                    opening = None;
                }
                (b'\\', _) => {
                    escape = escape.or(opening.and(Some(at)));
                    at += 1;
                    if opening.is_some() && text.get(at).is_some_and(|byte| *byte < b' ') {
                        return None;
                    }
                }
                (0..b' ', Some(_)) => return None,
                _ => {}
            }
            at += 1;
        }
        Some(strings)
    }

    fn check(text: &[u8]) {
        let arena = Arena::new();
        let mut marks = Marks::of(text, &arena);
        match strings(text) {
            Some(strings) => {
                for (opening, marked) in strings {
                    let found = marks.string(opening + 1);
                    assert_eq!(found, Some(marked), "{}", String::from_utf8_lossy(text));
                }
                assert_eq!(marks.string(text.len()), None);
            }
            None => assert!(marks.quotes.is_empty()),
        }
    }

    proptest! {
        #[test]
        fn strings_are_where_they_are_byte_by_byte(text in r#"["\\ab {}:,\n]{0,200}"#) {
            check(text.as_bytes());
        }

        #[test]
        fn so_they_are_in_longer_texts(parts in prop::collection::vec(r#"[a-z ]{0,70}|["\\]{1,3}|\n"#, 0..20)) {
            check(parts.concat().as_bytes());
        }
    }
}
