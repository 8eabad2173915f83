//! A store of keys or revocations that fails as often as it is told, and lets several nodes share what it holds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use session_runtime::{
    BoxFuture, Timestamp,
    error::StoreError,
    keyring::{KeyStore, MemoryKeys, StoredRing},
    revocation::{Batch, Cursor, Entry, MemoryRevocations, NewEntry, RevocationStore},
    testing::FaultyRevocations,
};

/// A store that fails as often as it is told, and then does what it should.
#[derive(Debug, Clone)]
pub(crate) struct Flaky<S> {
    pub(crate) store: S,
    failures: Arc<AtomicU32>,
    read_only: Arc<AtomicBool>,
}

impl<S> Flaky<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, failures: Arc::default(), read_only: Arc::default() }
    }

    pub(crate) fn fail(&self, times: u32) {
        self.failures.store(times, Ordering::SeqCst);
    }

    pub(crate) fn fail_writes(&self, fail: bool) {
        self.read_only.store(fail, Ordering::SeqCst);
    }

    fn up(&self) -> Result<(), StoreError> {
        let less = |left: u32| left.checked_sub(1);
        match self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
            Ok(_) => Err(StoreError::NotApplied { store: "the flaky store", reason: "as told".to_owned() }),
            Err(_) => Ok(()),
        }
    }
}

pub(crate) const FOR_NOW: u32 = u32::MAX;

impl KeyStore for Flaky<Arc<MemoryKeys>> {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            self.up()?;
            self.store.load(ring, format).await
        })
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.up()?;
            if self.read_only.load(Ordering::SeqCst) {
                return Err(StoreError::NotApplied { store: "the flaky store", reason: "it is read only".to_owned() });
            }
            self.store.replace(ring, format, expected, new).await
        })
    }
}

impl RevocationStore for Flaky<FaultyRevocations<MemoryRevocations>> {
    fn name(&self) -> &'static str {
        "the flaky log"
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        self.store.read(cursor)
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            self.up()?;
            self.store.append(entry, now).await
        })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        self.store.raise_horizon(life)
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.prune(now)
    }
}
