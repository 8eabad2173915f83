//! A log in an SQLite file that one process holds for itself.

use std::{fmt, path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteLockingMode, SqliteRow},
};
use tokio::sync::Mutex;

use super::{Batch, BoxFuture, Cursor, RevocationStore};
use crate::{
    database::{
        Fault,
        sqlite::{self, Found, Marks},
    },
    error::StoreError,
    files::private_file,
    limits,
    revocation::{
        entry::{Entry, NewEntry},
        position::Position,
        random,
        target::Target,
    },
    time::{Clock, SystemClock, Timestamp},
};

const NAME: &str = "the revocation log in SQLite";
const MARKS: Marks = Marks {
    store: NAME,
    // "srvl".
    application_id: 0x7372_766c,
    version: 1,
    foreign: "it is no revocation log",
};
/// Entries in one answer, so that a million of them are not in memory as text at once.
const PAGE: usize = 4_096;
/// How long a file that somebody else holds is waited for. A handle of this process that was just dropped takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// `horizon` in the file for tokens that never expire.
const FOREVER: i64 = i64::MAX;

/// A log in an SQLite file, for services of one node.
///
/// An entry is on the disk when `append` returns: write-ahead log with `synchronous=FULL`. With `NORMAL`, SQLite's default advice for
/// this mode, a power failure takes back the last commits.
///
/// The file is locked for as long as this value lives, so nobody else adds entries and the local set is never old. A second process,
/// or a second value in this one, gets [`StoreError::Held`]. To read the log with another tool, stop the service or copy the file's
/// folder; do not open and close the file in this process by other means, because POSIX then drops SQLite's lock.
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
pub struct SqliteRevocations(Mutex<SqliteConnection>);

impl SqliteRevocations {
    /// Opens the log at `path`, and creates it when there is no file. It waits up to a second for a file that is held.
    ///
    /// A service that has run before wants [`open_existing`](Self::open_existing): a lost file is then an error and not an empty log.
    ///
    /// # Errors
    /// * [`StoreError::Held`] when another value or process has it open.
    /// * [`StoreError::NewerVersion`] when a newer version of this library wrote it.
    /// * [`StoreError::Unreadable`] when it is damaged, is no revocation log, or lies where SQLite cannot keep a write-ahead log.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), true).await
    }

    /// Opens the log at `path`, which has to be there.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`StoreError::Unreadable`] when there is no file.
    pub async fn open_existing(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), false).await
    }

    async fn open_with(path: &Path, create: bool) -> Result<Self, StoreError> {
        let path = sqlite::absolute(path).map_err(|error| unreadable(error.to_string()))?;
        if create {
            // SQLite would make a file that everybody can read, and gives its write-ahead log the rights of this one. Where it cannot
            // be made, SQLite says so.
            let _ = private_file(&path);
        }
        let mut connection = sqlite::options(&path, PATIENCE)
            .create_if_missing(create)
            // sqlx sets it before the journal mode: set first, the write-ahead log needs no shared memory and the lock is taken at the
            // first read.
            .locking_mode(SqliteLockingMode::Exclusive)
            .connect()
            .await
            .map_err(cannot_read)?;
        check_settings(&mut connection).await?;
        prepare(&mut connection, create).await?;
        Ok(Self(Mutex::new(connection)))
    }
}

impl fmt::Debug for SqliteRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRevocations").finish_non_exhaustive()
    }
}

impl RevocationStore for SqliteRevocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            // No transaction: the file is ours, and the connection is held until both answers are there.
            let mut connection = self.0.lock().await;
            let log = sqlx::query("SELECT epoch, horizon, (SELECT seq FROM sqlite_sequence WHERE name = 'entries') AS head FROM log")
                .fetch_one(&mut *connection)
                .await
                .map_err(cannot_read)?;
            let rows =
                sqlx::query("SELECT position, kind, issuer, name, not_after FROM entries WHERE position > ? ORDER BY position LIMIT 4096")
                    .bind(i64::try_from(cursor.position().as_u64()).unwrap_or(i64::MAX))
                    .fetch_all(&mut *connection)
                    .await
                    .map_err(cannot_read)?;
            let entries = rows.iter().map(entry).collect::<Result<Vec<Entry>, StoreError>>()?;
            let head = position(log.try_get("head").map_err(cannot_read)?)?;
            let last = entries.last().map(|entry| entry.position);
            let epoch: String = log.try_get("epoch").map_err(cannot_read)?;
            let horizon = life(log.try_get("horizon").map_err(cannot_read)?);
            match last {
                // A head below its own entries means that the sequence was tampered with: positions would be given twice.
                Some(last) if last > head => Err(unreadable("an entry stands above the head".to_owned())),
                Some(last) if entries.len() >= PAGE => {
                    Ok(Batch::new(epoch, entries, last, horizon).with_more((last < head).then(|| Cursor::after(last))))
                }
                _ => Ok(Batch::new(epoch, entries, head, horizon)),
            }
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            let mut connection = self.0.lock().await;
            let horizon = horizon(&mut connection).await?;
            let not_after = entry.keep.not_after(now, horizon);
            let target = &entry.target;
            // The two reads change nothing and nobody else writes, so one statement is the whole transaction. An earlier entry of
            // the same target is replaced, which moves it to a new position and keeps the file from growing.
            let known: Option<i64> = sqlx::query_scalar("SELECT not_after FROM entries WHERE kind = ? AND issuer = ? AND name = ?")
                .bind(target.word())
                .bind(target.issuer())
                .bind(target.name())
                .fetch_optional(&mut *connection)
                .await
                .map_err(not_applied)?;
            let not_after = known.map_or(not_after, |known| not_after.max(Timestamp::from_unix(known)));
            // Not `RETURNING position`: sqlx stops at the first row, the commit then happens while the statement is thrown away, and
            // an error of the disk at that moment would be lost.
            let written = sqlx::query("INSERT OR REPLACE INTO entries (kind, issuer, name, not_after) VALUES (?, ?, ?, ?)")
                .bind(target.word())
                .bind(target.issuer())
                .bind(target.name())
                .bind(not_after.as_unix())
                .execute(&mut *connection)
                .await
                .map_err(cannot_write)?;
            // Written, and not usable as it is: not known, so that it is sent again.
            let position = position(written.last_insert_rowid())
                .map_err(|_| StoreError::Unknown { store: NAME, reason: "its position is out of range".to_owned() })?;
            Ok(Entry::new(target.clone(), not_after, position))
        })
    }

    fn raise_horizon(&self, wanted: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move {
            let mut connection = self.0.lock().await;
            // A fraction of a second is rounded up, because the horizon is an upper bound.
            let seconds = wanted.as_secs().saturating_add(u64::from(wanted.subsec_nanos() > 0));
            sqlx::query("UPDATE log SET horizon = max(horizon, ?)")
                .bind(i64::try_from(seconds).unwrap_or(FOREVER))
                .execute(&mut *connection)
                .await
                .map_err(cannot_write)?;
            horizon(&mut connection).await
        })
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut connection = self.0.lock().await;
            let pruned = sqlx::query("DELETE FROM entries WHERE not_after < ?")
                .bind(now.as_unix())
                .execute(&mut *connection)
                .await
                .map_err(cannot_write)?;
            Ok(pruned.rows_affected())
        })
    }
}

