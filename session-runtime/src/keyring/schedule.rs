//! What happens to the keys of a ring, and when: pure functions of the keys' times, the ring's rules and `now`.
//!
//! Everything that changes a ring comes through here, for stored rings, for the simulator and for the property tests alike. A time is
//! only ever moved in one direction: a retirement or an expiry earlier, an activation earlier but not before the key is known everywhere,
//! unless a key in other hands has to be replaced at once.

use super::state::{KeyState, KeyTimes, Rules, elect};
use crate::time::Timestamp;

/// A key of a ring, as far as time is concerned.
pub(crate) trait Timed {
    /// Which key of the ring it is.
    fn epoch(&self) -> u64;
    fn times(&self) -> &KeyTimes;
    fn times_mut(&mut self) -> &mut KeyTimes;
    /// Whether there is a private half to destroy.
    fn has_private(&self) -> bool;
}

/// What a writer has to do now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Due {
    /// The epoch and the times of a new key.
    pub(crate) create: Option<(u64, KeyTimes)>,
    /// The keys whose private half is of no more use.
    pub(crate) destroy: Vec<u64>,
    /// The keys whose record is of no more use.
    pub(crate) prune: Vec<u64>,
}

impl Due {
    pub(crate) fn is_empty(&self) -> bool {
        self.create.is_none() && self.destroy.is_empty() && self.prune.is_empty()
    }
}

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such key.
    NoSuchKey,
    /// It is the only key that signs.
    OnlyActive,
    /// It is compromised or retired, and stays so.
    Final,
}

/// When a rotation takes effect, and the key that signs then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotation {
    pub(crate) epoch: u64,
    pub(crate) at: Timestamp,
}

pub(crate) fn next_epoch<K: Timed>(keys: &[K]) -> u64 {
    keys.iter().map(Timed::epoch).max().unwrap_or(0).saturating_add(1)
}

fn in_state<K: Timed>(keys: &[K], state: KeyState, now: Timestamp) -> impl Iterator<Item = &K> {
    keys.iter().filter(move |key| key.times().state(now) == state)
}

/// The key that signs at `now`.
pub(crate) fn signer<'k, K: Timed>(keys: &'k [K], rules: &Rules, now: Timestamp) -> Option<&'k K> {
    elect(keys.iter().map(|key| (key, key.times(), key.epoch())), rules, now)
}

/// What is due at `now`.
pub(crate) fn due<K: Timed>(keys: &[K], symmetric: bool, rules: &Rules, now: Timestamp) -> Due {
    let mut due = Due { create: successor(keys, rules, now).map(|times| (next_epoch(keys), times)), ..Due::default() };
    let is_over = |at: Option<Timestamp>| at.is_some_and(|at| now >= at);
    for key in keys {
        let times = key.times();
        if is_over(times.forgotten_at(rules)) {
            due.prune.push(key.epoch());
        } else if key.has_private() && (times.compromised_at.is_some() || is_over(times.private_ends(symmetric, rules))) {
            due.destroy.push(key.epoch());
        }
    }
    due
}

/// The times of a successor, when one is due.
///
/// In a fleet it is made as soon as its predecessor signs, so that it is known everywhere long before it is needed, even by a service that
/// slept for days. One writer needs none before it rotates; with a signing life that is when the predecessor's is over.
fn successor<K: Timed>(keys: &[K], rules: &Rules, now: Timestamp) -> Option<KeyTimes> {
    if in_state(keys, KeyState::Pending, now).next().is_some() {
        return None;
    }
    // A suspended key comes back as what it was, so it counts as one that signs.
    let signs = |key: &&K| matches!(key.times().state(now), KeyState::Active | KeyState::Suspended);
    let last = keys.iter().filter(signs).map(|key| key.times().retire_at).max_by_key(|at| at.map_or(i64::MAX, Timestamp::as_unix));
    match last {
        // Nobody has a key that signs, so nobody waits for one that is known everywhere.
        None => Some(KeyTimes::scheduled(now, now, rules)),
        Some(Some(retire_at)) if rules.timing.is_shared() => {
            let known = now.saturating_add(rules.timing.propagation);
            Some(KeyTimes::scheduled(now, retire_at.max(known), rules))
        }
        Some(_) => None,
    }
}

/// The first moment after `now` at which something becomes due or a key changes its state.
pub(crate) fn next_change<K: Timed>(keys: &[K], symmetric: bool, rules: &Rules, now: Timestamp) -> Option<Timestamp> {
    let of_key = |key: &K| {
        let times = *key.times();
        let private = key.has_private().then(|| times.private_ends(symmetric, rules)).flatten();
        let states = [Some(times.activate_at), times.retire_at, times.expire_at].map(|at| at.filter(|_| times.compromised_at.is_none()));
        states.into_iter().chain([private, times.forgotten_at(rules)]).flatten()
    };
    keys.iter().flat_map(of_key).filter(|at| *at > now).min()
}

