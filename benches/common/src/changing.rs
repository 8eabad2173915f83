//! Verifying on one thread and on two while somebody changes the ring: what a lock on the way of a request would cost, and that there is none.
//!
//! A *paced* writer changes the ring once a millisecond and sleeps in between, so that two cores are enough for two threads that verify, and
//! the time on the wall counts. A writer *without a pause* takes a core from them. Then the time counts less that in which a thread was ready
//! to run and had no core, which Linux counts for every thread (`/proc/thread-self/schedstat`); it hides a part of what a lock costs, since a
//! thread that was woken is ready before it runs. How many cores the writer gets depends on how many threads verify, so two threads over one
//! says little there, and no target is set.
//!
//! Beside ourselves stand the same verifier and ring with the keys behind a lock, as one would write it: a `Mutex` or an `RwLock` that is held
//! while a token is verified and while the ring is changed.

use std::{
    hint::black_box,
    sync::{
        Barrier, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use session_runtime::{
    Issuer, KeyId, KeyRing, Verifier,
    jwt::{Hs256, Jwt},
};

use crate::{
    claims::Access,
    contest::{OURS, Outcome},
    formats::now,
    measure::{Plan, median},
    report::Row,
    services::block_on,
};

/// A ring, a verifier of it, and a token of the key that is not touched.
struct Stage {
    ring: KeyRing<Jwt<Hs256>>,
    /// A key that only verifies, and is set aside and taken back.
    touched: KeyId,
    verifier: Verifier<Access>,
    token: String,
    mutex: Mutex<()>,
    lock: RwLock<()>,
}

/// How the keys are read, and changed.
#[derive(Clone, Copy)]
enum Way {
    AsItIs,
    Mutex,
    RwLock,
}

const WAYS: [(&str, Way); 3] = [(OURS, Way::AsItIs), ("behind a Mutex", Way::Mutex), ("behind an RwLock", Way::RwLock)];

impl Stage {
    fn new() -> Outcome<Self> {
        let ring = KeyRing::generate()?;
        let touched = ring.signing_key().ok_or("a key that signs")?;
        block_on(ring.rotate())??;
        let claims = Access::now(now()?);
        let token = Issuer::<Access, _>::new(&ring)?.issue(&claims)?.token;
        let verifier = Verifier::new(&ring)?;
        Ok(Self { ring, touched, verifier, token, mutex: Mutex::new(()), lock: RwLock::new(()) })
    }

    fn verify(&self, way: Way) {
        let verify = || assert!(black_box(self.verifier.verify_now(black_box(&self.token))).is_ok(), "refused");
        match way {
            Way::AsItIs => verify(),
            Way::Mutex => {
                let _held = self.mutex.lock().unwrap_or_else(PoisonError::into_inner);
                verify();
            }
            Way::RwLock => {
                let _held = self.lock.read().unwrap_or_else(PoisonError::into_inner);
                verify();
            }
        }
    }

    /// A key is set aside, or taken back.
    fn change(&self, way: Way, suspend: bool, runtime: &tokio::runtime::Runtime) -> Outcome {
        let change = || {
            runtime.block_on(async { if suspend { self.ring.suspend(&self.touched).await } else { self.ring.resume(&self.touched).await } })
        };
        match way {
            Way::AsItIs => change()?,
            Way::Mutex => {
                let _held = self.mutex.lock().unwrap_or_else(PoisonError::into_inner);
                change()?;
            }
            Way::RwLock => {
                let _held = self.lock.write().unwrap_or_else(PoisonError::into_inner);
                change()?;
            }
        }
        Ok(())
    }

    /// Changes the ring until it is told to stop, and says how often that was.
    fn write(&self, way: Way, pace: Option<Duration>, stop: &AtomicBool) -> Result<u32, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string())?;
        let mut changes = 0;
        while !stop.load(Ordering::Relaxed) {
            self.change(way, changes % 2 == 0, &runtime).map_err(|error| error.to_string())?;
            changes += 1;
            if let Some(pace) = pace {
                thread::sleep(pace);
            }
        }
        // As it was found.
        self.change(way, false, &runtime).map_err(|error| error.to_string())?;
        Ok(changes)
    }

    /// So many threads verify at the same time while one changes the ring.
    fn run(&self, way: Way, threads: u32, pace: Option<Duration>) -> Outcome<Taken> {
        let (stop, barrier) = (AtomicBool::new(false), Barrier::new(threads as usize));
        let verify = || {
            barrier.wait();
            let (start, waited) = (Instant::now(), without_a_core());
            for _ in 0..OPERATIONS {
                self.verify(way);
            }
            let (wall, waited) = (start.elapsed(), without_a_core().saturating_sub(waited));
            (wall, wall.saturating_sub(waited))
        };
        thread::scope(|scope| {
            let writer = scope.spawn(|| self.write(way, pace, &stop));
            let verifying: Vec<_> = (0..threads).map(|_| scope.spawn(verify)).collect();
            let times: Vec<_> = verifying.into_iter().map(|thread| thread.join().map_err(|_| "a token was refused")).collect();
            stop.store(true, Ordering::Relaxed);
            let changes = writer.join().map_err(|_| "the writer failed")??;
            let mut taken = Taken { changes: f64::from(changes), ..Taken::default() };
            for time in times {
                let (wall, own) = time?;
                taken.wall += wall.as_secs_f64() / f64::from(threads);
                taken.own += own.as_secs_f64() / f64::from(threads);
            }
            Ok(taken)
        })
    }
}

