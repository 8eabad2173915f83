//! A log in memory, for one process and its tests.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Batch, BoxFuture, RevocationStore};
use crate::{
    error::StoreError,
    limits,
    revocation::{
        entry::{Entry, NewEntry, Position, Target},
        random,
    },
    time::{Clock, SystemClock, Timestamp},
};

const NAME: &str = "the revocation log in memory";

/// A log that ends with its process. **One node only.**
///
/// It is right for tests and for tools. A service that restarts while its tokens live accepts every revoked token again; a service of
/// two nodes accepts on one what was revoked on the other. It cannot be cloned or shared, so that nobody takes it for a store that
/// can; it grows until [`Revocations::prune`](crate::Revocations::prune) is called.
pub struct MemoryRevocations(Mutex<Log>);

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
        Ok(Self(Mutex::new(Log {
            epoch: random::epoch()?,
            head: Position::of_new_log(SystemClock.wall()),
            horizon: limits::MAX_TTL,
            entries: HashMap::new(),
        })))
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // No code that holds the lock can leave the log half changed, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn read(&self, since: Position) -> BoxFuture<'_, Result<Batch, StoreError>> {
        Box::pin(async move {
            let log = self.log();
            let entries = log.entries.values().filter(|entry| entry.position > since).cloned().collect();
            Ok(Batch::new(log.epoch.clone(), entries, log.head, log.horizon))
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            let mut log = self.log();
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
    use crate::revocation::store::contract;

    #[tokio::test]
    async fn keeps_the_contract() {
        contract::check(&MemoryRevocations::new().unwrap()).await;
    }
}
