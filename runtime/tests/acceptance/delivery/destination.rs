//! What a partner can take: it is not asked more often, not more at a time, and left alone when it fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::store::{AttemptOutcome, MessageState};

use super::outcomes;
use crate::harness::{Folder, Gate, Partner, Reply, Tolmach};

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_under_way_than_the_contract_says() {
    let gate = Gate::shut();
    let (bank, held) = (Partner::start(), gate.clone());
    bank.answer(move |_| Reply::json(200, "{}").held(&held));
    let folder = Folder::orders(&bank).contract("limits: {concurrent: 2}");
    let tolmach = Tolmach::start(folder).await;
    for number in 0..5 {
        tolmach.order(&format!("o{number}"), &format!("c{number}")).await;
    }
    assert_eq!(bank.called(2).await.len(), 2);
    gate.open();
    tolmach.all_once(MessageState::Delivered).await;
    assert_eq!(bank.calls().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_fails_is_left_alone_and_no_attempt_is_spent() {
    let failing = Arc::new(AtomicUsize::new(0));
    let (bank, seen) = (Partner::start(), Arc::clone(&failing));
    bank.answer(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0..3 => Reply::json(500, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let folder = Folder::orders(&bank).patient().contract("limits: {breaker: {failures: 3, pause: 300ms}}");
    let tolmach = Tolmach::start(folder).await;
    for number in 0..20 {
        tolmach.order(&format!("o{number}"), "anna").await;
    }
    let messages = tolmach.all_once(MessageState::Delivered).await;
    let first = outcomes(&messages[0].deliveries[0]);
    assert_eq!(first, [vec![AttemptOutcome::Retry; 3], vec![AttemptOutcome::Delivered]].concat());
    let attempts = &messages[0].deliveries[0].attempts;
    let pause = attempts[3].started_at.duration_since(attempts[2].ended_at);
    assert!(pause.as_millis() >= 300, "{pause}");
}
