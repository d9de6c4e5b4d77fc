//! Order per lane, whatever happens in which order.

use proptest::prelude::*;

use super::*;
use crate::store::{DeliveryState, MessageSummary};

/// One thing that happens. Numbers choose among what is there.
#[derive(Debug, Clone)]
pub enum Step {
    Accept {
        lane: u8,
        on_exhausted: Exhausted,
    },
    Claim,
    Settle {
        which: usize,
        verdict: Verdict,
    },
    Redrive(usize),
    Discard(usize),
    /// The process dies and starts anew.
    Recover,
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let on_exhausted =
        prop_oneof![Just(Exhausted::ParkMessage), Just(Exhausted::ParkKey), Just(Exhausted::LatestWins)];
    let verdict = prop_oneof![
        2 => Just(Verdict::Delivered),
        1 => Just(Verdict::Rejected),
        1 => Just(Verdict::Retry { due: at(0) }),
        2 => Just(Verdict::Parked),
    ];
    let step = prop_oneof![
        4 => (0u8..3, on_exhausted).prop_map(|(lane, on_exhausted)| Step::Accept { lane, on_exhausted }),
        4 => Just(Step::Claim),
        4 => (any::<usize>(), verdict).prop_map(|(which, verdict)| Step::Settle { which, verdict }),
        1 => any::<usize>().prop_map(Step::Redrive),
        1 => any::<usize>().prop_map(Step::Discard),
        1 => Just(Step::Recover),
    ];
    prop::collection::vec(step, 1..40)
}

/// Plays the steps; after each claim what was claimed must be the first that is not finished in its lane, alone under way, and
/// behind nobody who holds the lane.
pub async fn holds(store: &dyn Store, steps: &[Step]) {
    let (mut made, mut under_way): (Vec<Made>, Vec<Claimed>) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Accept { lane, on_exhausted } => {
                let (id, lane) = (made.len(), format!("lane {lane}"));
                accept_one(store, id, &lane, *on_exhausted).await;
                made.push(Made { lane, on_exhausted: *on_exhausted });
            }
            Step::Claim => {
                let before = states(store, made.len());
                for claimed in claim(store, 1).await {
                    check(&made, &before, &claimed);
                    under_way.push(claimed);
                }
            }
            Step::Settle { which, verdict } if !under_way.is_empty() => {
                let claimed = under_way.swap_remove(which % under_way.len());
                settle(store, &claimed, *verdict).await;
            }
            Step::Redrive(which) if !made.is_empty() => {
                store.redrive(&format!("d{}", which % made.len()), at(1)).await.unwrap();
            }
            Step::Discard(which) if !made.is_empty() => {
                store.discard(&format!("d{}", which % made.len()), at(1)).await.unwrap();
            }
            Step::Recover => {
                assert_eq!(store.recover(at(1)).await.unwrap(), under_way.len());
                under_way.clear();
            }
            Step::Settle { .. } | Step::Redrive(_) | Step::Discard(_) => {}
        }
    }
    let counts: u64 = store.counts().unwrap().by_state().iter().map(|(_, count)| count).sum();
    assert_eq!(counts, made.len() as u64, "nothing is lost");
}

struct Made {
    lane: String,
    on_exhausted: Exhausted,
}

async fn accept_one(store: &dyn Store, id: usize, lane: &str, on_exhausted: Exhausted) {
    let message = message(&format!("m{id}"));
    let delivery =
        NewDelivery { on_exhausted, max_attempts: 1000, ..delivery(&message.id, &format!("d{id}"), lane) };
    let acceptance = Acceptance { message, deliveries: vec![delivery], records: Vec::new() };
    assert_eq!(store.accept(acceptance).await.unwrap(), Accepted::New);
}

/// Where each delivery stands, in the order they were made.
fn states(store: &dyn Store, count: usize) -> Vec<DeliveryState> {
    let all = store.list(&crate::store::Filter { limit: count, ..Default::default() }).unwrap();
    let state = |message: &MessageSummary| message.deliveries[0].state;
    all.iter().rev().map(state).collect()
}

fn check(made: &[Made], before: &[DeliveryState], claimed: &Claimed) {
    let id: usize = claimed.delivery.id[1..].parse().unwrap();
    let lane = &made[id].lane;
    for (other, made) in made.iter().enumerate().filter(|(other, made)| made.lane == *lane && *other != id) {
        let state = before[other];
        assert_ne!(state, DeliveryState::InFlight, "d{id} and d{other} are under way");
        assert!(other > id || state != DeliveryState::Pending, "d{id} overtakes d{other}");
        let holds = made.on_exhausted == Exhausted::ParkKey && state == DeliveryState::Parked;
        assert!(!holds, "d{other} holds the lane of d{id}");
    }
}
