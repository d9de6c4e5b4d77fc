//! The real binary dies or is told to stop, at every point of a message's way: nothing that was acknowledged is lost,
//! nothing is delivered more than once more, and the key tells the partner that it is the same.

use std::collections::BTreeMap;
use std::ops::Range;

use runtime::store::{MessageDetail, MessageState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Caller, Folder, Gate, Partner, Process, Reply, eventually, order, together};

const ORDERS: Range<usize> = 0..12;
/// Orders share lanes: some wait for others when the process dies.
const CUSTOMERS: usize = 4;

fn customer(n: usize) -> String {
    format!("customer-{}", n % CUSTOMERS)
}

/// Sends orders at once; the ids of those that were acknowledged.
async fn acknowledged(caller: Caller) -> Vec<String> {
    let orders = ORDERS.map(|n| {
        let (caller, id) = (caller.clone(), format!("o{n}"));
        async move { caller.try_order(&id, &customer(n)).await.then_some(id) }
    });
    together(orders).await.into_iter().flatten().collect()
}

fn order_id(message: &MessageDetail) -> String {
    let body: serde_json::Value = serde_json::from_slice(&message.body).unwrap();
    body["id"].as_str().unwrap().to_owned()
}

/// Starts again, waits until everything is delivered, and holds it against what was acknowledged.
async fn recovers(folder: &Folder, bank: &Partner, acknowledged: &[String]) {
    let process = Process::start(folder).await;
    // Whoever got no answer may have been heard all the same.
    let messages = match process.messages() {
        none if none.is_empty() => none,
        _ => process.all_once(MessageState::Delivered).await,
    };
    let kept: BTreeMap<String, &MessageDetail> = messages.iter().map(|each| (order_id(each), each)).collect();
    assert_eq!(kept.len(), messages.len(), "one message an order");
    for id in acknowledged {
        assert!(kept.contains_key(id), "{id} was acknowledged and is lost");
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for call in bank.calls() {
        *times.entry(call.id()).or_default() += 1;
        let message =
            kept.get(&call.id()).unwrap_or_else(|| panic!("{} is delivered and not kept", call.id()));
        assert_eq!(call.idempotency_key(), message.deliveries[0].idempotency_key);
    }
    assert!(times.values().all(|times| *times <= 2), "{times:?}");
    assert_eq!(times.len(), kept.len(), "everything kept was delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_acknowledgement() {
    for _ in 0..2 {
        let mut bank = Partner::closed();
        let folder = Folder::orders(&bank).patient();
        let process = Process::start(&folder).await;
        let acknowledged = acknowledged(process.caller()).await;
        assert_eq!(acknowledged.len(), ORDERS.len());
        process.kill();
        bank.open();
        recovers(&folder, &bank, &acknowledged).await;
        assert_eq!(bank.calls().len(), ORDERS.len(), "nobody was called before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_partner_thinks() {
    for _ in 0..3 {
        let never = Gate::shut();
        let bank = Partner::start().answering(move |_| Reply::json(200, "{}").held(&never));
        let folder = Folder::orders(&bank).patient();
        let process = Process::start(&folder).await;
        let acknowledged = acknowledged(process.caller()).await;
        bank.called(CUSTOMERS).await;
        process.kill();
        bank.answer(|_| Reply::json(200, "{}"));
        recovers(&folder, &bank, &acknowledged).await;
        assert_eq!(bank.calls().len(), ORDERS.len() + CUSTOMERS, "those in flight come once more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_the_last_attempt() {
    let never = Gate::shut();
    let bank = Partner::start().answering(move |call| match call.path.as_str() {
        "/orders" => Reply::json(200, "{}").held(&never),
        _ => Reply::json(200, "{}"),
    });
    let folder = Folder::orders(&bank)
        .endpoint("retry: {attempts: 1}")
        .route("then: {failed: [{send: bank/notices, map: {lost: message().id}}]}");
    let process = Process::start(&folder).await;
    process.order("o1", "anna").await;
    bank.called(1).await;
    process.kill();

    let process = Process::start(&folder).await;
    let calls = bank.called(2).await;
    assert_eq!((&*calls[1].path, calls[1].json()), ("/notices", serde_json::json!({"lost": "o1"})));
    let message = process.only_message_once(MessageState::Parked).await;
    let fault = message.summary.deliveries[0].last_fault.as_deref();
    assert_eq!(fault, Some(r#"{"detail":"the process ended during the last attempt"}"#));
    assert_eq!(bank.calls().len(), 2, "the order is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_right_after_the_partner_has_answered() {
    for calls in 1..=4 {
        let bank = Partner::start();
        let folder = Folder::orders(&bank).patient();
        let process = Process::start(&folder).await;
        let taking = tokio::spawn(acknowledged(process.caller()));
        bank.called(calls).await;
        process.kill();
        recovers(&folder, &bank, &taking.await.unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_takes_messages() {
    for taken in 1..=4 {
        let mut bank = Partner::closed();
        let folder = Folder::orders(&bank).patient();
        let process = Process::start(&folder).await;
        let taking = tokio::spawn(acknowledged(process.caller()));
        eventually("some are kept", || (process.messages().len() >= taken).then_some(())).await;
        process.kill();
        bank.open();
        recovers(&folder, &bank, &taking.await.unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_everything_under_way_come_to_its_end() {
    let gate = Gate::shut();
    let held = gate.clone();
    let bank = Partner::start().answering(move |call| match call.id().as_str() {
        "slow" => Reply::json(200, "{}").held(&held),
        _ => Reply::json(200, "{}"),
    });
    let folder = Folder::orders(&bank).patient();
    let mut process = Process::start(&folder).await;
    process.order("slow", "anna").await;
    bank.called(1).await;
    let mut half = Half::send(&process, &order("half", "boris")).await;

    process.terminate().await;
    eventually("the port is closed", || std::net::TcpStream::connect(process.address()).err()).await;
    let answer = half.finish().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    gate.open();
    let ended = process.ended().await;
    assert_eq!(ended.code(), Some(0), "{}", process.log());

    let states: BTreeMap<String, MessageState> =
        process.messages().iter().map(|message| (order_id(message), message.summary.state)).collect();
    assert_eq!(states["slow"], MessageState::Delivered);
    let again = Process::start(&folder).await;
    again.all_once(MessageState::Delivered).await;
    assert_eq!(bank.calls().len(), 2, "nothing is made twice");
}

/// A request whose body comes in two halves; the server reads it already.
struct Half {
    stream: TcpStream,
    rest: String,
}

impl Half {
    async fn send(caller: &Caller, body: &str) -> Self {
        let mut stream = TcpStream::connect(caller.address()).await.unwrap();
        let head = format!(
            "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        let (first, rest) = body.split_at(body.len() / 2);
        stream.write_all(first.as_bytes()).await.unwrap();
        Self { stream, rest: rest.to_owned() }
    }

    async fn finish(&mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
