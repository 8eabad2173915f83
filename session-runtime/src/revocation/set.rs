//! The local set: everything that is refused, complete and in memory, read without locks and without allocating.
//!
//! # Cost
//! A record takes 32 bytes, index and filter of the large table three to six more. A look-up is one keyed digest, a binary search among
//! at most [`RECENT`] records, and a bit of the filter or one short run of the large table. A single revocation copies the small table
//! (at most 32 KiB); every [`RECENT`] of them are merged into the large one, which copies that once.
//! Readers wait for neither copy. The benchmark does not measure any of this yet.

use std::{cmp::Ordering, hash::Hasher, sync::Arc};

use siphasher::sip128::{Hasher128, SipHasher24};

use super::entry::{Kind, Position, Target};
use crate::time::Timestamp;

/// How many records the small table takes before it is merged into the large one.
const RECENT: usize = 1_024;
/// How many records share one step of the large table's index, on average.
const RUN: usize = 4;
/// How many bits of the filter there are for one record, at least; one in so many tokens is looked up in vain.
const FILTER_BITS: usize = 8;

/// Makes the keys of the set.
///
/// The key is random for each process: whoever can pick subjects or token ids (a sign-up form is enough) can otherwise search for two
/// that collide, and be logged out with, or instead of, somebody else.
#[derive(Clone)]
pub(super) struct Digester {
    key: [u8; 16],
}

impl Digester {
    pub(super) fn new(key: [u8; 16]) -> Self {
        Self { key }
    }

    pub(super) fn of(&self, target: &Target) -> u128 {
        self.digest(target.kind(), target.issuer(), target.name())
    }

    pub(super) fn digest(&self, kind: Kind, issuer: &str, name: &str) -> u128 {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hasher.write(&[kind.tag()]);
        hasher.write(&u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.write(issuer.as_bytes());
        hasher.write(name.as_bytes());
        hasher.finish128().as_u128()
    }
}

/// What is known about one target: the highest position at which it was revoked, how long that is needed, and whether a revocation
/// of it still waits for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The top bit says "waits for the store"; a flag of its own would make a record 48 bytes long instead of 32.
    position: u64,
    not_after: Timestamp,
}

const WAITING: u64 = 1 << 63;

impl Refusal {
    /// Read from the log, or acknowledged by it.
    pub(super) fn acknowledged(position: Position, not_after: Timestamp) -> Self {
        Self { position: position.as_u64(), not_after }
    }

    /// Asked for here, and not acknowledged by the store yet: it has no position, so it is above every one.
    pub(super) fn waiting(not_after: Timestamp) -> Self {
        Self { position: WAITING, not_after }
    }

    /// Whether a token with this `gen` is older than the revocation. A token without one is older than everything.
    pub(super) fn covers(self, generation: Option<u64>) -> bool {
        // The issuer of a token with `gen` = p had seen the entry at p, so equal means issued afterwards.
        self.is_waiting() || generation.is_none_or(|generation| generation < self.position)
    }

    fn is_waiting(self) -> bool {
        self.position & WAITING != 0
    }

    /// Both together. Taking the larger of everything makes the order in which entries arrive, and how often, of no consequence.
    fn with(self, other: Self) -> Self {
        let waiting = (self.position | other.position) & WAITING;
        let position = (self.position & !WAITING).max(other.position & !WAITING);
        Self { position: position | waiting, not_after: self.not_after.max(other.not_after) }
    }

    fn is_needed(self, now: Timestamp) -> bool {
        // `not_after` is the last moment at which it is needed. What waits was not promised to anybody yet and is kept regardless.
        self.is_waiting() || self.not_after >= now
    }
}

/// One step of the set's history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) digest: u128,
    pub(super) refusal: Refusal,
    /// Whether nothing of this target waits for the store any more.
    pub(super) settled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    digest: u128,
    refusal: Refusal,
}

/// The set. A clone is cheap and stays as it is while the original goes on, which is how readers see it.
#[derive(Debug, Clone, Default)]
pub(super) struct LocalSet {
    /// Sorted by digest; hides records of the same digest in `base`.
    recent: Arc<Vec<Record>>,
    base: Arc<Base>,
    len: usize,
}

impl LocalSet {
    pub(super) fn find(&self, digest: u128) -> Option<Refusal> {
        match self.recent.binary_search_by(|record| record.digest.cmp(&digest)) {
            Ok(found) => self.recent.get(found).map(|record| record.refusal),
            Err(_) => self.base.find(digest),
        }
    }

