//! The CPU time of this thread: what other processes do meanwhile is not in it.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

/// The CPU time this thread has used, user and system.
#[must_use]
pub fn thread_time() -> Duration {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(tv_sec).unwrap_or_default(), u32::try_from(tv_nsec).unwrap_or_default())
}
