//! The name of a member, ready to be written.

use crate::value::Text;

/// Room for most names with a comma, their quotes and the colon; a label takes 32 bytes then.
const SHORT: usize = 29;

/// A comma, two quotes and a colon.
const PUNCTUATION: usize = 4;

/// `,"name":`, escaped once and written with each message; the first member of an object has no comma.
#[derive(Debug)]
pub(crate) enum Label {
    /// As many bytes, padded to a length that is known: a copy of so many is a few instructions, not a call.
    Short([u8; SHORT + 1], u8),
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
        let mut label = b",".to_vec();
        Text::plain(name).write_json(&mut label);
        label.push(b':');
        let is_plain = label.len() == name.len() + PUNCTUATION;
        let mut padded = [0; SHORT + 1];
        match (padded.get_mut(..label.len()), u8::try_from(label.len())) {
            (Some(start), Ok(length)) if is_plain && label.len() <= SHORT => {
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
                let name = padded.get(2..usize::from(*length) + 2 - PUNCTUATION).unwrap_or_default();
                str::from_utf8(name).unwrap_or_default()
            }
            Self::Long(long) => &long.name,
        }
    }

    #[inline(always)]
    pub fn write(&self, first: bool, out: &mut Vec<u8>) {
        let skipped = usize::from(first);
        match self {
            Self::Short(padded, length) => {
                let end = out.len() + usize::from(*length) - skipped;
                let label = if first { padded.last_chunk::<SHORT>() } else { padded.first_chunk::<SHORT>() };
                out.extend_from_slice(label.map_or(&[], <[u8; SHORT]>::as_slice));
                out.truncate(end);
            }
            Self::Long(long) => out.extend_from_slice(long.label.get(skipped..).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_of_every_length_is_written_as_json() {
        for length in 0..60 {
            let name = ["\"".repeat(length % 5), "ключ".repeat(length / 4), "x".repeat(length % 3)].concat();
            let label = Label::of(&name);
            assert_eq!(label.name(), name);
            let written = |first| {
                let mut out = b"{".to_vec();
                label.write(first, &mut out);
                String::from_utf8_lossy(&out).into_owned()
            };
            let name = serde_json::to_string(&name).unwrap_or_default();
            assert_eq!((written(true), written(false)), (format!("{{{name}:"), format!("{{,{name}:")));
        }
    }
}
