//! What an accept commits: a message, the answer its sender gets, its deliveries and record writes.

use jiff::Timestamp;

/// Everything one inbound message leaves behind, committed together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    pub message: NewMessage,
    /// In the order in which they enter their lanes.
    pub deliveries: Vec<NewDelivery>,
    pub records: Vec<RecordWrite>,
}

/// The outcome of an accept that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// The message is durable.
    New,
    /// The same id with the same body came before; this is the answer it got. Nothing was written.
    Duplicate(Answer),
    /// The same id came before with another body. Nothing was written.
    Conflict,
    /// All that there was to do is still under way since an earlier time. Nothing was written.
    Superfluous,
}

/// A message as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// UUID v7 as text.
    pub id: String,
    /// The partner that sent it.
    pub partner: String,
    /// Of a message that nobody sent, what caused it: `on: start`.
    pub channel: String,
    /// The route that took it, if any did.
    pub route: Option<String>,
    pub message_type: Option<String>,
    /// None where the channel declares no message id: then every message is new.
    pub idempotency: Option<Idempotency>,
    /// The order key, as shown to an operator; the lanes of the deliveries are what keeps order.
    pub key: Option<String>,
    pub received_at: Timestamp,
    pub body: Vec<u8>,
    /// Of a message that is parked, what came beside the body and is needed to translate it again: JSON text.
    pub inbound: Option<String>,
    /// The trace that it belongs to, for what is called because of it.
    pub trace: Option<String>,
    pub disposition: Disposition,
    /// JSON text.
    pub fault: Option<String>,
    /// What the sender is answered, now and when it repeats the message.
    pub answer: Answer,
}

/// What becomes of a message on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    Accepted,
    /// It could not be processed and waits for a person.
    Parked,
    /// The partner that was called for it refused.
    Rejected,
}

/// A message that was parked on arrival and is to be translated again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    pub id: String,
    pub channel: String,
    pub route: Option<String>,
    pub body: Vec<u8>,
    /// As it was accepted with the message.
    pub inbound: Option<String>,
}

/// What came of translating a queued message again: what it causes, or once more a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    pub message_id: String,
    pub message_type: Option<String>,
    pub route: Option<String>,
    /// The message's id, where it has one by now; repeats of it get the message's answer from now on.
    pub idempotency: Option<Idempotency>,
    /// The order key, as shown to an operator.
    pub key: Option<String>,
    /// JSON text; with a fault the message is parked again and causes nothing.
    pub fault: Option<String>,
    pub deliveries: Vec<NewDelivery>,
    pub records: Vec<RecordWrite>,
}

/// What makes two messages the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Ids are unique within their scope: the name of a channel, or of a route that runs by itself.
    pub scope: String,
    pub id: String,
    /// SHA-256 of the body: the same id with another digest is a conflict.
    pub digest: [u8; 32],
}

/// The response a sender got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 0 where nobody asked.
    pub status: u16,
    pub content_type: String,
    /// Names in lower case, `content-type` not among them.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// One request to be made of a partner's endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// UUID v7 as text.
    pub id: String,
    /// The message it is committed with, or that the settled delivery came from.
    pub message_id: String,
    pub route: String,
    /// Where in the route's plan this send stands: `send`, `then.delivered.0`.
    pub step: String,
    /// The destination.
    pub partner: String,
    /// `<partner>/<endpoint>`.
    pub endpoint: String,
    /// Deliveries of one lane are made one after another, in the order of their commits.
    pub lane: String,
    /// The same on every attempt.
    pub idempotency_key: String,
    pub method: String,
    pub url: String,
    /// How the body goes out; empty where none does.
    pub content_type: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// JSON, whatever goes out.
    pub body: Vec<u8>,
    /// Not before this time.
    pub due: Timestamp,
    pub max_attempts: u32,
    /// What becomes of it where it is given up.
    pub on_exhausted: Exhausted,
    /// How many deliveries led to this one; bounds chains of follow-ups.
    pub depth: u16,
    /// It is left out while another message has an unfinished delivery of its route in its lane.
    pub unless_pending: bool,
}

/// What becomes of a delivery that is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exhausted {
    /// It waits for a person; its lane goes on without it.
    #[default]
    ParkMessage,
    /// It waits for a person at the head of its lane, which waits with it.
    ParkKey,
    /// Where a later delivery of its lane goes to the same endpoint it is superseded; else it waits for a person.
    LatestWins,
}

/// An upsert of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWrite {
    /// `<partner>.<record>`.
    pub record: String,
    /// The name of the key field; added to the stored object where `json` lacks it.
    pub key_field: String,
    pub key: String,
    /// Values of unique fields, by name. A new value of a field replaces the key's former one.
    pub unique: Vec<(String, String)>,
    /// JSON text of an object. Its fields replace those stored, other stored fields stay; values keep their spelling.
    pub json: String,
    pub at: Timestamp,
    /// From this time on the record may be purged, and counts as absent.
    pub expires: Option<Timestamp>,
}
