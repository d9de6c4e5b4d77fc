//! The life of a delivery between claim and settle.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{AttemptOutcome, NewDelivery, RecordWrite};

/// How many deliveries may be claimed: a partner that hangs must not take the room of all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Of all partners together.
    pub total: usize,
    /// Of one destination that is not among `rooms`.
    pub per_partner: usize,
    /// Of these destinations.
    pub rooms: BTreeMap<String, usize>,
}

impl Capacity {
    /// How many more of this destination.
    #[must_use]
    pub fn room(&self, partner: &str) -> usize {
        self.rooms.get(partner).copied().unwrap_or(self.per_partner).min(self.total)
    }
}

/// A delivery whose attempt belongs to the caller until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub delivery: NewDelivery,
    /// 1-based, this one included. Above `max_attempts` when the last one was lost: then no call is allowed any more.
    pub attempt: u32,
    /// Goes back with the settlement; grows with every claim of the delivery.
    pub fence: u64,
    /// Since when it is tried: it was made then, or a person has asked for it again.
    pub since: Timestamp,
    /// The attempt before this one was lost: whether the destination got it is not known.
    pub after_lost: bool,
    /// The body of the message the delivery came from.
    pub message: Vec<u8>,
    /// The partner that sent the message.
    pub message_partner: String,
    pub message_channel: String,
    pub message_route: Option<String>,
    /// As it was accepted with the message.
    pub trace: Option<String>,
}

/// How an attempt ended and what follows from it, committed together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub delivery_id: String,
    /// From the claim.
    pub fence: u64,
    pub at: Timestamp,
    pub verdict: Verdict,
    /// The destination may have acted, though nothing came back.
    pub unknown: bool,
    pub response: Option<Response>,
    /// JSON text.
    pub fault: Option<String>,
    /// Follow-ups; they enter their lanes behind everything already there.
    pub deliveries: Vec<NewDelivery>,
    pub records: Vec<RecordWrite>,
}

impl Settlement {
    /// How the attempt has ended.
    #[must_use]
    pub const fn outcome(&self) -> AttemptOutcome {
        match self.verdict {
            _ if self.unknown => AttemptOutcome::Unknown,
            Verdict::Delivered => AttemptOutcome::Delivered,
            Verdict::Retry { .. } => AttemptOutcome::Retry,
            Verdict::Rejected => AttemptOutcome::Rejected,
            Verdict::Parked => AttemptOutcome::Parked,
        }
    }
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// It keeps its place at the head of its lane until `due`.
    Retry {
        due: Timestamp,
    },
    Rejected,
    /// It is given up: what becomes of it and its lane is the delivery's [`Exhausted`](super::Exhausted).
    Parked,
}

/// What the destination said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What a redrive found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redriven {
    /// No message and no delivery has this id.
    Unknown,
    /// So many deliveries are pending again; none if none was parked or rejected.
    Deliveries(usize),
    /// The message was parked on arrival; it is queued to be translated again.
    Message,
    /// There were only deliveries that a later one has taken the place of.
    Superseded,
}

/// What a discard found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discarded {
    /// No message and no delivery has this id.
    Unknown,
    /// So many deliveries are given up for good; none if none was parked or pending.
    Deliveries(usize),
    /// The message was parked on arrival and is given up for good.
    Message,
}
