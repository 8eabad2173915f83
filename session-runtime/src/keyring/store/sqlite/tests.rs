//! The store in SQLite: what it survives, and what it refuses to open.

use sqlx::sqlite::SqliteConnectOptions;

use super::*;
use crate::keyring::{record::StoredRing, timing::Timing};

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    (folder, path)
}

fn ring(version: u64) -> StoredRing {
    StoredRing { version, max_ttl: 900, timing: Timing::FLEET, keys: Vec::new() }
}

/// Changes a store as another program could.
async fn tamper(path: &Path, sql: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_of_a_new_store_is_its_owners_alone() {
    let (folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    store.replace("main", "v4.local", None, ring(1)).await.unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 2, "no write-ahead log to look at");
    for file in files {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn commits_reach_the_disk_before_a_change_is_reported() {
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    store.replace("main", "v4.local", None, ring(1)).await.unwrap();
    // What a crash leaves is what lies in the folder now, without any of SQLite's closing work.
    let (folder, copy) = file();
    for file in fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let copied = SqliteKeys::open_existing(&copy).await.unwrap();
    assert_eq!(copied.load("main", "v4.local").await, Ok(Some(ring(1))));
}

#[tokio::test]
async fn a_full_disk_is_reported_and_changes_nothing() {
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    store.replace("main", "v4.local", None, ring(1)).await.unwrap();
    let mut line = File { path: path.clone() }.line().await.unwrap();
    sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&mut line.connection).await.unwrap();
    let full = Rows::new(File { path }, line, DEADLINE);
    let name = "x".repeat(100_000);
    let error = full.replace(&name, "v4.local", None, &ring(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the key store in SQLite was not changed: database or disk is full");
    assert_eq!(store.load(&name, "v4.local").await, Ok(None));
}

/// Somebody else's transaction is waited for, and its end is known: nothing was written.
#[tokio::test]
async fn a_store_that_is_held_is_not_changed() {
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = store.replace("main", "v4.local", None, ring(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the key store in SQLite was not changed: database is locked");
    assert_eq!(store.load("main", "v4.local").await, Ok(None), "readers do not wait");
    // With less patience than SQLite's, nobody knows.
    let hasty = store.clone().with_deadline(Duration::from_millis(50));
    let error = hasty.replace("main", "v4.local", None, ring(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "whether the key store in SQLite was changed is not known: no answer within 50ms");
    drop(transaction);
    other.close().await.unwrap();
    match store.replace("main", "v4.local", None, ring(1)).await {
        // The hasty write was still under way, and was done.
        Ok(()) | Err(StoreError::Conflict { .. }) => assert_eq!(store.load("main", "v4.local").await, Ok(Some(ring(1)))),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_not_an_empty_store() {
    let (_folder, path) = file();
    assert!(matches!(SqliteKeys::open_existing(&path).await, Err(StoreError::Unreadable { .. })));
    assert!(!path.exists());
    fs::write(&path, "this is not a database, and long enough to be taken for none at all".repeat(100)).unwrap();
    assert!(matches!(SqliteKeys::open(&path).await, Err(StoreError::Unreadable { .. })));

    let (_folder, path) = file();
    let mut other = SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE customers (name TEXT)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let refused = SqliteKeys::open(&path).await.unwrap_err();
    assert_eq!(refused.to_string(), "the key store in SQLite cannot be read: it is no key store");
}

/// Whoever has a removed file open would go on in it alone, while others make a new one.
#[tokio::test]
async fn a_file_that_was_removed_is_not_written_any_more() {
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    store.replace("main", "v4.local", None, ring(1)).await.unwrap();
    fs::rename(&path, path.with_extension("old")).unwrap();
    assert!(matches!(store.load("main", "v4.local").await, Err(StoreError::Unreadable { .. })));
    assert!(matches!(store.replace("main", "v4.local", Some(1), ring(2)).await, Err(StoreError::NotApplied { .. })));
    assert!(!path.exists(), "and no new one is made");
}

#[tokio::test]
async fn names_that_sqlite_gives_a_meaning_to_are_files() {
    let (folder, _) = file();
    let path = folder.path().join("file:x.db?mode=memory");
    drop(SqliteKeys::open(&path).await.unwrap());
    assert!(path.exists());
    assert!(SqliteKeys::open("").await.is_err());
}

#[tokio::test]
async fn a_newer_version_is_left_alone() {
    let (_folder, path) = file();
    drop(SqliteKeys::open(&path).await.unwrap());
    tamper(&path, "PRAGMA user_version = 2").await;
    assert_eq!(SqliteKeys::open(&path).await.unwrap_err(), StoreError::NewerVersion { store: NAME, found: 2, known: 1 });
}

#[tokio::test]
async fn a_damaged_file_is_unreadable() {
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    for number in 0..200 {
        store.replace(&format!("a ring of a rather long name, number {number}"), "v4.local", None, ring(1)).await.unwrap();
    }
    drop(store);
    tamper(&path, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let sound = fs::read(&path).unwrap();
    assert!(sound.len() > 3 * 4_096);
    // Every page in turn, the header's page from behind the header.
    for start in (0..sound.len()).step_by(4_096) {
        let mut damaged = sound.clone();
        damaged[start + if start == 0 { 100 } else { 0 }..start + 4_096].fill(0xa5);
        fs::write(&path, damaged).unwrap();
        let opened = SqliteKeys::open(&path).await;
        assert!(matches!(opened, Err(StoreError::Unreadable { .. })), "page at {start}: {opened:?}");
    }
}

#[tokio::test]
async fn a_row_that_is_not_understood_is_not_skipped() {
    for (sql, want) in [
        ("UPDATE rings SET body = 'secret'", "the stored ring is not understood at line 1, column 1"),
        ("UPDATE rings SET body = ''", "the stored ring is not understood at line 1, column 0"),
        ("UPDATE rings SET body = replace(body, 'keys', 'secret')", "the stored ring is not understood at line 1, column 152"),
        ("UPDATE rings SET body = CAST(x'ff' AS TEXT)", "a stored value has the wrong type"),
        ("UPDATE rings SET version = 2", "the stored ring has another version than its row"),
        ("UPDATE rings SET layout = 0", "its layout is none that ever was"),
        ("UPDATE rings SET layout = -1", "a stored number is negative"),
        ("ALTER TABLE rings RENAME TO old", "no such table: rings"),
    ] {
        let (_folder, path) = file();
        let store = SqliteKeys::open(&path).await.unwrap();
        store.replace("main", "v4.local", None, ring(1)).await.unwrap();
        tamper(&path, sql).await;
        let error = store.load("main", "v4.local").await.unwrap_err().to_string();
        assert_eq!(error, format!("the key store in SQLite cannot be read: {want}"), "{sql}");
    }
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    store.replace("main", "v4.local", None, ring(1)).await.unwrap();
    tamper(&path, "UPDATE rings SET layout = 2, body = 'of a newer library'").await;
    assert_eq!(store.load("main", "v4.local").await, Err(StoreError::NewerVersion { store: NAME, found: 2, known: 1 }));
    assert_eq!(store.replace("main", "v4.local", Some(1), ring(2)).await, Err(StoreError::Conflict { store: NAME }));
}

/// A version that the database cannot hold is refused before anything is sent.
#[tokio::test]
async fn a_version_out_of_range_is_not_applied() {
    let (_folder, path) = file();
    let store = SqliteKeys::open(&path).await.unwrap();
    for (expected, version) in [(None, u64::MAX), (Some(u64::MAX), 1)] {
        let refused = store.replace("main", "v4.local", expected, ring(version)).await;
        assert!(matches!(refused, Err(StoreError::NotApplied { .. })), "{refused:?}");
    }
    store.replace("main", "v4.local", None, ring(1)).await.unwrap();
}

/// Eight stores, each with a connection of its own as in a process of its own, open one path at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_create_it_at_once() {
    for _ in 0..5 {
        let (_folder, path) = file();
        let opening: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                tokio::spawn(async move { SqliteKeys::open(path).await.unwrap().replace("main", "v4.local", None, ring(1)).await })
            })
            .collect();
        let mut won = 0;
        for opened in opening {
            won += i32::from(opened.await.unwrap().is_ok());
        }
        assert_eq!(won, 1);
    }
}
