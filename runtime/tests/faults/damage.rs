//! The files of a killed process are damaged: what is read is what was committed, or nothing is read and that is said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use runtime::store::sqlite::SqliteStore;
use runtime::store::{Capacity, DeliveryState, Filter, MessageDetail, Store};

use crate::form::form;
use crate::harness::Partner;
use crate::oracle::Oracle;

const ALL: usize = 1_000_000;
const PAGE: usize = 8192;

/// The bytes of a database and its log.
struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
    /// Bytes of the log that are in the database already: it was synced that far before they were moved, and no crash takes
    /// them from it.
    moved: usize,
}

/// What a damaged database says.
enum Read {
    Messages(Vec<MessageDetail>),
    Refused(String),
}

impl Files {
    /// Of a process that was killed while some of its messages were delivered and others waited.
    async fn of_a_killed_process() -> Self {
        let mut oracle = Oracle::new(12, Partner::start());
        let folder = oracle.folder();
        let process = oracle.start(&folder).await;
        let sending = oracle.send(&process);
        oracle.happens(150).await;
        process.kill();
        sending.gone().await;
        let log = std::fs::read(log_of(&folder.store())).unwrap();
        let index = std::fs::read(folder.store().with_extension("db-shm")).unwrap();
        Self { database: std::fs::read(folder.store()).unwrap(), log, moved: moved(&index) }
    }

    /// The same with all of the log in the database.
    async fn folded(&self) -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = self.write(place.path());
        drop(SqliteStore::open(&path).unwrap());
        Self { database: std::fs::read(path).unwrap(), log: Vec::new(), moved: 0 }
    }

    fn write(&self, place: &Path) -> PathBuf {
        let path = place.join("tolmach.db");
        std::fs::write(&path, &self.database).unwrap();
        std::fs::write(log_of(&path), &self.log).unwrap();
        path
    }

    /// Opens a copy as a process does, and reads all of it.
    async fn read(&self) -> Read {
        let place = tempfile::tempdir().unwrap();
        let path = self.write(place.path());
        match SqliteStore::open(&path) {
            Ok(store) => {
                read(&store).await.map_or_else(|error| Read::Refused(error.to_string()), Read::Messages)
            }
            Err(error) => Read::Refused(error.to_string()),
        }
    }
}

/// The bytes of the log before its first page that cannot be in the database: a header, and pages with one each. A move that
/// a kill has broken off counts: `nBackfillAttempted` (<https://www.sqlite.org/walformat.html>, sections 2.1, 2.2 and 3.2).
fn moved(index: &[u8]) -> usize {
    let pages = u32::from_ne_bytes(index[128..132].try_into().unwrap());
    32 + usize::try_from(pages).unwrap() * (24 + PAGE)
}

fn log_of(database: &Path) -> PathBuf {
    database.with_extension("db-wal")
}

/// Every message, oldest first, once what must hold of lanes has been seen to hold.
async fn read(store: &SqliteStore) -> Result<Vec<MessageDetail>, runtime::store::Error> {
    let now = Timestamp::now() + SignedDuration::from_hours(1);
    store.recover(now).await?;
    let mut all = store.list(&Filter { limit: ALL, ..Filter::default() })?;
    all.reverse();
    let mut messages = Vec::new();
    for message in all {
        messages.push(store.show(&message.id)?.expect("what is listed can be shown"));
    }
    let capacity = Capacity { total: ALL, per_partner: ALL, rooms: [].into() };
    let claimed = store.claim(now, capacity, SignedDuration::from_secs(60)).await?;
    let heads: BTreeSet<&str> = claimed.iter().map(|claimed| &*claimed.delivery.id).collect();
    assert_heads(&heads, &messages);
    Ok(messages)
}

