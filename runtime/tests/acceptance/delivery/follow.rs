//! What follows a delivery: further deliveries in their order, and records that the next message sees.

use runtime::store::MessageState;
use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Answer, Call, Folder, Gate, Partner, Process, Reply, Tolmach, eventually};

/// A note asks what is known of an order.
const NOTE: &str = "
receive: shop/orders
message: Note
answer:
  map:
    state: record('order', about).state
    number: record('order', about).number
    of_number: record('order', 'number', '77').id
";

fn note(id: &str, about: &str) -> String {
    json!({"type": "Note", "id": id, "customer": "anna", "about": about}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_there_for_the_next_message() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": "77"}"#));
    let folder = Folder::orders(&bank).file("mappings/bank/note.yaml", NOTE).route(
        "record: {order: {id: id, state: \"'sent'\"}}
then:
  delivered:
    - record: {order: {id: message().id, number: number, state: \"'taken'\"}}",
    );
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    tolmach.only_message_once(MessageState::Delivered).await;
    let answer = tolmach.post("/orders", note("n1", "o1")).await;
    assert_eq!(answer.json(), json!({"state": "taken", "number": "77", "of_number": "o1"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_an_accepted_message_is_there_before_its_delivery() {
    let bank = Partner::closed();
    let folder = Folder::orders(&bank)
        .patient()
        .file("mappings/bank/note.yaml", NOTE)
        .route("record: {order: {id: id, state: \"'sent'\"}}");
    let tolmach = Tolmach::start(folder).await;
    for n in 0..10 {
        tolmach.order(&format!("o{n}"), "anna").await;
        let answer = tolmach.post("/orders", note(&format!("n{n}"), &format!("o{n}"))).await;
        assert_eq!(answer.json(), json!({"state": "sent"}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_field_belongs_to_one_record() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank).route("record: {order: {id: id, number: amount}}");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    let second = json!({"type": "Order", "id": "o2", "customer": "anna", "amount": 10});
    let answer = tolmach.post("/orders", second.to_string()).await;
    insta::assert_snapshot!(answer.shown());
    assert_eq!(tolmach.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_are_made_in_the_order_of_their_rows() {
    let bank = Partner::start().answering(|call| match call.number {
        // The first notice fails at first: the others wait for it.
        1 => Reply::json(503, "{}"),
        _ => Reply::json(200, "{}"),
    });
    let folder = Folder::orders(&bank).route(
        "then:
  delivered:
    - send: bank/notices
      map: {at: {value: 1}}
      then: {delivered: [{send: bank/notices, map: {at: {value: 4}}}]}
    - {send: bank/notices, when: refused, map: {at: {value: 9}}}
    - {send: bank/notices, map: {at: {value: 2}}}
    - {send: bank/notices, after: 1ms, map: {at: {value: 3}}}",
    );
    let partner = folder.path().join("mappings/bank/partner.yaml");
    let contract = std::fs::read_to_string(&partner).unwrap();
    let quick = "{post: \"{url}/notices\", retry: {attempts: 5, first: 1ms}}";
    std::fs::write(&partner, contract.replace("{post: \"{url}/notices\"}", quick)).unwrap();

    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    tolmach.only_message_once(MessageState::Delivered).await;
    let at: Vec<i64> = bank.calls().iter().skip(1).map(|call| call.json()["at"].as_i64().unwrap()).collect();
    assert_eq!(at, [1, 1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_follow_parks_the_delivery_that_was_made() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank)
        .route("then: {delivered: [{send: bank/notices, map: {number: {from: number, required: true}}}]}");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    let message = tolmach.only_message_once(MessageState::Parked).await;
    assert_eq!(bank.calls().len(), 1);
    let fault = message.summary.deliveries[0].last_fault.clone().unwrap();
    assert!(fault.contains("mappings/bank/order.yaml:"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_of_what_follows_does_not_hide_the_response() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": "77"}"#));
    let folder = Folder::orders(&bank)
        .route("then: {delivered: [{record: {order: {id: message().id, number: number}}}]}");
    let tolmach = Tolmach::start(folder).await;
    tolmach.order("o1", "anna").await;
    tolmach.only_message_once(MessageState::Delivered).await;
    tolmach.order("o2", "anna").await;
    let second = eventually("the second is parked", || {
        tolmach.messages().into_iter().find(|message| message.summary.state == MessageState::Parked)
    })
    .await;
    let response = second.deliveries[0].attempts[0].response.clone().unwrap();
    assert_eq!((response.status, &response.body[..]), (200, &br#"{"number": "77"}"#[..]));
}

/// A shop whose orders come as a form, and which pings with nothing at all.
const FORMS: &str = "
partner: shop
channels:
  orders: {post: /orders, auth: none, body: form, message: type, messages: {Order: null}}
  pings: {get: /pings, auth: none, message: \"'Ping'\", messages: {Ping: null}}
";

const PING: &str = "
receive: shop/pings
message: Ping
send: bank/orders
map: {id: {value: ping}}
then: {delivered: [{send: bank/notices, map: {id: request().id, from: message()}}]}
";

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_reads_the_message_as_its_channel_does() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank)
        .file("mappings/shop/partner.yaml", FORMS)
        .file("mappings/bank/ping.yaml", PING)
        .route("then: {delivered: [{send: bank/notices, map: {id: request().id, from: message()}}]}");
    let tolmach = Tolmach::start(folder).await;
    let form = tolmach.request("POST", "/orders").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(Answer::of(form.body("type=Order&id=o1&amount=1+2")).await.unwrap().status, 200);
    assert_eq!(Answer::of(tolmach.request("GET", "/pings")).await.unwrap().status, 202);

    tolmach.all_once(MessageState::Delivered).await;
    let mut notices: Vec<_> =
        bank.calls().iter().filter(|call| call.path == "/notices").map(Call::json).collect();
    notices.sort_by_key(|notice| notice["id"].to_string());
    let order = json!({"type": "Order", "id": "o1", "amount": "1 2"});
    assert_eq!(notices, [json!({"id": "o1", "from": order}), json!({"id": "ping", "from": {}})]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_has_not_the_consequences_of_a_step_that_took_its_place() {
    let mut bank = Partner::closed();
    let then = "then: {delivered: [{send: bank/notices, map: {number: number}}]}";
    let folder = Folder::orders(&bank).patient().route(then);
    let before = Process::start(&folder).await;
    before.order("o1", "anna").await;
    before.kill();

    let route = folder.path().join("mappings/bank/order.yaml");
    let written = std::fs::read_to_string(&route).unwrap();
    std::fs::write(&route, written.replace("send: bank/orders", "send: bank/notices")).unwrap();
    bank.open();
    let after = Process::start(&folder).await;
    let message = after.only_message_once(MessageState::Parked).await;
    let fault = message.summary.deliveries[0].last_fault.clone().unwrap();
    assert!(fault.contains("the step `send` sends to bank/notices now, not to bank/orders"), "{fault}");
    let paths: Vec<String> = bank.calls().into_iter().map(|call| call.path).collect();
    assert_eq!(paths, ["/orders"]);
}

/// The store refuses the end of every attempt for a while, as it does when the disk is full.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_cannot_be_kept_is_kept_later_without_another_call() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |_| Reply::json(200, "{}").held(&held));
    let folder = Folder::orders(&bank).patient();
    let process = Process::start(&folder).await;
    process.order("o1", "anna").await;
    bank.called(1).await;
    let beside = Connection::open(process.store_path()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'no'); END";
    beside.execute_batch(refuse).unwrap();

    gate.open();
    process.logged("the end of a delivery is not kept yet").await;
    beside.execute_batch("DROP TRIGGER refuse").unwrap();
    let message = process.only_message_once(MessageState::Delivered).await;
    assert_eq!((message.deliveries[0].attempts.len(), bank.calls().len()), (1, 1));
}
