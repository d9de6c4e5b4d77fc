//! A string in the form that costs least.

use std::{
    borrow::Cow,
    cmp::Ordering,
    hash::{Hash, Hasher},
    iter,
};

use bumpalo::collections::String as ArenaString;

use super::{Arena, Sink, scan};

/// A JSON string, kept in the form it came in and decoded only when somebody looks.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    raw: &'a str,
    form: Form,
    tag: Tag,
}

/// What tells most names apart at a glance: made of a name's length, beginning and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(u32);

impl Tag {
    /// Of a string whose tag nobody has worked out.
    const NONE: Self = Self(0);

    #[must_use]
    pub fn of(name: &str) -> Self {
        const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
        let bytes = name.as_bytes();
        let ends = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
            }
            _ => bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
        };
        let mixed = (ends ^ bytes.len() as u64).wrapping_mul(MULTIPLIER);
        Self((mixed >> 32) as u32 | 1)
    }

    /// One of 256 kinds; none of a string whose tag nobody has worked out.
    pub(super) const fn kind(self) -> Option<u8> {
        if self.0 == 0 { None } else { Some((self.0 >> 24) as u8) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// Half a word, the tag the other half: for the reason given at `read::Kind`.
#[repr(u32)]
enum Form {
    /// Content and JSON text are the same characters.
    Clean,
    /// JSON text with valid escapes, without the quotes.
    Escaped,
    /// Content; may need escapes when written.
    Plain,
}

impl<'a> Text<'a> {
    /// A string from its content.
    #[must_use]
    pub const fn plain(content: &'a str) -> Self {
        Self { raw: content, form: Form::Plain, tag: Tag::NONE }
    }

    /// Content known to need no escapes.
    pub(super) const fn clean(content: &'a str) -> Self {
        Self { raw: content, form: Form::Clean, tag: Tag::NONE }
    }

    /// JSON text between quotes, its escapes already validated.
    pub(super) const fn escaped(raw: &'a str) -> Self {
        Self { raw, form: Form::Escaped, tag: Tag::NONE }
    }

    /// The same string as the name of a member, which is looked for: with its tag, unless it would have to be decoded.
    #[inline(always)]
    pub(super) fn named(self) -> Self {
        match self.as_clean() {
            Some(content) => Self { tag: Tag::of(content), ..self },
            None => self,
        }
    }

    pub(super) const fn tag(&self) -> Tag {
        self.tag
    }

    /// Whether the content is `content`, whose tag is known.
    #[inline(always)]
    #[must_use]
    pub fn is_tagged(&self, content: &str, tag: Tag) -> bool {
        (self.tag == tag || self.tag == Tag::NONE) && self.is(content)
    }

    /// Where the string lies in memory: lets the reader find a key's place in its text.
    pub(super) fn address(&self) -> usize {
        self.raw.as_ptr().addr()
    }

    pub(super) fn copy_into<'b>(&self, arena: &'b Arena) -> Text<'b> {
        Text { raw: arena.alloc_str(self.raw), ..*self }
    }

    /// The content when it is at hand, that is unless the string is escaped.
    #[inline]
    #[must_use]
    pub const fn as_clean(&self) -> Option<&'a str> {
        match self.form {
            Form::Escaped => None,
            Form::Clean | Form::Plain => Some(self.raw),
        }
    }

    /// The content.
    #[must_use]
    pub fn decode(&self) -> Cow<'a, str> {
        match self.as_clean() {
            Some(content) => Cow::Borrowed(content),
            None => Cow::Owned(self.chars().collect()),
        }
    }

    /// The content; an escaped string is decoded into the arena.
    #[must_use]
    pub fn decode_in(&self, arena: &'a Arena) -> &'a str {
        match self.as_clean() {
            Some(content) => content,
            None => {
                // Decoding never grows a string.
                let mut content = ArenaString::with_capacity_in(self.raw.len(), arena);
                content.extend(self.chars());
                content.into_bump_str()
            }
        }
    }

    /// Bytes as it is kept: at least those of the content.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.raw.len()
    }

    /// The number of Unicode characters of the content.
    #[must_use]
    pub fn char_count(&self) -> usize {
        match self.as_clean() {
            Some(content) => content.chars().count(),
            None => self.chars().count(),
        }
    }

    /// Whether the string has no characters.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether the content is `content`.
    #[inline(always)]
    #[must_use]
    pub fn is(&self, content: &str) -> bool {
        match self.as_clean() {
            Some(own) => same(own.as_bytes(), content.as_bytes()),
            None => self.chars().eq(content.chars()),
        }
    }

    /// Appends the string with its quotes; what came as JSON is copied as it came.
    #[inline(always)]
    pub fn write_json(&self, out: &mut impl Sink) {
        match self.form {
            Form::Clean | Form::Escaped => {
                out.reserve(self.raw.len() + 2);
                out.push(b'"');
                out.extend_from_slice(self.raw.as_bytes());
                out.push(b'"');
            }
            Form::Plain => write_escaped(self.raw, out),
        }
    }

    /// The characters of the content.
    fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        let mut rest = self.raw;
        let escaped = self.form == Form::Escaped;
        iter::from_fn(move || {
            let (char, tail) = match rest.strip_prefix('\\').filter(|_| escaped) {
                Some(escape) => decode_escape(escape)?,
                None => {
                    let mut chars = rest.chars();
                    (chars.next()?, chars.as_str())
                }
            };
            rest = tail;
            Some(char)
        })
    }
}

