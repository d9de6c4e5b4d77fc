//! The members of an object: which there may be, which there must be, and what holds of each.

use super::At;
use crate::value::{Object, Value};

/// More names than this are left to the library.
const MAX_NAMES: usize = 1 << 15;

#[derive(Debug)]
pub(super) struct Members {
    /// Each name once.
    named: Box<[Named]>,
    /// By the hash of the name: its place among the named, counted from 1, or 0. At least half of the slots are empty,
    /// a power of two.
    slots: Box<[u16]>,
    required: u32,
    /// What holds of members that are not named.
    others: At,
}

#[derive(Debug)]
pub(super) struct Named {
    pub name: Box<str>,
    pub required: bool,
    /// What holds of its value.
    pub at: At,
}

/// The two ends of a name, which may overlap: of up to sixteen bytes all of it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends(u64, u64);

impl Members {
    /// `None` where there are too many names.
    pub fn new(named: Vec<Named>, others: At) -> Option<Self> {
        if named.len() > MAX_NAMES {
            return None;
        }
        let mut slots = vec![0; (named.len() * 2).next_power_of_two()];
        for (place, named) in (1..).zip(&named) {
            let mut at = slot(&named.name, slots.len());
            while *slots.get(at)? != 0 {
                at = (at + 1) % slots.len();
            }
            *slots.get_mut(at)? = place;
        }
        let required = u32::try_from(named.iter().filter(|named| named.required).count()).ok()?;
        Some(Self { named: named.into(), slots: slots.into(), required, others })
    }

    pub fn hold<'a>(&self, object: &Object<'a>, holds: impl Fn(At, Value<'a>) -> bool) -> bool {
        let mut found = 0;
        for entry in object.entries() {
            let named = match entry.key.as_clean() {
                Some(name) => self.find(name),
                None => self.find(&entry.key.decode()),
            };
            found += u32::from(named.is_some_and(|named| named.required));
            if !holds(named.map_or(self.others, |named| named.at), entry.value) {
                return false;
            }
        }
        // No name comes twice.
        found == self.required
    }

    fn find(&self, name: &str) -> Option<&Named> {
        let mut at = slot(name, self.slots.len());
        loop {
            let place = usize::from(*self.slots.get(at)?).checked_sub(1)?;
            let named = self.named.get(place)?;
            if is(&named.name, name) {
                return Some(named);
            }
            at = (at + 1) % self.slots.len();
        }
    }
}

fn slot(name: &str, slots: usize) -> usize {
    let Ends(first, last) = Ends::of(name.as_bytes());
    let mixed = (first ^ last.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize % slots
}

/// Most names are so short that two words tell.
fn is(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && Ends::of(left.as_bytes()) == Ends::of(right.as_bytes())
        && (left.len() <= 16 || left == right)
}

impl Ends {
    #[inline]
    fn of(name: &[u8]) -> Self {
        let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
        match (name.first_chunk(), name.last_chunk(), name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last), ..) => Self(u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            (_, _, Some(first), Some(last)) => Self(half(first), half(last)),
            _ => Self(name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
        }
    }
}
