//! One key, one lane, in order; lanes do not wait for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use runtime::store::MessageState;

use crate::harness::{Call, Folder, Gate, Partner, Reply, Tolmach, eventually, together};

/// Somebody beside the bank, who takes notes.
const AGENCY: &str = "
partner: agency
settings: {url: \"$URL\"}
endpoints:
  notes: {post: \"{url}/notes\"}
";

const NOTE: &str = "
receive: shop/orders
message: Note
send: agency/notes
map: {id: id}
";

fn ids(calls: &[Call]) -> Vec<String> {
    calls.iter().map(Call::id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_delivery_holds_its_lane_and_no_other() {
    let recovered = Arc::new(AtomicBool::new(false));
    let healthy = Arc::clone(&recovered);
    let bank = Partner::start().answering(move |call| match call.id().as_str() {
        "a1" if !healthy.load(Ordering::SeqCst) => Reply::json(503, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let tolmach = Tolmach::start(Folder::orders(&bank).patient()).await;
    for (id, customer) in [("a1", "anna"), ("a2", "anna"), ("b1", "boris"), ("b2", "boris")] {
        tolmach.order(id, customer).await;
    }

    eventually("boris is served while anna waits", || {
        let seen = ids(&bank.calls());
        let tries = seen.iter().filter(|id| *id == "a1").count();
        (tries >= 3 && seen.iter().any(|id| id == "b2")).then_some(())
    })
    .await;
    assert!(!ids(&bank.calls()).contains(&"a2".to_owned()), "a2 must wait for a1");

    recovered.store(true, Ordering::SeqCst);
    tolmach.all_once(MessageState::Delivered).await;
    let seen = ids(&bank.calls());
    assert_eq!(seen.last().unwrap(), "a2");
    let boris: Vec<&String> = seen.iter().filter(|id| id.starts_with('b')).collect();
    assert_eq!(boris, ["b1", "b2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_keeps_the_order_in_which_messages_were_accepted() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(Folder::orders(&bank)).await;
    let sent: Vec<String> = (0..25).map(|n| format!("o{n}")).collect();
    for id in &sent {
        tolmach.order(id, "anna").await;
    }
    tolmach.all_once(MessageState::Delivered).await;
    assert_eq!(ids(&bank.calls()), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_hangs_holds_no_other() {
    let never = Gate::shut();
    let bank = Partner::start().answering(move |_| Reply::json(200, "{}").held(&never));
    let agency = Partner::start();
    let folder = Folder::orders(&bank)
        .file("mappings/agency/partner.yaml", &AGENCY.replace("$URL", &agency.url()))
        .file("mappings/agency/note.yaml", NOTE);
    let tolmach = Tolmach::start(folder).await;
    let orders = (0..300).map(|n| {
        let caller = tolmach.caller();
        async move { caller.order(&format!("o{n}"), &format!("customer-{n}")).await }
    });
    together(orders).await;
    bank.called(32).await;

    let note = r#"{"type": "Note", "id": "n1", "customer": "anna"}"#;
    let answer = tolmach.post("/orders", note).await;
    assert!(answer.status < 300, "{}", answer.shown());
    agency.called(1).await;
    assert_eq!(bank.calls().len(), 32, "the bank has all the room of one partner");
}
