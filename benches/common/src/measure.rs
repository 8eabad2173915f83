//! How time is measured: all contestants in turn, in many short rounds, so that whatever the machine does meanwhile happens to all of
//! them.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::contest::{Contestant, Group};

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How long one contestant runs in one round.
    pub slice: Duration,
    pub rounds: usize,
}

impl Plan {
    pub const FULL: Self = Self { slice: Duration::from_millis(2), rounds: 201 };
    /// Enough to see whether a change did anything.
    pub const QUICK: Self = Self { slice: Duration::from_millis(2), rounds: 31 };

    pub fn of(quick: bool) -> Self {
        if quick { Self::QUICK } else { Self::FULL }
    }
}

/// Nanoseconds an operation, one value a round.
pub type Times = Vec<f64>;

/// What was found out about one contestant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    pub group: String,
    pub name: String,
    pub times: Times,
}

/// The contestants of this process, round after round.
pub struct Race {
    groups: Vec<Group>,
    /// As the groups: how many operations fill a slice, and the times so far.
    laps: Vec<Vec<(u32, Times)>>,
}

impl Race {
    /// Finds out how often each contestant runs in a round, which also warms up.
    pub fn new(mut groups: Vec<Group>, plan: Plan) -> Self {
        let lap = |contestant: &mut Contestant| (calibrate(contestant, plan.slice), Times::new());
        let laps = groups.iter_mut().map(|group| group.contestants.iter_mut().map(lap).collect()).collect();
        Self { groups, laps }
    }

    /// Runs every contestant of every group.
    pub fn round(&mut self, round: usize) {
        for (group, laps) in self.groups.iter_mut().zip(&mut self.laps) {
            let count = group.contestants.len();
            // Another one begins in every round, so that nobody always runs on what the same other one left in the caches.
            for index in (0..count).map(|index| (index + round) % count) {
                let (Some(contestant), Some((iterations, times))) = (group.contestants.get_mut(index), laps.get_mut(index)) else {
                    continue;
                };
                // Not measured: brings the contestant's own code and data back after the others.
                repeat(contestant, *iterations / 20 + 1);
                times.push(repeat(contestant, *iterations).as_secs_f64() * 1e9 / f64::from(*iterations));
            }
        }
    }

    pub fn finish(self) -> Vec<Measured> {
        let of_group = |(group, laps): (Group, Vec<(u32, Times)>)| {
            let measured = |(contestant, (_, times)): (Contestant, (u32, Times))| Measured {
                group: group.name.clone(),
                name: contestant.name.to_owned(),
                times,
            };
            group.contestants.into_iter().zip(laps).map(measured).collect::<Vec<_>>()
        };
        self.groups.into_iter().zip(self.laps).flat_map(of_group).collect()
    }
}

/// How many operations fill a slice, found by doubling.
fn calibrate(contestant: &mut Contestant, slice: Duration) -> u32 {
    let mut iterations = 1;
    while repeat(contestant, iterations) < slice {
        iterations *= 2;
    }
    iterations
}

fn repeat(contestant: &mut Contestant, iterations: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..iterations {
        (contestant.run)();
    }
    start.elapsed()
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many times longer `this` takes than `other`: the median over rounds of the ratio within a round, where both had the same
/// machine.
pub fn ratio(this: &[f64], other: &[f64]) -> f64 {
    median(this.iter().zip(other).map(|(this, other)| this / other))
}
