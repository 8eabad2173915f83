//! How a ring comes to be: its settings, and the three ways to its first key.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use super::{
    import::Key,
    record::StoredRing,
    ring::{KeyRing, check_max_ttl},
    source::{RingKey, Snapshot, Source},
    state::{KeyTimes, Rules},
    store::{KeyStore, MemoryKeys},
    stored,
    timing::Timing,
    wrap::{KeyWrap, PlaintextKeys},
    writer::Writer,
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
    timing: Option<Timing>,
    rotating: bool,
    clock: Arc<dyn Clock>,
    format: PhantomData<fn() -> F>,
}

impl<F: Format> KeyRingBuilder<F> {
    pub(super) fn new() -> Self {
        Self { name: "main".to_owned(), max_ttl: None, timing: None, rotating: true, clock: Arc::new(SystemClock), format: PhantomData }
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

    /// When keys begin, end and are known everywhere. Unless it is set, [`Timing::FLEET`] for a store that several processes write to, and
    /// [`Timing::SINGLE`] for memory and files.
    ///
    /// A stored ring keeps what it was made with, and opening it with other times is an error.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = Some(timing);
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
        let rules = self.rules(Timing::of(store.writers()))?;
        let asked_at = self.clock.boot();
        let mut created = 0;
        let stored = match store.load(&self.name, F::NAME).await? {
            Some(stored) => stored,
            None => {
                let now = self.clock.wall();
                let times = if self.rotating { KeyTimes::scheduled(now, now, &rules) } else { KeyTimes::starting(now) };
                let first = RingKey::new(Key::<F>::generate()?, 1, times, true);
                let stored = stored::form(&Snapshot { keys: vec![first], rules, version: 1 }, &self.name, &wrap).await?;
                match store.replace(&self.name, F::NAME, None, stored.clone()).await {
                    Ok(()) => {
                        created = 1;
                        stored
                    }
                    // Another process was first, and its key is the ring's: exactly one key results.
                    Err(StoreError::Conflict { .. }) => store.load(&self.name, F::NAME).await?.ok_or_else(stored::vanished)?,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        let found = stored.rules();
        if self.max_ttl.is_some() && found.max_ttl != rules.max_ttl {
            let rule = "the stored ring was made with another one; `set_max_ttl` raises it";
            return Err(KeyError::OutOfBounds { setting: "max_ttl", found: rules.max_ttl, rule });
        }
        if let (Some(wanted), true) = (self.timing, self.timing != Some(found.timing)) {
            let (rule, wanted, stored) = wanted.difference(&found.timing);
            return Err(KeyError::Timing { rule, found: wanted, bound: stored });
        }
        let snapshot = stored::prepare(&stored, &self.name, &wrap, None, false).await?;
        let writer = Writer::new(store, wrap);
        let source = Source::new(self.name, self.rotating, self.clock, snapshot);
        let source = source.out_of_date_after(found.timing.max_stale, asked_at);
        source.series().changed(created, 0);
        source.series().read(true, source.known());
        source.look_for_siblings(&*writer.store).await;
        Ok(KeyRing::assemble(source, writer))
    }

    fn in_memory(self, key: Key<F>, generated: bool) -> Result<KeyRing<F>, KeyError> {
        let rules = self.rules(Timing::SINGLE)?;
        let now = self.clock.wall();
        let times = if generated && self.rotating { KeyTimes::scheduled(now, now, &rules) } else { KeyTimes::starting(now) };
        let snapshot = Snapshot { keys: vec![RingKey::new(key, 1, times, generated)], rules, version: 1 };
        // The store only decides versions here; keys are prepared already, so their stored form is made by the first change.
        let Rules { timing, max_ttl } = rules;
        let placeholder = StoredRing { version: 1, max_ttl: max_ttl.as_secs(), timing, keys: Vec::new() };
        let store = MemoryKeys::holding(&self.name, F::NAME, placeholder);
        let writer = Writer::new(store, PlaintextKeys);
        let source = Source::new(self.name, self.rotating, self.clock, snapshot);
        source.series().changed(usize::from(generated), 0);
        source.series().known(source.known());
        Ok(KeyRing::assemble(source, writer))
    }

    /// What the ring is made with, where it is not there yet.
    fn rules(&self, usual: Timing) -> Result<Rules, KeyError> {
        let timing = self.timing.unwrap_or(usual);
        timing.check()?;
        Ok(Rules { timing, max_ttl: check_max_ttl(self.max_ttl.unwrap_or(limits::MAX_TTL))? })
    }
}

impl<F: Format> fmt::Debug for KeyRingBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRingBuilder").field("name", &self.name).field("format", &F::NAME).finish_non_exhaustive()
    }
}
