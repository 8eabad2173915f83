//! The directory: in which shard a digest is, and how the number of shards follows that of the records.

use std::{iter, sync::Arc};

use super::{
    filter::Filter,
    record::{Key, Record},
    shard::{SHARD, Shard},
};
use crate::time::Timestamp;

/// How many shards stand in one chunk.
///
/// A change copies the filters and pointers of one chunk and the list of all chunks, 12 KiB and four among a million records.
const CHUNK: usize = 32;

/// Some shards and their filters.
///
/// The filters lie side by side and not each with its shard, although a change has to copy them all: with a shard's records between each and the
/// next one, every look-up is on another page of memory, and a check of tokens that the caches do not hold takes 50 ns longer.
#[derive(Debug, Clone)]
struct Chunk {
    filters: Arc<[Filter]>,
    shards: Arc<[Arc<Shard>]>,
}

/// All shards, in chunks so that a change copies few pointers.
///
/// There is one shard for [`SHARD`] records. Whenever one more is due, the first that has not been split yet gives half of its records to
/// a new one at the end, and whenever there is one too many, the last goes back to where it came from (linear hashing). So growing is a
/// small step every [`SHARD`] changes, and no change has to do it for all.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory {
    chunks: Arc<Vec<Chunk>>,
    spread: Spread,
}

/// How many shards there are, and which bits pick one.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    shards: usize,
    /// As many of the lowest bits as name every shard. Those that name none yet are still in the one that will be split into it.
    mask: u64,
}

impl Spread {
    fn over(shards: usize) -> Self {
        let last = u64::try_from(shards.saturating_sub(1)).unwrap_or(u64::MAX);
        Self { shards, mask: u64::MAX.checked_shr(last.leading_zeros()).unwrap_or(0) }
    }

    #[inline]
    fn index(self, digest: u128) -> usize {
        let low = |mask: u64| usize::try_from(digest & u128::from(mask)).unwrap_or(usize::MAX);
        let index = low(self.mask);
        if index < self.shards { index } else { low(self.mask >> 1) }
    }

    /// How many of the lowest bits all digests of a shard have in common.
    fn depth(self, index: usize) -> u32 {
        let split = self.mask & !(self.mask >> 1);
        // Those that will be split next lack the bit by which they will be.
        let unsplit = usize::try_from(split).is_ok_and(|bit| index < bit && index.saturating_add(bit) >= self.shards);
        self.mask.count_ones().saturating_sub(u32::from(unsplit))
    }

    /// The last shard, the one that it was split off, and the bit by which the two differ.
    fn last(self) -> (usize, usize, u128) {
        let last = self.shards.saturating_sub(1);
        let bit = self.mask & !(self.mask >> 1);
        (last, last & !usize::try_from(bit).unwrap_or(0), bit.into())
    }
}

impl Directory {
    #[inline]
    pub(super) fn find(&self, digest: u128) -> Option<&Record> {
        let index = self.spread.index(digest);
        let chunk = self.chunks.get(index / CHUNK)?;
        if chunk.filters.get(index % CHUNK)?.may_hold(digest) { self.search(index, digest) } else { None }
    }

    /// Apart from [`find`](Self::find), which almost never needs it.
    #[inline(never)]
    fn search(&self, index: usize, digest: u128) -> Option<&Record> {
        let shard = self.chunks.get(index / CHUNK)?.shards.get(index % CHUNK)?;
        shard.find(Key::of(digest), self.spread.depth(index))
    }

    pub(super) fn shards(&self) -> usize {
        self.spread.shards
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.chunks.iter().flat_map(|chunk| chunk.shards.iter()).flat_map(|shard| shard.records())
    }

    /// Takes in records that are sorted and replace those of the same key.
    pub(super) fn put(&mut self, records: &[Record]) {
        let index = {
            let spread = self.spread;
            move |record: &Record| spread.index(record.key.digest())
        };
        for together in records.chunk_by(|one, next| index(one) == index(next)) {
            if let Some(index) = together.first().map(index) {
                self.replace(index, |shard, filter| Some((shard.with(together), filter.clone().with(together))));
            }
        }
    }

    /// Drops what is not needed at `now` from one shard and returns how many records that were.
    pub(super) fn prune(&mut self, index: usize, now: Timestamp) -> usize {
        let mut dropped = 0;
        self.replace(index, |shard, _| {
            let pruned = shard.pruned(now)?;
            dropped = shard.records().len().saturating_sub(pruned.records().len());
            Some(pruned.filtered())
        });
        dropped
    }

