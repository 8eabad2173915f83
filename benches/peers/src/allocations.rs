//! Counts the allocations of every contestant and prints them as JSON. `bench` runs it; it measures no time.
#![forbid(unsafe_code)]

mod peers;

use std::alloc::System;

use common::{allocations, contest::Outcome, formats, services};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Outcome {
    let mut groups = formats::groups(&peers::all(), false, |_| true)?;
    groups.extend(services::garbage(|_| true)?);
    let mut counts = allocations::count(ALLOCATOR, &mut groups);
    counts.extend(services::count(ALLOCATOR)?);
    allocations::print(&counts)
}
