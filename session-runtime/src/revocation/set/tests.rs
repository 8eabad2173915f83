//! The local set against a plain map, what pruning keeps, and what all of it takes in memory.
#![allow(clippy::arithmetic_side_effects, reason = "a test counts")]

mod figures;
mod model;

use std::collections::HashMap;

use super::{filter::Filter, *};
use crate::revocation::{position::Position, target::Target};

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
            for kind in Kind::ALL {
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
    // The fullest that a filter gets: a shard that is about to be split.
    let records: Vec<Record> = (0..512).map(|number| Record::new(Kind::Token, Key::of(named(number)), at(1, LATER))).collect();
    let filter = Filter::over(&records);
    assert!((0..512).all(|number| filter.may_hold(named(number))));
    let in_vain = (512..1 << 16).filter(|number| filter.may_hold(named(*number))).count();
    assert!(in_vain < (1 << 16) / 12, "{in_vain}");
}

/// The kind stands in bits that neither positions nor "waits for the store" use.
#[test]
fn a_record_gives_back_what_it_was_made_of() {
    for kind in Kind::ALL {
        for refusal in [at(0, NOW), at(Position::MAX.as_u64(), LATER), Refusal::waiting(LATER)] {
            let record = Record::new(kind, Key::of(5), refusal);
            assert_eq!((record.kind(), record.key.digest(), record.refusal()), (kind, 5, refusal));
        }
    }
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
        *position = (*position).max(change.refusal.position().as_u64());
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

#[test]
fn everything_is_handed_out_with_its_kind() {
    let mut set = LocalSet::default();
    let subject = Change { kind: Kind::Subject, digest: 2, refusal: Refusal::waiting(NOW), settled: false };
    set.apply(&[learn(1, 7, LATER), subject]);
    let mut all: Vec<(Kind, u128, Refusal)> = set.iter().collect();
    all.sort_unstable_by_key(|(_, digest, _)| *digest);
    assert_eq!(all, [(Kind::Token, 1, at(7, LATER)), (Kind::Subject, 2, Refusal::waiting(NOW))]);
    assert_eq!((at(7, LATER).position().as_u64(), at(7, LATER).not_after(), at(7, LATER).is_waiting()), (7, LATER, false));
    assert_eq!((subject.refusal.position(), subject.refusal.is_waiting()), (Position::ZERO, true));
}

/// A store answers with entries that are known already after every write, and nothing is copied for them.
#[test]
fn what_is_known_already_changes_nothing() {
    let mut set = LocalSet::default();
    set.apply(&numbered(0..1_000, LATER));
    let before = set.clone();
    set.apply(&numbered(0..1_000, NOW));
    assert_eq!(set.bytes_beside(&before), 0);
}

/// Tokens of these numbers.
fn numbered(numbers: std::ops::Range<u32>, not_after: Timestamp) -> Vec<Change> {
    numbers.map(|number| learn(digest(Kind::Token, "", &number.to_string()), 1, not_after)).collect()
}

/// At every moment while the set grows, whether it is loaded at once or entry by entry, and gone with the entries.
#[test]
fn an_entry_takes_48_bytes_at_most_and_gives_them_back() {
    let mut grown = LocalSet::default();
    for (number, change) in numbered(0..200_000, NOW).iter().enumerate() {
        grown.apply([change]);
        if number % 1_000 == 999 {
            assert!(grown.bytes() <= 48 * grown.len(), "{} bytes for {}", grown.bytes(), grown.len());
        }
    }
    let mut loaded = LocalSet::default();
    loaded.apply(&numbered(0..200_000, NOW));
    assert_eq!((loaded.len(), loaded.bytes() <= 48 * loaded.len()), (200_000, true));

    // Of those that stay, and by themselves.
    for left in [50_000, 1_000, 1, 0] {
        let stay = numbered(0..left, LATER);
        let (mut pruned, mut alone) = (loaded.clone(), LocalSet::default());
        pruned.apply(&stay);
        pruned.prune(LATER);
        alone.apply(&stay);
        assert_eq!(pruned.len(), alone.len());
        assert!(pruned.bytes() * 10 <= alone.bytes() * 11, "{left}: {} against {}", pruned.bytes(), alone.bytes());
    }
}

/// What readers hold while one entry is added or a step of pruning is done costs a few shards and never the set again.
#[test]
fn a_change_takes_little_beside_the_clone_that_readers_hold() {
    let mut set = LocalSet::default();
    set.apply(&numbered(0..200_000, NOW));
    for change in numbered(200_000..210_000, LATER) {
        let before = set.clone();
        set.apply([&change]);
        assert!(before.bytes_beside(&set) <= 64 << 10);
    }
    let before = set.clone();
    set.apply(&numbered(210_000..210_000 + u32::try_from(LocalSet::AT_ONCE).unwrap(), LATER));
    assert!(before.bytes_beside(&set) <= 4 << 20);
    let mut cursor = Some(PruneCursor::default());
    while let Some(at) = cursor {
        let before = set.clone();
        cursor = set.prune_step(LATER, at);
        assert!(before.bytes_beside(&set) <= 1 << 20);
    }
    assert_eq!(set.len(), 10_000 + LocalSet::AT_ONCE);
}

impl LocalSet {
    /// What it takes in memory.
    fn bytes(&self) -> usize {
        self.bytes_beside(&Self::default())
    }

    /// What it takes in memory, except what `other` has in common with it.
    fn bytes_beside(&self, other: &Self) -> usize {
        self.directory.bytes_beside(&other.directory)
    }
}
