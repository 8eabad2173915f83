//! Counts the allocations of the peers apart and prints them as JSON. `bench` runs it; it measures no time.
#![forbid(unsafe_code)]

mod peers;

use std::alloc::System;

use common::{allocations, contest::Outcome, formats};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Outcome {
    let mut groups = formats::groups(&peers::all(), true, |_| true)?;
    allocations::print(&allocations::count(ALLOCATOR, &mut groups))
}
