//! What each partner can take: requests at a time and in a time, and when it is left alone. Deliveries and calls share it.

mod breaker;
mod rate;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use engine::{Engine, Limits};

use crate::pauses::Pauses;
use crate::store::Capacity;
use breaker::{Allowed, Breaker, Change};
use rate::Bucket;

/// Attempts of deliveries under way at once, beside one to each partner.
const DELIVERIES: usize = 1024;
/// Calls under way at once. Neither takes room from the other.
const CALLS: usize = 256;
/// Attempts under way at once to one partner whose contract says nothing.
const PER_PARTNER: usize = 32;
/// Calls under way at once to one partner whose contract says nothing.
const CALLS_PER_PARTNER: usize = 64;
/// A partner has at most one part in so many of the room that is free: those that hang leave some to all others, however many
/// they are (dynamic thresholds: Choudhury and Hahne, 1998).
const SHARE: usize = 8;
/// When a caller may come again who finds no room.
const AGAIN: Duration = Duration::from_secs(1);

/// The destinations, by partner. A copy is a handle on the same.
#[derive(Debug, Clone, Default)]
pub struct Destinations {
    partners: Arc<Mutex<BTreeMap<String, Destination>>>,
    pauses: Pauses,
}

#[derive(Debug, Default)]
struct Destination {
    limits: Limits,
    deliveries: usize,
    calls: usize,
    breaker: Breaker,
    bucket: Bucket,
    /// It has said when it may be asked again.
    held: Option<Instant>,
}

/// What is sent to a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Delivery,
    Call,
}

/// How a request ended, as far as it tells of its partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It answers.
    Works,
    /// It does not, or with a fault of its own.
    Fails,
    /// It has said how long it wants to be left alone.
    Busy(Duration),
}

/// A request under way, until it is dropped.
#[derive(Debug)]
pub struct UnderWay {
    destinations: Destinations,
    partner: String,
    kind: Kind,
}

/// No request can be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    pub retry_after: Duration,
}

/// How a partner stands, for an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub under_way: usize,
    /// Nothing, or only one request, is tried.
    pub open: bool,
}

impl Destinations {
    #[must_use]
    pub fn new(pauses: Pauses) -> Self {
        Self { partners: Arc::default(), pauses }
    }

    /// Goes by the limits of a generation from now on; what is under way and what was seen stays.
    pub fn configure(&self, engine: &Engine) {
        let mut partners = self.lock();
        partners.values_mut().for_each(|destination| destination.limits = Limits::default());
        for endpoint in engine.endpoints() {
            partners.entry(endpoint.partner.to_string()).or_default().limits = endpoint.limits;
        }
    }

    /// The room for deliveries.
    #[must_use]
    pub fn capacity(&self, now: Instant) -> Capacity {
        let partners = self.lock();
        let under_way: usize = partners.values().map(|destination| destination.deliveries).sum();
        let free = DELIVERIES.saturating_sub(under_way);
        let share = (free / SHARE).max(1);
        let default = PER_PARTNER.min(share);
        let mut rooms: BTreeMap<String, usize> = partners
            .iter()
            .map(|(partner, destination)| (partner.clone(), destination.room(Kind::Delivery, share, now)))
            .filter(|(_, room)| *room != default)
            .collect();
        rooms.extend(self.pauses.held().into_iter().map(|partner| (partner, 0)));
        Capacity { total: free.max(PER_PARTNER), per_partner: default, rooms }
    }

    /// When a partner that has no room now has some by the passing of time.
    #[must_use]
    pub fn opens(&self, now: Instant) -> Option<Instant> {
        self.lock().values().filter_map(|destination| destination.opens(now)).min()
    }

    /// Counts a delivery that there was room for.
    #[must_use]
    pub fn deliver(&self, partner: &str, now: Instant) -> UnderWay {
        self.begin(&mut self.lock(), partner, Kind::Delivery, now)
    }

