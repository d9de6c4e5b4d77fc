//! How often a partner is asked: a bucket that holds as many requests as a second's worth, at least one, and fills steadily.

use std::time::{Duration, Instant};

use engine::Rate;

/// What is left of a partner's rate.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// When it is full again; the unit of account is time, so that no fraction of a request is lost.
    full: Option<Instant>,
}

impl Bucket {
    /// How many requests there is room for.
    pub fn room(&self, rate: Rate, now: Instant) -> usize {
        let missing = self.full.map(|full| full.saturating_duration_since(now)).unwrap_or_default();
        let free = size(rate).saturating_sub(missing);
        usize::try_from(free.as_nanos() / each(rate).as_nanos().max(1)).unwrap_or(usize::MAX)
    }

    /// Counts one request.
    pub fn take(&mut self, rate: Rate, now: Instant) {
        let full = self.full.filter(|full| *full > now).unwrap_or(now);
        self.full = Some(full + each(rate));
    }

    /// When there is room for one; nothing where there is now.
    pub fn opens(&self, rate: Rate, now: Instant) -> Option<Instant> {
        if self.room(rate, now) > 0 {
            return None;
        }
        let full = self.full?;
        Some(full.checked_sub(size(rate).saturating_sub(each(rate))).unwrap_or(now))
    }
}

/// The time that one request takes of the rate.
fn each(rate: Rate) -> Duration {
    rate.per / rate.count.max(1)
}

/// The time that the bucket holds.
fn size(rate: Rate) -> Duration {
    each(rate).max(Duration::from_secs(1).min(rate.per))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slow_rate_lets_one_through_at_a_time() {
        let rate = Rate { count: 6, per: Duration::from_secs(60) };
        let (mut bucket, now) = (Bucket::default(), Instant::now());
        assert_eq!((bucket.room(rate, now), bucket.opens(rate, now)), (1, None));
        bucket.take(rate, now);
        assert_eq!(bucket.room(rate, now + Duration::from_secs(9)), 0);
        assert_eq!(bucket.opens(rate, now), Some(now + Duration::from_secs(10)));
        assert_eq!(bucket.room(rate, now + Duration::from_secs(10)), 1);
    }

    proptest! {
        /// However requests come, no more go out in a time than the rate and one bucket.
        #[test]
        fn never_more_than_the_rate(count in 1u32..200, pauses in prop::collection::vec(0u64..400, 1..200)) {
            let rate = Rate { count, per: Duration::from_secs(1) };
            let (mut bucket, start) = (Bucket::default(), Instant::now());
            let (mut now, mut taken) = (start, 0u128);
            for pause in pauses {
                now += Duration::from_millis(pause);
                for _ in 0..bucket.room(rate, now) {
                    bucket.take(rate, now);
                    taken += 1;
                }
                prop_assert!(bucket.opens(rate, now).is_some_and(|opens| opens > now));
                let most = (now - start).as_nanos() / each(rate).as_nanos() + u128::from(count);
                prop_assert!(taken <= most + 1, "{taken} of {most}");
            }
        }
    }
}
