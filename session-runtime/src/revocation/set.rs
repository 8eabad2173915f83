//! The local set: everything that is refused, complete and in memory, read without locks and without allocating.
//!
//! # Cost
//! A record takes 32 bytes, index and filter of the large table three to six more. A look-up is one keyed digest, a binary search among
//! at most [`RECENT`] records, and a word of the filter or one short run of the large table. A single revocation copies the small table
//! (at most 32 KiB); every [`RECENT`] of them are merged into the large one, which copies that once.
//! Readers wait for neither copy.

use std::{cmp::Ordering, hash::Hasher as _, sync::Arc};

use siphasher::sip128::SipHasher13;

use super::{
    position::Position,
    target::{Kind, Target},
};
use crate::time::Timestamp;

/// How many records the small table takes before it is merged into the large one.
const RECENT: usize = 1_024;
/// How many records share one step of the large table's index, on average.
const RUN: usize = 4;
/// How many records share one word of the filter, on average at most. One token in 25 is then looked up in vain; twice the words made no
/// difference to a check among a million.
const WORD: usize = 8;

/// Makes the keys of the set.
///
/// The key is random for each process: whoever can pick subjects or token ids (a sign-up form is enough) can otherwise search for two
/// that collide, and be logged out with, or instead of, somebody else.
///
/// One round a word and three at the end (SipHash-1-3) are enough. Digests never leave the process, the key lives no longer than it, and
/// without the key no way to find texts that collide is known that is better than guessing; the standard library's maps
/// trust it against the same attacker.
#[derive(Clone)]
pub(super) struct Digester {
    keyed: SipHasher13,
}

impl Digester {
    pub(super) fn new(key: [u8; 16]) -> Self {
        Self { keyed: SipHasher13::new_with_key(&key) }
    }

    pub(super) fn of(&self, target: &Target) -> u128 {
        self.within(target.issuer()).digest(target.kind(), target.name())
    }

    /// Reads the issuer, once for all that is looked up within it.
    ///
    /// Length, issuer, kind and name each begin with a word of eight bytes, and the length says which word the kind is. So no two targets
    /// are the same bytes, whatever is in their texts, and the name is read by words too.
    #[inline]
    pub(super) fn within(&self, issuer: &str) -> Within {
        let mut hasher = self.keyed;
        hasher.write_u64(u64::try_from(issuer.len()).unwrap_or(u64::MAX));
        let (words, rest) = issuer.as_bytes().as_chunks();
        for word in words {
            hasher.write_u64(u64::from_le_bytes(*word));
        }
        // Filled with zeros, and there even where nothing is left over.
        let last = rest.iter().rfold(0, |last, byte| (last << 8) | u64::from(*byte));
        hasher.write_u64(last);
        Within(hasher)
    }
}

/// Makes the keys of one issuer's tokens and subjects.
pub(super) struct Within(SipHasher13);

impl Within {
    #[inline]
    pub(super) fn digest(&self, kind: Kind, name: &str) -> u128 {
        let mut hasher = self.0;
        hasher.write_u64(kind.tag().into());
        // The name comes last and needs no length, because SipHash has one of its own for the whole.
        hasher.hash(name.as_bytes()).as_u128()
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

    pub(super) fn position(self) -> Position {
        Position::new(self.position & !WAITING).unwrap_or(Position::MAX)
    }

    pub(super) fn not_after(self) -> Timestamp {
        self.not_after
    }

    pub(super) fn is_waiting(self) -> bool {
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
    pub(super) kind: Kind,
    pub(super) digest: u128,
    pub(super) refusal: Refusal,
    /// Whether nothing of this target waits for the store any more.
    pub(super) settled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    kind: Kind,
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
    #[inline]
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

    /// Everything that is refused.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Kind, u128, Refusal)> {
        merged(&self.base.records, &self.recent).into_iter().map(|record| (record.kind, record.digest, record.refusal))
    }

    /// Takes changes in.
    pub(super) fn apply<'c>(&mut self, changes: impl IntoIterator<Item = &'c Change>) {
        let mut incoming: Vec<Record> = changes
            .into_iter()
            .map(|change| {
                let mut refusal = self.find(change.digest).map_or(change.refusal, |known| known.with(change.refusal));
                if change.settled {
                    refusal.position &= !WAITING;
                }
                Record { kind: change.kind, digest: change.digest, refusal }
            })
            .collect();
        if incoming.is_empty() {
            return; // What most refreshes find.
        }
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
        let words = (records.len() / WORD).max(1).next_power_of_two();
        let start_shift = u128::BITS.saturating_sub(buckets.trailing_zeros());
        let filter_shift = u128::BITS.saturating_sub(words.trailing_zeros());
        let mut starts = Vec::with_capacity(buckets.saturating_add(1));
        let mut filter = vec![0; words];
        for (place, record) in records.iter().enumerate() {
            while starts.len() <= bucket(record.digest, start_shift) {
                starts.push(place);
            }
            if let Some(word) = filter.get_mut(bucket(record.digest, filter_shift)) {
                *word |= bits(record.digest);
            }
        }
        starts.resize(buckets.saturating_add(1), records.len());
        Self { records, starts, start_shift, filter, filter_shift }
    }

    /// Asks the filter. It never says no to what is there.
    fn may_hold(&self, digest: u128) -> bool {
        let bits = bits(digest);
        self.filter.get(bucket(digest, self.filter_shift)).is_some_and(|word| word & bits == bits)
    }

    fn find(&self, digest: u128) -> Option<Refusal> {
        if !self.may_hold(digest) {
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

/// The bits of a digest in its word of the filter: three, or fewer where they coincide, from the end that does not pick the word.
///
/// All in one word, so that the answer costs one read of memory.
fn bits(digest: u128) -> u64 {
    let [first, second, third, ..] = digest.to_le_bytes();
    // Only the six lowest bits of each byte count.
    [first, second, third].into_iter().fold(0, |bits, place| bits | 1_u64.wrapping_shl(place.into()))
}

#[cfg(test)]
mod tests;
