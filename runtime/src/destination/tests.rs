use engine::Rate;

use super::*;

fn limited(limits: Limits) -> Destinations {
    let destinations = Destinations::default();
    destinations.lock().insert("bank".to_owned(), Destination { limits, ..Destination::default() });
    destinations
}

fn delivering(destinations: &Destinations, partner: &str, now: Instant) -> Vec<UnderWay> {
    let room = destinations.capacity(now).room(partner);
    (0..room).map(|_| destinations.deliver(partner, now)).collect()
}

#[test]
fn partners_that_hang_leave_room_to_the_others() {
    let (destinations, now) = (Destinations::default(), Instant::now());
    let hanging: Vec<Vec<UnderWay>> =
        (0..300).map(|number| delivering(&destinations, &format!("p{number}"), now)).collect();
    assert_eq!(hanging[0].len(), PER_PARTNER);
    assert!(hanging.iter().all(|each| !each.is_empty()), "each has some");
    let under_way: usize = hanging.iter().map(Vec::len).sum();
    assert!(under_way < DELIVERIES + 300, "{under_way}");
    assert_eq!(destinations.capacity(now).room("another"), 1);
    drop(hanging);
    assert_eq!(destinations.capacity(now).total, DELIVERIES);
}

#[test]
fn deliveries_and_calls_share_what_a_contract_allows() {
    let (destinations, now) = (limited(Limits { concurrent: Some(2), ..Limits::default() }), Instant::now());
    let call = destinations.call("bank", now);
    assert!(call.is_ok());
    let delivery = delivering(&destinations, "bank", now);
    assert_eq!(delivery.len(), 1);
    assert_eq!(destinations.call("bank", now).err(), Some(Closed { retry_after: AGAIN }));
    drop(call);
    assert_eq!(destinations.capacity(now).room("bank"), 1);
}

#[test]
fn a_partner_that_fails_is_left_alone_then_tried_once() {
    let breaker = engine::Breaker { failures: 2, pause: Duration::from_secs(5) };
    let (destinations, now) =
        (limited(Limits { breaker: Some(breaker), ..Limits::default() }), Instant::now());
    for _ in 0..2 {
        destinations.saw("bank", Seen::Fails, now);
    }
    assert_eq!(destinations.capacity(now).room("bank"), 0);
    assert_eq!(destinations.opens(now), Some(now + breaker.pause));
    assert_eq!(destinations.call("bank", now).err(), Some(Closed { retry_after: breaker.pause }));
    let later = now + breaker.pause;
    let probe = delivering(&destinations, "bank", later);
    assert_eq!((probe.len(), destinations.capacity(later).room("bank")), (1, 0));
    destinations.saw("bank", Seen::Works, later);
    assert_eq!(destinations.capacity(later).room("bank"), PER_PARTNER - 1);
}

#[test]
fn a_partner_that_asks_for_time_gets_it() {
    let (destinations, now) = (Destinations::default(), Instant::now());
    destinations.saw("bank", Seen::Busy(Duration::from_secs(9)), now);
    destinations.saw("bank", Seen::Busy(Duration::from_secs(3)), now);
    assert_eq!(destinations.capacity(now).room("bank"), 0);
    assert_eq!(destinations.opens(now), Some(now + Duration::from_secs(9)));
    assert_eq!(destinations.capacity(now + Duration::from_secs(9)).room("bank"), PER_PARTNER);
}

#[test]
fn a_rate_is_shared_by_all_that_is_sent() {
    let rate = Rate { count: 2, per: Duration::from_secs(1) };
    let (destinations, now) = (limited(Limits { rate: Some(rate), ..Limits::default() }), Instant::now());
    let call = destinations.call("bank", now);
    assert!(call.is_ok());
    assert_eq!(delivering(&destinations, "bank", now).len(), 1);
    assert_eq!(destinations.opens(now), Some(now + Duration::from_millis(500)));
}

#[test]
fn limits_that_change_are_gone_by_at_once_and_what_was_seen_stays() {
    let breaker = engine::Breaker { failures: 1, pause: Duration::from_secs(5) };
    let on = Limits { breaker: Some(breaker), ..Limits::default() };
    let (destinations, now) = (limited(on), Instant::now());
    let set = |limits| destinations.lock().entry("bank".to_owned()).or_default().limits = limits;
    destinations.saw("bank", Seen::Fails, now);
    set(Limits { concurrent: Some(4), ..on });
    assert_eq!(destinations.capacity(now).room("bank"), 0, "it is still left alone");
    set(Limits { concurrent: Some(4), breaker: None, ..on });
    assert_eq!((destinations.capacity(now).room("bank"), destinations.opens(now)), (4, None));
    assert!(!destinations.standings()["bank"].open);
}
