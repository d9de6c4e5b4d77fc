//! Attempts: what is tried again, how, and for how long; what the response's body decides.

use jiff::SignedDuration;
use runtime::outbound::client::MAX_RESPONSE;
use runtime::store::{AttemptOutcome, DeliveryState, MessageState};

use super::outcomes;
use crate::harness::{Call, Folder, Partner, Reply, Tolmach, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_cannot_is_asked_again_with_the_same_key() {
    let bank = Partner::start().answering(|call| match call.number {
        0 | 1 => Reply::json(503, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let tolmach = Tolmach::start(Folder::orders(&bank).patient()).await;
    tolmach.order("o1", "anna").await;

    let message = tolmach.only_message_once(MessageState::Delivered).await;
    let delivery = &message.deliveries[0];
    let keys: Vec<String> = bank.calls().iter().map(|call| call.idempotency_key().to_owned()).collect();
    assert_eq!(keys, vec![delivery.idempotency_key.clone(); 3]);
    assert_eq!(outcomes(delivery), [AttemptOutcome::Retry, AttemptOutcome::Retry, AttemptOutcome::Delivered]);
    let bodies: Vec<_> = bank.calls().into_iter().map(|call| call.body).collect();
    assert!(bodies.iter().all(|body| body == &bodies[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_down_is_called_until_it_is_up() {
    let mut bank = Partner::closed();
    let tolmach = Tolmach::start(Folder::orders(&bank).patient()).await;
    tolmach.order("o1", "anna").await;
    eventually("two attempts have failed", || {
        let failed = outcomes(&tolmach.messages()[0].deliveries[0]);
        (failed.len() >= 2).then_some(())
    })
    .await;

    bank.open();
    let message = tolmach.only_message_once(MessageState::Delivered).await;
    let calls = bank.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].idempotency_key(), message.deliveries[0].idempotency_key);
    let first = &message.deliveries[0].attempts[0];
    assert_eq!((first.outcome, first.response.as_ref()), (AttemptOutcome::Retry, None));
    assert_eq!(first.fault.as_deref(), Some(r#"{"detail":"no connection"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_says_when_is_asked_no_earlier() {
    let bank = Partner::start().answering(|_| Reply::json(429, "{}").with("retry-after", "3600"));
    let tolmach = Tolmach::start(Folder::orders(&bank).patient()).await;
    tolmach.order("o1", "anna").await;

    let (ended, due) = eventually("the delivery waits", || {
        let message = tolmach.messages().remove(0);
        Some((message.deliveries[0].attempts.first()?.ended_at, message.summary.deliveries[0].next_due?))
    })
    .await;
    let wait = due.duration_since(ended);
    let (hour, second) = (SignedDuration::from_hours(1), SignedDuration::from_secs(1));
    assert!(wait > hour - second && wait < hour + second, "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_response_decides_before_its_status() {
    let bank = Partner::start().answering(|call| match call.number {
        0 => Reply::json(200, r#"{"code": "busy"}"#),
        _ => Reply::json(500, r#"{"code": "ok"}"#),
    });
    let folder = Folder::orders(&bank).patient().endpoint(
        "outcome:
  - {when: code == 'ok', is: delivered}
  - {when: code == 'busy', is: retry}
  - {when: code, is: rejected}",
    );
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    let message = tolmach.only_message_once(MessageState::Delivered).await;
    assert_eq!(outcomes(&message.deliveries[0]), [AttemptOutcome::Retry, AttemptOutcome::Delivered]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_is_final_and_has_its_own_consequences() {
    let bank = Partner::start().answering(|call| match call.path.as_str() {
        "/orders" => Reply::json(200, r#"{"code": "no", "why": "too much"}"#),
        _ => Reply::json(200, "{}"),
    });
    let folder =
        Folder::orders(&bank).patient().endpoint("outcome: [{when: code == 'no', is: rejected}]").route(
            "then:
  delivered: [{send: bank/notices, map: {id: message().id, became: {value: delivered}}}]
  rejected: [{send: bank/notices, map: {id: message().id, became: why}}]
  failed: [{send: bank/notices, map: {id: message().id, became: {value: failed}}}]",
        );
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;

    let message = tolmach.only_message_once(MessageState::Rejected).await;
    let states: Vec<DeliveryState> =
        message.summary.deliveries.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Rejected, DeliveryState::Delivered]);
    assert_eq!(told(&bank), [r#"{"id":"o1","became":"too much"}"#]);
    assert_eq!(bank.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn spent_attempts_park_the_delivery_and_have_their_own_consequences() {
    let bank = Partner::start().answering(|call| match call.path.as_str() {
        "/orders" => Reply::json(503, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let folder = Folder::orders(&bank).endpoint("retry: {attempts: 3, first: 1ms, max: 1ms}").route(
        "then:
  delivered: [{send: bank/notices, map: {became: {value: delivered}}}]
  failed: [{send: bank/notices, map: {id: message().id, became: {value: failed}}}]",
    );
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    tolmach.order("o2", "anna").await;

    let messages = tolmach.all_once(MessageState::Parked).await;
    let parked = [AttemptOutcome::Retry, AttemptOutcome::Retry, AttemptOutcome::Parked];
    assert!(messages.iter().all(|message| outcomes(&message.deliveries[0]) == parked));
    eventually("both are told of", || (told(&bank).len() == 2).then_some(())).await;
    assert_eq!(told(&bank), [r#"{"id":"o1","became":"failed"}"#, r#"{"id":"o2","became":"failed"}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_not_as_agreed_waits_for_a_person() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": "not-a-number-at-all"}"#));
    let folder = Folder::orders(&bank)
        .patient()
        .endpoint("response: bank/taken")
        .route("then: {delivered: [{send: bank/notices, map: {id: message().id}}]}")
        .file(
            "schemas/bank/taken.json",
            r#"{"properties": {"number": {"type": "integer"}}, "required": ["number"]}"#,
        );
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;

    let message = tolmach.only_message_once(MessageState::Parked).await;
    assert_eq!(outcomes(&message.deliveries[0]), [AttemptOutcome::Parked]);
    let fault = message.summary.deliveries[0].last_fault.clone().unwrap();
    assert!(fault.contains("`number`: "), "{fault}");
    assert!(!fault.contains("not-a-number-at-all"), "{fault}");
    assert_eq!(bank.calls().len(), 1, "nothing follows from it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_too_large_waits_for_a_person() {
    let bank = Partner::start().answering(|_| Reply::json(200, " ".repeat(MAX_RESPONSE + 1)));
    let folder = Folder::orders(&bank)
        .patient()
        .route("then: {failed: [{send: bank/notices, map: {id: message().id}}]}");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;

    let message = tolmach.only_message_once(MessageState::Parked).await;
    assert_eq!(outcomes(&message.deliveries[0]), [AttemptOutcome::Unknown]);
    let fault = message.summary.deliveries[0].last_fault.clone().unwrap();
    assert!(fault.contains("(200) is larger"), "{fault}");
    assert_eq!((message.deliveries.len(), bank.calls().len()), (1, 1), "the partner may have taken it");
}

/// The notices that the bank got.
fn told(bank: &Partner) -> Vec<String> {
    let body = |call: Call| String::from_utf8(call.body.to_vec()).unwrap();
    bank.calls().into_iter().filter(|call| call.path == "/notices").map(body).collect()
}
