//! Counts the allocations of every contestant and prints them as JSON. `bench` runs it; it measures no time.
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "the modules are shared with `bench`")]

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use contest::Outcome;

mod claims;
mod contest;
mod measure;
mod raw;
mod report;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Enough that something that allocates now and then, as a thread's buffer that grows, does not round to a whole number.
const TIMES: u32 = 1_000;

fn main() -> Outcome<()> {
    let mut counts = Vec::new();
    for group in &mut contest::groups()? {
        for contestant in &mut group.contestants {
            // Buffers that are kept are made in the first run.
            (contestant.run)();
            let region = Region::new(ALLOCATOR);
            for _ in 0..TIMES {
                (contestant.run)();
            }
            let change = region.change();
            counts.push(report::Count {
                group: group.name.to_owned(),
                name: contestant.name.to_owned(),
                allocs: (change.allocations + change.reallocations) as f64 / f64::from(TIMES),
            });
        }
    }
    println!("{}", serde_json::to_string(&counts)?);
    Ok(())
}
