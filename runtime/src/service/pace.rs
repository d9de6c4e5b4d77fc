//! Where a message is worked on: most take microseconds, and to move out of the way costs more than that.

use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Bytes of a body that are worked on at once, whatever the messages before took.
const SMALL: usize = 64 * 1024;
/// Work that holds up the other connections of a thread for longer moves out of their way.
const LONG: Duration = Duration::from_millis(1);

/// Of the last sixteen, so many took long where it is the work that does. One is hardly more than a thread that had to wait
/// for its turn, on a machine with much to do.
const OFTEN: u32 = 4;

/// How long the work for the messages of one channel takes: scripts, records and large mappings may need more than others.
#[derive(Default)]
pub(super) struct Pace {
    /// One bit for each of the last sixteen messages, the last one lowest: whether it took long.
    lately: AtomicU16,
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
        self.lately.load(Ordering::Relaxed).count_ones() >= OFTEN
    }

    /// Two at once may lose one's time: the next tells it again.
    fn note(&self, took: Duration) {
        let lately = self.lately.load(Ordering::Relaxed) << 1;
        self.lately.store(lately | u16::from(took > LONG), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_more_than_now_and_then_is_remembered_for_a_while() {
        let pace = Pace::default();
        let noted = |times: u32, took: Duration| {
            (0..times).for_each(|_| pace.note(took));
            pace.is_long()
        };
        assert!(!noted(16, LONG));
        assert!(!noted(3, LONG * 2));
        assert!(noted(1, LONG * 2));
        assert!(noted(12, Duration::ZERO));
        assert!(!noted(1, Duration::ZERO));
    }
}
