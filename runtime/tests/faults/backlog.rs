//! A start with many messages that wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use runtime::store::sqlite::SqliteStore;
use runtime::store::{
    Acceptance, Answer, Capacity, Disposition, Exhausted, Idempotency, NewDelivery, NewMessage, Store,
};
use sha2::{Digest as _, Sha256};

use crate::form::form;
use crate::harness::{Folder, Partner, Process, order, together};

const READY: Duration = Duration::from_secs(5);
const LANES: usize = 10_000;
/// Writers at once: what a commit takes at most.
const WRITERS: usize = 256;
/// Under way when the process before was killed.
const LOST: usize = 256;

/// An order as the shop's channel takes it.
fn acceptance(n: usize, url: &str) -> Acceptance {
    let (id, now, customer) = (uuid::Uuid::now_v7().to_string(), Timestamp::now(), format!("c{}", n % LANES));
    let body = order(&format!("o{n}"), &customer).into_bytes();
    let delivery = NewDelivery {
        id: uuid::Uuid::now_v7().to_string(),
        message_id: id.clone(),
        route: "bank/order".to_owned(),
        step: "send".to_owned(),
        partner: "bank".to_owned(),
        endpoint: "bank/orders".to_owned(),
        lane: format!("bank\u{1f}{customer}"),
        idempotency_key: uuid::Uuid::now_v7().to_string(),
        method: "POST".to_owned(),
        url: format!("{url}/orders"),
        content_type: "application/json".to_owned(),
        headers: Vec::new(),
        body: format!(r#"{{"id":"o{n}","amount":10}}"#).into_bytes(),
        due: now,
        max_attempts: 1000,
        on_exhausted: Exhausted::default(),
        depth: 0,
        unless_pending: false,
    };
    let idempotency = Idempotency {
        scope: "shop/orders".to_owned(),
        id: format!("o{n}"),
        digest: Sha256::digest(&body).into(),
    };
    let message = NewMessage {
        id,
        partner: "shop".to_owned(),
        channel: "shop/orders".to_owned(),
        route: Some("bank/order".to_owned()),
        message_type: Some("Order".to_owned()),
        idempotency: Some(idempotency),
        key: Some(customer),
        received_at: now,
        body,
        inbound: None,
        disposition: Disposition::Accepted,
        fault: None,
        trace: None,
        answer: Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            body: b"{}".to_vec(),
        },
    };
    Acceptance { message, deliveries: vec![delivery], records: Vec::new() }
}

/// A database with so many messages, some of them under way.
async fn filled(folder: &Folder, count: usize, url: &str) {
    let store = Arc::new(SqliteStore::open(&folder.store()).unwrap());
    let writers = (0..WRITERS).map(|writer| {
        let (store, url) = (Arc::clone(&store), url.to_owned());
        async move {
            for n in (writer..count).step_by(WRITERS) {
                store.accept(acceptance(n, &url)).await.unwrap();
            }
        }
    });
    together(writers).await;
    let capacity = Capacity { total: LOST, per_partner: LOST, rooms: [].into() };
    let claimed = store.claim(Timestamp::now(), capacity, SignedDuration::from_mins(30)).await.unwrap();
    assert_eq!(claimed.len(), LOST);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_within_five_seconds() {
    let count = form(20_000, 1_000_000);
    let mut bank = Partner::closed();
    let folder = Folder::orders(&bank).patient();
    filled(&folder, count, &bank.url()).await;
    let begun = Instant::now();
    let process = Process::start(&folder).await;
    process.order("new", "new").await;
    let ready = begun.elapsed();
    bank.open();
    bank.called(1).await;
    let delivered = begun.elapsed();
    eprintln!("{count} messages wait: it takes the first after {ready:?} and delivers after {delivered:?}");
    assert!(ready < READY, "{ready:?}");
}
