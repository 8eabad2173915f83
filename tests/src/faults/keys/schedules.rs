//! Fleets on paper: clocks, refreshes, lags and early rotations and outages at any moment within what is declared.

use std::time::Duration;

use session_runtime::keyring::{Fleet, Simulation, Timing};

use super::{Try, broken};
use crate::{
    faults::{report::Found, store::Sabotage},
    needs::Unmet,
};

/// On two threads: it is arithmetic, and nothing else runs meanwhile.
const THREADS: u64 = 2;

pub(super) async fn schedules(this: Try) -> Result<Found, Unmet> {
    let schedules = this.amount(2_000, 100_000);
    let halves: Vec<_> = (0..THREADS)
        .map(|thread| {
            let this = this.clone();
            tokio::task::spawn_blocking(move || half(&this, thread, schedules / THREADS))
        })
        .collect();
    let mut all = Half::default();
    for half in halves {
        all.add(half.await.map_err(broken)?.map_err(broken)?);
    }
    let Half { unsafe_ones, keys, smallest, .. } = all;
    let figure = format!("{schedules} schedules of {keys} keys, {unsafe_ones} refused a good token; the smallest margin {smallest} s");
    Ok(Found { tries: schedules, holds: unsafe_ones == 0, figure })
}

struct Half {
    unsafe_ones: u64,
    keys: usize,
    smallest: i64,
}

impl Default for Half {
    fn default() -> Self {
        Self { unsafe_ones: 0, keys: 0, smallest: i64::MAX }
    }
}

impl Half {
    fn add(&mut self, other: Self) {
        self.unsafe_ones += other.unsafe_ones;
        self.keys += other.keys;
        self.smallest = self.smallest.min(other.smallest);
    }
}

fn half(this: &Try, thread: u64, schedules: u64) -> Result<Half, session_runtime::error::KeyError> {
    let mut chances = super::chances(this, 1_000 + thread);
    let mut half = Half::default();
    for _ in 0..schedules {
        let mut fleet = fleet(&mut chances);
        if this.without(Sabotage::BeyondDeclared) {
            fleet.strain = 400;
        }
        let found: Simulation = fleet.simulate(chances.u64(..))?;
        half.add(Half { unsafe_ones: u64::from(!found.is_safe()), keys: found.keys, smallest: found.margin() });
    }
    Ok(half)
}

/// Times within their rules, half of them exactly at the edge.
fn fleet(chances: &mut fastrand::Rng) -> Fleet {
    let (refresh, skew, lag, max_age) = (chances.u64(1..600), chances.u64(0..=600), chances.u64(0..120), chances.u64(0..900));
    let mut spare = |most: u64| if chances.bool() { 0 } else { chances.u64(0..most) };
    let propagation = refresh + skew + lag + max_age + spare(3_600);
    let signing_life = 2 * (propagation + refresh) + spare(20_000);
    let [refresh, skew, lag, max_age, propagation, signing_life] =
        [refresh, skew, lag, max_age, propagation, signing_life].map(Duration::from_secs);
    let timing = Timing {
        refresh,
        skew,
        lag,
        max_age,
        propagation,
        signing_life: Some(signing_life),
        max_stale: chances.bool().then(|| Duration::from_secs(chances.u64(1..8_000))),
    };
    let mut fleet = Fleet::new(timing, Duration::from_secs(chances.u64(1..100_000)));
    (fleet.nodes, fleet.early_rotations, fleet.outages, fleet.lives) = (chances.u32(2..6), chances.u32(0..8), chances.u32(0..20), 4);
    fleet
}
