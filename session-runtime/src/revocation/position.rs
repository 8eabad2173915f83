//! A place in the log, which tokens carry as `gen`.

use crate::time::Timestamp;

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
    fn positions_stay_exact_in_json_and_above_a_lost_log() {
        assert_eq!(Position::new(1 << 53), None);
        assert_eq!(Position::MAX.next(), None);
        let (old, new) = (Timestamp::from_unix(1_893_456_000), Timestamp::from_unix(1_893_456_001));
        assert!(Position::of_new_log(new) > Position::of_new_log(old));
        assert_eq!(Position::of_new_log(Timestamp::from_unix(-5)), Position::ZERO);
        assert!(Position::of_new_log(Timestamp::from_unix(i64::MAX)).next().is_some());
    }
}
