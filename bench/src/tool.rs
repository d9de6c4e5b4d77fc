//! Programs that do the job as processes: a message a line in, a result a line out.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::{ResUse, Wait4};

use crate::{Failure, configuration};

/// Where the peers' programs are.
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/programs");

/// A program that can be started.
#[derive(Debug, Clone)]
pub struct Tool {
    pub name: &'static str,
    program: PathBuf,
    /// All but the file of messages, which is the last.
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
    /// How to get it.
    pub install: String,
}

/// What a run took, of the process and all its threads.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// User and system.
    pub cpu: Duration,
    /// The largest resident memory, in bytes.
    pub memory: u64,
}

/// All of them. `folder` is where configurations are written to and modules of node are looked for.
///
/// # Errors
/// A configuration cannot be written.
pub fn tools(folder: &Path, tolmach: &Path) -> Result<Vec<Tool>, Failure> {
    let program = |name: &str| OsString::from(format!("{PROGRAMS}/{name}"));
    let ours = |name, validated| -> Result<Tool, Failure> {
        let written = folder.join(name);
        configuration::write(&configuration::bundle(validated), &written)?;
        let arguments =
            ["--config".into(), written.into(), "map".into(), configuration::ROUTE.into(), "--ndjson".into()];
        Ok(Tool {
            name,
            program: tolmach.to_owned(),
            arguments: arguments.to_vec(),
            variables: Vec::new(),
            install: "cargo build --release -p runtime".to_owned(),
        })
    };
    let jq = |name, install: &str| Tool {
        name,
        program: name.into(),
        arguments: vec!["-c".into(), "-f".into(), program("job.jq")],
        variables: Vec::new(),
        install: install.to_owned(),
    };
    let jsonata = Tool {
        name: "jsonata",
        program: "node".into(),
        arguments: vec![program("jsonata.cjs"), program("job.jsonata")],
        variables: vec![("NODE_PATH", folder.join("node_modules").into())],
        install: format!("install node, then: npm install --prefix {} jsonata@2", folder.display()),
    };
    Ok(vec![
        ours("tolmach", false)?,
        ours("tolmach+schemas", true)?,
        jq("jq", "apt-get install jq"),
        jq("gojq", "apt-get install gojq, or: go install github.com/itchyny/gojq/cmd/gojq@latest"),
        jsonata,
    ])
}

impl Tool {
    /// What it writes for these messages.
    ///
    /// # Errors
    /// It does not start, or it fails: the error tells what it says.
    pub fn output(&self, messages: &Path) -> Result<Vec<u8>, Failure> {
        let output = self.command(messages).output()?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(format!("{}: {}: {}", self.name, output.status, String::from_utf8_lossy(&output.stderr).trim())
            .into())
    }

    /// What a run over these messages takes; what it writes goes nowhere.
    ///
    /// # Errors
    /// It does not start, or it fails.
    pub fn usage(&self, messages: &Path) -> Result<Usage, Failure> {
        let nowhere = File::options().write(true).open("/dev/null")?;
        let mut child = self.command(messages).stdout(nowhere).stderr(Stdio::inherit()).spawn()?;
        let ResUse { status, rusage } = child.wait4()?;
        if !status.success() {
            return Err(format!("{}: {status}", self.name).into());
        }
        Ok(Usage { cpu: rusage.utime + rusage.stime, memory: rusage.maxrss })
    }

    fn command(&self, messages: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(messages).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}
