//! One log as one process sees it: the store, what is known of it, and how the next snapshot is published.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::{
    builder::{OnStoreLoss, Settings},
    decision::{Decision, Moment, Presented, Rules, Snapshot},
    freshness::Demand,
    pending::Pending,
    position::Position,
    random,
    reading::{self, Reading},
    set::{Change, Digester},
    store::RevocationStore,
    target::{DigestKey, Target},
};
use crate::{
    error::StoreError,
    telemetry,
    time::{Clock, Timestamp},
};

pub(super) struct Log {
    pub(super) store: Box<dyn RevocationStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rules: Rules,
    pub(super) on_loss: OnStoreLoss,
    pub(super) recovery: Duration,
    /// For how long readings of a new life prove nothing of the one before; see [`Snapshot::untold_until`].
    pub(super) telling: Duration,
    /// Both clocks when the log was opened: what the wall clock should show is this plus what the boot clock has gone on.
    anchor: (Timestamp, Duration),
    /// The key of the digests. It is the log's where the log keeps one, and of this process alone otherwise.
    pub(super) key: DigestKey,
    pub(super) digester: Digester,
    /// Read as it is, nothing is prepared from it: one pointer is the whole protocol, and `crate::swap` would add a number that nobody reads.
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// Held while the next snapshot is made, never across an `await`.
    writer: Mutex<Writer>,
    /// One entry is written at a time, so that positions arrive in order and an acknowledged position completes all below it.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// One reading at a time; who waits for it finds what was read for everybody.
    pub(super) reading: tokio::sync::Mutex<()>,
    /// Rung by whoever wants the log read now.
    pub(super) bell: Notify,
    pub(super) state: State,
}

/// How the last readings went, for health and for those who will not wait.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether a task looks after the log.
    pub(super) attended: AtomicBool,
    /// Readings that failed since the last one that did not.
    pub(super) failures: AtomicU64,
    /// When the reading that is under way began, on the boot clock in nanoseconds and never zero; zero when none is.
    pub(super) under_way: AtomicU64,
    pub(super) losses: AtomicU64,
    /// When acceptance on old knowledge was last warned of.
    warned: Mutex<Option<Duration>>,
    pub(super) last_error: Mutex<Option<StoreError>>,
    /// Whether operators were told that the clocks differ.
    pub(super) skewed: AtomicBool,
}

pub(super) struct Writer {
    pub(super) epoch: Box<str>,
    pub(super) horizon: Duration,
    pub(super) pending: HashMap<Target, Pending>,
    pub(super) next_ticket: u64,
}

impl Log {
    pub(super) async fn open(store: Box<dyn RevocationStore>, settings: Settings) -> Result<Self, StoreError> {
        let Settings { clock, skew, on_loss, recovery, telling, .. } = settings;
        let fresh = DigestKey::from_bytes(random::bytes()?);
        let anchor = (clock.wall(), clock.boot());
        let rules = Rules { is_authoritative: store.is_authoritative(), skew };
        let beginning = reading::Beginnings { above: Position::ZERO, horizon: crate::limits::MAX_TTL, key: fresh, recovery };
        let reading = reading::read_or_begin(&*store, &*clock, &beginning).await?;
        let key = reading.key;
        let digester = Digester::new(key.to_bytes());
        let mut snapshot = Snapshot::empty();
        let Reading { epoch, horizon, .. } = &reading;
        let writer = Writer { epoch: epoch.clone(), horizon: *horizon, pending: HashMap::new(), next_ticket: 0 };
        // A node that begins to know the log knows nothing from before its life.
        snapshot.distrust = reading.distrust();
        let log = Self {
            store,
            clock,
            rules,
            on_loss,
            recovery,
            telling,
            anchor,
            key,
            digester,
            snapshot: ArcSwap::from_pointee(Snapshot::empty()),
            writer: Mutex::new(writer),
            turn: tokio::sync::Mutex::new(()),
            reading: tokio::sync::Mutex::new(()),
            bell: Notify::new(),
            state: State::default(),
        };
        log.take_in(&mut snapshot, &reading);
        // By the store's clock, if that is behind: what a clock that is fast has dropped here would be good once somebody sets it right.
        snapshot.forget(snapshot.store_now(log.clock.boot()).map_or(anchor.0, |of_store| of_store.min(anchor.0)));
        let writer = log.writer();
        log.put(&writer, snapshot);
        drop(writer);
        Ok(log)
    }

    pub(super) fn now(&self) -> Moment {
        // The boot clock last: what is proved by a later snapshot counts, and never the other way round.
        Moment { wall: self.clock.wall(), boot: self.clock.boot() }
    }

    pub(super) fn decide(&self, presented: &Presented<'_>, now: Moment, demand: Demand) -> Decision {
        self.snapshot.load().decide(&self.digester, presented, now, demand, self.rules)
    }

