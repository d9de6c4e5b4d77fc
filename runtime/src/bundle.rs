//! The files of a configuration folder: the only reader of `mappings/` and `schemas/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use engine::{Bundle, File};

/// More files than this are not a configuration.
const MAX_FILES: usize = 100_000;
const MAX_FILE: u64 = 4 << 20;
/// A file of rows may be longer than one that is written by hand.
const MAX_DATA: u64 = 16 << 20;

/// Why a folder could not be read.
#[derive(Debug)]
pub enum Error {
    /// There is no `mappings` folder.
    Missing(PathBuf),
    Read {
        path: PathBuf,
        error: io::Error,
    },
    /// A file is too large, or there are too many.
    TooLarge(PathBuf),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(folder) => write!(
                f,
                "{} has no folder `mappings`; run in a configuration folder, or name one with --config",
                folder.display()
            ),
            Self::Read { path, error } => write!(f, "{} cannot be read: {error}", path.display()),
            Self::TooLarge(path) => write!(f, "{} is too large for a configuration", path.display()),
        }
    }
}

impl std::error::Error for Error {}

/// Reads `mappings/` and `schemas/` below `folder`; sandboxes only where they are wanted.
///
/// # Errors
/// A folder or file cannot be read.
pub fn read(folder: &Path, sandboxes: bool) -> Result<Bundle, Error> {
    let mappings = folder.join("mappings");
    if !mappings.is_dir() {
        return Err(Error::Missing(folder.to_owned()));
    }
    let mut reading = Reading { folder, sandboxes, bundle: Bundle::default() };
    reading.folder(&mappings, &["yaml", "yml", "rhai", "csv", "tsv", "json"], 0)?;
    let schemas = folder.join("schemas");
    if schemas.is_dir() {
        reading.folder(&schemas, &["json"], 0)?;
    }
    Ok(reading.bundle)
}

struct Reading<'r> {
    folder: &'r Path,
    sandboxes: bool,
    bundle: Bundle,
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Path, extensions: &[&str], depth: usize) -> Result<(), Error> {
        let failed = |error| Error::Read { path: folder.to_owned(), error };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().map_err(failed)?;
            let hidden = name.to_string_lossy().starts_with('.');
            // A symbolic link could lead out of the folder; it is not followed.
            if hidden || kind.is_symlink() || (name == "sandbox" && !self.sandboxes) {
                continue;
            }
            if kind.is_dir() && depth < 8 {
                self.folder(&path, extensions, depth + 1)?;
            } else if path.extension().is_some_and(|found| extensions.iter().any(|known| found == *known)) {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), Error> {
        let failed = |error| Error::Read { path: path.to_owned(), error };
        let size = fs::metadata(path).map_err(failed)?.len();
        let is_data = path.extension().is_some_and(|name| name == "csv" || name == "tsv" || name == "json");
        let most = if is_data { MAX_DATA } else { MAX_FILE };
        if size > most || self.bundle.files.len() >= MAX_FILES {
            return Err(Error::TooLarge(path.to_owned()));
        }
        let bytes = fs::read(path).map_err(failed)?;
        let relative = path.strip_prefix(self.folder).unwrap_or(path);
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        self.bundle.files.push(File { path: parts.join("/"), bytes });
        Ok(())
    }
}
