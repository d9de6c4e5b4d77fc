use super::*;
use crate::store::Error;

const RECORD: &str = "bank.application";

async fn accept_records(store: &dyn Store, id: &str, records: Vec<RecordWrite>) -> Result<Accepted, Error> {
    let acceptance = Acceptance { message: message(id), deliveries: Vec::new(), records };
    store.accept(acceptance).await
}

fn by_theirs(store: &dyn Store, theirs: &str) -> Option<String> {
    store.find_record(RECORD, Some("theirs"), theirs, at(0)).unwrap()
}

pub async fn upsert_merges_and_keeps_digits(store: &dyn Store) {
    let first = write("k1", r#"{"amount":1234567890123456789012.10,"state":"SENT"}"#);
    let second = write("k1", r#"{"state":"DONE","rate":0.10}"#);
    accept_records(store, "m1", vec![first, second, write("k0", "{}")]).await.unwrap();
    let merged = r#"{"ours":"k1","amount":1234567890123456789012.10,"state":"DONE","rate":0.10}"#;
    assert_eq!(store.find_record(RECORD, None, "k1", at(0)).unwrap().as_deref(), Some(merged));
    assert_eq!(store.find_record(RECORD, None, "k2", at(0)).unwrap(), None);
    assert_eq!(store.find_record("other", None, "k1", at(0)).unwrap(), None);
    assert_eq!(store.list_records(RECORD, None, 9, at(0)).unwrap(), [r#"{"ours":"k0"}"#, merged]);
    assert_eq!(store.list_records(RECORD, None, 1, at(0)).unwrap().len(), 1);
}

pub async fn unique_conflict_leaves_nothing(store: &dyn Store) {
    accept_records(store, "m1", vec![unique("k1", "7")]).await.unwrap();
    let refused = accept_records(store, "m2", vec![write("k3", "{}"), unique("k2", "7")]).await;
    match refused {
        Err(Error::RecordConflict { record, field }) => {
            assert_eq!((&*record, &*field), (RECORD, "theirs"))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(store.show("m2").unwrap(), None);
    assert_eq!(store.list_records(RECORD, None, 9, at(0)).unwrap().len(), 1);
    assert!(by_theirs(store, "7").unwrap().contains("k1"));
}

pub async fn unique_values_can_change(store: &dyn Store) {
    accept_records(store, "m1", vec![unique("k1", "7"), unique("k1", "7"), unique("k1", "8")]).await.unwrap();
    assert_eq!(by_theirs(store, "7"), None);
    assert_eq!(by_theirs(store, "8").unwrap(), r#"{"ours":"k1","theirs":"8"}"#);
    accept_records(store, "m2", vec![unique("k2", "7")]).await.unwrap();
    assert!(by_theirs(store, "7").unwrap().contains("k2"));
    let elsewhere = RecordWrite { record: "shop.order".to_owned(), ..unique("k9", "7") };
    accept_records(store, "m3", vec![elsewhere]).await.unwrap();
}

pub async fn expired_records_make_room(store: &dyn Store) {
    let expiring = RecordWrite { expires: Some(at(10)), ..unique("k1", "7") };
    accept_records(store, "m1", vec![expiring]).await.unwrap();
    let early = RecordWrite { at: at(9), ..unique("k2", "7") };
    assert!(accept_records(store, "m2", vec![early]).await.is_err());
    let late = RecordWrite { at: at(10), ..unique("k2", "7") };
    accept_records(store, "m3", vec![late]).await.unwrap();
    assert!(by_theirs(store, "7").unwrap().contains("k2"));
    assert_eq!(store.find_record(RECORD, None, "k1", at(0)).unwrap(), None);
}

pub async fn expired_records_are_not_found(store: &dyn Store) {
    let expiring = RecordWrite { expires: Some(at(10)), ..unique("k1", "7") };
    accept_records(store, "m1", vec![expiring]).await.unwrap();
    for (seconds, found) in [(9, true), (10, false), (11, false)] {
        let by_key = store.find_record(RECORD, None, "k1", at(seconds)).unwrap();
        let by_value = store.find_record(RECORD, Some("theirs"), "7", at(seconds)).unwrap();
        assert_eq!((by_key.is_some(), by_value.is_some()), (found, found), "{seconds}");
    }
}

pub async fn records_are_listed_by_a_field(store: &dyn Store) {
    let writes = vec![
        write("k1", r#"{"state":"OPEN","number":1234567890123456789012.10}"#),
        write("k2", r#"{"state":"SENT","number":"7","note":"a\u0062"}"#),
        write("k3", r#"{"state":"OPEN","number":7,"held":true,"state2":["OPEN"]}"#),
        RecordWrite { expires: Some(at(10)), ..write("k4", r#"{"state":"OPEN"}"#) },
        RecordWrite { record: "shop.order".to_owned(), ..write("k5", r#"{"state":"OPEN"}"#) },
    ];
    accept_records(store, "m1", writes).await.unwrap();
    let listed = |field: &str, value: &str, limit, seconds| {
        let found = store.list_records(RECORD, Some((field, value)), limit, at(seconds)).unwrap();
        let keys = found.iter().map(|json| serde_json::from_str::<serde_json::Value>(json).unwrap());
        keys.map(|record| record["ours"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (field, value, keys) in [
        ("state", "OPEN", "k1 k3 k4"),
        ("number", "1234567890123456789012.10", "k1"),
        ("number", "7", "k2 k3"),
        ("held", "true", "k3"),
        ("note", "ab", "k2"),
        ("ours", "k2", "k2"),
        ("absent", "", ""),
        ("state2", "OPEN", ""),
    ] {
        assert_eq!(listed(field, value, 9, 0), keys, "{field} {value}");
    }
    assert_eq!(listed("state", "OPEN", 2, 0), "k1 k3");
    assert_eq!(listed("state", "OPEN", 9, 10), "k1 k3");
    assert_eq!(store.list_records(RECORD, None, 9, at(10)).unwrap().len(), 3);
}

pub async fn settle_writes_all_or_nothing(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    accept_records(store, "m2", vec![unique("k1", "7")]).await.unwrap();
    let claimed = claim_one(store, 0).await;
    let with = |records| Settlement {
        deliveries: vec![delivery("m1", "d2", "other")],
        records,
        ..settlement(&claimed, Verdict::Delivered)
    };
    let refused = store.settle(with(vec![write("k2", "{}"), unique("k3", "7")])).await;
    assert!(matches!(refused, Err(Error::RecordConflict { .. })), "{refused:?}");
    assert_eq!(store.find_record(RECORD, None, "k2", at(0)).unwrap(), None);
    assert_eq!(store.show("m1").unwrap().unwrap().deliveries.len(), 1);

    store.settle(with(vec![unique("k2", "8")])).await.unwrap();
    assert!(by_theirs(store, "8").is_some());
    assert_eq!(claim_one(store, 0).await.delivery.id, "d2");
}
