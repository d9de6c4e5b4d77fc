use super::*;
use crate::store::{Error, MessageState};

pub async fn new_then_duplicate_then_conflict(store: &dyn Store) {
    assert_eq!(store.first_answer("inbox", "a", &[1; 32]).unwrap(), None);
    assert_eq!(accept_bare(store, identified("m1", "a", 1)).await, Accepted::New);

    let first = Accepted::Duplicate(message("m1").answer);
    assert_eq!(accept_bare(store, identified("m2", "a", 1)).await, first);
    assert_eq!(accept_bare(store, identified("m3", "a", 2)).await, Accepted::Conflict);
    assert_eq!(store.first_answer("inbox", "a", &[1; 32]).unwrap(), Some(first));
    assert_eq!(store.first_answer("inbox", "a", &[2; 32]).unwrap(), Some(Accepted::Conflict));

    assert_eq!(store.show("m2").unwrap(), None);
    assert_eq!(store.show("m3").unwrap(), None);
}

pub async fn repeat_in_one_batch_is_a_duplicate(store: &dyn Store) {
    let bare = |id| accept_bare(store, identified(id, "a", 1));
    let (first, second, third) = tokio::join!(bare("m1"), bare("m2"), bare("m3"));
    let new = [&first, &second, &third].into_iter().filter(|each| **each == Accepted::New).count();
    assert_eq!(new, 1);
    assert_eq!(store.counts().unwrap().done, 1);
}

pub async fn without_an_id_every_message_is_new(store: &dyn Store) {
    for id in ["m1", "m2"] {
        assert_eq!(accept_bare(store, message(id)).await, Accepted::New);
    }
}

pub async fn scopes_are_apart(store: &dyn Store) {
    accept_bare(store, identified("m1", "a", 1)).await;
    assert_eq!(store.first_answer("other", "a", &[1; 32]).unwrap(), None);
}

pub async fn refused_acceptance_leaves_nothing(store: &dyn Store) {
    let acceptance =
        |records, deliveries| Acceptance { message: identified("m1", "a", 1), deliveries, records };
    let good = delivery("m1", "d1", "lane");
    let bad_record = acceptance(vec![write("k", "{}"), write("k", "[]")], vec![good.clone()]);
    let refused = store.accept(bad_record).await;
    assert!(matches!(refused, Err(Error::InvalidRecord { .. })), "{refused:?}");

    let foreign = acceptance(Vec::new(), vec![good.clone(), delivery("m0", "d2", "lane")]);
    let refused = store.accept(foreign).await;
    assert!(matches!(refused, Err(Error::ForeignDelivery { .. })), "{refused:?}");

    assert_eq!(store.show("m1").unwrap(), None);
    assert_eq!(store.first_answer("inbox", "a", &[1; 32]).unwrap(), None);
    assert_eq!(store.find_record("bank.application", None, "k", at(0)).unwrap(), None);
    assert_eq!(next_due(store), None);
    assert_eq!(store.accept(acceptance(Vec::new(), vec![good])).await.unwrap(), Accepted::New);
}

pub async fn refusal_does_not_touch_its_neighbours(store: &dyn Store) {
    let with = |id: &str, json: &str| Acceptance {
        message: message(id),
        deliveries: Vec::new(),
        records: vec![write(id, json)],
    };
    let (before, refused, after) = tokio::join!(
        store.accept(with("m1", "{}")),
        store.accept(with("m2", "oops")),
        store.accept(with("m3", "{}")),
    );
    assert_eq!(before.unwrap(), Accepted::New);
    assert!(refused.is_err());
    assert_eq!(after.unwrap(), Accepted::New);
    assert_eq!(store.list_records("bank.application", None, 9, at(0)).unwrap().len(), 2);
}

pub async fn superfluous_deliveries_are_left_out(store: &dyn Store) {
    let tick = |id: &str, lane: &str, records| Acceptance {
        message: identified(id, id, 1),
        deliveries: vec![NewDelivery { unless_pending: true, ..delivery(id, &format!("d of {id}"), lane) }],
        records,
    };
    assert_eq!(store.accept(tick("m1", "lane", Vec::new())).await.unwrap(), Accepted::New);
    assert_eq!(store.accept(tick("m2", "lane", Vec::new())).await.unwrap(), Accepted::Superfluous);
    assert_eq!(store.show("m2").unwrap(), None);
    assert_eq!(store.first_answer("inbox", "m2", &[1; 32]).unwrap(), None);

    assert_eq!(store.accept(tick("m3", "other lane", Vec::new())).await.unwrap(), Accepted::New);
    let mut another = tick("m4", "lane", Vec::new());
    another.deliveries[0].route = "bank/other".to_owned();
    assert_eq!(store.accept(another).await.unwrap(), Accepted::New);

    let kept = store.accept(tick("m5", "lane", vec![write("k", "{}")])).await.unwrap();
    assert_eq!(kept, Accepted::New);
    let kept = store.show("m5").unwrap().unwrap();
    assert_eq!((kept.summary.state, kept.deliveries.len()), (MessageState::Done, 0));

    for claimed in claim(store, 0).await {
        settle(store, &claimed, Verdict::Delivered).await;
    }
    assert_eq!(store.accept(tick("m6", "lane", Vec::new())).await.unwrap(), Accepted::New);
}
