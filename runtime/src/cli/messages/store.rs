//! Which database a command is about, and who is asked about it: the process that serves it, or the file itself.

use std::path::{Path, PathBuf};

use clap::Args;
use engine::Variables;

use super::super::Failure;
use crate::config::{Config, Mistakes, Overrides};
use crate::store::sqlite::{Reader, SqliteStore};

#[derive(Debug, Args)]
pub(in crate::cli) struct Place {
    /// The database file [default: that of `tolmach run`]
    #[arg(long, value_name = "FILE", global = true)]
    store: Option<PathBuf>,
    /// That of `tolmach run --sandbox`
    #[arg(long, global = true)]
    sandbox: bool,
}

impl Place {
    /// The database to look at: where only a sandbox has run, there is no other.
    pub fn store(&self, folder: &Path) -> Result<PathBuf, Box<Mistakes>> {
        let load = |sandbox| {
            // The file beside the database has the token, whatever the environment says.
            let unset = Variables::Optional;
            let overrides = Overrides { store: self.store.clone(), sandbox, unset, ..Overrides::default() };
            Config::load(folder, overrides).map(|config| config.store)
        };
        let store = load(self.sandbox)?;
        if store.is_file() || self.store.is_some() {
            return Ok(store);
        }
        let sandbox = load(true)?;
        Ok(if sandbox.is_file() { sandbox } else { store })
    }
}

/// The file itself.
pub(super) fn open(store: &Path) -> Result<Reader, Failure> {
    if !store.is_file() {
        let path = store.display();
        return Err(
            format!("there is no database at {path}; `tolmach run` makes it, --store names another").into()
        );
    }
    Ok(SqliteStore::open_read_only(store)?)
}
