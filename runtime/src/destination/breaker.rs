//! Leaves a partner alone that fails: after a number of failures nothing is tried for some time, then one request; what becomes
//! of that decides (<https://martinfowler.com/bliki/CircuitBreaker.html>).

use std::time::Instant;

use engine::Breaker as Limits;

/// The failures of one partner.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Since the last success.
    failures: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Closed,
    /// Nothing is tried before this time.
    Open(Instant),
}

/// What an end has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Opened,
    Closed,
}

/// How much may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    All,
    /// One, to see whether it works again.
    One,
    NothingBefore(Instant),
}

impl Breaker {
    pub fn allows(&self, now: Instant) -> Allowed {
        match self.state {
            State::Closed => Allowed::All,
            State::Open(until) if now < until => Allowed::NothingBefore(until),
            State::Open(_) => Allowed::One,
        }
    }

    pub fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    pub fn succeeded(&mut self) -> Option<Change> {
        let was_open = self.is_open();
        *self = Self::default();
        was_open.then_some(Change::Closed)
    }

    /// A failure while nothing may be tried is of a request that was under way: it opens nothing anew.
    pub fn failed(&mut self, limits: Limits, now: Instant) -> Option<Change> {
        self.failures = self.failures.saturating_add(1);
        match self.state {
            State::Open(until) if now < until => None,
            State::Open(_) => {
                self.state = State::Open(now + limits.pause);
                None
            }
            State::Closed if self.failures >= limits.failures => {
                self.state = State::Open(now + limits.pause);
                Some(Change::Opened)
            }
            State::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits { failures: 3, pause: Duration::from_secs(5) };

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_with_a_success() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        let later = |seconds| start + Duration::from_secs(seconds);
        assert_eq!((breaker.failed(LIMITS, start), breaker.failed(LIMITS, start)), (None, None));
        assert_eq!(breaker.succeeded(), None, "it counts anew");
        for expected in [None, None, Some(Change::Opened), None] {
            assert_eq!(breaker.failed(LIMITS, start), expected);
        }
        assert_eq!(breaker.allows(later(4)), Allowed::NothingBefore(later(5)));
        assert_eq!(breaker.allows(later(5)), Allowed::One);
        assert_eq!(breaker.failed(LIMITS, later(6)), None, "it stays open");
        assert_eq!(breaker.allows(later(10)), Allowed::NothingBefore(later(11)));
        assert_eq!(breaker.succeeded(), Some(Change::Closed));
        assert_eq!(breaker.allows(later(10)), Allowed::All);
    }
}
