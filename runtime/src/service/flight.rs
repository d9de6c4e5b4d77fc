//! No message is called for twice at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::Idempotency;

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
