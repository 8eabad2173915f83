//! The store of a node by its address, and what it does when a defence is taken away.

use std::{
    fmt, fs,
    io::Write,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use session_runtime::{
    BoxFuture,
    error::StoreError,
    keyring::{FileKeys, KeyStore, PostgresKeys, RedisKeys, SqliteKeys, StoredRing, Writers},
};

/// A defence that is taken away, to see that the test would notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sabotage {
    /// A key signs as soon as it is made: the stored ring is told that keys need no time to become known.
    NoPropagation,
    /// A node is never too old to verify.
    NeverStale,
    /// Nobody looks after the ring in the background.
    NoRefresh,
    /// The store overwrites whatever is there.
    Upsert,
    /// A file that cannot be read is taken for one that is not there, and written anew.
    UnreadableIsEmpty,
    /// A node whose ring is gone makes another.
    StartsAnew,
    /// The file is written in place, piece by piece.
    TornFile,
    /// Clocks, refreshes and the store stray four times further than was declared.
    BeyondDeclared,
    /// Every unknown key id has the ring read again.
    ReadsForEverybody,
    /// Nobody reads the log of revocations in the background.
    NoPoll,
    /// A node does not tell a log what it has lost.
    TellsNothing,
    /// A node that was started after a loss trusts what the log still has.
    TrustsAtOnce,
    /// Whatever the store answers, a revocation counts as done.
    AlwaysDone,
    /// A revocation counts as done before it is written.
    DoneBefore,
    /// The log is read only when the store says that there is something new.
    OnlyHints,
    /// A node goes on in a log from where it was, whether or not that is still there.
    GoesOn,
    /// The clock of a node may be as wrong as it likes.
    AnyClock,
    /// Entries end before the tokens that they cover.
    ForgetsEarly,
    /// A strict request waits for the store as long as any other call.
    Patient,
    /// A dropped call leaves its answer to whoever asks next.
    MixesAnswers,
    /// A node keeps everything that it reads as text.
    KeepsText,
    /// Every position is taken from a sequence before the entry is committed.
    Sequence,
}

/// A store that counts how often it is read.
#[derive(Debug, Clone)]
pub struct Link {
    store: Arc<dyn KeyStore>,
    file: Option<PathBuf>,
    sabotage: Option<Sabotage>,
    reads: Arc<AtomicU64>,
}

impl Link {
    /// A store by its address: `redis://…`, `postgres://…`, `sqlite:PATH` or `file:PATH`.
    ///
    /// # Errors
    /// The store's.
    pub async fn connect(address: &str, deadline: Duration, sabotage: Option<Sabotage>) -> Result<Self, StoreError> {
        let mut file = None;
        let store: Arc<dyn KeyStore> = if address.starts_with("redis") {
            Arc::new(RedisKeys::connect(address).await?.with_deadline(deadline))
        } else if address.starts_with("postgres") {
            Arc::new(PostgresKeys::connect(address).await?.with_deadline(deadline))
        } else if let Some(path) = address.strip_prefix("sqlite:") {
            Arc::new(SqliteKeys::open(path).await?.with_deadline(deadline))
        } else {
            let path = address.strip_prefix("file:").unwrap_or(address);
            file = Some(path.into());
            if sabotage == Some(Sabotage::TornFile) { Arc::new(TornFile(path.into())) } else { Arc::new(FileKeys::at(path)) }
        };
        Ok(Self { store, file, sabotage, reads: Arc::default() })
    }

    /// How often a ring was read.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }
}

impl KeyStore for Link {
    fn writers(&self) -> Writers {
        self.store.writers()
    }

    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let read = self.store.load(ring, format).await;
            if self.sabotage == Some(Sabotage::UnreadableIsEmpty) { Ok(read.unwrap_or(None)) } else { read }
        })
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        mut new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut expected = expected;
            if self.sabotage == Some(Sabotage::Upsert)
                && let Ok(Some(there)) = self.store.load(ring, format).await
            {
                expected = Some(there.version);
                new.version = new.version.max(there.version + 1);
            }
            if self.sabotage == Some(Sabotage::UnreadableIsEmpty) && self.store.load(ring, format).await.is_err() {
                self.file.iter().for_each(|file| drop(fs::remove_file(file)));
            }
            self.store.replace(ring, format, expected, new).await
        })
    }
}

/// A file without the care of [`FileKeys`]: a reader, or the next start after a crash, finds half of it.
struct TornFile(PathBuf);

impl KeyStore for TornFile {
    fn writers(&self) -> Writers {
        Writers::One
    }

    fn load<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            let Ok(text) = fs::read(&self.0) else { return Ok(None) };
            let unreadable = |_| StoreError::Unreadable { store: "the torn file", reason: "half a ring".to_owned() };
            serde_json::from_slice(&text).map(Some).map_err(unreadable)
        })
    }

    fn replace<'a>(&'a self, _: &'a str, _: &'a str, _: Option<u64>, new: StoredRing) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let text = serde_json::to_string(&new).unwrap();
            let mut file = fs::File::create(&self.0).unwrap();
            for piece in text.as_bytes().chunks(64) {
                file.write_all(piece).unwrap();
                file.sync_all().unwrap();
            }
            Ok(())
        })
    }
}

impl fmt::Debug for TornFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TornFile")
    }
}
