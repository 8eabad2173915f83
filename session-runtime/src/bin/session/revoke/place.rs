//! Opening a revocation log that is there.

use std::time::Duration;

use session_runtime::{
    BoxFuture, Revocations, Timestamp,
    error::StoreError,
    revocation::{Batch, Beginning, Cursor, Entry, NewEntry, PostgresRevocations, RedisRevocations, RevocationStore, SqliteRevocations},
};

use crate::{
    failure::{Failure, Outcome},
    moment::At,
    store::Place,
};

/// Opens the store of a log, which has to be there: this tool cannot know what a log that was lost held.
pub(crate) async fn store(address: &str, without_tls: bool) -> Outcome<Box<dyn RevocationStore>> {
    let store: Box<dyn RevocationStore> = match Place::read(address)? {
        Place::File(_) => {
            return Err(Failure::usage("a revocation log is kept in SQLite, PostgreSQL or Redis, and in no plain file")
                .help("give sqlite:PATH, postgres://… or redis://…"));
        }
        Place::Sqlite(path) => Box::new(SqliteRevocations::open_existing_shared(path).await?),
        Place::Redis(url) if without_tls => Box::new(RedisRevocations::dangerous_connect_without_tls(&url).await?),
        Place::Redis(url) => Box::new(RedisRevocations::connect(&url).await?),
        Place::Postgres(url) if without_tls => Box::new(PostgresRevocations::dangerous_connect_without_tls(&url).await?),
        Place::Postgres(url) => Box::new(PostgresRevocations::connect(&url).await?),
    };
    Ok(store)
}

/// What a command may do to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    Never,
    Entries,
}

/// A log that is never begun by this tool, and written to only by a command that is there for it.
#[derive(Debug)]
struct Careful {
    store: Box<dyn RevocationStore>,
    writing: Writing,
}

/// Reads a log whole. Nothing looks after it: the command ends soon.
pub(crate) async fn open(store: Box<dyn RevocationStore>, writing: Writing, at: At) -> Outcome<Revocations> {
    let builder = Revocations::builder().clock(at).unattended();
    // A moment that was chosen is not this machine's time of day, and says nothing about whose clock is wrong.
    let builder = if at.at.is_some() { builder.dangerous_ignore_clock_skew() } else { builder };
    Ok(builder.open(Careful { store, writing }).await?)
}

impl Careful {
    fn refused<T>(&self, reason: &str) -> Result<T, StoreError> {
        Err(StoreError::NotApplied { store: self.store.name(), reason: reason.to_owned() })
    }
}

impl RevocationStore for Careful {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn is_authoritative(&self) -> bool {
        self.store.is_authoritative()
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        self.store.read(cursor)
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            match self.writing {
                Writing::Entries => self.store.append(entry, now).await,
                Writing::Never => self.refused("this command only looks"),
            }
        })
    }

    /// A verification that somebody tries by hand says nothing about how long the tokens of a service live.
    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move { Ok(life) })
    }

    fn prune(&self, _: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(0) })
    }

    fn begin<'a>(&'a self, _: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::Lost { store: self.store.name() }) })
    }
}
