use super::*;

pub async fn one_in_flight_and_in_order(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    accept(store, "m2", &[("d3", "lane")]).await;
    for expected in ["d1", "d2", "d3"] {
        let claimed = claim_one(store, 1).await;
        assert_eq!(claimed.delivery.id, expected);
        assert!(claim(store, 1).await.is_empty(), "a second one in flight");
        settle(store, &claimed, Verdict::Delivered).await;
    }
    assert!(claim(store, 1).await.is_empty());
    assert_eq!(next_due(store), None);
}

pub async fn lanes_do_not_hold_each_other(store: &dyn Store) {
    accept(store, "m1", &[("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b")]).await;
    let heads = claim(store, 1).await;
    assert_eq!(ids(&heads), ["a1", "b1"]);
    settle(store, &heads[0], Verdict::Retry { due: at(500) }).await;
    settle(store, &heads[1], Verdict::Delivered).await;
    assert_eq!(ids(&claim(store, 2).await), ["b2"]);
}

pub async fn retry_keeps_the_lane_until_due(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    let claimed = claim_one(store, 1).await;
    settle(store, &claimed, Verdict::Retry { due: at(10) }).await;
    assert_eq!(next_due(store), Some(at(10)));
    assert!(claim(store, 9).await.is_empty());
    let again = claim_one(store, 10).await;
    assert_eq!((again.delivery.id.as_str(), again.attempt), ("d1", 2));
    assert_eq!(again.delivery.idempotency_key, claimed.delivery.idempotency_key);
}

pub async fn given_up_deliveries_leave_the_lane(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane"), ("d3", "lane")]).await;
    for (expected, verdict) in [("d1", Verdict::Parked), ("d2", Verdict::Rejected)] {
        let claimed = claim_one(store, 1).await;
        assert_eq!(claimed.delivery.id, expected);
        settle(store, &claimed, verdict).await;
    }
    assert_eq!(claim_one(store, 1).await.delivery.id, "d3");
}

pub async fn follow_ups_queue_behind_who_waits(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    accept(store, "m2", &[("d2", "lane")]).await;
    let claimed = claim_one(store, 1).await;
    let settlement = Settlement {
        deliveries: vec![delivery("m1", "d3", "lane"), delivery("m1", "d4", "other")],
        ..settlement(&claimed, Verdict::Delivered)
    };
    store.settle(settlement).await.unwrap();
    let next = claim(store, 1).await;
    assert_eq!(ids(&next), ["d2", "d4"]);
    settle(store, &next[0], Verdict::Delivered).await;
    assert_eq!(claim_one(store, 1).await.delivery.id, "d3");
}

pub async fn claim_takes_the_earliest_up_to_the_limit(store: &dyn Store) {
    let due = |id: &str, seconds| NewDelivery { due: at(seconds), ..delivery("m1", id, id) };
    let acceptance = Acceptance {
        message: message("m1"),
        deliveries: vec![due("late", 30), due("early", 10), due("middle", 20), due("never", 99)],
        records: Vec::new(),
    };
    store.accept(acceptance).await.unwrap();
    assert_eq!(next_due(store), Some(at(10)));
    assert_eq!(ids(&store.claim(at(40), capacity(2), LEASE).await.unwrap()), ["early", "middle"]);
    assert_eq!(ids(&store.claim(at(40), capacity(2), LEASE).await.unwrap()), ["late"]);
    assert!(store.claim(at(40), capacity(0), LEASE).await.unwrap().is_empty());
}

pub async fn claim_leaves_out_who_has_no_room(store: &dyn Store) {
    let to = |partner: &str, id: &str, seconds| NewDelivery {
        partner: partner.to_owned(),
        due: at(seconds),
        ..delivery("m1", id, id)
    };
    let acceptance = Acceptance {
        message: message("m1"),
        deliveries: vec![
            to("a", "a1", 1),
            to("a", "a2", 2),
            to("a", "a3", 3),
            to("b", "b1", 4),
            to("b", "b2", 5),
        ],
        records: Vec::new(),
    };
    store.accept(acceptance).await.unwrap();
    let room = |total, rooms: &[(&str, usize)]| Capacity {
        per_partner: 2,
        rooms: rooms.iter().map(|(partner, count)| ((*partner).to_owned(), *count)).collect(),
        ..capacity(total)
    };
    let full = [("a", 0)];
    assert_eq!(store.next_due(&room(9, &full)).unwrap(), Some(at(4)));
    assert_eq!(store.next_due(&room(9, &[("a", 0), ("b", 0)])).unwrap(), None);
    assert_eq!(store.next_due(&room(0, &[])).unwrap(), None);

    let first = store.claim(at(9), room(3, &[]), LEASE).await.unwrap();
    assert_eq!(ids(&first), ["a1", "a2", "b1"], "two of one partner, three of all");
    assert_eq!(ids(&store.claim(at(9), room(9, &full), LEASE).await.unwrap()), ["b2"]);
    assert!(store.claim(at(9), room(9, &full), LEASE).await.unwrap().is_empty());
    assert_eq!(ids(&store.claim(at(9), room(9, &[("a", 1)]), LEASE).await.unwrap()), ["a3"]);
}
