//! What people do to files: a word is another, a line is gone, a file is gone or comes back.

use proptest::prelude::*;

use super::files::Files;

/// Places are fractions of what there is.
#[derive(Debug, Clone)]
pub enum Edit {
    /// One word of a file stands for another of the same file.
    Word {
        file: f64,
        from: f64,
        to: f64,
    },
    /// A digit is another.
    Digit {
        file: f64,
        at: f64,
    },
    RemoveLine {
        file: f64,
        line: f64,
    },
    RepeatLine {
        file: f64,
        line: f64,
    },
    RemoveFile {
        file: f64,
    },
    RenameFile {
        file: f64,
    },
    NotText {
        file: f64,
    },
    /// A file, or all, as it was.
    Restore {
        file: f64,
    },
    RestoreAll,
}

/// Edits that are made at once.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let place = || 0.0..1.0f64;
    let edit = prop_oneof![
        4 => (place(), place(), place()).prop_map(|(file, from, to)| Edit::Word { file, from, to }),
        6 => (place(), place()).prop_map(|(file, at)| Edit::Digit { file, at }),
        4 => (place(), place()).prop_map(|(file, line)| Edit::RemoveLine { file, line }),
        1 => (place(), place()).prop_map(|(file, line)| Edit::RepeatLine { file, line }),
        1 => place().prop_map(|file| Edit::RemoveFile { file }),
        1 => place().prop_map(|file| Edit::RenameFile { file }),
        1 => place().prop_map(|file| Edit::NotText { file }),
        6 => place().prop_map(|file| Edit::Restore { file }),
        3 => Just(Edit::RestoreAll),
    ];
    prop::collection::vec(edit, 0..4)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place"
)]
fn pick<T: Clone>(from: &[T], at: f64) -> Option<T> {
    from.get((at * from.len() as f64) as usize).cloned()
}

impl Edit {
    pub fn apply_all(edits: &[Self], files: &mut Files, original: &Files) {
        for edit in edits {
            let _ = edit.apply(files, original);
        }
    }

    /// `None` where there is nothing to edit.
    fn apply(&self, files: &mut Files, original: &Files) -> Option<()> {
        let known: Vec<String> = original.0.keys().cloned().collect();
        let present: Vec<String> = files.0.keys().cloned().collect();
        match self {
            Self::Word { file, from, to } => in_text(files, pick(&present, *file)?, |text| {
                let words = places(text, |char| char.is_alphanumeric() || char == '_');
                let (from, to) = (pick(&words, *from)?, pick(&words, *to)?);
                Some(format!("{}{}{}", &text[..from.start], &text[to], &text[from.end..]))
            }),
            Self::Digit { file, at } => in_text(files, pick(&present, *file)?, |text| {
                let at = pick(&places(text, |char| char.is_ascii_digit()), *at)?;
                let other = if &text[at.clone()] == "7" { "8" } else { "7" };
                Some(format!("{}{other}{}", &text[..at.start], &text[at.end..]))
            }),
            Self::RemoveLine { file, line } => in_lines(files, pick(&present, *file)?, *line, 0),
            Self::RepeatLine { file, line } => in_lines(files, pick(&present, *file)?, *line, 2),
            Self::RemoveFile { file } => files.0.remove(&pick(&present, *file)?).map(drop),
            Self::RenameFile { file } => {
                let path = pick(&present, *file)?;
                let bytes = files.0.remove(&path)?;
                files.0.insert(path.replacen('.', "-2.", 1), bytes).map(drop)
            }
            Self::NotText { file } => {
                let bytes = files.0.get_mut(&pick(&present, *file)?)?;
                bytes.insert(bytes.len() / 2, 0xff);
                Some(())
            }
            Self::Restore { file } => {
                let path = pick(&known, *file)?;
                files.0.insert(path.clone(), original.0[&path].clone()).map(drop)
            }
            Self::RestoreAll => {
                *files = original.clone();
                Some(())
            }
        }
    }
}

fn in_text(files: &mut Files, path: String, edited: impl Fn(&str) -> Option<String>) -> Option<()> {
    let bytes = files.0.get_mut(&path)?;
    let text = edited(std::str::from_utf8(bytes).ok()?)?;
    *bytes = text.into_bytes();
    Some(())
}

fn in_lines(files: &mut Files, path: String, line: f64, times: usize) -> Option<()> {
    in_text(files, path, |text| {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let chosen = pick(&(0..lines.len()).collect::<Vec<_>>(), line)?;
        let times = |at| if at == chosen { times } else { 1 };
        Some(lines.iter().enumerate().flat_map(|(at, line)| vec![*line; times(at)]).collect())
    })
}

/// The longest runs of such characters.
fn places(text: &str, is: impl Fn(char) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut places: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, char) in text.char_indices().filter(|(_, char)| is(*char)) {
        let end = at + char.len_utf8();
        match places.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => places.push(at..end),
        }
    }
    places
}
