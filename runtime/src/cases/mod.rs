//! Cases: one message each, and a snapshot of all that the configuration makes of it.

pub mod context;
pub(crate) mod memory;
pub(crate) mod page;
mod play;
pub mod snapshot;
pub(crate) mod told;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use context::Context;
pub use play::play;

/// Where cases are, below the configuration's folder.
pub const FOLDER: &str = "tests/cases";

/// One message that a route is to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// `partner/route`
    pub route: String,
    /// `partner/route/case`
    pub name: String,
    /// The file of the message, below the configuration's folder.
    pub message: PathBuf,
}

/// What lies in the folder of cases.
#[derive(Debug, Default)]
pub struct Found {
    /// By name.
    pub cases: Vec<Case>,
    /// Snapshots and contexts that belong to no case.
    pub strays: Vec<PathBuf>,
}

/// What a case may have beside its message.
const BESIDE: [&str; 3] = [".context.yaml", ".snap", ".snap.new"];

/// A file or folder that cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    pub error: io::Error,
}

impl Case {
    /// The state that the message meets, and what partners say: a file that need not be there.
    #[must_use]
    pub fn context(&self) -> PathBuf {
        self.message.with_extension("context.yaml")
    }

    #[must_use]
    pub fn snapshot(&self) -> PathBuf {
        self.message.with_extension("snap")
    }
}

/// All cases of a configuration: `tests/cases/<partner>/<route>/<case>.json`.
///
/// # Errors
/// A folder cannot be read.
pub fn find(folder: &Path) -> Result<Found, Unreadable> {
    let mut found = Found::default();
    for partner in names(&folder.join(FOLDER), true)? {
        for route in names(&folder.join(FOLDER).join(&partner), true)? {
            let below = Path::new(FOLDER).join(&partner).join(&route);
            let files = names(&folder.join(&below), false)?;
            let is_stray = |file: &str| {
                let case = BESIDE.iter().find_map(|ending| file.strip_suffix(ending));
                case.is_some_and(|case| !files.contains(&format!("{case}.json")))
            };
            found.strays.extend(files.iter().filter(|file| is_stray(file)).map(|file| below.join(file)));
            let cases = files.iter().filter_map(|file| Some((file, file.strip_suffix(".json")?)));
            found.cases.extend(cases.map(|(file, case)| Case {
                route: format!("{partner}/{route}"),
                name: format!("{partner}/{route}/{case}"),
                message: below.join(file),
            }));
        }
    }
    Ok(found)
}

/// The names of the folders, or of the files, within a folder, in order; none where it is not there.
pub(crate) fn names(folder: &Path, folders: bool) -> Result<Vec<String>, Unreadable> {
    let failed = |error| Unreadable { path: folder.to_owned(), error };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() == folders && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cannot be read: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for Unreadable {}
