//! What becomes of a delivery that can be tried no more, or of which nobody knows whether it was taken.

use jiff::Timestamp;
use runtime::store::sqlite::Operator;
use runtime::store::{AttemptOutcome, DeliveryState, Discarded, MessageState, Redriven};

use super::outcomes;
use crate::harness::{Call, Caller, Folder, Partner, Reply, Tolmach, eventually};

const ONCE: &str = "retry: {attempts: 1}";

/// A bank that can do nothing with the first order.
fn busy_at_first(call: &Call) -> Reply {
    Reply::json(if call.id() == "o1" { 503 } else { 200 }, "{}")
}

fn operator(tolmach: &Caller) -> Operator {
    Operator::open(tolmach.store_path()).unwrap()
}

/// The state of the only delivery of each message.
async fn once(tolmach: &Caller, expected: &[DeliveryState]) {
    eventually("the deliveries are where they should be", || {
        let states: Vec<_> =
            tolmach.messages().iter().map(|message| message.summary.deliveries[0].state).collect();
        (states == expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_waits_for_a_person() {
    let bank = Partner::start().answering(busy_at_first);
    let folder = Folder::orders(&bank).endpoint(&format!("{ONCE}\non_exhausted: park_key"));
    let tolmach = Tolmach::start(folder).await;
    for (id, customer) in [("o1", "anna"), ("o2", "anna"), ("o3", "boris")] {
        tolmach.order(id, customer).await;
    }
    once(&tolmach, &[DeliveryState::Parked, DeliveryState::Pending, DeliveryState::Delivered]).await;
    bank.answer(|_| Reply::json(200, "{}"));
    let parked = tolmach.messages().remove(0).summary.id;
    let redriven = operator(&tolmach).redrive(&parked, Timestamp::now()).unwrap();
    assert_eq!(redriven, Redriven::Deliveries(1));
    tolmach.all_once(MessageState::Delivered).await;
    let annas: Vec<String> = bank.calls().iter().map(Call::id).filter(|id| id != "o3").collect();
    assert_eq!(annas, ["o1", "o1", "o2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_on_without_what_is_discarded() {
    let bank = Partner::start().answering(busy_at_first);
    let folder = Folder::orders(&bank).endpoint(&format!("{ONCE}\non_exhausted: park_key"));
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    tolmach.order("o2", "anna").await;
    once(&tolmach, &[DeliveryState::Parked, DeliveryState::Pending]).await;
    let parked = tolmach.messages().remove(0).summary.id;
    assert_eq!(operator(&tolmach).discard(&parked, Timestamp::now()).unwrap(), Discarded::Deliveries(1));
    once(&tolmach, &[DeliveryState::Discarded, DeliveryState::Delivered]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_takes_the_place_of_what_failed() {
    let bank = Partner::start().answering(busy_at_first);
    let folder = Folder::orders(&bank)
        .endpoint("retry: {attempts: 2, first: 500ms, max: 500ms}\non_exhausted: latest_wins");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    tolmach.order("o2", "anna").await;
    once(&tolmach, &[DeliveryState::Superseded, DeliveryState::Delivered]).await;
    assert_eq!(tolmach.messages()[0].summary.state, MessageState::Superseded);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_is_over_ends_the_attempts() {
    let bank = Partner::start().answering(|_| Reply::json(503, "{}"));
    let folder = Folder::orders(&bank)
        .endpoint("retry: {attempts: 1000, first: 1h, max: 1h, within: 1ms}")
        .route("then: {failed: [{send: bank/notices, map: {failed: message().id}}]}");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    let calls = bank.called(2).await;
    assert_eq!(calls[1].json()["failed"], "o1");
    let message = tolmach.messages().remove(0);
    assert_eq!(outcomes(&message.deliveries[0]), [AttemptOutcome::Parked]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_of_waits_where_that_is_asked_for() {
    let bank = Partner::start().answering(|_| Reply::cut());
    let folder = Folder::orders(&bank)
        .endpoint("retry: {attempts: 9, first: 1ms, max: 1ms}\non_unknown: park")
        .route("then: {failed: [{send: bank/notices, map: {failed: message().id}}]}");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    let message = tolmach.only_message_once(MessageState::Parked).await;
    assert_eq!(outcomes(&message.deliveries[0]), [AttemptOutcome::Unknown]);
    assert_eq!(message.summary.deliveries.len(), 1, "nothing says that it failed");
    insta::assert_snapshot!(message.summary.deliveries[0].last_fault.as_deref().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_it_is_tried_again_and_told_apart_from_a_failure() {
    let bank = Partner::start().answering(|call| match call.number {
        0 => Reply::cut(),
        1 => Reply::json(503, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let tolmach = Tolmach::start(Folder::orders(&bank).patient()).await;
    tolmach.order("o1", "anna").await;
    let message = tolmach.only_message_once(MessageState::Delivered).await;
    let expected = [AttemptOutcome::Unknown, AttemptOutcome::Retry, AttemptOutcome::Delivered];
    assert_eq!(outcomes(&message.deliveries[0]), expected);
}
