//! Looks after a ring in the background: one task a ring, which ends with the last [`Keeper`] of it.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{sync::Notify, task::JoinHandle};

use super::{ring::KeyRing, schedule, source::Source, timing::Timing};
use crate::{
    crypto::random,
    error::KeyError,
    format::Format,
    future::BoxFuture,
    time::{Clock, Timestamp},
};

/// A ring is looked after as long as one of these is held, see [`KeyRing::keep`].
#[must_use = "the ring is looked after only as long as this is held"]
#[derive(Clone)]
pub struct Keeper(#[allow(dead_code, reason = "held, and dropped")] Arc<Task>);

/// The task, which ends when this is dropped.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where the task of a ring is, so that there is one, and the bell that wakes it.
#[derive(Default)]
pub(super) struct Attendance {
    task: Mutex<Weak<Task>>,
    bell: Notify,
}

impl Attendance {
    /// A token names a key that is not there.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }
}

impl<F: Format> KeyRing<F> {
    /// Looks after the ring in a task of the present tokio runtime, as [`maintain`](Self::maintain) does, until the last [`Keeper`] is
    /// dropped: again and again within [`Timing::refresh`], earlier when something is due, and at once when a token names a
    /// key that is not known, though at most twice in 30 s. After a failure it tries again in a second, and then less and less often.
    ///
    /// One task looks after a ring; another call gives another handle of it.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{KeyRing, paseto::V4Local};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let ring = KeyRing::<V4Local>::generate()?;
    /// let keeper = ring.keep(); // hold it as long as the service runs
    /// # drop(keeper);
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep(&self) -> Keeper {
        let ring = self.clone();
        keep(&self.source, move || {
            let ring = ring.clone();
            Box::pin(async move { ring.maintain().await.map(|maintained| maintained.next_due) })
        })
    }
}

/// Does `step` again and again for the keys of `source`; it says when something is due next.
pub(super) fn keep<F: Format>(
    source: &Arc<Source<F>>,
    step: impl Fn() -> BoxFuture<'static, Result<Option<Timestamp>, KeyError>> + Send + Sync + 'static,
) -> Keeper {
    let mut place = source.attendance.task.lock().unwrap_or_else(PoisonError::into_inner);
    let task = place.upgrade().filter(|task| !task.0.is_finished());
    let task = task.unwrap_or_else(|| Arc::new(Task(tokio::spawn(look_after(Arc::clone(source), step)))));
    *place = Arc::downgrade(&task);
    Keeper(task)
}

async fn look_after<F: Format>(
    source: Arc<Source<F>>,
    step: impl Fn() -> BoxFuture<'static, Result<Option<Timestamp>, KeyError>> + Send + Sync,
) {
    let mut failures = 0_u32;
    let mut forced = Forced::default();
    loop {
        // A failure is told by the ring's health, and in the log.
        let next_due = step().await;
        failures = if next_due.is_ok() { 0 } else { failures.saturating_add(1) };
        let now = source.clock.wall();
        let (timing, retires_at) = {
            let snapshot = source.load();
            let signer = schedule::signer(&snapshot.keys, &snapshot.rules, now);
            (snapshot.rules.timing, signer.and_then(|key| key.times.retire_at))
        };
        let chance = random::bytes::<2>().map_or(0, u16::from_le_bytes);
        let pause = pause(&timing, failures, now, [next_due.unwrap_or_default(), retires_at.map(|at| halfway(now, at))], chance);
        #[allow(
            clippy::disallowed_methods,
            reason = "the one place of this task that waits; all that it decides is decided by the ring's clock"
        )]
        let rest = tokio::time::sleep(pause);
        tokio::select! {
            () = rest => {}
            () = wanted(&source.attendance, &mut forced, &*source.clock) => source.series().forced(),
        }
    }
}

/// Ends when somebody wants a key that is not there, and reading the ring for it is allowed.
async fn wanted(attendance: &Attendance, forced: &mut Forced, clock: &dyn Clock) {
    loop {
        attendance.bell.notified().await;
        if forced.permit(clock.boot()) {
            return;
        }
    }
}

fn halfway(now: Timestamp, at: Timestamp) -> Timestamp {
    now.saturating_add(at.saturating_since(now).div_f32(2.0))
}

/// How long the task sleeps: R less up to a fifth, by chance, so that nodes which were started together drift apart; or until the first of
/// `moments`; and never less than a second. After failures 1 s, 2 s, 4 s, up to R.
fn pause(timing: &Timing, failures: u32, now: Timestamp, moments: [Option<Timestamp>; 2], chance: u16) -> Duration {
    /// Of a ring of one writer, whose store nobody else writes to.
    const IDLE: Duration = Duration::from_secs(3_600);
    const LEAST: Duration = Duration::from_secs(1);
    let longest = if timing.refresh.is_zero() { IDLE } else { timing.refresh };
    if failures > 0 {
        return LEAST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(longest);
    }
    let jitter = longest.mul_f32(0.2 * f32::from(chance) / f32::from(u16::MAX));
    let usual = longest.saturating_sub(jitter);
    let first = moments.into_iter().flatten().map(|at| at.saturating_since(now)).min();
    first.map_or(usual, |first| first.min(usual)).max(LEAST)
}

/// When the ring was read because a key was wanted: at most twice in 30 s, whoever wants what.
#[derive(Debug, Default)]
struct Forced(VecDeque<Duration>);

impl Forced {
    const WITHIN: Duration = Duration::from_secs(30);
    const TIMES: usize = 2;

    fn permit(&mut self, now: Duration) -> bool {
        while self.0.front().is_some_and(|at| now.saturating_sub(*at) >= Self::WITHIN) {
            self.0.pop_front();
        }
        let permitted = self.0.len() < Self::TIMES;
        if permitted {
            self.0.push_back(now);
        }
        permitted
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn pauses_jitter_below_the_refresh_period() {
        let now = Timestamp::from_unix(1_000);
        let after = |failures, moments, chance| pause(&Timing::FLEET, failures, now, moments, chance);
        assert_eq!(after(0, [None, None], 0), seconds(300));
        assert_eq!(after(0, [None, None], u16::MAX), seconds(240));
        let at = |at| Some(Timestamp::from_unix(at));
        assert_eq!(after(0, [at(1_100), at(1_050)], 0), seconds(50));
        assert_eq!(after(0, [at(9_000), None], 0), seconds(300));
        assert_eq!(after(0, [at(1_000), None], 0), seconds(1), "never a loop without a pause");
        assert_eq!([1, 2, 3, 9, 10, 1_000].map(|failures| after(failures, [at(1_001), None], 9)), [1, 2, 4, 256, 300, 300].map(seconds));
        assert_eq!(pause(&Timing::SINGLE, 0, now, [None, None], 0), seconds(3_600));
    }

    #[test]
    fn a_flood_of_unknown_keys_reads_twice_in_thirty_seconds() {
        let mut forced = Forced::default();
        let permitted = |forced: &mut Forced, from: u64, to: u64| (from..to).filter(|ms| forced.permit(Duration::from_millis(*ms))).count();
        assert_eq!(permitted(&mut forced, 0, 30_000), 2);
        assert_eq!(permitted(&mut forced, 30_000, 60_000), 2);
        assert_eq!(permitted(&mut forced, 300_000, 310_000), 2);
    }
}
