//! Opens the file of a log: makes its tables, brings an older one up to date, and looks a used one through.

use std::{path::Path, time::Duration};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteLockingMode};

use super::{
    NAME, cannot_read, cannot_write,
    statements::{self, Trouble},
    unreadable,
};
use crate::{
    database::sqlite::{self, Found, Marks},
    error::StoreError,
    limits,
    revocation::{position::Position, random, store::Beginning, target::DigestKey},
};

const MARKS: Marks = Marks {
    store: NAME,
    // "srvl".
    application_id: 0x7372_766c,
    // Without lives.
    oldest: 1,
    version: 2,
    foreign: "it is no revocation log",
};
/// How long a file that somebody else holds is waited for. A handle of this process that was just dropped takes some milliseconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// Who uses the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Users {
    /// This value, and nobody else for as long as it lives.
    One,
    /// Processes of this machine.
    Many,
}

/// A connection to the file, or to a new one if it may be created.
pub(super) async fn open(path: &Path, users: Users, create: bool) -> Result<SqliteConnection, StoreError> {
    let options = sqlite::options(path, PATIENCE).create_if_missing(create);
    let options = match users {
        // sqlx sets it before the journal mode: set first, the write-ahead log needs no shared memory and the lock is taken at the first
        // read.
        Users::One => options.locking_mode(SqliteLockingMode::Exclusive),
        Users::Many => options,
    };
    let mut connection = options.connect().await.map_err(cannot_read)?;
    // SQLite keeps quiet when it cannot do what a pragma asks for, so it is asked what it does.
    let locking: String = sqlx::query_scalar("PRAGMA locking_mode").fetch_one(&mut connection).await.map_err(cannot_read)?;
    let wanted = if users == Users::One { "exclusive" } else { "normal" };
    if !sqlite::is_durable(&mut connection).await.map_err(cannot_read)? || locking != wanted {
        return Err(unreadable("SQLite cannot keep a write-ahead log of its own there".to_owned()));
    }
    prepare(&mut connection, users, create).await?;
    Ok(connection)
}

async fn prepare(connection: &mut SqliteConnection, users: Users, create: bool) -> Result<(), StoreError> {
    match MARKS.look_through(connection, create, cannot_read).await? {
        Found::Empty | Found::Older => make(connection).await.map_err(cannot_write)?,
        Found::Ours => {}
    }
    // A log that processes share is begun by those who know what stood there before.
    if users == Users::One && create { begin_new(connection).await.map_err(cannot_write) } else { Ok(()) }
}

/// Makes the tables, from nothing or from those of an older version.
async fn make(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    let digests = digests()?;
    // One transaction: a crash leaves the file as it was, and never half a log. Whoever came later finds it done.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let version = number(&mut transaction, "PRAGMA user_version").await?;
    if version == 0 {
        sqlx::raw_sql(include_str!("schema_1.sql")).execute(&mut *transaction).await?;
    }
    if version < MARKS.version {
        sqlx::raw_sql(include_str!("schema_2.sql")).execute(&mut *transaction).await?;
        sqlx::query("UPDATE log SET digests = ?").bind(digests.to_bytes().to_vec()).execute(&mut *transaction).await?;
        sqlx::raw_sql("PRAGMA application_id = 1936881260; PRAGMA user_version = 2").execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// Begins the log of a file that has had none. One whose row is gone has given positions, and is damaged.
async fn begin_new(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    let used = "SELECT EXISTS (SELECT 1 FROM log) OR EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'entries')";
    if number(connection, used).await? != 0 {
        return Ok(());
    }
    let epoch = random::epoch().map_err(|_| NO_RANDOM)?;
    let beginning = Beginning::new(Position::ZERO, limits::MAX_TTL, digests()?, Duration::ZERO, epoch);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    statements::begin_above(&mut transaction, &beginning).await?;
    Ok(transaction.commit().await?)
}

const NO_RANDOM: Trouble = Trouble::Odd("the system's random source gave no bytes");

fn digests() -> Result<DigestKey, Trouble> {
    random::bytes().map(DigestKey::from_bytes).map_err(|_| NO_RANDOM)
}

async fn number(connection: &mut SqliteConnection, query: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(query).fetch_one(connection).await
}
