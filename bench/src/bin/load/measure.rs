//! One measurement, in a process that does nothing else.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engine::diagnostic::Diagnostics;
use engine::source::Sources;
use engine::{Advance, Bundle, Environment, Fate, Generation, Memo};
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
    /// What is resident while the engine is kept, and what is needed to load a change.
    pub memory: f64,
    pub peak: f64,
    /// One partner has changed, and only its files are read: until it is at work.
    pub reload: f64,
    pub reload_cpu: f64,
    /// One partner has changed, and all files are read.
    pub reload_all: f64,
    /// The contract that all others refer to has changed, but not in what they refer to.
    pub reload_shared: f64,
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
    let (mut memo, environment) = (Memo::default(), Environment::default());
    let first = Generation::new(bundle, &environment, &mut memo);
    let (mut generation, ..) = first.map_err(|compiled| told(compiled.diagnostics, &compiled.sources))?;
    figures.compile = milliseconds(began.elapsed());
    figures.cpu = milliseconds(process::cpu().saturating_sub(cpu));
    (figures.memory, figures.peak) = process::memory("self");

    change_shop(folder, 0)?;
    let (began, cpu) = (Instant::now(), process::cpu());
    let read = runtime::bundle::read_partner(folder, false, &configuration::shop(0), generation.bundle())?;
    generation = advanced(&generation, &read, &mut memo)?;
    figures.reload = milliseconds(began.elapsed());
    figures.reload_cpu = milliseconds(process::cpu().saturating_sub(cpu));

    change_shop(folder, 1)?;
    let began = Instant::now();
    let mut read = runtime::bundle::read(folder, false)?;
    read.share(generation.bundle());
    generation = advanced(&generation, &read, &mut memo)?;
    figures.reload_all = milliseconds(began.elapsed());

    change_bank(folder)?;
    let began = Instant::now();
    let read = runtime::bundle::read_partner(folder, false, "bank", generation.bundle())?;
    advanced(&generation, &read, &mut memo)?;
    figures.reload_shared = milliseconds(began.elapsed());
    Ok(figures)
}

/// The generation that follows. The last one ends when the last message that it accepted is done.
fn advanced(last: &Generation, wanted: &Bundle, memo: &mut Memo) -> Result<Generation, Failure> {
    let Advance { generation, fates, diagnostics, sources } =
        last.advance(wanted, &Environment::default(), memo);
    let taken = fates.values().all(|fate| matches!(fate, Fate::Unchanged | Fate::Changed));
    if taken { Ok(generation) } else { Err(told(diagnostics, &sources)) }
}

fn told(diagnostics: Diagnostics, sources: &Sources) -> Failure {
    let found = diagnostics.into_sorted(sources);
    let first = found.get(..found.len().min(20)).unwrap_or_default();
    engine::diagnostic::render::text::render(first, sources, true).into()
}

/// One rule of the shop at a position is another.
fn change_shop(folder: &Path, at: usize) -> Result<(), Failure> {
    let text = configuration::text("payment.yaml", at).ok_or("no such file")?;
    let text = text.replace("'none'", &format!("'none {}'", process::cpu().as_nanos()));
    let path = folder.join("mappings").join(configuration::shop(at)).join("payment.yaml");
    Ok(fs::write(path, text)?)
}

/// An endpoint of the bank has more attempts.
fn change_bank(folder: &Path) -> Result<(), Failure> {
    let path = folder.join("mappings/bank/partner.yaml");
    let text = configuration::contract();
    let attempts = 1 + process::cpu().subsec_nanos() % 900;
    Ok(fs::write(path, text.replace("attempts: 8", &format!("attempts: {attempts}")))?)
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
