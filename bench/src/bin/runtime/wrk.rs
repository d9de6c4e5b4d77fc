//! `wrk`, which asks as fast as it is answered.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::{Failure, configuration};

/// Threads that ask: the machine has other work to do as well.
const THREADS: usize = 2;

const SCRIPT: &str = include_str!("wrk.lua");

/// Who is asked, and how.
pub struct Load<'a> {
    pub url: &'a str,
    pub connections: usize,
    pub seconds: u64,
    /// Every message has an id of its own.
    pub unique: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Answered {
    pub requests: u64,
    /// Not answered, or not with 2xx.
    pub failed: u64,
    pub seconds: f64,
}

/// Whether it is there.
pub fn check() -> Result<(), Failure> {
    match Command::new("wrk").arg("--version").output() {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(format!("`wrk` makes the load, and cannot be run: {error} (apt-get install wrk)").into())
        }
    }
}

impl Load<'_> {
    /// Asks for so many seconds; `folder` is for its script.
    ///
    /// # Errors
    /// It cannot be run, or was refused something.
    pub fn run(&self, folder: &Path) -> Result<Answered, Failure> {
        let script = folder.join("load.lua");
        std::fs::write(&script, SCRIPT)?;
        let ran = Command::new("wrk")
            .arg(format!("-t{}", THREADS.min(self.connections)))
            .arg(format!("-c{}", self.connections))
            .arg(format!("-d{}s", self.seconds))
            .arg("-s")
            .arg(&script)
            .arg(self.url)
            .env("BODY", configuration::DEAL.trim_end())
            .env("ID", if self.unique { configuration::ID } else { "" })
            .output()?;
        let text = String::from_utf8_lossy(&ran.stdout);
        let told = text.lines().last().unwrap_or_default();
        let answered: Answered = serde_json::from_str(told)
            .map_err(|_| format!("wrk: {text}{}", String::from_utf8_lossy(&ran.stderr)))?;
        match answered {
            Answered { failed: 0, requests: 1.., .. } => Ok(answered),
            Answered { failed, requests, .. } => {
                Err(format!("{}: {failed} of {requests} failed", self.url).into())
            }
        }
    }
}
