//! Where the log is kept: the trait [`RevocationStore`] and its implementations.

mod batch;
#[cfg(test)]
pub(crate) mod contract;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{fmt, time::Duration};

use super::entry::{Entry, NewEntry};
use crate::{error::StoreError, future::BoxFuture, time::Timestamp};

pub use batch::{Batch, Beginning, Cursor, Life};
pub use memory::MemoryRevocations;
#[cfg(feature = "postgres")]
pub use postgres::PostgresRevocations;
#[cfg(feature = "redis")]
pub use redis::RedisRevocations;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteRevocations;

/// A log of revocations that outlives [`Revocations`](crate::Revocations), which is the only one to call it.
///
/// # What an implementation promises
/// * **Durability**: [`append`](Self::append) returns `Ok` when the entry survives whatever the store says that it survives, and not
///   before. When it cannot tell, because a reply is missing, it returns [`StoreError::Unknown`].
/// * **Order**: a position is never given twice and is above everything that [`read`](Self::read) had called complete when the
///   `append` began, also after entries were pruned and after a restart. A log that is created anew starts at
///   [`Position::of_new_log`](super::Position::of_new_log), above the one that it replaces.
/// * **Honesty**: what cannot be read or understood is [`StoreError::Unreadable`]. An entry is never skipped and a failure is never an
///   empty answer. An answer comes from where entries are written, never from a copy that may be behind.
/// * **Memory, or the truth about it**: a store that can lose what it acknowledged (a restart without its data, a failover) notices that
///   it may have, and answers [`StoreError::Lost`] until somebody has [begun the log again](Self::begin).
/// * **An end**: every call returns in bounded time. A store behind a network sets a deadline of its own.
///
/// Entries of one target may be collapsed into one of the newest position and the latest `not_after`. It keeps whoever logs
/// himself out again and again from filling the store. Dropping a future may leave the call done or not done.
///
/// Do not implement it for shared pointers: a store that says it is authoritative must be handed over, not lent.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), session_runtime::error::StoreError> {
/// use session_runtime::{
///     Timestamp,
///     revocation::{Cursor, Keep, MemoryRevocations, NewEntry, RevocationStore, Target},
/// };
///
/// let store = MemoryRevocations::new()?;
/// let entry = NewEntry::new(Target::subject(Some("https://id.example"), "ada"), Keep::Horizon);
/// let appended = store.append(&entry, Timestamp::from_unix(1_893_456_000)).await?;
///
/// let batch = store.read(&Cursor::START).await?;
/// assert_eq!(batch.entries, [appended]);
/// # Ok(())
/// # }
/// ```
pub trait RevocationStore: fmt::Debug + Send + Sync + 'static {
    /// What this store is called in errors and events.
    fn name(&self) -> &'static str;

    /// Whether this value is the only way into the log, so that whoever holds it knows of every entry without asking.
    ///
    /// The local set of an authoritative store is never old. Everybody else has to [`read`](Self::read) again and again.
    fn is_authoritative(&self) -> bool;

    /// Entries after `cursor`, in any order; [`Cursor::START`] reads from the start. More than these may be returned, less may not.
    ///
    /// A store that cannot go on at `cursor`, because it keeps only the newest entries in their order, answers with everything that it
    /// has ([`Batch::whole`]). What does not fit into one answer is read on at [`Batch::more`].
    ///
    /// # Errors
    /// [`StoreError::Unreadable`], for the whole batch. [`StoreError::Lost`] when there is no log, or when what it acknowledged may be missing
    /// and nobody has begun it again since.
    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>>;

    /// Writes an entry and returns it as it stands in the log. `now` is the time of day, for [`Keep::not_after`](super::Keep).
    ///
    /// # Errors
    /// [`StoreError::NotApplied`] when nothing was written, [`StoreError::Unknown`] when it may have been. [`StoreError::Lost`] as
    /// [`read`](Self::read); nothing was written then.
    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>>;

    /// Says that tokens may live as long as `life` ([`Duration::MAX`]: for ever), and returns the longest life ever said.
    ///
    /// It never becomes less, and a new log starts with at least [`limits::MAX_TTL`](crate::limits::MAX_TTL).
    ///
    /// # Errors
    /// As [`append`](Self::append).
    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>>;

    /// Removes entries whose `not_after` is before `now`, and returns how many. Positions are not given again.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Begins the log again after it said [`StoreError::Lost`], or when its positions do not lie above those that somebody knows. What is
    /// still there stays.
    ///
    /// After `Ok` the log has a life of its own: a random epoch, that begins above [`Beginning::above`] and above every position that it has,
    /// and of which [`Batch::life`] tells for how long nodes that know nothing from before must wait. Whoever comes second finds the
    /// first one's life and changes nothing, unless it does not begin above `above`.
    ///
    /// A store that nobody else writes to, and that keeps what it acknowledged, needs none of this.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        let _ = beginning;
        let store = self.name();
        Box::pin(async move { Err(StoreError::NotApplied { store, reason: "it cannot be begun again".to_owned() }) })
    }

    /// Writes entries that it had lost, as somebody knows them: with their `not_after` and `covers_below`, at new positions. Of what is there
    /// already, the later `not_after` and the higher `covers_below` stay. All of them, or an error.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        let _ = entries;
        let store = self.name();
        Box::pin(async move { Err(StoreError::NotApplied { store, reason: "it takes back no entries".to_owned() }) })
    }

    /// Ends when there may be something new to read. It is a hint: nothing depends on it, and it may come late, twice, without a cause or
    /// never.
    fn woken(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}