impl<'b> PartialEq<Text<'b>> for Text<'_> {
    #[inline]
    fn eq(&self, other: &Text<'b>) -> bool {
        (self.tag == other.tag || self.tag == Tag::NONE || other.tag == Tag::NONE)
            && self.has_content_of(other)
    }
}

impl Text<'_> {
    fn has_content_of(&self, other: &Text<'_>) -> bool {
        match (self.as_clean(), other.as_clean()) {
            (_, Some(content)) => self.is(content),
            (Some(content), None) => other.is(content),
            (None, None) => self.raw == other.raw || self.chars().eq(other.chars()),
        }
    }
}

impl Eq for Text<'_> {}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.decode().hash(state);
    }
}

impl<'b> PartialOrd<Text<'b>> for Text<'_> {
    fn partial_cmp(&self, other: &Text<'b>) -> Option<Ordering> {
        match (self.as_clean(), other.as_clean()) {
            (Some(left), Some(right)) => Some(left.cmp(right)),
            _ => Some(self.chars().cmp(other.chars())),
        }
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.partial_cmp(other).unwrap_or(Ordering::Equal)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(content: &'a str) -> Self {
        Self::plain(content)
    }
}

/// Whether two texts are the same. Names are short: two overlapping words mostly tell, without a call.
#[inline(always)]
fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    match (left.first_chunk::<8>(), left.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            right.first_chunk() == Some(first)
                && right.last_chunk() == Some(last)
                && (left.len() <= 16 || left == right)
        }
        _ => match (left.first_chunk::<4>(), left.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                right.first_chunk() == Some(first) && right.last_chunk() == Some(last)
            }
            _ => left.iter().eq(right),
        },
    }
}

/// The character an escape means and what follows; `escape` begins after the backslash. `None` for
/// what is no escape.
pub(super) fn decode_escape(escape: &str) -> Option<(char, &str)> {
    let mut chars = escape.chars();
    let char = match chars.next()? {
        char @ ('"' | '\\' | '/') => char,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return decode_unicode(chars.as_str()),
        _ => return None,
    };
    Some((char, chars.as_str()))
}

