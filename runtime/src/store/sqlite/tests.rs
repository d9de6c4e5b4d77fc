#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use tempfile::TempDir;

use super::{Error, SqliteStore, schema};
use crate::store::{
    self, Acceptance, Accepted, Answer, Disposition, Filter, NewMessage, RecordWrite, Store, contract,
    contract::each_contract,
};

/// A database in a folder that goes with it.
struct Scratch {
    folder: TempDir,
}

impl Scratch {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }
}

macro_rules! run_contract {
    ($($module:ident :: $name:ident)*) => {
        mod contracts {
            $(
                #[tokio::test]
                async fn $name() {
                    let scratch = super::Scratch::new();
                    super::contract::$module::$name(&scratch.open()).await;
                }
            )*
        }
    };
}
each_contract!(run_contract);

fn bare(id: &str) -> Acceptance {
    Acceptance {
        message: NewMessage {
            id: id.to_owned(),
            partner: "shop".to_owned(),
            channel: "inbox".to_owned(),
            route: None,
            message_type: None,
            idempotency: None,
            key: None,
            received_at: jiff::Timestamp::UNIX_EPOCH,
            body: b"body".to_vec(),
            inbound: None,
            trace: None,
            disposition: Disposition::Accepted,
            fault: None,
            answer: Answer {
                status: 200,
                content_type: String::new(),
                headers: Vec::new(),
                body: Vec::new(),
            },
        },
        deliveries: Vec::new(),
        records: Vec::new(),
    }
}

fn everything() -> Filter {
    Filter { limit: usize::MAX, ..Filter::default() }
}

#[tokio::test]
async fn reopened_it_has_everything() {
    let scratch = Scratch::new();
    scratch.open().accept(bare("m1")).await.unwrap();
    let store = scratch.open();
    store.accept(bare("m2")).await.unwrap();
    assert_eq!(store.list(&everything()).unwrap().len(), 2);
}

