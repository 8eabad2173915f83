//! Rings that live and die with the process.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{BoxFuture, KeyStore, StoredRing, Writers};
use crate::error::StoreError;

/// Keeps rings in memory. **One process only**: another process has other keys, and a restart loses them with every session.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<BTreeMap<(String, String), StoredRing>>);

impl MemoryKeys {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn holding(ring: &str, format: &str, stored: StoredRing) -> Self {
        Self(Mutex::new(BTreeMap::from([((ring.to_owned(), format.to_owned()), stored)])))
    }
}

impl KeyStore for MemoryKeys {
    fn writers(&self) -> Writers {
        Writers::One
    }

    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            // A panic elsewhere cannot leave a half-written ring: every change below is one insert.
            let rings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(rings.get(&(ring.to_owned(), format.to_owned())).cloned())
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
            let mut rings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let place = (ring.to_owned(), format.to_owned());
            if rings.get(&place).map(|stored| stored.version) != expected {
                return Err(StoreError::Conflict { store: "the key store in memory" });
            }
            rings.insert(place, new);
            Ok(())
        })
    }
}
