//! The way of one inbound message: authenticate, read, recognise, translate, commit, answer.

mod answer;
mod asked;
mod beside;
mod call;
mod flight;
mod hand_over;
mod listening;
mod pace;
mod resume;
mod unprompted;

use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use engine::value::Arena;
use engine::{
    Answering, Channel, Conflict, Encoding, Engine, Fault, Inbound, Networks, Policy, Received, Translation,
    World,
};
use hyper::Request;
use hyper::body::{Body as _, Incoming};
use hyper::http::request;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use answer::{Summary, answer, conflict, into_response, parked, refuse, repeated, unavailable, waiting};
use beside::{headers, query};
use call::Calling;
use flight::Flights;
pub use listening::Error;
use listening::{Listening, listening};
pub use unprompted::{Tick, cause};

use crate::auth::{Denied, Guard};
use crate::coding::{self, Coding};
use crate::delivery::intake::{self, Origin};
use crate::inbound::router::Match;
use crate::inbound::{self, Paths, Peer, Refusal, Response, body, media, origin};
use crate::metrics::Metrics;
use crate::outbound::{Client, Upload};
use crate::pauses::Pauses;
use crate::store::{self, Acceptance, Accepted, Answer, Disposition, Idempotency, NewMessage, Store};
use crate::trace::Trace;
use crate::world::{RandomIds, StoredRecords, with_arena};

/// Kilobytes of all bodies that are being worked on: 256 MB.
const BODIES_IN_MEMORY: usize = 256 * 1024;
/// When a sender that found no room may come again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// When one may come again whose partner a person has paused.
const PAUSED_FOR: Duration = Duration::from_secs(60);

/// Takes messages in, by one generation of the configuration.
pub struct Service {
    engine: Arc<Engine>,
    channels: Vec<Listening>,
    paths: Paths,
    records: Arc<StoredRecords>,
    shared: Shared,
    flights: Flights,
    /// Kilobytes that bodies may still take.
    memory: Arc<Semaphore>,
}

/// What all generations share.
#[derive(Clone)]
pub struct Shared {
    pub store: Arc<dyn Store>,
    /// Tells the worker that something may be due.
    pub wake: Arc<Notify>,
    pub client: Arc<Client>,
    /// What they say of where a request comes from is believed.
    pub proxies: Networks,
    pub pauses: Pauses,
    pub metrics: Metrics,
    /// Callers may show certificates.
    pub certificates: bool,
}

/// Names and values of a path's parameters.
type Params = Vec<(String, String)>;

/// One message as it arrived over a channel.
struct Arrival<'r> {
    channel: &'r Channel,
    inbound: Inbound,
    trace: Trace,
    /// What was sent, to the byte: it is what is kept.
    body: Bytes,
    at: Timestamp,
}

/// What is to be done with a message, before anything is done.
enum Decision {
    /// Nothing to keep.
    Answer(Answer),
    Keep(Box<Acceptance>),
    Call(Box<Calling>),
    Refuse(Refusal),
}

impl Service {
    /// Whether messages can be taken in by this generation; `certificates` says whether callers may show some.
    ///
    /// # Errors
    /// [`Error`]
    pub fn check(engine: &Engine, certificates: bool) -> Result<(), Error> {
        listening(engine, certificates).map(drop)
    }

    /// # Errors
    /// [`Error`]
    pub fn new(engine: Arc<Engine>, records: Arc<StoredRecords>, shared: Shared) -> Result<Self, Error> {
        let (channels, paths) = listening(&engine, shared.certificates)?;
        let memory = Arc::new(Semaphore::new(BODIES_IN_MEMORY));
        Ok(Self { engine, channels, paths, records, shared, flights: Flights::default(), memory })
    }

    /// The same by another generation: what is under way and what there is room for are counted together.
    ///
    /// # Errors
    /// [`Error`]
    pub fn next(&self, engine: Arc<Engine>, records: Arc<StoredRecords>) -> Result<Self, Error> {
        let (channels, paths) = listening(&engine, self.shared.certificates)?;
        let (shared, flights, memory) = (self.shared.clone(), self.flights.clone(), Arc::clone(&self.memory));
        Ok(Self { engine, channels, paths, records, shared, flights, memory })
    }

