use std::{fmt, path::PathBuf, sync::Arc};

use rusqlite::ErrorCode;

use crate::store;

/// Why a database could not be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The linked SQLite has a known fault that corrupts its log.
    OldLibrary { version: &'static str },
    /// Another process has the database open for writing.
    InUse { path: PathBuf },
    /// A later version of the program wrote the database.
    NewerSchema { path: PathBuf, found: i64, supported: i64 },
    /// The database has to be migrated, which reading alone cannot do.
    OlderSchema { path: PathBuf, found: i64, supported: i64 },
    /// A file could not be opened or created.
    File { path: PathBuf, source: std::io::Error },
    /// The file is not a usable database.
    Database { path: PathBuf, source: rusqlite::Error },
    /// The writer thread could not be started.
    Thread { source: std::io::Error },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OldLibrary { version } => {
                write!(f, "SQLite {version} can corrupt its log; 3.51.3 or later is needed")
            }
            Self::InUse { path } => {
                write!(f, "{}: already in use by another process", path.display())
            }
            Self::NewerSchema { path, found, supported } => write!(
                f,
                "{}: written by a later version of this program (schema {found}, this one knows {supported})",
                path.display()
            ),
            Self::OlderSchema { path, found, supported } => write!(
                f,
                "{}: has schema {found}, {supported} is needed; opening it for writing migrates it",
                path.display()
            ),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Database { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Thread { source } => {
                write!(f, "cannot start the store's writer thread: {source}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Thread { source } => Some(source),
            Self::Database { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for store::Error {
    fn from(source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Backend { source: Arc::new(source) },
        }
    }
}
