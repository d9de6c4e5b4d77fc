//! What a process has used, as the kernel counts it.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time of this process so far, all threads together.
pub fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Resident memory in MB: now and at its highest. `process` is `self` or a number.
pub fn memory(process: &str) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        let kilobytes =
            line.trim_start_matches(':').trim().split(' ').next().and_then(|kb| kb.parse::<f64>().ok());
        kilobytes.unwrap_or_default() / 1024.0
    };
    (of("VmRSS"), of("VmHWM"))
}
