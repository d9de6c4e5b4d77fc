//! Where the strings of a text begin and end, found before it is read: sixty-four bytes in one step, none of which waits for
//! the one before. A reader that looked for the end of each string where it stands would wait for every one.

use bumpalo::collections::Vec as ArenaVec;
use wide::u8x32;

use super::super::Arena;

const BLOCK: usize = 64;

/// The strings of a text that may be JSON. Outside of strings nothing is checked.
#[derive(Debug, Default)]
pub(super) struct Marks<'a> {
    /// The quotes that are not escaped: each opens a string or closes one.
    quotes: &'a [u32],
    /// The backslashes that are not escaped.
    backslashes: &'a [u32],
}

/// A string between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub end: usize,
    /// The first backslash in it.
    pub escape: Option<usize>,
}

impl<'a> Marks<'a> {
    /// None at all where a string holds a control character, or the text is larger than 4 GiB.
    pub fn of(bytes: &[u8], arena: &'a Arena) -> Self {
        if u32::try_from(bytes.len()).is_err() {
            return Self::default();
        }
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
        Self { quotes: search.quotes.into_bump_slice(), backslashes: search.backslashes.into_bump_slice() }
    }

    /// The string whose opening quote is at `at`, if that is the next one.
    #[inline(always)]
    pub fn next(&mut self, at: usize) -> Option<Marked> {
        let [opening, closing, rest @ ..] = self.quotes else { return None };
        if *opening as usize != at {
            return None;
        }
        self.quotes = rest;
        let escape = match self.backslashes {
            [first, ..] if first < closing => self.escape(*opening, *closing),
            _ => None,
        };
        Some(Marked { end: *closing as usize, escape })
    }

    /// The first backslash between two quotes; it and those before the second quote are done with.
    fn escape(&mut self, opening: u32, closing: u32) -> Option<usize> {
        let done = self.backslashes.iter().take_while(|backslash| **backslash < closing).count();
        let (done, rest) = self.backslashes.split_at(done);
        self.backslashes = rest;
        done.iter().find(|backslash| **backslash > opening).map(|backslash| *backslash as usize)
    }
}

struct Search<'a> {
    quotes: ArenaVec<'a, u32>,
    backslashes: ArenaVec<'a, u32>,
    /// Where the next block begins.
    at: u32,
    /// The first byte of the next block is escaped.
    escaped: bool,
    /// All ones where the next block begins within a string.
    inside: u64,
    /// There is a control character in a string.
    control: bool,
}

impl<'a> Search<'a> {
    fn new(length: usize, arena: &'a Arena) -> Self {
        // Most messages have a quote every seven bytes or so.
        let quotes = ArenaVec::with_capacity_in(length / 6 + 8, arena);
        let backslashes = ArenaVec::new_in(arena);
        Self { quotes, backslashes, at: 0, escaped: false, inside: 0, control: false }
    }

    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK]) {
        let [mut quotes, backslashes, controls] = classes(block);
        if backslashes != 0 || self.escaped {
            quotes &= !self.escapes(backslashes);
        }
        if controls != 0 {
            self.control |= controls & (prefixes(quotes) ^ self.inside) != 0;
        }
        if quotes.count_ones() & 1 == 1 {
            self.inside = !self.inside;
        }
        while quotes != 0 {
            self.quotes.push(self.at + quotes.trailing_zeros());
            quotes &= quotes - 1;
        }
        // The last block may end above the length of the text, which fits.
        self.at = self.at.wrapping_add(BLOCK as u32);
    }

    /// The bytes that are escaped; the backslashes that do it are kept.
    #[cold]
    fn escapes(&mut self, mut backslashes: u64) -> u64 {
        let mut escaped = u64::from(self.escaped);
        self.escaped = false;
        backslashes &= !escaped;
        while backslashes != 0 {
            let place = backslashes.trailing_zeros();
            self.backslashes.push(self.at + place);
            let next = 1_u64.checked_shl(place + 1).unwrap_or_default();
            self.escaped = next == 0;
            escaped |= next;
            backslashes &= (backslashes - 1) & !next;
        }
        escaped
    }
}

/// One bit for each quote, each backslash, each control character of a block.
#[inline(always)]
fn classes(block: &[u8; BLOCK]) -> [u64; 3] {
    let (halves, _) = block.as_chunks::<32>();
    let mut classes = [0_u64; 3];
    for half in halves.iter().rev() {
        let half = u8x32::new(*half);
        let found = [
            half.simd_eq(u8x32::splat(b'"')),
            half.simd_eq(u8x32::splat(b'\\')),
            half.min(u8x32::splat(0x1f)).simd_eq(half),
        ];
        for (class, found) in classes.iter_mut().zip(found) {
            *class = *class << 32 | u64::from(found.to_bitmask());
        }
    }
    classes
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
                    escape = escape.or(Some(at));
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
                    assert_eq!(marks.next(opening + 1), None);
                    assert_eq!(marks.next(opening), Some(marked), "{}", String::from_utf8_lossy(text));
                }
                assert!(marks.quotes.len() < 2);
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
