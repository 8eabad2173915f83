//! The revocation log in a real PostgreSQL.

use std::time::Duration;

use session_runtime::{
    Timestamp,
    error::StoreError,
    revocation::{Batch, Beginning, Cursor, DigestKey, Entry, Keep, NewEntry, Position, PostgresRevocations, RevocationStore, Target},
};
use session_tests::{require, server::Postgres};

mod loss;
mod order;
mod promises;

const NAME: &str = "the revocation log in PostgreSQL";
const LOST: StoreError = StoreError::Lost { store: NAME };
const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const HOUR: Duration = Duration::from_secs(3_600);
const DIGESTS: DigestKey = DigestKey::from_bytes([7; 16]);
/// The settings of a server that nobody has touched; the harness turns them off unless it is told.
const UNTOUCHED: &[&str] = &["-c", "fsync=on", "-c", "synchronous_commit=on"];

/// A store without a log. A machine that compiles on all cores is no server that does not answer.
async fn connect(postgres: &Postgres) -> PostgresRevocations {
    PostgresRevocations::connect(&postgres.url()).await.unwrap().with_deadline(Duration::from_secs(20))
}

/// A store with a log.
async fn begun(postgres: &Postgres) -> PostgresRevocations {
    let store = connect(postgres).await;
    store.begin(&beginning("first")).await.unwrap();
    store
}

fn beginning(epoch: &str) -> Beginning {
    Beginning::new(Position::ZERO, Duration::ZERO, DIGESTS, Duration::ZERO, epoch)
}

fn token(name: impl ToString) -> Target {
    Target::token(Some("https://id.example"), &name.to_string())
}

async fn append(store: &PostgresRevocations, name: impl ToString) -> Entry {
    store.append(&NewEntry::new(token(name), Keep::Until(NOW)), NOW).await.unwrap()
}

/// Everything after a position, and the last answer.
async fn read_all(store: &PostgresRevocations, since: Position) -> (Vec<Entry>, Batch) {
    let (mut entries, mut cursor) = (Vec::new(), Cursor::after(since));
    loop {
        let batch = store.read(&cursor).await.unwrap();
        entries.extend(batch.entries.clone());
        match batch.more.clone() {
            Some(more) => cursor = more,
            None => return (entries, batch),
        }
    }
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    let postgres = require!(Postgres::start());
    let store = connect(&postgres).await;
    let first = Beginning::new(Position::ZERO, HOUR, DIGESTS, 24 * HOUR, "first");
    store.begin(&first).await.unwrap();
    let (entries, empty) = read_all(&store, Position::ZERO).await;
    let life = empty.life.unwrap();
    assert_eq!((entries.len(), &*empty.epoch, life.begun, life.digests), (0, "first", empty.complete_to, DIGESTS));
    assert!(life.begun > Position::of_new_log(Timestamp::from_unix(1_700_000_000)));
    assert!(life.recovering > 23 * HOUR && life.recovering <= 24 * HOUR);
    assert!(empty.now > Some(Timestamp::from_unix(1_700_000_000)) && empty.horizon == 24 * HOUR);

    let odd = Target::subject(Some("I\u{0} 'x' ü"), "a\u{0}b\n\\ \u{1f512}");
    let long = Target::token(None, &"0123456789abcdef".repeat(512));
    let mut written = Vec::new();
    for (target, keep) in [
        (token(1), Keep::Until(NOW)),
        (Target::token(None, "1"), Keep::Until(Entry::FOREVER)),
        (odd, Keep::Horizon),
        (long, Keep::Until(Timestamp::from_unix(-5))),
        (Target::session(None, "1"), Keep::Horizon),
        (Target::everything(), Keep::Horizon),
    ] {
        let entry = store.append(&NewEntry::new(target.clone(), keep), NOW).await.unwrap();
        assert_eq!((&entry.target, entry.not_after, entry.covers_below), (&target, keep.not_after(NOW, 24 * HOUR), entry.position));
        written.push(entry);
    }
    assert_eq!(read_all(&store, Position::ZERO).await.0, written);
    let (entries, batch) = read_all(&store, written[3].position).await;
    assert_eq!((entries.as_slice(), batch.complete_to), (&written[4..], written[5].position));

    // Again: the newest place and the latest end. The horizon only rises, and entries live by it.
    let again = store.append(&NewEntry::new(token(1), Keep::Until(Timestamp::UNIX_EPOCH)), NOW).await.unwrap();
    assert!(again.position > written[5].position && again.not_after == NOW);
    for (life, want) in [(HOUR, 24 * HOUR), (25 * HOUR + Duration::from_nanos(1), 25 * HOUR + Duration::from_secs(1))] {
        assert_eq!(store.raise_horizon(life).await.unwrap(), want);
    }
    let all = store.append(&NewEntry::new(Target::everything(), Keep::Horizon), NOW).await.unwrap();
    assert_eq!(all.not_after, Keep::Horizon.not_after(NOW, 25 * HOUR + Duration::from_secs(1)));
    assert_eq!(store.raise_horizon(Duration::MAX).await.unwrap(), Duration::MAX);
    let for_ever = store.append(&NewEntry::new(Target::everything(), Keep::Horizon), NOW).await.unwrap();
    assert_eq!((for_ever.not_after, read_all(&store, Position::ZERO).await.1.horizon), (Entry::FOREVER, Duration::MAX));
}

