//! Rings in an SQLite file that processes of one machine share.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, Row as _, SqliteConnection};
use zeroize::Zeroizing;

use super::{
    BoxFuture, KeyStore, StoredRing,
    rows::{Row, Rows, Table, signed, unsigned},
};
use crate::{
    database::{
        Connects, DEADLINE, Fault, in_time,
        sqlite::{self, Found, Marks},
    },
    error::StoreError,
    files::private_file,
};

const NAME: &str = "the key store in SQLite";
const MARKS: Marks = Marks {
    store: NAME,
    // "skey".
    application_id: 0x736b_6579,
    oldest: 1,
    version: 1,
    foreign: "it is no key store",
};
/// How long another process's write is waited for; less than the deadline, so that its end is known.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps rings in an SQLite file, for the processes of one machine. Not for a file on a network: SQLite's locks do not reach that far.
///
/// A ring is on the disk when a change is reported as done: write-ahead log with `synchronous=FULL`. The file is made readable by its
/// owner only (0600). Whoever can write it can make verifiers trust another key.
///
/// Every call has a deadline of 5 s, see [`with_deadline`](Self::with_deadline), and needs a Tokio runtime with time. A cheap clone, so
/// that several rings may share a file's one connection.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (path, kek) = (folder.path().join("keys.db"), folder.path().join("kek"));
/// use session_runtime::{KeyRing, keyring::{LocalKek, SqliteKeys}, paseto::V4Local};
///
/// let kek = LocalKek::from_file_or_generate(kek)?;
/// let ring = KeyRing::<V4Local>::builder().open(SqliteKeys::open(&path).await?, kek.clone()).await?;
///
/// let elsewhere = KeyRing::<V4Local>::builder().open(SqliteKeys::open_existing(&path).await?, kek).await?;
/// assert_eq!(ring.keys(), elsewhere.keys());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteKeys(Rows<File>);

impl SqliteKeys {
    /// Opens the store at `path`, and creates it when there is no file. Beside it lies `<path>.lock`, which keeps two processes from
    /// creating it at once.
    ///
    /// A service that has run before wants [`open_existing`](Self::open_existing): a lost file is then an error and not an empty store,
    /// which gets new keys.
    ///
    /// # Errors
    /// * [`StoreError::NewerVersion`] when a newer version of this library wrote it.
    /// * [`StoreError::Unreadable`] when it is damaged, is no key store, or lies where SQLite cannot keep a write-ahead log.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), true).await
    }

    /// Opens the store at `path`, which has to be there.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`StoreError::Unreadable`] when there is no file.
    pub async fn open_existing(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), false).await
    }

    /// The same store, whose calls may take this long; 5 s unless it is set, and at most a day. What a write did that took longer is not
    /// known ([`StoreError::Unknown`]).
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    async fn open_with(path: &Path, create: bool) -> Result<Self, StoreError> {
        let path = sqlite::absolute(path).map_err(|error| unreadable(error.to_string()))?;
        let file = File { path };
        let open = async {
            // Two that create it, or switch it to a write-ahead log, would find it busy; SQLite does not always wait there.
            let lock = if create { Some(file.lock().await?) } else { None };
            if create {
                // SQLite would make a file that everybody can read, and gives its write-ahead log the rights of this one. Where it cannot
                // be made, SQLite says so.
                let _ = private_file(&file.path);
            }
            let mut line = file.line().await.map_err(unreadable)?;
            prepare(&mut line.connection, create).await?;
            drop(lock);
            Ok(line)
        };
        let line = in_time(NAME, DEADLINE, open).await?;
        Ok(Self(Rows::new(file, line, DEADLINE)))
    }
}

impl fmt::Debug for SqliteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteKeys").field(&self.0).finish()
    }
}

impl KeyStore for SqliteKeys {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(self.0.load(ring, format))
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.0.replace(ring, format, expected, &new).await })
    }
}

struct File {
    path: PathBuf,
}

struct Line {
    connection: SqliteConnection,
    /// Which file that is, since the path may come to lead to another one.
    file: Option<sqlite::FileId>,
}

