//! What the cases cost, and whether they do the same.

use std::hint::black_box;

use crate::Failure;
use crate::case::{CASES, Case, Entry, RAW, TYPED, Work};
use crate::compare::difference;
use crate::turns::{Effort, Subject, median, turns};

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
pub fn runners(cases: &[Entry], names: &[String]) -> Result<Vec<Runner>, Failure> {
    if let Some(unknown) = names.iter().find(|name| cases.iter().all(|case| case.name != **name)) {
        let known: Vec<&str> = cases.iter().map(|case| case.name).collect();
        return Err(format!("there is no case `{unknown}`; there are {}", known.join(", ")).into());
    }
    let wanted = cases.iter().filter(|case| names.is_empty() || names.iter().any(|name| *name == case.name));
    wanted.map(|&Entry { name, work, make }| Ok(Runner { name, work, case: make()? })).collect()
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

    fn allocations(&mut self, messages: &[Vec<u8>]) -> Result<f64, Failure> {
        let (done, counted) = densa_alloc::measure(|| self.pass(messages));
        done?;
        Ok((counted.allocs + counted.reallocs) as f64 / messages.len() as f64)
    }
}

/// Whether all cases do the same: compared as JSON with the typed program, or with the message where a case copies.
///
/// # Errors
/// A message cannot be mapped, or a result differs: the error says which and where.
pub fn check(runners: &mut [Runner], messages: &[Vec<u8>]) -> Result<(), Failure> {
    let typed = CASES.iter().find(|case| case.name == TYPED).ok_or("there is no case to compare with")?;
    let mut reference = (typed.make)()?;
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

/// What the cases cost over these messages.
///
/// # Errors
/// A message cannot be mapped.
pub fn measure(runners: &mut [Runner], messages: &[Vec<u8>], effort: Effort) -> Result<Vec<Cost>, Failure> {
    let mut subjects: Vec<Subject<'_>> = Vec::with_capacity(runners.len());
    for runner in &mut *runners {
        subjects.push(Box::new(|| runner.pass(messages)));
    }
    let mut times = turns(&mut subjects, effort)?;
    drop(subjects);
    times.iter_mut().flatten().for_each(|time| *time /= messages.len() as f64);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{SIZES, message};

    #[test]
    fn all_cases_do_the_same() {
        let messages: Vec<Vec<u8>> =
            SIZES[..2].iter().flat_map(|(_, shape)| (0..8).map(|seed| message(seed, *shape))).collect();
        check(&mut runners(CASES, &[]).unwrap(), &messages).unwrap();
    }
}
