//! Where a message is worked on: most take microseconds, and to move out of the way costs more than that.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes of a body that are worked on at once, whatever the messages before took.
const SMALL: usize = 64 * 1024;
/// Work that holds up the other connections of a thread for longer moves out of their way.
const LONG: Duration = Duration::from_millis(1);

/// How long the work for the messages of one channel takes: scripts, records and large mappings may need more than others.
#[derive(Default)]
pub(super) struct Pace {
    /// Microseconds: the longest of late, wearing off.
    lately: AtomicU64,
}

impl Pace {
    /// Does `work`, aside from the other connections where it may take long.
    pub fn run<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = match bytes > SMALL || self.is_long() {
            true => tokio::task::block_in_place(work),
            false => work(),
        };
        self.note(begun.elapsed());
        done
    }

    fn is_long(&self) -> bool {
        Duration::from_micros(self.lately.load(Ordering::Relaxed)) > LONG
    }

    /// Two at once may lose one's time: the next tells it again.
    fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let worn = self.lately.load(Ordering::Relaxed) / 8 * 7;
        self.lately.store(took.max(worn), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_remembered_for_a_while() {
        let pace = Pace::default();
        pace.note(LONG);
        assert!(!pace.is_long());
        pace.note(LONG * 2);
        pace.note(Duration::ZERO);
        assert!(pace.is_long());
        (0..8).for_each(|_| pace.note(Duration::ZERO));
        assert!(!pace.is_long());
    }
}
