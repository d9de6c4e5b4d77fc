//! The processes that are measured.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, configuration};

/// Of /proc, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
const START: Duration = Duration::from_secs(20);

/// A server in a process of its own; it is killed when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: Option<PathBuf>,
}

/// Builds the `tolmach` of this workspace as it is shipped.
pub fn build() -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    let built = build.args(["build", "--release", "--package", "runtime", "--bin", "tolmach"]).status()?;
    let path = std::env::current_exe()?.with_file_name("tolmach");
    match built.success() && path.exists() {
        true => Ok(path),
        false => Err("tolmach could not be built; with --tolmach one that is there is taken".into()),
    }
}

/// Seconds of processor time of all threads of a process (`self`: of this one), its own and the kernel's for it.
pub fn cpu(process: &str) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program may hold blanks; it ends with the last parenthesis.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: Vec<u64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / TICKS_PER_SECOND)
}

impl Server {
    /// This program in another part; it says where it listens.
    pub fn play(part: &[&str]) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?).args(part).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("a part has no output")?;
        BufReader::new(out).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse()?, log: None })
    }

    /// `tolmach run` in `folder`, where its configuration, its database and its log are.
    pub fn tolmach(program: &Path, folder: &Path, bank: SocketAddr, log: &str) -> Result<Self, Failure> {
        configuration::write(folder)?;
        let path = folder.join("log");
        // Free now, and nobody else is likely to take it within a second.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut child = Command::new(program)
            .arg("-C")
            .arg(folder)
            .args(["run", "--listen", &address.to_string()])
            .env("BANK_URL", format!("http://{bank}"))
            .env("TOLMACH_LOG", log)
            .stderr(File::create(&path)?)
            .spawn()?;
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if child.try_wait()?.is_some() || begun.elapsed() > START {
                return Err(std::fs::read_to_string(path)?.into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self { child, address, log: Some(path) })
    }

    pub fn cpu(&self) -> Result<f64, Failure> {
        cpu(&self.child.id().to_string())
    }

    /// The failure, with what the process itself says of it.
    pub fn explained(&self, failure: Failure) -> Failure {
        let log = self.log.as_ref().and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default();
        let complaint = log.lines().find(|line| line.contains(" WARN ") || line.contains(" ERROR "));
        format!("{failure}\n{}", complaint.unwrap_or_default()).into()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
