//! The name of a member, ready to be written.

use crate::value::Text;

/// Room for most names with a comma, their quotes and the colon.
const SHORT: usize = 32;

/// `,"name":`, escaped once and written with each message; the first member of an object has no comma.
#[derive(Debug)]
pub(crate) enum Label {
    /// As many bytes, padded to a length that is known: a copy of so many is a few instructions, not a call.
    Short([u8; SHORT + 1], usize),
    Long(Box<[u8]>),
}

impl Label {
    pub fn of(name: &str) -> Self {
        let mut label = b",".to_vec();
        Text::plain(name).write_json(&mut label);
        label.push(b':');
        let mut padded = [0; SHORT + 1];
        match padded.get_mut(..label.len()).filter(|_| label.len() <= SHORT) {
            Some(start) => {
                start.copy_from_slice(&label);
                Self::Short(padded, label.len())
            }
            None => Self::Long(label.into()),
        }
    }

    #[inline(always)]
    pub fn write(&self, first: bool, out: &mut Vec<u8>) {
        let skipped = usize::from(first);
        match self {
            Self::Short(padded, length) => {
                let end = out.len() + length - skipped;
                let label = if first { padded.last_chunk::<SHORT>() } else { padded.first_chunk::<SHORT>() };
                out.extend_from_slice(label.map_or(&[], <[u8; SHORT]>::as_slice));
                out.truncate(end);
            }
            Self::Long(label) => out.extend_from_slice(label.get(skipped..).unwrap_or_default()),
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
