//! A log in memory that behaves like one behind a network, for tests of several nodes.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::{
    error::StoreError,
    future::BoxFuture,
    revocation::{Batch, Beginning, Cursor, Entry, NewEntry, RevocationStore},
    time::{Clock, Timestamp},
};

mod log;

use log::Log;

const NAME: &str = "the shared revocation log in memory";

/// A log that several nodes of one test share: clones are ways to the same log, and each may be opened by another node.
///
/// It has lives, as a log on a server has. A new one is [`Lost`](StoreError::Lost) until somebody [begins](RevocationStore::begin) it, and a
/// test can have it lose [everything](Self::lose_everything) or [the last entries](Self::lose_last), or [restart](Self::restart) it with
/// all that it had. `clock` is the server's: it says for how much longer a new life recovers, and what [`Batch::now`] shows.
///
/// For calls that fail, hang or are answered late, put it into [`FaultyRevocations::shared`](super::FaultyRevocations::shared).
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), session_runtime::error::StoreError> {
/// use std::time::Duration;
///
/// use session_runtime::{
///     Timestamp,
///     error::StoreError,
///     limits,
///     revocation::{Beginning, Cursor, DigestKey, Keep, NewEntry, Position, RevocationStore, Target},
///     testing::{ManualClock, SharedRevocations},
/// };
///
/// let clock = ManualClock::at(Timestamp::from_unix(1_893_456_000));
/// let here = SharedRevocations::new(clock);
/// let there = here.clone();
/// assert!(matches!(here.read(&Cursor::START).await, Err(StoreError::Lost { .. })));
///
/// let digests = DigestKey::from_bytes([7; 16]);
/// let beginning = Beginning::new(Position::ZERO, limits::MAX_TTL, digests, Duration::from_secs(30), "first life");
/// here.begin(&beginning).await?;
/// let entry = NewEntry::new(Target::subject(Some("https://id.example"), "ada"), Keep::Horizon);
/// let appended = here.append(&entry, Timestamp::from_unix(1_893_456_000)).await?;
/// assert_eq!(there.read(&Cursor::START).await?.entries, [appended]);
///
/// here.lose_last(1); // as a failover to a copy that is behind
/// assert!(matches!(there.read(&Cursor::START).await, Err(StoreError::Lost { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SharedRevocations(Arc<Server>);

struct Server {
    clock: Arc<dyn Clock>,
    log: Mutex<Log>,
    changed: Notify,
}

impl SharedRevocations {
    /// A log that nobody has begun, on a server of this clock.
    pub fn new(clock: impl Clock) -> Self {
        Self(Arc::new(Server { clock: Arc::new(clock), log: Mutex::new(Log::unbegun()), changed: Notify::new() }))
    }

    /// Keeps the newest `entries` in their order; unless told, all. A reader who has read less gets the whole log ([`Batch::whole`]).
    pub fn keep_in_order(&self, entries: usize) {
        self.with(|log| log.keep_in_order(entries));
    }

    /// Answers with at most `entries` at a time, and one at least; 4096 unless told.
    pub fn pages_of(&self, entries: usize) {
        self.with(|log| log.page = entries.max(1));
    }

    /// Sets the clock that [`Batch::now`] shows ahead by `seconds`, or back. The log is begun by that clock too.
    pub fn skew(&self, seconds: i64) {
        self.with(|log| log.skew = seconds);
    }

    /// Loses all data, as a server that is started on an empty disk.
    pub fn lose_everything(&self) {
        self.with(Log::lose_everything);
    }

    /// Loses the last `entries` that were written, as a failover to a copy that is behind. What they had replaced is back.
    pub fn lose_last(&self, entries: usize) {
        self.with(|log| log.lose_last(entries));
    }

    /// Loses nothing, and cannot know: the log is [`Lost`](StoreError::Lost) until it is begun again.
    pub fn restart(&self) {
        self.with(|log| log.lost = true);
    }

    /// Forgets the order of all but the newest `entries`, once. The entries stay.
    pub fn trim(&self, entries: usize) {
        self.with(|log| log.trim(entries));
    }

    /// How many entries stand in the log.
    pub fn len(&self) -> usize {
        self.with(|log| log.len())
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Log) -> T) -> T {
        // What changes the log cannot panic half way, so a panic elsewhere does not spoil it.
        ask(&mut self.0.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the log if it is not lost, and tells those who wait for news.
    fn change<T>(&self, change: impl FnOnce(&mut Log) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let changed = self.with(|log| if log.lost { Err(StoreError::Lost { store: NAME }) } else { change(log) });
        self.0.changed.notify_waiters();
        changed
    }

    /// The server's time of day.
    fn wall(&self, skew: i64) -> Timestamp {
        Timestamp::from_unix(self.0.clock.wall().as_unix().saturating_add(skew))
    }
}

impl fmt::Debug for SharedRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRevocations").field("entries", &self.len()).finish_non_exhaustive()
    }
}

impl RevocationStore for SharedRevocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            let boot = self.0.clock.boot();
            self.with(|log| {
                let batch = log.read(cursor, boot).ok_or(StoreError::Lost { store: NAME })?;
                Ok(batch.with_now(self.wall(log.skew)))
            })
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move { self.change(|log| log.append(entry, now)) })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move {
            self.change(|log| {
                log.horizon = log.horizon.max(life);
                Ok(log.horizon)
            })
        })
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move { self.change(|log| Ok(log.prune(now))) })
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let boot = self.0.clock.boot();
            let begun = self.with(|log| log.begin(beginning, self.wall(log.skew), boot));
            self.0.changed.notify_waiters();
            begun
        })
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.change(|log| log.restore(entries)) })
    }

    fn woken(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.0.changed.notified())
    }
}

#[cfg(test)]
mod tests;
