//! What is sent to a channel of ours instead of a partner.

use runtime::store::MessageState;
use serde_json::json;

use crate::harness::{Folder, Partner, Process, Reply, Tolmach, eventually, order};

/// What the bank has taken comes as a message of ours; what becomes of that is a notice.
const TAKEN: &str = "
receive: bank/taken
message: Taken
answer: {status: 200}
send: bank/notices
map: {order: order, number: number, from: header('idempotency-key')}
";

fn folder(bank: &Partner) -> Folder {
    Folder::orders(bank)
        .endpoint("")
        .contract(
            "  state: {channel: taken, key: order}
channels:
  taken: {internal: true, message: \"'Taken'\", messages: {Taken: taken}, id: \"join(' ', [order, to_string(number)])\", on_conflict: ignore, key: order}
",
        )
        .file("schemas/taken.json", r#"{"type": "object", "required": ["order", "number"], "properties": {"order": {"type": "string"}, "number": {"type": "integer"}}}"#)
        .file("mappings/bank/taken.yaml", TAKEN)
        .route(
            "then:
  delivered:
    - send: state
      map: {order: message().id, number: number}
      then:
        rejected:
          - send: notices
            map: {refused: message().id}",
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_message_with_deliveries_of_its_own() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": 77}"#));
    let tolmach = Tolmach::start(folder(&bank)).await;
    tolmach.order("o1", "anna").await;
    let calls = bank.called(2).await;
    let messages = tolmach.all_once(MessageState::Delivered).await;
    let channels: Vec<&str> = messages.iter().map(|message| &*message.summary.channel).collect();
    assert_eq!(channels, ["shop/orders", "bank/taken"]);
    let handed = &messages[0].deliveries[1];
    assert_eq!(
        (&*calls[1].path, calls[1].json()),
        ("/notices", json!({"order": "o1", "number": 77, "from": handed.idempotency_key}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_an_internal_channel_from_outside() {
    let tolmach = Tolmach::start(folder(&Partner::start())).await;
    for path in ["/", "/taken", "/bank/taken", ""] {
        assert_eq!(tolmach.post(path, r#"{"order": "o1", "number": 1}"#).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_channel_refuses_is_rejected() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": "not a number"}"#));
    let tolmach = Tolmach::start(folder(&bank)).await;
    tolmach.order("o1", "anna").await;
    let calls = bank.called(2).await;
    assert_eq!((&*calls[1].path, calls[1].json()), ("/notices", json!({"refused": "o1"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_has_no_effect_whatever_stands_beside_it() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": 77}"#));
    let folder = folder(&bank).file(
        "mappings/bank/note.yaml",
        "
receive: shop/orders
message: Note
send: state
map: {order: order, number: number, with: id}
",
    );
    let tolmach = Tolmach::start(folder).await;
    for id in ["n1", "n2"] {
        let note = json!({"type": "Note", "id": id, "customer": "anna", "order": "o9", "number": 5});
        assert_eq!(tolmach.post("/orders", note.to_string()).await.status, 202);
    }
    bank.called(1).await;
    let messages = tolmach.all_once(MessageState::Delivered).await;
    assert_eq!((messages.len(), bank.calls().len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_none_and_repeats_none() {
    let bank = Partner::start().answering(|_| Reply::json(200, r#"{"number": 77}"#));
    let folder = folder(&bank);
    for round in 0..5 {
        let process = Process::start(&folder).await;
        for n in 0..10 {
            assert!(process.try_order(&format!("o{round}-{n}"), "anna").await);
        }
        process.kill();
    }
    let process = Process::start(&folder).await;
    // The list is not read in one moment: what is handed over comes while it is read.
    let messages = eventually("all are handed over", || {
        let all = process.messages();
        let done = all.iter().all(|message| message.summary.state == MessageState::Delivered);
        (done && all.len() >= 100).then_some(all)
    })
    .await;
    let taken = messages.iter().filter(|message| message.summary.channel == "bank/taken").count();
    assert_eq!((messages.len() - taken, taken), (50, 50));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_under_a_known_id_is_a_repeat_where_the_channel_says_so() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(Folder::orders(&bank).channel("on_conflict: ignore")).await;
    let first = tolmach.post("/orders", order("o1", "anna")).await;
    let again = tolmach.post("/orders", order("o1", "boris")).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    tolmach.only_message_once(MessageState::Delivered).await;
    assert_eq!(bank.calls().len(), 1);
}