    /// The answer to one request.
    pub async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Response {
        let started = Instant::now();
        let (head, incoming) = request.into_parts();
        let method = head.method.clone();
        let found = self.listening(method.as_str(), head.uri.path());
        let channel = found.as_ref().ok().map(|(listening, _)| Arc::clone(&listening.channel));
        let answered = match found {
            Ok((listening, params)) => self.take(listening, params, (head, incoming), peer).await,
            Err(refusal) => Err(refusal),
        };
        let (response, refused) = match answered {
            Ok(response) => (response, None),
            Err(refusal) => {
                let response = refusal.into_response();
                let status = response.status().as_u16();
                let channel = channel.as_ref().map_or("none", |channel| &*channel.name);
                tracing::warn!(channel, %method, status, "refused");
                (response, Some(status))
            }
        };
        let partner = channel.as_ref().map_or("", |channel| &*channel.partner);
        self.shared.metrics.answered(partner, refused, started.elapsed());
        response
    }

    async fn take(
        &self,
        listening: &Listening,
        path_params: Params,
        (head, incoming): (request::Parts, Incoming),
        peer: &Peer,
    ) -> Result<Response, Refusal> {
        let Listening { channel, guard, .. } = listening;
        if let Some(networks) = &channel.networks {
            let caller = origin::caller(peer.address.ip(), &head.headers, &self.shared.proxies);
            if !caller.is_some_and(|caller| networks.hold(caller)) {
                let from = peer.address.ip();
                tracing::warn!(channel = &*channel.name, %from, "an address that the channel does not take");
                return Err(Refusal::Forbidden);
            }
        }
        guard
            .check(&head.headers, peer.certificate.as_ref(), Timestamp::now())
            .map_err(|denied| unauthorized(channel, &denied))?;
        if self.shared.pauses.hold_messages(&channel.partner) {
            return Err(Refusal::Paused { retry_after: PAUSED_FOR });
        }
        let inbound = Inbound {
            headers: headers(&head.headers, channel.auth.as_ref()),
            query: query(head.uri.query()),
            path_params,
        };
        let trace = Trace::of(&head.headers);
        if channel.encoding == Encoding::Raw {
            let arrival = Arrival { channel, inbound, trace, body: Bytes::new(), at: Timestamp::now() };
            return Box::pin(self.stream(arrival, listening, incoming)).await;
        }
        let coding = match channel.method() {
            engine::Method::Get => Coding::Identity,
            _ => media::check(&head.headers, channel.encoding)?,
        };
        // Of what is compressed it is not known how large it becomes.
        let declared = incoming.size_hint().upper().filter(|_| coding == Coding::Identity);
        // Held until the answer: a body is in memory that long.
        let _room = self.room(declared, channel.max_body)?;
        let body = body::read(incoming, channel.max_body, body::TIMEOUT).await?;
        let body = coding.decode(body, channel.max_body).map_err(|error| match error {
            coding::Error::TooLarge => Refusal::TooLarge { limit: channel.max_body },
            coding::Error::Broken => Refusal::BadRequest { detail: "the body is not compressed as it says" },
        })?;
        let arrival = Arrival { channel, inbound, trace, body, at: Timestamp::now() };
        self.process(arrival, listening, None).await
    }

    /// A body that is not read on its way to an endpoint.
    async fn stream(
        &self,
        arrival: Arrival<'_>,
        listening: &Listening,
        incoming: Incoming,
    ) -> Result<Response, Refusal> {
        let limit = arrival.channel.max_body;
        if usize::try_from(incoming.size_hint().lower()).map_or(true, |declared| declared > limit) {
            body::discard(pin!(incoming)).await;
            return Err(Refusal::TooLarge { limit });
        }
        self.process(arrival, listening, Some(Upload::new(incoming, limit))).await
    }

