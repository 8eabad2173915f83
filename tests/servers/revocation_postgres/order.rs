//! Positions become visible in their order, whoever writes and however long others take.

use std::{collections::BTreeSet, sync::Arc, thread};

use super::*;

/// Whoever polls finds each entry, and never one below what was called complete.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_polls_while_8_write_skips_nothing() {
    check_8_writers(&[]).await;
}

/// Where somebody made a stricter isolation the default, whoever had to wait for another one tries again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stricter_isolation_skips_nothing_and_refuses_nobody() {
    check_8_writers(&["-c", "default_transaction_isolation=serializable"]).await;
}

async fn check_8_writers(arguments: &[&str]) {
    const EACH: usize = 50;
    let postgres = Arc::new(require!(Postgres::start_with(arguments)));
    let reader = begun(&postgres).await;
    let mut writers = Vec::new();
    for writer in 0..8 {
        let postgres = Arc::clone(&postgres);
        writers.push(tokio::spawn(async move {
            let store = connect(&postgres).await;
            let mut written = Vec::new();
            for number in 0..EACH {
                written.push(append(&store, format!("{writer} {number}")).await);
            }
            written
        }));
    }
    let (mut seen, mut complete) = (BTreeSet::new(), Position::ZERO);
    loop {
        let finished = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let (entries, batch) = read_all(&reader, complete).await;
        for entry in entries {
            assert!(entry.position > complete && seen.insert(entry.position), "{:?} came late", entry.position);
        }
        assert!(batch.complete_to >= complete);
        complete = batch.complete_to;
        if finished {
            break;
        }
    }
    let mut written = BTreeSet::new();
    for writer in writers {
        written.extend(writer.await.unwrap().into_iter().map(|entry| entry.position));
    }
    assert_eq!((written.len(), written), (8 * EACH, seen));
}

/// The other way to number entries, to show that the tests above would find it: the number is taken before the commit, so a transaction
/// that is held open for a moment commits a number that readers have gone past.
#[test]
fn positions_from_a_sequence_are_skipped_by_readers() {
    let postgres = require!(Postgres::start());
    postgres.query("create table naive (position bigserial primary key, name text)").unwrap();
    let read = |since: i64| -> Vec<i64> {
        let rows = postgres.query(&format!("select position from naive where position > {since} order by position")).unwrap();
        rows.lines().map(|row| row.parse().unwrap()).collect()
    };
    thread::scope(|scope| {
        let slow = scope.spawn(|| postgres.query("insert into naive (name) values ('slow'); select pg_sleep(2)").unwrap());
        wait_for(&postgres, "pg_sleep");
        postgres.query("insert into naive (name) values ('quick')").unwrap();
        let seen = read(0);
        assert_eq!(seen, [2]);
        slow.join().unwrap();
        assert_eq!(read(seen[0]), Vec::<i64>::new(), "the first entry is committed, and whoever goes on after the second one misses it");
        assert_eq!(read(0), [1, 2]);
    });
}

/// The same in our tables: the second writer waits for the first one, and a reader sees neither, or both in their order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_that_is_held_open_keeps_later_positions_back() {
    let postgres = Arc::new(require!(Postgres::start()));
    let store = begun(&postgres).await;
    let before = append(&store, "before").await.position;
    let slow = {
        let postgres = Arc::clone(&postgres);
        thread::spawn(move || {
            postgres.query(
                "with log as (update session_revocations_log set head = head + 1 returning head) \
                 insert into session_revocations select head, 'token', '', 'slow', 0, head from log; select pg_sleep(2)",
            )
        })
    };
    wait_for(&postgres, "pg_sleep");
    let writer = connect(&postgres).await;
    let quick = tokio::spawn(async move { append(&writer, "quick").await });
    wait_for(&postgres, "WITH log");
    let (entries, batch) = read_all(&store, before).await;
    assert_eq!((entries, batch.complete_to), (Vec::new(), before));
    slow.join().unwrap().unwrap();
    let quick = quick.await.unwrap();
    let entries = read_all(&store, before).await.0;
    assert_eq!((entries.len(), entries[0].target.name(), &entries[1]), (2, "slow", &quick));
}

/// A batch job of an hour keeps nobody who was logged out from logging in again: what is complete goes on rising.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_elses_long_transaction_holds_nothing_back() {
    let postgres = Arc::new(require!(Postgres::start()));
    let store = begun(&postgres).await;
    let job = {
        let postgres = Arc::clone(&postgres);
        thread::spawn(move || postgres.query("create table job (name text); insert into job values ('x'); select pg_sleep(3)"))
    };
    wait_for(&postgres, "pg_sleep");
    for number in 0..3 {
        let written = append(&store, number).await.position;
        assert_eq!(read_all(&store, Position::ZERO).await.1.complete_to, written);
        assert_eq!(
            postgres.query("select count(*) from pg_stat_activity where query like '%pg_sleep(3)' and state = 'active'").unwrap(),
            "1"
        );
    }
    job.join().unwrap().unwrap();
}

/// Waits until a statement with these words runs.
fn wait_for(postgres: &Postgres, words: &str) {
    let running = format!(
        "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%{words}%' \
         and (wait_event = 'PgSleep' or wait_event_type = 'Lock')"
    );
    while postgres.query(&running).unwrap() == "0" {
        thread::yield_now();
    }
}
