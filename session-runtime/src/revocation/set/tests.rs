//! The local set against a plain map, and what pruning keeps.

use std::collections::HashMap;

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const LATER: Timestamp = Timestamp::from_unix(1_893_459_600);

fn at(position: u64, not_after: Timestamp) -> Refusal {
    Refusal::acknowledged(Position::new(position).unwrap(), not_after)
}

fn learn(digest: u128, position: u64, not_after: Timestamp) -> Change {
    Change { kind: Kind::Token, digest, refusal: at(position, not_after), settled: false }
}

fn digester() -> Digester {
    Digester::new([7; 16])
}

fn digest(kind: Kind, issuer: &str, name: &str) -> u128 {
    digester().within(issuer).digest(kind, name)
}

/// Every way to cut one text in two, and every length of either up to three words: with the texts themselves, or the zeros that fill a
/// word, or the numbers of kinds and lengths written into a text, no two targets look the same.
#[test]
fn digests_keep_kinds_issuers_and_names_apart() {
    let mut seen = HashMap::new();
    for text in [
        "abcdefghijklmnopqrstuvwx",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "\u{1}\0\0\0\0\0\0\0\u{2}\0\0\0\0\0\0\0\u{8}\0\0\0\0\0\0\0",
    ] {
        for (cut, end) in (0..=text.len()).flat_map(|end| (0..=end).map(move |cut| (cut, end))) {
            let (issuer, name) = text.split_at(end).0.split_at(cut);
            for kind in [Kind::Token, Kind::Subject, Kind::Everything, Kind::Key] {
                let target = (kind, issuer, name);
                assert_eq!(*seen.entry(digest(kind, issuer, name)).or_insert(target), target);
            }
        }
    }
}

#[test]
fn digests_depend_on_the_key_and_on_every_byte() {
    let (issuer, name) = ("https://id.example.com", "pZ7uQ1n5SqKf3Hc0o2LDgA");
    let known = digest(Kind::Token, issuer, name);
    assert_eq!(digester().of(&Target::token(Some(issuer), name)), known);
    assert_ne!(Digester::new([8; 16]).of(&Target::token(Some(issuer), name)), known);
    let changed =
        |text: &str, place: usize| -> String { text.chars().enumerate().map(|(at, char)| if at == place { '#' } else { char }).collect() };
    for place in 0..issuer.len() {
        assert_ne!(digest(Kind::Token, &changed(issuer, place), name), known);
        assert_ne!(digest(Kind::Token, issuer, &changed(name, place)), known);
    }
}

/// A filter that says yes too often would not be wrong, only slow, and no other test would see it.
#[test]
fn the_filter_holds_what_is_there_and_little_else() {
    let named = |number: u32| digest(Kind::Token, "", &number.to_string());
    // The fullest that a filter can be: as many words as records divided by `WORD`, which is a power of two already.
    let mut records: Vec<Record> =
        (0..1 << 16).map(|number| Record { kind: Kind::Token, digest: named(number), refusal: at(1, LATER) }).collect();
    records.sort_unstable_by_key(|record| record.digest);
    let base = Base::new(records);
    assert!(base.records.iter().all(|record| base.may_hold(record.digest)));
    let in_vain = (1 << 16..1 << 17).filter(|number| base.may_hold(named(*number))).count();
    assert!(in_vain < (1 << 16) / 20, "{in_vain}");
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
        (0..10_000_u64).map(|number| learn(digest(Kind::Token, "", &(number % 7_000).to_string()), number, LATER)).collect();
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
            assert_eq!(set.find(digest(Kind::Token, "", "7000")), None);
        }
    }
}

#[test]
fn prune_drops_what_is_dead_and_keeps_what_waits() {
    let mut set = LocalSet::default();
    let waiting = Change { kind: Kind::Token, digest: 3, refusal: Refusal::waiting(NOW), settled: false };
    set.apply(&[learn(1, 1, NOW), learn(2, 2, LATER), waiting]);
    set.prune(NOW);
    assert_eq!(set.len(), 3, "an entry is needed at its last moment");
    set.prune(Timestamp::from_unix(NOW.as_unix() + 1));
    assert_eq!((set.len(), set.find(1), set.find(2)), (2, None, Some(at(2, LATER))));
    set.apply(&[Change { kind: Kind::Token, digest: 3, refusal: at(4, LATER), settled: true }]);
    assert_eq!(set.find(3), Some(at(4, LATER)));
}

#[test]
fn what_waits_goes_on_waiting_when_another_entry_of_the_target_arrives() {
    let mut set = LocalSet::default();
    set.apply(&[Change { kind: Kind::Token, digest: 1, refusal: Refusal::waiting(LATER), settled: false }]);
    set.apply(&[learn(1, 5, LATER)]);
    assert!(set.find(1).unwrap().covers(Some(5)));
    // An entry of somebody else may stand above the one that was acknowledged now, and goes on counting.
    set.apply(&[Change { kind: Kind::Token, digest: 1, refusal: at(4, LATER), settled: true }]);
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
