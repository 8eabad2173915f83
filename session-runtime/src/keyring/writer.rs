//! How a ring is changed and read again: the store first, then what issuers and verifiers see.

use tokio::sync::Mutex;

use super::{
    import::Key,
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
    swap::Guard,
    time::Timestamp,
};

/// How often a change that somebody else was faster with is made again on what they left.
const TRIES: usize = 16;

/// What changes a ring.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Box<dyn KeyStore>,
    pub(super) wrap: Box<dyn KeyWrap>,
    /// One change at a time; other processes are kept out by the store.
    turn: Mutex<()>,
}

impl Writer {
    pub(super) fn new(store: impl KeyStore, wrap: impl KeyWrap) -> Self {
        Self { store: Box::new(store), wrap: Box::new(wrap), turn: Mutex::new(()) }
    }
}

/// Whether a change makes sure that what it writes can be unwrapped again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// With the present key-encryption key, before it is written.
    Checked,
    /// Whoever starts next finds out.
    AsItIs,
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
        let _turn = self.writer.turn.lock().await;
        // Before the store is asked, so that the keys are never held for younger than they are.
        let (asked_at, now) = (self.source.clock.boot(), self.source.clock.wall());
        match self.read().await {
            Ok(news) => {
                let is_news = news.is_some();
                if let Some(snapshot) = news {
                    self.source.publish(snapshot);
                }
                self.source.read_well(asked_at, is_news);
                Ok(())
            }
            Err(error) => {
                self.source.read_badly(now, &error);
                Err(error)
            }
        }
    }

    /// What is in the store, prepared; `None` when it is what is known already.
    async fn read(&self) -> Result<Option<Snapshot<F>>, KeyError> {
        let stored = self.writer.store.load(&self.source.name, F::NAME).await?;
        // A ring that was there and is not is no empty ring: somebody swapped or emptied the store.
        let stored = stored.ok_or_else(stored::vanished)?;
        let before = Guard::into_inner(self.source.load());
        // Every change raises the version.
        if stored.version < before.version {
            return Err(stored::went_back());
        }
        let same = stored.version == before.version;
        // The store of a ring in memory holds nothing to read before the first change.
        if same && (stored.keys.is_empty() || stored::is_known(&stored, &before)) {
            return Ok(None);
        }
        stored::prepare(&stored, &self.source.name, &*self.writer.wrap, Some(&before), same).await.map(Some)
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
                drop(snapshot);
                // Last: a warning must not hold up a key.
                self.source.look_for_siblings(&*self.writer.store).await;
                return Ok(done);
            }
            let fresh = due.create.map(|_| Key::<F>::generate()).transpose()?;
            let (mut created, mut destroyed, mut pruned) = (None, Vec::new(), Vec::new());
            let changed = self.change(|keys, rules| {
                // Decided once more, on the keys that are changed: another task of this process may have rotated since, and a successor that it
                // made must not get a twin of its epoch.
                let due = schedule::due(keys, F::SYMMETRIC, rules, now);
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
                if let (Some((epoch, times)), Some(fresh)) = (due.create, fresh) {
                    let key = RingKey::new(fresh, epoch, times, true);
                    created.clone_from(&key.id);
                    keys.push(key);
                }
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
        self.change_as(Wrapping::AsItIs, change).await
    }

    pub(super) async fn change_as(
        &self,
        wrapping: Wrapping,
        change: impl Fn(&mut Vec<RingKey<F>>, &Rules) -> Result<(), KeyError>,
    ) -> Result<(), KeyError> {
        for _ in 0..TRIES {
            match self.write(wrapping, |keys, rules| change(keys, rules)).await {
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
        self.write(Wrapping::AsItIs, change).await
    }

    async fn write(
        &self,
        wrapping: Wrapping,
        change: impl FnOnce(&mut Vec<RingKey<F>>, &mut Rules) -> Result<(), KeyError>,
    ) -> Result<(), KeyError> {
        let _turn = self.writer.turn.lock().await;
        let asked_at = self.source.clock.boot();
        let before = Guard::into_inner(self.source.load());
        let (mut keys, mut rules, version) = (before.keys.clone(), before.rules, before.version);
        change(&mut keys, &mut rules)?;
        let snapshot = Snapshot { keys, rules, version: version.saturating_add(1) };
        let stored = stored::form(&snapshot, &self.source.name, &*self.writer.wrap).await?;
        if wrapping == Wrapping::Checked {
            stored::check(&stored, &snapshot, &self.source.name, &*self.writer.wrap).await?;
        }
        self.writer.store.replace(&self.source.name, F::NAME, Some(version), stored).await?;
        self.count(&before.keys, &snapshot.keys);
        self.source.publish(snapshot);
        // Nobody else had changed it, so all of it was known.
        self.source.written(asked_at);
        Ok(())
    }

    /// Counts what a change has made of the keys.
    fn count(&self, before: &[RingKey<F>], after: &[RingKey<F>]) {
        let known = |key: &RingKey<F>| before.iter().find(|known| known.epoch == key.epoch);
        let is_new_finding =
            |key: &&RingKey<F>| key.times.compromised_at.is_some() && known(key).is_none_or(|known| known.times.compromised_at.is_none());
        let created = after.iter().filter(|key| known(key).is_none()).count();
        self.source.series().changed(created, after.iter().filter(is_new_finding).count());
    }

    /// Reads the store, and counts the private halves in it, all of which the present key-encryption key opens.
    pub(super) async fn check_stored(&self) -> Result<usize, KeyError> {
        let _turn = self.writer.turn.lock().await;
        let stored = self.writer.store.load(&self.source.name, F::NAME).await?.ok_or_else(stored::vanished)?;
        let known = Guard::into_inner(self.source.load());
        stored::check(&stored, &known, &self.source.name, &*self.writer.wrap).await
    }
}
