//! Messages for an operator: lists, one of them, trying again, giving up.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Admin, Query, Refused, blocking, engine_of};
use crate::store::{Discarded, Filter, MessageState, Redriven};
use crate::view::{self, Payload};

const LIMIT: usize = 50;
const MOST: usize = 1000;

impl Admin {
    pub(super) async fn list(&self, query: &Query) -> Result<Value, Refused> {
        let (filter, store) = (filter(query).map_err(Refused::Wrong)?, Arc::clone(&self.shared.store));
        let messages = blocking(move || Ok(store.list(&filter)?)).await?;
        Ok(messages.iter().map(view::summary).collect())
    }

    pub(super) async fn show(&self, id: &str, query: &Query) -> Result<Value, Refused> {
        let (id, store) = (id.to_owned(), Arc::clone(&self.shared.store));
        let payload = query.iter().any(|(name, value)| name == "payload" && value == "true");
        let engine = engine_of(&self.live);
        blocking(move || {
            let message = store.show(&id)?.ok_or_else(|| no_message(&id))?;
            Ok(view::detail(&message, if payload { Payload::Masked(&engine) } else { Payload::Hidden }))
        })
        .await
    }

    pub(super) async fn retry(&self, id: &str) -> Result<Value, Refused> {
        let redriven = self.shared.store.redrive(id, Timestamp::now()).await?;
        self.shared.wake.notify_one();
        match redriven {
            Redriven::Unknown => Err(no_message(id)),
            redriven => {
                tracing::info!(id, "a person has asked to try again");
                Ok(retried(redriven))
            }
        }
    }

    pub(super) async fn discard(&self, id: &str) -> Result<Value, Refused> {
        let discarded = self.shared.store.discard(id, Timestamp::now()).await?;
        self.shared.wake.notify_one();
        match discarded {
            Discarded::Unknown => Err(no_message(id)),
            discarded => {
                tracing::info!(id, "a person has given up what was left");
                Ok(given_up(discarded))
            }
        }
    }
}

/// What came of trying again.
#[must_use]
pub fn retried(redriven: Redriven) -> Value {
    let (deliveries, message, superseded) = match redriven {
        Redriven::Unknown => (0, false, false),
        Redriven::Deliveries(count) => (count, false, false),
        Redriven::Message => (0, true, false),
        Redriven::Superseded => (0, false, true),
    };
    json!({"deliveries": deliveries, "message": message, "superseded": superseded})
}

/// What came of giving up.
#[must_use]
pub fn given_up(discarded: Discarded) -> Value {
    let (deliveries, message) = match discarded {
        Discarded::Unknown => (0, false),
        Discarded::Deliveries(count) => (count, false),
        Discarded::Message => (0, true),
    };
    json!({"deliveries": deliveries, "message": message})
}

fn no_message(id: &str) -> Refused {
    Refused::NotFound(format!("there is no message and no delivery {id}"))
}

fn filter(query: &Query) -> Result<Filter, String> {
    let given = |name: &str| query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let time = |name: &str| match given(name).map(str::parse::<Timestamp>) {
        None => Ok(None),
        Some(Ok(time)) => Ok(Some(time)),
        Some(Err(_)) => Err(format!("`{name}` is a time with a zone: 2026-03-02T12:00:00Z")),
    };
    let limit = match given("limit").map(str::parse::<usize>) {
        None => LIMIT,
        Some(Ok(limit)) if limit <= MOST => limit,
        Some(_) => return Err(format!("`limit` is a number up to {MOST}")),
    };
    Ok(Filter {
        partner: given("partner").map(str::to_owned),
        route: given("route").map(str::to_owned),
        state: given("state").and_then(MessageState::from_name),
        key: given("key").map(str::to_owned),
        since: time("since")?,
        until: time("until")?,
        before: given("before").map(str::to_owned),
        limit,
    })
}
