//! The attempts under way, and the room they leave for others.

use std::collections::{BTreeMap, HashMap};

use tokio::task::{Id, JoinSet};

use crate::store::Capacity;

/// Attempts under way at once.
const TOTAL: usize = 256;
/// Attempts under way at once to one partner: one that hangs leaves room for the others.
const PER_PARTNER: usize = 32;

#[derive(Default)]
pub(super) struct UnderWay {
    tasks: JoinSet<()>,
    /// The destination of each task.
    partners: HashMap<Id, String>,
}

impl UnderWay {
    pub fn start(&mut self, partner: String, attempt: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(attempt);
        self.partners.insert(task.id(), partner);
    }

    /// Waits until an attempt ends; none when there is none. May be dropped at any time.
    pub async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        let id = ended.map_or_else(|panicked| panicked.id(), |(id, ())| id);
        self.partners.remove(&id);
        Some(())
    }

    /// Makes room of what has ended already.
    pub fn sweep(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = ended.map_or_else(|panicked| panicked.id(), |(id, ())| id);
            self.partners.remove(&id);
        }
    }

    pub fn capacity(&self) -> Capacity {
        let mut under_way = BTreeMap::new();
        for partner in self.partners.values() {
            *under_way.entry(partner.clone()).or_default() += 1;
        }
        Capacity { total: TOTAL.saturating_sub(self.partners.len()), per_partner: PER_PARTNER, under_way }
    }
}
