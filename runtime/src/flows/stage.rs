//! The stage of a flow: its clock, what is under way, and what has happened.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use engine::diagnostic::{Code, Diagnostic, Diagnostics};
use engine::source::Span;
use engine::value::Arena;
use engine::{Delivery, Engine, Inbound, Policy, RecordWrite, Reply, Route, Trigger, World};
use jiff::{SignedDuration, Timestamp};

use super::Played;
use super::expectation::unmet;
use super::lanes::{Lanes, Origin, Pending};
use super::script::{Answer, Expected, Flow, Receive, Step};
use super::taking::{Doors, Said};
use crate::bundle;
use crate::cases::context::Response;
use crate::cases::memory::{Memory, Series};
use crate::cases::page::Page;
use crate::schedule::period;

/// Attempts and ticks of one flow; partners that answer each other for ever end here.
const MOST: u32 = 100_000;

pub(super) struct Stage<'s> {
    pub engine: &'s Engine,
    pub now: Timestamp,
    began: Timestamp,
    told: Timestamp,
    ids: Series,
    records: &'s Memory,
    responses: BTreeMap<String, VecDeque<Response>>,
    /// Where what is sent to our own address arrives; nowhere but in the sandbox.
    pub doors: Option<Doors<'s>>,
    /// First answers of messages with an id, by channel and id, each with what tells a repeat.
    pub answers: BTreeMap<(String, String), (Vec<u8>, Reply)>,
    pub lanes: Lanes,
    /// The routes that run as time passes, each with its next turn.
    ticks: Vec<(Arc<Route>, Duration, Timestamp)>,
    pub page: Page,
    /// Since the last `expect`.
    sent: Vec<(String, Vec<u8>)>,
    /// What waits for a person.
    pub parked: Vec<String>,
    left: u32,
    keys: u32,
    /// How many calls wait for each other.
    pub depth: usize,
    unmet: Diagnostics,
}

