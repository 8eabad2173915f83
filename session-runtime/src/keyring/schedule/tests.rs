//! What happens to the keys of a ring, at its moments and one second before.

use std::time::Duration;

use super::*;
use crate::keyring::timing::Timing;

const SINGLE: Rules = Rules { timing: Timing::SINGLE, max_ttl: Duration::from_secs(86_400) };
const FLEET: Rules = Rules { timing: Timing::FLEET, ..SINGLE };
const P: i64 = 3_600;
const A: i64 = 30 * 86_400;

#[derive(Debug, Clone, PartialEq)]
struct Key {
    epoch: u64,
    times: KeyTimes,
    private: bool,
}

impl Timed for Key {
    fn epoch(&self) -> u64 {
        self.epoch
    }
    fn times(&self) -> &KeyTimes {
        &self.times
    }
    fn times_mut(&mut self) -> &mut KeyTimes {
        &mut self.times
    }
    fn has_private(&self) -> bool {
        self.private
    }
}

fn key(epoch: u64, times: KeyTimes) -> Key {
    Key { epoch, times, private: true }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// Does what is due at `now`, and says what it was.
fn maintain(keys: &mut Vec<Key>, rules: &Rules, now: i64) -> Due {
    let due = due(keys, false, rules, at(now));
    keys.iter_mut().filter(|key| due.destroy.contains(&key.epoch)).for_each(|key| key.private = false);
    keys.retain(|key| !due.prune.contains(&key.epoch));
    keys.extend(due.create.map(|(epoch, times)| key(epoch, times)));
    due
}

fn create(epoch: u64, times: KeyTimes) -> Due {
    Due { create: Some((epoch, times)), ..Due::default() }
}

fn states(keys: &[Key], now: i64) -> Vec<(u64, KeyState)> {
    keys.iter().map(|key| (key.epoch, key.times.state(at(now)))).collect()
}

/// A fleet's ring as it is after its first minute.
fn fleet() -> Vec<Key> {
    let mut keys = Vec::new();
    maintain(&mut keys, &FLEET, 0);
    maintain(&mut keys, &FLEET, 0);
    keys
}

#[test]
fn an_empty_ring_signs_at_once_and_has_a_successor() {
    let mut keys = Vec::new();
    assert_eq!(maintain(&mut keys, &FLEET, 0), create(1, KeyTimes::scheduled(at(0), at(0), &FLEET)));
    assert_eq!(maintain(&mut keys, &FLEET, 0), create(2, KeyTimes::scheduled(at(0), at(A), &FLEET)));
    assert_eq!(maintain(&mut keys, &FLEET, 0), Due::default());
    assert_eq!(states(&keys, 0), [(1, KeyState::Active), (2, KeyState::Pending)]);
}

#[test]
fn one_writer_has_one_key_until_it_rotates() {
    let mut keys = Vec::new();
    maintain(&mut keys, &SINGLE, 0);
    assert_eq!(maintain(&mut keys, &SINGLE, 1_000_000_000), Due::default());
    let rotation = rotate(&mut keys, &SINGLE, at(50), key);
    assert_eq!(rotation, Rotation { epoch: 2, at: at(50) });
    assert_eq!(states(&keys, 50), [(1, KeyState::Retiring), (2, KeyState::Active)]);
    assert_eq!(signer(&keys, &SINGLE, at(50)).unwrap().epoch, 2);
}

/// With a signing life, one writer's ring rotates by itself when it is looked after.
#[test]
fn one_writer_with_a_signing_life() {
    let rules = Rules { timing: Timing { signing_life: Some(Duration::from_secs(1_000)), ..Timing::SINGLE }, ..SINGLE };
    let mut keys = Vec::new();
    maintain(&mut keys, &rules, 0);
    assert_eq!(maintain(&mut keys, &rules, 999), Due::default());
    assert!(maintain(&mut keys, &rules, 1_000).create.is_some());
    assert_eq!(states(&keys, 1_000), [(1, KeyState::Retiring), (2, KeyState::Active)]);
}

#[test]
fn a_month_of_a_fleet() {
    let mut keys = fleet();
    assert_eq!(signer(&keys, &FLEET, at(A - 1)).unwrap().epoch, 1);
    assert_eq!(signer(&keys, &FLEET, at(A)).unwrap().epoch, 2);
    assert_eq!(maintain(&mut keys, &FLEET, A), create(3, KeyTimes::scheduled(at(A), at(2 * A), &FLEET)));
    assert_eq!(maintain(&mut keys, &FLEET, A + 3_669), Due::default());
    assert_eq!(maintain(&mut keys, &FLEET, A + 3_670), Due { destroy: vec![1], ..Due::default() });
    let expired = A + 3_670 + 86_400 + 300;
    assert_eq!(states(&keys, expired - 1)[0], (1, KeyState::Retiring));
    assert_eq!(states(&keys, expired)[0], (1, KeyState::Retired));
    assert_eq!(maintain(&mut keys, &FLEET, expired + 60 + 86_400 - 1), Due::default());
    assert_eq!(maintain(&mut keys, &FLEET, expired + 60 + 86_400), Due { prune: vec![1], ..Due::default() });
}

/// Idle-proof: whoever slept through a whole signing life finds a key that is known everywhere.
#[test]
fn a_service_that_slept_over_a_retirement() {
    let mut keys = fleet();
    assert_eq!(signer(&keys, &FLEET, at(2 * A - 1)).unwrap().epoch, 2);
    maintain(&mut keys, &FLEET, 2 * A - 1);
    // Every key has lapsed while it slept on: the bootstrap rule.
    let late = 9 * A;
    assert!(signer(&keys, &FLEET, at(late)).is_none());
    maintain(&mut keys, &FLEET, late);
    assert_eq!(signer(&keys, &FLEET, at(late)).unwrap().times.created_at, at(late));
}

#[test]
fn an_early_rotation_waits_until_the_next_key_is_known() {
    let mut keys = fleet();
    // The successor was made a moment ago.
    assert_eq!(rotate(&mut keys, &FLEET, at(100), key), Rotation { epoch: 2, at: at(P) });
    assert_eq!(states(&keys, P - 1), [(1, KeyState::Active), (2, KeyState::Pending)]);
    assert_eq!(states(&keys, P), [(1, KeyState::Retiring), (2, KeyState::Active)]);
    assert_eq!(keys[1].times.retire_at, Some(at(P + A)));
    // Twice is once.
    let rotated = keys.clone();
    rotate(&mut keys, &FLEET, at(200), key);
    assert_eq!(keys, rotated);
    // One that is known takes over at once.
    maintain(&mut keys, &FLEET, P);
    let later = 3 * P;
    assert_eq!(rotate(&mut keys, &FLEET, at(later), key), Rotation { epoch: 3, at: at(later) });
    assert_eq!(states(&keys, later), [(1, KeyState::Retiring), (2, KeyState::Retiring), (3, KeyState::Active)]);
}

#[test]
fn a_suspended_key_comes_back_as_what_it_was() {
    let mut keys = fleet();
    assert_eq!(suspend(&mut keys, 1, true, at(10)), Err(Refused::OnlyActive));
    assert_eq!(suspend(&mut keys, 9, true, at(10)), Err(Refused::NoSuchKey));
    suspend(&mut keys, 2, true, at(10)).unwrap();
    assert_eq!(states(&keys, 10), [(1, KeyState::Active), (2, KeyState::Suspended)]);
    suspend(&mut keys, 2, false, at(20)).unwrap();
    assert_eq!(states(&keys, 20), [(1, KeyState::Active), (2, KeyState::Pending)]);
    rotate(&mut keys, &FLEET, at(2 * P), key);
    suspend(&mut keys, 1, true, at(2 * P)).unwrap();
    assert_eq!(states(&keys, 2 * P)[0], (1, KeyState::Suspended));
    let expired = keys[0].times.expire_at.unwrap();
    assert_eq!(suspend(&mut keys, 1, false, expired), Err(Refused::Final));
}

#[test]
fn a_compromise_promotes_the_successor_or_distrusts_it() {
    let mut keys = fleet();
    assert_eq!(compromise(&mut keys, 9, false, &FLEET, at(10), key), Err(Refused::NoSuchKey));
    let fallen = |out: &[u64], promoted| Ok(Fallen { out: out.to_vec(), promoted });
    assert_eq!(compromise(&mut keys, 1, false, &FLEET, at(10), key), fallen(&[1], Some(2)));
    assert_eq!(states(&keys, 10), [(1, KeyState::Compromised), (2, KeyState::Active)]);
    assert_eq!(signer(&keys, &FLEET, at(10)).unwrap().epoch, 2, "unknown to some, and better than none");
    // Idempotent, and the time of the first finding stays.
    assert_eq!(compromise(&mut keys, 1, false, &FLEET, at(20), key), fallen(&[1], None));
    assert_eq!(keys[0].times.compromised_at, Some(at(10)));
    let Due { create, destroy, .. } = maintain(&mut keys, &FLEET, 20);
    assert_eq!((create.map(|(epoch, _)| epoch), destroy), (Some(3), vec![1]));

    let mut keys = fleet();
    assert_eq!(compromise(&mut keys, 1, true, &FLEET, at(10), key), fallen(&[1, 2], Some(3)));
    assert_eq!(states(&keys, 10), [(1, KeyState::Compromised), (2, KeyState::Compromised), (3, KeyState::Active)]);
    // A key that only verifies leaves the signer where it is.
    let mut keys = fleet();
    rotate(&mut keys, &FLEET, at(2 * P), key);
    assert_eq!(compromise(&mut keys, 1, false, &FLEET, at(2 * P), key), fallen(&[1], None));
}

/// Whoever repeats it because an answer was lost takes no fresh key out with it, however long ago it was.
#[test]
fn distrusting_a_successor_again_changes_nothing() {
    for again in [10, 11, 20 * P] {
        let mut keys = fleet();
        compromise(&mut keys, 1, true, &FLEET, at(10), key).unwrap();
        maintain(&mut keys, &FLEET, 10);
        maintain(&mut keys, &FLEET, again);
        let (before, signs) = (keys.clone(), signer(&keys, &FLEET, at(again)).map(|key| key.epoch));
        assert_eq!(compromise(&mut keys, 1, true, &FLEET, at(again), key), Ok(Fallen { out: vec![1, 2], promoted: None }), "{again}");
        assert_eq!((&keys, signs), (&before, Some(3)), "{again}");
    }
    // Where there was no successor to distrust, there is none later.
    let mut keys = Vec::new();
    maintain(&mut keys, &SINGLE, 0);
    assert_eq!(compromise(&mut keys, 1, true, &SINGLE, at(10), key), Ok(Fallen { out: vec![1], promoted: Some(2) }));
    assert_eq!(compromise(&mut keys, 1, true, &SINGLE, at(20), key), Ok(Fallen { out: vec![1], promoted: None }));
    assert_eq!(states(&keys, 20), [(1, KeyState::Compromised), (2, KeyState::Active)]);
}

/// A successor that was trusted at first signs by now, and is taken out all the same; what was made since is not.
#[test]
fn a_successor_can_be_distrusted_later() {
    let mut keys = fleet();
    compromise(&mut keys, 1, false, &FLEET, at(10), key).unwrap();
    maintain(&mut keys, &FLEET, 10);
    assert_eq!(states(&keys, 20), [(1, KeyState::Compromised), (2, KeyState::Active), (3, KeyState::Pending)]);
    for now in [20, 30] {
        let promoted = (now == 20).then_some(3);
        assert_eq!(compromise(&mut keys, 1, true, &FLEET, at(now), key), Ok(Fallen { out: vec![1, 2], promoted }));
        assert_eq!(states(&keys, 30), [(1, KeyState::Compromised), (2, KeyState::Compromised), (3, KeyState::Active)]);
    }
}

#[test]
fn a_longer_life_of_tokens_moves_expiry_and_nothing_else() {
    let mut keys = fleet();
    let before = keys.clone();
    let rules = Rules { max_ttl: Duration::from_secs(2 * 86_400), ..FLEET };
    raise_max_ttl(&mut keys, &rules, at(10));
    for (old, new) in before.iter().zip(&keys) {
        assert_eq!(new.times.expire_at, old.times.expire_at.map(|at| at.saturating_add(Duration::from_secs(86_400))));
        assert_eq!(KeyTimes { expire_at: None, ..new.times }, KeyTimes { expire_at: None, ..old.times });
    }
}

#[test]
fn the_next_change_is_the_first_one() {
    let mut keys = fleet();
    let mut now = at(0);
    let mut seen = Vec::new();
    while let Some(next) = next_change(&keys, false, &FLEET, now).filter(|next| *next <= at(A + 3 * 86_400)) {
        now = next;
        maintain(&mut keys, &FLEET, now.as_unix());
        seen.push(now.as_unix());
    }
    let expired = A + 3_670 + 86_400 + 300;
    assert_eq!(seen, [A, A + 3_670, expired, expired + 60 + 86_400]);
}
