use super::*;
use crate::store::{MessageState, Redriven};

async fn give_up(store: &dyn Store, verdict: Verdict) {
    let claimed = claim_one(store, 0).await;
    settle(store, &claimed, verdict).await;
}

pub async fn by_delivery_and_by_message(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane"), ("d3", "lane")]).await;
    give_up(store, Verdict::Parked).await;
    give_up(store, Verdict::Rejected).await;
    give_up(store, Verdict::Delivered).await;
    assert_eq!(store.redrive("d1", at(5)).await.unwrap(), Redriven::Deliveries(1));
    assert_eq!(store.list(&Default::default()).unwrap(), [], "the limit is zero");
    let summary = store.show("m1").unwrap().unwrap().summary;
    assert_eq!((summary.state, summary.deliveries[0].next_due), (MessageState::Accepted, Some(at(5))));

    let claimed = claim_one(store, 5).await;
    assert_eq!((claimed.delivery.id.as_str(), claimed.attempt), ("d1", 1), "attempts begin anew");
    settle(store, &claimed, Verdict::Parked).await;
    assert_eq!(store.redrive("m1", at(6)).await.unwrap(), Redriven::Deliveries(2));
    for expected in ["d1", "d2"] {
        let claimed = claim_one(store, 6).await;
        assert_eq!(claimed.delivery.id, expected);
        settle(store, &claimed, Verdict::Delivered).await;
    }
    let shown = store.show("m1").unwrap().unwrap();
    assert_eq!(shown.summary.state, MessageState::Delivered);
    assert_eq!(shown.deliveries[0].attempts.len(), 3, "those before are kept");
}

pub async fn returns_to_its_old_place(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    give_up(store, Verdict::Parked).await;
    store.redrive("d1", at(0)).await.unwrap();
    for expected in ["d1", "d2"] {
        let claimed = claim_one(store, 0).await;
        assert_eq!(claimed.delivery.id, expected);
        settle(store, &claimed, Verdict::Delivered).await;
    }
}

pub async fn waits_for_who_is_in_flight(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    give_up(store, Verdict::Parked).await;
    let second = claim_one(store, 0).await;
    store.redrive("d1", at(0)).await.unwrap();
    assert!(claim(store, 0).await.is_empty(), "a second one in flight");
    settle(store, &second, Verdict::Retry { due: at(0) }).await;
    assert_eq!(claim_one(store, 0).await.delivery.id, "d1");
}

pub async fn unknown_and_nothing_to_do(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    assert_eq!(store.redrive("m0", at(0)).await.unwrap(), Redriven::Unknown);
    assert_eq!(store.redrive("d1", at(0)).await.unwrap(), Redriven::Deliveries(0));
    assert_eq!(store.redrive("m1", at(0)).await.unwrap(), Redriven::Deliveries(0));
}
