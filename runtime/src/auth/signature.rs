//! Signatures of messages: compared in constant time, and not too old.

use engine::value::Arena;
use engine::{Inbound, Signature, World};
use subtle::Choice;

use super::caller::{Reason, accept, same};

/// More signatures than this are sent by nobody who rotates keys.
const MOST: usize = 16;

/// Whether one of the signatures that came is one that it must be, and of our time.
pub(super) fn check(
    signature: &Signature,
    message: (&[u8], &[u8]),
    inbound: &Inbound,
    world: World<'_>,
) -> Result<(), Reason> {
    let arena = Arena::new();
    let unsigned = |fault: engine::Fault| Reason::Unsigned(fault.to_string());
    let signed = signature.of(message, inbound, world, &arena).map_err(unsigned)?;
    if signed.given.is_empty() {
        return Err(Reason::Missing);
    }
    if signed.given.len() > MOST {
        return Err(Reason::Malformed);
    }
    let pairs = signed.given.iter().flat_map(|given| signed.is.iter().map(|is| same(given, is)));
    accept(pairs.fold(Choice::from(0), |any, same| any | same))?;
    match signed.at {
        Some(at) if at.duration_since(world.now).unsigned_abs() > signature.within => Err(Reason::OutOfTime),
        _ => Ok(()),
    }
}
