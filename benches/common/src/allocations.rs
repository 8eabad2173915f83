//! Counting allocations: what the programs with the counting allocator do. They measure no time.

use std::alloc::System;

use serde::{Deserialize, Serialize};
use stats_alloc::{Region, StatsAlloc};

use crate::contest::{Group, Outcome};

/// What was counted of one contestant.
#[derive(Debug, Serialize, Deserialize)]
pub struct Count {
    pub group: String,
    pub name: String,
    /// Allocations and reallocations an operation.
    pub allocs: f64,
    /// Bytes an entry that stay allocated, of what keeps entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<f64>,
}

/// Runs every contestant.
pub fn count(allocator: &StatsAlloc<System>, groups: &mut [Group]) -> Vec<Count> {
    let mut counts = Vec::new();
    for group in groups {
        for contestant in &mut group.contestants {
            let allocs = of(allocator, &mut contestant.run);
            counts.push(Count { group: group.name.clone(), name: contestant.name.to_owned(), allocs, bytes: None });
        }
    }
    counts
}

/// Allocations of one operation, once the buffers that are kept have been made.
pub fn of(allocator: &StatsAlloc<System>, mut work: impl FnMut()) -> f64 {
    work();
    let region = Region::new(allocator);
    for _ in 0..TIMES {
        work();
    }
    let change = region.change();
    (change.allocations + change.reallocations) as f64 / f64::from(TIMES)
}

/// Prints what was counted, for the program that asked.
pub fn print(counts: &[Count]) -> Outcome {
    println!("{}", serde_json::to_string(counts)?);
    Ok(())
}

/// Enough that something that allocates now and then, as a thread's buffer that grows, does not round to a whole number.
const TIMES: u32 = 1_000;
