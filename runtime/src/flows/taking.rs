//! How the stage takes a message in, and how what is sent is answered.

use std::rc::Rc;
use std::sync::Arc;

use engine::value::Arena;
use engine::{
    Answering, Call, Channel, Concluded, Conflict, Encoding, Endpoint, Engine, Fault, Inbound, Outcome,
    Policy, Reply, Request, Verdict,
};

use super::lanes::Origin;
use super::stage::Stage;
use crate::auth::Guard;
use crate::cases::told::policy;
use crate::inbound::{self, Paths, router::Match};
use crate::outbound;

/// Calls that wait for each other.
const DEEPEST: usize = 16;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Said {
    pub fn seen(&self) -> engine::Response<'_> {
        engine::Response { status: self.status, body: &self.body }
    }

    fn empty(status: u16) -> Self {
        Self { status, body: Vec::new() }
    }
}

/// Channels by their paths, below our own address.
pub(super) struct Doors<'d> {
    listen: String,
    paths: Paths,
    channels: Vec<&'d Arc<Channel>>,
}

impl<'d> Doors<'d> {
    pub fn new(engine: &'d Engine, listen: &str) -> Self {
        let open = || engine.channels().filter_map(|channel| Some((channel, channel.door.as_ref()?)));
        let paths = Paths::new(open().map(|(_, (method, path))| (method.as_str(), &**path)));
        Self {
            listen: listen.to_owned(),
            paths: paths.unwrap_or_default(),
            channels: open().map(|(channel, _)| channel).collect(),
        }
    }

    /// Where a request arrives that goes to our own address, and what comes with it.
    fn find(&self, request: &Request, key: &str) -> Option<Option<(&'d Arc<Channel>, Inbound)>> {
        let rest = request.url.strip_prefix(&self.listen)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let Match::Found { index, params } = self.paths.find(request.method.as_str(), path) else {
            return Some(None);
        };
        let mut headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        headers.push(("idempotency-key".to_owned(), key.to_owned()));
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let inbound = Inbound { headers, query, path_params: params };
        Some(self.channels.get(index).map(|channel| (*channel, inbound)))
    }
}

/// Who has written a message that comes in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// We ourselves: it was handed over.
    Us,
    /// A partner's sandbox, which signs as the partner would.
    Sandbox,
}

