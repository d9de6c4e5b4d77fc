//! How a delivery is tried, what its response means, and what follows.

use std::sync::Arc;

use engine::value::Arena;
use engine::{Concluded, Endpoint, Exhausted, Inbound, Outcome, Policy, Verdict};
use jiff::Timestamp;

use super::lanes::Pending;
use super::stage::{Stage, signed};
use super::taking::Said;
use crate::delivery::backoff;

impl Stage<'_> {
    /// Makes the delivery at this place of the lanes.
    pub fn attempt(&mut self, at: usize) {
        let mut pending = self.lanes.take(at);
        let request = pending.delivery.request.clone();
        let Some(endpoint) = self.engine.endpoint(&request.endpoint).map(Arc::clone) else { return };
        self.moment();
        let again = if pending.shown { " again" } else { "" };
        self.page.write(&format!("send {}{again}", request.endpoint));
        if !std::mem::replace(&mut pending.shown, true) {
            self.page.request(&request, Some(&pending.delivery));
            self.sends(&pending.delivery.route, &request.endpoint, &request.body);
        }
        pending.attempts += 1;
        self.page.enter();
        let said = self.respond(&endpoint, &request, &pending.idempotency_key);
        self.page.leave();
        match said {
            Some(Some(said)) => self.understand(at, pending, &endpoint, said),
            Some(None) => {
                self.page.write("no response, and the attempts are spent");
                self.spent(pending, &endpoint, None);
            }
            None => {
                self.page.write("no response is given yet");
                let attempts = pending.attempts.saturating_sub(1);
                self.lanes.put_back(at, Pending { attempts, waits: true, ..pending });
            }
        }
    }

    fn understand(&mut self, at: usize, pending: Pending, endpoint: &Endpoint, said: Said) {
        let request = &pending.delivery.request;
        let verdict = self.engine.verdict(endpoint, &request.body, said.seen(), self.world(), &Arena::new());
        let status = said.status;
        match verdict {
            Ok(Verdict::Delivered) => {
                self.page.write(&format!("response {status}: delivered"));
                self.follow(&pending, Outcome::Delivered, Some(&said));
            }
            Ok(Verdict::Rejected) => {
                self.page.write(&format!("response {status}: rejected"));
                self.follow(&pending, Outcome::Rejected, Some(&said));
            }
            Ok(Verdict::Retry) => match self.again(&pending, endpoint) {
                Some(due) => {
                    let wait = due.duration_since(self.now);
                    self.page.write(&format!("response {status}: tried again in {wait:#}"));
                    self.lanes.put_back(at, Pending { due, ..pending });
                }
                None => {
                    self.page.write(&format!("response {status}: the attempts are spent"));
                    self.spent(pending, endpoint, Some(&said));
                }
            },
            Err(fault) => {
                self.page.write(&format!("response {status}"));
                self.page.faults(Policy::Park, &[fault]);
                self.parked.push(request.endpoint.to_string());
            }
        }
    }

    /// The longest that the next attempt may wait, where there is one.
    fn again(&self, pending: &Pending, endpoint: &Endpoint) -> Option<Timestamp> {
        let due = self.later(backoff::wait(endpoint.retry, pending.attempts, 1.0, None));
        let tried = due.duration_since(pending.since);
        let in_time = endpoint.retry.within.is_none_or(|within| tried < signed(within));
        (pending.attempts < endpoint.retry.attempts && in_time).then_some(due)
    }

    fn spent(&mut self, pending: Pending, endpoint: &Endpoint, said: Option<&Said>) {
        self.follow(&pending, Outcome::Failed, said);
        match endpoint.on_exhausted {
            Exhausted::LatestWins if self.lanes.is_superseded(&pending) => {
                return self.page.write("superseded by a later one");
            }
            Exhausted::ParkKey => self.lanes.hold(&pending),
            Exhausted::ParkMessage | Exhausted::LatestWins => {}
        }
        self.parked.push(pending.delivery.request.endpoint.to_string());
    }

    fn follow(&mut self, pending: &Pending, outcome: Outcome, said: Option<&Said>) {
        let (delivery, origin, arena) = (&pending.delivery, &pending.origin, Arena::new());
        let concluded = Concluded {
            route: &delivery.route,
            step: &delivery.step,
            endpoint: &delivery.request.endpoint,
            message: &origin.message,
            key: delivery.key.as_deref().or(origin.key.as_deref()),
            request: &delivery.request.body,
            response: said.map(Said::seen),
            outcome,
        };
        let followed = self.engine.follow(concluded, &Inbound::default(), self.world(), &arena);
        self.page.enter();
        match followed {
            Ok(followed) => self.effects(origin, followed.deliveries, &followed.records),
            Err(faults) => {
                self.page.faults(Policy::Park, &faults);
                self.parked.push(delivery.request.endpoint.to_string());
            }
        }
        self.page.leave();
    }
}
