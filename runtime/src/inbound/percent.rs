//! Percent-decoding (RFC 3986, section 2.1) that refuses what it cannot decode, where the usual
//! decoders keep a broken escape and replace broken UTF-8.

/// The decoded text, or `None` for a broken escape or text that is not UTF-8.
pub(super) fn decode(encoded: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(&byte) = rest.next() {
        out.push(match byte {
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let value = char::from(*byte?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_bytes() {
        for (encoded, decoded) in [("", ""), ("a+b", "a+b"), ("%D0%b0%2F%25", "а/%")] {
            assert_eq!(decode(encoded.as_bytes()).as_deref(), Some(decoded));
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for encoded in ["%", "%4", "%g0", "%+1", "%ff", "%D0"] {
            assert_eq!(decode(encoded.as_bytes()), None, "{encoded}");
        }
    }
}
