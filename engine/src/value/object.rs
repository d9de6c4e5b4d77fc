//! An object: its members in order, and an index when there are many.

use std::cmp::Ordering;

use bumpalo::collections::Vec as ArenaVec;

use super::{Arena, Tag, Text, Value};

/// Up to this many members a linear search beats an index.
const LINEAR: usize = 32;

/// One member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry<'a> {
    /// The member's name.
    pub key: Text<'a>,
    /// Its value.
    pub value: Value<'a>,
}

/// The members of an object in input order, no key twice.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    entries: &'a [Entry<'a>],
    /// Empty for small objects, else one slot a member in ascending (hash, key) order. Sorting,
    /// unlike a hash table, stays `n log n` for keys a sender chose to collide.
    index: &'a [Slot],
}

/// The hash of a key in the high half, its place among the entries in the low half.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot(u64);

/// The place of an entry whose key an earlier entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Duplicate(pub(super) usize);

impl<'a> Object<'a> {
    /// The object without members.
    pub const EMPTY: &'static Object<'static> = &Object { entries: &[], index: &[] };

    /// An object of computed entries. A later duplicate replaces the value of the earlier one,
    /// whose place it takes.
    #[must_use]
    pub fn build(arena: &'a Arena, entries: &[Entry<'a>]) -> &'a Self {
        let entries: &'a [Entry<'a>] = arena.alloc_slice_copy(entries);
        Self::unique(arena, entries).unwrap_or_else(|_| Self::merged(arena, entries))
    }

    /// An object of entries that are in the arena already; refuses a key that occurs twice.
    pub(super) fn unique(arena: &'a Arena, entries: &'a [Entry<'a>]) -> Result<&'a Self, Duplicate> {
        if entries.is_empty() {
            return Ok(Self::EMPTY);
        }
        let index: &'a [Slot] = if entries.len() <= LINEAR {
            distinct(entries)?;
            &[]
        } else {
            indexed(arena, entries)?
        };
        Ok(arena.alloc(Self { entries, index }))
    }

    /// An object of entries in the arena whose keys [`Seen`] has told apart.
    pub(super) fn distinct(arena: &'a Arena, entries: &'a [Entry<'a>]) -> &'a Self {
        arena.alloc(Self { entries, index: &[] })
    }

    /// An object over parts whose index is already known.
    pub(super) const fn from_parts(entries: &'a [Entry<'a>], index: &'a [Slot]) -> Self {
        Self { entries, index }
    }

    pub(super) const fn index(&self) -> &'a [Slot] {
        self.index
    }

    fn merged(arena: &'a Arena, entries: &[Entry<'a>]) -> &'a Self {
        let mut sorted = ArenaVec::from_iter_in(entries.iter().copied().zip(0..), arena);
        sorted.sort_unstable_by_key(|(entry, place): &(Entry<'a>, usize)| (entry.key, *place));
        let mut merged = ArenaVec::new_in(arena);
        for run in sorted.chunk_by(|(left, _), (right, _)| left.key == right.key) {
            if let ([(first, place), ..], [.., (last, _)]) = (run, run) {
                merged.push((*place, Entry { key: first.key, value: last.value }));
            }
        }
        merged.sort_unstable_by_key(|(place, _)| *place);
        let merged = arena.alloc_slice_fill_iter(merged.iter().map(|(_, entry)| *entry));
        Self::unique(arena, merged).unwrap_or(Self::EMPTY)
    }

    pub(super) fn copy_into<'b>(&self, arena: &'b Arena) -> &'b Object<'b> {
        let copies = self
            .entries
            .iter()
            .map(|entry| Entry { key: entry.key.copy_into(arena), value: entry.value.copy_into(arena) });
        let entries = arena.alloc_slice_fill_iter(copies);
        arena.alloc(Object { entries, index: arena.alloc_slice_copy(self.index) })
    }

    /// The members in input order.
    #[must_use]
    pub const fn entries(&self) -> &'a [Entry<'a>] {
        self.entries
    }

    /// The number of members.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of the member `key`.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The member `key`.
    #[inline]
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'a Entry<'a>> {
        self.entries.get(self.place(key)?)
    }

    /// Where the member `key` stands.
    #[must_use]
    pub fn place(&self, key: &str) -> Option<usize> {
        if self.index.is_empty() {
            let tag = Tag::of(key);
            return self.entries.iter().position(|entry| entry.key.is_tagged(key, tag));
        }
        let hash = hash(key);
        let found = self.index.binary_search_by(|slot| {
            slot.hash()
                .cmp(&hash)
                .then_with(|| slot.key(self.entries).map_or(Ordering::Less, |own| own.cmp(&Text::plain(key))))
        });
        self.index.get(found.ok()?).map(|slot| slot.place())
    }

    /// The value of a member whose key may be escaped.
    pub(super) fn find(&self, key: &Text<'_>) -> Option<Value<'a>> {
        match key.as_clean() {
            Some(content) => self.get(content),
            None => self.get(&key.decode()),
        }
    }
}

impl Slot {
    /// An input has fewer than 2³² members: each takes at least four bytes of it.
    fn new<'a>(key: &Text<'a>, place: usize, arena: &'a Arena) -> Self {
        Self(u64::from(hash(key.decode_in(arena))) << 32 | place as u64 & 0xffff_ffff)
    }

    const fn hash(self) -> u32 {
        (self.0 >> 32) as u32
    }

    const fn place(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    fn key<'e, 'a>(self, entries: &'e [Entry<'a>]) -> Option<&'e Text<'a>> {
        entries.get(self.place()).map(|entry| &entry.key)
    }
}