    /// Room in memory for a body, or a refusal before memory grows: by its declared length, else by the longest.
    fn room(&self, declared: Option<u64>, limit: usize) -> Result<SemaphorePermit<'_>, Refusal> {
        let declared = declared.and_then(|length| usize::try_from(length).ok());
        let kilobytes = declared.unwrap_or(limit).min(limit) / 1024 + 1;
        let room = u32::try_from(kilobytes).ok().and_then(|room| self.memory.try_acquire_many(room).ok());
        room.ok_or(Refusal::Overloaded { retry_after: RETRY_AFTER })
    }

    fn listening(&self, method: &str, path: &str) -> Result<(&Listening, Params), Refusal> {
        match self.paths.find(method, path) {
            Match::Found { index, params } => {
                self.channels.get(index).map(|listening| (listening, params)).ok_or(Refusal::Internal)
            }
            Match::MethodNotAllowed { allow } => Err(Refusal::MethodNotAllowed { allow }),
            // A path may hold what belongs in no log.
            Match::NotFound => Err(Refusal::NotFound),
        }
    }

    async fn process(
        &self,
        arrival: Arrival<'_>,
        listening: &Listening,
        upload: Option<Upload>,
    ) -> Result<Response, Refusal> {
        // The records are read and the message is mapped: neither may hold up the other connections for long.
        let guard = Some(&listening.guard);
        let decision = listening.pace.run(arrival.body.len(), || self.decide(&arrival, guard));
        self.carry_out(&arrival, decision, upload).await
    }

    async fn carry_out(
        &self,
        arrival: &Arrival<'_>,
        decision: Decision,
        upload: Option<Upload>,
    ) -> Result<Response, Refusal> {
        match decision {
            Decision::Call(calling) => self.call(arrival, calling, upload).await,
            Decision::Answer(answer) => Ok(into_response(answer)),
            Decision::Refuse(refusal) => Err(unread(refusal, upload).await),
            Decision::Keep(acceptance) => self.accept(arrival, *acceptance).await.map(into_response),
        }
    }

    /// Keeps a message; where its records contradict others it is refused, or kept for a person.
    async fn accept(&self, arrival: &Arrival<'_>, acceptance: Acceptance) -> Result<Answer, Refusal> {
        let spare = (arrival.channel.on_fault == Policy::Park).then(|| acceptance.message.clone());
        let (record, field) = match self.keep(arrival.channel, acceptance).await {
            Err(store::Error::RecordConflict { record, field }) => (record, field),
            done => return done.unwrap_or_else(|error| Err(unavailable(arrival.channel, &error))),
        };
        let faults = [conflict(&record, &field)];
        let Some(message) = spare else { return Err(refuse(arrival.channel, &faults)) };
        let kept = self.keep(arrival.channel, parked(message, &arrival.inbound, &faults)).await;
        kept.unwrap_or_else(|error| Err(unavailable(arrival.channel, &error)))
    }

    /// One durable commit; only then is there an answer.
    async fn keep(
        &self,
        channel: &Channel,
        acceptance: Acceptance,
    ) -> Result<Result<Answer, Refusal>, store::Error> {
        let answer = acceptance.message.answer.clone();
        let summary = Summary::of(&acceptance);
        Ok(match self.shared.store.accept(acceptance).await? {
            Accepted::New => {
                summary.report(&self.shared.metrics);
                self.shared.wake.notify_one();
                Ok(answer)
            }
            known => repeated(channel, known),
        })
    }

    /// All that needs no waiting: from the bytes to what is to be committed.
    fn decide(&self, arrival: &Arrival<'_>, guard: Option<&Guard>) -> Decision {
        let json = match json_of(arrival) {
            Ok(json) => json,
            Err(fault) => return Decision::Refuse(refuse(arrival.channel, &[fault])),
        };
        let world = World { now: arrival.at, ids: &RandomIds, records: &*self.records };
        let checked = guard.map(|guard| guard.check_message((&arrival.body, &json), &arrival.inbound, world));
        if let Some(Err(denied)) = checked {
            return Decision::Refuse(unauthorized(arrival.channel, &denied));
        }
        with_arena(|arena| self.decide_in(arena, arrival, &json, world))
    }

    fn decide_in(&self, arena: &Arena, arrival: &Arrival<'_>, json: &[u8], world: World<'_>) -> Decision {
        let received = match self.engine.open(arrival.channel, json, &arrival.inbound, world, arena) {
            Ok(received) => received,
            Err(fault) => return self.fault(arrival, None, vec![fault]),
        };
        let idempotency = idempotency(arrival, &received);
        match self.engine.translate(arrival.channel, &received, &arrival.inbound, world, arena) {
            Ok(translation) => self.translated(arrival, received, idempotency, translation),
            Err(faults) => match self.first_answer(arrival, idempotency.as_ref()) {
                Some(known) => known,
                None => self.fault(arrival, Some((received, idempotency)), faults),
            },
        }
    }

    /// What the repeat of a message gets that has a fault today. Of all others the store tells when they are kept, and a call
    /// asks before it is made: hardly a message is a repeat.
    fn first_answer(&self, arrival: &Arrival<'_>, idempotency: Option<&Idempotency>) -> Option<Decision> {
        let known = idempotency?;
        match self.shared.store.first_answer(&known.scope, &known.id, &known.digest) {
            Ok(known) => {
                Some(repeated(arrival.channel, known?).map_or_else(Decision::Refuse, Decision::Answer))
            }
            Err(error) => Some(Decision::Refuse(unavailable(arrival.channel, &error))),
        }
    }

    fn translated(
        &self,
        arrival: &Arrival<'_>,
        received: Received<'_>,
        idempotency: Option<Idempotency>,
        translation: Translation,
    ) -> Decision {
        let reply = match translation.answering {
            Answering::Now(reply) => reply,
            Answering::Call(call) => {
                let mut message = new_message(arrival, Some(&received), idempotency, waiting());
                message.route = Some(translation.route.into());
                let (deliveries, records) = (translation.deliveries, translation.records);
                return Decision::Call(Box::new(Calling { call: *call, message, deliveries, records }));
            }
        };
        let answer = answer(reply);
        // A route that only answers has no effect, and without an id there is no repeat to tell: nothing is kept.
        let effects = !translation.deliveries.is_empty() || !translation.records.is_empty();
        if !effects && idempotency.is_none() {
            let (channel, trace) = (&*arrival.channel.name, arrival.trace.id());
            tracing::info!(channel, route = &*translation.route, trace, "answered");
            return Decision::Answer(answer);
        }
        let mut message = new_message(arrival, Some(&received), idempotency, answer);
        let origin = Origin { message_id: &message.id, depth: 0, at: arrival.at };
        let deliveries = intake::deliveries(translation.deliveries, &self.engine, origin);
        let records = intake::records(translation.records, arrival.at);
        message.route = Some(translation.route.into());
        Decision::Keep(Box::new(Acceptance { message, deliveries, records }))
    }

    /// Tells the sender, or keeps the message for a person, as the fault and the channel say.
    fn fault(
        &self,
        arrival: &Arrival<'_>,
        known: Option<(Received<'_>, Option<Idempotency>)>,
        faults: Vec<Fault>,
    ) -> Decision {
        let malformed = faults.iter().any(|fault| fault.kind == engine::fault::Kind::Malformed);
        let policy = match engine::policy(&faults) {
            Policy::Refuse if !malformed => arrival.channel.on_fault,
            policy => policy,
        };
        if policy != Policy::Park {
            return Decision::Refuse(refuse(arrival.channel, &faults));
        }
        let (received, idempotency) = known.unzip();
        let message = new_message(arrival, received.as_ref(), idempotency.flatten(), waiting());
        Decision::Keep(Box::new(parked(message, &arrival.inbound, &faults)))
    }
}

