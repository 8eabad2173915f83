//! Looks after a ring in the background: one task a ring, which ends with the last [`Keeper`] of it.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::JoinHandle};

use super::{
    awaited::{Attended, End, Reading, Readings},
    missing::Missing,
    ring::KeyRing,
    schedule,
    source::Source,
    timing::Timing,
};
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
    /// A token named a key that is not there, and no reading has begun since.
    asked: AtomicBool,
    /// Which keys were looked for lately; made with the first task.
    missing: OnceLock<Missing>,
    readings: Arc<Readings>,
    /// A reading begins under this lock, so that whoever asks for one finds it to be either about to begin or under way.
    forced: Mutex<Forced>,
}

impl Attendance {
    /// A token names a key that is not there.
    pub(super) fn ring(&self, key_id: Option<&str>, now: Duration) {
        let Some(missing) = self.missing.get() else { return };
        // The first one wakes the task; a flood behind it costs a hash and two loads each.
        if missing.note(key_id, now) && !self.asked.swap(true, Ordering::AcqRel) {
            self.bell.notify_one();
        }
    }

    /// The end of the reading that is under way or about to begin.
    pub(super) fn coming(&self, now: Duration) -> Option<End> {
        self.missing.get()?;
        let forced = self.forced();
        self.readings.end(|| self.asked.load(Ordering::Acquire) && forced.allowed_in(now).is_zero())
    }

    fn begin(&self) -> Reading {
        self.begin_in(&self.forced())
    }

    fn begin_in(&self, _forced: &MutexGuard<'_, Forced>) -> Reading {
        // Before the store is asked: a key that is wanted from now on may not be in its answer.
        self.asked.store(false, Ordering::Release);
        self.readings.begin()
    }

    /// Begins the reading that somebody asked for, or answers how long it is until one is allowed.
    fn forced_one(&self, now: Duration) -> Result<Reading, Duration> {
        let mut forced = self.forced();
        let wait = forced.allowed_in(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        forced.note(now);
        Ok(self.begin_in(&forced))
    }

    fn forced(&self) -> MutexGuard<'_, Forced> {
        // Every change is one moment that is added or removed, so a panic elsewhere leaves nothing half done.
        self.forced.lock().unwrap_or_else(PoisonError::into_inner)
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
    source.attendance.missing.get_or_init(Missing::new);
    let mut place = source.attendance.task.lock().unwrap_or_else(PoisonError::into_inner);
    let task = place.upgrade().filter(|task| !task.0.is_finished());
    let task = task.unwrap_or_else(|| {
        // Here and not in the task, so that a token that comes before it runs is not told that nobody reads.
        let begun = (source.attendance.readings.attend(), source.attendance.begin());
        Arc::new(Task(tokio::spawn(look_after(Arc::clone(source), begun, step))))
    });
    *place = Arc::downgrade(&task);
    Keeper(task)
}

async fn look_after<F: Format>(
    source: Arc<Source<F>>,
    (_attended, mut reading): (Attended, Reading),
    step: impl Fn() -> BoxFuture<'static, Result<Option<Timestamp>, KeyError>> + Send + Sync,
) {
    let attendance = &source.attendance;
    let mut failures = 0_u32;
    loop {
        // A failure is told by the ring's health, and in the log.
        let next_due = reading.of(step()).await;
        failures = if next_due.is_ok() { 0 } else { failures.saturating_add(1) };
        let now = source.clock.wall();
        let (timing, retires_at) = {
            let snapshot = source.load();
            let signer = schedule::signer(&snapshot.keys, &snapshot.rules, now);
            (snapshot.rules.timing, signer.and_then(|key| key.times.retire_at))
        };
        let chance = random::bytes::<2>().map_or(0, u16::from_le_bytes);
        let pause = pause(&timing, failures, now, [next_due.unwrap_or_default(), retires_at.map(|at| halfway(now, at))], chance);
        reading = tokio::select! {
            () = sleep(pause) => attendance.begin(),
            reading = wanted(attendance, &*source.clock) => {
                source.series().forced();
                reading
            }
        };
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place of this task that waits; all that it decides is decided by the ring's clock")]
async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Begins a reading when somebody wants a key that is not there, as soon as the bound on readings allows one.
async fn wanted(attendance: &Attendance, clock: &dyn Clock) -> Reading {
    attendance.bell.notified().await;
    loop {
        match attendance.forced_one(clock.boot()) {
            Ok(reading) => return reading,
            Err(wait) => sleep(wait).await,
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

    /// How long it is until one more reading keeps the bound.
    fn allowed_in(&self, now: Duration) -> Duration {
        // At its edge a span is over: a reading exactly 30 s after the one before the last is the first of the next span.
        let before_last = self.0.len().checked_sub(Self::TIMES).and_then(|index| self.0.get(index));
        before_last.map_or(Duration::ZERO, |at| at.saturating_add(Self::WITHIN).saturating_sub(now))
    }

    fn note(&mut self, now: Duration) {
        if self.0.len() >= Self::TIMES {
            self.0.pop_front();
        }
        self.0.push_back(now);
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
        let permitted = |forced: &mut Forced, from: u64, to: u64| {
            let allowed = |now: &Duration| forced.allowed_in(*now).is_zero().then(|| forced.note(*now)).is_some();
            (from..to).map(Duration::from_millis).filter(allowed).count()
        };
        assert_eq!(permitted(&mut forced, 0, 30_000), 2);
        assert_eq!(permitted(&mut forced, 30_000, 60_000), 2);
        assert_eq!(permitted(&mut forced, 300_000, 310_000), 2);
        assert_eq!(forced.allowed_in(seconds(310)), seconds(20));
    }
}
