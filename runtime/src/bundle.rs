//! The files of a configuration folder: the only reader of `mappings/` and `schemas/`.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use engine::{Bundle, File};

/// More files than this are not a configuration.
const MAX_FILES: usize = 100_000;
const MAX_FILE: u64 = 4 << 20;
/// A file of rows may be longer than one that is written by hand.
const MAX_DATA: u64 = 16 << 20;
/// Folders within each other.
const MAX_DEPTH: usize = 8;
/// So many files are read at the same time: a disk that is asked for one after the other is slow.
const READERS: usize = 8;
/// A reader begins for no fewer files.
const FEW: usize = 64;

pub(crate) const MAPPINGS: &str = "mappings";
const SCHEMAS: &str = "schemas";
/// All that is read.
pub const FOLDERS: [&str; 2] = [MAPPINGS, SCHEMAS];
/// What the name of a partner's sandbox ends with.
const SANDBOX: &str = "-sandbox";

/// The partner that this one plays, where it is a sandbox.
#[must_use]
pub fn played(partner: &str) -> Option<&str> {
    partner.strip_suffix(SANDBOX)
}

/// The extensions of files that are read.
const MAPPING: [&str; 6] = ["yaml", "yml", "rhai", "csv", "tsv", "json"];
const SCHEMA: [&str; 1] = ["json"];

/// Why a folder could not be read.
#[derive(Debug)]
pub enum Error {
    /// There is no `mappings` folder.
    Missing(PathBuf),
    /// All that cannot be read, in the order of the paths.
    Unreadable(Vec<Unreadable>),
}

/// A file or folder that cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    pub reason: Reason,
}

#[derive(Debug)]
pub enum Reason {
    Io(io::Error),
    /// It has more bytes than this.
    TooLarge(u64),
    TooMany,
    TooDeep,
    /// A pipe, a socket or a device: reading it might never end.
    NotAFile,
    /// A link to a place outside of the configuration's folder.
    LeadsOut,
    /// A link to a folder: such links could lead in circles.
    LinkedFolder,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(folder) => write!(
                f,
                "{} has no folder `mappings`; run in a configuration folder, or name one with --config",
                folder.display()
            ),
            Self::Unreadable(all) => {
                for (at, unreadable) in all.iter().enumerate() {
                    let before = if at == 0 { "" } else { "\n" };
                    write!(f, "{before}{} {}", unreadable.path.display(), unreadable.reason)?;
                }
                Ok(())
            }
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::TooLarge(most) => write!(f, "is larger than {} MB", most >> 20),
            Self::TooMany => write!(f, "is one of more than {MAX_FILES} files, which are no configuration"),
            Self::TooDeep => write!(f, "lies deeper than {MAX_DEPTH} folders"),
            Self::NotAFile => f.write_str("is not a file"),
            Self::LeadsOut => f.write_str("is a link that leads out of the configuration's folder"),
            Self::LinkedFolder => f.write_str("is a link to a folder; only links to files are followed"),
        }
    }
}

impl std::error::Error for Error {}

/// Reads `mappings/` and `schemas/` below `folder`; sandboxes only where they are wanted. Names that begin with a dot are
/// not read. A link is followed to a file within the folder, as mounted configurations have them.
///
/// # Errors
/// All files and folders that cannot be read.
pub fn read(folder: &Path, sandboxes: bool) -> Result<Bundle, Error> {
    let mut reading = Reading::of(folder, sandboxes)?;
    reading.top(&folder.join(MAPPINGS), &MAPPING);
    reading.top(&folder.join(SCHEMAS), &SCHEMA);
    reading.done()
}

/// The configuration as it is `known`, with the files of one partner as they are now.
///
/// # Errors
/// All of the partner's files and folders that cannot be read.
pub fn read_partner(folder: &Path, sandboxes: bool, partner: &str, known: &Bundle) -> Result<Bundle, Error> {
    let mut reading = Reading::of(folder, sandboxes)?;
    // What is no name of a folder has no files.
    if Path::new(partner).file_name().is_some_and(|name| name == partner) {
        // A sandbox lies within its partner's folder.
        for name in [Some(partner), played(partner)].into_iter().flatten() {
            reading.own(&folder.join(MAPPINGS).join(name), &MAPPING);
        }
        reading.own(&folder.join(SCHEMAS).join(partner), &SCHEMA);
    }
    let mut bundle = known.clone();
    bundle.take(partner, &reading.done()?);
    bundle.share(known);
    Ok(bundle)
}

fn unreadable(path: &Path, reason: Reason) -> Error {
    Error::Unreadable(vec![Unreadable { path: path.to_owned(), reason }])
}

