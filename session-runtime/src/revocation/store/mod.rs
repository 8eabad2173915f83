//! Where the log is kept: the trait [`RevocationStore`] and its implementations.

#[cfg(test)]
pub(crate) mod contract;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{fmt, time::Duration};

use super::entry::{Entry, NewEntry, Position};
use crate::{error::StoreError, future::BoxFuture, time::Timestamp};

pub use memory::MemoryRevocations;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteRevocations;

/// A log of revocations that outlives [`Revocations`](crate::Revocations), which is the only one to call it.
///
/// # What an implementation promises
/// * **Durability**: [`append`](Self::append) returns `Ok` when the entry survives whatever the store says that it survives, and not
///   before. When it cannot tell, because a reply is missing, it returns [`StoreError::Unknown`].
/// * **Order**: a position is never given twice and is above everything that [`read`](Self::read) had called complete when the
///   `append` began, also after entries were pruned and after a restart. A log that is created anew starts at
///   [`Position::of_new_log`], above the one that it replaces.
/// * **Honesty**: what cannot be read or understood is [`StoreError::Unreadable`]. An entry is never skipped and a failure is never an
///   empty answer.
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
///     revocation::{Keep, MemoryRevocations, NewEntry, Position, RevocationStore, Target},
/// };
///
/// let store = MemoryRevocations::new()?;
/// let entry = NewEntry::new(Target::subject(Some("https://id.example"), "ada"), Keep::Horizon);
/// let appended = store.append(&entry, Timestamp::from_unix(1_893_456_000)).await?;
///
/// let batch = store.read(Position::ZERO).await?;
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

    /// Entries after `since`, in any order; [`Position::ZERO`] reads from the start. More than these may be returned, less may not.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`], for the whole batch.
    fn read(&self, since: Position) -> BoxFuture<'_, Result<Batch, StoreError>>;

    /// Writes an entry and returns it as it stands in the log. `now` is the time of day, for [`Keep::not_after`](super::Keep).
    ///
    /// # Errors
    /// [`StoreError::NotApplied`] when nothing was written, [`StoreError::Unknown`] when it may have been.
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
}

/// What a store answers to a read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// Which life of the log this is: random, made when the log is created, and another one when its data was lost.
    pub epoch: Box<str>,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Together with what was read before, `entries` are all there are up to here. Some may stand above it, where a store numbers
    /// entries before it commits them.
    pub complete_to: Position,
    /// Whether the log held more than fitted when it was asked; the next read goes on at `complete_to`.
    pub more: bool,
    /// The longest life of a token, as in [`RevocationStore::raise_horizon`].
    pub horizon: Duration,
}

impl Batch {
    /// An answer that goes up to the end of the log.
    pub fn new(epoch: impl Into<Box<str>>, entries: Vec<Entry>, complete_to: Position, horizon: Duration) -> Self {
        Self { epoch: epoch.into(), entries, complete_to, more: false, horizon }
    }

    /// Says that there is more to read.
    #[must_use]
    pub fn with_more(mut self, more: bool) -> Self {
        self.more = more;
        self
    }
}
