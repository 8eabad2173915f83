//! What a server may have lost is told by every call, and what it kept is not taken for lost.

use std::{fs, os::unix::fs::PermissionsExt};

use rustix::process::{Signal, kill_process};

use super::*;

/// Every call says that something may be lost, and changes nothing.
async fn check_lost(postgres: &Postgres, store: &PostgresRevocations) {
    let state = || {
        let tables = "select (select count(*) from session_revocations), (select max(xmin::text) from session_revocations_log)";
        postgres.query(tables).unwrap_or_default()
    };
    let before = state();
    assert_eq!(store.read(&Cursor::START).await, Err(LOST));
    assert_eq!(store.append(&NewEntry::new(token("lost"), Keep::Horizon), NOW).await, Err(LOST));
    assert_eq!(store.raise_horizon(Duration::MAX).await, Err(LOST));
    assert_eq!(store.restore(&[Entry::new(token("lost"), NOW, Position::ZERO)]).await, Err(LOST));
    assert_eq!(store.prune(Timestamp::from_unix(i64::MAX)).await, Err(LOST));
    assert_eq!(state(), before);
}

/// The first call after a restart finds its connection gone.
async fn cut_off(store: &PostgresRevocations) {
    let read = store.read(&Cursor::START).await;
    assert!(matches!(read, Err(StoreError::Unreadable { .. })), "{read:?}");
}

