//! How a ring is changed and read again: the store first, then what issuers and verifiers see.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::{
    import::Key,
    keeper::{Bell, Place},
    record::StoredRing,
    ring::KeyRing,
    schedule::{self, Due, next_change},
    source::{RingKey, Snapshot},
    state::Rules,
    store::KeyStore,
    stored,
    wrap::KeyWrap,
};
use crate::{
    error::{KeyError, StoreError},
    format::Format,
    ids::KeyId,
    time::Timestamp,
};

/// How often a change that somebody else was faster with is made again on what they left.
const TRIES: usize = 16;

/// What changes a ring.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Box<dyn KeyStore>,
    pub(super) wrap: Box<dyn KeyWrap>,
    /// The version that was last loaded or written. One change at a time; other processes are kept out by the store.
    pub(super) version: Mutex<u64>,
    pub(super) keeper: Place,
    pub(super) bell: Arc<Bell>,
}

impl Writer {
    pub(super) fn new(store: impl KeyStore, wrap: impl KeyWrap, version: u64) -> Self {
        let (keeper, bell) = (Place::default(), Arc::default());
        Self { store: Box::new(store), wrap: Box::new(wrap), version: Mutex::new(version), keeper, bell }
    }
}

/// What looking after a ring did, see [`KeyRing::maintain`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Maintained {
    /// Keys that were made.
    pub created: Vec<KeyId>,
    /// Keys whose private half was destroyed.
    pub destroyed: Vec<KeyId>,
    /// Keys whose record was removed.
    pub pruned: Vec<KeyId>,
    /// When something will be due next; `None` when nothing ever will.
    pub next_due: Option<Timestamp>,
}

impl<F: Format> KeyRing<F> {
    /// Reads the ring from its store again, to see what another process did.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read, or was put back to an older state, which could bring a compromised key back to life;
    /// the keys then stay as they were, and [`health`](Self::health) says so.
    pub async fn reload(&self) -> Result<(), KeyError> {
        let mut version = self.writer.version.lock().await;
        self.reload_as(&mut version).await
    }

    async fn reload_as(&self, version: &mut u64) -> Result<(), KeyError> {
        // Before the store is asked, so that the keys are never held for younger than they are.
        let (asked_at, wall) = (self.source.clock.boot(), self.source.clock.wall());
        let read = self.read(version).await;
        match &read {
            Ok(snapshot) => self.source.read_well(asked_at, snapshot.is_some()),
            Err(error) => self.source.read_badly(wall, error),
        }
        if let Some((snapshot, found)) = read? {
            self.source.publish(snapshot);
            *version = found;
        }
        Ok(())
    }

    /// What is in the store, prepared; `None` when it is what is known already.
    async fn read(&self, version: &u64) -> Result<Option<(Snapshot<F>, u64)>, KeyError> {
        let stored = self.writer.store.load(&self.source.name, F::NAME).await?;
        // A ring that was there and is not is no empty ring: somebody swapped or emptied the store.
        let stored = stored.ok_or_else(stored::vanished)?;
        // Every change raises the version.
        if stored.version < *version {
            return Err(stored::went_back());
        }
        let same = stored.version == *version;
        let before = self.source.load();
        // The store of a ring in memory holds nothing to read before the first change.
        if same && (stored.keys.is_empty() || stored::is_known(&stored, &before)) {
            return Ok(None);
        }
        let snapshot = stored::prepare(&stored, &self.source.name, &*self.writer.wrap, Some(&before), same).await?;
        Ok(Some((snapshot, stored.version)))
    }

