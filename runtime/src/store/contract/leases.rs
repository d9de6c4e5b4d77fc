use super::*;
use crate::store::{AttemptOutcome, DeliveryState, Error, MessageState};

pub async fn attempts_count_at_claim(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    let claimed = claim_one(store, 1).await;
    let expected = Claimed {
        delivery: delivery("m1", "d1", "lane"),
        attempt: 1,
        fence: claimed.fence,
        since: at(0),
        after_lost: false,
        message: message("m1").body,
        message_partner: message("m1").partner,
        message_channel: message("m1").channel,
        message_route: message("m1").route,
        trace: message("m1").trace,
    };
    assert_eq!(claimed, expected);
    let shown = store.show("m1").unwrap().unwrap();
    let summary = &shown.summary.deliveries[0];
    assert_eq!((summary.state, summary.attempts), (DeliveryState::InFlight, 1));
    assert!(shown.deliveries[0].attempts.is_empty(), "it has not ended");
}

pub async fn stale_fences_are_refused(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    let first = claim_one(store, 1).await;
    let stale = |result| assert!(matches!(result, Err(Error::StaleFence { .. })), "{result:?}");
    let unknown = Settlement { fence: first.fence + 1, ..settlement(&first, Verdict::Delivered) };
    stale(store.settle(unknown).await);
    settle(store, &first, Verdict::Retry { due: at(2) }).await;
    stale(store.settle(settlement(&first, Verdict::Delivered)).await);

    let second = claim_one(store, 2).await;
    assert!(second.fence > first.fence);
    let late = Settlement {
        deliveries: vec![delivery("m1", "d2", "other")],
        records: vec![write("k", "{}")],
        ..settlement(&first, Verdict::Delivered)
    };
    stale(store.settle(late).await);
    assert_eq!(store.find_record("bank.application", None, "k", at(0)).unwrap(), None);
    settle(store, &second, Verdict::Delivered).await;
    assert_eq!(store.counts().unwrap().delivered, 1);
}

pub async fn lease_runs_out(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    let first = claim_one(store, 0).await;
    assert_eq!(next_due(store), Some(at(60)));
    assert!(claim(store, 59).await.is_empty());
    let second = claim_one(store, 60).await;
    assert_eq!((second.delivery.id.as_str(), second.attempt, second.after_lost), ("d1", 2, true));
    assert!(store.settle(settlement(&first, Verdict::Delivered)).await.is_err());
    settle(store, &second, Verdict::Delivered).await;

    let shown = store.show("m1").unwrap().unwrap();
    let outcomes: Vec<_> = shown.deliveries[0].attempts.iter().map(|each| each.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::Lost, AttemptOutcome::Delivered]);
}

pub async fn lease_is_renewed(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane")]).await;
    let first = claim_one(store, 0).await;
    store.renew("d1", first.fence, at(50), LEASE).await.unwrap();
    assert_eq!(next_due(store), Some(at(110)));
    assert!(claim(store, 109).await.is_empty());
    let second = claim_one(store, 110).await;
    let stale = store.renew("d1", first.fence, at(111), LEASE).await;
    assert!(matches!(stale, Err(Error::StaleFence { .. })), "{stale:?}");
    settle(store, &second, Verdict::Delivered).await;
    assert!(store.renew("d1", second.fence, at(112), LEASE).await.is_err(), "it is over");
}

pub async fn recover_ends_every_claim(store: &dyn Store) {
    accept(store, "m1", &[("a1", "a"), ("a2", "a"), ("b1", "b")]).await;
    let before = claim(store, 0).await;
    assert_eq!(before.len(), 2);
    assert_eq!(store.recover(at(5)).await.unwrap(), 2);
    assert_eq!(store.recover(at(5)).await.unwrap(), 0);
    assert_eq!(next_due(store), Some(at(5)));
    let after = claim(store, 5).await;
    assert_eq!(ids(&after), ["a1", "b1"]);
    assert!(after.iter().all(|each| each.attempt == 2));
    assert!(store.settle(settlement(&before[0], Verdict::Delivered)).await.is_err());
}

pub async fn last_lost_attempt_is_concluded(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    for attempt in 1..=3 {
        assert_eq!(claim_one(store, 0).await.attempt, attempt);
        store.recover(at(0)).await.unwrap();
    }
    let above = claim_one(store, 0).await;
    assert_eq!((above.delivery.id.as_str(), above.attempt, above.delivery.max_attempts), ("d1", 4, 3));
    let follow_up =
        Settlement { deliveries: vec![delivery("m1", "d3", "other")], ..settlement(&above, Verdict::Parked) };
    store.settle(follow_up).await.unwrap();
    assert_eq!(ids(&claim(store, 0).await), ["d2", "d3"]);
}

pub async fn lost_conclusion_parks(store: &dyn Store) {
    accept(store, "m1", &[("d1", "lane"), ("d2", "lane")]).await;
    for attempt in 1..=4 {
        let claimed = claim_one(store, 0).await;
        assert_eq!((claimed.delivery.id.as_str(), claimed.attempt), ("d1", attempt));
        store.recover(at(0)).await.unwrap();
    }
    let shown = store.show("m1").unwrap().unwrap();
    assert_eq!(shown.summary.state, MessageState::Parked);
    let summary = &shown.summary.deliveries[0];
    assert_eq!((summary.state, summary.last_fault.is_some()), (DeliveryState::Parked, true));
    assert_eq!(shown.deliveries[0].attempts.len(), 4);

    // By a lease as well.
    for attempt in 0..4 {
        assert_eq!(claim_one(store, attempt * 100).await.delivery.id, "d2");
    }
    assert!(claim(store, 400).await.is_empty());
    assert_eq!(next_due(store), None);
}
