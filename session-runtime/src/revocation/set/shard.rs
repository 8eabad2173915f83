//! A shard: some hundred records that are replaced together.

use super::{
    filter::Filter,
    record::{Key, Record},
};
use crate::time::Timestamp;

/// How many records a shard has on average. One may have twice as many, just before it is split.
pub(super) const SHARD: usize = 256;

/// Records sorted by their keys.
///
/// Keyed digests are evenly spread and stay so whatever an attacker revokes, so no shard has many more records than the others.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// As long as they have to be and no longer.
    records: Box<[Record]>,
}

impl Shard {
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Finds a record, of which the first `depth` bits are those of all others here.
    ///
    /// Keys are evenly spread, so the bits that follow say where it should be, and it is some records from there on average. In a set that
    /// the caches do not hold, a binary search would wait for memory four times as often.
    pub(super) fn find(&self, key: Key, depth: u32) -> Option<&Record> {
        let (before, after) = self.records.split_at_checked(key.place(depth, self.records.len()))?;
        let earlier = before.iter().rev().take_while(|record| record.key >= key).last();
        earlier.or_else(|| after.iter().find(|record| record.key >= key)).filter(|record| record.key == key)
    }

    /// The shard with these records too, which are sorted and replace those of the same key.
    pub(super) fn with(&self, newer: &[Record]) -> Self {
        let replaced = newer.iter().filter(|new| self.records.binary_search_by_key(&new.key, |old| old.key).is_ok()).count();
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
        Self { records: records.into_boxed_slice() }
    }

    /// The shard without what is not needed at `now`; `None` if all of it is.
    pub(super) fn pruned(&self, now: Timestamp) -> Option<Self> {
        let needed = self.records.iter().filter(|record| record.is_needed(now));
        let left = needed.clone().count();
        (left < self.records.len()).then(|| {
            let mut records = Vec::with_capacity(left);
            records.extend(needed);
            Self { records: records.into_boxed_slice() }
        })
    }

    /// Two shards, by a bit of the digest up to which all of the shard's are the same.
    pub(super) fn split(&self, bit: u128) -> (Self, Self) {
        let lower = self.records.partition_point(|record| record.key.digest() & bit == 0);
        let (lower, upper) = self.records.split_at_checked(lower).unwrap_or_default();
        (Self { records: lower.into() }, Self { records: upper.into() })
    }

    /// This shard and the one that was [split](Self::split) off it.
    pub(super) fn joined(&self, upper: &Self) -> Self {
        Self { records: [self.records(), upper.records()].concat().into_boxed_slice() }
    }

    /// The shard and a new filter over it.
    pub(super) fn filtered(self) -> (Self, Filter) {
        let filter = Filter::over(&self.records);
        (self, filter)
    }
}
