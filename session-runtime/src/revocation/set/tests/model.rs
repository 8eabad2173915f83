//! The local set against a plain map, under changes, steps of pruning and clones in any order.

use std::{collections::BTreeMap, ops::Range};

use proptest::prelude::*;

use super::*;

/// What the set should hold of one target: whether it waits, its position and its last moment.
type Known = (bool, u64, i64);

#[derive(Debug, Clone)]
enum Step {
    /// Changes of this many targets from the first one on, in batches of this size.
    Apply { first: u32, count: u32, batch: usize, change: Known, settled: bool },
    /// Prunes at this moment, and takes in one new target between any two steps.
    Prune { now: i64 },
    /// Takes a clone that has to stay as it is.
    Clone,
}

fn step() -> impl Strategy<Value = Step> {
    let change = (any::<bool>(), 0_u64..9, 0_i64..9);
    prop_oneof![
        6 => (0_u32..12_000, 1_u32..6_000, prop_oneof![Just(1_usize), Just(300), Just(6_000)], change, any::<bool>())
            .prop_map(|(first, count, batch, change, settled)| Step::Apply { first, count, batch, change, settled }),
        2 => (0_i64..11).prop_map(|now| Step::Prune { now }),
        1 => Just(Step::Clone),
    ]
}

#[derive(Default)]
struct Model {
    known: BTreeMap<u128, Known>,
}

impl Model {
    fn apply(&mut self, change: &Change) {
        let (waiting, position, not_after) = self.known.entry(change.digest).or_insert((false, 0, i64::MIN));
        *waiting = !change.settled && (*waiting || change.refusal.is_waiting());
        *position = (*position).max(change.refusal.position().as_u64());
        *not_after = (*not_after).max(change.refusal.not_after().as_unix());
    }

    fn prune(&mut self, now: i64) {
        self.known.retain(|_, (waiting, _, not_after)| *waiting || *not_after >= now);
    }
}

fn contents(set: &LocalSet) -> BTreeMap<u128, Known> {
    let known = |refusal: Refusal| (refusal.is_waiting(), refusal.position().as_u64(), refusal.not_after().as_unix());
    let contents: BTreeMap<_, _> = set.iter().map(|(_, digest, refusal)| (digest, known(refusal))).collect();
    assert_eq!(set.iter().count(), contents.len(), "a target is there twice");
    assert_eq!(set.len(), contents.len());
    assert!(contents.iter().all(|(digest, of_it)| set.find(*digest).map(known) == Some(*of_it)));
    contents
}

fn changes(numbers: Range<u32>, (waiting, position, not_after): Known, settled: bool) -> Vec<Change> {
    let moment = Timestamp::from_unix(not_after);
    let refusal = if waiting { Refusal::waiting(moment) } else { at(position, moment) };
    numbers.map(|number| Change { kind: Kind::Token, digest: digest(Kind::Token, "", &number.to_string()), refusal, settled }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_set_is_a_map_and_a_clone_stays_as_it_is(steps in prop::collection::vec(step(), 1..12)) {
        let (mut set, mut model, mut clones) = (LocalSet::default(), Model::default(), Vec::new());
        let mut fresh = 1_000_000;
        for step in steps {
            match step {
                Step::Apply { first, count, batch, change, settled } => {
                    let changes = changes(first..first + count, change, settled);
                    changes.chunks(batch).for_each(|changes| set.apply(changes));
                    changes.iter().for_each(|change| model.apply(change));
                }
                Step::Prune { now } => {
                    let mut cursor = Some(PruneCursor::default());
                    while let Some(at) = cursor {
                        cursor = set.prune_step(Timestamp::from_unix(now), at);
                        // So many that the directory grows while it is pruned.
                        let between = changes(fresh..fresh + 200, (false, 1, now), false);
                        fresh += 200;
                        set.apply(&between);
                        between.iter().for_each(|change| model.apply(change));
                    }
                    model.prune(now);
                }
                Step::Clone => clones.push((set.clone(), contents(&set))),
            }
            prop_assert_eq!(&contents(&set), &model.known);
        }
        for (clone, then) in &clones {
            prop_assert_eq!(&contents(clone), then);
        }
    }
}
