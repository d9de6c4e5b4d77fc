//! Routes that no message sets in motion: at the start, and as time passes.

use std::sync::Arc;
use std::time::Duration;

use engine::value::Arena;
use engine::{Fault, Inbound, Policy, Route, Translation, Trigger};
use jiff::Timestamp;

use super::answer::{Summary, conflict};
use super::{Service, beside};
use crate::delivery::fault::stored;
use crate::delivery::intake::{self, Origin};
use crate::schedule;
use crate::store::{self, Acceptance, Accepted, Answer, Disposition, Idempotency, NewMessage};
use crate::trace::Trace;

/// What a message has for a channel that the start of the process caused.
pub(super) const START: &str = "on: start";

/// What sets a route in motion that no message does, as it is written.
#[must_use]
pub fn cause(trigger: &Trigger) -> Option<String> {
    match trigger {
        Trigger::Receive { .. } => None,
        Trigger::Start => Some(START.to_owned()),
        Trigger::Every(period) => Some(format!("every: {}", written(*period))),
    }
}

/// A duration in the largest unit that it is a multiple of.
fn written(duration: Duration) -> String {
    let millis = duration.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let unit = units.into_iter().find(|(length, _)| millis.is_multiple_of(*length));
    unit.map_or_else(|| format!("{millis}ms"), |(length, name)| format!("{}{name}", millis / length))
}

/// What became of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    Done,
    /// Something stood in its way that passes.
    Again,
}

impl Service {
    /// Runs the routes that belong to a start: of one partner, or of all. One that has a fault is parked.
    pub async fn begin(&self, partner: Option<&str>) {
        let starts = self.engine.routes().filter(|route| route.trigger == Trigger::Start);
        for route in starts.filter(|route| partner.is_none_or(|partner| *route.partner == *partner)) {
            let at = Timestamp::now();
            let acceptance = match tokio::task::block_in_place(|| self.unprompted(route)) {
                Ok(None) => continue,
                Ok(Some(translation)) => self.caused(route, START, translation, at),
                Err(faults) => parked(new_message(route, START, at), &faults),
            };
            let kept = match self.keep_caused(acceptance.clone()).await {
                Err(store::Error::RecordConflict { record, field }) => {
                    self.keep_caused(parked(acceptance.message, &[conflict(&record, &field)])).await
                }
                done => done,
            };
            match kept {
                Ok(()) => self.shared.wake.notify_one(),
                Err(error) => {
                    tracing::error!(route = &*route.name, %error, "what a start causes is not kept")
                }
            }
        }
    }

    /// The routes that run as time passes.
    #[must_use]
    pub fn periodic(&self) -> Vec<(Arc<Route>, Duration)> {
        let period = |route: &Arc<Route>| Some((Arc::clone(route), schedule::period(&route.trigger)?));
        self.engine.routes().filter_map(period).collect()
    }

    /// Runs a route for this tick of its period, unless that was done. A fault is for the log: the next tick comes.
    pub async fn tick(&self, route: &Route, tick: i128) -> Tick {
        let Some(cause) = cause(&route.trigger) else { return Tick::Done };
        let known =
            Idempotency { scope: format!("every {}", route.name), id: tick.to_string(), digest: [0; 32] };
        match self.shared.store.first_answer(&known.scope, &known.id, &known.digest) {
            Ok(None) => {}
            Ok(Some(_)) => return Tick::Done,
            Err(error) => {
                tracing::error!(route = &*route.name, %error, "a tick cannot be looked up");
                return Tick::Again;
            }
        }
        let translation = match tokio::task::block_in_place(|| self.unprompted(route)) {
            Ok(None) => return Tick::Done,
            Ok(Some(translation)) => translation,
            Err(faults) => {
                for fault in &faults {
                    tracing::error!(route = &*route.name, %fault, "fault of a tick");
                }
                return if engine::policy(&faults) == Policy::Retry { Tick::Again } else { Tick::Done };
            }
        };
        let mut acceptance = self.caused(route, &cause, translation, Timestamp::now());
        acceptance.message.idempotency = Some(known);
        for delivery in &mut acceptance.deliveries {
            delivery.unless_pending = true;
        }
        let summary = Summary::of(&acceptance);
        match self.shared.store.accept(acceptance).await {
            Ok(Accepted::New) => {
                summary.report(&self.shared.metrics);
                self.shared.wake.notify_one();
            }
            Ok(Accepted::Superfluous) => {
                tracing::info!(route = &*route.name, "left out: an earlier tick is under way");
            }
            Ok(Accepted::Duplicate(_) | Accepted::Conflict) => {}
            Err(error) => {
                tracing::error!(route = &*route.name, %error, "a tick is not kept");
                let passes = matches!(error, store::Error::Full | store::Error::Backend { .. });
                return if passes { Tick::Again } else { Tick::Done };
            }
        }
        Tick::Done
    }

    /// What the route does now; none where that is nothing.
    pub(super) fn unprompted(&self, route: &Route) -> Result<Option<Translation>, Vec<Fault>> {
        let (inbound, arena) = (Inbound::default(), Arena::new());
        let translation = self.engine.unprompted(&route.name, &inbound, self.world(), &arena)?;
        Ok(translation.filter(|made| !made.deliveries.is_empty() || !made.records.is_empty()))
    }

    async fn keep_caused(&self, acceptance: Acceptance) -> Result<(), store::Error> {
        let summary = Summary::of(&acceptance);
        self.shared.store.accept(acceptance).await?;
        summary.report(&self.shared.metrics);
        Ok(())
    }

    fn caused(&self, route: &Route, cause: &str, translation: Translation, at: Timestamp) -> Acceptance {
        let message = new_message(route, cause, at);
        let origin = Origin { message_id: &message.id, depth: 0, at };
        let deliveries = intake::deliveries(translation.deliveries, &self.engine, origin);
        let records = intake::records(translation.records, at);
        Acceptance { message, deliveries, records }
    }
}

fn new_message(route: &Route, cause: &str, at: Timestamp) -> NewMessage {
    NewMessage {
        id: intake::fresh_id(),
        partner: route.partner.to_string(),
        channel: cause.to_owned(),
        route: Some(route.name.to_string()),
        message_type: None,
        idempotency: None,
        key: None,
        received_at: at,
        body: b"{}".to_vec(),
        inbound: None,
        trace: Some(Trace::begin().kept()),
        disposition: Disposition::Accepted,
        fault: None,
        answer: Answer { status: 0, content_type: String::new(), headers: Vec::new(), body: Vec::new() },
    }
}

fn parked(message: NewMessage, faults: &[Fault]) -> Acceptance {
    let message = NewMessage {
        disposition: Disposition::Parked,
        inbound: Some(beside::kept(&Inbound::default())),
        fault: Some(stored(faults)),
        ..message
    };
    Acceptance { message, deliveries: Vec::new(), records: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_as_it_is_written() {
        let every = |millis| cause(&Trigger::Every(Duration::from_millis(millis)));
        let said = [1000, 1500, 30_000, 90_000, 120_000, 7_200_000, 86_400_000].map(every);
        let said: Vec<String> = said.into_iter().flatten().collect();
        assert_eq!(
            said.join(", "),
            "every: 1s, every: 1500ms, every: 30s, every: 90s, every: 2m, every: 2h, every: 1d"
        );
        assert_eq!(cause(&Trigger::Start).as_deref(), Some("on: start"));
    }
}