#[tokio::test]
async fn a_log_that_nobody_began_is_lost_and_is_begun_once() {
    let postgres = require!(Postgres::start());
    let store = connect(&postgres).await;
    check_lost(&postgres, &store).await;
    store.begin(&beginning("first")).await.unwrap();
    let first = read_all(&store, Position::ZERO).await.1;
    // Whoever comes second changes nothing, unless he knows of higher positions.
    store.begin(&beginning("second")).await.unwrap();
    assert_eq!(&*read_all(&store, Position::ZERO).await.1.epoch, "first");
    let above = Position::new(first.complete_to.as_u64() + 1_000_000_000_000).unwrap();
    let digests = DigestKey::from_bytes([8; 16]);
    store.begin(&Beginning::new(above, 48 * HOUR, digests, HOUR, "third")).await.unwrap();
    let third = read_all(&store, Position::ZERO).await.1;
    let life = third.life.unwrap();
    assert_eq!((&*third.epoch, third.horizon, life.digests, Some(life.begun)), ("third", 48 * HOUR, DIGESTS, above.next()));
    assert!(append(&store, 1).await.position > life.begun);
    let at_the_end = Beginning::new(Position::MAX, HOUR, DIGESTS, HOUR, "no room");
    assert!(matches!(store.begin(&at_the_end).await, Err(StoreError::NotApplied { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_16_that_begin_at_once_one_decides() {
    let postgres = require!(Postgres::start());
    let mut stores = Vec::new();
    for _ in 0..16 {
        stores.push(connect(&postgres).await);
    }
    let beginners: Vec<_> = stores
        .into_iter()
        .enumerate()
        .map(|(number, store)| {
            tokio::spawn(async move {
                store.begin(&beginning(&number.to_string())).await.unwrap();
                read_all(&store, Position::ZERO).await.1.epoch
            })
        })
        .collect();
    let mut epochs = Vec::new();
    for beginner in beginners {
        epochs.push(beginner.await.unwrap());
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 1);
}

#[tokio::test]
async fn tables_that_were_emptied_or_dropped_are_a_loss() {
    let postgres = require!(Postgres::start());
    for sql in [
        "truncate session_revocations, session_revocations_log",
        "delete from session_revocations_log",
        "drop table session_revocations, session_revocations_log, session_revocations_schema",
    ] {
        let store = begun(&postgres).await;
        let before = append(&store, "before").await;
        postgres.query(sql).unwrap();
        check_lost(&postgres, &store).await;
        let above = Beginning::new(before.position, HOUR, DIGESTS, HOUR, "again");
        store.begin(&above).await.unwrap();
        let (entries, batch) = read_all(&store, Position::ZERO).await;
        assert_eq!((entries.len(), &*batch.epoch), (usize::from(sql.starts_with("delete")), "again"));
        assert!(append(&store, "after").await.position > before.position);
        postgres.query("truncate session_revocations, session_revocations_log").unwrap();
    }
}

#[tokio::test]
async fn a_restart_with_data_is_no_loss() {
    let mut postgres = require!(Postgres::start_with(UNTOUCHED));
    let store = begun(&postgres).await;
    let before = append(&store, "before").await;
    for signal in [Signal::INT, Signal::QUIT] {
        kill_process(postgres.pid(), signal).unwrap();
        postgres.stop();
        postgres.start_again().unwrap();
        cut_off(&store).await;
        assert_eq!(read_all(&store, Position::ZERO).await.0, std::slice::from_ref(&before));
    }
    let after = append(&store, "after").await;
    assert_eq!(read_all(&store, before.position).await.0, [after]);
}

/// A crash takes back what others committed without waiting for the disk, and no revocation.
#[tokio::test]
async fn a_revocation_waits_for_the_disk_although_others_do_not() {
    let late = ["-c", "fsync=on", "-c", "synchronous_commit=off", "-c", "wal_writer_delay=10s", "-c", "autovacuum=off"];
    let mut postgres = require!(Postgres::start_with(&late));
    let store = begun(&postgres).await;
    let revoked = append(&store, "revoked").await;
    kill_process(postgres.pid(), Signal::QUIT).unwrap();
    postgres.stop();
    postgres.start_again().unwrap();
    cut_off(&store).await;
    assert_eq!(read_all(&store, Position::ZERO).await.0, [revoked]);
    // The settings do take something back.
    postgres.query("create table others (name text)").unwrap();
    postgres.query("insert into others values ('x')").unwrap();
    kill_process(postgres.pid(), Signal::QUIT).unwrap();
    postgres.stop();
    postgres.start_again().unwrap();
    let others = postgres.query("select count(*) from others");
    assert!(others.as_deref() != Ok("1"), "{others:?}");
}

/// Nobody knows whether the machine has crashed as well.
#[tokio::test]
async fn a_restart_without_fsync_is_a_loss() {
    let mut postgres = require!(Postgres::start_with(&["-c", "fsync=off", "-c", "synchronous_commit=on"]));
    let store = begun(&postgres).await;
    let before = append(&store, "before").await;
    postgres.stop();
    postgres.start_again().unwrap();
    cut_off(&store).await;
    check_lost(&postgres, &store).await;
    store.begin(&Beginning::new(before.position, HOUR, DIGESTS, HOUR, "second")).await.unwrap();
    let (entries, batch) = read_all(&store, Position::ZERO).await;
    assert_eq!((entries, &*batch.epoch), (vec![before.clone()], "second"), "what is still there stays");
    assert!(batch.life.unwrap().begun > before.position && batch.complete_to > before.position);
}

/// A replica is not read, and one that took over may lack what the primary had acknowledged.
#[tokio::test]
async fn a_replica_is_refused_and_a_promoted_one_is_a_loss() {
    let mut postgres = require!(Postgres::start_with(UNTOUCHED));
    let store = begun(&postgres).await;
    let before = append(&store, "before").await;
    postgres.stop();
    // A server with the data of a primary that waits for more of it.
    let signal = postgres.folder().join("data/standby.signal");
    fs::write(&signal, "").unwrap();
    fs::set_permissions(&signal, fs::Permissions::from_mode(0o666)).unwrap();
    postgres.start_again().unwrap();
    cut_off(&store).await;
    let read = store.read(&Cursor::START).await.unwrap_err().to_string();
    assert_eq!(read, "the revocation log in PostgreSQL cannot be read: it is a replica, which may be behind");
    let refused = store.append(&NewEntry::new(token(1), Keep::Horizon), NOW).await.unwrap_err().to_string();
    assert_eq!(refused, "the revocation log in PostgreSQL was not changed: it is read-only (25006)");
    assert!(matches!(store.begin(&beginning("x")).await, Err(StoreError::NotApplied { .. })));
    assert!(matches!(PostgresRevocations::connect(&postgres.url()).await, Err(StoreError::Unreadable { .. })));

    assert_eq!(postgres.query("select pg_promote()").unwrap(), "t");
    check_lost(&postgres, &store).await;
    store.begin(&Beginning::new(before.position, HOUR, DIGESTS, HOUR, "second")).await.unwrap();
    assert_eq!(read_all(&store, Position::ZERO).await.0, [before]);
}
