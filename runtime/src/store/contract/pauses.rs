use super::*;
use crate::store::Pause;

fn pause(partner: &str, messages: bool, deliveries: bool, since: i64) -> Pause {
    Pause { partner: partner.to_owned(), messages, deliveries, since: at(since) }
}

pub async fn are_kept_until_they_end(store: &dyn Store) {
    assert_eq!(store.pauses().unwrap(), []);
    for each in [pause("shop", true, false, 1), pause("bank", false, true, 2)] {
        store.pause(each).await.unwrap();
    }
    assert_eq!(store.pauses().unwrap(), [pause("bank", false, true, 2), pause("shop", true, false, 1)]);
    store.pause(pause("shop", true, true, 5)).await.unwrap();
    assert_eq!(store.pauses().unwrap()[1], pause("shop", true, true, 1), "it has lasted longer");
    store.pause(pause("bank", false, false, 6)).await.unwrap();
    assert_eq!(store.pauses().unwrap().len(), 1);
}
