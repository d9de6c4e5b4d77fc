//! One case played: the message is taken by its channel, what follows is followed as far as responses are given.

use std::collections::BTreeMap;

use engine::value::Arena;
use engine::{
    Answering, Call, Channel, Concluded, Delivery, Endpoint, Engine, Fault, Inbound, Outcome, Policy,
    RecordWrite, Request, Route, Verdict, World,
};

use super::context::{Context, Response};
use super::memory::Series;
use super::page::Page;

/// Follow-ups of a message whose partners answer each other for ever.
const MOST: usize = 100;

/// All that the configuration makes of the message, as text.
#[must_use]
pub fn play(engine: &Engine, route: &Route, message: &[u8], context: &Context) -> String {
    let ids = Series::default();
    let world = World { now: context.now, ids: &ids, records: &context.records };
    let (said, page) = (BTreeMap::new(), Page::default());
    let mut play = Play { engine, context, world, said, left: MOST, page };
    match route.channel().and_then(|channel| engine.channel(channel)) {
        Some(channel) => play.take(channel, route, message),
        None => play.begin(route),
    }
    play.page.done()
}

struct Play<'p> {
    engine: &'p Engine,
    context: &'p Context,
    world: World<'p>,
    /// How many responses each endpoint has given.
    said: BTreeMap<String, usize>,
    /// Deliveries that may still be made.
    left: usize,
    page: Page,
}

/// What leads to deliveries, and what they are concluded with.
#[derive(Clone, Copy)]
struct Origin<'o> {
    message: &'o [u8],
    inbound: &'o Inbound,
}

