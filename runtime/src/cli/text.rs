//! Files, standard input, and JSON for people.

use std::io::Read;
use std::path::Path;

use engine::value::{Arena, Limits, read};

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

/// The JSON text on several lines; what is not JSON stays as it is.
pub(super) fn pretty(json: &[u8]) -> String {
    let arena = Arena::new();
    match read(json, &arena, &Limits::default()) {
        Ok(value) => {
            let mut out = Vec::new();
            value.write_pretty(&mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
        Err(_) => String::from_utf8_lossy(json).into_owned(),
    }
}
