//! Routes that run by themselves: at the start, and as time passes.

use runtime::store::MessageState;
use serde_json::json;

use crate::harness::{Folder, Gate, Partner, Process, Reply, Tolmach, command, eventually};

const START: &str = "
on: start
send: bank/notices
map: {up: {value: true}}
";

const EVERY: &str = "
every: 1s
send: bank/notices
map: {tick: {value: true}}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_start_is_told() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(Folder::orders(&bank).file("mappings/bank/start.yaml", START)).await;
    let message = tolmach.only_message_once(MessageState::Delivered).await;
    let summary = &message.summary;
    assert_eq!((&*summary.channel, &*summary.partner), ("on: start", "bank"));
    assert_eq!(summary.route.as_deref(), Some("bank/start"));
    let calls = bank.calls();
    assert_eq!((calls.len(), calls[0].json()), (1, json!({"up": true})));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_start_is_told() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank).file("mappings/bank/start.yaml", START);
    let process = Process::start(&folder).await;
    process.all_once(MessageState::Delivered).await;
    process.kill();
    let process = Process::start(&folder).await;
    bank.called(2).await;
    process.all_once(MessageState::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_fault_is_parked_and_can_be_tried_again() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": "77"}"#));
    let route = START
        .replace("up: {value: true}", "number: {from: \"record('order', 'o1').number\", required: true}");
    let folder = Folder::orders(&bank)
        .route("then: {delivered: [{record: {order: {id: message().id, number: number}}}]}")
        .file("mappings/bank/start.yaml", &route);
    let process = Process::start(&folder).await;
    let parked = process.only_message_once(MessageState::Parked).await.summary;
    assert_eq!((&*parked.channel, parked.route.as_deref()), ("on: start", Some("bank/start")));
    process.order("o1", "anna").await;
    bank.called(1).await;
    eventually("the order is delivered", || {
        process.messages().iter().any(|each| each.summary.state == MessageState::Delivered).then_some(())
    })
    .await;

    let retried = command().arg("-C").arg(folder.path()).args(["messages", "retry", &parked.id]).output();
    assert!(retried.unwrap().status.success());
    let calls = bank.called(2).await;
    assert_eq!((&*calls[1].path, calls[1].json()), ("/notices", json!({"number": "77"})));
    process.all_once(MessageState::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_period_runs_once() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(Folder::orders(&bank).file("mappings/bank/tick.yaml", EVERY)).await;
    bank.called(3).await;
    let messages = tolmach.messages();
    assert!(messages.iter().all(|message| message.summary.channel == "every: 1s"));
    assert!(messages.len() >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_hangs_is_not_asked_again() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |_| Reply::json(200, "{}").held(&held));
    let folder = Folder::orders(&bank).file("mappings/bank/tick.yaml", EVERY);
    let process = Process::start(&folder).await;
    process.logged("left out: an earlier tick is under way").await;
    assert_eq!((bank.calls().len(), process.messages().len()), (1, 1));
    gate.open();
    bank.called(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_does_not_run_a_period_twice() {
    let bank = Partner::start();
    // Routes are run in the order of their names: who sees the second has seen the first.
    let daily = EVERY.replace("1s", "24h").replace("bank/notices", "bank/orders");
    let folder = Folder::orders(&bank)
        .file("mappings/bank/a-daily.yaml", &daily)
        .file("mappings/bank/b-tick.yaml", EVERY);
    let process = Process::start(&folder).await;
    bank.called(2).await;
    process.all_once(MessageState::Delivered).await;
    process.kill();
    let before = bank.calls().len();
    let process = Process::start(&folder).await;
    bank.called(before + 1).await;
    process.kill();
    let daily = bank.calls().into_iter().filter(|call| call.path == "/orders").count();
    assert_eq!(daily, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_a_period_is_told_in_the_log() {
    let bank = Partner::start();
    let route =
        EVERY.replace("tick: {value: true}", "n: {from: \"record('order', 'o1').number\", required: true}");
    let folder = Folder::orders(&bank).file("mappings/bank/tick.yaml", &route);
    let process = Process::start(&folder).await;
    let line = process.logged("fault of a tick").await;
    assert_eq!((&line["level"], &line["route"]), (&json!("ERROR"), &json!("bank/tick")));
    assert!(process.messages().is_empty());
}