#[tokio::test]
async fn dropping_commits_what_is_queued() {
    let scratch = Scratch::new();
    let store = scratch.open();
    for n in 0..50 {
        // Polled once, then given up: the command is queued.
        let queued = store.accept(bare(&format!("m{n}")));
        drop(tokio::time::timeout(Duration::ZERO, queued).await);
    }
    drop(store);
    assert!(!scratch.folder.path().join("store.db-wal").exists(), "the log is folded in");
    assert_eq!(scratch.open().counts().unwrap().done, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_once_share_commits() {
    let scratch = Scratch::new();
    let store = Arc::new(scratch.open());
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0..10 {
                    store.accept(bare(&format!("{task}.{n}"))).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.counts().unwrap().done, 640);
    assert!(store.commits() < 200, "{} commits", store.commits());
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_ends() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let refused = SqliteStore::open(&scratch.path());
    assert!(matches!(refused, Err(Error::InUse { .. })), "{refused:?}");
    let reader = SqliteStore::open_read_only(&scratch.path()).unwrap();
    store.accept(bare("m1")).await.unwrap();
    assert_eq!(reader.list(&everything()).unwrap().len(), 1);
    drop(store);
    scratch.open();
}

#[tokio::test]
async fn a_database_of_version_1_is_migrated_with_what_is_pending() {
    let scratch = Scratch::new();
    let old = rusqlite::Connection::open(scratch.path()).unwrap();
    old.execute_batch(include_str!("schema.sql")).unwrap();
    old.execute_batch(include_str!("version-1.sql")).unwrap();
    drop(old);
    let refused = SqliteStore::open_read_only(&scratch.path());
    assert!(matches!(refused, Err(Error::OlderSchema { .. })), "{refused:?}");

    let store = scratch.open();
    let now = jiff::Timestamp::now();
    assert_eq!(store.recover(now).await.unwrap(), 1);
    let capacity = store::Capacity { total: 9, per_partner: 9, rooms: Default::default() };
    let claimed = store.claim(now, capacity, jiff::SignedDuration::from_secs(60)).await.unwrap();
    let found: Vec<_> = claimed.iter().map(|each| (&*each.delivery.id, &*each.delivery.body)).collect();
    assert_eq!(found, [("d1", &b"{\"n\":1}"[..]), ("d2", &b"{\"n\":2}"[..])]);
    assert!(claimed.iter().all(|each| each.delivery.headers.is_empty()));
    let Some(Accepted::Duplicate(answer)) = store.first_answer("shop/inbox", "o1", &[7; 32]).unwrap() else {
        panic!("the id is known");
    };
    assert_eq!((answer.status, answer.headers), (202, Vec::new()));
}

#[test]
fn a_newer_schema_is_refused() {
    let scratch = Scratch::new();
    drop(scratch.open());
    let connection = rusqlite::Connection::open(scratch.path()).unwrap();
    connection.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    let refused = SqliteStore::open(&scratch.path());
    assert!(matches!(refused, Err(Error::NewerSchema { .. })), "{refused:?}");
    let refused = SqliteStore::open_read_only(&scratch.path());
    assert!(matches!(refused, Err(Error::NewerSchema { .. })), "{refused:?}");
}

#[test]
fn reading_creates_nothing() {
    let scratch = Scratch::new();
    assert!(matches!(SqliteStore::open_read_only(&scratch.path()), Err(Error::Database { .. })));
    assert!(!scratch.path().exists());
    fs::write(scratch.path(), "").unwrap();
    let empty = SqliteStore::open_read_only(&scratch.path());
    assert!(matches!(empty, Err(Error::OlderSchema { .. })), "{empty:?}");
}

#[test]
fn another_file_is_refused() {
    let scratch = Scratch::new();
    fs::write(scratch.path(), "not a database, and long enough to be sure of it".repeat(100)).unwrap();
    assert!(matches!(SqliteStore::open(&scratch.path()), Err(Error::Database { .. })));
}

#[tokio::test]
async fn a_failed_commit_ends_the_store() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let failed = store.failed();
    // A foreign key that is checked only at the commit fails there.
    let broken = store.writer.run(|connection| {
        connection.execute_batch(
            "PRAGMA defer_foreign_keys = ON; INSERT INTO delivery_body (delivery, body) VALUES (77, x'')",
        )?;
        Ok(())
    });
    let (broken, neighbour) = tokio::join!(broken, store.accept(bare("m1")));
    assert!(matches!(broken, Err(store::Error::Failed { .. })), "{broken:?}");
    assert!(matches!(neighbour, Err(store::Error::Failed { .. })), "{neighbour:?}");
    tokio::time::timeout(Duration::from_secs(5), failed).await.unwrap();
    assert!(matches!(store.accept(bare("m2")).await, Err(store::Error::Failed { .. })));
    assert!(matches!(store.counts(), Err(store::Error::Failed { .. })));
    drop(store);
    assert_eq!(scratch.open().counts().unwrap().done, 0);
}

/// Gives the record `key` the unique value 7.
fn seven(id: &str, key: &str) -> Acceptance {
    let write = RecordWrite {
        record: "bank.application".to_owned(),
        key_field: "ours".to_owned(),
        key: key.to_owned(),
        unique: vec![("theirs".to_owned(), "7".to_owned())],
        json: r#"{"theirs":"7"}"#.to_owned(),
        at: jiff::Timestamp::UNIX_EPOCH,
        expires: None,
    };
    Acceptance { records: vec![write], ..bare(id) }
}

#[tokio::test]
async fn one_that_fails_halfway_takes_no_other_of_its_batch_with_it() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let (release, held) = std::sync::mpsc::channel::<()>();
    // While this one is at work the others queue up.
    let first = store.writer.run(move |_| {
        let _ = held.recv();
        Ok(())
    });
    let (held, before, refused, after, ()) = tokio::join!(
        first,
        store.accept(seven("m1", "k1")),
        store.accept(seven("m2", "k2")),
        store.accept(bare("m3")),
        async move { drop(release) },
    );
    held.unwrap();
    assert_eq!((before.unwrap(), after.unwrap()), (Accepted::New, Accepted::New));
    assert!(matches!(refused, Err(store::Error::RecordConflict { .. })), "{refused:?}");
    assert!(store.commits() <= 2, "{} commits", store.commits());
    let kept: Vec<String> =
        store.list(&everything()).unwrap().into_iter().map(|message| message.id).collect();
    assert_eq!(kept, ["m3", "m1"]);
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let pages = |count: i64| {
        store.writer.run(move |connection| {
            connection.pragma_update_and_check(None, "max_page_count", count, |_| Ok(()))?;
            Ok(())
        })
    };
    pages(1).await.unwrap();
    let mut large = bare("m1");
    large.message.body = vec![7; 1 << 20];
    let (refused, neighbour) = tokio::join!(store.accept(large.clone()), store.accept(bare("m2")));
    assert!(matches!(refused, Err(store::Error::Full)), "{refused:?}");
    pages(1 << 30).await.unwrap();
    assert_eq!(store.accept(large).await.unwrap(), Accepted::New);
    // Whatever the neighbour was told is what happened to it.
    assert_eq!(neighbour.is_ok(), store.show("m2").unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_taken_while_writing_is_consistent() {
    let scratch = Scratch::new();
    let store = Arc::new(scratch.open());
    let writing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 0..100 {
                store.accept(bare(&format!("m{n:04}"))).await.unwrap();
            }
        })
    };
    while store.counts().unwrap().done < 30 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // As a killed process leaves them. After so few writes the log does not begin anew between the two copies.
    let copy = Scratch::new();
    let known = store.counts().unwrap().done;
    for suffix in ["", "-wal"] {
        let name = format!("store.db{suffix}");
        fs::copy(scratch.folder.path().join(&name), copy.folder.path().join(&name)).unwrap();
    }
    let found = copy.open().list(&everything()).unwrap();
    assert!(found.len() as u64 >= known);
    for (n, message) in found.iter().rev().enumerate() {
        assert_eq!(message.id, format!("m{n:04}"), "no gaps");
    }
    writing.await.unwrap();
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]

    #[test]
    fn order_holds_whatever_happens(steps in contract::order::steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let scratch = Scratch::new();
        runtime.block_on(contract::order::holds(&scratch.open(), &steps));
    }
}
