//! The loop that claims due deliveries, attempts them side by side, and settles them.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::again::again;
use super::attempt::settlement;
use super::fault::problem;
use crate::destination::Destinations;
use crate::live::{Active, Live};
use crate::metrics::Metrics;
use crate::outbound::client::longest;
use crate::store::{self, Capacity, Claimed, Settlement, Store, Verdict};

/// How long a claim is ours without a word from us. While the disk is full there is none, and what a partner did must not be
/// done once more for that: it is longer than any attempt, two tokens and two requests of the longest timeout.
const LEASE: SignedDuration = SignedDuration::from_mins(30);
const _: () = assert!(LEASE.as_secs() > longest(engine::LONGEST_TIMEOUT).as_secs() as i64);
/// How often a claim is renewed while its attempt is under way.
const RENEWAL: Duration = Duration::from_mins(10);
/// An operator beside us can make something due without a word to us.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
/// The pause after the store could not be asked.
const PAUSE: Duration = Duration::from_secs(1);

/// Delivers what is due until it is told to stop.
pub struct Worker {
    pub store: Arc<dyn Store>,
    /// Who makes an attempt that begins now.
    pub live: Live,
    /// Something may be due.
    pub wake: Arc<Notify>,
    pub destinations: Destinations,
    pub metrics: Metrics,
}

impl Worker {
    /// Runs until `stop` becomes true, then finishes the attempts that are under way.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut attempts = JoinSet::new();
        while !*stop.borrow() {
            while attempts.try_join_next().is_some() {}
            let woken = self.wake.notified();
            let capacity = self.destinations.capacity(Instant::now());
            let claimed = if capacity.total == 0 { Vec::new() } else { self.claim(capacity.clone()).await };
            if !claimed.is_empty() {
                for claimed in claimed {
                    attempts.spawn(self.attempt(claimed));
                }
                continue;
            }
            let sleep = self.until_due(&capacity);
            tokio::select! {
                _ = stop.changed() => {}
                () = woken => {}
                // A settled delivery makes the next of its lane claimable.
                Some(_) = attempts.join_next() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
        while attempts.join_next().await.is_some() {}
    }

    fn attempt(&self, claimed: Claimed) -> impl Future<Output = ()> + Send + 'static {
        let under_way = self.destinations.deliver(&claimed.delivery.partner, Instant::now());
        let metrics = self.metrics.clone();
        let (store, id, fence) = (Arc::clone(&self.store), claimed.delivery.id.clone(), claimed.fence);
        let attempt = deliver(Arc::clone(&self.store), self.live.now(), metrics, claimed);
        async move {
            let _under_way = under_way;
            renewing(&*store, &id, fence, attempt).await;
        }
    }

    async fn claim(&self, capacity: Capacity) -> Vec<Claimed> {
        match self.store.claim(Timestamp::now(), capacity, LEASE).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "deliveries cannot be claimed");
                tokio::time::sleep(PAUSE).await;
                Vec::new()
            }
        }
    }

    fn until_due(&self, capacity: &Capacity) -> Duration {
        let now = Instant::now();
        let due = match self.store.next_due(capacity) {
            Ok(Some(due)) => Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default(),
            Ok(None) => LONGEST_SLEEP,
            Err(_) => PAUSE,
        };
        let opens = self.destinations.opens(now).map(|opens| opens.saturating_duration_since(now));
        due.min(opens.unwrap_or(LONGEST_SLEEP)).clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
    }
}

/// Keeps the claim while the attempt is under way.
async fn renewing(store: &dyn Store, id: &str, fence: u64, attempt: impl Future<Output = ()>) {
    let mut attempt = pin!(attempt);
    while tokio::time::timeout(RENEWAL, &mut attempt).await.is_err() {
        // Where it fails, the fence sees to it that one end of the delivery is kept.
        if let Err(error) = store.renew(id, fence, Timestamp::now(), LEASE).await {
            tracing::warn!(delivery = id, %error, "a claim is not renewed");
        }
    }
}

async fn deliver(store: Arc<dyn Store>, active: Arc<Active>, metrics: Metrics, claimed: Claimed) {
    let started = Instant::now();
    let mut settled = active.attempt.make(&claimed, &active.service).await;
    let mut done = settle(&*store, &settled, started).await;
    if let Err(error @ (store::Error::RecordConflict { .. } | store::Error::InvalidRecord { .. })) = &done {
        // What follows cannot be kept as it is; the delivery itself happened and waits for a person.
        let fault = Some(problem(&error.to_string()));
        settled = settlement(&claimed, Verdict::Parked, settled.response.take(), fault);
        done = settle(&*store, &settled, started).await;
    }
    if let Err(error) = done {
        // The lease ends, and the delivery is made again with the same idempotency key.
        tracing::error!(delivery = claimed.delivery.id, %error, "the end of a delivery could not be kept");
        return;
    }
    report(&claimed, &settled, started.elapsed());
    let over = !matches!(settled.verdict, Verdict::Retry { .. });
    let since = settled.at.duration_since(claimed.since).unsigned_abs();
    let partner = &claimed.delivery.partner;
    metrics.attempted(partner, settled.outcome().name(), started.elapsed(), over.then_some(since));
}

/// Keeps the end of an attempt. Where the store cannot now, it is tried until the lease ends: what the partner did is known
/// here only, and the fence sees to it that it is kept once.
async fn settle(store: &dyn Store, settled: &Settlement, started: Instant) -> Result<(), store::Error> {
    let passes = |error: &store::Error| {
        let passes = matches!(error, store::Error::Full | store::Error::Backend { .. });
        if passes {
            tracing::warn!(delivery = settled.delivery_id, %error, "the end of a delivery is not kept yet");
        }
        passes
    };
    let left = LEASE.unsigned_abs().saturating_sub(started.elapsed());
    again(left, passes, || store.settle(settled.clone())).await
}

/// One line an outcome; ids of ours only, nothing from the payload.
fn report(claimed: &Claimed, settled: &Settlement, took: Duration) {
    let delivery = &claimed.delivery;
    let trace = claimed.trace.as_deref().and_then(|trace| trace.split('-').next());
    let status = settled.response.as_ref().map(|response| response.status);
    let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let fault = settled.fault.as_deref();
    let detail = fault.and_then(|fault| serde_json::from_str::<serde_json::Value>(fault).ok());
    let detail = detail.as_ref().and_then(|fault| fault.get("detail")).and_then(|detail| detail.as_str());
    macro_rules! line {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                endpoint = delivery.endpoint,
                route = delivery.route,
                step = delivery.step,
                id = delivery.message_id,
                delivery = delivery.id,
                trace,
                attempt = claimed.attempt,
                status,
                took_ms = took,
                fault = detail,
                $text
            )
        };
    }
    match settled.verdict {
        Verdict::Delivered => line!(info, "delivered"),
        Verdict::Retry { .. } => line!(warn, "will be tried again"),
        Verdict::Rejected => line!(warn, "rejected by the partner"),
        Verdict::Parked => line!(error, "parked: waits for a person"),
    }
}
