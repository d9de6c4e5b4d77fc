//! Messages that wait for a person.

use jiff::Timestamp;
use runtime::store::MessageState;
use runtime::store::sqlite::Operator;
use serde_json::json;

use crate::harness::{Caller, Folder, Partner, Process, Tolmach, eventually, order as plain_order};

const STRICT: &str = "
receive: shop/orders
message: Order
send: bank/orders
map: {id: id, kind: \"theirs('kind', kind)\", amount: {from: minor_units(amount), required: true}}
";

const CODES: &str = "
codes:
  kind:
    rows: {\"1\": BOOK}
    unknown: park
";

fn order(kind: &str, amount: &str) -> String {
    json!({"type": "Order", "id": "o1", "customer": "anna", "kind": kind, "amount": amount}).to_string()
}

/// An operator wants the message translated again.
fn try_again(caller: &Caller, id: &str) {
    Operator::open(caller.store_path()).unwrap().redrive(id, Timestamp::now()).unwrap();
}

async fn started(bank: &Partner, channel: &str) -> Tolmach {
    let folder =
        Folder::orders(bank).channel(channel).contract(CODES).file("mappings/bank/order.yaml", STRICT);
    Tolmach::start(folder).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_may_keep_what_cannot_be_mapped() {
    let bank = Partner::start();
    let tolmach = started(&bank, "on_fault: park").await;
    let answer = tolmach.post("/orders", order("BOOK", "marker-value")).await;
    insta::assert_snapshot!(answer.shown());

    let message = tolmach.only_message_once(MessageState::Parked).await;
    assert_eq!(message.body, order("BOOK", "marker-value").as_bytes());
    assert_eq!(
        (message.summary.key.as_deref(), message.summary.route.as_deref()),
        (Some("anna"), Some("bank/order"))
    );
    insta::assert_snapshot!(message.summary.fault.unwrap());
    let again = tolmach.post("/orders", order("BOOK", "marker-value")).await;
    assert_eq!((again.status, &again.body), (answer.status, &answer.body));
    assert_eq!(tolmach.messages().len(), 1);
    assert!(bank.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_code_is_kept_where_its_table_says_so() {
    let bank = Partner::start();
    let tolmach = started(&bank, "on_fault: reject").await;
    let answer = tolmach.post("/orders", order("marker-value", "1.00")).await;
    assert_eq!(answer.status, 202, "{}", answer.shown());
    let message = tolmach.only_message_once(MessageState::Parked).await;
    insta::assert_snapshot!(message.summary.fault.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_told_where_it_can_mend_something() {
    let bank = Partner::start();
    let tolmach = started(&bank, "on_fault: reject").await;
    let answer = tolmach.post("/orders", order("marker-value", "marker-value")).await;
    insta::assert_snapshot!(answer.shown());
    assert!(tolmach.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_never_kept() {
    let bank = Partner::start();
    let tolmach = started(&bank, "on_fault: park").await;
    assert_eq!(tolmach.post("/orders", "{\"type\": ").await.status, 400);
    assert!(tolmach.messages().is_empty());
}

/// Parked as it came, because the order it wants is not there; tried again, it is in the way of that order.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_again_and_fails_otherwise_waits_again() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank)
        .channel("on_fault: park")
        .route("when: \"!wants || record('order', wants)\"\nrecord: {order: {id: id, number: amount}}");
    let tolmach = Tolmach::start(folder).await;
    let wanting = json!({"type": "Order", "id": "o2", "customer": "anna", "amount": 10, "wants": "o1"});
    assert_eq!(tolmach.post("/orders", wanting.to_string()).await.status, 202);
    tolmach.order("o1", "anna").await;

    let parked = tolmach.messages().remove(0).summary;
    try_again(&tolmach, &parked.id);
    let again = eventually("it is parked for another reason", || {
        let message = tolmach.messages().remove(0).summary;
        (message.state == MessageState::Parked && message.fault != parked.fault).then_some(message)
    })
    .await;
    insta::assert_snapshot!(again.fault.unwrap());
    assert_eq!(bank.called(1).await.len(), 1, "only o1 went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_again_has_all_that_came_with_it() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank).channel("on_fault: park").file(
        "mappings/bank/order.yaml",
        "receive: shop/orders
message: Order
when: \"!wants || record('order', wants)\"
answer: {map: {taken: id}}
record: {order: {id: id}}
send: bank/orders
map: {id: id, source: header('x-source'), branch: query('branch'), who: header('authorization')}
",
    );
    let tolmach = Tolmach::start(folder).await;
    let wanting = json!({"type": "Order", "id": "o2", "customer": "anna", "wants": "o1"});
    let request = tolmach.request("POST", "/orders?branch=north").basic_auth("anna", Some("marker-value"));
    let request = request.header("content-type", "application/json").header("x-source", "web");
    let answer = request.body(wanting.to_string()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 202);
    tolmach.order("o1", "anna").await;

    try_again(&tolmach, &tolmach.messages()[0].summary.id);
    let calls = bank.called(2).await;
    assert_eq!(calls[1].json(), json!({"id": "o2", "source": "web", "branch": "north"}));
    tolmach.all_once(MessageState::Delivered).await;
}

/// It came when the channel looked for the id elsewhere; so did its repeat, when the channel knew better.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_again_after_its_repeat_was_taken_waits_again() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank).channel("on_fault: park");
    let contract = folder.path().join("mappings/shop/partner.yaml");
    let right = std::fs::read_to_string(&contract).unwrap();
    std::fs::write(&contract, right.replace("id: id", "id: number")).unwrap();
    let process = Process::start(&folder).await;
    assert_eq!(process.post("/orders", plain_order("o1", "anna")).await.status, 202);
    process.kill();
    std::fs::write(&contract, right).unwrap();
    let process = Process::start(&folder).await;
    process.order("o1", "anna").await;

    let parked = process.messages().remove(0).summary;
    try_again(&process, &parked.id);
    let again = eventually("it is parked for another reason", || {
        let message = process.messages().remove(0).summary;
        (message.state == MessageState::Parked && message.fault != parked.fault).then_some(message)
    })
    .await;
    let fault = again.fault.unwrap();
    assert!(fault.contains("a message with this id came before"), "{fault}");
    assert_eq!(bank.called(1).await.len(), 1);
}

/// What was to be sent when it was parked is a call by now, and nobody waits for its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_parked_message_is_not_lost_to_a_call() {
    let bank = Partner::start();
    let strict = "receive: shop/orders
message: Order
send: bank/orders
map: {id: id, amount: {from: amount, required: true}}
";
    let folder = Folder::orders(&bank).channel("on_fault: park").file("mappings/bank/order.yaml", strict);
    let process = Process::start(&folder).await;
    assert_eq!(
        process.post("/orders", r#"{"type": "Order", "id": "o1", "customer": "anna"}"#).await.status,
        202
    );
    process.kill();

    let contract = std::fs::read_to_string(folder.path().join("mappings/shop/partner.yaml")).unwrap();
    let calls =
        "receive: shop/orders\nmessage: Order\ncall: bank/orders\nmap: {id: id}\nanswer: {copy: \"@\"}\n";
    let folder = folder
        .file("mappings/shop/partner.yaml", &contract.replace("on_fault: park", ""))
        .file("mappings/bank/order.yaml", calls);
    let process = Process::start(&folder).await;
    try_again(&process, &process.messages()[0].summary.id);
    let again = eventually("it is parked and says why", || {
        let fault = process.messages().remove(0).summary.fault.unwrap_or_default();
        fault.contains("its caller waits no more").then_some(())
    });
    again.await;
    process.only_message_once(MessageState::Parked).await;
    assert!(bank.calls().is_empty());
}