impl<'s> Stage<'s> {
    pub fn new(engine: &'s Engine, flow: &'s Flow, listen: &str) -> Self {
        let queue = |(name, said): (&String, &Vec<Response>)| (name.clone(), said.iter().cloned().collect());
        let mut stage = Self {
            engine,
            now: flow.now,
            began: flow.now,
            told: flow.now,
            ids: Series::default(),
            records: &flow.records,
            responses: flow.responses.iter().map(queue).collect(),
            doors: flow.sandbox.then(|| Doors::new(engine, listen)),
            answers: BTreeMap::new(),
            lanes: Lanes::default(),
            ticks: Vec::new(),
            page: Page::default(),
            sent: Vec::new(),
            parked: Vec::new(),
            left: MOST,
            keys: 0,
            depth: 0,
            unmet: Diagnostics::new(),
        };
        let played = engine.routes().filter(|route| stage.plays(&route.partner));
        let turns = played.filter_map(|route| {
            let period = period(&route.trigger)?;
            Some((Arc::clone(route), period, next_turn(flow.now, period)))
        });
        stage.ticks = turns.collect();
        stage
    }

    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Start(partner) => {
                self.page.write(&format!("# start {partner}"));
                self.start(partner);
            }
            Step::Receive(receive) => self.receive(receive),
            Step::Responses(said) => {
                for (name, said) in said {
                    self.responses.entry(name.clone()).or_default().extend(said.iter().cloned());
                }
                self.lanes.wake();
            }
            Step::Wait(time) => {
                self.page.write(&format!("# wait {:#}", signed(*time)));
                let until = self.later(*time);
                return self.run(until);
            }
            Step::Expect { at, sent } => return self.expect(*at, sent),
        }
        self.run(self.now);
    }

    pub fn done(mut self) -> Played {
        let under_way = |pending: &Pending| {
            let endpoint = &pending.delivery.request.endpoint;
            let why = if pending.waits { "nothing says what comes back" } else { "under way" };
            format!("{endpoint}: {why}")
        };
        let left: Vec<String> = self.lanes.left().map(under_way).collect();
        let parked = self.parked.iter().map(|what| format!("{what}: parked"));
        let left: Vec<String> = left.into_iter().chain(parked).collect();
        if !left.is_empty() {
            self.page.write("# left");
            left.iter().for_each(|line| self.page.write(line));
        }
        Played { text: self.page.done(), unmet: self.unmet }
    }

    pub fn world(&self) -> World<'_> {
        World { now: self.now, ids: &self.ids, records: self.records }
    }

    /// Whether the partner is on the stage: a sandbox is only where sandboxes play.
    fn plays(&self, partner: &str) -> bool {
        self.doors.is_some() || bundle::played(partner).is_none()
    }

    fn start(&mut self, partner: &str) {
        let starts = |route: &&Arc<Route>| route.trigger == Trigger::Start && *route.partner == *partner;
        for route in self.engine.routes().filter(starts) {
            self.begin(route, false);
        }
    }

    fn receive(&mut self, receive: &Receive) {
        self.page.write(&format!("# receive {}", receive.channel));
        let Some(channel) = self.engine.channel(&receive.channel) else { return };
        let said = self.take_in(channel, &receive.body, &receive.inbound, None);
        if let Some(answer) = &receive.answer {
            self.check_answer(answer, &said);
        }
    }

    fn check_answer(&mut self, expected: &Answer, said: &Said) {
        if let Some(status) = expected.status.filter(|status| *status != u32::from(said.status)) {
            self.fails(
                expected.at,
                format!("the answer should have status {status}, and {} came", said.status),
            );
        }
        let body = expected.body.as_ref().and_then(|body| unmet(body.as_json(), &said.body));
        if let Some(told) = body {
            self.fails(expected.at, format!("the answer: {told}"));
        }
        let text = expected.text.as_ref().filter(|text| text.as_bytes() != &*said.body);
        if text.is_some() {
            self.fails(expected.at, "the answer is another text".to_owned());
        }
    }

    fn expect(&mut self, at: Span, expected: &[Expected]) {
        let sent = std::mem::take(&mut self.sent);
        for (expected, sent) in expected.iter().zip(&sent) {
            let told = match &*sent.0 == expected.endpoint.as_str() {
                false => Some(format!("{} should be sent to here, and {} was", expected.endpoint, sent.0)),
                true => expected.body.as_ref().and_then(|body| unmet(body.as_json(), &sent.1)),
            };
            if let Some(told) = told {
                return self.fails(expected.at, told);
            }
        }
        let names = |sent: &[(String, Vec<u8>)]| {
            sent.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
        };
        if let Some(missing) = expected.get(sent.len()) {
            self.fails(missing.at, format!("nothing was sent to {} here", missing.endpoint));
        } else if let Some(more) = sent.get(expected.len()..).filter(|more| !more.is_empty()) {
            self.fails(at, format!("more was sent than is expected: {}", names(more)));
        }
    }

    fn fails(&mut self, at: Span, told: String) {
        self.unmet.push(Diagnostic::error(Code::Unmet, told, at));
    }

    /// All that is due until then, in the order of its times.
    fn run(&mut self, until: Timestamp) {
        loop {
            let delivery = self.lanes.next().filter(|(due, _)| *due <= until);
            let turns = self.ticks.iter().enumerate().map(|(at, (_, _, next))| (*next, at));
            let turn = turns.min().filter(|(next, _)| *next <= until);
            let Some(left) = self.left.checked_sub(1) else {
                return self.page.write(&format!("more than {MOST} things happen in one flow"));
            };
            match (delivery, turn) {
                (Some((due, at)), turn) if turn.is_none_or(|(next, _)| due <= next) => {
                    self.left = left;
                    self.now = self.now.max(due);
                    self.attempt(at);
                }
                (_, Some((next, at))) => {
                    self.left = left;
                    self.now = self.now.max(next);
                    self.turn(at);
                }
                (_, None) => break,
            }
        }
        self.now = until;
    }

    fn turn(&mut self, at: usize) {
        let now = self.now;
        let Some((route, period, next)) = self.ticks.get_mut(at) else { return };
        *next = next_turn(now, *period);
        let route = Arc::clone(route);
        self.begin(&route, true);
    }

    /// What a route does that nobody asks for; what is under way already is not begun again by a turn.
    fn begin(&mut self, route: &Route, turn: bool) {
        let (arena, nothing) = (Arena::new(), Inbound::default());
        let begun = self.engine.unprompted(&route.name, &nothing, self.world(), &arena);
        let (deliveries, records) = match begun {
            Err(faults) => {
                self.moment();
                self.page.write(&format!("run {}", route.name));
                self.page.faults(Policy::Park, &faults);
                if !turn {
                    self.parked.push(route.name.to_string());
                }
                return;
            }
            Ok(None) => return,
            Ok(Some(made)) => (made.deliveries, made.records),
        };
        let origin = Rc::new(Origin { message: b"{}".to_vec(), key: None });
        let pending = deliveries.into_iter().map(|delivery| self.pending(&origin, delivery));
        let mut wanted: Vec<Pending> = pending.collect();
        wanted.retain(|pending| !(turn && self.lanes.is_under_way(pending)));
        if wanted.is_empty() && records.is_empty() {
            return;
        }
        self.moment();
        self.page.write(&format!("run {}", route.name));
        self.keep(&records);
        wanted.into_iter().for_each(|pending| self.lanes.push(pending));
    }

    /// What a message or the end of a delivery causes.
    pub fn effects(&mut self, origin: &Rc<Origin>, deliveries: Vec<Delivery>, records: &[RecordWrite]) {
        self.keep(records);
        for delivery in deliveries {
            let pending = self.pending(origin, delivery);
            self.lanes.push(pending);
        }
    }

    fn keep(&mut self, records: &[RecordWrite]) {
        for write in records {
            self.page.record(write);
            if let Err(error) = self.records.write(write) {
                self.page.write(&format!("fault: {error}"));
            }
        }
    }

    /// What is asked once, and what is asked again, has a key of its own.
    pub fn fresh_key(&mut self) -> String {
        self.keys += 1;
        format!("key-{}", self.keys)
    }

    fn pending(&mut self, origin: &Rc<Origin>, delivery: Delivery) -> Pending {
        let (origin, due) = (Rc::clone(origin), self.later(delivery.after));
        let idempotency_key = self.fresh_key();
        let (attempts, shown, waits) = (0, false, false);
        Pending { delivery, origin, due, since: self.now, idempotency_key, attempts, shown, waits }
    }

    /// What was sent counts for `expect`, unless a sandbox did.
    pub fn sends(&mut self, route: &str, endpoint: &str, body: &[u8]) {
        let partner = route.split('/').next().unwrap_or_default();
        if bundle::played(partner).is_none() {
            self.sent.push((endpoint.to_owned(), body.to_vec()));
        }
    }

    /// The next thing that the flow says an endpoint says; none within none is no response at all.
    pub fn scripted(&mut self, endpoint: &str) -> Option<Option<Said>> {
        Some(match self.responses.get_mut(endpoint)?.pop_front()? {
            Response::Said { status, body } => Some(Said { status, body }),
            Response::Failed => None,
        })
    }

    /// Says what time it is, where it has become later.
    pub fn moment(&mut self) {
        if self.now != self.told {
            self.told = self.now;
            let passed = self.now.duration_since(self.began);
            let now = self.now.strftime("%Y-%m-%d %H:%M:%S");
            self.page.write(&format!("@ {now} (+{passed:#})"));
        }
    }

    pub fn later(&self, wait: Duration) -> Timestamp {
        self.now.checked_add(signed(wait)).unwrap_or(Timestamp::MAX)
    }
}

pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// The first multiple of the period after `now`.
fn next_turn(now: Timestamp, period: Duration) -> Timestamp {
    let period = i128::try_from(period.as_nanos()).unwrap_or(i128::MAX).max(1);
    let next = (now.as_nanosecond().div_euclid(period) + 1).saturating_mul(period);
    Timestamp::from_nanosecond(next).unwrap_or(Timestamp::MAX)
}