/// The kinds of the keys seen so far, one bit each: tells most new keys from all earlier ones at
/// once.
#[derive(Debug, Default)]
pub(super) struct Seen {
    kinds: [u64; 4],
    count: usize,
}

impl Seen {
    /// Whether `key` is surely none of the earlier ones, and they are few enough to need no index.
    #[inline(always)]
    pub(super) fn is_new(&mut self, key: &Text<'_>) -> bool {
        self.count += 1;
        let Some(kind) = key.tag().kind() else {
            self.kinds = [u64::MAX; 4];
            return false;
        };
        let (kinds, bit) = (&mut self.kinds[usize::from(kind >> 6)], 1 << (kind & 63));
        let new = *kinds & bit == 0;
        *kinds |= bit;
        new & (self.count <= LINEAR)
    }
}

/// Refuses a small set of entries with a key twice.
fn distinct(entries: &[Entry<'_>]) -> Result<(), Duplicate> {
    let mut seen = Seen::default();
    for (place, entry) in entries.iter().enumerate() {
        let earlier = entries.get(..place).unwrap_or_default();
        if !seen.is_new(&entry.key) && earlier.iter().any(|other| other.key == entry.key) {
            return Err(Duplicate(place));
        }
    }
    Ok(())
}

fn indexed<'a>(arena: &'a Arena, entries: &[Entry<'a>]) -> Result<&'a [Slot], Duplicate> {
    let slots = entries.iter().enumerate().map(|(place, entry)| Slot::new(&entry.key, place, arena));
    let slots = arena.alloc_slice_fill_iter(slots);
    slots.sort_unstable_by_key(|slot| slot.0);
    let key = |slot: &Slot| slot.key(entries);
    for run in slots.chunk_by_mut(|left, right| left.hash() == right.hash()).filter(|run| run.len() > 1) {
        run.sort_unstable_by(|left, right| key(left).cmp(&key(right)).then(left.place().cmp(&right.place())));
        let twice = run.windows(2).find_map(|pair| match pair {
            [left, right] if key(left) == key(right) => Some(right.place()),
            _ => None,
        });
        if let Some(place) = twice {
            return Err(Duplicate(place));
        }
    }
    Ok(slots)
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Spreads keys over slots; needs to be fast, not secret.
fn hash(key: &str) -> u32 {
    let (words, rest) = key.as_bytes().as_chunks::<8>();
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    let hash = words.iter().fold(key.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let tail = rest.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte));
    (mix(hash, tail) >> 32) as u32
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entry(key: &str, value: i64) -> (String, i64) {
        (key.to_owned(), value)
    }

    fn entries<'a>(arena: &'a Arena, pairs: &[(String, i64)]) -> Vec<Entry<'a>> {
        pairs
            .iter()
            .map(|(key, value)| Entry {
                key: Text::plain(arena.alloc_str(key)),
                value: Value::integer(arena, *value),
            })
            .collect()
    }

    #[test]
    fn members_are_found_at_every_size() {
        for size in [0, 1, 2, 31, 32, 33, 40, 1000] {
            let arena = Arena::new();
            let pairs: Vec<_> = (0..size).map(|at| entry(&format!("key{at}"), at)).collect();
            let object = Object::build(&arena, &entries(&arena, &pairs));
            assert_eq!(object.len(), pairs.len());
            for (key, value) in &pairs {
                assert_eq!(object.get(key).unwrap().as_number().unwrap().as_i64(), Some(*value));
            }
            assert!(object.get("absent").is_none());
        }
    }

    #[test]
    fn a_later_duplicate_replaces_in_place() {
        for size in [2, 60] {
            let arena = Arena::new();
            let mut pairs: Vec<_> = (0..size).map(|at| entry(&format!("k{at}"), at)).collect();
            pairs.push(entry("k0", 99));
            let object = Object::build(&arena, &entries(&arena, &pairs));
            assert_eq!(object.len(), pairs.len() - 1);
            assert!(object.entries().first().unwrap().key.is("k0"));
            assert_eq!(object.get("k0").unwrap(), Value::integer(&arena, 99));
        }
    }

    #[test]
    fn the_place_of_a_duplicate_is_the_later_one() {
        for size in [3, 32, 33, 300] {
            let arena = Arena::new();
            let mut pairs: Vec<_> = (0..size).map(|at| entry(&format!("k{at}"), at)).collect();
            pairs.insert(2, entry("k1", 0));
            let found = Object::unique(&arena, arena.alloc_slice_copy(&entries(&arena, &pairs)));
            assert_eq!(found.unwrap_err(), Duplicate(2));
        }
    }

    #[test]
    fn keys_of_one_hash_are_kept_apart() {
        // Slots of one hash fall back on the keys' own order.
        let arena = Arena::new();
        let pairs: Vec<_> = (0..20).map(|at| entry(&format!("k{at:02}"), at)).collect();
        let entries = arena.alloc_slice_copy(&entries(&arena, &pairs));
        let one = hash("k07");
        let index: Vec<_> = (0..20).map(|place| Slot(u64::from(one) << 32 | place)).collect();
        let object = Object { entries, index: &index };
        assert_eq!(object.get("k07").unwrap(), Value::integer(&arena, 7));
    }
}
