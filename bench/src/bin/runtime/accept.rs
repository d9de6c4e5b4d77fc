//! Messages that are durable when they are answered, beside rows of bare SQLite in the same file system.

use std::path::Path;

use serde::Serialize;

use crate::process::{self, Server};
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
    /// The first is bare SQLite: each message is a row, its id's and its delivery's.
    pub cases: Vec<Case>,
    pub goal: f64,
    pub goal_p99_ms: f64,
}

/// Medians of the rounds.
#[derive(Debug, Serialize)]
pub struct Case {
    pub name: &'static str,
    /// Messages a second.
    pub rate: f64,
    /// To bare SQLite, round by round.
    pub ratio: f64,
    /// Microseconds of processor time a message.
    pub micros: f64,
    /// Under half of what `tolmach` accepted.
    pub latency: Latency,
}

const RAW: &str = "bare SQLite";
const CASES: [(&str, &str); 2] =
    [("accepted", configuration::KEPT), ("accepted and delivered", configuration::DELIVERED)];

/// One case of one round.
#[derive(Clone, Copy)]
struct Sample {
    rate: f64,
    micros: f64,
    latency: Latency,
}

pub fn measure(plan: &Plan) -> Result<Rates, Failure> {
    let bank = Server::play(&["upstream"])?;
    let mut rounds = Vec::new();
    for number in 1..=plan.rounds {
        let samples = round(plan, &bank)?;
        eprintln!("accept {number}/{}: {}", plan.rounds, told(&samples));
        rounds.push(samples);
    }
    let of = |case: usize, figure: fn(&Sample, &Sample) -> f64| {
        report::median(rounds.iter().map(|samples| figure(&samples[case], &samples[0])))
    };
    let names = std::iter::once(RAW).chain(CASES.map(|(name, _)| name));
    let cases = names.enumerate().map(|(case, name)| Case {
        name,
        rate: of(case, |own, _| own.rate),
        ratio: of(case, |own, raw| own.rate / raw.rate),
        micros: of(case, |own, _| own.micros),
        latency: Latency {
            p50: of(case, |own, _| own.latency.p50),
            p99: of(case, |own, _| own.latency.p99),
            max: of(case, |own, _| own.latency.max),
            rate: of(case, |own, _| own.latency.rate),
        },
    });
    Ok(Rates { senders: plan.senders, cases: cases.collect(), goal: GOAL, goal_p99_ms: GOAL_P99 })
}

/// Bare SQLite as fast as it can, then `tolmach`; and bare SQLite once more under the load that `tolmach` had.
fn round(plan: &Plan, bank: &Server) -> Result<Vec<Sample>, Failure> {
    let before = process::cpu("self")?;
    let rate = raw::rows(&plan.folder()?, plan.senders, plan.seconds)?;
    let micros = (process::cpu("self")? - before) * 1e6 / (rate * plan.seconds as f64);
    let own: Vec<Sample> =
        CASES.iter().map(|(_, path)| sample(plan, bank, path)).collect::<Result<_, _>>()?;
    let load = own.first().map_or(rate, |accepted| accepted.rate) / 2.0;
    let latency = raw::steady(&plan.folder()?, load, plan.seconds)?;
    Ok(std::iter::once(Sample { rate, micros, latency }).chain(own).collect())
}

/// As fast as it is answered; then, with a database of its own, half as fast.
fn sample(plan: &Plan, bank: &Server, path: &'static str) -> Result<Sample, Failure> {
    let (rate, micros) = full_load(plan, bank, path)?;
    let folder = plan.folder()?;
    let server = Server::tolmach(&plan.tolmach, &folder, bank.address, "info")?;
    let latency = steady::run(server.address, path, (rate / 2.0, plan.seconds), plan.senders)
        .map_err(|failure| server.explained(failure))?;
    Ok(Sample { rate, micros, latency })
}

fn full_load(plan: &Plan, bank: &Server, path: &str) -> Result<(f64, f64), Failure> {
    let folder = plan.folder()?;
    let server = Server::tolmach(&plan.tolmach, &folder, bank.address, "info")?;
    let url = server.url(path);
    let load = Load { url: &url, connections: plan.senders, seconds: plan.seconds, unique: true };
    let before = server.cpu()?;
    let answered = load.run(&folder).map_err(|failure| server.explained(failure))?;
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
fn kept(folder: &Path) -> Result<u64, Failure> {
    let database = rusqlite::Connection::open(folder.join("tolmach.db"))?;
    Ok(database.query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

fn told(samples: &[Sample]) -> String {
    let one = |sample: &Sample| {
        let Sample { rate, micros, latency } = sample;
        format!("{rate:.0}/s, {micros:.1} us, p99 {:.1} ms at {:.0}/s", latency.p99, latency.rate)
    };
    samples.iter().map(one).collect::<Vec<_>>().join(" | ")
}
