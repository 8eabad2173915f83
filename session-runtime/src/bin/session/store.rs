//! Stores by their addresses: where rings and the revocation log are.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use clap::Args;
use session_runtime::{
    BoxFuture,
    error::StoreError,
    keyring::{FileKeys, KeyStore, PostgresKeys, RedisKeys, SqliteKeys, StoredRing, Writers},
};
use tokio::sync::Mutex;

use crate::{
    failure::{Failure, Outcome},
    input::read_text,
};

/// A store's address.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The store: `file:PATH`, `sqlite:PATH`, `postgres://…` or `redis://…`; `@FILE` reads the address from a file, which one with a
    /// password has to
    #[arg(long, value_name = "STORE")]
    pub(crate) store: Option<String>,
    /// Connects without TLS to another machine: whoever is on the way can read and change everything
    #[arg(long, requires = "store")]
    pub(crate) dangerous_without_tls: bool,
}

/// Where something is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    Sqlite(PathBuf),
    Postgres(String),
    Redis(String),
}

impl Place {
    /// Understands an address, or the file that holds one.
    pub(crate) fn read(address: &str) -> Outcome<Self> {
        if let Some(path) = address.strip_prefix('@') {
            return Self::of(read_text(Path::new(path))?.trim());
        }
        let place = Self::of(address)?;
        // What stands in an argument stands in the history of the shell, and in the list of processes.
        if let Self::Postgres(url) | Self::Redis(url) = &place
            && url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).is_some_and(|(user, _)| user.contains(':'))
        {
            return Err(Failure::usage("the address of the store holds a password, which does not belong on a command line")
                .help("put the address into a file that only you can read, and give `@FILE`"));
        }
        Ok(place)
    }

    fn of(address: &str) -> Outcome<Self> {
        let (scheme, path) = address.split_once(':').unwrap_or((address, ""));
        match scheme {
            _ if path.is_empty() => Err(()),
            "file" => Ok(Self::File(path.into())),
            "sqlite" => Ok(Self::Sqlite(path.into())),
            "postgres" | "postgresql" => Ok(Self::Postgres(address.to_owned())),
            "redis" | "rediss" | "valkey" | "valkeys" | "unix" => Ok(Self::Redis(address.to_owned())),
            _ => Err(()),
        }
        .map_err(|()| {
            Failure::usage("the address of the store is not understood").help("it is file:PATH, sqlite:PATH, postgres://… or redis://…")
        })
    }

    /// Opens the keys in it.
    async fn keys(&self, create: bool, without_tls: bool) -> Outcome<Box<dyn KeyStore>> {
        Ok(match self {
            Self::File(path) => Box::new(FileKeys::at(path)),
            Self::Sqlite(path) if create => Box::new(SqliteKeys::open(path).await?),
            Self::Sqlite(path) => Box::new(SqliteKeys::open_existing(path).await?),
            Self::Postgres(url) if without_tls => Box::new(PostgresKeys::dangerous_connect_without_tls(url).await?),
            Self::Postgres(url) => Box::new(PostgresKeys::connect(url).await?),
            Self::Redis(url) if without_tls => Box::new(RedisKeys::dangerous_connect_without_tls(url).await?),
            Self::Redis(url) => Box::new(RedisKeys::connect(url).await?),
        })
    }
}

/// What a command may do to a store of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing is written, and a ring that is not there is an error. Private halves are left out, so that nobody needs to unwrap them.
    Look,
    /// As `Look`, with private halves.
    LookInside,
    /// What is written is forgotten when the command ends: the same steps are done, to a copy.
    DryRun,
    /// A ring that is there is changed.
    Change,
    /// A ring is made.
    Create,
}

/// A store of keys that keeps to its mode, whatever the library does with it.
pub(crate) struct Keys {
    store: Box<dyn KeyStore>,
    mode: Mode,
    /// What a dry run has written.
    written: Mutex<Option<StoredRing>>,
}

impl StoreArgs {
    pub(crate) fn place(&self) -> Outcome<Place> {
        let missing = || Failure::usage("no store").help("give `--store file:PATH`, `sqlite:PATH`, `postgres://…` or `redis://…`");
        Place::read(self.store.as_deref().ok_or_else(missing)?)
    }

    /// Opens a store of keys.
    pub(crate) async fn keys(&self, mode: Mode) -> Outcome<Keys> {
        let store = self.place()?.keys(mode == Mode::Create, self.dangerous_without_tls).await?;
        Ok(Keys { store, mode, written: Mutex::new(None) })
    }
}

impl Keys {
    /// The formats in which a ring is stored.
    pub(crate) async fn formats(&self, ring: &str) -> Outcome<Vec<&'static str>> {
        let mut found = Vec::new();
        for format in crate::format::NAMES {
            if self.store.load(ring, format).await?.is_some() {
                found.push(format);
            }
        }
        Ok(found)
    }
}

impl KeyStore for Keys {
    fn writers(&self) -> Writers {
        self.store.writers()
    }

    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            if let Some(written) = &*self.written.lock().await {
                return Ok(Some(written.clone()));
            }
            let mut stored = self.store.load(ring, format).await?;
            if self.mode == Mode::Look {
                stored.iter_mut().flat_map(|ring| &mut ring.keys).for_each(|key| key.private = None);
            }
            Ok(stored)
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
            let refused = |reason: &str| Err(StoreError::NotApplied { store: "the key store", reason: reason.to_owned() });
            match (self.mode, expected) {
                (Mode::Create, None) | (Mode::Change, Some(_)) => self.store.replace(ring, format, expected, new).await,
                (Mode::DryRun, Some(_)) => {
                    *self.written.lock().await = Some(new);
                    Ok(())
                }
                (Mode::Create, Some(_)) => refused("the ring is there already"),
                (_, None) => refused("there is no such ring"),
                _ => refused("this command only looks"),
            }
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("store", &self.store).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// Never the address, which may hold a password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Sqlite(_) => "Sqlite",
            Self::Postgres(_) => "Postgres",
            Self::Redis(_) => "Redis",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        assert!(Place::read("postgres://orders:secret@db.example/orders").is_err());
        assert!(Place::read("redis://:secret@db.example").is_err());
        assert_eq!(Place::read("redis://db.example:6379/0").ok(), Some(Place::Redis("redis://db.example:6379/0".to_owned())));
        assert_eq!(Place::read("sqlite:keys.db").ok(), Some(Place::Sqlite("keys.db".into())));
        assert!(["", "file", "file:", "keys.json", "http://x"].iter().all(|address| Place::read(address).is_err()));
    }
}
