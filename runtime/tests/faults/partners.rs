//! Partners that answer with anything but an answer.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::store::{MessageDetail, MessageState};

use crate::form::form;
use crate::harness::{Folder, Partner, Process, Reply, eventually, together};
use crate::raw::{ALL, Raw};

/// What the process may take of memory beyond what it had: each response is at most 1 MB.
const MORE: u64 = 64 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn each_oddity_is_understood_and_takes_no_memory() {
    let raw = Raw::start().await;
    let contract = "
partner: bank
settings: {url: \"$URL\"}
endpoints:
  orders:
    post: \"{url}/orders\"
    timeout: 2s
    retry: {attempts: 3, first: 20ms, max: 20ms}
";
    let url = format!("http://{}", raw.address);
    let folder = Folder::orders(&Partner::start());
    let folder = folder.file("mappings/bank/partner.yaml", &contract.replace("$URL", &url));
    let process = Process::start(&folder).await;
    process.order("warm", "warm").await;
    process.all_once(MessageState::Delivered).await;
    let before = process.peak_memory();
    let caller = process.caller();
    for oddity in ALL {
        // Each has a lane of its own.
        caller.order(&format!("{oddity:?}"), &format!("{oddity:?}")).await;
    }
    let ended = |message: &MessageDetail| message.summary.state != MessageState::Accepted;
    let messages = eventually("all have come to an end", || {
        Some(process.messages()).filter(|messages| messages.iter().all(ended))
    })
    .await;
    let taken = process.peak_memory() - before;
    assert!(taken < MORE, "it took {taken} KB more");
    eprintln!("{taken} KB more for all of them");
    assert_eq!(raw.times().len(), ALL.len() + 1);
    insta::assert_snapshot!(shown(&messages));
}

/// A line an oddity: what became of the order, and of its first attempt.
fn shown(messages: &[MessageDetail]) -> String {
    let mut text = String::new();
    for message in messages {
        let (state, delivery) = (message.summary.state.name(), &message.deliveries[0]);
        let (attempt, times) = (&delivery.attempts[0], delivery.attempts.len());
        let key = message.summary.key.as_deref().unwrap();
        let (outcome, fault) = (attempt.outcome.name(), attempt.fault.as_deref().unwrap_or_default());
        writeln!(text, "{key:15} {state} after {times}: {outcome} {fault}").unwrap();
    }
    text
}

const AUTH: &str = "
auth:
  token: {oauth2: {token_url: \"{url}/token\", client_id: url, client_secret: url}}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_401_asks_for_one_token_each_time() {
    let valid = Arc::new(AtomicUsize::new(0));
    let current = Arc::clone(&valid);
    let bank = Partner::start().answering(move |call| {
        let token = current.load(Ordering::SeqCst);
        let grant = format!(r#"{{"access_token": "t{token}", "token_type": "Bearer", "expires_in": 3600}}"#);
        match call.path.as_str() {
            "/token" => Reply::json(200, grant),
            _ if call.header("authorization") == Some(&format!("Bearer t{token}")) => Reply::json(200, "{}"),
            _ => Reply::json(401, "{}"),
        }
    });
    let folder = Folder::orders(&bank).patient().endpoint("auth: token").contract(AUTH);
    let process = Process::start(&folder).await;
    let storms = form(5, 50);
    for storm in 0..storms {
        valid.store(storm, Ordering::SeqCst);
        let orders = (0..100).map(|n| (process.caller(), format!("o{storm}-{n}"), format!("c{n}")));
        together(orders.map(|(caller, id, key)| async move { caller.order(&id, &key).await })).await;
        let delivered = || process.store().counts().unwrap().accepted == 0;
        eventually("all are delivered", || delivered().then_some(())).await;
    }
    let calls = bank.calls();
    let tokens = calls.iter().filter(|call| call.path == "/token").count();
    assert_eq!(tokens, storms, "one token each time all are refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_is_asked_for_once() {
    let bank = Partner::start().answering(|call| match (call.path.as_str(), call.number) {
        // The shortest life that is used: one second.
        ("/token", 0) => {
            Reply::json(200, r#"{"access_token": "t", "token_type": "Bearer", "expires_in": 1}"#)
        }
        ("/token", _) => {
            Reply::json(200, r#"{"access_token": "u", "token_type": "Bearer", "expires_in": 3600}"#)
        }
        _ => Reply::json(200, "{}"),
    });
    // What is sent when the first is delivered is due when its token is over.
    let folder =
        Folder::orders(&bank).patient().endpoint("auth: token").contract(AUTH).route("after: 1500ms");
    let process = Process::start(&folder).await;
    process.order("first", "first").await;
    process.all_once(MessageState::Delivered).await;
    let orders = (0..100).map(|n| (process.caller(), format!("o{n}")));
    together(orders.map(|(caller, id)| async move { caller.order(&id, &id).await })).await;
    process.all_once(MessageState::Delivered).await;
    let calls = bank.calls();
    let tokens = calls.iter().filter(|call| call.path == "/token").count();
    assert_eq!((calls.len() - tokens, tokens), (101, 2));
}
