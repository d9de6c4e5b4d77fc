//! `tolmach messages`: what came in, where it went, and trying again.

use runtime::store::MessageState;

use super::{shown, stable};
use crate::harness::{Folder, Partner, Process, Reply, order};

/// Two orders of which the second is rejected, and one that is parked on arrival; then the process ends.
async fn played(bank: &Partner) -> Folder {
    bank.answer(|call| match call.id().as_str() {
        "o2" => Reply::json(400, r#"{"why": "no"}"#),
        _ => Reply::json(200, r#"{"code": "ok"}"#),
    });
    let folder = Folder::orders(bank)
        .channel("on_fault: park")
        .contract("codes:\n  kind: {rows: {\"1\": BOOK}, unknown: park}\n")
        .route("when: amount > `0`");
    let mut process = Process::start(&folder).await;
    process.order("o1", "anna").await;
    process.order("o2", "boris").await;
    let negative = order("o3", "vera").replace("10", "-10");
    assert_eq!(process.post("/orders", negative).await.status, 202);
    let settled = |state| state != MessageState::Accepted;
    crate::harness::eventually("all are settled", || {
        process.messages().iter().all(|message| settled(message.summary.state)).then_some(())
    })
    .await;
    process.terminate().await;
    process.ended().await;
    folder
}

fn id_of(folder: &Folder, order: &str) -> String {
    let store = runtime::store::sqlite::SqliteStore::open_read_only(&folder.store()).unwrap();
    let all = store.list(&runtime::store::Filter { limit: 10, ..Default::default() }).unwrap();
    let has = |id: &str| {
        store.show(id).unwrap().is_some_and(|found| String::from_utf8_lossy(&found.body).contains(order))
    };
    all.into_iter().map(|message| message.id).find(|id| has(id)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_listed() {
    let bank = Partner::start();
    let folder = played(&bank).await;
    let mut text = String::new();
    for arguments in [
        &["messages"][..],
        &["messages", "--state", "parked"],
        &["messages", "--key", "anna"],
        &["messages", "--route", "bank/order", "--limit", "1"],
        &["messages", "--partner", "nobody"],
        &["messages", "--key", "boris", "--format", "json"],
        &["messages", "--partner", "nobody", "--format", "json"],
    ] {
        text.push_str(&shown(folder.path(), arguments, ""));
    }
    insta::assert_snapshot!(stable(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_shown() {
    let bank = Partner::start();
    let folder = played(&bank).await;
    let rejected = id_of(&folder, "o2");
    let parked = id_of(&folder, "o3");
    let mut text = String::new();
    for arguments in [
        &["messages", "show", &rejected][..],
        &["messages", "show", &rejected, "--payload"],
        &["messages", "show", &rejected, "--format", "json"],
        &["messages", "show", &parked],
        &["messages", "show", "no-such-message"],
    ] {
        text.push_str(&shown(folder.path(), arguments, ""));
    }
    insta::assert_snapshot!(stable(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_sent_is_shown_with_its_cause() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank)
        .endpoint("headers: {x-source: shop}")
        .file("mappings/bank/start.yaml", "on: start\nsend: bank/orders\nmap: {up: {value: true}}\n");
    let mut process = Process::start(&folder).await;
    let message = process.only_message_once(MessageState::Delivered).await;
    process.terminate().await;
    process.ended().await;
    let mut text = String::new();
    for arguments in [
        &["messages"][..],
        &["messages", "show", &message.summary.id, "--payload"],
        &["messages", "show", &message.summary.id, "--payload", "--format", "json"],
    ] {
        text.push_str(&shown(folder.path(), arguments, ""));
    }
    insta::assert_snapshot!(stable(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_tried_again() {
    let bank = Partner::start();
    let folder = played(&bank).await;
    let mut text = String::new();
    for id in [&id_of(&folder, "o1"), &id_of(&folder, "o2"), &id_of(&folder, "o3"), "no-such-message"] {
        text.push_str(&shown(folder.path(), &["messages", "retry", id], ""));
    }
    insta::assert_snapshot!(stable(&text));

    // The bank has changed its mind, and the route takes everything now.
    bank.answer(|_| Reply::json(200, "{}"));
    let route = folder.path().join("mappings/bank/order.yaml");
    let text = std::fs::read_to_string(&route).unwrap().replace("when: amount > `0`\n", "");
    std::fs::write(&route, text).unwrap();
    let process = Process::start(&folder).await;
    process.all_once(MessageState::Delivered).await;
    let calls = bank.calls();
    assert_eq!(calls.len(), 4);
    let keys: Vec<&str> =
        calls.iter().filter(|call| call.id() == "o2").map(|call| call.idempotency_key()).collect();
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_process_hears_of_it() {
    let bank = Partner::start().answering(|_| Reply::json(400, "{}"));
    let folder = Folder::orders(&bank);
    let process = Process::start(&folder).await;
    process.order("o1", "anna").await;
    let message = process.only_message_once(MessageState::Rejected).await;
    bank.answer(|_| Reply::json(200, "{}"));
    let shown = shown(folder.path(), &["messages", "retry", &message.summary.id], "");
    assert!(shown.contains("1 delivery is made again"), "{shown}");
    process.only_message_once(MessageState::Delivered).await;
}