#[tokio::test]
async fn pruning_removes_what_has_ended_in_steps_and_gives_no_position_again() {
    let postgres = require!(Postgres::start());
    let store = begun(&postgres).await;
    let entry = |number: i64| Entry::new(token(number), Timestamp::from_unix(number), Position::ZERO);
    store.restore(&(0..2_500).map(entry).collect::<Vec<_>>()).await.unwrap();
    let kept = append(&store, "kept").await;
    assert_eq!(store.prune(Timestamp::from_unix(0)).await, Ok(0));
    assert_eq!(store.prune(Timestamp::from_unix(2_300)).await, Ok(2_300));
    assert_eq!(store.prune(NOW).await, Ok(200));
    assert_eq!(read_all(&store, Position::ZERO).await.0, std::slice::from_ref(&kept));
    assert_eq!(store.prune(Timestamp::from_unix(i64::MAX)).await, Ok(1));
    assert_eq!(read_all(&store, Position::ZERO).await.1.complete_to, kept.position);
    assert!(append(&store, "next").await.position > kept.position);
}

#[tokio::test]
async fn what_is_restored_is_merged_and_20_000_entries_arrive_in_pages() {
    let postgres = require!(Postgres::start());
    let store = begun(&postgres).await;
    let below = |number| Position::new(number).unwrap();
    let entry =
        |number: u64, end, covers| Entry::new(token(number), Timestamp::from_unix(end), Position::ZERO).covering_below(below(covers));
    let known = append(&store, 7).await;
    let told: Vec<Entry> = (0..20_000).map(|number| entry(number, 9, 5)).collect();
    store.restore(&told).await.unwrap();
    let (entries, batch) = read_all(&store, Position::ZERO).await;
    assert_eq!(entries.len(), 20_000);
    assert!(entries.is_sorted_by_key(|entry| entry.position) && batch.complete_to >= entries[19_999].position);
    assert!(entries.contains(&known), "what says more already stays as it is");
    assert_eq!(store.read(&Cursor::START).await.unwrap().entries.len(), 4_096);

    // Told again, nothing is new. What says more moves to where those who poll find it.
    store.restore(&told).await.unwrap();
    store.restore(&[]).await.unwrap();
    assert_eq!(read_all(&store, batch.complete_to).await.0, []);
    let more = [entry(1, 10, 4), entry(2, 8, 6), entry(1, 9, 7), entry(20_000, 1, 1)];
    store.restore(&more).await.unwrap();
    let mut news = read_all(&store, batch.complete_to).await.0;
    news.sort_by_key(|entry| (entry.not_after, entry.covers_below));
    let found: Vec<_> = news.iter().map(|entry| (&entry.target, entry.not_after.as_unix(), entry.covers_below)).collect();
    assert_eq!(found, [(&token(20_000), 1, below(1)), (&token(2), 9, below(6)), (&token(1), 10, below(7))]);
}

