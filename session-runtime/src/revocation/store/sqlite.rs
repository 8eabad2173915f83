//! A log in an SQLite file, which one process holds for itself or several share.

mod file;
mod shared;
mod statements;

use std::{fmt, path::Path, time::Duration};

use sqlx::SqliteConnection;
use tokio::sync::Mutex;

use self::{
    file::Users,
    shared::Shared,
    statements::{PRUNED, Trouble},
};
use super::{Batch, Beginning, BoxFuture, Cursor, RevocationStore};
use crate::{
    database::{Fault, sqlite},
    error::StoreError,
    files::private_file,
    revocation::entry::{Entry, NewEntry},
    time::Timestamp,
};

const NAME: &str = "the revocation log in SQLite";
/// Entries that are written back at once, while no other process can revoke.
const CHUNK: usize = 1_000;

/// A log in an SQLite file, for services of one node.
///
/// An entry is on the disk when `append` returns: write-ahead log with `synchronous=FULL`. With `NORMAL`, SQLite's default advice for
/// this mode, a power failure takes back the last commits.
///
/// With [`open`](Self::open) the file is locked for as long as this value lives, so nobody else adds entries and the local set is never old.
/// A second process, or a second value in this one, gets [`StoreError::Held`]. To read the log with another tool, stop the service or copy
/// the file's folder; do not open and close the file in this process by other means, because POSIX then drops SQLite's lock.
///
/// With [`open_shared`](Self::open_shared) the processes of one machine share the file. Each looks every 50 ms whether another one has
/// changed it, and has to read again and again as with a log on a server; a call takes two seconds at most. A file that was replaced is another log, and a new one
/// is [`StoreError::Lost`] until it was [begun](RevocationStore::begin). Not for a file on a network: SQLite's locks do not reach that far.
///
/// The file holds issuers, subjects and token ids in the clear, and is made readable by its owner only (0600). Whoever can write it
/// can undo revocations.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("revocations.db");
/// use session_runtime::{Revocations, revocation::SqliteRevocations};
///
/// let revocations = Revocations::open(SqliteRevocations::open(&path).await?).await?;
/// revocations.revoke_subject_of(Some("https://id.example"), "ada").await?;
/// drop(revocations);
///
/// let restarted = Revocations::open(SqliteRevocations::open(&path).await?).await?;
/// assert_eq!(restarted.len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Example: processes that share the file
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{Revocations, revocation::SqliteRevocations};
///
/// let revocations = Revocations::open(SqliteRevocations::open_shared("/var/lib/orders/revocations.db").await?).await?;
/// # Ok(())
/// # }
/// ```
pub struct SqliteRevocations(Access);

enum Access {
    Alone(Mutex<SqliteConnection>),
    Shared(Shared),
}

impl SqliteRevocations {
    /// Opens the log at `path` for this value alone, and creates it when there is no file. It waits up to a second for a file that is held.
    ///
    /// A service that has run before wants [`open_existing`](Self::open_existing): a lost file is then an error and not an empty log.
    ///
    /// # Errors
    /// * [`StoreError::Held`] when another value or process has it open.
    /// * [`StoreError::NewerVersion`] when a newer version of this library wrote it.
    /// * [`StoreError::Unreadable`] when it is damaged, is no revocation log, or lies where SQLite cannot keep a write-ahead log.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_alone(path.as_ref(), true).await
    }

    /// Opens the log at `path` for this value alone; it has to be there.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`StoreError::Unreadable`] when there is no file.
    pub async fn open_existing(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_alone(path.as_ref(), false).await
    }

    /// Opens the log at `path`, which processes of this machine share, and creates the file when there is none. It begins no log: one that is
    /// not there is [`StoreError::Lost`], because nobody can tell it from one that was there.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`StoreError::Held`] when somebody has it open for himself alone.
    pub async fn open_shared(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_for_many(path.as_ref(), true).await
    }

    /// As [`open_shared`](Self::open_shared); the file has to be there.
    ///
    /// # Errors
    /// As [`open_shared`](Self::open_shared), and [`StoreError::Unreadable`] when there is no file.
    pub async fn open_existing_shared(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_for_many(path.as_ref(), false).await
    }

    async fn open_alone(path: &Path, create: bool) -> Result<Self, StoreError> {
        let path = sqlite::absolute(path).map_err(|error| unreadable(error.to_string()))?;
        make_private(&path, create);
        Ok(Self(Access::Alone(Mutex::new(file::open(&path, Users::One, create).await?))))
    }

    async fn open_for_many(path: &Path, create: bool) -> Result<Self, StoreError> {
        let path = sqlite::absolute(path).map_err(|error| unreadable(error.to_string()))?;
        make_private(&path, create);
        Ok(Self(Access::Shared(Shared::open(path, create).await?)))
    }

    async fn reading<T>(&self, call: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>) -> Result<T, StoreError> {
        match &self.0 {
            Access::Alone(connection) => call(&mut *connection.lock().await).await.map_err(cannot_read),
            Access::Shared(shared) => shared.read(call).await,
        }
    }

    async fn writing<T>(&self, call: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>) -> Result<T, StoreError> {
        match &self.0 {
            Access::Alone(connection) => call(&mut *connection.lock().await).await.map_err(cannot_write),
            Access::Shared(shared) => shared.write(call).await,
        }
    }
}

