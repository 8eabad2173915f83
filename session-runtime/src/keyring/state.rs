//! What a key may do now: a pure function of its record's times and `now`. No job writes states, so nothing races.

use std::{fmt, time::Duration};

use super::timing::Timing;
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

/// The settings of a ring that the times of its keys are made from. They are stored with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) timing: Timing,
    /// T: the longest life of any token that the ring may sign.
    pub(crate) max_ttl: Duration,
}

impl Rules {
    /// When the last token of a key that retires at `retire_at` has expired for the most patient verifier: a signer that has not heard
    /// of an early retirement goes on for the grace G, its last token lives for T, and a verifier's leeway is at most L.
    pub(crate) fn expiry(&self, retire_at: Timestamp) -> Timestamp {
        retire_at.saturating_add(self.timing.grace()).saturating_add(self.max_ttl).saturating_add(limits::LEEWAY_CAP)
    }
}

/// The times of one key. They are fixed when it is made; later events change them in one direction only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyTimes {
    pub(crate) created_at: Timestamp,
    pub(crate) activate_at: Timestamp,
    /// `None` while nobody has said it: a ring without a signing life rotates when it is told to.
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

    /// A key that is made at `now` and signs from `at` on, for the ring's signing life.
    pub(crate) fn scheduled(now: Timestamp, at: Timestamp, rules: &Rules) -> Self {
        let mut times = Self { activate_at: at, ..Self::starting(now) };
        if let Some(life) = rules.timing.signing_life {
            times.retire(at.saturating_add(life), rules);
        }
        times
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

    /// Ends the signing life at `at`, or when it ended already. It verifies until [`Rules::expiry`].
    pub(crate) fn retire(&mut self, at: Timestamp, rules: &Rules) {
        let retire_at = self.retire_at.map_or(at, |earlier| earlier.min(at));
        let expire_at = rules.expiry(retire_at);
        self.retire_at = Some(retire_at);
        // Only ever earlier, so that a stale copy cannot bring a key back.
        self.expire_at = Some(self.expire_at.map_or(expire_at, |earlier| earlier.min(expire_at)));
    }

    /// Lets it sign from `at` on, if that is earlier, and for no longer than the ring's signing life from then.
    pub(crate) fn promote(&mut self, at: Timestamp, rules: &Rules) {
        self.activate_at = self.activate_at.min(at);
        if let Some(life) = rules.timing.signing_life {
            self.retire(self.activate_at.saturating_add(life), rules);
        }
    }

    /// When this key signed. It begins a little early, so that a wall clock which is set back after the key was made does not refuse what
    /// is signed meanwhile, and ends when the last signer has heard of its retirement. From when it was made and not from when it was
    /// to sign: a node may hold a record from before an early promotion.
    pub(crate) fn window(&self, rules: &Rules) -> Window {
        let until = self.retire_at.map(|at| at.saturating_add(rules.timing.grace()));
        Window { from: self.created_at.saturating_sub(rules.timing.skew), until, max_ttl: rules.max_ttl }
    }

    /// From when nobody needs its private half: a signature of it is not made any more, or, where that half verifies too, not accepted.
    pub(crate) fn private_ends(&self, symmetric: bool, rules: &Rules) -> Option<Timestamp> {
        let signs = self.retire_at.map(|at| at.saturating_add(rules.timing.grace()));
        if symmetric { self.expire_at } else { signs }
    }

    /// From when its record says nothing to anybody: a token life after it last verified, on the slowest clock.
    pub(crate) fn forgotten_at(&self, rules: &Rules) -> Option<Timestamp> {
        let compromised = self.compromised_at.map(|at| at.saturating_add(rules.max_ttl).saturating_add(limits::LEEWAY_CAP));
        let last = self.expire_at.into_iter().chain(compromised).max()?;
        Some(last.saturating_add(rules.timing.skew).saturating_add(rules.max_ttl))
    }
}

