//! A request and its response through one mapping each way, beside a forwarder that only forwards.

use serde::Serialize;

use crate::process::Server;
use crate::wrk::Load;
use crate::{Failure, Plan, configuration, report};

/// The worst ratio that is allowed.
pub const GOAL: f64 = 1.4;

/// Processor time of the process in the middle.
#[derive(Debug, Serialize)]
pub struct Costs {
    pub connections: usize,
    pub cases: Vec<Case>,
    pub goal: f64,
}

#[derive(Debug, Serialize)]
pub struct Case {
    pub name: &'static str,
    /// Microseconds a request; the median of the rounds.
    pub micros: f64,
    pub requests_per_second: f64,
    /// To the forwarder, round by round; the median.
    pub ratio: f64,
}

/// One case of one round.
#[derive(Clone, Copy)]
struct Sample {
    micros: f64,
    rate: f64,
}

pub fn measure(plan: &Plan) -> Result<Costs, Failure> {
    let upstream = Server::play(&["upstream"])?;
    let to = upstream.address.to_string();
    let (loud, quiet) = (plan.folder()?, plan.folder()?);
    let servers = [
        ("bare forwarder", Server::play(&["forwarder", &to])?),
        ("tolmach run", Server::tolmach(&plan.tolmach, &loud, upstream.address, "info")?),
        ("tolmach run, log of warnings", Server::tolmach(&plan.tolmach, &quiet, upstream.address, "warn")?),
    ];
    for (_, server) in &servers {
        sample(plan, server, 1)?;
    }
    let mut rounds = Vec::new();
    for round in 1..=plan.rounds {
        let samples: Vec<Sample> =
            servers.iter().map(|(_, server)| sample(plan, server, plan.seconds)).collect::<Result<_, _>>()?;
        eprintln!("call {round}/{}: {}", plan.rounds, told(&samples));
        rounds.push(samples);
    }
    let of = |case: usize, figure: fn(&Sample, &Sample) -> f64| {
        report::median(rounds.iter().map(|samples| figure(&samples[case], &samples[0])))
    };
    let cases = servers.iter().enumerate().map(|(case, (name, _))| Case {
        name,
        micros: of(case, |own, _| own.micros),
        requests_per_second: of(case, |own, _| own.rate),
        ratio: of(case, |own, bare| own.micros / bare.micros),
    });
    Ok(Costs { connections: plan.connections, cases: cases.collect(), goal: GOAL })
}

fn sample(plan: &Plan, server: &Server, seconds: u64) -> Result<Sample, Failure> {
    let scripts = plan.folder()?;
    let url = server.url(configuration::QUESTIONS);
    let load = Load { url: &url, connections: plan.connections, seconds, unique: false };
    let before = server.cpu()?;
    let answered = load.run(&scripts).map_err(|failure| server.explained(failure))?;
    let spent = server.cpu()? - before;
    let requests = answered.requests as f64;
    Ok(Sample { micros: spent * 1e6 / requests, rate: requests / answered.seconds })
}

fn told(samples: &[Sample]) -> String {
    let one = |sample: &Sample| format!("{:.1} us, {:.0}/s", sample.micros, sample.rate);
    samples.iter().map(one).collect::<Vec<_>>().join(" | ")
}