/// SQLite would make a file that everybody can read, and gives its write-ahead log the rights of this one. Where it cannot be made, SQLite
/// says so.
fn make_private(path: &Path, create: bool) {
    if create {
        let _ = private_file(path);
    }
}

impl fmt::Debug for SqliteRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRevocations").field("is_authoritative", &self.is_authoritative()).finish_non_exhaustive()
    }
}

impl RevocationStore for SqliteRevocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        matches!(self.0, Access::Alone(_))
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            let mut batch = self.reading(async |connection| statements::read(connection, cursor).await).await?;
            if self.is_authoritative() {
                // Nobody else asks, and this one begins nothing again.
                batch.life = None;
            }
            Ok(batch)
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(self.writing(async move |connection| statements::append(connection, entry, now).await))
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(self.writing(async move |connection| statements::raise_horizon(connection, life).await))
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut pruned = 0_u64;
            // Another process may revoke in between.
            loop {
                let gone = self.writing(async |connection| statements::prune(connection, now).await).await?;
                pruned = pruned.saturating_add(gone);
                if gone < PRUNED {
                    return Ok(pruned);
                }
            }
        })
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.is_authoritative() {
                return Err(StoreError::NotApplied { store: NAME, reason: "it cannot be begun again".to_owned() });
            }
            self.writing(async |connection| statements::begin(connection, beginning).await).await
        })
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.is_authoritative() {
                return Err(StoreError::NotApplied { store: NAME, reason: "it takes back no entries".to_owned() });
            }
            for chunk in entries.chunks(CHUNK) {
                self.writing(async |connection| statements::restore(connection, chunk).await).await?;
            }
            Ok(())
        })
    }

    fn woken(&self) -> BoxFuture<'_, ()> {
        match &self.0 {
            Access::Alone(_) => Box::pin(std::future::pending()),
            Access::Shared(shared) => Box::pin(shared.woken()),
        }
    }
}

fn unreadable(reason: String) -> StoreError {
    StoreError::Unreadable { store: NAME, reason }
}

fn cannot_read(trouble: impl Into<Trouble>) -> StoreError {
    match trouble.into() {
        Trouble::Sqlite(error) if sqlite::is_held(&error) => StoreError::Held { store: NAME },
        Trouble::Sqlite(error) => unreadable(sqlite::reason(&error)),
        Trouble::Odd(reason) => unreadable(reason.to_owned()),
        Trouble::NoLog => unreadable("a row is missing".to_owned()),
    }
}

fn cannot_write(trouble: impl Into<Trouble>) -> StoreError {
    match trouble.into() {
        Trouble::Sqlite(error) if sqlite::is_held(&error) => StoreError::Held { store: NAME },
        Trouble::Sqlite(error) => match sqlite::write_fault(&error) {
            Fault::Refused(reason) => StoreError::NotApplied { store: NAME, reason },
            Fault::Lost(reason) => StoreError::Unknown { store: NAME, reason },
        },
        Trouble::Odd(reason) => StoreError::Unknown { store: NAME, reason: reason.to_owned() },
        Trouble::NoLog => StoreError::NotApplied { store: NAME, reason: "a row is missing".to_owned() },
    }
}

#[cfg(test)]
mod tests;
