//! What stands in the log: who or what is refused, until when, and at which position it was written.

use std::time::Duration;

use crate::{ids::KeyId, limits, time::Timestamp};

/// What an entry refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// One token, by its issuer and `jti`.
    Token,
    /// Every token of one subject of one issuer that was issued before the entry was known to its issuer.
    Subject,
    /// Every token that was issued before the entry was known to its issuer.
    Everything,
    /// Every token under one key of one ring, whenever it says that it was issued.
    Key,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Token, Self::Subject, Self::Everything, Self::Key];

    /// The word that stores write, readable for whoever lists the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Subject => "subject",
            Self::Everything => "everything",
            Self::Key => "key",
        }
    }

    /// The kind of a stored word; `None` for a word that this version does not know.
    ///
    /// A store answers an unknown word with [`StoreError::Unreadable`](crate::error::StoreError::Unreadable) and never skips
    /// the entry: what a newer version refused must not be accepted by an older one.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The byte that keeps the digests of two kinds apart.
    pub(super) fn tag(self) -> u8 {
        match self {
            Self::Token => 1,
            Self::Subject => 2,
            Self::Everything => 3,
            Self::Key => 4,
        }
    }
}

/// Who or what is refused: a kind, the issuer (of a key: its ring), and a name within it.
///
/// The texts are stored as they are, so that an operator can list them. Nothing is ever keyed on a token's own text: signatures
/// and lax encodings can be re-spelled, and the re-spelled token would pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    kind: Kind,
    issuer: Box<str>,
    name: Box<str>,
}

impl Target {
    /// One token. An absent issuer and an empty one are the same.
    pub fn token(issuer: Option<&str>, token_id: &str) -> Self {
        Self::from_stored(Kind::Token, issuer.unwrap_or_default(), token_id)
    }

    /// One subject of one issuer. An absent issuer and an empty one are the same.
    pub fn subject(issuer: Option<&str>, subject: &str) -> Self {
        Self::from_stored(Kind::Subject, issuer.unwrap_or_default(), subject)
    }

    /// One key of one ring. The ring's name stands in the place of the issuer, since several rings may speak for one.
    pub fn key(ring: &str, key_id: &KeyId) -> Self {
        Self::from_stored(Kind::Key, ring, key_id.as_str())
    }

    /// Everything that this log stands for.
    pub fn everything() -> Self {
        Self::from_stored(Kind::Everything, "", "")
    }

    /// Puts together what a store has read.
    pub fn from_stored(kind: Kind, issuer: impl Into<Box<str>>, name: impl Into<Box<str>>) -> Self {
        Self { kind, issuer: issuer.into(), name: name.into() }
    }

    /// What kind of thing is refused.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The issuer, or the ring of a key; empty where there is none.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The token id, the subject or the key id; empty for everything.
    pub fn name(&self) -> &str {
        &self.name
    }
}

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

/// How much longer than its token an entry lives: the most patient verifier's leeway, not the revoker's own, and the clocks.
const MARGIN: Duration = Duration::from_secs(limits::LEEWAY_CAP.as_secs().saturating_add(limits::CLOCK_SKEW.as_secs()));

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
        Self::Until(expires_at.map_or(Entry::FOREVER, |expires_at| expires_at.saturating_add(MARGIN)))
    }

    /// The last moment at which the entry is needed, when it is written at `now` into a log of this `horizon`.
    pub fn not_after(self, now: Timestamp, horizon: Duration) -> Timestamp {
        match self {
            Self::Until(moment) => moment,
            Self::Horizon => now.saturating_add(horizon).saturating_add(MARGIN),
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
}

impl Entry {
    /// The `not_after` of an entry that is never pruned.
    pub const FOREVER: Timestamp = Timestamp::from_unix(i64::MAX);

    /// Puts together what a store has read.
    pub fn new(target: Target, not_after: Timestamp, position: Position) -> Self {
        Self { target, not_after, position }
    }
}

/// A place in the log. Later entries have higher ones, and no place is ever given twice.
///
/// Issuers stamp it into tokens as the claim `gen`, so it is at most 2⁵³ − 1: above, a JSON number is no longer exact
/// (RFC 8259 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Before every entry of every log.
    pub const ZERO: Self = Self(0);
    /// The last position there can be.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The position of this number; `None` above 2⁵³ − 1.
    pub const fn new(number: u64) -> Option<Self> {
        if number <= Self::MAX.0 { Some(Self(number)) } else { None }
    }

    /// The head of a log that is created at `now`, above every position of a log that stood in the same place before.
    ///
    /// If a lost log were begun again at one, tokens stamped by the lost one would carry higher positions than every new entry,
    /// and "revoke this subject" would silently miss them. 2²⁰ positions a second are more than any log hands out over its life,
    /// so seconds · 2²⁰ is above the old head, and fits until the year 2242.
    pub fn of_new_log(now: Timestamp) -> Self {
        let seconds = u64::try_from(now.as_unix()).unwrap_or(0);
        // Half the range at most, so that a clock gone mad leaves room for entries.
        Self(seconds.saturating_mul(1 << 20).min(Self::MAX.0 / 2))
    }

    /// The next one; `None` at the end of the range.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0.saturating_add(1))
    }

    /// The number.
    pub const fn as_u64(self) -> u64 {
        self.0
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

    #[test]
    fn positions_stay_exact_in_json_and_above_a_lost_log() {
        assert_eq!(Position::new(1 << 53), None);
        assert_eq!(Position::MAX.next(), None);
        let (old, new) = (Timestamp::from_unix(1_893_456_000), Timestamp::from_unix(1_893_456_001));
        assert!(Position::of_new_log(new) > Position::of_new_log(old));
        assert_eq!(Position::of_new_log(Timestamp::from_unix(-5)), Position::ZERO);
        assert!(Position::of_new_log(Entry::FOREVER).next().is_some());
    }

    #[test]
    fn stored_words_are_read_back() {
        assert_eq!(Kind::ALL.map(Kind::as_str), ["token", "subject", "everything", "key"]);
        for kind in Kind::ALL {
            assert_eq!(Kind::from_stored(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::from_stored("sessions"), None);
    }
}
