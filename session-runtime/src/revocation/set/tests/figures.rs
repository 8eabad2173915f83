//! The figures of docs/performance.md that no public call can measure: a check by itself, the longest change, the most memory.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement reads the clock and prints")]

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use super::*;

const ENTRIES: u32 = 1_000_000;
const MORE: u32 = 100_000;
const ISSUER: &str = "https://id.example.com";

/// Alternately in need until [`NOW`] and [`LATER`], so that pruning in between drops every other one.
fn entries(numbers: std::ops::Range<u32>) -> Vec<Change> {
    let within = digester().within(ISSUER);
    numbers
        .map(|number| {
            learn(within.digest(Kind::Token, &format!("revoked-{number}")), number.into(), if number % 2 == 0 { NOW } else { LATER })
        })
        .collect()
}

/// How many checks one measurement takes: so few that a busy machine seldom gives the processor to somebody else meanwhile.
const SLICE: usize = 512;

/// Nanoseconds for two digests and two look-ups of what is not revoked, for each slice of the tokens.
fn checks(set: &LocalSet, tokens: &[(String, String)]) -> Vec<u128> {
    let digester = digester();
    let slice = |tokens: &[(String, String)]| {
        let started = Instant::now();
        for (subject, token_id) in tokens {
            let within = digester.within(black_box(ISSUER));
            let (subject, token_id) = (within.digest(Kind::Subject, subject), within.digest(Kind::Token, token_id));
            assert!(black_box(set.find(subject)).is_none() && black_box(set.find(token_id)).is_none());
        }
        started.elapsed().as_nanos() / tokens.len() as u128
    };
    (0..ROUNDS).flat_map(|_| tokens.chunks_exact(SLICE)).map(slice).collect()
}

const ROUNDS: usize = 10;

/// What this thread has had of the processor.
fn of_this_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

fn print(what: &str, mut each: Vec<Duration>) {
    each.sort_unstable();
    let at = |share: usize| each[(each.len() - 1) * share / 1_000];
    println!("{what}: {} times, median {:?}, 99 of 100 {:?}, 999 of 1000 {:?}, max {:?}", each.len(), at(500), at(990), at(999), at(1_000));
}

/// Does a change as a writer does it, with readers that hold the set as it was: what the old set takes beside
/// the new one, and the time of the thread.
fn publish(set: &mut LocalSet, change: impl FnOnce(&mut LocalSet)) -> (usize, Duration) {
    let before = set.clone();
    let started = of_this_thread();
    let mut next = set.clone();
    change(&mut next);
    let took = of_this_thread().saturating_sub(started);
    *set = next;
    (before.bytes_beside(set), took)
}

#[test]
#[ignore = "prints figures and checks nothing; `cargo test --release -p session-runtime --lib -- --ignored set::tests::figures --nocapture`"]
fn figures() {
    let changes = entries(0..ENTRIES);
    let started = Instant::now();
    let mut set = LocalSet::default();
    set.apply(&changes);
    println!("load: {:?}", started.elapsed());
    drop(changes);
    println!("bytes: {}, {:.1} an entry", set.bytes(), set.bytes() as f64 / f64::from(ENTRIES));

    for (name, count) in [("1024", 1_024), ("200 000", 200_000)] {
        let tokens: Vec<_> = (0..count).map(|number| (format!("user-{number}"), format!("pZ7uQ1n5SqKf3Hc{number:07}"))).collect();
        for threads in [1, 2] {
            let mut slices = thread::scope(|scope| {
                let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| checks(&set, &tokens))).collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<u128>>()
            });
            slices.sort_unstable();
            println!(
                "check of {name} tokens, threads: {threads}: a tenth {} ns, median {} ns",
                slices[slices.len() / 10],
                slices[slices.len() / 2]
            );
        }
    }

    let (mut most, mut each) = (0, Vec::new());
    for (number, change) in entries(ENTRIES..ENTRIES + MORE).iter().enumerate() {
        let (beside, took) = publish(&mut set, |set| set.apply([change]));
        each.push(took);
        // Counting goes through the whole set, and would leave it in the caches for the next change.
        if number % 10_000 == 0 {
            most = most.max((set.bytes() + beside) * 10 / set.len());
        }
    }
    print("apply of one", each);
    println!("highest while {MORE} are added: {:.1} bytes an entry", most as f64 / 10.0);

    let (mut cursor, mut most, mut each) = (Some(PruneCursor::default()), 0, Vec::new());
    while let Some(at) = cursor {
        let (beside, took) = publish(&mut set, |set| cursor = set.prune_step(LATER, at));
        each.push(took);
        most = most.max(set.bytes() + beside);
    }
    print("step of pruning", each);
    println!("highest while half is pruned: {most} bytes; then {:.1} an entry", set.bytes() as f64 / set.len() as f64);
}
