//! The local set against a plain map, and what pruning keeps.

use std::collections::HashMap;

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const LATER: Timestamp = Timestamp::from_unix(1_893_459_600);

fn at(position: u64, not_after: Timestamp) -> Refusal {
    Refusal::acknowledged(Position::new(position).unwrap(), not_after)
}

fn learn(digest: u128, position: u64, not_after: Timestamp) -> Change {
    Change { digest, refusal: at(position, not_after), settled: false }
}

fn digester() -> Digester {
    Digester::new([7; 16])
}

#[test]
fn digests_keep_kinds_issuers_and_names_apart() {
    let all = [
        digester().digest(Kind::Token, "ab", "c"),
        digester().digest(Kind::Token, "a", "bc"),
        digester().digest(Kind::Subject, "ab", "c"),
        Digester::new([8; 16]).digest(Kind::Token, "ab", "c"),
    ];
    for (index, digest) in all.iter().enumerate() {
        assert!(!all[..index].contains(digest));
    }
    assert_eq!(digester().of(&Target::token(Some("ab"), "c")), all[0]);
}

#[test]
fn a_record_takes_32_bytes() {
    assert_eq!(size_of::<Record>(), 32);
}

#[test]
fn a_refusal_covers_what_was_issued_before_it_was_seen() {
    let refusal = at(10, NOW);
    assert!(refusal.covers(Some(9)));
    assert!(!refusal.covers(Some(10)));
    assert!(refusal.covers(None));
    assert!(Refusal::waiting(NOW).covers(Some(u64::MAX)));
}

/// The same changes in any order, any number of times and in batches of any size give the same set as a plain map.
#[test]
fn order_and_repetition_do_not_matter() {
    let changes: Vec<Change> =
        (0..10_000_u64).map(|number| learn(digester().digest(Kind::Token, "", &(number % 7_000).to_string()), number, LATER)).collect();
    let mut oracle: HashMap<u128, u64> = HashMap::new();
    for change in &changes {
        let position = oracle.entry(change.digest).or_default();
        *position = (*position).max(change.refusal.position);
    }
    let backwards: Vec<Change> = changes.iter().rev().copied().collect();
    for order in [&changes, &backwards] {
        for batch in [1, 37, 5_000, 10_000] {
            let mut set = LocalSet::default();
            order.chunks(batch).for_each(|changes| set.apply(changes));
            order.chunks(batch).take(3).for_each(|changes| set.apply(changes));
            assert_eq!(set.len(), oracle.len());
            assert!(oracle.iter().all(|(digest, position)| set.find(*digest) == Some(at(*position, LATER))));
            assert_eq!(set.find(digester().digest(Kind::Token, "", "7000")), None);
        }
    }
}

#[test]
fn prune_drops_what_is_dead_and_keeps_what_waits() {
    let mut set = LocalSet::default();
    let waiting = Change { digest: 3, refusal: Refusal::waiting(NOW), settled: false };
    set.apply(&[learn(1, 1, NOW), learn(2, 2, LATER), waiting]);
    set.prune(NOW);
    assert_eq!(set.len(), 3, "an entry is needed at its last moment");
    set.prune(Timestamp::from_unix(NOW.as_unix() + 1));
    assert_eq!((set.len(), set.find(1), set.find(2)), (2, None, Some(at(2, LATER))));
    set.apply(&[Change { digest: 3, refusal: at(4, LATER), settled: true }]);
    assert_eq!(set.find(3), Some(at(4, LATER)));
}

#[test]
fn what_waits_goes_on_waiting_when_another_entry_of_the_target_arrives() {
    let mut set = LocalSet::default();
    set.apply(&[Change { digest: 1, refusal: Refusal::waiting(LATER), settled: false }]);
    set.apply(&[learn(1, 5, LATER)]);
    assert!(set.find(1).unwrap().covers(Some(5)));
    // An entry of somebody else may stand above the one that was acknowledged now, and goes on counting.
    set.apply(&[Change { digest: 1, refusal: at(4, LATER), settled: true }]);
    assert_eq!(set.find(1), Some(at(5, LATER)));
}

#[test]
fn old_clones_stay_as_they_were() {
    let mut set = LocalSet::default();
    set.apply(&[learn(1, 1, LATER)]);
    let before = set.clone();
    for number in 2..5_000 {
        set.apply(&[learn(number, 2, LATER)]);
    }
    assert_eq!((before.len(), set.len()), (1, 4_999));
}
