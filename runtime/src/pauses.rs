//! What a person holds back: messages of a partner, deliveries to it. It is kept in the store and outlives the process.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::store::{self, Pause, Store};

/// The pauses as they are now.
#[derive(Debug, Clone, Default)]
pub struct Pauses(Arc<RwLock<BTreeMap<String, Pause>>>);

impl Pauses {
    /// Those of the store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn read(store: &dyn Store) -> Result<Self, store::Error> {
        let pauses = store.pauses()?.into_iter().map(|pause| (pause.partner.clone(), pause)).collect();
        Ok(Self(Arc::new(RwLock::new(pauses))))
    }

    /// Keeps a pause, or its end, and goes by it from now on.
    ///
    /// # Errors
    /// The store cannot be written; all stays as it was.
    pub async fn set(&self, store: &dyn Store, pause: Pause) -> Result<(), store::Error> {
        store.pause(pause.clone()).await?;
        let mut pauses = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if pause.messages || pause.deliveries {
            let entry = pauses.entry(pause.partner.clone()).or_insert_with(|| pause.clone());
            *entry = Pause { since: entry.since, ..pause };
        } else {
            pauses.remove(&pause.partner);
        }
        Ok(())
    }

    #[must_use]
    pub fn of(&self, partner: &str) -> Option<Pause> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(partner).cloned()
    }

    /// All of them, by partner.
    #[must_use]
    pub fn all(&self) -> Vec<Pause> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Whether messages of the partner are not taken now.
    #[must_use]
    pub fn hold_messages(&self, partner: &str) -> bool {
        self.is(partner, |pause| pause.messages)
    }

    /// Whether nothing is delivered to the partner now.
    #[must_use]
    pub fn hold_deliveries(&self, partner: &str) -> bool {
        self.is(partner, |pause| pause.deliveries)
    }

    /// The partners to which nothing is delivered now.
    #[must_use]
    pub fn held(&self) -> Vec<String> {
        self.all().into_iter().filter(|pause| pause.deliveries).map(|pause| pause.partner).collect()
    }

    fn is(&self, partner: &str, what: impl Fn(&Pause) -> bool) -> bool {
        let pauses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // Hardly anything is ever paused.
        !pauses.is_empty() && pauses.get(partner).is_some_and(what)
    }
}
