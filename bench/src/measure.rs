//! Cases measured in turns: what else the machine does falls on all of them alike.

use std::hint::black_box;
use std::time::Duration;

use crate::Failure;
use crate::case::{CASES, Case, RAW, TYPED, Work};
use crate::clock::thread_time;
use crate::compare::difference;

/// How long is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often each case has its turn.
    pub rounds: usize,
    /// CPU time of one turn.
    pub turn: Duration,
}

/// A case that is ready to run.
pub struct Runner {
    pub name: &'static str,
    work: Work,
    case: Box<dyn Case>,
}

/// What a case costs.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Cost {
    pub case: &'static str,
    /// Microseconds of CPU time a message: the median of the rounds.
    pub micros: f64,
    /// The median of the rounds' ratios to the typed program; `None` where that is not measured.
    pub to_typed: Option<f64>,
    /// The same to parsing into a tree and writing it again.
    pub to_raw: Option<f64>,
    /// Calls a message that got memory from the allocator.
    pub allocations: f64,
}

/// Makes the cases of these names, or all.
///
/// # Errors
/// There is no such case; a case cannot be made.
pub fn runners(names: &[String]) -> Result<Vec<Runner>, Failure> {
    if let Some(unknown) = names.iter().find(|name| CASES.iter().all(|(case, ..)| case != name)) {
        let known: Vec<&str> = CASES.iter().map(|(case, ..)| *case).collect();
        return Err(format!("there is no case `{unknown}`; there are {}", known.join(", ")).into());
    }
    let wanted = CASES.iter().filter(|(case, ..)| names.is_empty() || names.iter().any(|name| name == case));
    wanted.map(|&(name, work, make)| Ok(Runner { name, work, case: make()? })).collect()
}

impl Runner {
    /// Does the job for one message.
    ///
    /// # Errors
    /// The message cannot be mapped; the error names the case.
    pub fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let name = self.name;
        self.case.run(message).map_err(|error| format!("{name}: {error}").into())
    }

    fn pass(&mut self, messages: &[Vec<u8>]) -> Result<(), Failure> {
        for message in messages {
            black_box(self.run(black_box(message))?);
        }
        Ok(())
    }

    /// The CPU time of a message, over so many passes.
    fn turn(&mut self, messages: &[Vec<u8>], passes: usize) -> Result<Duration, Failure> {
        let began = thread_time();
        for _ in 0..passes {
            self.pass(messages)?;
        }
        Ok(thread_time() - began)
    }

    /// How many passes make a turn.
    fn passes(&mut self, messages: &[Vec<u8>], turn: Duration) -> Result<usize, Failure> {
        let mut passes = 1;
        loop {
            let took = self.turn(messages, passes)?;
            if took * 4 > turn {
                let times = turn.as_secs_f64() / took.as_secs_f64();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is between 0 and 4"
                )]
                return Ok((passes * (times * 16.0) as usize / 16).max(1));
            }
            passes *= 2;
        }
    }

    fn allocations(&mut self, messages: &[Vec<u8>]) -> Result<f64, Failure> {
        let (done, counted) = densa_alloc::measure(|| self.pass(messages));
        done?;
        Ok(ratio(counted.allocs + counted.reallocs, messages.len() as u64))
    }
}

/// Whether all cases do the same: compared as JSON with the typed program, or with the message where a case copies.
///
/// # Errors
/// A message cannot be mapped, or a result differs: the error says which and where.
pub fn check(runners: &mut [Runner], messages: &[Vec<u8>]) -> Result<(), Failure> {
    let typed = &[TYPED.to_owned()];
    let mut reference = runners_of(typed)?;
    for (at, message) in messages.iter().enumerate() {
        let expected = reference.run(message)?.to_owned();
        for runner in &mut *runners {
            let expected = if runner.work == Work::Copies { message } else { &expected };
            let (name, result) = (runner.name, runner.run(message)?);
            if let Some(place) = difference(result, expected)? {
                return Err(format!("{name}: message {at}: another result at {place}").into());
            }
        }
    }
    Ok(())
}

fn runners_of(names: &[String]) -> Result<Runner, Failure> {
    runners(names)?.pop().ok_or_else(|| "there is no such case".into())
}

/// What the cases cost over these messages.
///
/// # Errors
/// A message cannot be mapped.
pub fn measure(runners: &mut [Runner], messages: &[Vec<u8>], effort: Effort) -> Result<Vec<Cost>, Failure> {
    let mut passes = Vec::with_capacity(runners.len());
    for runner in &mut *runners {
        passes.push(runner.passes(messages, effort.turn)?);
    }
    let mut times = vec![Vec::with_capacity(effort.rounds); runners.len()];
    for round in 0..effort.rounds {
        for at in 0..runners.len() {
            // Nobody always comes after the same one.
            let at = (at + round) % runners.len();
            let took = runners[at].turn(messages, passes[at])?;
            times[at].push(took.as_secs_f64() * 1e6 / (passes[at] * messages.len()) as f64);
        }
    }
    let of = |name: &str| runners.iter().position(|runner| runner.name == name).map(|at| times[at].clone());
    let (typed, raw) = (of(TYPED), of(RAW));
    let ratios = |times: &[f64], base: &Option<Vec<f64>>| {
        base.as_ref().map(|base| median(times.iter().zip(base).map(|(time, base)| time / base)))
    };
    let costs = runners.iter_mut().zip(&times).map(|(runner, times)| {
        Ok(Cost {
            case: runner.name,
            micros: median(times.iter().copied()),
            to_typed: ratios(times, &typed),
            to_raw: ratios(times, &raw),
            allocations: runner.allocations(messages)?,
        })
    });
    costs.collect()
}

/// The middle one; of none 0.
#[must_use]
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / of as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{SIZES, message};

    #[test]
    fn all_cases_do_the_same() {
        let messages: Vec<Vec<u8>> =
            SIZES[..2].iter().flat_map(|(_, shape)| (0..8).map(|seed| message(seed, *shape))).collect();
        check(&mut runners(&[]).unwrap(), &messages).unwrap();
    }
}