    pub(super) fn generation(&self) -> Position {
        self.snapshot.load().complete_to
    }

    pub(super) fn lag(&self) -> Duration {
        self.snapshot.load().age(self.rules, self.clock.boot())
    }

    pub(super) fn skew(&self) -> Option<i64> {
        self.snapshot.load().skew(self.now())
    }

    pub(super) fn len(&self) -> usize {
        self.snapshot.load().len()
    }

    pub(super) fn pending(&self) -> usize {
        self.writer().pending.len()
    }

    /// As [`skew`](Self::skew), for a time of day that was read already.
    pub(super) fn skew_at(&self, wall: Timestamp) -> Option<i64> {
        // Without a store's clock there is nothing to compare with, and no reason to read ours.
        if self.rules.is_authoritative { None } else { self.snapshot.load().skew(Moment { wall, boot: self.clock.boot() }) }
    }

    /// Counts what was accepted on old knowledge, and warns of it once a minute.
    #[cold]
    pub(super) fn tell_of_unchecked(&self, age: Duration) {
        telemetry::unchecked(self.store.name());
        let now = self.clock.boot();
        let mut warned = self.state.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|at| now.saturating_sub(at) >= Duration::from_secs(60)) {
            *warned = Some(now);
            tracing::warn!(store = self.store.name(), ?age, "tokens are accepted although nobody knows whether they were revoked");
        }
    }

    /// What was read, as changes of the set.
    pub(super) fn take_in(&self, snapshot: &mut Snapshot, reading: &Reading) {
        snapshot.apply(&reading.changes);
        self.take_over(snapshot, reading);
    }

    /// The rest of what was read, and the proof that it is all.
    pub(super) fn take_over(&self, snapshot: &mut Snapshot, reading: &Reading) {
        for (key, changes) in &reading.foreign {
            snapshot.former.apply(*key, changes);
        }
        // Two readings may overtake each other; each has proved what it has proved.
        snapshot.complete_to = snapshot.complete_to.max(reading.complete_to);
        if reading.asked_at >= snapshot.synced_at.max(snapshot.untold_until) {
            snapshot.synced_at = reading.asked_at;
            snapshot.store_time = reading.now;
        }
    }

    /// Makes the next snapshot. Entries and the proof that they are all there become visible together.
    pub(super) fn publish(&self, writer: &MutexGuard<'_, Writer>, changes: &[Change], proof: Option<Position>) {
        let mut next = self.next();
        next.apply(changes);
        if let Some(complete_to) = proof {
            next.complete_to = next.complete_to.max(complete_to);
            next.synced_at = next.synced_at.max(self.clock.boot());
        }
        self.put(writer, next);
    }

    pub(super) fn next(&self) -> Snapshot {
        Snapshot::clone(&self.snapshot.load())
    }

    /// The guard is asked for so that nobody publishes without it, and two writers never lose each other's changes.
    pub(super) fn put(&self, _writer: &MutexGuard<'_, Writer>, mut next: Snapshot) {
        next.everything = next.set.find(self.digester.of(&Target::everything()));
        self.snapshot.store(Arc::new(next));
    }

    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        // Every change under the lock is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the wall clock should show, had nobody set it since the log was opened.
    fn expected_now(&self) -> Timestamp {
        let (wall, boot) = self.anchor;
        wall.saturating_add(self.clock.boot().saturating_sub(boot))
    }

    /// What the store's clock must show by now, where it has one.
    fn store_now(&self) -> Option<Timestamp> {
        self.snapshot.load().store_now(self.clock.boot())
    }

    /// For pruning: a wall clock that was set forward by mistake must not drop entries that are needed when it is set right, and one that was
    /// wrong from the start not those that nodes with a right one need.
    pub(super) fn earliest_now(&self) -> Timestamp {
        let here = self.clock.wall().min(self.expected_now());
        self.store_now().map_or(here, |of_store| of_store.min(here))
    }

    /// For `not_after`: a wall clock that was set back by mistake, or is slow from the start, must not make entries shorter.
    pub(super) fn latest_now(&self) -> Timestamp {
        let here = self.clock.wall().max(self.expected_now());
        self.store_now().map_or(here, |of_store| of_store.max(here))
    }

    pub(super) fn failed(&self, error: &StoreError) {
        self.state.failures.fetch_add(1, Ordering::Relaxed);
        *self.state.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
    }

    pub(super) fn worked(&self) {
        if self.state.failures.swap(0, Ordering::Relaxed) > 0 {
            *self.state.last_error.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl fmt::Debug for Log {
    /// Counts, never contents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("store", &self.store)
            .field("entries", &self.len())
            .field("pending", &self.pending())
            .field("lag", &self.lag())
            .finish_non_exhaustive()
    }
}
