//! Forgets what is over after some time, a little at a time.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::store::Store;

/// How often it is looked for what is old enough.
const LOOK: Duration = Duration::from_secs(60);
/// Messages, and records, in one commit: those who wait for the next commit hardly feel it.
const STEP: usize = 200;
/// Between two of them, for those who have more to do.
const PAUSE: Duration = Duration::from_millis(50);

/// Forgets what was received longer ago than `keep`, until it is told to stop.
pub async fn run(store: Arc<dyn Store>, keep: Duration, mut stop: watch::Receiver<bool>) {
    let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
    while !*stop.borrow() {
        let pause = if step(&*store, keep, Timestamp::now()).await { PAUSE } else { LOOK };
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Whether there may be more.
async fn step(store: &dyn Store, keep: SignedDuration, now: Timestamp) -> bool {
    let Ok(before) = now.checked_sub(keep) else { return false };
    match store.purge(before, now, STEP).await {
        Ok(forgotten) => {
            if forgotten > 0 {
                tracing::debug!(forgotten, "what is over and old is forgotten");
            }
            forgotten >= STEP
        }
        Err(error) => {
            tracing::error!(%error, "what is over cannot be forgotten");
            false
        }
    }
}
