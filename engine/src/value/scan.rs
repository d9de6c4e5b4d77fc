//! Scanning strings thirty-two bytes at a time, which every processor of today does in a few instructions. Most strings end
//! within one such step, so that the processor guesses right where the loop ends.

use wide::u8x32;

/// The bytes that are looked at in one step.
const BLOCK: usize = 32;

/// The distance from the start of `bytes` to the first byte a JSON string cannot hold as it is: a
/// quote, a backslash or a control character. `None` when there is none.
#[inline(always)]
pub(super) fn special(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let hits = specials_of(*block);
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    special_in_rest(bytes, at)
}

/// As [`special`], for less than a block from `start` on.
fn special_in_rest(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let mut block = [b' '; BLOCK];
    block.get_mut(..rest.len())?.copy_from_slice(rest);
    let hits = specials_of(block);
    (hits != 0).then(|| start + hits.trailing_zeros() as usize)
}

/// One bit for each special byte, the lowest for the first.
#[inline(always)]
fn specials_of(block: [u8; BLOCK]) -> u32 {
    let block = u8x32::new(block);
    let is = |byte: u8| block.simd_eq(u8x32::splat(byte));
    let control = block.min(u8x32::splat(0x1f)).simd_eq(block);
    (is(b'"') | is(b'\\') | control).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a JSON string needs an escape for this byte.
    const fn is_special(byte: u8) -> bool {
        byte < b' ' || byte == b'"' || byte == b'\\'
    }

    #[test]
    fn finds_every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..75 {
                let mut bytes = [b'a'; 75];
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
