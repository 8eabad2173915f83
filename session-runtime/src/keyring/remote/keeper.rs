//! What keeps a set fresh: one fetch at a time, and everything that is known between two of them.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::header::HeaderValue;
use tokio::{sync::Notify, task::AbortHandle};

use super::{
    Refreshed,
    fetch::{Answer, Fetcher},
    health::Condition,
    schedule::{Luck, Schedule},
    set::{self, SkippedKey},
};
use crate::{
    crypto::{digest, random},
    error::{FetchFault, RemoteError},
    format::Published,
    keyring::{
        awaited::{Attended, End, Readings},
        missing::Missing,
        source::{Snapshot, Source, Wanted},
    },
    time::Clock,
};

/// One set as one process keeps it. It knows no format and holds no keys; those are published in the source that verifiers read.
#[derive(Debug)]
pub(super) struct Keeper {
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    most_keys: usize,
    missing: Missing,
    /// A token named a key that is not there, and no fetch has begun since.
    asked: AtomicBool,
    wake: Notify,
    readings: Arc<Readings>,
    /// Held while a fetch is under way.
    turn: tokio::sync::Mutex<()>,
    /// Never held across an `await`.
    state: Mutex<State>,
}

pub(super) struct State {
    schedule: Schedule,
    pub(super) condition: Condition,
    pub(super) skipped: Vec<SkippedKey>,
    pub(super) fetches: u64,
    /// How many fetches have ended, and how the last one did, so that whoever waited for it need not fetch again.
    ended: u64,
    last: Result<Refreshed, FetchFault>,
    etag: Option<HeaderValue>,
    /// Of the body of the last good set, so that the same text is not prepared twice.
    digest: String,
    /// What the headers of the last good set said; those of a 304 take their place where they say something (RFC 9111 §4.3.4).
    fresh_for: Option<Duration>,
}