async fn check_settings(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let is_durable = sqlite::is_durable(connection).await.map_err(cannot_read)?;
    let locking: String = sqlx::query_scalar("PRAGMA locking_mode").fetch_one(connection).await.map_err(cannot_read)?;
    if is_durable && locking == "exclusive" {
        Ok(())
    } else {
        Err(unreadable("SQLite cannot keep a write-ahead log of its own there".to_owned()))
    }
}

/// Creates the tables in a new file, and looks a used one through.
async fn prepare(connection: &mut SqliteConnection, create: bool) -> Result<(), StoreError> {
    match MARKS.look_through(connection, create, cannot_read).await? {
        Found::Ours => Ok(()),
        Found::Empty => initialise(connection).await,
    }
}

async fn initialise(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let epoch = random::epoch()?;
    let head = i64::try_from(Position::of_new_log(SystemClock.wall()).as_u64()).unwrap_or(i64::MAX);
    // One transaction: a crash leaves an empty file, which is tried again, and never half a log.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(cannot_write)?;
    sqlx::raw_sql(include_str!("schema_1.sql")).execute(&mut *transaction).await.map_err(cannot_write)?;
    sqlx::query("INSERT INTO log (one, epoch, horizon) VALUES (1, ?, ?)")
        .bind(&*epoch)
        .bind(i64::try_from(limits::MAX_TTL.as_secs()).unwrap_or(FOREVER))
        .execute(&mut *transaction)
        .await
        .map_err(cannot_write)?;
    // SQLite documents that this table may be written; it is where AUTOINCREMENT goes on.
    sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)")
        .bind(head)
        .execute(&mut *transaction)
        .await
        .map_err(cannot_write)?;
    sqlx::raw_sql("PRAGMA application_id = 1936881260; PRAGMA user_version = 1").execute(&mut *transaction).await.map_err(cannot_write)?;
    transaction.commit().await.map_err(cannot_write)
}

async fn horizon(connection: &mut SqliteConnection) -> Result<Duration, StoreError> {
    sqlx::query_scalar("SELECT horizon FROM log").fetch_one(connection).await.map(life).map_err(not_applied)
}

fn life(seconds: i64) -> Duration {
    // Negative numbers are kept out by the table; for ever is the safe reading of anything odd.
    if seconds == FOREVER { Duration::MAX } else { u64::try_from(seconds).map_or(Duration::MAX, Duration::from_secs) }
}

fn position(number: i64) -> Result<Position, StoreError> {
    u64::try_from(number).ok().and_then(Position::new).ok_or_else(|| unreadable("a position is out of range".to_owned()))
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let kind: &str = row.try_get("kind").map_err(cannot_read)?;
    let issuer: &str = row.try_get("issuer").map_err(cannot_read)?;
    let name: &str = row.try_get("name").map_err(cannot_read)?;
    let not_after: i64 = row.try_get("not_after").map_err(cannot_read)?;
    let place = position(row.try_get("position").map_err(cannot_read)?)?;
    let target = Target::from_stored(kind, issuer, name).ok_or_else(|| unreadable("an entry is of a kind that is not known".to_owned()))?;
    Ok(Entry::new(target, Timestamp::from_unix(not_after), place))
}

fn unreadable(reason: String) -> StoreError {
    StoreError::Unreadable { store: NAME, reason }
}

fn cannot_read(error: sqlx::Error) -> StoreError {
    if sqlite::is_held(&error) { StoreError::Held { store: NAME } } else { unreadable(sqlite::reason(&error)) }
}

/// For what comes before the write of a write.
fn not_applied(error: sqlx::Error) -> StoreError {
    StoreError::NotApplied { store: NAME, reason: sqlite::reason(&error) }
}

fn cannot_write(error: sqlx::Error) -> StoreError {
    if sqlite::is_held(&error) {
        return StoreError::Held { store: NAME };
    }
    match sqlite::write_fault(&error) {
        Fault::Refused(reason) => StoreError::NotApplied { store: NAME, reason },
        Fault::Lost(reason) => StoreError::Unknown { store: NAME, reason },
    }
}

#[cfg(test)]
mod tests;