/// Why is for us to know: the caller is told nothing of it.
fn unauthorized(channel: &Channel, denied: &Denied) -> Refusal {
    tracing::warn!(channel = &*channel.name, reason = %denied.reason(), "wrong credentials");
    Refusal::Unauthorized { challenge: denied.challenge(&channel.name) }
}

/// What is said to a caller whose body nobody has read.
async fn unread(refusal: Refusal, upload: Option<Upload>) -> Refusal {
    if let Some(rest) = upload.and_then(Upload::into_body) {
        body::discard(pin!(rest)).await;
    }
    refusal
}

/// The JSON that the engine reads.
fn json_of<'r>(arrival: &'r Arrival<'_>) -> Result<Cow<'r, [u8]>, Fault> {
    inbound::json_of(arrival.channel.encoding, arrival.channel.method(), &arrival.body)
        .map_err(|error| Fault::new(engine::fault::Kind::Malformed, error.to_string()))
}

fn idempotency(arrival: &Arrival<'_>, received: &Received<'_>) -> Option<Idempotency> {
    let id = received.id.clone()?;
    // Where a conflict is ignored the id alone tells a repeat.
    let told_by = match arrival.channel.on_conflict {
        Conflict::Refuse => &*arrival.body,
        Conflict::Ignore => id.as_bytes(),
    };
    let digest = Sha256::digest(told_by).into();
    Some(Idempotency { scope: arrival.channel.name.to_string(), id, digest })
}

fn new_message(
    arrival: &Arrival<'_>,
    received: Option<&Received<'_>>,
    idempotency: Option<Idempotency>,
    answer: Answer,
) -> NewMessage {
    NewMessage {
        id: intake::fresh_id(),
        partner: arrival.channel.partner.to_string(),
        channel: arrival.channel.name.to_string(),
        route: None,
        message_type: received.map(|received| received.message_type.to_string()),
        idempotency,
        key: received.and_then(|received| received.key.clone()),
        received_at: arrival.at,
        body: arrival.body.to_vec(),
        inbound: None,
        trace: Some(arrival.trace.kept()),
        disposition: Disposition::Accepted,
        fault: None,
        answer,
    }
}
