//! How slowly a body may come: one that trickles would hold its call for ever.

use std::time::Duration;

use tokio::time::Instant;

/// The least that moves in a [`WINDOW`], in bytes.
const LEAST: u128 = 1024;
const WINDOW: Duration = Duration::from_secs(60);

/// The bytes that must have moved in this time.
pub(super) fn least(time: Duration) -> usize {
    let least = LEAST * time.as_millis() / WINDOW.as_millis();
    usize::try_from(least).unwrap_or(usize::MAX).max(1)
}

/// What has moved since the last window began.
pub(super) struct Flow {
    since: Instant,
    bytes: usize,
}

impl Flow {
    pub fn begin(now: Instant) -> Self {
        Self { since: now, bytes: 0 }
    }

    /// Counts what has moved; `false` where it was too little for a window that is over.
    pub fn moved(&mut self, bytes: usize, now: Instant) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        let time = now.duration_since(self.since);
        if time < WINDOW {
            return true;
        }
        let enough = self.bytes >= least(time);
        *self = Self::begin(now);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_trickles_is_too_slow() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut flow = Flow::begin(start);
        assert!(flow.moved(1, at(50)), "its time is not over");
        assert!(!flow.moved(1, at(100)), "two bytes");
        assert!(flow.moved(1000, at(130)) && flow.moved(1000, at(160)), "2 KB in a minute");
        assert!(flow.moved(0, at(219)) && !flow.moved(1, at(221)), "each window is one of its own");
        assert_eq!((least(Duration::from_secs(15)), least(Duration::from_millis(1))), (256, 1));
    }
}
