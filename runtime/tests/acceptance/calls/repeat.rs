//! The repeat of a message whose caller waits: called for once.

use super::folder;
use crate::harness::{Call, Gate, Partner, Process, Reply, Tolmach, order};

fn numbered(_: &Call) -> Reply {
    Reply::json(200, r#"{"number": "77"}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_answer_with_its_headers() {
    let bank = Partner::start().answering(numbered);
    let tolmach = Tolmach::start(folder(&bank)).await;
    let first = tolmach.post("/orders", order("o1", "anna")).await;
    bank.answer(|_| Reply::json(200, r#"{"number": "78"}"#));
    for _ in 0..3 {
        let again = tolmach.post("/orders", order("o1", "anna")).await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.header("x-number"), Some("77"));
    }
    let orders = bank.called(2).await.into_iter().filter(|call| call.path == "/orders").count();
    assert_eq!((orders, tolmach.messages().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_not_called_for_twice_at_once() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |call| numbered(call).held(&held));
    let tolmach = Tolmach::start(folder(&bank)).await;
    let caller = tolmach.caller();
    let first = tokio::spawn(async move { caller.post("/orders", order("o1", "anna")).await });
    bank.called(1).await;
    insta::assert_snapshot!(tolmach.post("/orders", order("o1", "anna")).await.shown());
    gate.open();
    let first = first.await.unwrap();
    let again = tolmach.post("/orders", order("o1", "anna")).await;
    assert_eq!((first.status, again.status, &again.body), (201, 201, &first.body));
    let orders = bank.calls().into_iter().filter(|call| call.path == "/orders").count();
    assert_eq!(orders, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_id_every_message_is_called_for() {
    let bank = Partner::start().answering(numbered);
    let folder = folder(&bank);
    let contract = folder.path().join("mappings/shop/partner.yaml");
    let contract = std::fs::read_to_string(contract).unwrap().replace("    id: id\n", "");
    let route = super::ROUTE.split("then:").next().unwrap();
    let folder = folder.file("mappings/shop/partner.yaml", &contract).file("mappings/bank/order.yaml", route);
    let tolmach = Tolmach::start(folder).await;
    for _ in 0..2 {
        assert_eq!(tolmach.post("/orders", order("o1", "anna")).await.status, 201);
    }
    let calls = bank.calls();
    assert_ne!(calls[0].idempotency_key(), calls[1].idempotency_key());
    assert!(tolmach.messages().is_empty(), "there is nothing to keep");
}

/// It dies before the commit: nothing is left, and the sender comes again.
#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_call() {
    let never = Gate::shut();
    let bank = Partner::start().answering(move |call| numbered(call).held(&never));
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let caller = process.caller();
    let cut = tokio::spawn(async move { caller.try_order("o1", "anna").await });
    bank.called(1).await;
    process.kill();
    assert!(!cut.await.unwrap());

    let process = Process::start(&folder).await;
    assert!(process.messages().is_empty());
    bank.answer(numbered);
    assert_eq!(process.post("/orders", order("o1", "anna")).await.status, 201);
    let calls = bank.called(2).await;
    assert_eq!(calls[0].idempotency_key(), calls[1].idempotency_key());
}
