//! Waiting for something to become true: never a fixed sleep, always a deadline.

use std::time::{Duration, Instant};

/// Longer than anything here takes on a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// What `probe` finds, once it finds something; `what` is the message of the failure.
pub async fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    eventually_so(what, async || probe()).await
}

/// The same of a probe that has to wait itself.
pub async fn eventually_so<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not in {DEADLINE:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Runs all at once; the results are in the order of the futures.
pub async fn together<T: Send + 'static>(
    futures: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let running: Vec<_> = futures.into_iter().map(tokio::spawn).collect();
    let mut results = Vec::new();
    for one in running {
        results.push(one.await.unwrap());
    }
    results
}
