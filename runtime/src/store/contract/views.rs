use super::*;
use crate::store::{Attempt, AttemptOutcome, Counts, Filter, MessageState, Queue};

fn state(store: &dyn Store, id: &str) -> MessageState {
    store.show(id).unwrap().unwrap().summary.state
}

pub async fn states_follow_deliveries(store: &dyn Store) {
    accept(store, "done", &[]).await;
    let parked = NewMessage {
        disposition: Disposition::Parked,
        fault: Some(r#"{"code":"x"}"#.to_owned()),
        ..message("parked")
    };
    accept_bare(store, parked).await;
    assert_eq!(state(store, "done"), MessageState::Done);
    assert_eq!(state(store, "parked"), MessageState::Parked);

    accept(store, "m1", &[("d1", "a"), ("d2", "b"), ("d3", "c")]).await;
    let claimed = claim(store, 0).await;
    settle(store, &claimed[0], Verdict::Delivered).await;
    settle(store, &claimed[1], Verdict::Rejected).await;
    assert_eq!(state(store, "m1"), MessageState::Accepted);
    settle(store, &claimed[2], Verdict::Delivered).await;
    assert_eq!(state(store, "m1"), MessageState::Rejected);

    accept(store, "m2", &[("d4", "a"), ("d5", "b")]).await;
    let claimed = claim(store, 0).await;
    settle(store, &claimed[0], Verdict::Parked).await;
    assert_eq!(state(store, "m2"), MessageState::Parked);
    let expected = Counts { rejected: 1, parked: 2, done: 1, ..Counts::default() };
    assert_eq!(store.counts().unwrap(), expected);
}

pub async fn filters_combine(store: &dyn Store) {
    store.probe().await.unwrap();
    accept(store, "m1", &[("d1", "a")]).await;
    accept(store, "m2", &[]).await;
    let other = NewMessage { partner: "other".to_owned(), route: None, key: None, ..message("m3") };
    accept_bare(store, other).await;
    let found = |filter: Filter| -> Vec<String> {
        let limit = if filter.limit == 0 { 10 } else { filter.limit };
        let found = store.list(&Filter { limit, ..filter }).unwrap();
        found.into_iter().map(|each| each.id).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    let all = Filter::default();
    assert_eq!(found(all.clone()), ["m3", "m2", "m1"]);
    assert_eq!(found(Filter { limit: 2, ..all.clone() }), ["m3", "m2"]);
    assert_eq!(found(Filter { partner: some("shop"), ..all.clone() }), ["m2", "m1"]);
    assert_eq!(found(Filter { route: some("bank/apply"), ..all.clone() }), ["m2", "m1"]);
    assert_eq!(found(Filter { state: Some(MessageState::Done), ..all.clone() }), ["m3", "m2"]);
    assert_eq!(found(Filter { key: some("key of m1"), ..all.clone() }), ["m1"]);
    let both = Filter { partner: some("shop"), state: Some(MessageState::Done), ..all };
    assert_eq!(found(both), ["m2"]);
}

pub async fn show_has_everything(store: &dyn Store) {
    assert_eq!(store.show("m1").unwrap(), None);
    accept(store, "m1", &[("d1", "lane")]).await;
    let claimed = claim_one(store, 3).await;
    let failed = Settlement {
        at: at(4),
        fault: Some(r#"{"code":"busy"}"#.to_owned()),
        ..settlement(&claimed, Verdict::Retry { due: at(9) })
    };
    store.settle(failed).await.unwrap();

    let shown = store.show("m1").unwrap().unwrap();
    let given = message("m1");
    assert_eq!((shown.body, shown.answer), (given.body, given.answer));
    assert_eq!(shown.summary.received_at, given.received_at);
    let summary = &shown.summary.deliveries[0];
    assert_eq!((summary.next_due, summary.attempts), (Some(at(9)), 1));
    assert_eq!(summary.last_fault.as_deref(), Some(r#"{"code":"busy"}"#));
    let detail = &shown.deliveries[0];
    let request = delivery("m1", "d1", "lane");
    assert_eq!((&detail.body, &detail.url, &detail.lane), (&request.body, &request.url, &request.lane));
    let attempt = Attempt {
        number: 1,
        started_at: at(3),
        ended_at: at(4),
        outcome: AttemptOutcome::Retry,
        response: Some(Response { status: 200, body: b"said".to_vec() }),
        fault: Some(r#"{"code":"busy"}"#.to_owned()),
    };
    assert_eq!(detail.attempts, [attempt]);
}

pub async fn a_time_and_a_page(store: &dyn Store) {
    for (id, seconds) in [("m1", 1), ("m2", 2), ("m3", 3), ("m4", 4)] {
        accept_bare(store, NewMessage { received_at: at(seconds), ..message(id) }).await;
    }
    let listed = |filter: Filter| -> Vec<String> {
        store.list(&filter).unwrap().into_iter().map(|message| message.id).collect()
    };
    let all = || Filter { limit: 9, ..Filter::default() };
    assert_eq!(listed(Filter { since: Some(at(2)), until: Some(at(4)), ..all() }), ["m3", "m2"]);
    let page = |before: &str| Filter { before: Some(before.to_owned()), limit: 2, ..Filter::default() };
    assert_eq!(listed(page("m4")), ["m3", "m2"]);
    assert_eq!(listed(page("m2")), ["m1"]);
    assert!(listed(page("nobody")).is_empty());
}

pub async fn queues_by_destination(store: &dyn Store) {
    assert_eq!(store.queues().unwrap(), []);
    accept(store, "m1", &[("d1", "a"), ("d2", "a"), ("d3", "b")]).await;
    let queue = Queue { partner: "bank".to_owned(), lanes: 2, since: at(0) };
    assert_eq!(store.queues().unwrap(), std::slice::from_ref(&queue));
    let claimed = claim(store, 0).await;
    settle(store, &claimed[0], Verdict::Retry { due: at(9) }).await;
    settle(store, &claimed[1], Verdict::Delivered).await;
    assert_eq!(store.queues().unwrap(), [Queue { lanes: 1, ..queue }]);
}