impl Keeper {
    pub(super) fn new(fetcher: Fetcher, clock: Arc<dyn Clock>, most_keys: usize, schedule: Schedule) -> Self {
        let state = State {
            schedule,
            condition: Condition::Healthy,
            skipped: Vec::new(),
            fetches: 0,
            ended: 0,
            last: Ok(Refreshed::Unchanged),
            etag: None,
            digest: String::new(),
            fresh_for: None,
        };
        Self {
            fetcher,
            clock,
            most_keys,
            missing: Missing::new(),
            asked: AtomicBool::new(false),
            wake: Notify::new(),
            readings: Arc::default(),
            turn: tokio::sync::Mutex::new(()),
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics; and a state that was left half-way at worst fetches once more.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn host(&self) -> &str {
        self.fetcher.host()
    }

    pub(super) fn due_in(&self) -> Duration {
        let asked = self.asked.load(Ordering::Acquire);
        self.state().schedule.due_in(self.clock.boot(), asked)
    }

    pub(super) fn missing(&self) -> usize {
        self.missing.len(self.clock.boot())
    }

    /// Somebody needs this key, which is not there.
    pub(super) fn want(&self, key_id: Option<&str>) {
        // The first one wakes the task; a flood behind it costs a hash and two loads each.
        if self.missing.note(key_id, self.clock.boot()) && !self.asked.swap(true, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }

    /// The end of the fetch that is under way, or that the task begins at once.
    fn coming(&self) -> Option<End> {
        // Fetches begin under this lock, so that one is found to be either about to begin or under way.
        let state = self.state();
        let begins = || self.asked.load(Ordering::Acquire) && state.schedule.due_in(self.clock.boot(), true).is_zero();
        self.readings.end(begins)
    }

    /// Whether a fetch is under way, or will be as soon as the bound allows one.
    pub(super) fn is_coming(&self) -> bool {
        self.asked.load(Ordering::Acquire) || self.turn.try_lock().is_err()
    }

    /// Fetches the set, or waits for the fetch that is under way and shares what it brought.
    ///
    /// It may be dropped at any time: a fetch counts from its beginning, and is planned again as if it had failed.
    pub(super) async fn refresh<F: Published>(&self, source: &Weak<Source<F>>) -> Result<Refreshed, RemoteError> {
        let before = self.state().ended;
        let _turn = self.turn.lock().await;
        let (begun, etag, reading, asked) = {
            let mut state = self.state();
            if state.ended != before {
                return Ok(state.last?);
            }
            // Read before the set is asked for: what is true of the answer was true then at the latest.
            let begun = self.clock.boot();
            state.schedule.begin(begun, luck()).map_err(|again_in| RemoteError::CoolingDown { again_in })?;
            state.fetches = state.fetches.saturating_add(1);
            // Not at its end: a key that is wanted while the set is on its way may not be in it.
            let asked = self.asked.swap(false, Ordering::AcqRel);
            (begun, state.etag.clone(), self.readings.begin(), asked)
        };
        if asked && let Some(source) = source.upgrade() {
            source.series().forced_fetch();
        }
        reading.of(self.fetch(source, begun, etag)).await
    }

    async fn fetch<F: Published>(
        &self,
        source: &Weak<Source<F>>,
        begun: Duration,
        etag: Option<HeaderValue>,
    ) -> Result<Refreshed, RemoteError> {
        let fetched = self.fetcher.fetch(etag.as_ref()).await;
        let ended = fetched.and_then(|answer| self.take(source, begun, answer));
        if let Some(source) = source.upgrade() {
            source.series().fetched(ended.map(|refreshed| refreshed == Refreshed::Changed), source.known());
        }
        self.conclude(ended)
    }

    /// Publishes the keys of a good answer. A bad one changes nothing.
    fn take<F: Published>(&self, source: &Weak<Source<F>>, begun: Duration, answer: Answer) -> Result<Refreshed, FetchFault> {
        let Answer { body, etag, fresh_for } = answer;
        let (refreshed, fresh_for) = match body {
            None => (Refreshed::Unchanged, fresh_for.or(self.state().fresh_for)),
            Some(body) => (self.replace(source, &body, etag)?, fresh_for),
        };
        if let Some(source) = source.upgrade() {
            source.read_at(begun);
        }
        let mut state = self.state();
        state.fresh_for = fresh_for;
        state.schedule.succeeded(begun, fresh_for, luck());
        Ok(refreshed)
    }

    fn replace<F: Published>(&self, source: &Weak<Source<F>>, body: &str, etag: Option<HeaderValue>) -> Result<Refreshed, FetchFault> {
        let digest = digest(body.as_bytes());
        if self.state().digest == digest {
            self.state().etag = etag;
            return Ok(Refreshed::Unchanged);
        }
        let (keys, skipped) = set::read::<F>(body, self.most_keys)?;
        tracing::info!(host = self.host(), format = F::NAME, keys = keys.len(), skipped = skipped.len(), "key set read");
        for SkippedKey { position, rule } in &skipped {
            tracing::warn!(host = self.host(), format = F::NAME, position, %rule, "a key of the set is not used");
        }
        if let Some(source) = source.upgrade() {
            source.publish(Snapshot::of_others(keys));
        }
        let mut state = self.state();
        state.skipped = skipped;
        state.digest = digest;
        // Of a set that was taken, never of one that was refused: its 304 would keep an older one fresh.
        state.etag = etag;
        Ok(Refreshed::Changed)
    }

    fn conclude(&self, ended: Result<Refreshed, FetchFault>) -> Result<Refreshed, RemoteError> {
        let mut state = self.state();
        state.ended = state.ended.wrapping_add(1);
        state.last = ended;
        match ended {
            Ok(_) => {
                if matches!(state.condition, Condition::Degraded { .. }) {
                    tracing::info!(host = self.host(), "the key set can be read again");
                }
                state.condition = Condition::Healthy;
            }
            Err(cause) => {
                let failures = state.schedule.failed(self.clock.boot(), luck());
                tracing::warn!(host = self.host(), %cause, failures, "the key set could not be read; the last good one stays");
                let since = match state.condition {
                    Condition::Degraded { since, .. } => since,
                    Condition::Healthy => self.clock.wall(),
                };
                state.condition = Condition::Degraded { since, cause };
            }
        }
        Ok(ended?)
    }
}

/// Fetches whenever it is time, until the last holder of the keys is gone.
async fn keep<F: Published>(keeper: Arc<Keeper>, source: Weak<Source<F>>, _attended: Attended) {
    loop {
        let wait = keeper.due_in();
        if wait.is_zero() {
            // What went wrong is in the log and in `health`, and the schedule says when to go on.
            let _ = keeper.refresh(&source).await;
        } else {
            // A real wait, in steps: tokio's clock stands still while the machine is suspended, and the clock that decides does not.
            let _ = tokio::time::timeout(wait.min(STEP), keeper.wake.notified()).await;
        }
    }
}

/// The longest wait between two looks at the clock.
const STEP: Duration = Duration::from_secs(15);

/// What the source of the keys holds of their keeper: it passes on which keys are missing, and ends the task when nobody holds the
/// keys any more, be it a handle or a verifier.
#[derive(Debug)]
pub(super) struct Hook {
    keeper: Arc<Keeper>,
    task: OnceLock<AbortHandle>,
}

impl Hook {
    pub(super) fn new(keeper: Arc<Keeper>) -> Self {
        Self { keeper, task: OnceLock::new() }
    }

    /// Starts the one task of these keys.
    pub(super) fn keep_fresh<F: Published>(&self, source: Weak<Source<F>>) {
        let task = || tokio::spawn(keep(Arc::clone(&self.keeper), source, self.keeper.readings.attend())).abort_handle();
        let _ = self.task.get_or_init(task);
    }
}

impl Wanted for Hook {
    fn wanted(&self, key_id: Option<&str>) {
        self.keeper.want(key_id);
    }

    fn coming(&self) -> Option<End> {
        self.keeper.coming()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

/// Where the system gives no random bytes, a fleet fetches together, which is no reason not to fetch.
fn luck() -> Luck {
    let drawn = random::bytes().map_or(0, u32::from_le_bytes);
    Luck(drawn.checked_rem(1000).unwrap_or(0))
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("condition", &self.condition).field("schedule", &self.schedule).finish_non_exhaustive()
    }
}
