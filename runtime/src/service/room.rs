//! The calls under way: how many there may be, and no message twice.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::Idempotency;

/// Calls under way at once. Deliveries have room of their own: neither takes it from the other.
const TOTAL: usize = 256;
/// Calls under way at once to one partner: one that hangs leaves room for the others.
const PER_PARTNER: usize = 64;

/// The calls under way, by destination.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<Mutex<BTreeMap<Box<str>, usize>>>);

/// Room for one call, until it is dropped.
pub(super) struct Room {
    calls: Arc<Mutex<BTreeMap<Box<str>, usize>>>,
    partner: Box<str>,
}

impl Calls {
    /// Room for a call to this partner, if there is any.
    pub fn enter(&self, partner: &str) -> Option<Room> {
        let mut calls = locked(&self.0);
        let of_partner = calls.get(partner).copied().unwrap_or_default();
        if of_partner >= PER_PARTNER || calls.values().sum::<usize>() >= TOTAL {
            return None;
        }
        calls.insert(partner.into(), of_partner + 1);
        Some(Room { calls: Arc::clone(&self.0), partner: partner.into() })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut calls = locked(&self.calls);
        match calls.get_mut(&self.partner) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            Some(_) | None => drop(calls.remove(&self.partner)),
        }
    }
}

/// The messages for which a call is under way.
#[derive(Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashSet<Id>>>);

/// A message for which a call is under way, until it is dropped.
pub(super) struct Flight {
    flights: Arc<Mutex<HashSet<Id>>>,
    id: Id,
}

/// Scope and id.
type Id = (String, String);

impl Flights {
    /// None if one is under way already.
    pub fn begin(&self, known: &Idempotency) -> Option<Flight> {
        let id = (known.scope.clone(), known.id.clone());
        let new = locked(&self.0).insert(id.clone());
        new.then(|| Flight { flights: Arc::clone(&self.0), id })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        locked(&self.flights).remove(&self.id);
    }
}

/// No code under these locks can panic halfway through a change, so a poisoned one is sound.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_that_hangs_leaves_room() {
        let calls = Calls::default();
        let slow: Vec<Room> = std::iter::from_fn(|| calls.enter("slow")).collect();
        assert_eq!(slow.len(), PER_PARTNER);
        let others: Vec<Room> = (0..).map_while(|n| calls.enter(&format!("other {}", n % 100))).collect();
        assert_eq!(slow.len() + others.len(), TOTAL);
        drop(slow);
        assert!(calls.enter("slow").is_some());
        drop(others);
        assert!(locked(&calls.0).is_empty());
    }

    #[test]
    fn one_flight_a_message() {
        let flights = Flights::default();
        let known =
            |id: &str| Idempotency { scope: "shop/inbox".to_owned(), id: id.to_owned(), digest: [0; 32] };
        let first = flights.begin(&known("a"));
        assert!(
            first.is_some() && flights.begin(&known("a")).is_none() && flights.begin(&known("b")).is_some()
        );
        drop(first);
        assert!(flights.begin(&known("a")).is_some());
    }
}
