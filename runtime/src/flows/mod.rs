//! Flows: a conversation that is played on a virtual clock, without a network.

mod attempts;
mod expectation;
mod lanes;
pub mod script;
mod stage;
mod taking;

use std::path::{Path, PathBuf};

use engine::Engine;
use engine::diagnostic::Diagnostics;

use crate::cases::{self, Unreadable};
pub use script::Flow;
use stage::Stage;

/// Where flows are, below the configuration's folder.
pub const FOLDER: &str = "tests/flows";

/// What lies in the folder of flows, below the configuration's.
#[derive(Debug, Default)]
pub struct Found {
    pub flows: Vec<PathBuf>,
    /// Snapshots that belong to no flow.
    pub strays: Vec<PathBuf>,
}

/// What became of a flow.
#[derive(Debug)]
pub struct Played {
    /// All that happened, in its order.
    pub text: String,
    /// What was expected and did not come.
    pub unmet: Diagnostics,
}

/// All flows of a configuration: `tests/flows/<flow>.yaml`.
///
/// # Errors
/// The folder cannot be read.
pub fn find(folder: &Path) -> Result<Found, Unreadable> {
    let files = cases::names(&folder.join(FOLDER), false)?;
    let below = |file: &String| Path::new(FOLDER).join(file);
    let is_stray = |file: &&String| {
        let flow = file.strip_suffix(".snap").or_else(|| file.strip_suffix(".snap.new"));
        flow.is_some_and(|flow| !files.contains(&format!("{flow}.yaml")))
    };
    let flows = files.iter().filter(|file| file.ends_with(".yaml")).map(below).collect();
    Ok(Found { flows, strays: files.iter().filter(is_stray).map(below).collect() })
}

/// Plays a flow. `listen` is our own address: in the sandbox all that is sent there is taken in.
#[must_use]
pub fn play(engine: &Engine, flow: &Flow, listen: &str) -> Played {
    let mut stage = Stage::new(engine, flow, listen);
    for step in &flow.steps {
        stage.step(step);
    }
    stage.done()
}
