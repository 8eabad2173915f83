//! Key ids that tokens named lately and nobody knows, in a table that never grows and takes no lock.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::limits;

/// Which unknown key ids were looked for in the last 30 s. Anybody can send tokens with key ids of their choice, so an id only has a
/// place in the table, where a later one of the same place takes over. The place comes from a keyed hash (SipHash with a random key),
/// so nobody can choose ids that push a certain other one out; and the most that a lost id costs is to be looked for again, which
/// the bound on fetches holds in check.
pub(super) struct Missing {
    hasher: RandomState,
    /// The upper half of the hash, and the second of the boot clock in which the id was noted, plus one; zero where nothing was.
    slots: Box<[AtomicU64]>,
}

impl Missing {
    pub(super) fn new() -> Self {
        let slots = std::iter::repeat_with(AtomicU64::default).take(limits::REMOTE_MISSING).collect();
        Self { hasher: RandomState::new(), slots }
    }

    /// Takes note that a token named this key. Answers whether that is news: not when it was noted less than 30 s ago.
    ///
    /// Of two threads that bring the same id at once, both may hear that it is news; what follows from it happens once all the same.
    pub(super) fn note(&self, key_id: Option<&str>, now: Duration) -> bool {
        let hash = self.hasher.hash_one(key_id);
        let Some(slot) = usize::try_from(hash & LOWER).ok().and_then(|lower| self.slots.get(lower.checked_rem(self.slots.len())?)) else {
            return true;
        };
        let now = second(now);
        let noted = slot.load(Ordering::Relaxed);
        let known = noted & !LOWER == hash & !LOWER && is_recent(noted & LOWER, now);
        if !known {
            slot.store(hash & !LOWER | now, Ordering::Relaxed);
        }
        !known
    }

    /// How many ids are remembered now.
    #[cfg(any(test, feature = "jwks-client"))]
    pub(super) fn len(&self, now: Duration) -> usize {
        let now = second(now);
        self.slots.iter().filter(|slot| is_recent(slot.load(Ordering::Relaxed) & LOWER, now)).count()
    }
}

const LOWER: u64 = u32::MAX as u64;

/// Seconds of the boot clock, plus one: 136 years of them fit.
fn second(time: Duration) -> u64 {
    time.as_secs().saturating_add(1).min(LOWER)
}

fn is_recent(noted: u64, now: u64) -> bool {
    noted > 0 && now.saturating_sub(noted) < limits::REMOTE_COOL_DOWN.as_secs()
}

impl fmt::Debug for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Missing").field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_id_is_news_once_in_thirty_seconds() {
        let missing = Missing::new();
        for key_id in [Some("a"), Some("b"), Some(""), None] {
            assert!(missing.note(key_id, seconds(0)), "{key_id:?}");
            assert!(!missing.note(key_id, seconds(0)), "{key_id:?}");
            assert!(!missing.note(key_id, seconds(29)), "{key_id:?}");
        }
        assert_eq!((missing.len(seconds(29)), missing.len(seconds(30))), (4, 0));
        assert!(missing.note(Some("a"), seconds(30)));
        assert!(!missing.note(Some("a"), seconds(31)), "counted anew");
    }

    #[test]
    fn the_table_never_grows() {
        let missing = Missing::new();
        for number in 0..10_000 {
            missing.note(Some(&format!("{number}{}", "x".repeat(200))), seconds(1));
        }
        assert_eq!(missing.slots.len(), limits::REMOTE_MISSING);
        assert!((1_000..=limits::REMOTE_MISSING).contains(&missing.len(seconds(1))), "{}", missing.len(seconds(1)));
        // A flood does not make the table refuse what comes after it.
        assert!(missing.note(Some("new"), seconds(1)));
        assert!(!missing.note(Some("new"), seconds(1)));
    }
}
