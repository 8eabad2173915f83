//! How time is measured: all contestants in turn in one process, in many short rounds, so that whatever the machine does meanwhile
//! happens to all of them.

use std::time::{Duration, Instant};

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
}

/// Nanoseconds an operation, one value a round.
pub type Times = Vec<f64>;

/// Measures every contestant of every group. The result has the order of the groups.
pub fn measure(groups: &mut [Group], plan: Plan, mut progress: impl FnMut(usize)) -> Vec<Vec<Times>> {
    let iterations: Vec<Vec<u32>> =
        groups.iter_mut().map(|group| group.contestants.iter_mut().map(|contestant| calibrate(contestant, plan.slice)).collect()).collect();
    let mut times: Vec<Vec<Times>> = groups.iter().map(|group| vec![Times::new(); group.contestants.len()]).collect();
    for round in 0..plan.rounds {
        progress(round);
        for ((group, iterations), times) in groups.iter_mut().zip(&iterations).zip(&mut times) {
            let count = group.contestants.len();
            // Another one begins in every round, so that nobody always runs on what the same other one left in the caches.
            for index in (0..count).map(|index| (index + round) % count) {
                let (Some(contestant), Some(iterations), Some(times)) =
                    (group.contestants.get_mut(index), iterations.get(index), times.get_mut(index))
                else {
                    continue;
                };
                // Not measured: brings the contestant's own code and data back after the others.
                repeat(contestant, iterations / 20 + 1);
                times.push(repeat(contestant, *iterations).as_secs_f64() * 1e9 / f64::from(*iterations));
            }
        }
    }
    times
}

/// How many operations fill a slice, found by doubling, which also warms up.
fn calibrate(contestant: &mut Contestant, slice: Duration) -> u32 {
    let mut iterations = 1;
    loop {
        let took = repeat(contestant, iterations);
        if took >= slice {
            return iterations;
        }
        iterations *= 2;
    }
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
pub fn ratio(this: &Times, other: &Times) -> f64 {
    median(this.iter().zip(other).map(|(this, other)| this / other))
}
