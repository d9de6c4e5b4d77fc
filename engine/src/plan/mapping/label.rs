//! The name of a member, ready to be written.

use crate::value::Text;

/// Room for most names with their quotes and the colon; a label takes 32 bytes then.
const SHORT: usize = 30;

/// `"name":`, escaped once and written with each message.
#[derive(Debug)]
pub(crate) enum Label {
    /// As many bytes, padded to a length that is known: a copy of so many is a few instructions, not a call.
    Short([u8; SHORT], u8),
    Long(Box<[u8]>),
}

impl Label {
    pub fn of(name: &str) -> Self {
        let mut label = Vec::new();
        Text::plain(name).write_json(&mut label);
        label.push(b':');
        let mut padded = [0; SHORT];
        match (padded.get_mut(..label.len()), u8::try_from(label.len())) {
            (Some(start), Ok(length)) => {
                start.copy_from_slice(&label);
                Self::Short(padded, length)
            }
            _ => Self::Long(label.into()),
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
            Self::Long(label) => out.extend_from_slice(label),
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
            Label::of(
                &"\"".repeat(length % 5).chars().chain("ключ".repeat(length).chars()).collect::<String>(),
            )
            .write(&mut out);
            let quotes = "\\\"".repeat(length % 5);
            assert_eq!(String::from_utf8_lossy(&out), format!("{{\"{quotes}{}\":", "ключ".repeat(length)));
        }
    }
}
