//! Scanning strings sixteen bytes at a time. There are no intrinsics here, but what compilers turn into them.

use std::array;

/// The bytes that are looked at in one step: a vector of the smallest processor of today.
const BLOCK: usize = 16;

/// The distance from the start of `bytes` to the first byte a JSON string cannot hold as it is: a
/// quote, a backslash or a control character. `None` when there is none.
#[inline]
pub(super) fn special(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for (at, block) in blocks.iter().enumerate() {
        if let Some(place) = special_of(block) {
            return Some(at * BLOCK + place);
        }
    }
    let tail = rest.iter().position(|byte| is_special(*byte))?;
    Some(blocks.len() * BLOCK + tail)
}

/// The place of the first special byte of a block.
#[inline]
fn special_of(block: &[u8; BLOCK]) -> Option<usize> {
    let hits: [u8; BLOCK] = array::from_fn(|at| if is_special(block[at]) { 0xff } else { 0 });
    let (words, _) = hits.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        if word != 0 {
            return Some(at * 8 + word.trailing_zeros() as usize / 8);
        }
    }
    None
}

/// Whether a JSON string needs an escape for this byte.
#[inline]
pub(super) const fn is_special(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..45 {
                let mut bytes = [b'a'; 45];
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
