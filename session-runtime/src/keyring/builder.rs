//! How a ring comes to be: its settings, and the three ways to its first key.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use tokio::sync::Mutex;

use super::{
    import::Key,
    record::StoredRing,
    ring::{KeyRing, Writer},
    source::{RingKey, Snapshot, Source},
    store::{KeyStore, MemoryKeys},
    stored,
    wrap::{KeyWrap, PlaintextKeys},
};
use crate::{
    error::{KeyError, StoreError},
    format::Format,
    limits,
    time::{Clock, SystemClock},
};

/// Settings of a ring; see [`KeyRing::builder`].
pub struct KeyRingBuilder<F: Format> {
    name: String,
    max_ttl: Option<Duration>,
    rotating: bool,
    clock: Arc<dyn Clock>,
    format: PhantomData<fn() -> F>,
}

impl<F: Format> KeyRingBuilder<F> {
    pub(super) fn new() -> Self {
        Self { name: "main".to_owned(), max_ttl: None, rotating: true, clock: Arc::new(SystemClock), format: PhantomData }
    }

    /// The ring's name in its store; `main` unless it is set.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The longest life of any token that the ring may sign, 1 second to 10 years; 24 hours unless it is set. A claims type
    /// whose own `max_ttl` is longer cannot be issued from the ring.
    ///
    /// A stored ring keeps the value that it was made with, and opening it with another one is an error.
    #[must_use]
    pub fn max_ttl(mut self, max_ttl: Duration) -> Self {
        self.max_ttl = Some(max_ttl);
        self
    }

    /// Declares that this ring never rotates, which types that never expire need.
    #[must_use]
    pub fn non_rotating(mut self) -> Self {
        self.rotating = false;
        self
    }

    /// The clock of the ring, and of every issuer and verifier that is built on it.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// A ring of one fresh key, in memory.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`], or [`KeyError::OutOfBounds`] for the settings.
    pub fn generate(self) -> Result<KeyRing<F>, KeyError> {
        self.in_memory(Key::generate()?, true)
    }

    /// A ring of one key that was made elsewhere, in memory.
    ///
    /// # Errors
    /// [`KeyError::OutOfBounds`] for the settings.
    pub fn import(self, key: Key<F>) -> Result<KeyRing<F>, KeyError> {
        self.in_memory(key, false)
    }

    /// Opens a stored ring, and makes its first key when the store says that there is no such ring.
    ///
    /// `wrap` is what private halves are wrapped with: a [`LocalKek`](super::LocalKek), a user's own, or [`PlaintextKeys`] by name.
    ///
    /// # Errors
    /// [`KeyError::Store`] when the store cannot be read (which is never taken for an empty ring),
    /// [`KeyError::CannotUnwrap`] with the wrong key-encryption key, [`KeyError::OutOfBounds`] for the settings.
    pub async fn open(self, store: impl KeyStore, wrap: impl KeyWrap) -> Result<KeyRing<F>, KeyError> {
        let max_ttl = self.checked_max_ttl()?;
        let stored = match store.load(&self.name, F::NAME).await? {
            Some(stored) => stored,
            None => {
                let first = RingKey::starting(Key::<F>::generate()?, 1, self.clock.wall(), true);
                let stored = stored::form(&Snapshot { keys: vec![first], max_ttl }, 1, &self.name, &wrap).await?;
                match store.replace(&self.name, F::NAME, None, stored.clone()).await {
                    Ok(()) => stored,
                    // Another process was first, and its key is the ring's: exactly one key results.
                    Err(StoreError::Conflict { .. }) => store.load(&self.name, F::NAME).await?.ok_or_else(stored::vanished)?,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        if self.max_ttl.is_some() && stored.max_ttl() != max_ttl {
            return Err(KeyError::OutOfBounds { setting: "max_ttl", found: max_ttl, rule: "the stored ring was made with another one" });
        }
        let snapshot = stored::prepare(&stored, &self.name, &wrap, None).await?;
        let writer = Writer { store: Box::new(store), wrap: Box::new(wrap), version: Mutex::new(stored.version) };
        let source = Source::new(self.name, self.rotating, self.clock, snapshot);
        Ok(KeyRing::assemble(source, writer))
    }

    fn in_memory(self, key: Key<F>, generated: bool) -> Result<KeyRing<F>, KeyError> {
        let max_ttl = self.checked_max_ttl()?;
        let snapshot = Snapshot { keys: vec![RingKey::starting(key, 1, self.clock.wall(), generated)], max_ttl };
        // The store only decides versions here; keys are prepared already, so their stored form is made by the first change.
        let placeholder = StoredRing { version: 1, max_ttl: max_ttl.as_secs(), keys: Vec::new() };
        let store = MemoryKeys::holding(&self.name, F::NAME, placeholder);
        let writer = Writer { store: Box::new(store), wrap: Box::new(PlaintextKeys), version: Mutex::new(1) };
        let source = Source::new(self.name, self.rotating, self.clock, snapshot);
        Ok(KeyRing::assemble(source, writer))
    }

    fn checked_max_ttl(&self) -> Result<Duration, KeyError> {
        const TEN_YEARS: u64 = 10 * 366 * 24 * 60 * 60;
        let found = self.max_ttl.unwrap_or(limits::MAX_TTL);
        if (1..=TEN_YEARS).contains(&found.as_secs()) {
            Ok(found)
        } else {
            Err(KeyError::OutOfBounds { setting: "max_ttl", found, rule: "1 second to 10 years" })
        }
    }
}

impl<F: Format> fmt::Debug for KeyRingBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRingBuilder").field("name", &self.name).field("format", &F::NAME).finish_non_exhaustive()
    }
}
