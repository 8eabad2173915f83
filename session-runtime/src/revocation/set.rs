//! The local set: everything that is refused, complete and in memory, read without locks and without allocating.
//!
//! # Cost
//! A record takes 32 bytes, filter and directory two more. A look-up is one keyed digest, two pointers and a word of a filter.
//! A change copies one shard, some hundred records, the filters of 32, and some pointers. That takes microseconds, and memory for the older
//! copy of these only. Nothing is ever done for the whole set at once, apart from loading it.

mod digest;
mod directory;
mod filter;
mod record;
mod shard;

use std::fmt;

use super::target::Kind;
use crate::time::Timestamp;

pub(super) use digest::{Digester, Within};
use directory::Directory;
pub(super) use record::Refusal;
use record::{Key, Record};

/// How many shards one step of pruning looks at, or joins. A step reads a quarter of a megabyte and writes as much at most.
const STEP: usize = 32;

/// One step of the set's history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) kind: Kind,
    pub(super) digest: u128,
    pub(super) refusal: Refusal,
    /// Whether nothing of this target waits for the store any more.
    pub(super) settled: bool,
}

/// The set. A clone is cheap and stays as it is while the original goes on, which is how readers see it.
#[derive(Clone, Default)]
pub(super) struct LocalSet {
    directory: Directory,
    len: usize,
}

/// How far a pruning has come; `default` is its beginning.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PruneCursor {
    /// The first shard that was not looked at. Shards that are split meanwhile add new ones at the end, so none is passed over; they
    /// are joined when all were seen.
    next: usize,
}

impl LocalSet {
    /// The most changes that should be taken in before the next clone is published, when there are many: each may copy a shard, whose
    /// older copy lives on in the clone that readers have. So many of them take about a millisecond and 4 MB.
    pub(super) const AT_ONCE: usize = 256;

    #[inline]
    pub(super) fn find(&self, digest: u128) -> Option<Refusal> {
        self.directory.find(digest).map(Record::refusal)
    }

    /// How many targets are refused.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Everything that is refused, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Kind, u128, Refusal)> {
        self.directory.records().map(|record| (record.kind(), record.key.digest(), record.refusal()))
    }

    /// Takes changes in, in their order.
    ///
    /// Many at once are sorted once, and every shard that they touch is made once. When somebody holds a clone of the set, they should be at
    /// most [`AT_ONCE`](Self::AT_ONCE).
    pub(super) fn apply<'c>(&mut self, changes: impl IntoIterator<Item = &'c Change>) {
        let mut incoming: Vec<(Key, &Change)> = changes.into_iter().map(|change| (Key::of(change.digest), change)).collect();
        // Stable, so that the changes of one target stay in their order.
        incoming.sort_by_key(|(key, _)| *key);
        let mut added: usize = 0;
        let mut records = Vec::with_capacity(incoming.len());
        for of_one in incoming.chunk_by(|(one, _), (next, _)| one == next) {
            let Some((key, first)) = of_one.first() else { continue };
            let known = self.find(first.digest);
            let after = of_one.iter().fold(known.unwrap_or(Refusal::NOTHING), |before, (_, change)| before.after(change));
            // Entries are read again after they were written, and change nothing then.
            if known != Some(after) {
                records.push(Record::new(first.kind, *key, after));
                added = added.saturating_add(usize::from(known.is_none()));
            }
        }
        self.len = self.len.saturating_add(added);
        self.directory.grow(self.len);
        self.directory.put(&records);
    }

    /// Drops what is not needed at `now`, all at once.
    pub(super) fn prune(&mut self, now: Timestamp) {
        let mut cursor = Some(PruneCursor::default());
        while let Some(at) = cursor {
            cursor = self.prune_step(now, at);
        }
    }

    /// Drops what is not needed at `now` from a few shards, and says where to go on; `None` when all is done.
    ///
    /// Changes may come in between. What they bring that is not needed either may be left for the next time.
    pub(super) fn prune_step(&mut self, now: Timestamp, cursor: PruneCursor) -> Option<PruneCursor> {
        let next = cursor.next.saturating_add(STEP);
        if cursor.next < self.directory.shards() {
            for index in cursor.next..next.min(self.directory.shards()) {
                self.len = self.len.saturating_sub(self.directory.prune(index, now));
            }
            return Some(PruneCursor { next });
        }
        // Not before all were pruned: what is joined halfway would gather what is left to prune in ever fewer and larger shards.
        let done = self.directory.shrink(self.len, STEP);
        (!done).then_some(PruneCursor { next: usize::MAX })
    }
}

impl fmt::Debug for LocalSet {
    /// Counts, never contents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").field("len", &self.len).field("shards", &self.directory.shards()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
