//! Things timed in turns: what else the machine does falls on all of them alike.

use std::time::Duration;

use crate::Failure;
use crate::clock::thread_time;

/// How long is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often each has its turn.
    pub rounds: usize,
    /// CPU time of one turn.
    pub turn: Duration,
}

impl Effort {
    /// For figures that are kept.
    pub const FULL: Self = Self { rounds: 31, turn: Duration::from_millis(20) };
    /// For a look.
    pub const QUICK: Self = Self { rounds: 9, turn: Duration::from_millis(4) };
}

/// What is timed: it is called again and again.
pub type Subject<'s> = Box<dyn FnMut() -> Result<(), Failure> + 's>;

/// Microseconds of CPU time a call: of each subject a figure for each round.
///
/// # Errors
/// A subject fails.
pub fn turns(subjects: &mut [Subject<'_>], effort: Effort) -> Result<Vec<Vec<f64>>, Failure> {
    let calls = subjects.iter_mut().map(|subject| calls(subject, effort.turn));
    let calls = calls.collect::<Result<Vec<usize>, Failure>>()?;
    let mut times = vec![Vec::with_capacity(effort.rounds); subjects.len()];
    for round in 0..effort.rounds {
        for at in 0..subjects.len() {
            // Nobody always comes after the same one.
            let at = (at + round) % subjects.len();
            let took = turn(&mut subjects[at], calls[at])?;
            times[at].push(took.as_secs_f64() * 1e6 / calls[at] as f64);
        }
    }
    Ok(times)
}

fn turn(subject: &mut Subject<'_>, calls: usize) -> Result<Duration, Failure> {
    let began = thread_time();
    for _ in 0..calls {
        subject()?;
    }
    Ok(thread_time() - began)
}

/// How many calls make a turn.
fn calls(subject: &mut Subject<'_>, length: Duration) -> Result<usize, Failure> {
    // The first call may set up what all others use.
    subject()?;
    let mut calls = 1;
    loop {
        let took = turn(subject, calls)?;
        if took * 4 > length {
            let wanted = calls as f64 * length.as_secs_f64() / took.as_secs_f64();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below 4 times as many"
            )]
            return Ok((wanted as usize).max(1));
        }
        calls *= 2;
    }
}

/// The middle one; of none 0.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
