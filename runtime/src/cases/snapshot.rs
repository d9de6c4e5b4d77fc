//! Snapshots in the format of `insta`, so that `cargo insta review` works on them too: a file that was accepted, and beside
//! it, with `.new` behind its name, one that nobody has looked at yet.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What was expected, and what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// Nothing was expected yet.
    New,
    Differs {
        expected: String,
    },
}

/// How the text compares with the snapshot in `path`.
///
/// # Errors
/// The file is there and cannot be read.
pub fn compare(path: &Path, text: &str) -> io::Result<Verdict> {
    match fs::read_to_string(path) {
        Ok(file) => {
            let expected = contents(&file);
            let same = expected.trim_end() == text.trim_end();
            Ok(if same { Verdict::Same } else { Verdict::Differs { expected: expected.to_owned() } })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Verdict::New),
        Err(error) => Err(error),
    }
}

/// What lies beside a snapshot until somebody has looked at it.
#[must_use]
pub fn pending(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// Writes the text as a snapshot; `source` is the file that it was made of.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, source: &Path, text: &str) -> io::Result<()> {
    fs::write(path, format!("---\nsource: {}\n---\n{text}", source.display()))
}

/// Forgets what nobody has looked at.
///
/// # Errors
/// The file is there and cannot be removed.
pub fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(pending(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The text without what stands before it.
fn contents(file: &str) -> &str {
    let body = file.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(file, |(_, text)| text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_the_same() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.snap");
        assert_eq!(compare(&path, "text\n").unwrap(), Verdict::New);
        write(&path, Path::new("a.json"), "text\n---\nmore\n").unwrap();
        assert_eq!(compare(&path, "text\n---\nmore\n").unwrap(), Verdict::Same);
        let expected = "text\n---\nmore\n".to_owned();
        assert_eq!(compare(&path, "other\n").unwrap(), Verdict::Differs { expected });
    }
}