    /// Looks after the ring: reads it again, and does what is due. The successor of a key that signs is made, private halves that are of no
    /// more use are destroyed, and records that say nothing to anybody are removed.
    ///
    /// [`keep`](Self::keep) calls it in the background; a program without a runtime of its own calls it again and again, at the
    /// latest when the ring's [`Timing::refresh`](super::Timing) is over, or when something is due next.
    ///
    /// It may be called on every node at once: the store decides whose change counts, and exactly one key results.
    ///
    /// # Errors
    /// [`KeyError::Store`] when the store cannot be read or written; keys are only ever made after it was read well.
    pub async fn maintain(&self) -> Result<Maintained, KeyError> {
        let mut done = Maintained::default();
        self.reload().await?;
        for _ in 0..TRIES {
            let now = self.source.clock.wall();
            let due = {
                let snapshot = self.source.load();
                if self.source.rotating { schedule::due(&snapshot.keys, F::SYMMETRIC, &snapshot.rules, now) } else { Due::default() }
            };
            if due.is_empty() {
                let snapshot = self.source.load();
                done.next_due = next_change(&snapshot.keys, F::SYMMETRIC, &snapshot.rules, now);
                return Ok(done);
            }
            let fresh = match due.create {
                Some((epoch, times)) => Some(RingKey::new(Key::<F>::generate()?, epoch, times, true)),
                None => None,
            };
            let created = fresh.as_ref().and_then(|key| key.id.clone());
            let (mut destroyed, mut pruned) = (Vec::new(), Vec::new());
            let changed = self.change(|keys, _| {
                for key in keys.iter_mut() {
                    if due.destroy.contains(&key.epoch) {
                        key.destroy();
                        destroyed.extend(key.id.clone());
                    }
                    if due.prune.contains(&key.epoch) {
                        pruned.extend(key.id.clone());
                    }
                }
                keys.retain(|key| !due.prune.contains(&key.epoch));
                keys.extend(fresh);
                Ok(())
            });
            match changed.await {
                Ok(()) => {
                    done.created.extend(created);
                    done.destroyed.extend(destroyed);
                    done.pruned.extend(pruned);
                }
                // Somebody else did it, or a part of it.
                Err(KeyError::Store(StoreError::Conflict { .. })) => self.reload().await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict { store: "the key store" }.into())
    }

    /// Makes a change that may be made on whatever another process has left meanwhile.
    pub(super) async fn change_whatever_happens(
        &self,
        change: impl Fn(&mut Vec<RingKey<F>>, &Rules) -> Result<(), KeyError>,
    ) -> Result<(), KeyError> {
        for _ in 0..TRIES {
            match self.change(&change).await {
                Err(KeyError::Store(StoreError::Conflict { .. })) => self.reload().await?,
                done => return done,
            }
        }
        Err(StoreError::Conflict { store: "the key store" }.into())
    }

    /// Changes the keys: the store first, then what issuers and verifiers see.
    pub(super) async fn change(&self, change: impl FnOnce(&mut Vec<RingKey<F>>, &Rules) -> Result<(), KeyError>) -> Result<(), KeyError> {
        self.change_rules(|keys, rules| change(keys, rules)).await
    }

    /// As [`change`](Self::change), for what may change the rules, too.
    pub(super) async fn change_rules(
        &self,
        change: impl FnOnce(&mut Vec<RingKey<F>>, &mut Rules) -> Result<(), KeyError>,
    ) -> Result<(), KeyError> {
        let mut version = self.writer.version.lock().await;
        let (mut keys, mut rules) = {
            let snapshot = self.source.load();
            (snapshot.keys.clone(), snapshot.rules)
        };
        change(&mut keys, &mut rules)?;
        let snapshot = Snapshot { keys, rules };
        let asked_at = self.source.clock.boot();
        let next = version.saturating_add(1);
        let stored: StoredRing = stored::form(&snapshot, next, &self.source.name, &*self.writer.wrap).await?;
        self.writer.store.replace(&self.source.name, F::NAME, Some(*version), stored).await?;
        *version = next;
        self.source.publish(snapshot);
        // Nobody else had changed it, so all of it was known.
        self.source.read_well(asked_at, false);
        Ok(())
    }
}
