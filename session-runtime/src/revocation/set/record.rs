//! What is known about one target, and how that stands in 32 bytes.

use super::Change;
use crate::{
    revocation::{position::Position, target::Kind},
    time::Timestamp,
};

/// What is known about one target: the highest position at which it was revoked, how long that is needed, and whether a revocation
/// of it still waits for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::revocation) struct Refusal {
    /// The top bit says "waits for the store"; a flag of its own would make a record 48 bytes long instead of 32.
    position: u64,
    not_after: Timestamp,
}

const WAITING: u64 = 1 << 63;

impl Refusal {
    /// What is known of a target before anything is: less than every refusal.
    pub(super) const NOTHING: Self = Self { position: 0, not_after: Timestamp::from_unix(i64::MIN) };

    /// Read from the log, or acknowledged by it.
    pub(in crate::revocation) fn acknowledged(position: Position, not_after: Timestamp) -> Self {
        Self { position: position.as_u64(), not_after }
    }

    /// Asked for here, and not acknowledged by the store yet: it has no position, so it is above every one.
    pub(in crate::revocation) fn waiting(not_after: Timestamp) -> Self {
        Self { position: WAITING, not_after }
    }

    /// Whether a token with this `gen` is older than the revocation. A token without one is older than everything.
    pub(in crate::revocation) fn covers(self, generation: Option<u64>) -> bool {
        // The issuer of a token with `gen` = p had seen the entry at p, so equal means issued afterwards.
        self.is_waiting() || generation.is_none_or(|generation| generation < self.position)
    }

    /// Whether a revocation of the target has not been acknowledged by the store.
    pub(in crate::revocation) fn is_waiting(self) -> bool {
        self.position & WAITING != 0
    }

    /// The highest position that the log gave the target; zero for one that was never acknowledged.
    pub(in crate::revocation) fn position(self) -> Position {
        Position::new(self.position & !WAITING).unwrap_or(Position::MAX)
    }

    /// The last moment at which it is needed.
    pub(in crate::revocation) fn not_after(self) -> Timestamp {
        self.not_after
    }

    /// What is known after `change`, of which this was known before. Taking the larger of everything makes the order in which entries
    /// arrive, and how often, of no consequence.
    pub(super) fn after(self, change: &Change) -> Self {
        let both = self.position | change.refusal.position;
        let waiting = if change.settled { 0 } else { both & WAITING };
        let position = (self.position & !WAITING).max(change.refusal.position & !WAITING);
        Self { position: position | waiting, not_after: self.not_after.max(change.refusal.not_after) }
    }

    fn is_needed(self, now: Timestamp) -> bool {
        // `not_after` is the last moment at which it is needed. What waits was not promised to anybody yet and is kept regardless.
        self.is_waiting() || self.not_after >= now
    }
}

/// What the set keeps of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: Key,
    /// The refusal's position, and the kind in three bits that no position reaches: a field of its own would take 16 bytes.
    position: u64,
    not_after: Timestamp,
}

/// Positions end at 2⁵³ and the top bit is [`WAITING`].
const KIND: u32 = 56;

impl Record {
    pub(super) fn new(kind: Kind, key: Key, refusal: Refusal) -> Self {
        Self { key, position: refusal.position | (u64::from(kind.tag()) << KIND), not_after: refusal.not_after }
    }

    pub(super) fn kind(&self) -> Kind {
        let tag = (self.position & !WAITING) >> KIND;
        // Only `new` writes the tag, so there is always a kind that has it.
        Kind::ALL.into_iter().find(|kind| u64::from(kind.tag()) == tag).unwrap_or(Kind::Token)
    }

    pub(super) fn refusal(&self) -> Refusal {
        let kind = (u64::MAX << KIND) & !WAITING;
        Refusal { position: self.position & !kind, not_after: self.not_after }
    }

    pub(super) fn is_needed(&self, now: Timestamp) -> bool {
        self.refusal().is_needed(now)
    }
}

/// A digest, ordered by its bits from the lowest to the highest, which are here the other way round.
///
/// The lowest bits say in which shard a target is. In this order the targets of one shard stand together whatever the number of shards,
/// a shard is split by a cut, and two are joined by putting one behind the other. Only what is looked up past the filter is turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    pub(super) fn of(digest: u128) -> Self {
        Self(digest.reverse_bits())
    }

    pub(super) fn digest(self) -> u128 {
        self.0.reverse_bits()
    }

    /// Where it should be among so many keys in order, of which all have the first `depth` bits in common with it.
    pub(super) fn place(self, depth: u32, among: usize) -> usize {
        let rest = self.0.unbounded_shl(depth) >> 64;
        let among_128 = u128::try_from(among).unwrap_or(0);
        usize::try_from(rest.wrapping_mul(among_128) >> 64).unwrap_or(among)
    }
}