    /// How many targets are refused.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes changes in.
    pub(super) fn apply(&mut self, changes: &[Change]) {
        if changes.is_empty() {
            return; // What most refreshes find.
        }
        let mut incoming: Vec<Record> = changes
            .iter()
            .map(|change| {
                let mut refusal = self.find(change.digest).map_or(change.refusal, |known| known.with(change.refusal));
                if change.settled {
                    refusal.position &= !WAITING;
                }
                Record { digest: change.digest, refusal }
            })
            .collect();
        incoming.sort_unstable_by_key(|record| record.digest);
        incoming.dedup_by(|later, kept| {
            let same = later.digest == kept.digest;
            if same {
                kept.refusal = kept.refusal.with(later.refusal);
            }
            same
        });
        let added = incoming.iter().filter(|record| self.find(record.digest).is_none()).count();
        self.len = self.len.saturating_add(added);
        self.recent = Arc::new(merged(&self.recent, &incoming));
        if self.recent.len() > RECENT {
            self.rebuild(merged(&self.base.records, &self.recent));
        }
    }

    /// Merges the tables and drops what is not needed at `now`.
    pub(super) fn prune(&mut self, now: Timestamp) {
        let mut records = merged(&self.base.records, &self.recent);
        records.retain(|record| record.refusal.is_needed(now));
        records.shrink_to_fit();
        self.rebuild(records);
    }

    fn rebuild(&mut self, records: Vec<Record>) {
        self.len = records.len();
        self.base = Arc::new(Base::new(records));
        self.recent = Arc::default();
    }
}

/// Joins two sorted tables; a record of `newer` replaces one of `older`.
///
/// `newer` is much the shorter one, so what lies between two of its records is copied in one piece and not record by
/// record.
fn merged(older: &[Record], newer: &[Record]) -> Vec<Record> {
    let mut records = Vec::with_capacity(older.len().saturating_add(newer.len()));
    let mut rest = older;
    for record in newer {
        let (before, after) = rest.split_at_checked(rest.partition_point(|older| older.digest < record.digest)).unwrap_or_default();
        records.extend_from_slice(before);
        records.push(*record);
        rest = match after.split_first() {
            Some((same, after)) if same.digest == record.digest => after,
            _ => after,
        };
    }
    records.extend_from_slice(rest);
    records
}

/// The large table: sorted records, an index over the leading bits of their digests, and a filter over some more bits.
///
/// Keyed digests are evenly spread and stay so whatever an attacker revokes, so a run has [`RUN`] records on average and never many.
/// The filter knows for most tokens that they are *not* revoked and fits into the processor's cache, which index and records of a
/// million entries do not. What it lets through is looked up.
#[derive(Debug, Default)]
struct Base {
    records: Vec<Record>,
    /// `starts[b]` is where the run of bucket `b` begins; one more marks the end.
    starts: Vec<usize>,
    start_shift: u32,
    filter: Vec<u64>,
    filter_shift: u32,
}

impl Base {
    fn new(records: Vec<Record>) -> Self {
        let buckets = (records.len() / RUN).max(1).next_power_of_two();
        let bits = records.len().saturating_mul(FILTER_BITS).max(64).next_power_of_two();
        let start_shift = u128::BITS.saturating_sub(buckets.trailing_zeros());
        let filter_shift = u128::BITS.saturating_sub(bits.trailing_zeros());
        let mut starts = Vec::with_capacity(buckets.saturating_add(1));
        let mut filter = vec![0; bits / 64];
        for (place, record) in records.iter().enumerate() {
            while starts.len() <= bucket(record.digest, start_shift) {
                starts.push(place);
            }
            let (word, bit) = place_in_filter(record.digest, filter_shift);
            if let Some(word) = filter.get_mut(word) {
                *word |= bit;
            }
        }
        starts.resize(buckets.saturating_add(1), records.len());
        Self { records, starts, start_shift, filter, filter_shift }
    }

    fn find(&self, digest: u128) -> Option<Refusal> {
        let (word, bit) = place_in_filter(digest, self.filter_shift);
        if self.filter.get(word)? & bit == 0 {
            return None;
        }
        let bucket = bucket(digest, self.start_shift);
        let run = *self.starts.get(bucket)?..*self.starts.get(bucket.saturating_add(1))?;
        for record in self.records.get(run)? {
            match record.digest.cmp(&digest) {
                Ordering::Less => {}
                Ordering::Equal => return Some(record.refusal),
                Ordering::Greater => return None,
            }
        }
        None
    }
}

/// The leading bits of a digest, all but `shift` of them.
fn bucket(digest: u128, shift: u32) -> usize {
    // A table of one bucket shifts all 128 bits out, which `>>` does not do.
    usize::try_from(digest.checked_shr(shift).unwrap_or(0)).unwrap_or(usize::MAX)
}

/// Which word of the filter, and which bit of it.
fn place_in_filter(digest: u128, shift: u32) -> (usize, u64) {
    let place = bucket(digest, shift);
    (place / 64, 1_u64.wrapping_shl(u32::try_from(place % 64).unwrap_or(0)))
}

#[cfg(test)]
mod tests;