/// A reader is woken, and finds what woke it.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_wakes_readers_and_a_lost_connection_listens_again() {
    let postgres = require!(Postgres::start());
    let (store, reader) = (begun(&postgres).await, connect(&postgres).await);
    // When it has begun to listen, which is worth a look.
    woken(&reader).await;
    for number in 0..3 {
        let written = append(&store, number).await;
        woken(&reader).await;
        assert!(read_all(&reader, Position::ZERO).await.0.contains(&written));
    }
    store.restore(&[Entry::new(token("lost"), NOW, Position::ZERO)]).await.unwrap();
    woken(&reader).await;
    postgres.query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'").unwrap();
    woken(&reader).await;
    append(&store, 4).await;
    woken(&reader).await;
}

async fn woken(store: &PostgresRevocations) {
    tokio::time::timeout(Duration::from_secs(30), store.woken()).await.expect("nobody was woken");
}

#[tokio::test]
async fn the_documented_rights_are_enough() {
    let postgres = require!(Postgres::start());
    drop(begun(&postgres).await);
    postgres.query("create role app login password 'app'").unwrap();
    let url = format!("postgres://app:app@127.0.0.1:{}/postgres", postgres.port());
    let refused = PostgresRevocations::connect(&url).await.unwrap_err().to_string();
    assert!(refused.ends_with("the role lacks a right (42501)"), "{refused}");
    postgres
        .query(
            "grant select, insert, update, delete on session_revocations to app; \
             grant select, insert, update on session_revocations_log to app; grant select on session_revocations_schema to app",
        )
        .unwrap();
    let store = PostgresRevocations::connect(&url).await.unwrap().with_deadline(Duration::from_secs(20));
    append(&store, 1).await;
    store.restore(&[Entry::new(token(2), NOW, Position::ZERO)]).await.unwrap();
    store.raise_horizon(HOUR).await.unwrap();
    let head = read_all(&store, Position::ZERO).await.1.complete_to;
    store.begin(&Beginning::new(head, HOUR, DIGESTS, HOUR, "second")).await.unwrap();
    assert_eq!(store.prune(Timestamp::from_unix(i64::MAX)).await, Ok(2));

    postgres.query("revoke update on session_revocations_log from app").unwrap();
    let refused = store.append(&NewEntry::new(token(3), Keep::Horizon), NOW).await.unwrap_err().to_string();
    assert_eq!(refused, "the revocation log in PostgreSQL was not changed: the role lacks a right (42501)");
    // Without these nobody could say whether the server has lost something.
    postgres.query("revoke execute on function pg_control_system() from public").unwrap();
    let refused = PostgresRevocations::connect(&url).await.unwrap_err();
    assert!(matches!(refused, StoreError::Misconfigured { .. }), "{refused}");
}

#[tokio::test]
async fn what_is_not_understood_is_unreadable() {
    let postgres = require!(Postgres::start());
    for (sql, want) in [
        ("update session_revocations set word = 'device'", "an entry is of a kind that is not known"),
        ("update session_revocations set name = '\\xff'", "a stored value has the wrong type"),
        ("update session_revocations set covers_below = 9007199254740992", "a position is out of range"),
        ("update session_revocations set position = position + 1", "an entry stands above the head"),
        ("alter table session_revocations drop column name", "a table is missing or is not ours (42703)"),
        ("update session_revocations_schema set version = 2", "has version 2, this library reads up to 1: upgrade it"),
        ("delete from session_revocations_schema", "its version is none that ever was"),
    ] {
        postgres.query("drop table if exists session_revocations, session_revocations_log, session_revocations_schema").unwrap();
        let store = begun(&postgres).await;
        append(&store, "hush").await;
        postgres.query(sql).unwrap();
        let error = store.read(&Cursor::START).await.unwrap_err().to_string();
        assert!(error.ends_with(want) && !error.contains("hush"), "{sql}: {error}");
    }
}