impl Stage<'_> {
    /// Takes a message in over a channel; without a writer it is the flow's own, which shows no credentials.
    pub fn take_in(
        &mut self,
        channel: &Channel,
        body: &[u8],
        inbound: &Inbound,
        writer: Option<Writer>,
    ) -> Said {
        self.moment();
        let json = match inbound::json_of(channel.encoding, channel.method(), body) {
            // A flow's own message is written as JSON, whatever the channel reads.
            Ok(json) if writer == Some(Writer::Sandbox) || channel.encoding == Encoding::Raw => {
                json.into_owned()
            }
            _ => body.to_vec(),
        };
        if writer == Some(Writer::Sandbox) && !self.is_signed(channel, (body, &json), inbound) {
            self.page.write(&format!("refused by {}: the signature is wrong", channel.name));
            return Said::empty(401);
        }
        let arena = Arena::new();
        let (engine, world) = (self.engine, self.world());
        let worked = engine.open(channel, &json, inbound, world, &arena).map_err(|fault| vec![fault]);
        let worked = worked.map(|received| {
            let known = received.id.as_ref().and_then(|id| {
                let known = self.answers.get(&(channel.name.to_string(), id.clone()))?;
                Some((known.0 == told_by(channel, id, body), known.1.clone()))
            });
            let message = (received.message_type.clone(), received.id.clone(), received.key.clone());
            match known {
                Some(known) => (message, Err(known)),
                None => (message, Ok(engine.translate(channel, &received, inbound, world, &arena))),
            }
        });
        let ((kind, id, key), done) = match worked {
            Ok(worked) => worked,
            Err(faults) => {
                self.page.write(&format!("message over {}", channel.name));
                return self.faults(channel, "message", &faults);
            }
        };
        self.page.write(&format!("message {kind} over {}", channel.name));
        let translation = match done {
            Err((true, reply)) => {
                self.page.write("it came before: the first answer is given again");
                return said(&reply);
            }
            Err((false, _)) => {
                self.page.write("refused: a message with this id and another body came before");
                return Said::empty(409);
            }
            Ok(Err(faults)) => return self.faults(channel, &kind, &faults),
            Ok(Ok(translation)) => translation,
        };
        self.page.within(|page| page.write(&format!("taken by {}", translation.route)));
        let origin = Rc::new(Origin { message: json, key });
        let remember = id.map(|id| {
            let told_by = told_by(channel, &id, body);
            ((channel.name.to_string(), id), told_by)
        });
        let reply = match translation.answering {
            Answering::Now(reply) => {
                self.effects(&origin, translation.deliveries, &translation.records);
                reply
            }
            Answering::Call(call) => {
                let before = (translation.deliveries, translation.records);
                match self.call(&origin, inbound, *call, before) {
                    Ok(reply) => reply,
                    Err(said) => return said,
                }
            }
        };
        self.page.reply(&reply);
        let said = said(&reply);
        if let Some((id, told_by)) = remember {
            self.answers.insert(id, (told_by, reply));
        }
        said
    }

    fn is_signed(&self, channel: &Channel, texts: (&[u8], &[u8]), inbound: &Inbound) -> bool {
        let Some(channel) = self.engine.channel(&channel.name) else { return false };
        let Ok(guard) = Guard::new(channel) else { return false };
        guard.check_message(texts, inbound, self.world()).is_ok()
    }

    fn faults(&mut self, channel: &Channel, what: &str, faults: &[Fault]) -> Said {
        let malformed = faults.iter().any(|fault| fault.kind == engine::fault::Kind::Malformed);
        let on_fault = if malformed { Policy::Refuse } else { channel.on_fault };
        self.page.faults(on_fault, faults);
        match policy(on_fault, faults) {
            _ if malformed => Said::empty(400),
            Policy::Refuse => Said::empty(422),
            Policy::Retry => Said::empty(503),
            Policy::Park => {
                self.parked.push(format!("{} of {}", what, channel.name));
                Said::empty(202)
            }
        }
    }

    /// The caller waits for the endpoint; what it gets without an answer of the route is a problem.
    fn call(
        &mut self,
        origin: &Rc<Origin>,
        inbound: &Inbound,
        call: Call,
        (mut deliveries, mut records): (Vec<engine::Delivery>, Vec<engine::RecordWrite>),
    ) -> Result<Reply, Said> {
        let Some(endpoint) = self.engine.endpoint(&call.request.endpoint).map(Arc::clone) else {
            return Err(Said::empty(500));
        };
        self.page.write(&format!("call {}", endpoint.name));
        self.page.request(&call.request, None);
        self.sends(&call.route, &endpoint.name, &call.request.body);
        self.page.enter();
        let key = self.fresh_key();
        let response = self.respond(&endpoint, &call.request, &key).flatten();
        self.page.leave();
        let outcome = self.judge(&endpoint, &call.request, response.as_ref());
        let arena = Arena::new();
        let called = Concluded {
            route: &call.route,
            step: "call",
            endpoint: &endpoint.name,
            message: &origin.message,
            key: origin.key.as_deref(),
            request: &call.request.body,
            response: response.as_ref().map(Said::seen),
            outcome,
        };
        let answered = match self.engine.called(called, inbound, self.world(), &arena) {
            Ok(answered) => answered,
            Err(faults) => {
                self.page.faults(Policy::Refuse, &faults);
                return Err(Said::empty(502));
            }
        };
        // A call that failed leaves nothing.
        if outcome != Outcome::Failed {
            deliveries.extend(answered.deliveries);
            records.extend(answered.records);
            self.effects(origin, deliveries, &records);
        }
        match (answered.reply, response) {
            (Some(reply), _) => Ok(reply),
            (None, Some(response)) if call.forward => {
                self.page.write("answer: the response, as it comes");
                Err(response)
            }
            (None, _) => {
                self.page.write("answer: a problem, for no answer says what the caller gets");
                Err(Said::empty(502))
            }
        }
    }

    fn judge(&mut self, endpoint: &Endpoint, request: &Request, response: Option<&Said>) -> Outcome {
        let Some(said) = response else {
            self.page.write("no response");
            return Outcome::Failed;
        };
        let arena = Arena::new();
        let verdict = self.engine.verdict(endpoint, &request.body, said.seen(), self.world(), &arena);
        let (outcome, word) = match verdict {
            Ok(Verdict::Delivered) => (Outcome::Delivered, "delivered"),
            Ok(Verdict::Rejected) => (Outcome::Rejected, "rejected"),
            Ok(Verdict::Retry) | Err(_) => (Outcome::Failed, "failed"),
        };
        self.page.write(&format!("response {}: {word}", said.status));
        if let Err(fault) = verdict {
            self.page.faults(Policy::Refuse, &[fault]);
        }
        outcome
    }

    /// What comes back of a request: none where nothing says so, none within it where there is no response at all.
    pub fn respond(&mut self, endpoint: &Endpoint, request: &Request, key: &str) -> Option<Option<Said>> {
        if self.depth >= DEEPEST {
            self.page.write(&format!("more than {DEEPEST} calls wait for each other"));
            return Some(None);
        }
        self.depth += 1;
        let said = self.respond_within(endpoint, request, key);
        self.depth -= 1;
        said
    }

    fn respond_within(&mut self, endpoint: &Endpoint, request: &Request, key: &str) -> Option<Option<Said>> {
        if let Some(name) = endpoint.channel() {
            let channel = self.engine.channel(name).map(Arc::clone)?;
            let headers = vec![("idempotency-key".to_owned(), key.to_owned())];
            let inbound = Inbound { headers, ..Inbound::default() };
            return Some(Some(self.take_in(&channel, &request.body, &inbound, Some(Writer::Us))));
        }
        if let Some(said) = self.scripted(&endpoint.name) {
            return Some(said);
        }
        let found = self.doors.as_ref()?.find(request, key)?;
        let Some((channel, inbound)) = found else { return Some(Some(Said::empty(404))) };
        let content_type = outbound::content_type(request.encoding);
        let body = outbound::encoded(content_type, &endpoint.outgoing(&request.body));
        let channel = Arc::clone(channel);
        Some(Some(self.take_in(&channel, &body, &inbound, Some(Writer::Sandbox))))
    }
}

fn said(reply: &Reply) -> Said {
    Said { status: reply.status, body: reply.body.clone() }
}

/// What tells a repeat from another message with the same id.
fn told_by(channel: &Channel, id: &str, body: &[u8]) -> Vec<u8> {
    match channel.on_conflict {
        Conflict::Refuse => body.to_vec(),
        Conflict::Ignore => id.as_bytes().to_vec(),
    }
}
