//! The name of a member, ready to be written.

use crate::value::Text;

/// Room for most names with their quotes and the colon; a label takes 32 bytes then.
const SHORT: usize = 30;

/// Two quotes and a colon.
const PUNCTUATION: usize = 3;

/// `"name":`, escaped once and written with each message.
#[derive(Debug)]
pub(crate) enum Label {
    /// As many bytes, padded to a length that is known: a copy of so many is a few instructions, not a call.
    Short([u8; SHORT], u8),
    /// A longer one, or one with escapes.
    Long(Box<Long>),
}

#[derive(Debug)]
pub(crate) struct Long {
    name: Box<str>,
    label: Box<[u8]>,
}

impl Label {
    pub fn of(name: &str) -> Self {
        let mut label = Vec::new();
        Text::plain(name).write_json(&mut label);
        label.push(b':');
        let mut padded = [0; SHORT];
        match (padded.get_mut(..label.len()), u8::try_from(label.len())) {
            (Some(start), Ok(length)) if label.len() == name.len() + PUNCTUATION => {
                start.copy_from_slice(&label);
                Self::Short(padded, length)
            }
            _ => Self::Long(Box::new(Long { name: name.into(), label: label.into() })),
        }
    }

    /// The name, as nobody has escaped it.
    pub fn name(&self) -> &str {
        match self {
            Self::Short(padded, length) => {
                let name = padded.get(1..usize::from(*length) + 1 - PUNCTUATION).unwrap_or_default();
                str::from_utf8(name).unwrap_or_default()
            }
            Self::Long(long) => &long.name,
        }
    }

    #[inline(always)]
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Short(padded, length) => {
                let end = out.len() + usize::from(*length);
                out.extend_from_slice(padded);
                out.truncate(end);
            }
            Self::Long(long) => out.extend_from_slice(&long.label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_of_every_length_is_written_as_json() {
        for length in 0..60 {
            let mut out = b"{".to_vec();
            let name = ["\"".repeat(length % 5), "ключ".repeat(length)].concat();
            let label = Label::of(&name);
            assert_eq!(label.name(), name);
            label.write(&mut out);
            let quotes = "\\\"".repeat(length % 5);
            assert_eq!(String::from_utf8_lossy(&out), format!("{{\"{quotes}{}\":", "ключ".repeat(length)));
        }
    }
}
