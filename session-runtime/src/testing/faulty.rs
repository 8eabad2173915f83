//! A store that fails on command, for tests of what happens then.

use std::{
    future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::ManualClock;
use crate::{
    error::StoreError,
    future::BoxFuture,
    revocation::{Batch, Beginning, Cursor, Entry, NewEntry, RevocationStore},
    time::Timestamp,
};

const NAME: &str = "the faulty revocation log";

/// What happens to writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WriteFault {
    /// They succeed.
    #[default]
    None,
    /// They fail, and nothing was written.
    NotApplied,
    /// Their outcome is not known, and nothing was written: the request was lost.
    LostRequest,
    /// Their outcome is not known, and they were written: the reply was lost.
    LostReply,
    /// They never return, and nothing was written. The caller has to give up.
    Hang,
    /// They were written, and the reply waits until another fault is set.
    LateReply,
}

/// A store around another one that fails when it is told to. Clones share the log and the faults.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), session_runtime::error::StoreError> {
/// use session_runtime::{
///     Revocations,
///     revocation::MemoryRevocations,
///     testing::{FaultyRevocations, WriteFault},
/// };
///
/// let store = FaultyRevocations::new(MemoryRevocations::new()?);
/// let revocations = Revocations::open(store.clone()).await?;
/// store.fail_writes(WriteFault::LostReply);
/// assert!(revocations.revoke_all().await.is_err());
/// assert_eq!(revocations.pending(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FaultyRevocations<S> {
    shared: Arc<Shared<S>>,
    is_authoritative: bool,
}

#[derive(Debug)]
struct Shared<S> {
    store: S,
    faults: Mutex<Faults>,
    /// Told when the fault of writes changes.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Faults {
    reads: bool,
    writes: WriteFault,
    slow_reads: Option<(ManualClock, Duration)>,
}

impl<S: RevocationStore> FaultyRevocations<S> {
    /// A store that is as authoritative as `store`. Open it once; clones are for giving commands.
    pub fn new(store: S) -> Self {
        let is_authoritative = store.is_authoritative();
        Self { shared: Arc::new(Shared { store, faults: Mutex::default(), changed: Notify::new() }), is_authoritative }
    }

    /// A store like one behind a network: it is not authoritative, and each clone may be opened by another node.
    pub fn shared(store: S) -> Self {
        Self { is_authoritative: false, ..Self::new(store) }
    }

    /// Makes reads fail, or succeed again.
    pub fn fail_reads(&self, fail: bool) {
        self.set(|faults| faults.reads = fail);
    }

    /// Makes writes fail, or succeed again.
    pub fn fail_writes(&self, fault: WriteFault) {
        self.set(|faults| faults.writes = fault);
        self.shared.changed.notify_waiters();
    }

    /// Makes every read take `time` on `clock`: the answer is of the beginning and arrives at the end.
    pub fn slow_reads(&self, clock: ManualClock, time: Duration) {
        self.set(|faults| faults.slow_reads = Some((clock, time)));
    }

    fn set<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        change(&mut self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs a write through the fault that is set.
    async fn write<T>(&self, write: BoxFuture<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
        let unknown = || StoreError::Unknown { store: NAME, reason: "as told".to_owned() };
        match self.set(|faults| faults.writes) {
            WriteFault::None => write.await,
            WriteFault::NotApplied => Err(StoreError::NotApplied { store: NAME, reason: "as told".to_owned() }),
            WriteFault::LostRequest => Err(unknown()),
            WriteFault::LostReply => write.await.and_then(|_| Err(unknown())),
            WriteFault::Hang => future::pending().await,
            WriteFault::LateReply => {
                let written = write.await;
                self.shared.changed.notified().await;
                written
            }
        }
    }
}

impl<S> Clone for FaultyRevocations<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), is_authoritative: self.is_authoritative }
    }
}

impl<S: RevocationStore> RevocationStore for FaultyRevocations<S> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        self.is_authoritative
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            if self.set(|faults| faults.reads) {
                return Err(StoreError::Unreadable { store: NAME, reason: "as told".to_owned() });
            }
            let batch = self.shared.store.read(cursor).await;
            if let Some((clock, time)) = self.set(|faults| faults.slow_reads.clone()) {
                clock.advance(time);
            }
            batch
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(self.write(self.shared.store.append(entry, now)))
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(self.write(self.shared.store.raise_horizon(life)))
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.write(self.shared.store.prune(now)))
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write(self.shared.store.begin(beginning)))
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write(self.shared.store.restore(entries)))
    }

    fn woken(&self) -> BoxFuture<'_, ()> {
        self.shared.store.woken()
    }
}
