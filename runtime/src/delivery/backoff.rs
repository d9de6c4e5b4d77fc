//! How long a failed delivery waits.

use std::time::Duration;

use engine::Retry;

/// The wait after the given attempt (1 is the first): anything up to a bound that doubles up to the longest, so that
/// deliveries that failed together do not come back together (full jitter:
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>). `jitter` is within 0..1. What the partner
/// asks for by `Retry-After` is waited at least.
#[must_use]
pub fn wait(retry: Retry, attempt: u32, jitter: f64, asked: Option<Duration>) -> Duration {
    let doublings = attempt.saturating_sub(1).min(31);
    let full = retry.first.saturating_mul(1 << doublings).min(retry.max);
    let wait = full.mul_f64(jitter.clamp(0.0, 1.0));
    wait.max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry =
        Retry { attempts: 8, first: Duration::from_secs(5), max: Duration::from_secs(60), within: None };

    #[test]
    fn it_doubles_up_to_the_longest() {
        let waits: Vec<u64> = (1..=6).map(|attempt| wait(RETRY, attempt, 1.0, None).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
        assert_eq!(wait(RETRY, u32::MAX, 0.5, None).as_secs(), 30);
        assert_eq!(wait(RETRY, 1, 0.0, None), Duration::ZERO);
    }

    #[test]
    fn the_partner_is_heard() {
        let asked = Duration::from_secs(90);
        assert_eq!(wait(RETRY, 1, 0.3, Some(asked)), asked);
    }
}