impl Play<'_> {
    /// A message that comes over its channel.
    fn take(&mut self, channel: &Channel, route: &Route, message: &[u8]) {
        let arena = Arena::new();
        let engine = self.engine;
        let received = match engine.open(channel, message, &self.context.inbound, self.world, &arena) {
            Ok(received) => received,
            Err(fault) => return self.page.faults(channel.on_fault, &[fault]),
        };
        self.page.write(&format!("message {} over {}", received.message_type, channel.name));
        for (what, value) in [("id", &received.id), ("key", &received.key)] {
            if let Some(value) = value {
                self.page.within(|page| page.write(&format!("{what}: {value}")));
            }
        }
        let translated = engine.translate(channel, &received, &self.context.inbound, self.world, &arena);
        let translation = match translated {
            Ok(translation) => translation,
            Err(faults) => return self.page.faults(channel.on_fault, &faults),
        };
        if translation.route != route.name {
            self.page.write(&format!("taken by {}", translation.route));
        }
        let origin = Origin { message, inbound: &self.context.inbound };
        match translation.answering {
            Answering::Now(reply) => {
                self.page.reply(&reply);
                self.effects(origin, received.key.as_deref(), translation.deliveries, translation.records);
            }
            Answering::Call(call) => {
                let before = (translation.deliveries, translation.records);
                self.call(origin, received.key.as_deref(), *call, before);
            }
        }
    }

    /// A route that nobody asks for.
    fn begin(&mut self, route: &Route) {
        let (arena, nothing) = (Arena::new(), Inbound::default());
        match self.engine.unprompted(&route.name, &nothing, self.world, &arena) {
            Err(faults) => self.page.faults(Policy::Park, &faults),
            Ok(None) => self.page.write("nothing to do"),
            Ok(Some(translation)) => {
                let origin = Origin { message: b"{}", inbound: &nothing };
                self.effects(origin, None, translation.deliveries, translation.records);
            }
        }
    }

    /// The caller waits for the endpoint.
    fn call(
        &mut self,
        origin: Origin<'_>,
        key: Option<&str>,
        call: Call,
        (mut deliveries, mut records): (Vec<Delivery>, Vec<RecordWrite>),
    ) {
        self.page.write(&format!("call {}", call.request.endpoint));
        self.page.request(&call.request, None);
        let Some((outcome, response)) = self.response(&call.request) else { return };
        let arena = Arena::new();
        let called = Concluded {
            route: &call.route,
            step: "call",
            endpoint: &call.request.endpoint,
            message: origin.message,
            key,
            request: &call.request.body,
            response: response.as_ref().map(Said::seen),
            outcome,
        };
        match self.engine.called(called, origin.inbound, self.world, &arena) {
            Err(faults) => self.page.faults(Policy::Refuse, &faults),
            Ok(answered) => {
                match answered.reply {
                    Some(reply) => self.page.reply(&reply),
                    None if call.forward => self.page.write("answer: the response, as it comes"),
                    None => self.page.write("answer: a problem, for no answer says what the caller gets"),
                }
                // A call that failed leaves nothing.
                if outcome != Outcome::Failed {
                    deliveries.extend(answered.deliveries);
                    records.extend(answered.records);
                    self.effects(origin, key, deliveries, records);
                }
            }
        }
    }

    fn effects(
        &mut self,
        origin: Origin<'_>,
        key: Option<&str>,
        deliveries: Vec<Delivery>,
        records: Vec<RecordWrite>,
    ) {
        for write in &records {
            self.record(write);
        }
        for delivery in deliveries {
            self.deliver(origin, key, &delivery);
        }
    }

    fn record(&mut self, write: &RecordWrite) {
        self.page.record(write);
        if let Err(error) = self.context.records.write(write) {
            self.page.write(&format!("fault: {error}"));
        }
    }

    fn deliver(&mut self, origin: Origin<'_>, key: Option<&str>, delivery: &Delivery) {
        self.page.write(&format!("send {}", delivery.request.endpoint));
        self.page.request(&delivery.request, Some(delivery));
        let Some(left) = self.left.checked_sub(1) else {
            return self.page.write(&format!("more than {MOST} deliveries follow one another"));
        };
        self.left = left;
        let Some((outcome, response)) = self.response(&delivery.request) else { return };
        let arena = Arena::new();
        let concluded = Concluded {
            route: &delivery.route,
            step: &delivery.step,
            endpoint: &delivery.request.endpoint,
            message: origin.message,
            key: delivery.key.as_deref().or(key),
            request: &delivery.request.body,
            response: response.as_ref().map(Said::seen),
            outcome,
        };
        match self.engine.follow(concluded, &Inbound::default(), self.world, &arena) {
            Err(faults) => self.page.faults(Policy::Park, &faults),
            Ok(followed) => {
                self.page.enter();
                self.effects(origin, key, followed.deliveries, followed.records);
                self.page.leave();
            }
        }
    }

    /// What an endpoint says, attempt by attempt, up to its end; none where nothing more is given.
    fn response(&mut self, request: &Request) -> Option<(Outcome, Option<Said>)> {
        let endpoint = self.engine.endpoint(&request.endpoint)?;
        loop {
            let said = self.said.entry(request.endpoint.to_string()).or_default();
            let response = self.context.responses.get(&*request.endpoint)?.get(*said)?;
            *said += 1;
            let Response::Said { status, body } = response else {
                self.page.write("no response, and the attempts are spent");
                return Some((Outcome::Failed, None));
            };
            let said = Said { status: *status, body: body.clone() };
            let outcome = match self.verdict(endpoint, request, &said) {
                Ok(Verdict::Delivered) => Outcome::Delivered,
                Ok(Verdict::Rejected) => Outcome::Rejected,
                Ok(Verdict::Retry) => {
                    self.page.write(&format!("response {status}: it is tried again"));
                    continue;
                }
                Err(fault) => {
                    self.page.write(&format!("response {status}"));
                    self.page.faults(Policy::Park, &[fault]);
                    return None;
                }
            };
            let word = if outcome == Outcome::Delivered { "delivered" } else { "rejected" };
            self.page.write(&format!("response {status}: {word}"));
            return Some((outcome, Some(said)));
        }
    }

    fn verdict(&self, endpoint: &Endpoint, request: &Request, said: &Said) -> Result<Verdict, Fault> {
        self.engine.verdict(endpoint, &request.body, said.seen(), self.world, &Arena::new())
    }
}

/// A response that an endpoint has given.
struct Said {
    status: u16,
    body: Vec<u8>,
}

impl Said {
    fn seen(&self) -> engine::Response<'_> {
        engine::Response { status: self.status, body: &self.body }
    }
}