    /// Room for a call.
    ///
    /// # Errors
    /// There is none.
    pub fn call(&self, partner: &str, now: Instant) -> Result<UnderWay, Closed> {
        if self.pauses.hold_deliveries(partner) {
            return Err(Closed { retry_after: Duration::from_secs(60) });
        }
        let mut partners = self.lock();
        let under_way: usize = partners.values().map(|destination| destination.calls).sum();
        if under_way >= CALLS {
            return Err(Closed { retry_after: AGAIN });
        }
        if let Some(destination) = partners.get(partner)
            && destination.room(Kind::Call, CALLS, now) == 0
        {
            let wait = destination.opens(now).map(|opens| opens.saturating_duration_since(now));
            return Err(Closed { retry_after: wait.unwrap_or(AGAIN) });
        }
        Ok(self.begin(&mut partners, partner, Kind::Call, now))
    }

    /// Learns from the end of a request.
    pub fn saw(&self, partner: &str, seen: Seen, now: Instant) {
        let mut partners = self.lock();
        let destination = partners.entry(partner.to_owned()).or_default();
        let change = match (seen, destination.limits.breaker) {
            (Seen::Busy(wait), _) => {
                destination.held = now.checked_add(wait).max(destination.held);
                None
            }
            (Seen::Works, _) => destination.breaker.succeeded(),
            (Seen::Fails, Some(limits)) => destination.breaker.failed(limits, now),
            (Seen::Fails, None) => None,
        };
        drop(partners);
        match change {
            Some(Change::Opened) => tracing::warn!(partner, "it fails: it is left alone for some time"),
            Some(Change::Closed) => tracing::info!(partner, "it works again"),
            None => {}
        }
    }

    /// How the partners stand, by name.
    #[must_use]
    pub fn standings(&self) -> BTreeMap<String, Standing> {
        let standing = |destination: &Destination| Standing {
            under_way: destination.deliveries + destination.calls,
            open: destination.limits.breaker.is_some() && destination.breaker.is_open(),
        };
        self.lock().iter().map(|(partner, destination)| (partner.clone(), standing(destination))).collect()
    }

    fn begin(
        &self,
        partners: &mut BTreeMap<String, Destination>,
        partner: &str,
        kind: Kind,
        now: Instant,
    ) -> UnderWay {
        let destination = partners.entry(partner.to_owned()).or_default();
        *destination.count(kind) += 1;
        if let Some(rate) = destination.limits.rate {
            destination.bucket.take(rate, now);
        }
        UnderWay { destinations: self.clone(), partner: partner.to_owned(), kind }
    }

    /// No code under the lock can panic halfway through a change, so a poisoned one is sound.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Destination>> {
        self.partners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Destination {
    fn count(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Delivery => &mut self.deliveries,
            Kind::Call => &mut self.calls,
        }
    }

    /// How many more may be sent; `share` is the most of what all have together.
    fn room(&self, kind: Kind, share: usize, now: Instant) -> usize {
        let under_way = self.deliveries + self.calls;
        let (own, default) = match kind {
            Kind::Delivery => (self.deliveries, PER_PARTNER),
            Kind::Call => (self.calls, CALLS_PER_PARTNER),
        };
        let room = match self.limits.concurrent {
            Some(most) => (most as usize).saturating_sub(under_way).min(share.saturating_sub(own)),
            None => default.min(share).saturating_sub(own),
        };
        let room = match self.allows(now) {
            Allowed::All => room,
            Allowed::One => room.min(1usize.saturating_sub(under_way)),
            Allowed::NothingBefore(_) => 0,
        };
        let room = if self.held.is_some_and(|until| now < until) { 0 } else { room };
        self.limits.rate.map_or(room, |rate| room.min(self.bucket.room(rate, now)))
    }

    /// A breaker that a reload has turned off holds nothing back, even if it was open.
    fn allows(&self, now: Instant) -> Allowed {
        self.limits.breaker.map_or(Allowed::All, |_| self.breaker.allows(now))
    }

    fn opens(&self, now: Instant) -> Option<Instant> {
        let breaker = match self.allows(now) {
            Allowed::NothingBefore(until) => Some(until),
            Allowed::All | Allowed::One => None,
        };
        let held = self.held.filter(|until| now < *until);
        let rate = self.limits.rate.and_then(|rate| self.bucket.opens(rate, now));
        breaker.max(held).max(rate)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(destination) = self.destinations.lock().get_mut(&self.partner) {
            let count = destination.count(self.kind);
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests;
