//! What a caller gets at each end that a call can have, and what is left of it.

use runtime::store::MessageState;
use serde_json::json;

use super::folder;
use crate::harness::{Call, Gate, Partner, Process, Reply, Tolmach, eventually, order, together};

fn numbered(call: &Call) -> Reply {
    match call.path.as_str() {
        "/orders" => Reply::json(200, r#"{"number": "77"}"#),
        _ => Reply::json(200, "{}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_made_of_the_response() {
    let bank = Partner::start().answering(numbered);
    let tolmach = Tolmach::start(folder(&bank)).await;
    let answer = tolmach.post("/orders", order("o1", "anna")).await;
    assert_eq!((answer.status, answer.json()), (201, json!({"order": "o1", "number": "77"})));
    assert_eq!(answer.header("x-number"), Some("77"));

    let message = tolmach.only_message_once(MessageState::Delivered).await;
    assert_eq!(message.answer.status, 201);
    assert_eq!(message.summary.deliveries[0].step, "call.then.delivered[1]");
    let calls = bank.called(2).await;
    assert_eq!((&*calls[0].path, calls[0].json()), ("/orders", json!({"id": "o1", "amount": 10})));
    assert_eq!((&*calls[1].path, calls[1].json()), ("/notices", json!({"about": "o1", "number": "77"})));
    let now = jiff::Timestamp::now();
    assert!(tolmach.store().find_record("bank.order", None, "o1", now).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_failed_leaves_nothing() {
    let mut bank = Partner::closed();
    let tolmach = Tolmach::start(folder(&bank).endpoint("timeout: 300ms")).await;
    let mut text = String::new();
    let failed = tolmach.post("/orders", order("o1", "anna")).await;
    text.push_str(&format!("# nobody listens\n{}\n\n", failed.shown()));
    bank.open();
    let never = Gate::shut();
    bank.answer(move |call| numbered(call).held(&never));
    let failed = tolmach.post("/orders", order("o1", "anna")).await;
    text.push_str(&format!("# the bank is silent\n{}\n\n", failed.shown()));
    bank.answer(|_| Reply::json(503, "{}").with("retry-after", "7"));
    let failed = tolmach.post("/orders", order("o1", "anna")).await;
    text.push_str(&format!("# the bank asks to wait\n{}\n\n", failed.shown()));
    insta::assert_snapshot!(text);
    assert!(tolmach.messages().is_empty());
    let calls = bank.calls();
    assert_eq!(calls[0].idempotency_key(), calls[1].idempotency_key());

    let held = tolmach.post("/orders", order("o2", "boris")).await;
    assert_eq!((held.status, held.header("retry-after")), (503, Some("7")));
    assert_eq!(bank.calls().len(), 2, "nobody asks it before");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_a_message_may_come_again_with_its_id() {
    let bank = Partner::start().answering(|call| match call.number {
        0 => Reply::json(503, "{}"),
        _ => numbered(call),
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    assert_eq!(tolmach.post("/orders", order("o1", "anna")).await.status, 502);
    assert_eq!(tolmach.post("/orders", order("o1", "anna")).await.status, 201);
    let calls = bank.calls();
    assert_eq!(calls[0].idempotency_key(), calls[1].idempotency_key());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_says_what_a_failure_is_answered_with() {
    let bank = Partner::start().answering(|_| Reply::json(500, r#"{"why": "busy"}"#));
    let route = super::ROUTE.replace(
        "then:",
        "  - {on: failed, headers: {retry-after: \"30\"}, map: {error: {value: LATER}, why: why, of: message().id}}\nthen:",
    );
    let folder = folder(&bank).file("mappings/bank/order.yaml", &route);
    let tolmach = Tolmach::start(folder).await;
    let answer = tolmach.post("/orders", order("o1", "anna")).await;
    let expected = json!({"error": "LATER", "why": "busy", "of": "o1"});
    assert_eq!((answer.status, answer.json(), answer.header("retry-after")), (503, expected, Some("30")));
    assert!(tolmach.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_partner_refuses_is_refused() {
    let bank = Partner::start().answering(|call| match call.id().as_str() {
        "unknown" => Reply::json(404, "{}"),
        _ => Reply::json(400, "{}"),
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    let refused = tolmach.post("/orders", order("wrong", "anna")).await;
    insta::assert_snapshot!(refused.shown());
    assert!(tolmach.messages().is_empty(), "a mended message may have the same id");

    let refused = tolmach.post("/orders", order("unknown", "anna")).await;
    assert_eq!((refused.status, refused.json()), (404, json!({"error": "UNKNOWN"})));
    tolmach.only_message_once(MessageState::Rejected).await;
    let again = tolmach.post("/orders", order("unknown", "anna")).await;
    assert_eq!((again.status, again.body), (refused.status, refused.body));
    assert_eq!(bank.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_of_which_no_answer_can_be_made_is_told() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"other": "marker-value"}"#));
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let answer = process.post("/orders", order("o1", "anna")).await;
    insta::assert_snapshot!(answer.shown());
    let line = process.logged("called, and no answer can be made of it").await;
    assert_eq!(line["level"], "ERROR");
    assert!(!process.log().contains("marker-value"), "{}", process.log());
    assert!(process.messages().is_empty());
}

/// Two orders with one number: the bank has taken the second, and we cannot remember it.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_in_conflict_is_told() {
    let bank = Partner::start().answering(numbered);
    let tolmach = Tolmach::start(folder(&bank)).await;
    assert_eq!(tolmach.post("/orders", order("o1", "anna")).await.status, 201);
    let answer = tolmach.post("/orders", order("o2", "anna")).await;
    assert_eq!(answer.status, 502, "{}", answer.shown());
    assert_eq!(answer.json()["type"], "urn:tolmach:problem:unanswerable");
    assert_eq!(tolmach.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_hangs_takes_only_its_own_room() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |call| match call.path.as_str() {
        "/orders" => Reply::json(200, json!({"number": call.id()}).to_string()).held(&held),
        _ => numbered(call),
    });
    let folder = folder(&bank).file(
        "mappings/bank/note.yaml",
        "receive: shop/orders\nmessage: Note\nsend: bank/notices\nmap: {about: id}\n",
    );
    let tolmach = Tolmach::start(folder).await;
    let waiting: Vec<_> = (0..64)
        .map(|n| {
            let caller = tolmach.caller();
            tokio::spawn(async move { caller.post("/orders", order(&format!("o{n}"), "anna")).await })
        })
        .collect();
    bank.called(64).await;
    let refused = tolmach.post("/orders", order("o64", "anna")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    // A delivery to the same partner has room of its own.
    let note = order("n1", "boris").replace("Order", "Note");
    assert_eq!(tolmach.post("/orders", note).await.status, 202);
    let calls = bank.called(65).await;
    assert_eq!(calls[64].path, "/notices");
    gate.open();
    for answer in together(waiting).await {
        assert_eq!(answer.unwrap().status, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_a_call_come_to_its_end() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |call| numbered(call).held(&held));
    let folder = folder(&bank);
    let mut process = Process::start(&folder).await;
    let caller = process.caller();
    let waiting = tokio::spawn(async move { caller.post("/orders", order("o1", "anna")).await });
    bank.called(1).await;
    process.terminate().await;
    eventually("the port is closed", || std::net::TcpStream::connect(process.address()).err()).await;
    gate.open();
    assert_eq!(waiting.await.unwrap().status, 201);
    assert_eq!(process.ended().await.code(), Some(0), "{}", process.log());
    assert_eq!(process.messages().len(), 1);
}
