//! One measurement, in a process that does nothing else.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engine::{Bundle, Compiled, Environment};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use super::{Failure, configuration, process};

/// Milliseconds and megabytes.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Figures {
    pub read: f64,
    pub compile: f64,
    /// Processor time of both.
    pub cpu: f64,
    /// What is resident while nothing but the engine is kept.
    pub memory: f64,
    pub peak: f64,
    /// One partner has changed: until there is an engine again.
    pub reload: f64,
    pub reload_cpu: f64,
}

/// `tolmach run`: until it listens.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Served {
    pub start: f64,
    pub memory: f64,
    pub peak: f64,
}

/// Loads the configuration in `folder`, changes a partner and loads that.
pub fn once(folder: &Path) -> Result<Figures, Failure> {
    let mut figures = Figures::default();
    let (began, cpu) = (Instant::now(), process::cpu());
    let bundle = runtime::bundle::read(folder, false)?;
    figures.read = milliseconds(began.elapsed());
    let began = Instant::now();
    let engine = sound(compile(&bundle))?.engine;
    figures.compile = milliseconds(began.elapsed());
    figures.cpu = milliseconds(process::cpu().saturating_sub(cpu));
    drop(bundle);
    (figures.memory, figures.peak) = process::memory("self");

    change(folder, 0)?;
    let (began, cpu) = (Instant::now(), process::cpu());
    let bundle = runtime::bundle::read(folder, false)?;
    let reloaded = sound(compile(&bundle))?.engine;
    figures.reload = milliseconds(began.elapsed());
    figures.reload_cpu = milliseconds(process::cpu().saturating_sub(cpu));
    drop((engine, reloaded));
    Ok(figures)
}

fn compile(bundle: &Bundle) -> Compiled {
    engine::compile(bundle, &Environment::default())
}

fn sound(compiled: Compiled) -> Result<Compiled, Failure> {
    if compiled.engine.is_some() {
        return Ok(compiled);
    }
    let Compiled { diagnostics, sources, .. } = compiled;
    let found = diagnostics.into_sorted(&sources);
    let first = found.get(..found.len().min(20)).unwrap_or_default();
    Err(engine::diagnostic::render::text::render(first, &sources, true).into())
}

/// One rule of the shop at a position is another.
fn change(folder: &Path, at: usize) -> Result<(), Failure> {
    let text = configuration::text("payment.yaml", at).ok_or("no such file")?;
    let text = text.replace("'none'", &format!("'none {}'", process::cpu().as_nanos()));
    let path = folder.join("mappings").join(configuration::shop(at)).join("payment.yaml");
    Ok(fs::write(path, text)?)
}

/// Runs the binary until it says that it listens, and stops it.
pub fn serve(tolmach: &Path, folder: &Path) -> Result<Served, Failure> {
    let began = Instant::now();
    let mut child = Command::new(tolmach)
        .arg("--config")
        .arg(folder)
        .args(["run", "--listen", "127.0.0.1:0", "--log", "json"])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let log = BufReader::new(child.stderr.take().ok_or("no log")?);
    let mut lines = log.lines();
    let listens = lines.any(|line| line.is_ok_and(|line| line.contains("listening")));
    let start = milliseconds(began.elapsed());
    let (memory, peak) = process::memory(&child.id().to_string());
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM)?;
    }
    lines.for_each(drop);
    child.wait()?;
    if listens { Ok(Served { start, memory, peak }) } else { Err("it did not listen".into()) }
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
