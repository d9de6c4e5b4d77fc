//! Signatures of messages: compared in constant time, and not too old.

use std::time::Duration;

use engine::{Inbound, Signature, Signed, World};
use jiff::Timestamp;
use subtle::Choice;

use super::caller::{Reason, accept, same};
use crate::world::with_arena;

/// More signatures than this are sent by nobody who rotates keys.
const MOST: usize = 16;

/// Whether one of the signatures that came is one that it must be, and of our time.
pub(super) fn check(
    signature: &Signature,
    message: (&[u8], &[u8]),
    inbound: &Inbound,
    world: World<'_>,
) -> Result<(), Reason> {
    let unsigned = |fault: engine::Fault| Reason::Unsigned(fault.to_string());
    with_arena(|arena| {
        let signed = signature.of(message, inbound, world, arena).map_err(unsigned)?;
        judge(&signed, signature.within, world.now)
    })
}

fn judge(signed: &Signed<'_>, within: Duration, now: Timestamp) -> Result<(), Reason> {
    if signed.given.is_empty() {
        return Err(Reason::Missing);
    }
    if signed.given.len() > MOST {
        return Err(Reason::Malformed);
    }
    let pairs = signed.given.iter().flat_map(|given| signed.is.iter().map(|is| same(given, is)));
    accept(pairs.fold(Choice::from(0), |any, same| any | same))?;
    match signed.at {
        Some(at) if at.duration_since(now).unsigned_abs() > within => Err(Reason::OutOfTime),
        _ => Ok(()),
    }
}