impl File {
    async fn line(&self) -> Result<Line, String> {
        let told = |error: sqlx::Error| sqlite::reason(&error);
        let mut connection = sqlite::options(&self.path, PATIENCE).create_if_missing(false).connect().await.map_err(told)?;
        if !sqlite::is_durable(&mut connection).await.map_err(told)? {
            return Err("SQLite cannot keep a write-ahead log there".to_owned());
        }
        Ok(Line { connection, file: sqlite::file_id(&self.path) })
    }

    /// On a file of its own: POSIX drops SQLite's locks when the database's file is opened and closed by other means.
    async fn lock(&self) -> Result<fs::File, StoreError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let lock = move || -> io::Result<fs::File> {
            let file = match private_file(Path::new(&path)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::OpenOptions::new().write(true).open(&path),
                file => file,
            }?;
            file.lock()?;
            Ok(file)
        };
        let locked = tokio::task::spawn_blocking(lock).await;
        locked.map_err(|_| unreadable("it could not be locked".to_owned()))?.map_err(|error| unreadable(error.to_string()))
    }
}

impl Connects for File {
    const NAME: &'static str = NAME;
    type Line = Line;

    async fn connect(&self) -> Result<Line, String> {
        self.line().await
    }

    /// A file that was removed, or replaced by a backup, goes on existing for whoever has it open.
    async fn is_alive(&self, line: &mut Line) -> bool {
        line.file == sqlite::file_id(&self.path)
    }
}

impl Table for File {
    async fn read(&self, line: &mut Line, ring: &str, format: &str) -> Result<Option<Row>, Fault> {
        let lost = |error: sqlx::Error| Fault::Lost(sqlite::reason(&error));
        let row = sqlx::query("SELECT layout, version, body FROM rings WHERE ring = ? AND format = ?")
            .bind(ring)
            .bind(format)
            .fetch_optional(&mut line.connection)
            .await
            .map_err(lost)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Row {
            layout: unsigned(row.try_get("layout").map_err(lost)?)?,
            version: unsigned(row.try_get("version").map_err(lost)?)?,
            body: Zeroizing::new(row.try_get("body").map_err(lost)?),
        }))
    }

    async fn write(&self, line: &mut Line, ring: &str, format: &str, expected: Option<u64>, row: &Row) -> Result<bool, Fault> {
        // One statement is the whole transaction, and SQLite lets one writer in at a time.
        let query = match expected {
            None => sqlx::query("INSERT INTO rings (layout, version, body, ring, format) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
            Some(_) => sqlx::query(
                "UPDATE rings SET layout = ?1, version = ?2, body = ?3 WHERE ring = ?4 AND format = ?5 AND layout = ?1 AND version = ?6",
            ),
        };
        let query = query.bind(signed(row.layout)?).bind(signed(row.version)?).bind(row.body.as_str()).bind(ring).bind(format);
        let query = match expected {
            None => query,
            Some(expected) => query.bind(signed(expected)?),
        };
        query.execute(&mut line.connection).await.map(|done| done.rows_affected() == 1).map_err(|error| sqlite::write_fault(&error))
    }
}

/// Creates the table in a new file, and looks a used one through.
async fn prepare(connection: &mut SqliteConnection, create: bool) -> Result<(), StoreError> {
    match MARKS.look_through(connection, create, |error| unreadable(sqlite::reason(&error))).await? {
        Found::Ours => Ok(()),
        // There is no older schema than the first.
        Found::Empty | Found::Older => {
            initialise(connection).await.map_err(|error| StoreError::NotApplied { store: NAME, reason: sqlite::reason(&error) })
        }
    }
}

async fn initialise(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    // One transaction: a crash leaves an empty file, which is tried again, and never half a store.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(include_str!("sqlite/schema_1.sql")).execute(&mut *transaction).await?;
    sqlx::raw_sql("PRAGMA application_id = 1936418169; PRAGMA user_version = 1").execute(&mut *transaction).await?;
    transaction.commit().await
}

fn unreadable(reason: String) -> StoreError {
    StoreError::Unreadable { store: NAME, reason }
}

#[cfg(test)]
mod tests;
