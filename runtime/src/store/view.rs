//! What an operator sees.

use jiff::Timestamp;

use super::{Answer, Response};

/// Where a message stands, derived from its deliveries where it has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    /// A delivery is still pending or in flight.
    Accepted,
    /// Every delivery was delivered.
    Delivered,
    /// A delivery was rejected, none is parked or open.
    Rejected,
    /// The message or one of its deliveries waits for a person.
    Parked,
    /// There was nothing to deliver.
    Done,
    /// It was parked on arrival and is to be translated again.
    Queued,
    /// A person has given up what was left of it.
    Discarded,
    /// A later message has taken the place of what was left of it.
    Superseded,
}

impl MessageState {
    /// Every state, in the order they are shown.
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Delivered,
        Self::Rejected,
        Self::Parked,
        Self::Done,
        Self::Queued,
        Self::Discarded,
        Self::Superseded,
    ];

    /// Those in which nothing is left to be done, by us or by a person.
    pub const OVER: [Self; 5] =
        [Self::Delivered, Self::Rejected, Self::Done, Self::Discarded, Self::Superseded];

    /// The state that deliveries in these states give their message; none if there are none.
    pub fn of(deliveries: impl IntoIterator<Item = DeliveryState>) -> Option<Self> {
        deliveries.into_iter().map(Self::owed_to).max_by_key(|state| state.weight())
    }

    /// The name shown to people and taken by filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
            Self::Parked => "parked",
            Self::Done => "done",
            Self::Queued => "queued",
            Self::Discarded => "discarded",
            Self::Superseded => "superseded",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    const fn owed_to(delivery: DeliveryState) -> Self {
        match delivery {
            DeliveryState::Pending | DeliveryState::InFlight => Self::Accepted,
            DeliveryState::Delivered => Self::Delivered,
            DeliveryState::Rejected => Self::Rejected,
            DeliveryState::Parked => Self::Parked,
            DeliveryState::Discarded => Self::Discarded,
            DeliveryState::Superseded => Self::Superseded,
        }
    }

    /// What needs a person outweighs what is still open, and that outweighs what is over.
    const fn weight(self) -> u8 {
        match self {
            Self::Done | Self::Queued => 0,
            Self::Delivered => 1,
            Self::Superseded => 2,
            Self::Discarded => 3,
            Self::Rejected => 4,
            Self::Accepted => 5,
            Self::Parked => 6,
        }
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Pending,
    InFlight,
    Delivered,
    Rejected,
    Parked,
    /// A person has given it up.
    Discarded,
    /// A later delivery of its lane has taken its place.
    Superseded,
}

impl DeliveryState {
    /// The name shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InFlight => "in flight",
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
            Self::Parked => "parked",
            Self::Discarded => "discarded",
            Self::Superseded => "superseded",
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    Delivered,
    Retry,
    Rejected,
    Parked,
    /// Never settled: the process died or the lease ran out. Whether the destination got it is unknown.
    Lost,
    /// It was sent and nothing came back: the destination may have acted.
    Unknown,
}

impl AttemptOutcome {
    /// The name shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retry => "retry",
            Self::Rejected => "rejected",
            Self::Parked => "parked",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }
}

/// Which messages to list. The default is all of them, none of which fit: set a limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The sender.
    pub partner: Option<String>,
    pub route: Option<String>,
    pub state: Option<MessageState>,
    /// The order key.
    pub key: Option<String>,
    /// Received at this time or later.
    pub since: Option<Timestamp>,
    /// Received before this time.
    pub until: Option<Timestamp>,
    /// Those that came before the message with this id: the next page begins after the last of this one.
    pub before: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A message without its bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSummary {
    pub id: String,
    pub partner: String,
    pub channel: String,
    pub route: Option<String>,
    pub message_type: Option<String>,
    pub key: Option<String>,
    pub received_at: Timestamp,
    pub state: MessageState,
    /// Why it was parked on arrival: JSON text.
    pub fault: Option<String>,
    /// In the order they were made.
    pub deliveries: Vec<DeliverySummary>,
}

/// A delivery without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySummary {
    pub id: String,
    pub route: String,
    pub step: String,
    pub partner: String,
    pub endpoint: String,
    pub state: DeliveryState,
    /// Attempts begun since it was made or last redriven.
    pub attempts: u32,
    /// When the next attempt is due; only of a pending delivery that is the first of its lane.
    pub next_due: Option<Timestamp>,
    /// It is pending, and another of its lane comes first.
    pub behind: bool,
    /// The fault of the last settled attempt: JSON text.
    pub last_fault: Option<String>,
}

/// A message with everything known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// Its deliveries are the summaries of [`deliveries`](Self::deliveries), in the same order.
    pub summary: MessageSummary,
    pub body: Vec<u8>,
    pub answer: Answer,
    pub deliveries: Vec<DeliveryDetail>,
}

/// A delivery with its request and its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDetail {
    pub id: String,
    pub lane: String,
    pub idempotency_key: String,
    pub method: String,
    pub url: String,
    pub content_type: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub max_attempts: u32,
    /// Ended attempts, oldest first, those before a redrive included.
    pub attempts: Vec<Attempt>,
}

/// One ended attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// 1-based; begins anew after a redrive.
    pub number: u32,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub outcome: AttemptOutcome,
    pub response: Option<Response>,
    /// JSON text.
    pub fault: Option<String>,
}

/// How many messages stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub accepted: u64,
    pub delivered: u64,
    pub rejected: u64,
    pub parked: u64,
    pub done: u64,
    pub queued: u64,
    pub discarded: u64,
    pub superseded: u64,
}

impl Counts {
    /// By the name of the state.
    #[must_use]
    pub fn by_state(&self) -> [(&'static str, u64); 8] {
        MessageState::ALL.map(|state| {
            let count = match state {
                MessageState::Accepted => self.accepted,
                MessageState::Delivered => self.delivered,
                MessageState::Rejected => self.rejected,
                MessageState::Parked => self.parked,
                MessageState::Done => self.done,
                MessageState::Queued => self.queued,
                MessageState::Discarded => self.discarded,
                MessageState::Superseded => self.superseded,
            };
            (state.name(), count)
        })
    }
}

/// What waits for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub partner: String,
    /// Lanes with a delivery that is pending or in flight.
    pub lanes: u64,
    /// Since when the oldest of their heads is tried.
    pub since: Timestamp,
}

/// What a person holds back of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub partner: String,
    /// Nothing is taken in from it.
    pub messages: bool,
    /// Nothing is delivered to it.
    pub deliveries: bool,
    pub since: Timestamp,
}
