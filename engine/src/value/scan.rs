//! Scanning eight bytes at a time, without intrinsics.

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);
const SPACES: u64 = u64::from_le_bytes([b' '; 8]);

/// The distance from the start of `bytes` to the first byte a JSON string cannot hold as it is: a
/// quote, a backslash or a control character. `None` when there is none.
#[inline]
pub(super) fn special(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let hits = specials_of(u64::from_le_bytes(*word));
        if hits != 0 {
            return Some(at * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    let tail = rest.iter().position(|byte| is_special(*byte))?;
    Some(words.len() * 8 + tail)
}

/// Whether a JSON string needs an escape for this byte.
#[inline]
pub(super) const fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// The high bit of every special byte. A borrow can mark a byte above a true hit, never below one:
/// the lowest mark is exact.
#[inline]
const fn specials_of(word: u64) -> u64 {
    let quote = word ^ QUOTES;
    let backslash = word ^ BACKSLASHES;
    let quotes = quote.wrapping_sub(ONES) & !quote;
    let backslashes = backslash.wrapping_sub(ONES) & !backslash;
    let controls = word.wrapping_sub(SPACES) & !word;
    (quotes | backslashes | controls) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[place] = byte;
                let expected = is_special(byte).then_some(place);
                assert_eq!(special(&bytes), expected, "byte {byte} at {place}");
            }
        }
    }

    #[test]
    fn the_first_of_several_wins() {
        assert_eq!(special(b"abc\"\\\"\x01zzzz"), Some(3));
        assert_eq!(special(b"\x80\xff!#[]\x7f "), None);
        assert_eq!(special(b""), None);
    }
}
