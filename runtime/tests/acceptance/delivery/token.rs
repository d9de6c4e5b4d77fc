//! OAuth2 tokens: asked for once however many wait, renewed once when they are refused.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::store::{DeliveryState, MessageState};

use crate::harness::{Call, Folder, Gate, Partner, Reply, Tolmach, eventually, together};

const AUTH: &str = "
auth:
  token: {oauth2: {token_url: \"{url}/token\", client_id: url, client_secret: url}}
";

fn folder(bank: &Partner) -> Folder {
    Folder::orders(bank).patient().endpoint("auth: token").contract(AUTH)
}

fn granted(token: usize) -> Reply {
    Reply::json(200, format!(r#"{{"access_token": "t{token}", "token_type": "Bearer", "expires_in": 3600}}"#))
}

fn on<'c>(calls: &'c [Call], path: &str) -> Vec<&'c Call> {
    calls.iter().filter(|call| call.path == path).collect()
}

async fn orders(tolmach: &Tolmach, ids: std::ops::Range<usize>) {
    // Each has a lane of its own.
    let caller = |n| (tolmach.caller(), format!("o{n}"), format!("c{n}"));
    together(ids.map(caller).map(|(caller, id, customer)| async move { caller.order(&id, &customer).await }))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_deliveries_ask_for_one_token() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |call| match call.path.as_str() {
        "/token" => granted(1).held(&held),
        _ => Reply::json(200, "{}"),
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    orders(&tolmach, 0..30).await;
    eventually("all are in flight", || {
        let in_flight = |state| state == DeliveryState::InFlight;
        let all = tolmach.messages().iter().all(|message| in_flight(message.summary.deliveries[0].state));
        all.then_some(())
    })
    .await;

    gate.open();
    tolmach.all_once(MessageState::Delivered).await;
    let calls = bank.calls();
    assert_eq!(on(&calls, "/token").len(), 1);
    let orders = on(&calls, "/orders");
    assert_eq!(orders.len(), 30);
    assert!(orders.iter().all(|call| call.header("authorization") == Some("Bearer t1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    let valid = Arc::new(AtomicUsize::new(1));
    let current = Arc::clone(&valid);
    let bank = Partner::start().answering(move |call| {
        let token = current.load(Ordering::SeqCst);
        match call.path.as_str() {
            "/token" => granted(token),
            _ if call.header("authorization") == Some(&format!("Bearer t{token}")) => Reply::json(200, "{}"),
            _ => Reply::json(401, "{}"),
        }
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    tolmach.order("first", "anna").await;
    tolmach.all_once(MessageState::Delivered).await;

    valid.store(2, Ordering::SeqCst);
    orders(&tolmach, 0..30).await;
    let messages = tolmach.all_once(MessageState::Delivered).await;
    assert!(messages.iter().all(|message| message.summary.deliveries[0].attempts == 1));
    let calls = bank.calls();
    assert_eq!(on(&calls, "/token").len(), 2, "one token, and one more after it was revoked");
    let mut tries: BTreeMap<String, usize> = BTreeMap::new();
    for call in on(&calls, "/orders") {
        *tries.entry(call.id()).or_default() += 1;
    }
    assert!(tries.values().all(|tries| *tries <= 2), "{tries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_with_a_new_token_is_not_repeated() {
    let bank = Partner::start().answering(|call| match call.path.as_str() {
        "/token" => granted(1),
        _ => Reply::json(401, "{}"),
    });
    // One attempt only: a second one would call again.
    let folder =
        Folder::orders(&bank).endpoint("retry: {attempts: 1}").endpoint("auth: token").contract(AUTH);
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    eventually("the attempt has ended", || tolmach.messages()[0].deliveries[0].attempts.first().cloned())
        .await;
    assert_eq!(on(&bank.calls(), "/orders").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_token_is_not_the_messages_fault() {
    let bank = Partner::start().answering(|call| match (call.path.as_str(), call.number) {
        ("/token", 0) => Reply::json(500, "{}"),
        ("/token", _) => granted(1),
        _ => Reply::json(200, "{}"),
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    tolmach.order("o1", "anna").await;
    let message = tolmach.only_message_once(MessageState::Delivered).await;
    let fault = message.deliveries[0].attempts[0].fault.clone();
    let why = r#"{"detail":"there is no access token: the token endpoint answered 500"}"#;
    assert_eq!(fault.as_deref(), Some(why));
}
