//! The durable floor: messages, idempotency keys, deliveries in lanes, records.
//!
//! A lane is a sequence of deliveries made one after another. Its head is its first unfinished delivery (pending or in
//! flight); only heads are claimed. A delivery that is delivered, rejected or parked leaves its lane.

mod attempt;
#[cfg(test)]
mod contract;
mod error;
mod intake;
pub mod merge;
pub mod sqlite;
mod view;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

pub use attempt::{Capacity, Claimed, Discarded, Redriven, Response, Settlement, Verdict};
pub use error::Error;
pub use intake::{
    Acceptance, Accepted, Answer, Disposition, Exhausted, Idempotency, NewDelivery, NewMessage, Queued,
    RecordWrite, Resumption,
};
pub use view::{
    Attempt, AttemptOutcome, Counts, DeliveryDetail, DeliveryState, DeliverySummary, Filter, MessageDetail,
    MessageState, MessageSummary, Pause, Queue,
};

/// What the runtime needs of a database.
///
/// Writes are durable when their future resolves. A write whose future is dropped may still happen. Reads are short and
/// see every write that has resolved. Times are kept to the microsecond.
#[async_trait]
pub trait Store: Send + Sync {
    /// Commits a message with its answer, deliveries and records, or nothing. Deliveries that are
    /// [superfluous](NewDelivery::unless_pending) are left out.
    ///
    /// # Errors
    /// [`Error::RecordConflict`], [`Error::InvalidRecord`], [`Error::ForeignDelivery`], or what any call may meet:
    /// [`Error::Full`], [`Error::Failed`], [`Error::Backend`].
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, Error>;

    /// What a repeat of message `id` gets, before any work is spent on it: [`Accepted::Duplicate`] or
    /// [`Accepted::Conflict`] when the id is known, otherwise none. `accept` checks again.
    ///
    /// # Errors
    /// What any call may meet.
    fn first_answer(&self, scope: &str, id: &str, digest: &[u8; 32]) -> Result<Option<Accepted>, Error>;

    /// Takes heads that are due at `now`, earliest first, and counts an attempt of each; of all together and of each
    /// partner at most what `capacity` leaves.
    ///
    /// A claim that is not settled within `lease` is lost: its head is due again. Where that was the last attempt, it is
    /// claimed once more, with an attempt above `max_attempts`: to conclude it, not to make it. Parked when that is lost too.
    ///
    /// # Errors
    /// What any call may meet.
    async fn claim(
        &self,
        now: Timestamp,
        capacity: Capacity,
        lease: SignedDuration,
    ) -> Result<Vec<Claimed>, Error>;

    /// Commits the end of an attempt with its follow-ups and records, or nothing.
    ///
    /// # Errors
    /// [`Error::StaleFence`] when the claim is not current; those of [`accept`](Self::accept).
    async fn settle(&self, settlement: Settlement) -> Result<(), Error>;

    /// Puts the end of a claim's lease off, to `lease` from now.
    ///
    /// # Errors
    /// [`Error::StaleFence`] when the claim is not current any more; what any call may meet.
    async fn renew(
        &self,
        delivery: &str,
        fence: u64,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<(), Error>;

    /// When [`claim`](Self::claim) with this capacity next finds something: the earliest time a head is due or a lease
    /// ends, heads of partners without room left out.
    ///
    /// # Errors
    /// What any call may meet.
    fn next_due(&self, capacity: &Capacity) -> Result<Option<Timestamp>, Error>;

    /// Ends every claim as lost, whatever its lease; returns how many there were. For the start of a process that knows
    /// no other has claims.
    ///
    /// # Errors
    /// What any call may meet.
    async fn recover(&self, now: Timestamp) -> Result<usize, Error>;

    /// Makes a parked or rejected delivery pending again, at its old place in its lane and with all its attempts; of a
    /// message, all such deliveries. A message that was parked on arrival is queued. `id` is that of a delivery or a
    /// message.
    ///
    /// # Errors
    /// What any call may meet.
    async fn redrive(&self, id: &str, now: Timestamp) -> Result<Redriven, Error>;

    /// Gives up for good what is parked or pending: one delivery, of a message all of them, or a message that was parked on
    /// arrival. Lanes go on without them; an attempt under way comes to its end. `id` is that of a delivery or a message.
    ///
    /// # Errors
    /// What any call may meet.
    async fn discard(&self, id: &str, now: Timestamp) -> Result<Discarded, Error>;

    /// Forgets up to `limit` messages that are [over](MessageState::OVER) and were received before a time, with all that hangs
    /// on them, and up to `limit` records that have expired at `now`. Returns how many of both: fewer than `limit` says that
    /// no more are left. A forgotten message's id is new again.
    ///
    /// # Errors
    /// What any call may meet.
    async fn purge(&self, received_before: Timestamp, now: Timestamp, limit: usize) -> Result<usize, Error>;

    /// Holds back what comes from a partner, what goes to it, or both; none of both ends the pause.
    ///
    /// # Errors
    /// What any call may meet.
    async fn pause(&self, pause: Pause) -> Result<(), Error>;

    /// All that is held back, by partner.
    ///
    /// # Errors
    /// What any call may meet.
    fn pauses(&self) -> Result<Vec<Pause>, Error>;

    /// Up to `limit` messages that [`redrive`](Self::redrive) queued, oldest first.
    ///
    /// # Errors
    /// What any call may meet.
    fn queued(&self, limit: usize) -> Result<Vec<Queued>, Error>;

    /// Commits what came of translating a queued message again, or nothing; `false` when it is not queued any more.
    ///
    /// # Errors
    /// [`Error::KnownId`] when another message has its id; those of [`accept`](Self::accept).
    async fn resume(&self, resumption: Resumption) -> Result<bool, Error>;

    /// The record with this key, or with this value of the unique field `field`: JSON text of an object with all its
    /// fields, the key field included. One that has expired at `now` is not there any more.
    ///
    /// # Errors
    /// What any call may meet.
    fn find_record(
        &self,
        record: &str,
        field: Option<&str>,
        value: &str,
        now: Timestamp,
    ) -> Result<Option<String>, Error>;

    /// Up to `limit` records by key order, as [`find_record`](Self::find_record) gives them: all, or those whose field
    /// is a scalar of this text: `7` and `"7"` are the same. One that has expired at `now` is not there any more.
    ///
    /// # Errors
    /// What any call may meet.
    fn list_records(
        &self,
        record: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<String>, Error>;

    /// Messages that match every condition of the filter, newest first.
    ///
    /// # Errors
    /// What any call may meet.
    fn list(&self, filter: &Filter) -> Result<Vec<MessageSummary>, Error>;

    /// A message with its bodies and every attempt.
    ///
    /// # Errors
    /// What any call may meet.
    fn show(&self, id: &str) -> Result<Option<MessageDetail>, Error>;

    /// What waits, by destination.
    ///
    /// # Errors
    /// What any call may meet.
    fn queues(&self) -> Result<Vec<Queue>, Error>;

    /// How many messages stand where.
    ///
    /// # Errors
    /// What any call may meet.
    fn counts(&self) -> Result<Counts, Error>;

    /// Commits what changes nothing, to see whether a commit is possible.
    ///
    /// # Errors
    /// What any call may meet.
    async fn probe(&self) -> Result<(), Error>;
}