    /// Splits shards until there are enough for `records`.
    pub(super) fn grow(&mut self, records: usize) {
        while self.spread.shards < wanted(records) {
            self.spread = Spread::over(self.spread.shards.saturating_add(1));
            let (last, origin, bit) = self.spread.last();
            let mut upper = Shard::default();
            if last != origin {
                self.replace(origin, |shard, _| {
                    let lower;
                    (lower, upper) = shard.split(bit);
                    Some(lower.filtered())
                });
            }
            self.push(upper);
        }
    }

    /// Joins shards, at most this many, and says whether there are no more than `records` need.
    pub(super) fn shrink(&mut self, records: usize, most: usize) -> bool {
        for _ in 0..most {
            if self.spread.shards <= wanted(records) {
                break;
            }
            let (last, origin, _) = self.spread.last();
            if let Some(upper) = self.pop()
                && last != origin
            {
                self.replace(origin, |shard, _| Some(shard.joined(&upper).filtered()));
            }
            self.spread = Spread::over(last);
        }
        self.spread.shards <= wanted(records)
    }

    /// Puts another shard in the place of one, unless `other` makes none. Readers that hold a clone keep what they have: chunks and the
    /// list of them are copied where somebody else holds them, and changed in place where nobody does.
    fn replace(&mut self, index: usize, other: impl FnOnce(&Shard, &Filter) -> Option<(Shard, Filter)>) {
        let (at, place) = (index / CHUNK, index % CHUNK);
        let known = self.chunks.get(at).and_then(|chunk| Some((chunk.shards.get(place)?, chunk.filters.get(place)?)));
        let Some((shard, filter)) = known.and_then(|(shard, filter)| other(shard, filter)) else { return };
        if let Some(chunk) = Arc::make_mut(&mut self.chunks).get_mut(at)
            && let Some(old_shard) = Arc::make_mut(&mut chunk.shards).get_mut(place)
            && let Some(old_filter) = Arc::make_mut(&mut chunk.filters).get_mut(place)
        {
            *old_shard = Arc::new(shard);
            *old_filter = filter;
        }
    }

    fn push(&mut self, shard: Shard) {
        let chunks = Arc::make_mut(&mut self.chunks);
        let (shard, filter) = shard.filtered();
        let (shard, filter) = (iter::once(Arc::new(shard)), iter::once(filter));
        match chunks.last_mut().filter(|chunk| chunk.shards.len() < CHUNK) {
            Some(chunk) => {
                chunk.shards = chunk.shards.iter().cloned().chain(shard).collect();
                chunk.filters = chunk.filters.iter().cloned().chain(filter).collect();
            }
            None => chunks.push(Chunk { shards: shard.collect(), filters: filter.collect() }),
        }
    }

    fn pop(&mut self) -> Option<Arc<Shard>> {
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = chunks.last_mut()?;
        let (last, shards) = chunk.shards.split_last()?;
        let (_, filters) = chunk.filters.split_last()?;
        let last = Arc::clone(last);
        (chunk.shards, chunk.filters) = (shards.into(), filters.into());
        if chunk.shards.is_empty() {
            chunks.pop();
            chunks.shrink_to_fit();
        }
        Some(last)
    }

    /// What it takes in memory, except what `other` has in common with it.
    #[cfg(test)]
    #[allow(clippy::arithmetic_side_effects, reason = "a test counts")]
    pub(super) fn bytes_beside(&self, other: &Self) -> usize {
        let counts = 2 * size_of::<usize>();
        let mut bytes = 0;
        if !Arc::ptr_eq(&self.chunks, &other.chunks) {
            bytes += counts + size_of::<Vec<Chunk>>() + self.chunks.capacity() * size_of::<Chunk>();
        }
        for (place, chunk) in self.chunks.iter().enumerate() {
            let others = other.chunks.get(place);
            if !others.is_some_and(|others| Arc::ptr_eq(&chunk.filters, &others.filters)) {
                bytes += counts + size_of_val(&*chunk.filters);
            }
            if others.is_some_and(|others| Arc::ptr_eq(&chunk.shards, &others.shards)) {
                continue;
            }
            bytes += counts + size_of_val(&*chunk.shards);
            for (place, shard) in chunk.shards.iter().enumerate() {
                let others = others.and_then(|others| others.shards.get(place));
                if !others.is_some_and(|others| Arc::ptr_eq(shard, others)) {
                    bytes += counts + size_of_val(&**shard) + size_of_val(shard.records());
                }
            }
        }
        bytes
    }
}

/// How many shards so many records need.
fn wanted(records: usize) -> usize {
    records.div_ceil(SHARD)
}
