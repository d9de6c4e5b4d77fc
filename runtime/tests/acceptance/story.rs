//! The whole story, played by the shipped packs and their sandboxes: an application goes from the marketplace to the
//! bank in the bank's dialect, and what the bank says of it comes back.

use engine::value::{Arena, Limits, read};
use engine::{NoRecords, World};
use jiff::Timestamp;
use runtime::store::{MessageDetail, MessageState};
use runtime::world::RandomIds;
use serde_json::{Value, json};

use crate::harness::{Answer, Folder, Tolmach, eventually};

const GOODFIN: (&str, &str) = ("goodfin", "goodfin");

/// A case of the shipped route.
fn case(name: &str) -> String {
    let path = Folder::shipped().join("tests/cases/itfinance/add-deal-application").join(name);
    std::fs::read_to_string(path).unwrap()
}

async fn send(tolmach: &Tolmach, message: String) -> Answer {
    tolmach.post_as(GOODFIN, "/goodfin/in", message).await
}

/// What came over a channel, oldest first.
fn over(tolmach: &Tolmach, channel: &str) -> Vec<MessageDetail> {
    tolmach.messages().into_iter().filter(|message| message.summary.channel == channel).collect()
}

/// What the marketplace has, once there are so many messages, and nothing is under way any more.
async fn marketplace(tolmach: &Tolmach, messages: usize) -> Vec<Value> {
    eventually(&format!("the marketplace has {messages} messages"), || {
        let all = tolmach.messages();
        let over = all.iter().all(|message| message.summary.state != MessageState::Accepted);
        (over && self::over(tolmach, "goodfin-sandbox/openapi_in").len() >= messages).then_some(())
    })
    .await;
    over(tolmach, "goodfin-sandbox/openapi_in").iter().map(stable).collect()
}

/// The message without what differs from run to run.
fn stable(message: &MessageDetail) -> Value {
    let mut json: Value = serde_json::from_slice(&message.body).unwrap();
    for member in ["msgId", "msgDateTime"] {
        assert!(json[member].is_string(), "{json}");
        json[member] = json!("[differs]");
    }
    json
}

/// The bank's message in the order and with the digits that were sent; of long lists only the beginning.
fn dialect(json: &[u8]) -> String {
    let parts = "{request: request, product: application.product, purchase: application.purchase,
        client: application.client.{kind: kind, inn: inn, registeredOn: registeredOn, founders: founders, persons: persons[:1]},
        finance: application.finance[:2], documents: application.documents[:1]}";
    let world = World { now: Timestamp::now(), ids: &RandomIds, records: &NoRecords };
    let json = engine::evaluate(parts, json, world).unwrap();
    let (arena, mut out) = (Arena::new(), Vec::new());
    read(&json, &arena, &Limits::default()).unwrap().write_pretty(&mut out);
    String::from_utf8(out).unwrap()
}

fn record(tolmach: &Tolmach, name: &str, key: &str) -> Value {
    let found = tolmach.store().find_record(name, None, key, jiff::Timestamp::now()).unwrap();
    serde_json::from_str(&found.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_taken_and_its_product_issued() {
    let tolmach = Tolmach::sandbox(Folder::empty()).await;
    let answer = send(&tolmach, case("full.json")).await;
    insta::assert_snapshot!("the answer to the marketplace", answer.shown());

    let messages = marketplace(&tolmach, 4).await;
    let kinds: Vec<&str> = messages.iter().map(|message| message["payloadType"].as_str().unwrap()).collect();
    let event = "ChangeDealApplicationStatusEvent";
    assert_eq!(kinds, ["CommonResponse", "UpdateApplicationParams", event, event]);
    assert_eq!(messages[0]["payload"]["result"], "SUCCESS");
    assert_eq!(messages[1]["payload"]["applicationNumber"], "ITF-70AD2CCD");
    assert_eq!(messages[2]["payload"]["status"], "10");
    assert_eq!(messages[3]["payload"]["status"], "17");
    insta::assert_snapshot!("what the marketplace has", serde_json::to_string_pretty(&messages).unwrap());

    let bank = over(&tolmach, "itfinance-sandbox/applications");
    assert_eq!(bank.len(), 1);
    insta::assert_snapshot!("what the bank has", dialect(&bank[0].body));
    assert!(tolmach.messages().iter().all(|message| message.summary.state != MessageState::Parked));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_remember_the_application() {
    let tolmach = Tolmach::sandbox(Folder::empty()).await;
    send(&tolmach, case("full.json")).await;
    marketplace(&tolmach, 4).await;
    let ours = record(&tolmach, "itfinance.application", "70ad2ccd-03bb-405b-a04f-14a7b6d801b2");
    let expected = json!({
        "ours": "70ad2ccd-03bb-405b-a04f-14a7b6d801b2",
        "theirs": "ITF-70AD2CCD",
        "bank_status": "17",
        "status": "PRODUCT_ISSUED",
    });
    assert_eq!(ours, expected);
    let theirs = record(&tolmach, "itfinance-sandbox.application", "ITF-70AD2CCD");
    assert_eq!(theirs["external"], "70ad2ccd-03bb-405b-a04f-14a7b6d801b2");
    // The marketplace answers each message but the CommonResponse with one of its own.
    assert_eq!(
        tolmach.store().list_records("goodfin.response", None, 10, jiff::Timestamp::now()).unwrap().len(),
        3
    );
    assert_eq!(
        tolmach
            .store()
            .list_records("goodfin-sandbox.event", None, 10, jiff::Timestamp::now())
            .unwrap()
            .len(),
        4
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_client_is_reported_with_our_code() {
    let tolmach = Tolmach::sandbox(Folder::empty()).await;
    let answer = send(&tolmach, case("client-the-sandbox-refuses.json")).await;
    assert_eq!(answer.status, 200, "{}", answer.shown());
    let messages = marketplace(&tolmach, 1).await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&messages).unwrap());
    let record = record(&tolmach, "itfinance.application", "3b66975f-82f8-41cc-924f-e94246895d8b");
    assert_eq!(record["status"], "REFUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_cannot_be_mapped_is_refused_at_once() {
    let tolmach = Tolmach::sandbox(Folder::empty()).await;
    let mut text = String::new();
    for name in
        ["client-not-sent.json", "no-client.json", "unknown-product.json", "fraction-of-a-kopeck.json"]
    {
        let answer = send(&tolmach, case(name)).await;
        text.push_str(&format!("# {name}\n{}\n\n", answer.shown()));
    }
    insta::assert_snapshot!(text);
    assert!(over(&tolmach, "goodfin/inbox").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_application_twice_has_one_effect() {
    let tolmach = Tolmach::sandbox(Folder::empty()).await;
    let first = send(&tolmach, case("full.json")).await;
    let second = send(&tolmach, case("full.json")).await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    marketplace(&tolmach, 4).await;
    assert_eq!(over(&tolmach, "itfinance-sandbox/applications").len(), 1);
    assert_eq!(over(&tolmach, "goodfin-sandbox/openapi_in").len(), 4);
}
