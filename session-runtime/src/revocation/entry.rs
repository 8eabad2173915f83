//! What stands in the log: who or what is refused, until when, and at which position it was written.

use std::time::Duration;

use super::{position::Position, target::Target};
use crate::{limits, time::Timestamp};

/// How long an entry has to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keep {
    /// Until this moment, which the revoker knows because it knows the token.
    Until(Timestamp),
    /// For as long as any token lives that the entry could cover. Only the store knows, because every issuer attached to the log
    /// has raised its horizon; so a tool that knows no claims types still keeps entries long enough.
    Horizon,
}

impl Keep {
    /// For the entry of a key that is in other hands: for ever.
    ///
    /// The horizon is about tokens that exist. Whoever holds a key makes new ones, with an `iat` and an `exp` as he likes, so no time after
    /// the revocation is one at which the last of them has died. What ends them is that a verifier knows the ring's own mark, and not
    /// every verifier ever will: a ring of one writer has no age at which its keys are out of date, an imported key is marked on the one
    /// node where it was declared compromised and comes back good with every restart, and a ring's record is forgotten some days
    /// later, so a key store that was put back to a backup shows the key as good. There is one entry for each key that was ever
    /// stolen; they are few.
    pub(super) const KEY: Self = Self::Until(Entry::FOREVER);

    /// For the entry of a token that dies at `expires_at`, or never.
    pub(super) fn for_token(expires_at: Option<Timestamp>) -> Self {
        Self::Until(expires_at.map_or(Entry::FOREVER, |expires_at| expires_at.saturating_add(limits::REVOCATION_MARGIN)))
    }

    /// The last moment at which the entry is needed, when it is written at `now` into a log of this `horizon`.
    pub fn not_after(self, now: Timestamp, horizon: Duration) -> Timestamp {
        match self {
            Self::Until(moment) => moment,
            Self::Horizon => now.saturating_add(horizon).saturating_add(limits::REVOCATION_MARGIN),
        }
    }
}

/// A revocation on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewEntry {
    /// What is refused.
    pub target: Target,
    /// How long.
    pub keep: Keep,
}

impl NewEntry {
    /// A revocation of `target`.
    pub fn new(target: Target, keep: Keep) -> Self {
        Self { target, keep }
    }
}

/// A revocation as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What is refused.
    pub target: Target,
    /// The last moment at which the entry is needed; [`Entry::FOREVER`] for a key, and for a token that never expires.
    pub not_after: Timestamp,
    /// Where it stands.
    pub position: Position,
    /// Tokens with a `gen` below this are covered, where the kind asks for it. It is the position, but for an entry that its store had lost:
    /// that one covers what it covered before.
    pub covers_below: Position,
}

impl Entry {
    /// The `not_after` of an entry that is never pruned.
    pub const FOREVER: Timestamp = Timestamp::from_unix(i64::MAX);

    /// Puts together what a store has read.
    pub fn new(target: Target, not_after: Timestamp, position: Position) -> Self {
        Self { target, not_after, position, covers_below: position }
    }

    /// The same entry, for tokens with a `gen` below this only.
    #[must_use]
    pub fn covering_below(mut self, covers_below: Position) -> Self {
        self.covers_below = covers_below;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_entry_outlives_the_most_patient_verifier() {
        let keep = Keep::for_token(Some(Timestamp::from_unix(1_000)));
        assert_eq!(keep, Keep::Until(Timestamp::from_unix(1_000 + 300 + 60)));
        assert_eq!(Keep::for_token(None), Keep::Until(Entry::FOREVER));
    }

    #[test]
    fn a_horizon_entry_lives_for_the_longest_token() {
        let now = Timestamp::from_unix(1_000);
        assert_eq!(Keep::Horizon.not_after(now, Duration::from_secs(50)), Timestamp::from_unix(1_410));
        assert_eq!(Keep::Horizon.not_after(now, Duration::MAX), Entry::FOREVER);
    }
}
