//! What a key may do now: a pure function of its record's times and `now`. No job writes states, so nothing races.

use std::{fmt, time::Duration};

use crate::{claims::policy::Window, limits, time::Timestamp};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// Published and not yet signing; tokens under it are accepted, since a node with a fast clock may sign early.
    Pending,
    /// Signs, if it is elected, and verifies.
    Active,
    /// Verifies only, until the last token that it signed has expired.
    Retiring,
    /// Neither; tokens under it are refused as under an unknown key.
    Retired,
    /// Neither, for now.
    Suspended,
    /// Neither, for ever; its private half is gone.
    Compromised,
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Suspended => "suspended",
            Self::Compromised => "compromised",
        })
    }
}

/// The times of one key. They are fixed when it is made; later events change them in one direction only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyTimes {
    pub(crate) created_at: Timestamp,
    pub(crate) activate_at: Timestamp,
    /// `None` until a rotation says it: the rings of this release rotate when they are told to.
    pub(crate) retire_at: Option<Timestamp>,
    /// `None` while `retire_at` is.
    pub(crate) expire_at: Option<Timestamp>,
    pub(crate) compromised_at: Option<Timestamp>,
    pub(crate) suspended: bool,
}

impl KeyTimes {
    /// A key that signs from the moment it is made.
    pub(crate) fn starting(now: Timestamp) -> Self {
        Self { created_at: now, activate_at: now, retire_at: None, expire_at: None, compromised_at: None, suspended: false }
    }

    /// A state begins *at* its time.
    pub(crate) fn state(&self, now: Timestamp) -> KeyState {
        if self.compromised_at.is_some() {
            KeyState::Compromised
        } else if self.expire_at.is_some_and(|at| now >= at) {
            KeyState::Retired
        } else if self.suspended {
            KeyState::Suspended
        } else if self.retire_at.is_some_and(|at| now >= at) {
            KeyState::Retiring
        } else if now >= self.activate_at {
            KeyState::Active
        } else {
            KeyState::Pending
        }
    }

    /// Ends the signing life. It verifies until the last token that this key may have signed has expired for the most
    /// patient verifier, `retire_at + max_ttl + L`; the grace for signers that have not heard of it (G) is 0, because the
    /// rings of this release have one writer.
    pub(crate) fn retire(&mut self, at: Timestamp, max_ttl: Duration) {
        let retire_at = self.retire_at.map_or(at, |earlier| earlier.min(at));
        let expire_at = retire_at.saturating_add(max_ttl).saturating_add(limits::LEEWAY_CAP);
        self.retire_at = Some(retire_at);
        // Only ever earlier, so that a stale copy cannot bring a key back.
        self.expire_at = Some(self.expire_at.map_or(expire_at, |earlier| earlier.min(expire_at)));
    }

    /// When this key signed. It begins a minute early, so that a wall clock which is set back a little after the key was made
    /// does not refuse what is signed meanwhile; no other key's time is let in by that.
    pub(crate) fn window(&self, max_ttl: Duration) -> Window {
        Window { from: self.created_at.saturating_sub(limits::CLOCK_SKEW), until: self.retire_at, max_ttl }
    }
}

/// Which key signs. Among the active ones the one that became active last; of two that did so in one second the
/// later epoch, which is the one a rotation within that second made. When none is active, the pending one that is next: a wall
/// clock that was set back does not leave a service without a signer. Never a clock's or an id's accident.
pub(crate) fn elect<'k, K>(keys: impl Iterator<Item = (K, &'k KeyTimes, u64)> + Clone, now: Timestamp) -> Option<K> {
    let in_state = |state| keys.clone().filter(move |(_, times, _)| times.state(now) == state);
    let order = |(_, times, epoch): &(K, &KeyTimes, u64)| (times.activate_at, *epoch);
    let active = in_state(KeyState::Active).max_by_key(order);
    active.or_else(|| in_state(KeyState::Pending).min_by_key(order)).map(|(key, _, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    #[test]
    fn states_begin_at_their_time() {
        let mut times = KeyTimes { activate_at: at(10), ..KeyTimes::starting(at(0)) };
        assert_eq!(times.state(at(9)), KeyState::Pending);
        assert_eq!(times.state(at(10)), KeyState::Active);
        times.retire(at(20), DAY);
        assert_eq!(times.state(at(19)), KeyState::Active);
        assert_eq!(times.state(at(20)), KeyState::Retiring);
        assert_eq!(times.state(at(20 + 86_400 + 299)), KeyState::Retiring);
        assert_eq!(times.state(at(20 + 86_400 + 300)), KeyState::Retired);
        times.suspended = true;
        assert_eq!(times.state(at(20)), KeyState::Suspended);
        times.compromised_at = Some(at(25));
        assert_eq!(times.state(at(0)), KeyState::Compromised);
    }

    #[test]
    fn retiring_moves_times_earlier_only() {
        let mut times = KeyTimes::starting(at(0));
        times.retire(at(20), DAY);
        let first = times;
        times.retire(at(30), DAY);
        assert_eq!(times, first);
        times.retire(at(10), DAY);
        assert!(times.retire_at < first.retire_at && times.expire_at < first.expire_at);
    }

    /// CVE-2025-47278: a ring that signed with its oldest key.
    #[test]
    fn the_latest_active_key_signs() {
        let mut old = KeyTimes::starting(at(0));
        old.retire(at(10), DAY);
        let new = KeyTimes::starting(at(10));
        let pending = KeyTimes { activate_at: at(50), ..KeyTimes::starting(at(10)) };
        let keys = [("old", old, 1), ("new", new, 2), ("pending", pending, 3)];
        let elected = |now| elect(keys.iter().map(|(name, times, epoch)| (name, times, *epoch)), at(now)).copied();
        assert_eq!(elected(-1), Some("old"), "before any is active, the next");
        assert_eq!(elected(9), Some("old"));
        assert_eq!(elected(10), Some("new"));
        assert_eq!(elected(50), Some("pending"));
    }
}
