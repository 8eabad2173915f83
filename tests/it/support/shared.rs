//! A store that several nodes share, each over a link of its own that can be cut.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use session_runtime::{
    BoxFuture,
    error::StoreError,
    keyring::{KeyStore, MemoryKeys, StoredRing},
};
use tokio::sync::Semaphore;

/// A store that every node reaches, unless it is cut off.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) keys: Arc<MemoryKeys>,
    reached: Arc<AtomicBool>,
    /// How often it was read well.
    pub(crate) reads: Arc<AtomicU64>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self { keys: Arc::new(MemoryKeys::new()), reached: Arc::new(AtomicBool::new(true)), reads: Arc::default() }
    }

    /// The same store over a link of its own.
    pub(crate) fn link(&self) -> Self {
        Self { reached: Arc::new(AtomicBool::new(true)), ..self.clone() }
    }

    pub(crate) fn cut(&self, cut: bool) {
        self.reached.store(!cut, Ordering::SeqCst);
    }

    fn up(&self) -> Result<(), StoreError> {
        let cut = || StoreError::Unreadable { store: "the shared store", reason: "cut off".to_owned() };
        self.reached.load(Ordering::SeqCst).then_some(()).ok_or_else(cut)
    }
}

impl KeyStore for Shared {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            self.up()?;
            self.reads.fetch_add(1, Ordering::SeqCst);
            self.keys.load(ring, format).await
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
            self.keys.replace(ring, format, expected, new).await
        })
    }
}

/// A store whose readers wait until they are let in, and whose writers wait for the answer.
#[derive(Debug, Clone)]
pub(crate) struct Gated {
    pub(crate) keys: Shared,
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) answers: Arc<Semaphore>,
}

impl Gated {
    /// Lets so many readers in, and answers so many writers.
    pub(crate) fn letting(readers: usize, writers: usize) -> Self {
        let [gate, answers] = [readers, writers].map(|permits| Arc::new(Semaphore::new(permits)));
        Self { keys: Shared::new(), gate, answers }
    }
}

impl KeyStore for Gated {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            // Whoever asks for the ring in other formats is of no interest here.
            if format == "EdDSA" {
                self.gate.acquire().await.unwrap().forget();
            }
            self.keys.load(ring, format).await
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
            let done = self.keys.replace(ring, format, expected, new).await;
            self.answers.acquire().await.unwrap().forget();
            done
        })
    }
}
