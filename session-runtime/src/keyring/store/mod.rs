//! Where rings are kept: the [`KeyStore`] trait and its implementations.

use std::fmt;

use super::record::StoredRing;
use crate::{error::StoreError, future::BoxFuture};

mod file;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use file::FileKeys;
pub use memory::MemoryKeys;
#[cfg(feature = "postgres")]
pub use postgres::PostgresKeys;
#[cfg(feature = "redis")]
pub use redis::RedisKeys;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteKeys;

/// How many processes may write to one ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Writers {
    /// One, whose changes take effect at once.
    One,
    /// Any number, each of which learns of the others' changes when it refreshes.
    Many,
}

/// Keeps rings for [`KeyRing`](crate::KeyRing). One primitive decides every race: replace a ring *if nobody else has*.
///
/// # Contract
/// - `load` answers `Ok(None)` only after a successful, consistent read that shows that there is no such ring. A timeout, a
///   partial read or an unknown record is [`StoreError::Unreadable`]: a ring that cannot be read is never an empty ring,
///   because an empty ring gets a new key.
/// - `replace` writes if, and only if, the stored version is `expected` (`None`: there is no such ring), in one atomic
///   step, and answers [`StoreError::Conflict`] otherwise. An upsert would let two writers both win.
/// - After `Ok`, the ring is durable.
pub trait KeyStore: fmt::Debug + Send + Sync + 'static {
    /// How many processes may write to one ring. A ring of [`Writers::Many`] publishes its keys before they sign, see
    /// [`Timing`](super::Timing).
    fn writers(&self) -> Writers {
        Writers::Many
    }

    /// Reads one ring in one format.
    ///
    /// # Errors
    /// [`StoreError`] as in the contract.
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>>;

    /// Replaces one ring, if its version is still `expected`.
    ///
    /// # Errors
    /// [`StoreError`] as in the contract.
    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}