/// Which key signs, the same on every node that knows the same keys. Among the active ones that every node knows by now, being a
/// propagation window old, the one that became active last; of two that did so in one second the later epoch, which is the one a rotation
/// within that second made. When no active one is known everywhere, the oldest, of which most nodes know. When none is active, the
/// pending one that is next: a wall clock that was set back does not leave a service without a signer. Never a clock's or an id's
/// accident.
pub(crate) fn elect<'k, K>(keys: impl Iterator<Item = (K, &'k KeyTimes, u64)> + Clone, rules: &Rules, now: Timestamp) -> Option<K> {
    let known_since = now.saturating_sub(rules.timing.propagation);
    let in_state = |state| keys.clone().filter(move |(_, times, _)| times.state(now) == state);
    let order = |(_, times, epoch): &(K, &KeyTimes, u64)| (times.activate_at, *epoch);
    let age = |(_, times, epoch): &(K, &KeyTimes, u64)| (times.created_at, *epoch);
    let known = in_state(KeyState::Active).filter(|(_, times, _)| times.created_at <= known_since).max_by_key(order);
    let active = known.or_else(|| in_state(KeyState::Active).min_by_key(age));
    active.or_else(|| in_state(KeyState::Pending).min_by_key(order)).map(|(key, _, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { timing: Timing::SINGLE, max_ttl: Duration::from_secs(86_400) };
    const FLEET: Rules = Rules { timing: Timing::FLEET, ..RULES };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    #[test]
    fn states_begin_at_their_time() {
        let mut times = KeyTimes { activate_at: at(10), ..KeyTimes::starting(at(0)) };
        assert_eq!(times.state(at(9)), KeyState::Pending);
        assert_eq!(times.state(at(10)), KeyState::Active);
        times.retire(at(20), &RULES);
        assert_eq!(times.state(at(19)), KeyState::Active);
        assert_eq!(times.state(at(20)), KeyState::Retiring);
        assert_eq!(times.state(at(20 + 60 + 86_400 + 299)), KeyState::Retiring);
        assert_eq!(times.state(at(20 + 60 + 86_400 + 300)), KeyState::Retired);
        times.suspended = true;
        assert_eq!(times.state(at(20)), KeyState::Suspended);
        times.compromised_at = Some(at(25));
        assert_eq!(times.state(at(0)), KeyState::Compromised);
    }

    #[test]
    fn retiring_moves_times_earlier_only() {
        let mut times = KeyTimes::starting(at(0));
        times.retire(at(20), &RULES);
        let first = times;
        times.retire(at(30), &RULES);
        assert_eq!(times, first);
        times.retire(at(10), &RULES);
        assert!(times.retire_at < first.retire_at && times.expire_at < first.expire_at);
    }

    /// CVE-2025-47278: a ring that signed with its oldest key.
    #[test]
    fn the_latest_active_key_signs() {
        let mut old = KeyTimes::starting(at(0));
        old.retire(at(10), &RULES);
        let new = KeyTimes::starting(at(10));
        let pending = KeyTimes { activate_at: at(50), ..KeyTimes::starting(at(10)) };
        let keys = [("old", old, 1), ("new", new, 2), ("pending", pending, 3)];
        let elected = |now| elect(keys.iter().map(|(name, times, epoch)| (name, times, *epoch)), &RULES, at(now)).copied();
        assert_eq!(elected(-1), Some("old"), "before any is active, the next");
        assert_eq!(elected(9), Some("old"));
        assert_eq!(elected(10), Some("new"));
        assert_eq!(elected(50), Some("pending"));
    }

    /// ASP.NET Data Protection's rule: a key signs when every node knows it, and when none is known everywhere, the one that most do.
    #[test]
    fn a_key_signs_when_every_node_knows_it() {
        let old = KeyTimes::scheduled(at(0), at(0), &FLEET);
        let fresh = KeyTimes { activate_at: at(10_000), ..KeyTimes::starting(at(10_000)) };
        let elected = |keys: &[(&'static str, KeyTimes, u64)], now| {
            elect(keys.iter().map(|(name, times, epoch)| (*name, times, *epoch)), &FLEET, at(now))
        };
        let keys = [("old", old, 1), ("fresh", fresh, 2)];
        assert_eq!(elected(&keys, 10_000 + 3_599), Some("old"));
        assert_eq!(elected(&keys, 10_000 + 3_600), Some("fresh"));
        let younger = KeyTimes::starting(at(10_001));
        assert_eq!(elected(&[("younger", younger, 3), ("fresh", fresh, 2)], 10_002), Some("fresh"), "none is known everywhere");
    }

    #[test]
    fn times_follow_from_the_rules() {
        let mut times = KeyTimes::scheduled(at(0), at(3_600), &FLEET);
        let month = 30 * 86_400;
        assert_eq!(times.retire_at, Some(at(3_600 + month)));
        assert_eq!(times.expire_at, Some(at(3_600 + month + 3_670 + 86_400 + 300)));
        assert_eq!(times.window(&FLEET), Window { from: at(-60), until: Some(at(3_600 + month + 3_670)), max_ttl: FLEET.max_ttl });
        assert_eq!(times.private_ends(false, &FLEET), Some(at(3_600 + month + 3_670)));
        assert_eq!(times.private_ends(true, &FLEET), times.expire_at);
        assert_eq!(times.forgotten_at(&FLEET), Some(at(3_600 + month + 3_670 + 86_400 + 300 + 60 + 86_400)));
        times.promote(at(1_000), &FLEET);
        assert_eq!((times.activate_at, times.retire_at), (at(1_000), Some(at(1_000 + month))));
        let promoted = times;
        times.promote(at(2_000), &FLEET);
        assert_eq!(times, promoted, "earlier only");
        times.compromised_at = Some(at(9_000_000));
        assert_eq!(times.forgotten_at(&FLEET), Some(at(9_000_000 + 86_400 + 300 + 60 + 86_400)));
        assert_eq!(KeyTimes::starting(at(0)).forgotten_at(&FLEET), None);
    }
}
