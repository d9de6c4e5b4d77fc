//! Work that is done again in this process: what stood in its way may pass before long.

use std::time::{Duration, Instant};

/// Each pause is twice as long as the one before, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Does `work` until it succeeds, or fails with an error that does not pass, or its next pause would end after `limit`.
///
/// # Errors
/// That of the last time.
pub async fn again<T, E, F>(
    limit: Duration,
    passes: impl Fn(&E) -> bool,
    work: impl Fn() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let done = work().await;
        let passing = done.as_ref().is_err_and(&passes);
        if !passing || started.elapsed().saturating_add(pause) > limit {
            return done;
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// How often it was done, and how it ended, where errors up to 2 pass.
    async fn done(limit: Duration, results: [Result<(), u8>; 3]) -> (usize, Result<(), u8>) {
        let times = Cell::new(0);
        let work = || {
            let result = results.get(times.get()).copied().unwrap_or(Err(9));
            times.set(times.get() + 1);
            std::future::ready(result)
        };
        let ended = again(limit, |error| *error <= 2, work).await;
        (times.get(), ended)
    }

    #[tokio::test]
    async fn it_is_done_until_it_succeeds_or_cannot() {
        let limit = Duration::from_secs(60);
        assert_eq!(done(limit, [Err(1), Err(2), Ok(())]).await, (3, Ok(())));
        assert_eq!(done(limit, [Err(1), Err(3), Ok(())]).await, (2, Err(3)));
    }

    #[tokio::test]
    async fn no_pause_ends_after_the_limit() {
        assert_eq!(done(Duration::ZERO, [Err(1), Ok(()), Ok(())]).await, (1, Err(1)));
        let (first, second) = (FIRST_PAUSE, FIRST_PAUSE * 2);
        assert_eq!(done(first + second / 2, [Err(1), Err(2), Ok(())]).await, (2, Err(2)));
    }
}
