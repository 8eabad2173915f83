//! The log in SQLite: what it survives, and what it refuses to open.

use std::{fs, path::PathBuf, time::Duration};

use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use super::{file::PATIENCE, *};
use crate::revocation::{DigestKey, Keep, Position, Target, store::contract};

mod shared;

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
    pages(&store, "PRAGMA max_page_count = 1").await;
    let mut written = 0;
    let error = loop {
        match store.append(&entry(written), Timestamp::UNIX_EPOCH).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.to_string(), "the revocation log in SQLite was not changed: database or disk is full");
    assert_eq!(contract::read_all(&store, Position::ZERO).await.len(), usize::try_from(written).unwrap());
    pages(&store, "PRAGMA max_page_count = 1000").await;
    store.append(&entry(written), Timestamp::UNIX_EPOCH).await.unwrap();
}

async fn pages(store: &SqliteRevocations, sql: &'static str) {
    let Access::Alone(connection) = &store.0 else { panic!("not of one") };
    sqlx::raw_sql(sql).execute(&mut *connection.lock().await).await.unwrap();
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
    tamper(&path, "PRAGMA user_version = 3").await;
    assert_eq!(SqliteRevocations::open(&path).await.unwrap_err(), StoreError::NewerVersion { store: NAME, found: 3, known: 2 });
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

/// Makes a file as version 1 did, with two entries.
async fn version_1(path: &Path) -> i64 {
    let mut connection = SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql(include_str!("schema_1.sql")).execute(&mut connection).await.unwrap();
    let head = i64::try_from(Position::of_new_log(Timestamp::from_unix(1_700_000_000)).as_u64()).unwrap();
    sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)").bind(head).execute(&mut connection).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO log (one, epoch, horizon) VALUES (1, 'of version 1', 90000); \
         INSERT INTO entries (kind, issuer, name, not_after) VALUES ('token', 'https://id.example', 't1', 7), ('subject', '', 'ada', 8); \
         PRAGMA application_id = 1936881260; PRAGMA user_version = 1",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    head
}

#[tokio::test]
async fn a_file_of_version_1_is_brought_up_to_date_with_all_that_it_holds() {
    for shared in [false, true] {
        let (_folder, path) = file();
        let head = u64::try_from(version_1(&path).await).unwrap();
        let position = |number| Position::new(head + number).unwrap();
        let token = Entry::new(Target::token(Some("https://id.example"), "t1"), Timestamp::from_unix(7), position(1));
        let subject = Entry::new(Target::subject(None, "ada"), Timestamp::from_unix(8), position(2));
        for _ in 0..2 {
            let store = match shared {
                false => SqliteRevocations::open_existing(&path).await.unwrap(),
                true => SqliteRevocations::open_existing_shared(&path).await.unwrap(),
            };
            let batch = store.read(&Cursor::START).await.unwrap();
            assert_eq!(batch.entries, [token.clone(), subject.clone()]);
            assert_eq!((&*batch.epoch, batch.complete_to, batch.horizon), ("of version 1", position(2), Duration::from_secs(90_000)));
            assert_eq!(batch.life.map(|life| (life.begun, life.recovering)), shared.then_some((Position::new(1).unwrap(), Duration::ZERO)));
        }
        let store = SqliteRevocations::open(&path).await.unwrap();
        let next = store.append(&NewEntry::new(Target::everything(), Keep::Horizon), Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!((next.position, next.not_after), (position(3), Timestamp::from_unix(90_360)));
    }
}

/// A file of version 1 that is no sound one stays as it is.
#[tokio::test]
async fn what_cannot_be_brought_up_to_date_is_left_alone() {
    let (_folder, path) = file();
    version_1(&path).await;
    let sound = fs::read(&path).unwrap();
    let mut damaged = sound.clone();
    damaged[4_096..].fill(0xa5);
    fs::write(&path, &damaged).unwrap();
    assert!(matches!(SqliteRevocations::open(&path).await, Err(StoreError::Unreadable { .. })));
    fs::write(&path, &sound).unwrap();
    assert_eq!(SqliteRevocations::open(&path).await.unwrap().read(&Cursor::START).await.unwrap().entries.len(), 2);
}
