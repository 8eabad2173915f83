//! A log in memory, for one process and its tests.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    time::Duration,
};

use super::{Batch, BoxFuture, Cursor, RevocationStore};
use crate::{
    error::StoreError,
    limits,
    revocation::{
        entry::{Entry, NewEntry},
        position::Position,
        random,
        target::Target,
    },
    time::{Clock, SystemClock, Timestamp},
};

const NAME: &str = "the revocation log in memory";
/// Entries of a log that was not told how many.
const MOST: usize = 1_000_000;

/// A log that ends with its process. **One node only.**
///
/// It is right for tests and for tools. A service that restarts while its tokens live accepts every revoked token again; a service of
/// two nodes accepts on one what was revoked on the other. It cannot be cloned or shared, so that nobody takes it for a store that
/// can. The first one of a process says so in a warning.
///
/// It holds a million entries unless it is told otherwise. When it is full it drops what has expired, and what then finds no room is
/// [`StoreError::NotApplied`]: refused by this process at once, and not forgotten silently.
pub struct MemoryRevocations {
    log: Mutex<Log>,
    most: usize,
}

struct Log {
    epoch: Box<str>,
    head: Position,
    horizon: Duration,
    entries: HashMap<Target, Entry>,
}

impl MemoryRevocations {
    /// An empty log.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the system gives no random bytes.
    pub fn new() -> Result<Self, StoreError> {
        Self::with_capacity(MOST)
    }

    /// An empty log of at most `most` entries.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_capacity(most: usize) -> Result<Self, StoreError> {
        static SAID: Once = Once::new();
        SAID.call_once(|| tracing::warn!("revocations are kept in the memory of this process: a restart and other nodes do not know them"));
        let log = Log {
            epoch: random::epoch()?,
            head: Position::of_new_log(SystemClock.wall()),
            horizon: limits::MAX_TTL,
            entries: HashMap::new(),
        };
        Ok(Self { log: Mutex::new(log), most })
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // No code that holds the lock can leave the log half changed, so a panic elsewhere does not spoil it.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRevocations").field("entries", &self.log().entries.len()).finish_non_exhaustive()
    }
}

impl RevocationStore for MemoryRevocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            let log = self.log();
            let entries = log.entries.values().filter(|entry| entry.position > cursor.position()).cloned().collect();
            Ok(Batch::new(log.epoch.clone(), entries, log.head, log.horizon))
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            let mut log = self.log();
            if log.entries.len() >= self.most && !log.entries.contains_key(&entry.target) {
                log.entries.retain(|_, entry| entry.not_after >= now);
                if log.entries.len() >= self.most {
                    return Err(StoreError::NotApplied { store: NAME, reason: format!("it is full with {} entries", self.most) });
                }
            }
            let position =
                log.head.next().ok_or_else(|| StoreError::NotApplied { store: NAME, reason: "no position is left".to_owned() })?;
            let known = log.entries.get(&entry.target).map_or(Timestamp::UNIX_EPOCH, |known| known.not_after);
            let not_after = entry.keep.not_after(now, log.horizon).max(known);
            let appended = Entry::new(entry.target.clone(), not_after, position);
            log.entries.insert(entry.target.clone(), appended.clone());
            log.head = position;
            Ok(appended)
        })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move {
            let mut log = self.log();
            log.horizon = log.horizon.max(life);
            Ok(log.horizon)
        })
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut log = self.log();
            let before = log.entries.len();
            log.entries.retain(|_, entry| entry.not_after >= now);
            Ok(u64::try_from(before.saturating_sub(log.entries.len())).unwrap_or(u64::MAX))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revocation::{Keep, store::contract};

    #[tokio::test]
    async fn keeps_the_contract() {
        contract::check(&MemoryRevocations::new().unwrap()).await;
    }

    /// A map that strangers can fill by logging in and out has an end.
    #[tokio::test]
    async fn is_bounded_and_says_when_it_is_full() {
        let store = MemoryRevocations::with_capacity(2).unwrap();
        let until = |seconds| Keep::Until(Timestamp::from_unix(seconds));
        let append = async |name, keep, now| {
            store.append(&NewEntry::new(Target::token(None, name), keep), Timestamp::from_unix(now)).await.map(drop)
        };
        assert_eq!(append("a", until(10), 0).await, Ok(()));
        assert_eq!(append("b", until(20), 0).await, Ok(()));
        let full = StoreError::NotApplied { store: NAME, reason: "it is full with 2 entries".to_owned() };
        assert_eq!(append("c", until(20), 10).await, Err(full), "what is needed at its last moment is kept");
        assert_eq!(append("b", until(30), 10).await, Ok(()), "a known target needs no room");
        assert_eq!(append("c", until(20), 11).await, Ok(()), "what has expired makes room");
    }
}
