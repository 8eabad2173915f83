//! A shard: some hundred records that are replaced together, and a filter over them.

use super::record::{Key, Record};
use crate::time::Timestamp;

/// How many records a shard has on average. One may have twice as many, just before it is split.
///
/// A change copies the records of one shard, 8 KiB on average, and as many pointers as a chunk and the list of chunks of the directory have.
/// Half of this or twice as much made no difference to a check.
pub(super) const SHARD: usize = 256;

/// How many words the filter of a shard has: one for four records on average and one for eight at least.
const WORDS: usize = 64;

/// Records sorted by their keys, and a filter over some bits of their digests.
///
/// Keyed digests are evenly spread and stay so whatever an attacker revokes, so no shard has many more records than the others.
/// The filter knows for most tokens that they are *not* revoked. It lies in one piece with the shard's count of references, so that a
/// look-up reads no more than the pointers to it and one of its words. What it lets through is looked for among the records: one token in
/// 100, and one in 25 where the shard is as full as it gets.
#[derive(Debug)]
pub(super) struct Shard {
    filter: [u64; WORDS],
    /// As long as they have to be and no longer.
    records: Box<[Record]>,
}

impl Default for Shard {
    fn default() -> Self {
        Self { filter: [0; WORDS], records: Box::default() }
    }
}

impl Shard {
    fn new(records: Vec<Record>) -> Self {
        Self { filter: filter([0; WORDS], &records), records: records.into_boxed_slice() }
    }

    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    #[inline]
    pub(super) fn find(&self, digest: u128) -> Option<&Record> {
        if self.may_hold(digest) { self.search(Key::of(digest)) } else { None }
    }

    /// Asks the filter. It never says no to what is there.
    #[inline]
    pub(super) fn may_hold(&self, digest: u128) -> bool {
        let bits = bits(digest);
        self.filter.get(word(digest)).is_some_and(|word| word & bits == bits)
    }

    /// Apart from [`find`](Self::find), which almost never needs it.
    #[inline(never)]
    fn search(&self, key: Key) -> Option<&Record> {
        let found = self.records.binary_search_by(|record| record.key.cmp(&key)).ok()?;
        self.records.get(found)
    }

    /// The shard with these records too, which are sorted and replace those of the same key.
    pub(super) fn with(&self, newer: &[Record]) -> Self {
        let replaced = newer.iter().filter(|record| self.find(record.key.digest()).is_some()).count();
        let mut records = Vec::with_capacity(self.records.len().saturating_add(newer.len()).saturating_sub(replaced));
        let mut rest = self.records();
        for record in newer {
            // What lies between two new ones is copied in one piece and not record by record.
            let (before, after) = rest.split_at_checked(rest.partition_point(|older| older.key < record.key)).unwrap_or_default();
            records.extend_from_slice(before);
            records.push(*record);
            rest = match after.split_first() {
                Some((same, after)) if same.key == record.key => after,
                _ => after,
            };
        }
        records.extend_from_slice(rest);
        Self { filter: filter(self.filter, newer), records: records.into_boxed_slice() }
    }

    /// The shard without what is not needed at `now`; `None` if all of it is.
    pub(super) fn pruned(&self, now: Timestamp) -> Option<Self> {
        let needed = self.records.iter().filter(|record| record.is_needed(now));
        let left = needed.clone().count();
        (left < self.records.len()).then(|| {
            let mut records = Vec::with_capacity(left);
            records.extend(needed);
            Self::new(records)
        })
    }

    /// Two shards, by a bit of the digest up to which all of the shard's are the same.
    pub(super) fn split(&self, bit: u128) -> (Self, Self) {
        let lower = self.records.partition_point(|record| record.key.digest() & bit == 0);
        let (lower, upper) = self.records.split_at_checked(lower).unwrap_or_default();
        (Self::new(lower.to_vec()), Self::new(upper.to_vec()))
    }

    /// This shard and the one that was [split](Self::split) off it.
    pub(super) fn joined(&self, upper: &Self) -> Self {
        Self::new([self.records(), upper.records()].concat())
    }

    /// What it takes in memory, with its counts of references.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        2 * size_of::<usize>() + size_of::<Self>() + size_of_val(&*self.records)
    }
}

fn filter(mut filter: [u64; WORDS], records: &[Record]) -> [u64; WORDS] {
    for digest in records.iter().map(|record| record.key.digest()) {
        if let Some(word) = filter.get_mut(word(digest)) {
            *word |= bits(digest);
        }
    }
    filter
}

/// Which word of the filter a digest has: by its highest bits, since the lowest say which shard.
fn word(digest: u128) -> usize {
    let [highest, ..] = digest.to_be_bytes();
    usize::from(highest) % WORDS
}

/// The bits of a digest in its word of the filter: three, or fewer where they coincide, from bytes that pick neither the shard nor the word.
///
/// All in one word, so that the answer costs one read of memory.
fn bits(digest: u128) -> u64 {
    let [_, first, second, third, ..] = digest.to_be_bytes();
    // Only the six lowest bits of each byte count.
    [first, second, third].into_iter().fold(0, |bits, place| bits | 1_u64.wrapping_shl(place.into()))
}
