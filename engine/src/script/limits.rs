//! What one call of a script may take, and how it is measured.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Of one script file, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;
pub const MAX_STEPS: u64 = 50_000;
/// Wall time of one call. The steps end sooner; this is for steps that are dear: copies of long lists.
pub const MAX_TIME: Duration = Duration::from_millis(100);
/// Bytes of text within one value.
pub const MAX_STRING: usize = 256 * 1024;
/// Elements, and as many members of objects, within one value.
pub const MAX_ELEMENTS: usize = 10_000;
/// Functions that call functions. Their frames lie on the thread's stack: 32 of them, with expressions as deep as
/// may be, need less than half a megabyte when optimized.
pub const MAX_CALLS: usize = 32;
/// How deeply expressions nest, and values that go in or out.
pub const MAX_DEPTH: usize = 32;
pub const MAX_VARIABLES: usize = 128;
pub const MAX_FUNCTIONS: usize = 256;

/// What a call costs of the message's budget, besides its steps.
const CALL: u64 = 500;
/// What a step costs of it: about ten times what visiting a node of the message does.
const STEP: u64 = 10;
/// And where the steps were dear, the time counts: 20 calls of the longest time are all that a message may cause.
const NODES_PER_MICROSECOND: u64 = 10;
/// The stopwatch is looked at every so many steps: a step takes half a millisecond at most.
const STEPS_PER_LOOK: u64 = 16;

/// How many steps the rest of a message's budget pays for.
pub fn steps_for(budget: u32) -> u64 {
    u64::from(budget).saturating_sub(CALL) / STEP
}

/// What a message pays for a call that took so many steps and so long.
pub fn message_pays(steps: u64, time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let cost =
        CALL.saturating_add(steps.saturating_mul(STEP)).max(micros.saturating_mul(NODES_PER_MICROSECOND));
    usize::try_from(cost).unwrap_or(usize::MAX)
}

/// Why a call was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Steps,
    Time,
}

/// Counts what one call takes. The library's own count forgets what callbacks do (`list.map(|x| …)`), and its
/// callback is told of no call; so each interpreter has a meter, and runs one call at a time.
pub struct Meter {
    stopwatch: fn() -> Duration,
    limit: AtomicU64,
    steps: AtomicU64,
    /// On the stopwatch, in nanoseconds.
    started: AtomicU64,
    stop: AtomicU8,
}

impl Meter {
    pub fn new(stopwatch: fn() -> Duration) -> Self {
        let zero = || AtomicU64::new(0);
        Self { stopwatch, limit: zero(), steps: zero(), started: zero(), stop: AtomicU8::new(0) }
    }

    /// A call begins that may take `limit` steps.
    pub fn start(&self, limit: u64) {
        self.limit.store(limit, Relaxed);
        self.steps.store(0, Relaxed);
        self.stop.store(0, Relaxed);
        self.started.store(self.now(), Relaxed);
    }

    /// One step more; `false` when the call is to end.
    pub fn step(&self) -> bool {
        // One thread at a time: no read-modify-write is needed.
        let steps = self.steps.load(Relaxed) + 1;
        self.steps.store(steps, Relaxed);
        if steps > self.limit.load(Relaxed) {
            self.stop.store(1, Relaxed);
        } else if steps.is_multiple_of(STEPS_PER_LOOK) && self.time() > MAX_TIME {
            self.stop.store(2, Relaxed);
        }
        self.stop.load(Relaxed) == 0
    }

    pub fn stopped(&self) -> Option<Stop> {
        match self.stop.load(Relaxed) {
            0 => None,
            1 => Some(Stop::Steps),
            _ => Some(Stop::Time),
        }
    }

    /// Steps and time since the start.
    pub fn used(&self) -> (u64, Duration) {
        (self.steps.load(Relaxed), self.time())
    }

    fn time(&self) -> Duration {
        Duration::from_nanos(self.now().saturating_sub(self.started.load(Relaxed)))
    }

    fn now(&self) -> u64 {
        u64::try_from((self.stopwatch)().as_nanos()).unwrap_or(u64::MAX)
    }
}
