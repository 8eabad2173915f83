//! The promises of a key store, held by the stores that need no server; and stores that break one, each of which is caught.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use session_runtime::{
    BoxFuture,
    error::StoreError,
    keyring::{FileKeys, KeyStore, MemoryKeys, SqliteKeys, StoredRing},
    testing::key_stores::{self, an_unreadable_ring_is_not_an_empty_one},
};
use tempfile::TempDir;

mod in_memory {
    use super::*;

    session_runtime::key_store_conformance! {
        fresh: MemoryKeys::new(),
    }
}

mod in_a_file {
    use super::*;

    session_runtime::key_store_conformance! {
        fresh: {
            let folder = tempfile::tempdir().unwrap();
            (FileKeys::at(folder.path().join("keys.json")), folder)
        },
        breaks: async |folder: &TempDir, ring: &str, format: &str| {
            let file = folder.path().join("keys.json");
            let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            json["rings"][ring][format]["keys"] = serde_json::json!("gone");
            fs::write(file, json.to_string()).unwrap();
        },
    }
}

mod in_sqlite {
    use super::*;

    session_runtime::key_store_conformance! {
        fresh: {
            let folder = tempfile::tempdir().unwrap();
            (SqliteKeys::open(folder.path().join("keys.db")).await.unwrap(), folder)
        },
        breaks: async |folder: &TempDir, _: &str, _: &str| {
            // As a bad backup that was put in its place, under a store that has the old file open.
            for file in ["keys.db", "keys.db-wal", "keys.db-shm"] {
                fs::remove_file(folder.path().join(file)).unwrap();
            }
            fs::write(folder.path().join("keys.db"), "x".repeat(100_000)).unwrap();
        },
    }
}

/// What the broken stores have in common: where they put things.
type Place = Mutex<BTreeMap<(String, String), StoredRing>>;

fn at(ring: &str, format: &str) -> (String, String) {
    (ring.to_owned(), format.to_owned())
}

/// How a store is broken.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Looks at the version and then writes, in two steps: two writers both win.
    Upsert,
    /// Compares nothing at all.
    LastWriteWins,
    /// Merges the older record over the newer one: a compromised key comes back to life.
    Merge,
    /// Takes any version that is not newer than its own for the right one.
    OlderIsFine,
    /// Creates a ring again where there is one.
    CreatesAgain,
    /// One ring for all formats.
    OneFormat,
    /// Forgets what is absent.
    LosesFields,
    /// A conflict is told after the write.
    TellsTooLate,
}

#[derive(Debug)]
struct Faulty(Fault, MemoryOf);

/// Hides what is stored from `Debug`.
#[derive(Default)]
struct MemoryOf(Place);

impl std::fmt::Debug for MemoryOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Faulty {
    fn place(&self, ring: &str, format: &str) -> (String, String) {
        if self.0 == Fault::OneFormat { at(ring, "") } else { at(ring, format) }
    }
}

impl KeyStore for Faulty {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move { Ok(self.1.0.lock().unwrap().get(&self.place(ring, format)).cloned()) })
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        mut new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let (place, conflict) = (self.place(ring, format), Err(StoreError::Conflict { store: "mine" }));
            let version = || self.1.0.lock().unwrap().get(&place).map(|stored| stored.version);
            let early = version();
            if self.0 == Fault::Upsert {
                // As long as an answer from a server takes; giving way alone is over before the system has woken the other threads.
                let answer = std::future::pending::<()>();
                let _ = tokio::time::timeout(Duration::from_millis(20), answer).await;
            }
            let mut rings = self.1.0.lock().unwrap();
            let found = if self.0 == Fault::Upsert { early } else { rings.get(&place).map(|stored| stored.version) };
            let fits = match self.0 {
                Fault::LastWriteWins => true,
                Fault::CreatesAgain if expected.is_none() => true,
                Fault::OlderIsFine => expected.is_some() == found.is_some() && expected <= found,
                _ => expected == found,
            };
            match self.0 {
                Fault::TellsTooLate => {}
                _ if !fits => return conflict,
                Fault::Merge => {
                    if let Some(old) = rings.get(&place) {
                        let longer = old.keys.len().max(new.keys.len());
                        new.keys.extend(old.keys.iter().skip(new.keys.len()).cloned());
                        new.keys.truncate(longer);
                        for (new, old) in new.keys.iter_mut().zip(&old.keys) {
                            new.private = new.private.take().or_else(|| old.private.clone());
                        }
                    }
                }
                Fault::LosesFields => new.keys.iter_mut().for_each(|key| key.suspended = false),
                _ => {}
            }
            rings.insert(place, new);
            if fits { Ok(()) } else { conflict }
        })
    }
}

