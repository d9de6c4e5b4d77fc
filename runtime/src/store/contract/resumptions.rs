use super::*;
use crate::store::{Error, MessageState, Queued, Redriven, Resumption};

/// Parks a message on arrival and queues it.
async fn queue(store: &dyn Store, message: NewMessage) {
    let id = message.id.clone();
    let parked = NewMessage { disposition: Disposition::Parked, ..message };
    accept_bare(store, parked).await;
    assert_eq!(store.redrive(&id, at(1)).await.unwrap(), Redriven::Message);
}

fn resumption(id: &str, idempotency: Option<Idempotency>) -> Resumption {
    Resumption {
        message_id: id.to_owned(),
        message_type: None,
        route: Some("bank/apply".to_owned()),
        idempotency,
        key: None,
        fault: None,
        deliveries: vec![delivery(id, &format!("d of {id}"), "lane")],
        records: Vec::new(),
    }
}

fn state(store: &dyn Store, id: &str) -> MessageState {
    store.show(id).unwrap().unwrap().summary.state
}

pub async fn returns_what_came_beside_the_body(store: &dyn Store) {
    let given = NewMessage { inbound: Some(r#"{"query":[]}"#.to_owned()), ..message("m1") };
    queue(store, given.clone()).await;
    let expected = Queued {
        id: given.id,
        channel: given.channel,
        route: given.route,
        body: given.body,
        inbound: given.inbound,
    };
    assert_eq!(store.queued(9).unwrap(), [expected]);
}

pub async fn claims_the_id(store: &dyn Store) {
    queue(store, message("m1")).await;
    let idempotency = identified("m1", "a", 1).idempotency;
    assert!(store.resume(resumption("m1", idempotency)).await.unwrap());
    let again = accept_bare(store, identified("m2", "a", 1)).await;
    assert_eq!(again, Accepted::Duplicate(message("m1").answer));

    // It had one from the beginning.
    queue(store, identified("m3", "b", 1)).await;
    let idempotency = identified("m3", "b", 1).idempotency;
    assert!(store.resume(resumption("m3", idempotency)).await.unwrap());
    assert_eq!(state(store, "m3"), MessageState::Accepted);
}

pub async fn known_id_changes_nothing(store: &dyn Store) {
    queue(store, message("m1")).await;
    accept_bare(store, identified("m2", "a", 1)).await;
    let refused = store.resume(resumption("m1", identified("m1", "a", 1).idempotency)).await;
    assert!(matches!(refused, Err(Error::KnownId { .. })), "{refused:?}");
    assert_eq!(state(store, "m1"), MessageState::Queued);
    assert!(claim(store, 0).await.is_empty());
}
