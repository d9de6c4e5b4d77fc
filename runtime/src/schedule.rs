//! Routes that run as time passes: once in each period, which begin at multiples of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Route, Trigger};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::live::Live;
use crate::service::Tick;

/// The clock may be set while we sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// Before a tick is tried again that the store, or a record, stood in the way of.
const PAUSE: Duration = Duration::from_secs(1);
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// The period that `now` lies in, counted from 1970, and how long it still takes.
fn tick(now: Timestamp, period: Duration) -> (i128, Duration) {
    let now = now.as_nanosecond();
    let period = i128::try_from(period.as_nanos()).unwrap_or(i128::MAX).max(1);
    let left = SignedDuration::from_nanos_i128(period - now.rem_euclid(period));
    (now.div_euclid(period), left.unsigned_abs())
}

/// Runs the routes with `every` until it is told to stop. A period that has begun is run at once; one that is over is not
/// made up for.
pub async fn run(mut live: Live, mut stop: watch::Receiver<bool>) {
    let mut last: BTreeMap<Box<str>, i128> = BTreeMap::new();
    while !*stop.borrow() {
        let active = Arc::clone(&live.0.borrow_and_update());
        let routes: Vec<(Arc<Route>, Duration)> = active.service.periodic();
        let mut sleep = LONGEST_SLEEP;
        for (route, period) in &routes {
            let (now, _) = tick(Timestamp::now(), *period);
            if last.get(&route.name) == Some(&now) {
                continue;
            }
            match active.service.tick(route, now).await {
                Tick::Done => drop(last.insert(route.name.clone(), now)),
                // A day may lie between two ticks: what passes is not waited for that long.
                Tick::Again => sleep = PAUSE,
            }
        }
        for (_, period) in &routes {
            sleep = sleep.min(tick(Timestamp::now(), *period).1);
        }
        tokio::select! {
            _ = stop.changed() => {}
            Ok(()) = live.0.changed() => {}
            () = tokio::time::sleep(sleep.max(SHORTEST_SLEEP)) => {}
        }
    }
}

/// The period of a route that has one.
#[must_use]
pub fn period(trigger: &Trigger) -> Option<Duration> {
    match trigger {
        Trigger::Every(period) => Some(*period),
        Trigger::Receive { .. } | Trigger::Start => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn periods_begin_at_multiples() {
        let period = Duration::from_secs(30);
        assert_eq!(tick(at(0), period), (0, period));
        assert_eq!(tick(at(29_999), period), (0, Duration::from_millis(1)));
        assert_eq!(tick(at(30_000), period), (1, period));
        assert_eq!(tick(at(3_600_010_000), period), (120_000, Duration::from_secs(20)));
        assert_eq!(tick(at(-1), period), (-1, Duration::from_millis(1)));
    }

    #[test]
    fn there_is_no_drift() {
        let (period, mut now, mut ticks) = (Duration::from_millis(1500), at(1_800_000_000_123), Vec::new());
        for _ in 0..1000 {
            let (number, left) = tick(now, period);
            ticks.push(number);
            // Each time it is a little late.
            now = now + left + Duration::from_millis(7);
        }
        assert!(ticks.windows(2).all(|pair| pair[1] == pair[0] + 1));
    }
}
