use super::*;
use crate::store::{AttemptOutcome, DeliveryState, Discarded, MessageState, Redriven};

/// One message for each of these deliveries of one lane, all with this policy.
async fn one_lane(store: &dyn Store, on_exhausted: Exhausted, ids: &[&str]) {
    for id in ids {
        let message = message(&format!("m-{id}"));
        let delivery = NewDelivery { on_exhausted, ..delivery(&message.id, id, "lane") };
        let acceptance = Acceptance { message, deliveries: vec![delivery], records: Vec::new() };
        assert_eq!(store.accept(acceptance).await.unwrap(), Accepted::New);
    }
}

async fn give_up(store: &dyn Store, expected: &str) {
    let claimed = claim_one(store, 0).await;
    assert_eq!(claimed.delivery.id, expected);
    settle(store, &claimed, Verdict::Parked).await;
}

fn state(store: &dyn Store, message: &str) -> (MessageState, DeliveryState) {
    let summary = store.show(message).unwrap().unwrap().summary;
    (summary.state, summary.deliveries[0].state)
}

pub async fn a_parked_key_waits_for_a_person(store: &dyn Store) {
    one_lane(store, Exhausted::ParkKey, &["d1", "d2"]).await;
    give_up(store, "d1").await;
    assert_eq!(state(store, "m-d1"), (MessageState::Parked, DeliveryState::Parked));
    assert_eq!((claim(store, 9).await.len(), next_due(store)), (0, None), "the lane waits");
    one_lane(store, Exhausted::ParkKey, &["d3"]).await;
    assert!(claim(store, 9).await.is_empty(), "also who comes later");
    accept(store, "m1", &[("e1", "other")]).await;
    assert_eq!(claim_one(store, 9).await.delivery.id, "e1", "other lanes do not");
    assert_eq!(store.redrive("d1", at(9)).await.unwrap(), Redriven::Deliveries(1));
    for expected in ["d1", "d2", "d3"] {
        let claimed = claim_one(store, 9).await;
        assert_eq!(claimed.delivery.id, expected);
        settle(store, &claimed, Verdict::Delivered).await;
    }
}

pub async fn a_discarded_head_makes_room(store: &dyn Store) {
    one_lane(store, Exhausted::ParkKey, &["d1", "d2"]).await;
    give_up(store, "d1").await;
    assert_eq!(store.discard("m-d1", at(1)).await.unwrap(), Discarded::Deliveries(1));
    assert_eq!(claim_one(store, 1).await.delivery.id, "d2");
}

pub async fn a_lost_conclusion_holds_its_key(store: &dyn Store) {
    one_lane(store, Exhausted::ParkKey, &["d1", "d2"]).await;
    for _ in 1..=4 {
        assert_eq!(claim_one(store, 0).await.delivery.id, "d1");
        store.recover(at(0)).await.unwrap();
    }
    assert!(claim(store, 0).await.is_empty());
    assert_eq!(state(store, "m-d1").1, DeliveryState::Parked);
}

pub async fn the_latest_takes_the_place(store: &dyn Store) {
    one_lane(store, Exhausted::LatestWins, &["d1", "d2"]).await;
    give_up(store, "d1").await;
    assert_eq!(state(store, "m-d1"), (MessageState::Superseded, DeliveryState::Superseded));
    give_up(store, "d2").await;
    assert_eq!(state(store, "m-d2"), (MessageState::Parked, DeliveryState::Parked), "nobody came after it");
    // What goes elsewhere takes nobody's place.
    let message = message("m-e1");
    let elsewhere = NewDelivery {
        on_exhausted: Exhausted::LatestWins,
        endpoint: "bank/other".to_owned(),
        ..delivery("m-e1", "e1", "lane")
    };
    let acceptance = Acceptance { message, deliveries: vec![elsewhere], records: Vec::new() };
    store.accept(acceptance).await.unwrap();
    assert_eq!(store.redrive("d2", at(1)).await.unwrap(), Redriven::Deliveries(1));
}

pub async fn what_was_overtaken_is_not_made_again(store: &dyn Store) {
    one_lane(store, Exhausted::LatestWins, &["d1"]).await;
    give_up(store, "d1").await;
    one_lane(store, Exhausted::LatestWins, &["d2"]).await;
    let second = claim_one(store, 0).await;
    settle(store, &second, Verdict::Delivered).await;
    assert_eq!(store.redrive("d1", at(1)).await.unwrap(), Redriven::Superseded);
    assert_eq!(state(store, "m-d1").1, DeliveryState::Superseded);
    assert!(claim(store, 1).await.is_empty());
}

pub async fn unknown_is_no_failure(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    for verdict in [Verdict::Retry { due: at(0) }, Verdict::Parked] {
        let claimed = claim_one(store, 0).await;
        let unknown = Settlement { unknown: true, response: None, ..settlement(&claimed, verdict) };
        store.settle(unknown).await.unwrap();
    }
    let shown = store.show("m1").unwrap().unwrap();
    let outcomes: Vec<_> = shown.deliveries[0].attempts.iter().map(|each| each.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::Unknown, AttemptOutcome::Unknown]);
    assert_eq!(shown.summary.state, MessageState::Parked);
}

pub async fn time_begins_anew(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    assert_eq!(claim_one(store, 3).await.since, at(0));
    store.recover(at(4)).await.unwrap();
    let again = claim_one(store, 5).await;
    assert_eq!((again.since, again.after_lost), (at(0), true));
    settle(store, &again, Verdict::Parked).await;
    store.redrive("m1", at(8)).await.unwrap();
    let redriven = claim_one(store, 9).await;
    assert_eq!((redriven.since, redriven.after_lost), (at(8), false));
}
