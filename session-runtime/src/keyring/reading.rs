//! The public halves of a stored ring, for nodes that only verify: they are read again, and nothing is ever written.

use std::sync::Arc;

use super::{
    health::Health,
    keeper::{Keeper, keep},
    source::{Material, RingKey, Snapshot, Source},
    store::KeyStore,
    stored,
    verifying::PublicKeys,
};
use crate::{
    error::{KeyError, StoreError},
    format::{Asymmetric, Format},
    time::{Clock, SystemClock},
};

impl<F: Asymmetric> PublicKeys<F> {
    /// Reads the public halves of a stored ring. Private halves are not unwrapped, so no key-encryption key is needed.
    ///
    /// What is known of a ring that several processes write to must not be old: [`keep`](Self::keep) it, or [`reload`](Self::reload) it
    /// again and again. Past [`Timing::max_stale`](super::Timing) nothing is verified with it.
    ///
    /// # Errors
    /// [`KeyError::Store`] when the store cannot be read or holds no such ring.
    pub async fn open(store: &dyn KeyStore, ring: &str) -> Result<Self, KeyError> {
        Self::open_with(store, ring, SystemClock).await
    }

    /// As [`open`](Self::open), with a clock of one's own, for tests.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(store: &dyn KeyStore, ring: &str, clock: impl Clock) -> Result<Self, KeyError> {
        let asked_at = clock.boot();
        let missing = || StoreError::Unreadable { store: "the key store", reason: "there is no such ring".to_owned() };
        let snapshot = load::<F>(store, ring).await?.ok_or_else(missing)?;
        let max_stale = snapshot.rules.timing.max_stale;
        let source = Source::new(ring.to_owned(), true, Arc::new(clock), snapshot).out_of_date_after(max_stale, asked_at);
        source.series().read(true, source.known());
        source.look_for_siblings(store).await;
        Ok(Self(Arc::new(source)))
    }

    /// Reads a ring that was opened from a store again, to see what its owners did.
    ///
    /// # Errors
    /// [`KeyError::Store`] when the store cannot be read, or was put back to an older state; the keys then stay as they were, and
    /// [`health`](Self::health) says so.
    pub async fn reload(&self, store: &dyn KeyStore) -> Result<(), KeyError> {
        let source = &self.0;
        // What is known before the store is asked: another reading may end first, and what is older than that one's is no store that went back.
        let (asked_at, now, known) = (source.clock.boot(), source.clock.wall(), source.load().version);
        let read = async {
            let read = load::<F>(store, &source.name).await?.ok_or_else(stored::vanished)?;
            if read.version < known { Err(stored::went_back()) } else { Ok(read) }
        };
        match read.await {
            Ok(snapshot) => {
                let news = snapshot.version != known;
                source.publish_unless_older(snapshot);
                source.read_well(asked_at, news);
                source.look_for_siblings(store).await;
                Ok(())
            }
            Err(error) => {
                source.read_badly(now, &error);
                Err(error)
            }
        }
    }

    /// Reads the ring again and again in a task of the present tokio runtime, until the last [`Keeper`] is dropped, as
    /// [`KeyRing::keep`](crate::KeyRing::keep) does for those who sign.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn keep(&self, store: impl KeyStore) -> Keeper {
        let (keys, store) = (self.clone(), Arc::new(store));
        keep(&self.0, move || {
            let (keys, store) = (keys.clone(), Arc::clone(&store));
            Box::pin(async move { keys.reload(&*store).await.map(|()| None) })
        })
    }

    /// How well this node knows the keys: what a readiness probe asks.
    pub fn health(&self) -> Health {
        self.0.health()
    }
}

/// `None` when there is no such ring.
async fn load<F: Format>(store: &dyn KeyStore, ring: &str) -> Result<Option<Snapshot<F>>, KeyError> {
    let Some(stored) = store.load(ring, F::NAME).await? else { return Ok(None) };
    let mut keys: Vec<RingKey<F>> = Vec::with_capacity(stored.keys.len());
    for record in &stored.keys {
        let id = record.id()?;
        if keys.iter().any(|key| key.id == id) {
            return Err(id.map_or(KeyError::NotForThisRing("two keys without a key id"), KeyError::DuplicateKeyId));
        }
        let material = Arc::new(Material { sealing: None, opening: stored::public_half::<F>(record)? });
        keys.push(RingKey { id, epoch: record.epoch, times: record.times(), generated: record.generated, material });
    }
    Ok(Some(Snapshot { keys, rules: stored.rules(), version: stored.version }))
}
