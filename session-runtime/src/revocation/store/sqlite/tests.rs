//! The log in SQLite: what it survives, and what it refuses to open.

use std::{fs, path::PathBuf};

use sqlx::sqlite::SqliteConnectOptions;

use super::*;
use crate::revocation::{entry::Keep, store::contract};

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("revocations.db");
    (folder, path)
}

/// Changes a closed log as another program could.
async fn tamper(path: &Path, sql: &'static str) {
    drop(SqliteRevocations::open(path).await.unwrap());
    let mut connection = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn keeps_the_contract() {
    let (_folder, path) = file();
    let store = SqliteRevocations::open(&path).await.unwrap();
    contract::check(&store).await;
    let (entries, batch) = (contract::read_all(&store, Position::ZERO).await, store.read(&Cursor::START).await.unwrap());
    drop(store);
    let store = SqliteRevocations::open_existing(&path).await.unwrap();
    let again = store.read(&Cursor::START).await.unwrap();
    assert_eq!((&*again.epoch, again.horizon), (&*batch.epoch, Duration::MAX));
    assert_eq!(contract::read_all(&store, Position::ZERO).await, entries);
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_of_a_new_log_is_its_owners_alone() {
    let (folder, path) = file();
    let store = SqliteRevocations::open(&path).await.unwrap();
    store.append(&NewEntry::new(Target::token(None, "t1"), Keep::Horizon), Timestamp::UNIX_EPOCH).await.unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 1, "no write-ahead log to look at");
    for file in files {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn commits_reach_the_disk_before_append_returns() {
    let (_folder, path) = file();
    let store = SqliteRevocations::open(&path).await.unwrap();
    let target = Target::token(None, "t1");
    store.append(&NewEntry::new(target, Keep::Horizon), Timestamp::UNIX_EPOCH).await.unwrap();
    // What a crash leaves is what lies in the folder now, without any of SQLite's closing work.
    let (folder, copy) = file();
    for file in fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let copied = SqliteRevocations::open_existing(&copy).await.unwrap();
    assert_eq!(copied.read(&Cursor::START).await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn a_full_disk_is_reported_and_changes_nothing() {
    let (_folder, path) = file();
    let store = SqliteRevocations::open(&path).await.unwrap();
    let entry = |number: i32| NewEntry::new(Target::token(Some("https://id.example"), &number.to_string()), Keep::Horizon);
    sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&mut *store.0.lock().await).await.unwrap();
    let mut written = 0;
    let error = loop {
        match store.append(&entry(written), Timestamp::UNIX_EPOCH).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.to_string(), "the revocation log in SQLite was not changed: database or disk is full");
    assert_eq!(contract::read_all(&store, Position::ZERO).await.len(), usize::try_from(written).unwrap());
    sqlx::raw_sql("PRAGMA max_page_count = 1000").execute(&mut *store.0.lock().await).await.unwrap();
    store.append(&entry(written), Timestamp::UNIX_EPOCH).await.unwrap();
}

#[tokio::test]
async fn the_file_is_held_by_one() {
    let (_folder, path) = file();
    let held = SqliteRevocations::open(&path).await.unwrap();
    assert_eq!(SqliteRevocations::open(&path).await.unwrap_err(), StoreError::Held { store: NAME });
    drop(held);
    SqliteRevocations::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_file_of_something_else_is_not_an_empty_log() {
    let (_folder, path) = file();
    assert!(matches!(SqliteRevocations::open_existing(&path).await, Err(StoreError::Unreadable { .. })));
    assert!(!path.exists());
    fs::write(&path, "this is not a database, and long enough to be taken for none at all".repeat(100)).unwrap();
    assert!(matches!(SqliteRevocations::open(&path).await, Err(StoreError::Unreadable { .. })));

    let (_folder, path) = file();
    let mut other = SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE customers (name TEXT)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let refused = SqliteRevocations::open(&path).await.unwrap_err();
    assert_eq!(refused.to_string(), "the revocation log in SQLite cannot be read: it is no revocation log");
}

#[tokio::test]
async fn names_that_sqlite_gives_a_meaning_to_are_files() {
    let (folder, _) = file();
    let path = folder.path().join("file:x.db?mode=memory");
    drop(SqliteRevocations::open(&path).await.unwrap());
    assert!(path.exists());
    assert!(SqliteRevocations::open("").await.is_err());
}

#[tokio::test]
async fn a_newer_version_is_left_alone() {
    let (_folder, path) = file();
    tamper(&path, "PRAGMA user_version = 2").await;
    assert_eq!(SqliteRevocations::open(&path).await.unwrap_err(), StoreError::NewerVersion { store: NAME, found: 2, known: 1 });
}

#[tokio::test]
async fn a_damaged_file_is_unreadable() {
    let (_folder, path) = file();
    let store = SqliteRevocations::open(&path).await.unwrap();
    for number in 0..500 {
        let target = Target::token(Some("https://id.example"), &number.to_string());
        store.append(&NewEntry::new(target, Keep::Horizon), Timestamp::UNIX_EPOCH).await.unwrap();
    }
    drop(store);
    drop(SqliteRevocations::open_existing(&path).await.unwrap());
    tamper(&path, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let sound = fs::read(&path).unwrap();
    // Every page in turn, the header's page from behind the header.
    for start in (0..sound.len()).step_by(4_096) {
        let mut damaged = sound.clone();
        damaged[start + if start == 0 { 100 } else { 0 }..start + 4_096].fill(0xa5);
        fs::write(&path, damaged).unwrap();
        let opened = SqliteRevocations::open(&path).await;
        assert!(matches!(opened, Err(StoreError::Unreadable { .. })), "page at {start}: {opened:?}");
    }
}

#[tokio::test]
async fn an_entry_that_is_not_understood_is_not_skipped() {
    for sql in [
        "INSERT INTO entries (kind, issuer, name, not_after) VALUES ('device', '', 'x', 0)",
        "INSERT INTO entries (position, kind, issuer, name, not_after) VALUES (9007199254740992, 'token', '', 'x', 0)",
        "INSERT INTO entries (kind, issuer, name, not_after) VALUES ('token', '', 'x', 0); DELETE FROM sqlite_sequence",
        "INSERT INTO entries (kind, issuer, name, not_after) VALUES ('token', '', CAST(x'ff' AS TEXT), 0)",
        "DELETE FROM log",
    ] {
        let (_folder, path) = file();
        tamper(&path, sql).await;
        let store = SqliteRevocations::open(&path).await.unwrap();
        let read = store.read(&Cursor::START).await;
        assert!(matches!(read, Err(StoreError::Unreadable { .. })), "{sql}: {read:?}");
        assert!(!read.unwrap_err().to_string().contains("device"));
    }
}
