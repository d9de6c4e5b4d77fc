use super::*;

async fn received(store: &dyn Store, id: &str, seconds: i64, disposition: Disposition) {
    let message =
        NewMessage { received_at: at(seconds), disposition, ..identified(id, &format!("sent {id}"), 1) };
    accept_bare(store, message).await;
}

pub async fn what_is_over_goes_with_all_it_has(store: &dyn Store) {
    received(store, "old", 0, Disposition::Accepted).await;
    received(store, "parked", 0, Disposition::Parked).await;
    received(store, "rejected", 0, Disposition::Rejected).await;
    received(store, "young", 10, Disposition::Accepted).await;
    accept(store, "delivered", &[("d1", "lane")]).await;
    accept(store, "pending", &[("d2", "lane")]).await;
    let claimed = claim_one(store, 0).await;
    settle(store, &claimed, Verdict::Delivered).await;
    assert_eq!(store.purge(at(10), at(10), 100).await.unwrap(), 3);
    let gone = |id: &str| store.show(id).unwrap().is_none();
    for id in ["old", "rejected", "delivered"] {
        assert!(gone(id), "{id}");
    }
    for id in ["parked", "young", "pending"] {
        assert!(!gone(id), "{id}");
    }
    let again = accept_bare(store, identified("new", "sent old", 2)).await;
    assert_eq!(again, Accepted::New, "its id is new again");
    assert_eq!(claim_one(store, 10).await.delivery.id, "d2");
}

pub async fn expired_records_go(store: &dyn Store) {
    let record = |key: &str, expires| RecordWrite { expires, ..unique(key, &format!("their {key}")) };
    let acceptance = Acceptance {
        message: message("m1"),
        deliveries: Vec::new(),
        records: vec![record("a", Some(at(5))), record("b", Some(at(6))), record("c", None)],
    };
    store.accept(acceptance).await.unwrap();
    assert_eq!(store.purge(at(-1), at(5), 100).await.unwrap(), 1);
    assert_eq!(store.list_records("bank.application", None, 9, at(0)).unwrap().len(), 2);
}

pub async fn a_bounded_step_at_a_time(store: &dyn Store) {
    for id in 0..5 {
        received(store, &format!("m{id}"), id, Disposition::Accepted).await;
    }
    let mut steps = Vec::new();
    while let steps_now @ 1.. = store.purge(at(100), at(100), 2).await.unwrap() {
        steps.push(steps_now);
    }
    assert_eq!(steps, [2, 2, 1]);
}