async fn check(fault: Fault, want: &[&str]) {
    let broken = key_stores::broken(async || Faulty(fault, MemoryOf::default())).await;
    let names: Vec<&str> = broken.iter().map(|broken| broken.promise).collect();
    assert_eq!(names, want, "{fault:?}: {broken:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_without_a_fault_keeps_them_all() {
    check(Fault::None, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upsert_is_caught() {
    check(Fault::Upsert, &["of_64_that_create_a_ring_one_wins", "of_64_that_replace_a_ring_one_wins"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_compares_nothing_is_caught() {
    let all = [
        "a_ring_is_created_once",
        "a_ring_is_replaced_at_its_version_only",
        "a_conflict_changes_nothing",
        "of_64_that_create_a_ring_one_wins",
        "of_64_that_replace_a_ring_one_wins",
        "a_stale_writer_never_overwrites",
    ];
    check(Fault::LastWriteWins, &all).await;
    check(Fault::CreatesAgain, &[&all[..4], &[]].concat()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stale_merge_is_caught() {
    check(Fault::Merge, &["what_is_written_is_read_back", "a_stale_writer_never_overwrites"]).await;
    check(
        Fault::OlderIsFine,
        &[
            "a_ring_is_replaced_at_its_version_only",
            "a_conflict_changes_nothing",
            "of_64_that_replace_a_ring_one_wins",
            "a_stale_writer_never_overwrites",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_faults_are_caught() {
    check(Fault::OneFormat, &["rings_and_formats_are_apart"]).await;
    check(Fault::LosesFields, &["what_is_written_is_read_back"]).await;
    let late = [
        "a_ring_is_created_once",
        "a_ring_is_replaced_at_its_version_only",
        "a_conflict_changes_nothing",
        "of_64_that_create_a_ring_one_wins",
        "of_64_that_replace_a_ring_one_wins",
        "a_stale_writer_never_overwrites",
    ];
    check(Fault::TellsTooLate, &late).await;
}

/// Takes a ring that it cannot read for one that is not there, as a `.ok()` or a default would.
#[derive(Debug)]
struct Careless(Arc<FileKeys>);

impl KeyStore for Careless {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move { Ok(self.0.load(ring, format).await.unwrap_or_default()) })
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.replace(ring, format, expected, new)
    }
}

#[tokio::test]
async fn unreadable_as_empty_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let careless = Arc::new(Careless(Arc::new(FileKeys::at(&file))));
    let breaks = async |_: &str, _: &str| fs::write(&file, "{").unwrap();
    let broken = an_unreadable_ring_is_not_an_empty_one(careless, breaks).await.unwrap_err();
    assert_eq!(
        broken.to_string(),
        "the store does not keep `an_unreadable_ring_is_not_an_empty_one`: an unreadable ring is told as an absent one"
    );
}

/// A derived `Debug` over the wrong thing.
#[derive(Debug, Default)]
struct Chatty {
    keys: MemoryKeys,
    seen: Mutex<Vec<String>>,
}

impl KeyStore for Chatty {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        self.keys.load(ring, format)
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.seen.lock().unwrap().push(serde_json::to_string(&new).unwrap());
        self.keys.replace(ring, format, expected, new)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_shows_secrets_is_caught() {
    let broken = key_stores::broken(async || Chatty::default()).await;
    assert_eq!(broken.iter().map(|broken| broken.promise).collect::<Vec<_>>(), ["debug_shows_no_secret"]);
}
