//! Tolmach as the real binary.

use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Caller, Folder, eventually};

/// A `tolmach` process; it is killed with the test.
pub struct Process {
    caller: Caller,
    child: Child,
    log: Log,
}

/// What the process has written to standard error so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

/// The binary, with an environment that says nothing to it.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tolmach"));
    command.env_remove("TOLMACH_LOG").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

impl Process {
    /// Runs `folder` and waits until it listens. Its files are read again only when it is told to.
    pub async fn start(folder: &Folder) -> Self {
        Self::with(folder, folder.path(), &["--no-watch"]).await
    }

    /// The same, but changes of its files are noticed.
    pub async fn watching(folder: &Folder) -> Self {
        Self::with(folder, folder.path(), &[]).await
    }

    /// The same with the files in another place; the database lies in `folder`.
    pub async fn watching_at(folder: &Folder, place: &Path) -> Self {
        let store = folder.store();
        Self::with(folder, place, &["--store", store.to_str().unwrap()]).await
    }

    /// The same as [`Self::start`], with these variables.
    pub async fn with_variables(folder: &Folder, variables: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.envs(variables.iter().copied());
        Self::run(command, folder, folder.path(), &["--no-watch"]).await
    }

    async fn with(folder: &Folder, place: &Path, more: &[&str]) -> Self {
        Self::run(command(), folder, place, more).await
    }

    async fn run(mut command: Command, folder: &Folder, place: &Path, more: &[&str]) -> Self {
        let mut child = command
            .arg("--config")
            .arg(place)
            .args(["run", "--listen", "127.0.0.1:0", "--log", "json"])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::default();
        log.follow(&mut child);
        let address = eventually("the process listens", || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "it has ended: {}", log.text());
            let listening = log.find("listening")?;
            Some(listening["address"].as_str().unwrap().parse().unwrap())
        })
        .await;
        Self { caller: Caller::new(address, folder.store()), child, log }
    }

    /// kill -9
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the process has heard it when this returns.
    pub async fn terminate(&self) {
        let process = Pid::from_child(&self.child);
        kill_process(process, Signal::TERM).unwrap();
        self.logged("stopping: what is under way comes to its end").await;
    }

    /// SIGHUP: the files are read again.
    pub fn reload(&self) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).unwrap();
    }

    /// The log line with this message, once it is there.
    pub async fn logged(&self, message: &str) -> Value {
        eventually(&format!("the log says {message}"), || self.log.find(message)).await
    }

    /// The log line with this message, if it is there.
    pub fn said(&self, message: &str) -> Option<Value> {
        self.log.find(message)
    }

    /// The most memory that it has had so far, in KB.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// How it ended.
    pub async fn ended(&mut self) -> ExitStatus {
        eventually("the process ends", || self.child.try_wait().unwrap()).await
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        self.log.text()
    }
}

impl Log {
    fn follow(&self, child: &mut Child) -> JoinHandle<()> {
        let (lines, stderr) = (Arc::clone(&self.0), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().unwrap().push(line);
            }
        })
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }

    /// The first line with this message.
    fn find(&self, message: &str) -> Option<Value> {
        let lines = self.0.lock().unwrap();
        lines
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|line| line["message"] == message)
    }
}

impl Deref for Process {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already where the test ended it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
