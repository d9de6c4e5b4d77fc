//! What becomes of accepted messages: lanes, attempts, outcomes, what follows them, what waits for a person.

mod destination;
mod encoding;
mod exhausted;
mod follow;
mod hand_over;
mod lanes;
mod park;
mod retry;
mod secrets;
mod token;

use runtime::store::{AttemptOutcome, DeliveryDetail};

/// How the attempts of a delivery ended, in order.
fn outcomes(delivery: &DeliveryDetail) -> Vec<AttemptOutcome> {
    delivery.attempts.iter().map(|attempt| attempt.outcome).collect()
}
