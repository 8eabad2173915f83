//! SQLite: a file that is a database of ours and kept durably, and what an error means.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::Fault;
use crate::error::StoreError;

/// SQLite gives a meaning to names such as `:memory:` and `file:…?nolock=1`; an absolute path is only ever a file.
pub(crate) fn absolute(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Which file a path leads to: it may come to lead to another one, which was put in its place.
pub(crate) type FileId = (u64, u64);

/// Device and inode.
#[cfg(unix)]
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Other systems do not let a file go that is open.
#[cfg(not(unix))]
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    path.exists().then_some((0, 0))
}

/// How a file is opened in which a commit is on the disk when it is reported; `patience` is how long another one's lock is waited for.
pub(crate) fn options(path: &Path, patience: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(patience)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // On macOS `fsync` does not reach the disk; elsewhere this does nothing.
        .pragma("fullfsync", "ON")
        .disable_statement_logging()
}

/// Whether it is kept so: SQLite keeps quiet when it cannot do what a pragma asks for, so it is asked what it does.
pub(crate) async fn is_durable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    let synchronous = number(connection, "PRAGMA synchronous").await?;
    Ok((journal.as_str(), synchronous) == ("wal", 2))
}

/// The marks of a store's file.
pub(crate) struct Marks {
    /// What the store is called in errors.
    pub(crate) store: &'static str,
    /// Its `application_id`, so that some other database is never taken for an empty store.
    pub(crate) application_id: i64,
    /// The oldest schema that is brought up to date.
    pub(crate) oldest: i64,
    /// The newest schema that is known.
    pub(crate) version: i64,
    /// What is said of a file without the mark.
    pub(crate) foreign: &'static str,
}

/// What a file is.
pub(crate) enum Found {
    /// Without any marks and tables, and so to be filled.
    Empty,
    /// A sound file of the store with an older schema, and so to be brought up to date.
    Older,
    /// A sound file of the store.
    Ours,
}

impl Marks {
    /// Looks a file through; an empty one counts only where one `may_be_empty`.
    ///
    /// # Errors
    /// What `cannot_read` makes of an error, and [`StoreError::Unreadable`] or [`StoreError::NewerVersion`] for what is not to be used.
    pub(crate) async fn look_through(
        &self,
        connection: &mut SqliteConnection,
        may_be_empty: bool,
        cannot_read: impl Fn(sqlx::Error) -> StoreError,
    ) -> Result<Found, StoreError> {
        let unreadable = |reason: &str| StoreError::Unreadable { store: self.store, reason: reason.to_owned() };
        let (id, version, tables) = marks(connection).await.map_err(&cannot_read)?;
        if may_be_empty && (id, version, tables) == (0, 0, 0) {
            return Ok(Found::Empty);
        }
        if id != self.application_id {
            return Err(unreadable(self.foreign));
        }
        if version > self.version {
            return Err(StoreError::NewerVersion {
                store: self.store,
                found: u64::try_from(version).unwrap_or(0),
                known: u64::try_from(self.version).unwrap_or(0),
            });
        }
        if version < self.oldest {
            return Err(unreadable("its version is none that ever was"));
        }
        // A damaged page could hide something without any error: a hidden ring gets a new key, a hidden entry is a revoked token accepted.
        let health: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await.map_err(&cannot_read)?;
        // What SQLite says about the damage may quote what it found.
        match health.as_str() {
            "ok" if version < self.version => Ok(Found::Older),
            "ok" => Ok(Found::Ours),
            _ => Err(unreadable("the file is damaged")),
        }
    }
}

/// The mark, the version and how many tables there are, all of one moment: another process may be making the file.
async fn marks(connection: &mut SqliteConnection) -> Result<(i64, i64, i64), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    // First, since it takes the snapshot.
    let tables = number(&mut transaction, "SELECT count(*) FROM sqlite_schema").await?;
    let id = number(&mut transaction, "PRAGMA application_id").await?;
    let version = number(&mut transaction, "PRAGMA user_version").await?;
    transaction.commit().await?;
    Ok((id, version, tables))
}

async fn number(connection: &mut SqliteConnection, query: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(query).fetch_one(connection).await
}

/// What an error says about a write.
pub(crate) fn write_fault(error: &sqlx::Error) -> Fault {
    match result_code(error) {
        // The pages may have reached the log although syncing them failed, and a damaged file says nothing reliable.
        None | Some(SQLITE_IOERR | SQLITE_CORRUPT) => Fault::Lost(reason(error)),
        Some(_) => Fault::Refused(reason(error)),
    }
}

/// Whether somebody else holds the file, and held it for longer than it was waited for.
pub(crate) fn is_held(error: &sqlx::Error) -> bool {
    matches!(result_code(error), Some(SQLITE_BUSY | SQLITE_LOCKED))
}

/// SQLite's primary result code; `None` when the error is not SQLite's, and so the outcome is not known.
fn result_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// SQLite's own messages name tables and columns, never values; what sqlx adds about decoding may quote a value and is left out.
pub(crate) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::RowNotFound => "a row is missing".to_owned(),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => "a stored value has the wrong type".to_owned(),
        _ => "the connection to the file failed".to_owned(),
    }
}

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