/// One delivery of each lane that has unfinished ones can be claimed, and none of its endpoint is before it: ids are in the
/// order of time, in which orders of a key are sent, and notices made.
fn assert_heads(heads: &BTreeSet<&str>, messages: &[MessageDetail]) {
    let mut lanes: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (delivery, summary) in
        messages.iter().flat_map(|message| message.deliveries.iter().zip(&message.summary.deliveries))
    {
        if matches!(summary.state, DeliveryState::Pending | DeliveryState::InFlight) {
            lanes.entry(&delivery.lane).or_default().push((&delivery.id, &summary.endpoint));
        }
    }
    assert_eq!(heads.len(), lanes.len(), "one head a lane");
    for (lane, unfinished) in lanes {
        let (head, endpoint) = unfinished
            .iter()
            .find(|(id, _)| heads.contains(id))
            .unwrap_or_else(|| panic!("{lane} has no head"));
        let before = unfinished.iter().find(|(id, of)| of == endpoint && id < head);
        assert_eq!(before, None, "{lane}: its head is {head}");
    }
}

/// A prefix of what was committed: each message whole, none without those before it.
fn assert_prefix(messages: &[MessageDetail], whole: &[MessageDetail], what: &str) {
    assert!(messages.len() <= whole.len(), "{what}: more than was committed");
    for (message, committed) in messages.iter().zip(whole) {
        let same = message.summary.id == committed.summary.id
            && message.body == committed.body
            && message.answer == committed.answer
            && message.deliveries[0].id == committed.deliveries[0].id
            && message.deliveries[0].body == committed.deliveries[0].body;
        assert!(same, "{what}: {} is not as it was committed", committed.summary.id);
        let [order, notice @ ..] = &*message.summary.deliveries else { panic!("{what}: no delivery") };
        let delivered = order.state == DeliveryState::Delivered;
        assert_eq!(delivered, !notice.is_empty(), "{what}: a delivery and what follows are one commit");
    }
}

/// So many places of a file in their order, each at another place of its page than the one before.
fn places(length: usize, count: usize) -> impl Iterator<Item = usize> {
    let step = (length / count).max(1);
    (0..count).map(move |n| step * n + n * 7919 % step).filter(move |place| *place < length)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_cut_off_or_has_a_wrong_bit_ends_there() {
    let mut files = Files::of_a_killed_process().await;
    let Read::Messages(whole) = files.read().await else { panic!("the files of a killed process") };
    let (log, count, moved) = (files.log.clone(), form(80, 2_000), files.moved.min(files.log.len()));
    let mut last = 0;
    for place in places(log.len() - moved, count).map(|place| moved + place) {
        files.log.truncate(0);
        files.log.extend(&log[..place]);
        match files.read().await {
            Read::Messages(messages) => {
                assert_prefix(&messages, &whole, &format!("cut at {place}"));
                assert!(messages.len() >= last, "cut at {place}: a longer log holds no less");
                last = messages.len();
            }
            Read::Refused(reason) => panic!("cut at {place}: {reason}"),
        }
    }
    assert!(last > 0 || moved == log.len(), "some of it is in the log");
    for place in places(log.len() - moved, count).map(|place| moved + place) {
        files.log.clone_from(&log);
        files.log[place] ^= 1 << (place % 8);
        match files.read().await {
            Read::Messages(messages) => assert_prefix(&messages, &whole, &format!("a bit at {place}")),
            Read::Refused(reason) => panic!("a bit at {place}: {reason}"),
        }
    }
}

/// Pages have no checksums: what is wrong with their structure is told; a value that has changed would not be noticed.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_cut_off_or_overwritten_is_refused() {
    let whole = Files::of_a_killed_process().await.folded().await;
    // That is what is said where the thread that writes has panicked.
    let told = |reason: &str| !reason.contains("stopped");
    for place in places(whole.database.len(), form(20, 1_000)) {
        let mut files = Files { database: whole.database.clone(), log: Vec::new(), moved: 0 };
        // SQLite takes what is shorter than its header for a new file.
        files.database.truncate(place.max(512));
        match files.read().await {
            Read::Messages(_) => panic!("cut at {place}: it was read"),
            Read::Refused(reason) => assert!(told(&reason), "cut at {place}: {reason}"),
        }
        let mut files = Files { database: whole.database.clone(), log: Vec::new(), moved: 0 };
        let page = place / PAGE * PAGE;
        files.database[page..page + PAGE].fill(0xa5);
        // A page that holds nothing is not missed.
        if let Read::Refused(reason) = files.read().await {
            assert!(told(&reason), "page at {page}: {reason}");
        }
    }
}
