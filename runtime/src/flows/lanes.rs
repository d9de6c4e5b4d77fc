//! Deliveries that are under way: in lanes, the first of each at its time.

use std::collections::BTreeSet;
use std::rc::Rc;

use engine::Delivery;
use jiff::Timestamp;

/// What led to a delivery.
#[derive(Debug)]
pub struct Origin {
    /// JSON.
    pub message: Vec<u8>,
    pub key: Option<String>,
}

/// A delivery that is not over.
#[derive(Debug)]
pub struct Pending {
    pub delivery: Delivery,
    pub origin: Rc<Origin>,
    pub due: Timestamp,
    /// When it was made.
    pub since: Timestamp,
    /// What its partner knows a repeat by.
    pub idempotency_key: String,
    /// Attempts that were made.
    pub attempts: u32,
    /// What is sent was written down.
    pub shown: bool,
    /// Nothing says what its partner answers.
    pub waits: bool,
}

/// A destination and a key; a delivery without a key is alone.
type Lane = (String, String);

#[derive(Debug, Default)]
pub struct Lanes {
    pending: Vec<Pending>,
    /// Lanes that a parked delivery holds.
    held: BTreeSet<Lane>,
}

impl Pending {
    fn lane(&self) -> Option<Lane> {
        let key = self.delivery.key.clone().or_else(|| self.origin.key.clone())?;
        Some((self.delivery.request.partner.to_string(), key))
    }
}

impl Lanes {
    pub fn push(&mut self, pending: Pending) {
        self.pending.push(pending);
    }

    /// Puts a delivery back to where it stood.
    pub fn put_back(&mut self, at: usize, pending: Pending) {
        self.pending.insert(at.min(self.pending.len()), pending);
    }

    /// The place of the next delivery that can be made, and its time.
    pub fn next(&self) -> Option<(Timestamp, usize)> {
        let mut seen = self.held.clone();
        let heads = self.pending.iter().enumerate().filter(|(_, pending)| {
            let lane = pending.lane();
            lane.is_none_or(|lane| seen.insert(lane))
        });
        heads.filter(|(_, pending)| !pending.waits).map(|(at, pending)| (pending.due, at)).min()
    }

    pub fn take(&mut self, at: usize) -> Pending {
        self.pending.remove(at)
    }

    /// Those that nobody answered are tried again.
    pub fn wake(&mut self) {
        self.pending.iter_mut().for_each(|pending| pending.waits = false);
    }

    /// A parked delivery keeps the others of its lane from going on.
    pub fn hold(&mut self, pending: &Pending) {
        self.held.extend(pending.lane());
    }

    /// Whether a later delivery of the same lane goes to the same endpoint.
    pub fn is_superseded(&self, one: &Pending) -> bool {
        let same = |other: &Pending| {
            other.lane() == one.lane() && other.delivery.request.endpoint == one.delivery.request.endpoint
        };
        one.lane().is_some() && self.pending.iter().any(same)
    }

    /// Whether an earlier delivery of the route is under way with this one's key.
    pub fn is_under_way(&self, one: &Pending) -> bool {
        let same = |other: &Pending| other.delivery.route == one.delivery.route && other.lane() == one.lane();
        self.pending.iter().any(same)
    }

    pub fn left(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::time::Duration;

    use engine::{Encoding, Method, Request};

    use super::*;

    fn pending(step: &str, key: Option<&str>, due: i64) -> Pending {
        let request = Request {
            endpoint: "bank/orders".into(),
            partner: "bank".into(),
            method: Method::Post,
            url: String::new(),
            headers: Vec::new(),
            encoding: Encoding::Json,
            body: Vec::new(),
        };
        let (route, key) = ("bank/order".into(), key.map(str::to_owned));
        Pending {
            delivery: Delivery { route, step: step.into(), request, key, after: Duration::ZERO },
            origin: Rc::new(Origin { message: Vec::new(), key: None }),
            due: Timestamp::from_second(due).unwrap(),
            since: Timestamp::UNIX_EPOCH,
            idempotency_key: String::new(),
            attempts: 0,
            shown: false,
            waits: false,
        }
    }

    fn order(lanes: &mut Lanes) -> String {
        let mut order = String::new();
        while let Some((_, at)) = lanes.next() {
            order += &lanes.take(at).delivery.step;
        }
        order
    }

    #[test]
    fn a_lane_goes_in_order_and_others_pass_it() {
        let mut lanes = Lanes::default();
        for (step, key, due) in
            [("a", Some("1"), 9), ("b", Some("1"), 1), ("c", Some("2"), 5), ("d", None, 7)]
        {
            lanes.push(pending(step, key, due));
        }
        assert_eq!(order(&mut lanes), "cdab");
    }

    #[test]
    fn what_nobody_answers_and_what_is_parked_holds_its_lane() {
        let mut lanes = Lanes::default();
        lanes.push(Pending { waits: true, ..pending("a", Some("1"), 1) });
        lanes.push(pending("b", Some("1"), 1));
        lanes.push(pending("c", Some("2"), 1));
        lanes.hold(&pending("x", Some("2"), 0));
        assert!(lanes.next().is_none());
        lanes.wake();
        assert_eq!(order(&mut lanes), "ab");
    }
}
