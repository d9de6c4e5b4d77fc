//! Messages that are durable when they are answered, beside rows of bare SQLite in the same file system.

use serde::Serialize;
use tempfile::TempDir;

use crate::process::Server;
use crate::steady::{self, Latency};
use crate::wrk::Load;
use crate::{Failure, Plan, configuration, raw, report};

/// The least share of the bare rows.
pub const GOAL: f64 = 0.5;
/// The most milliseconds that 99 of 100 senders wait under half the load.
pub const GOAL_P99: f64 = 25.0;

#[derive(Debug, Serialize)]
pub struct Rates {
    pub senders: usize,
    /// Messages a second of bare SQLite: each is a row, its id's and its delivery's.
    pub raw: f64,
    pub cases: Vec<Case>,
    pub goal: f64,
    pub goal_p99_ms: f64,
}

#[derive(Debug, Serialize)]
pub struct Case {
    pub name: &'static str,
    /// Messages a second.
    pub accepted: f64,
    /// To the bare rows, round by round; the median.
    pub ratio: f64,
    /// Microseconds of processor time a message.
    pub micros: f64,
    /// Of the last round: under half of what was accepted.
    pub latency: Latency,
}

const CASES: [(&str, &str); 2] =
    [("accepted", configuration::KEPT), ("accepted and delivered", configuration::DELIVERED)];

#[derive(Clone, Copy)]
struct Sample {
    rate: f64,
    micros: f64,
    latency: Latency,
}

pub fn measure(plan: &Plan) -> Result<Rates, Failure> {
    let bank = Server::play(&["upstream"])?;
    let mut rounds = Vec::new();
    for round in 1..=plan.rounds {
        let raw = raw::rows(folder(plan)?.path(), plan.senders, plan.seconds)?;
        let samples: Vec<Sample> =
            CASES.iter().map(|(_, path)| sample(plan, &bank, path)).collect::<Result<_, _>>()?;
        eprintln!("accept {round}/{}: raw {raw:.0}/s | {}", plan.rounds, told(&samples));
        rounds.push((raw, samples));
    }
    let of = |case: usize, figure: fn(&Sample, f64) -> f64| {
        report::median(rounds.iter().map(|(raw, samples)| figure(&samples[case], *raw)))
    };
    let cases = CASES.iter().enumerate().map(|(case, (name, _))| Case {
        name,
        accepted: of(case, |own, _| own.rate),
        ratio: of(case, |own, raw| own.rate / raw),
        micros: of(case, |own, _| own.micros),
        latency: Latency {
            p50: of(case, |own, _| own.latency.p50),
            p99: of(case, |own, _| own.latency.p99),
            max: of(case, |own, _| own.latency.max),
            rate: of(case, |own, _| own.latency.rate),
        },
    });
    Ok(Rates {
        senders: plan.senders,
        raw: report::median(rounds.iter().map(|(raw, _)| *raw)),
        cases: cases.collect(),
        goal: GOAL,
        goal_p99_ms: GOAL_P99,
    })
}

fn folder(plan: &Plan) -> Result<TempDir, Failure> {
    Ok(tempfile::tempdir_in(&plan.folder)?)
}

/// As fast as it is answered; then, with a database of its own, half as fast.
fn sample(plan: &Plan, bank: &Server, path: &'static str) -> Result<Sample, Failure> {
    let (rate, micros) = full_load(plan, bank, path)?;
    let folder = folder(plan)?;
    let server = Server::tolmach(&plan.tolmach, folder.path(), bank.address, "info")?;
    let latency = steady::run(server.address, path, (rate / 2.0, plan.seconds), plan.senders)?;
    Ok(Sample { rate, micros, latency })
}

fn full_load(plan: &Plan, bank: &Server, path: &str) -> Result<(f64, f64), Failure> {
    let folder = folder(plan)?;
    let server = Server::tolmach(&plan.tolmach, folder.path(), bank.address, "info")?;
    let url = server.url(path);
    let load = Load { url: &url, connections: plan.senders, seconds: plan.seconds, unique: true };
    let before = server.cpu()?;
    let answered = load.run(folder.path())?;
    let spent = server.cpu()? - before;
    drop(server);
    let kept = kept(&folder)?;
    if kept < answered.requests {
        return Err(format!("{} were accepted, and {kept} are there", answered.requests).into());
    }
    let accepted = answered.requests as f64;
    Ok((accepted / answered.seconds, spent * 1e6 / accepted))
}

/// The messages that a process has left which was killed.
fn kept(folder: &TempDir) -> Result<u64, Failure> {
    let database = rusqlite::Connection::open(folder.path().join("tolmach.db"))?;
    Ok(database.query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

fn told(samples: &[Sample]) -> String {
    let one = |sample: &Sample| {
        let Sample { rate, micros, latency } = sample;
        format!("{rate:.0}/s, {micros:.1} us, p99 {:.1} ms at {:.0}/s", latency.p99, latency.rate)
    };
    samples.iter().map(one).collect::<Vec<_>>().join(" | ")
}
