//! How those find the API who may use it: address and token in a file beside the database that only its owner can read.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use engine::Secret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the file says.
#[derive(Serialize, Deserialize)]
struct Written {
    address: SocketAddr,
    token: String,
}

/// Where the API is, and what opens it.
#[derive(Debug, Clone)]
pub struct Access {
    pub address: SocketAddr,
    pub token: Secret,
}

/// The file; it goes with the process.
#[derive(Debug)]
pub struct Posted(PathBuf);

/// A token that nobody can guess: 244 random bits.
#[must_use]
pub fn fresh_token() -> Secret {
    Secret::new(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
}

/// The file that belongs to a database.
#[must_use]
pub fn file(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".admin");
    name.into()
}

impl Access {
    /// Writes the file anew.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn post(&self, store: &Path) -> io::Result<Posted> {
        let path = file(store);
        // One that is left from before might be open to others.
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let written = Written { address: self.address, token: self.token.reveal().to_owned() };
        file.write_all(&serde_json::to_vec(&written)?)?;
        Ok(Posted(path))
    }

    /// Reads the file; none where no process has written one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn find(store: &Path) -> io::Result<Option<Self>> {
        match fs::read(file(store)) {
            Ok(bytes) => {
                let Written { address, token } = serde_json::from_slice(&bytes)?;
                Ok(Some(Self { address, token: Secret::new(token) }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        // Who comes too late finds nobody at the address.
        drop(fs::remove_file(&self.0));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_its_owner_reads_it_and_it_goes_with_the_process() {
        let place = tempfile::tempdir().unwrap();
        let store = place.path().join("tolmach.db");
        assert!(Access::find(&store).unwrap().is_none());
        fs::write(file(&store), "left from before").unwrap();
        let access = Access { address: ([127, 0, 0, 1], 9).into(), token: fresh_token() };
        let posted = access.post(&store).unwrap();
        assert_eq!(fs::metadata(file(&store)).unwrap().permissions().mode() & 0o777, 0o600);
        let found = Access::find(&store).unwrap().unwrap();
        assert_eq!((found.address, found.token), (access.address, access.token));
        drop(posted);
        assert!(!file(&store).exists());
    }
}