/// Retires the keys that sign, early, in favour of the next one, which `fresh` makes when there is none.
///
/// In a fleet it takes effect when the next key is known everywhere, which it usually is. There is never a moment without a key that
/// signs: the old ones retire when the next one begins.
pub(crate) fn rotate<K: Timed>(keys: &mut Vec<K>, rules: &Rules, now: Timestamp, fresh: impl FnOnce(u64, KeyTimes) -> K) -> Rotation {
    let shared = rules.timing.is_shared();
    let pending = in_state(keys, KeyState::Pending, now).filter(|_| shared).min_by_key(|key| key.epoch());
    let (epoch, created_at) = match pending {
        Some(key) => (key.epoch(), key.times().created_at),
        None => {
            let epoch = next_epoch(keys);
            let at = now.saturating_add(rules.timing.propagation);
            keys.push(fresh(epoch, KeyTimes::scheduled(now, at, rules)));
            (epoch, now)
        }
    };
    let at = now.max(created_at.saturating_add(rules.timing.propagation));
    for key in keys.iter_mut() {
        let state = key.times().state(now);
        if key.epoch() == epoch {
            key.times_mut().promote(at, rules);
        } else if matches!(state, KeyState::Active | KeyState::Suspended) || (state == KeyState::Pending && !shared) {
            key.times_mut().retire(at, rules);
        }
    }
    Rotation { epoch, at }
}

/// Sets a key aside for now, or takes it back.
pub(crate) fn suspend<K: Timed>(keys: &mut [K], epoch: u64, suspended: bool, now: Timestamp) -> Result<(), Refused> {
    let state = keys.iter().find(|key| key.epoch() == epoch).ok_or(Refused::NoSuchKey)?.times().state(now);
    match state {
        KeyState::Compromised | KeyState::Retired => return Err(Refused::Final),
        // Nobody could sign; who wants that compromises it.
        KeyState::Active if suspended && in_state(keys, KeyState::Active, now).count() == 1 => return Err(Refused::OnlyActive),
        _ => {}
    }
    for key in keys.iter_mut().filter(|key| key.epoch() == epoch) {
        key.times_mut().suspended = suspended;
    }
    Ok(())
}

/// The keys that a compromise took out of use, and the one that took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fallen {
    /// The key itself, and the successors that are not trusted with it.
    pub(crate) out: Vec<u64>,
    /// The key that was promoted or made, if one had to be.
    pub(crate) promoted: Option<u64>,
}

/// Takes a key out of use for ever. If none is left that signs, the next one does at once, known everywhere or not; or, when that one is not
/// trusted either, one that `fresh` makes. Doing it again changes nothing.
pub(crate) fn compromise<K: Timed>(
    keys: &mut Vec<K>,
    epoch: u64,
    distrust_successor: bool,
    rules: &Rules,
    now: Timestamp,
    fresh: impl FnOnce(u64, KeyTimes) -> K,
) -> Result<Fallen, Refused> {
    let lost = keys.iter().find(|key| key.epoch() == epoch).ok_or(Refused::NoSuchKey)?;
    let mut out = vec![epoch];
    if distrust_successor {
        out.extend(successors(keys, lost, now));
    }
    for key in keys.iter_mut().filter(|key| out.contains(&key.epoch())) {
        // The first finding counts: its time is in the log, and decides when the record may go.
        key.times_mut().compromised_at.get_or_insert(now);
    }
    if in_state(keys, KeyState::Active, now).next().is_some() {
        return Ok(Fallen { out, promoted: None });
    }
    let next = in_state(keys, KeyState::Pending, now).map(Timed::epoch).min();
    let next = next.unwrap_or_else(|| {
        let epoch = next_epoch(keys);
        keys.push(fresh(epoch, KeyTimes::scheduled(now, now, rules)));
        epoch
    });
    for key in keys.iter_mut().filter(|key| key.epoch() == next) {
        key.times_mut().promote(now, rules);
    }
    Ok(Fallen { out, promoted: Some(next) })
}

/// The keys that somebody had who read the store before the compromise of `lost` was found: those that wait to sign.
///
/// When it was found before, those that waited then. They have the same finding, and a repetition must not go on to the fresh keys that
/// were made since; or, when they were trusted at first, they are those that had been made by then, whatever they do now.
pub(crate) fn successors<K: Timed>(keys: &[K], lost: &K, now: Timestamp) -> Vec<u64> {
    let found = lost.times().compromised_at;
    let later = || keys.iter().filter(|key| key.epoch() > lost.epoch());
    let together = || later().filter(|key| found.is_some() && key.times().compromised_at == found).map(Timed::epoch);
    match found {
        None => in_state(keys, KeyState::Pending, now).map(Timed::epoch).collect(),
        Some(_) if together().next().is_some() => together().collect(),
        Some(found) => later().filter(|key| key.times().created_at < found).map(Timed::epoch).collect(),
    }
}

/// Raises the longest life of tokens. The one change that moves times later: keys that may still sign verify for longer.
pub(crate) fn raise_max_ttl<K: Timed>(keys: &mut [K], rules: &Rules, now: Timestamp) {
    for key in keys.iter_mut().filter(|key| !matches!(key.times().state(now), KeyState::Retired | KeyState::Compromised)) {
        if let Some(retire_at) = key.times().retire_at {
            let expire_at = rules.expiry(retire_at);
            let times = key.times_mut();
            times.expire_at = times.expire_at.max(Some(expire_at));
        }
    }
}

#[cfg(test)]
mod tests;
