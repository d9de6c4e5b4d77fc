//! Partners for an operator: how they stand, and holding them back.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Admin, Query, Refused, blocking};
use crate::reload::Condition;
use crate::store::{Pause, Queue};

impl Admin {
    pub(super) async fn partners(&self) -> Result<Value, Refused> {
        let store = Arc::clone(&self.shared.store);
        let queues = blocking(move || Ok(store.queues()?)).await?;
        let queues: BTreeMap<&str, &Queue> = queues.iter().map(|queue| (&*queue.partner, queue)).collect();
        let standings = self.standings.borrow().clone();
        let destinations = self.shared.client.destinations().standings();
        let partner = |(name, standing): (&String, &crate::reload::Standing)| {
            let by = match &standing.condition {
                Condition::Held { by } => Some(by),
                Condition::Good | Condition::Broken => None,
            };
            let (destination, queue) = (destinations.get(name), queues.get(name.as_str()));
            json!({
                "partner": name,
                "generation": standing.generation,
                "since": standing.since.to_string(),
                "condition": standing.condition.name(),
                "held_by": by,
                "paused": self.shared.pauses.of(name).map(|pause| paused(&pause)),
                "lanes_waiting": queue.map_or(0, |queue| queue.lanes),
                "waiting_since": queue.map(|queue| queue.since.to_string()),
                "under_way": destination.map_or(0, |destination| destination.under_way),
                "left_alone": destination.is_some_and(|destination| destination.open),
            })
        };
        Ok(json!({
            "partners": standings.partners.iter().map(partner).collect::<Vec<_>>(),
            "reloads": standings.reloads,
            "mistakes": standings.mistakes,
        }))
    }

    /// Begins or ends a pause; what is not asked for stays as it is.
    pub(super) async fn pause(&self, partner: &str, query: &Query, begins: bool) -> Result<Value, Refused> {
        let known = self.shared.pauses.of(partner);
        // One that was removed can be paused still.
        if known.is_none() && !self.standings.borrow().partners.contains_key(partner) {
            return Err(Refused::NotFound(format!("there is no partner {partner}")));
        }
        let (mut messages, mut deliveries) =
            known.as_ref().map_or((false, false), |known| (known.messages, known.deliveries));
        match query.iter().find(|(name, _)| name == "what").map(|(_, what)| what.as_str()) {
            Some("messages") => messages = begins,
            Some(_) => deliveries = begins,
            None => (messages, deliveries) = (begins, begins),
        }
        let since = known.map_or_else(Timestamp::now, |known| known.since);
        let pause = Pause { partner: partner.to_owned(), messages, deliveries, since };
        self.shared.pauses.set(&*self.shared.store, pause).await?;
        tracing::info!(partner, messages, deliveries, "paused by a person, where it is true");
        self.shared.wake.notify_one();
        Ok(json!({
            "partner": partner,
            "paused": self.shared.pauses.of(partner).map(|pause| paused(&pause)),
        }))
    }
}

fn paused(pause: &Pause) -> Value {
    json!({
        "messages": pause.messages,
        "deliveries": pause.deliveries,
        "since": pause.since.to_string(),
    })
}
