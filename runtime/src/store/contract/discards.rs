use super::*;
use crate::store::{DeliveryState, Discarded, MessageState, Redriven};

pub async fn what_is_given_up_leaves_its_lane(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane"), ("d3", "lane")]).await;
    let first = claim_one(store, 0).await;
    settle(store, &first, Verdict::Parked).await;
    assert_eq!(store.discard("d2", at(1)).await.unwrap(), Discarded::Deliveries(1), "it was pending");
    assert_eq!(claim_one(store, 1).await.delivery.id, "d3");
    assert_eq!(store.discard("m1", at(1)).await.unwrap(), Discarded::Deliveries(1), "one is under way");
    let shown = store.show("m1").unwrap().unwrap();
    let states: Vec<_> = shown.summary.deliveries.iter().map(|each| each.state).collect();
    assert_eq!(states, [DeliveryState::Discarded, DeliveryState::Discarded, DeliveryState::InFlight]);
    assert_eq!(shown.deliveries[0].attempts.len(), 1, "what was done is kept");
    assert_eq!(store.redrive("m1", at(2)).await.unwrap(), Redriven::Deliveries(0), "for good");
}

pub async fn a_message_without_deliveries(store: &dyn Store) {
    accept_bare(store, NewMessage { disposition: Disposition::Parked, ..message("m1") }).await;
    assert_eq!(store.discard("m1", at(1)).await.unwrap(), Discarded::Message);
    let shown = store.show("m1").unwrap().unwrap();
    assert_eq!(shown.summary.state, MessageState::Discarded);
    assert_eq!(store.redrive("m1", at(2)).await.unwrap(), Redriven::Deliveries(0));
    assert_eq!(store.counts().unwrap().discarded, 1);
}

pub async fn what_is_over_or_under_way_stays(store: &dyn Store) {
    accept(store, "m1", &[("d1", "a"), ("d2", "b"), ("d3", "c")]).await;
    let claimed = claim(store, 0).await;
    settle(store, &claimed[0], Verdict::Delivered).await;
    settle(store, &claimed[1], Verdict::Rejected).await;
    assert_eq!(store.discard("m1", at(1)).await.unwrap(), Discarded::Deliveries(0));
    assert_eq!(store.discard("m0", at(1)).await.unwrap(), Discarded::Unknown);
    settle(store, &claimed[2], Verdict::Delivered).await;
    assert_eq!(store.show("m1").unwrap().unwrap().summary.state, MessageState::Rejected);
}
