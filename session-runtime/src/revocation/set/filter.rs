//! A filter over the records of a shard, which knows of most digests that they are not there.

use super::record::Record;

/// How many words the filter of a shard has: one for five records on average. With 32 or 64 of them a check of tokens that the caches
/// do not hold took longer: fewer let more through, more do not fit into the cache themselves.
const WORDS: usize = 48;

/// Some bits of the digest of every record of one shard.
///
/// It fits into the processor's cache together with those of all other shards, which the records of a million entries do not. What it lets
/// through is looked for among the records: one token in 90, and one in 16 where the shard is as full as it gets.
#[derive(Debug, Clone)]
pub(super) struct Filter([u64; WORDS]);

impl Filter {
    pub(super) fn over(records: &[Record]) -> Self {
        Self([0; WORDS]).with(records)
    }

    /// The filter over more records.
    pub(super) fn with(mut self, records: &[Record]) -> Self {
        for digest in records.iter().map(|record| record.key.digest()) {
            if let Some(word) = self.0.get_mut(word(digest)) {
                *word |= bits(digest);
            }
        }
        self
    }

    /// Never says no to what is there.
    #[inline]
    pub(super) fn may_hold(&self, digest: u128) -> bool {
        let bits = bits(digest);
        self.0.get(word(digest)).is_some_and(|word| word & bits == bits)
    }
}

/// Which word of the filter a digest has: by its highest bits, since the lowest say which shard.
fn word(digest: u128) -> usize {
    let [highest, ..] = digest.to_be_bytes();
    usize::from(highest).wrapping_mul(WORDS) >> 8
}

/// The bits of a digest in its word of the filter: three, or fewer where they coincide, from bytes that pick neither the shard nor the word.
///
/// All in one word, so that the answer costs one read of memory.
fn bits(digest: u128) -> u64 {
    let [_, first, second, third, ..] = digest.to_be_bytes();
    // Only the six lowest bits of each byte count.
    [first, second, third].into_iter().fold(0, |bits, place| bits | 1_u64.wrapping_shl(place.into()))
}
