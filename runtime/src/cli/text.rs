//! Files and standard input.

use std::io::Read;
use std::path::Path;

use super::Failure;

/// The bytes of a file, or of standard input for `-` or no file.
pub(super) fn input(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    match file {
        None => stdin(),
        Some(path) if path == Path::new("-") => stdin(),
        Some(path) => {
            std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()).into())
        }
    }
}

fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}