/// What a thread took for its operations on average, in seconds, and how often the ring changed meanwhile.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    wall: f64,
    /// Less that in which it had no core.
    own: f64,
    changes: f64,
}

/// Rows for each writer, one thread and two.
pub fn measure(plan: Plan, wanted: impl Fn(&str) -> bool, mut progress: impl FnMut(&str)) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    // Fewer than elsewhere, since each takes longer.
    let rounds = plan.rounds.div_ceil(6);
    let paced = (PACED, Some(Duration::from_millis(1)), (|taken| taken.wall) as fn(&Taken) -> f64);
    let unpaced = (UNPACED, None, (|taken| taken.own) as fn(&Taken) -> f64);
    for ([one, two], pace, time) in [paced, unpaced] {
        if !wanted(one) && !wanted(two) {
            continue;
        }
        progress(two);
        let stage = Stage::new()?;
        let mut found = WAYS.map(|_| Vec::new());
        for round in 0..rounds {
            for index in (0..WAYS.len()).map(|index| (index + round) % WAYS.len()) {
                let (Some((_, way)), Some(found)) = (WAYS.get(index), found.get_mut(index)) else { continue };
                found.push((stage.run(*way, 1, pace)?, stage.run(*way, 2, pace)?));
            }
        }
        for ((name, _), found) in WAYS.iter().zip(&found) {
            let ns = |taken: &dyn Fn(&(Taken, Taken)) -> Taken| {
                Some(median(found.iter().map(|both| time(&taken(both)) * 1e9 / f64::from(OPERATIONS))).round())
            };
            let changes = median(found.iter().map(|(_, two)| two.changes / two.wall)).round();
            progress(&format!("    {name}: {changes} changes of the ring in a second beside two threads"));
            rows.push(Row { ns: ns(&|(one, _)| *one), ..Row::new(one, *name) });
            let times = median(found.iter().map(|(one, two)| 2.0 * time(one) / time(two)));
            let times = pace.map(|_| (times * 100.0).round() / 100.0);
            rows.push(Row { ns: ns(&|(_, two)| *two), times, ..Row::new(two, *name) });
        }
    }
    rows.retain(|row| wanted(&row.group));
    rows.sort_by(|one, other| one.group.cmp(&other.group));
    Ok(rows)
}

/// How long this thread was ready to run and had no core; zero where the system does not tell.
fn without_a_core() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split_whitespace().nth(1).and_then(|nanoseconds| nanoseconds.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

const PACED: [&str; 2] = ["HS256 verify while keys change, 1 thread", CHANGING];
const UNPACED: [&str; 2] = ["HS256 verify while keys change all the time, 1 thread", CHANGING_ALL_THE_TIME];
pub const CHANGING: &str = "HS256 verify while keys change, 2 threads";
const CHANGING_ALL_THE_TIME: &str = "HS256 verify while keys change all the time, 2 threads";
/// About fifty milliseconds: long beside the time that the system takes to find a core for a new thread.
const OPERATIONS: u32 = 60_000;