/// Four hexadecimal digits, or two such groups for a surrogate pair.
fn decode_unicode(digits: &str) -> Option<(char, &str)> {
    let (high, rest) = hex4(digits)?;
    if let Some(char) = char::from_u32(high) {
        return Some((char, rest));
    }
    let (low, rest) = hex4(rest.strip_prefix("\\u")?)?;
    // Out of order halves fall outside the ranges and are refused.
    let char = match (high, low) {
        (0xd800..=0xdbff, 0xdc00..=0xdfff) => {
            char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
        }
        _ => return None,
    };
    Some((char, rest))
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let value = digits.chars().try_fold(0, |value, digit| Some(value * 16 + digit.to_digit(16)?))?;
    Some((value, rest))
}

/// Appends `content` with quotes and the escapes JSON demands, no others.
#[inline(never)]
fn write_escaped(content: &str, out: &mut impl Sink) {
    let mut rest = content.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    while let Some((clean, [byte, tail @ ..])) = scan::special(rest).and_then(|at| rest.split_at_checked(at))
    {
        out.extend_from_slice(clean);
        write_escape(*byte, out);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut impl Sink) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digit = |nibble: u8| {
                if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
            };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0x0f)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: Text<'_>) -> String {
        let mut out = Vec::new();
        text.write_json(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_decode() {
        let text = Text::escaped(r#"a\"\\\/\b\f\n\r\tя\u044f\ud83d\ude00z"#);
        assert_eq!(text.decode(), "a\"\\/\u{8}\u{c}\n\r\tяя😀z");
        assert_eq!(text.decode_in(&Arena::new()), text.decode());
        assert_eq!(text.char_count(), 13);
        assert_eq!(text.as_clean(), None);
    }

    #[test]
    fn texts_of_every_length_are_told_apart() {
        for length in 0..40 {
            let text = "x".repeat(length);
            assert!(Text::clean(&text).is(&text.clone()));
            assert!(!Text::clean(&text).is(&format!("{text}x")));
            for at in 0..length {
                let mut other = text.clone().into_bytes();
                other[at] = b'y';
                assert!(!Text::clean(&text).is(&String::from_utf8(other).unwrap()), "{at} of {length}");
            }
        }
    }

    #[test]
    fn broken_escapes_are_not_escapes() {
        for escape in
            ["", "x", "u12", "u12g4", "ud800", "ud800\\n", "ud800\\u0041", "udc00\\ud800", "u+123", "u12é"]
        {
            assert_eq!(decode_escape(escape), None, "{escape}");
        }
    }

    #[test]
    fn every_form_compares_by_content() {
        let forms =
            [Text::clean("ab"), Text::plain("ab"), Text::escaped("\\u0061b"), Text::escaped("a\\u0062")];
        for left in forms {
            for right in forms {
                assert_eq!(left, right);
                assert_eq!(left.cmp(&right), Ordering::Equal);
            }
            assert!(left < Text::escaped("b\\n"));
            assert!(left.is("ab") && !left.is("a"));
        }
    }

    #[test]
    fn what_came_as_json_leaves_as_it_came() {
        assert_eq!(json(Text::escaped(r"\u0061\/")), r#""\u0061\/""#);
        assert_eq!(json(Text::clean("abc")), r#""abc""#);
        assert_eq!(json(Text::plain("a\u{1}\u{1f}\"\n")), r#""a\u0001\u001f\"\n""#);
    }

    proptest! {
        #[test]
        fn plain_text_is_written_as_serde_json_writes_it(content: String) {
            prop_assert_eq!(json(Text::plain(&content)), serde_json::to_string(&content).unwrap());
        }

        #[test]
        fn order_is_that_of_the_content(left: String, right: String) {
            let (one, two) = (serde_json::to_string(&left).unwrap(), serde_json::to_string(&right).unwrap());
            let (one, two) = (Text::escaped(&one[1..one.len() - 1]), Text::escaped(&two[1..two.len() - 1]));
            prop_assert_eq!(one.cmp(&two), left.cmp(&right));
            prop_assert_eq!(one.cmp(&Text::plain(&right)), left.cmp(&right));
            prop_assert_eq!(one == two, left == right);
        }
    }
}
