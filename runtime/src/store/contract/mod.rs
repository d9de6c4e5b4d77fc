//! What every backend must do. Each function takes an empty store; a backend's tests run them all through [`each_contract`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod discards;
pub mod exhaustion;
pub mod intake;
pub mod lanes;
pub mod leases;
pub mod order;
pub mod pauses;
pub mod purges;
pub mod records;
pub mod redrives;
pub mod resumptions;
pub mod views;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    Acceptance, Accepted, Answer, Capacity, Claimed, Disposition, Exhausted, Idempotency, NewDelivery,
    NewMessage, RecordWrite, Response, Settlement, Store, Verdict,
};

/// Calls a macro with the path of every function of the suite.
macro_rules! each_contract {
    ($run:ident) => {
        $run! {
            discards::what_is_given_up_leaves_its_lane
            discards::a_message_without_deliveries
            discards::what_is_over_or_under_way_stays
            exhaustion::a_parked_key_waits_for_a_person
            exhaustion::a_discarded_head_makes_room
            exhaustion::a_lost_conclusion_holds_its_key
            exhaustion::the_latest_takes_the_place
            exhaustion::what_was_overtaken_is_not_made_again
            exhaustion::unknown_is_no_failure
            exhaustion::time_begins_anew
            pauses::are_kept_until_they_end
            purges::what_is_over_goes_with_all_it_has
            purges::expired_records_go
            purges::a_bounded_step_at_a_time
            intake::new_then_duplicate_then_conflict
            intake::repeat_in_one_batch_is_a_duplicate
            intake::without_an_id_every_message_is_new
            intake::scopes_are_apart
            intake::refused_acceptance_leaves_nothing
            intake::superfluous_deliveries_are_left_out
            intake::refusal_does_not_touch_its_neighbours
            lanes::one_in_flight_and_in_order
            lanes::lanes_do_not_hold_each_other
            lanes::retry_keeps_the_lane_until_due
            lanes::given_up_deliveries_leave_the_lane
            lanes::follow_ups_queue_behind_who_waits
            lanes::claim_takes_the_earliest_up_to_the_limit
            lanes::claim_leaves_out_who_has_no_room
            leases::attempts_count_at_claim
            leases::stale_fences_are_refused
            leases::lease_runs_out
            leases::lease_is_renewed
            leases::recover_ends_every_claim
            leases::last_lost_attempt_is_concluded
            leases::lost_conclusion_parks
            records::upsert_merges_and_keeps_digits
            records::unique_conflict_leaves_nothing
            records::unique_values_can_change
            records::expired_records_make_room
            records::expired_records_are_not_found
            records::records_are_listed_by_a_field
            records::settle_writes_all_or_nothing
            redrives::by_delivery_and_by_message
            redrives::returns_to_its_old_place
            redrives::waits_for_who_is_in_flight
            redrives::unknown_and_nothing_to_do
            resumptions::returns_what_came_beside_the_body
            resumptions::claims_the_id
            resumptions::known_id_changes_nothing
            views::states_follow_deliveries
            views::filters_combine
            views::a_time_and_a_page
            views::queues_by_destination
            views::show_has_everything
        }
    };
}
pub(crate) use each_contract;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Seconds since the tests' beginning of time.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn message(id: &str) -> NewMessage {
    NewMessage {
        id: id.to_owned(),
        partner: "shop".to_owned(),
        channel: "shop/inbox".to_owned(),
        route: Some("bank/apply".to_owned()),
        message_type: Some("Apply".to_owned()),
        idempotency: None,
        key: Some(format!("key of {id}")),
        received_at: at(0),
        body: format!("body of {id}").into_bytes(),
        inbound: None,
        trace: Some(format!("trace of {id}")),
        disposition: Disposition::Accepted,
        fault: None,
        answer: Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            headers: vec![("x-answer".to_owned(), id.to_owned())],
            body: format!("answer to {id}").into_bytes(),
        },
    }
}

fn identified(id: &str, sent_id: &str, digest: u8) -> NewMessage {
    NewMessage {
        idempotency: Some(Idempotency {
            scope: "inbox".to_owned(),
            id: sent_id.to_owned(),
            digest: [digest; 32],
        }),
        ..message(id)
    }
}

fn delivery(message: &str, id: &str, lane: &str) -> NewDelivery {
    NewDelivery {
        id: id.to_owned(),
        message_id: message.to_owned(),
        route: "bank/apply".to_owned(),
        step: "send".to_owned(),
        partner: "bank".to_owned(),
        endpoint: "bank/create".to_owned(),
        lane: lane.to_owned(),
        idempotency_key: format!("key {id}"),
        method: "POST".to_owned(),
        url: "http://bank.test/create".to_owned(),
        content_type: "application/json".to_owned(),
        headers: vec![("x-request".to_owned(), id.to_owned())],
        body: format!("request {id}").into_bytes(),
        due: at(0),
        max_attempts: 3,
        on_exhausted: Exhausted::ParkMessage,
        depth: 0,
        unless_pending: false,
    }
}

fn write(key: &str, json: &str) -> RecordWrite {
    RecordWrite {
        record: "bank.application".to_owned(),
        key_field: "ours".to_owned(),
        key: key.to_owned(),
        unique: Vec::new(),
        json: json.to_owned(),
        at: at(0),
        expires: None,
    }
}

fn unique(key: &str, theirs: &str) -> RecordWrite {
    RecordWrite {
        unique: vec![("theirs".to_owned(), theirs.to_owned())],
        ..write(key, &format!(r#"{{"theirs":"{theirs}"}}"#))
    }
}

fn settlement(claimed: &Claimed, verdict: Verdict) -> Settlement {
    Settlement {
        delivery_id: claimed.delivery.id.clone(),
        fence: claimed.fence,
        at: at(1),
        verdict,
        unknown: false,
        response: Some(Response { status: 200, body: b"said".to_vec() }),
        fault: None,
        deliveries: Vec::new(),
        records: Vec::new(),
    }
}

/// Accepts a message with deliveries given as (id, lane).
async fn accept(store: &dyn Store, id: &str, deliveries: &[(&str, &str)]) {
    let acceptance = Acceptance {
        message: message(id),
        deliveries: deliveries.iter().map(|(each, lane)| delivery(id, each, lane)).collect(),
        records: Vec::new(),
    };
    assert_eq!(store.accept(acceptance).await.unwrap(), Accepted::New);
}

async fn accept_bare(store: &dyn Store, message: NewMessage) -> Accepted {
    let acceptance = Acceptance { message, deliveries: Vec::new(), records: Vec::new() };
    store.accept(acceptance).await.unwrap()
}

async fn claim(store: &dyn Store, seconds: i64) -> Vec<Claimed> {
    store.claim(at(seconds), capacity(100), LEASE).await.unwrap()
}

/// Room for so many, of whichever partner.
fn capacity(total: usize) -> Capacity {
    Capacity { total, per_partner: total, rooms: BTreeMap::new() }
}

fn next_due(store: &dyn Store) -> Option<Timestamp> {
    store.next_due(&capacity(100)).unwrap()
}

/// Claims what must be exactly one delivery.
async fn claim_one(store: &dyn Store, seconds: i64) -> Claimed {
    let mut claimed = claim(store, seconds).await;
    assert_eq!(claimed.len(), 1, "{:?}", ids(&claimed));
    claimed.pop().unwrap()
}

async fn settle(store: &dyn Store, claimed: &Claimed, verdict: Verdict) {
    store.settle(settlement(claimed, verdict)).await.unwrap();
}

fn ids(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|each| each.delivery.id.as_str()).collect()
}