struct Reading<'r> {
    folder: &'r Path,
    /// The folder without links.
    root: PathBuf,
    sandboxes: bool,
    /// The files that are to be read.
    found: Vec<PathBuf>,
    unreadable: Vec<Unreadable>,
}

impl<'r> Reading<'r> {
    fn of(folder: &'r Path, sandboxes: bool) -> Result<Self, Error> {
        if !folder.join(MAPPINGS).is_dir() {
            return Err(Error::Missing(folder.to_owned()));
        }
        let root = folder.canonicalize().map_err(|error| unreadable(folder, Reason::Io(error)))?;
        Ok(Self { folder, root, sandboxes, found: Vec::new(), unreadable: Vec::new() })
    }

    fn done(mut self) -> Result<Bundle, Error> {
        let folder = self.folder;
        let mut bundle = Bundle::default();
        std::thread::scope(|scope| {
            let each = self.found.len().div_ceil(READERS).max(FEW);
            let read =
                |paths: &[PathBuf]| paths.iter().map(|path| read_file(folder, path)).collect::<Vec<_>>();
            let readers: Vec<_> =
                self.found.chunks(each).map(|paths| scope.spawn(move || read(paths))).collect();
            for reader in readers {
                for file in reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                    match file {
                        Ok(file) => bundle.insert(file),
                        Err(unreadable) => self.unreadable.push(unreadable),
                    }
                }
            }
        });
        if self.unreadable.is_empty() {
            return Ok(bundle);
        }
        self.unreadable.sort_by(|left, right| left.path.cmp(&right.path));
        Err(Error::Unreadable(self.unreadable))
    }

    /// A partner's folder: none, unless it is one itself.
    fn own(&mut self, folder: &Path, extensions: &[&str]) {
        if fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
            self.top(folder, extensions);
        }
    }

    fn top(&mut self, folder: &Path, extensions: &[&str]) {
        if !folder.is_dir() {
            return;
        }
        match self.is_within(folder) {
            Ok(true) => self.folder(folder, extensions, 0),
            Ok(false) => self.failed(folder, Reason::LeadsOut),
            Err(error) => self.failed(folder, Reason::Io(error)),
        }
    }

    fn folder(&mut self, folder: &Path, extensions: &[&str], depth: usize) {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.failed(folder, Reason::Io(error)),
        };
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.to_string_lossy().starts_with('.');
            if hidden || (name == "sandbox" && !self.sandboxes) {
                continue;
            }
            let wanted = path.extension().is_some_and(|found| extensions.iter().any(|known| found == *known));
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => self.folder(&path, extensions, depth + 1),
                Ok(kind) if kind.is_dir() => self.failed(&path, Reason::TooDeep),
                Ok(kind) if kind.is_symlink() => self.link(&path, wanted),
                Ok(_) if !wanted => {}
                Ok(kind) if kind.is_file() => self.file(&path),
                Ok(_) => self.failed(&path, Reason::NotAFile),
                Err(error) => self.failed(&path, Reason::Io(error)),
            }
        }
    }

    fn link(&mut self, path: &Path, wanted: bool) {
        match fs::metadata(path) {
            Ok(target) if target.is_dir() => self.failed(path, Reason::LinkedFolder),
            _ if !wanted => {}
            Ok(target) if !target.is_file() => self.failed(path, Reason::NotAFile),
            Ok(_) => match self.is_within(path) {
                Ok(true) => self.file(path),
                Ok(false) => self.failed(path, Reason::LeadsOut),
                Err(error) => self.failed(path, Reason::Io(error)),
            },
            Err(error) => self.failed(path, Reason::Io(error)),
        }
    }

    fn is_within(&self, path: &Path) -> io::Result<bool> {
        Ok(path.canonicalize()?.starts_with(&self.root))
    }

    fn file(&mut self, path: &Path) {
        if self.found.len() >= MAX_FILES {
            // Once is enough.
            if !self.unreadable.iter().any(|unreadable| matches!(unreadable.reason, Reason::TooMany)) {
                self.failed(path, Reason::TooMany);
            }
            return;
        }
        self.found.push(path.to_owned());
    }

    fn failed(&mut self, path: &Path, reason: Reason) {
        self.unreadable.push(Unreadable { path: path.to_owned(), reason });
    }
}

fn read_file(folder: &Path, path: &Path) -> Result<File, Unreadable> {
    let failed = |reason| Unreadable { path: path.to_owned(), reason };
    let is_data = path.extension().is_some_and(|name| name == "csv" || name == "tsv" || name == "json");
    let most = if is_data { MAX_DATA } else { MAX_FILE };
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > most => return Err(failed(Reason::TooLarge(most))),
        Ok(_) => {}
        Err(error) => return Err(failed(Reason::Io(error))),
    }
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Ok(File { path: parts.join("/"), bytes })
}

#[cfg(test)]
mod tests;
