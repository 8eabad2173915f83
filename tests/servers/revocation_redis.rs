//! The revocation log in a real Redis: the contract of a log, and many readers and writers. What goes wrong is in the modules.

mod link;
mod losses;
mod promises;

use std::{collections::HashSet, time::Duration};

use session_runtime::{
    Timestamp,
    error::StoreError,
    limits,
    revocation::{Batch, Beginning, Cursor, DigestKey, Entry, Keep, NewEntry, Position, RedisRevocations, RevocationStore, Target},
};
use session_tests::{require, server::Redis};

const NAME: &str = "the revocation log in Redis";
const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const HOUR: Duration = Duration::from_secs(3_600);
/// For tests in which nothing is late: the machine compiles meanwhile.
const PATIENT: Duration = Duration::from_secs(20);

const LOST: StoreError = StoreError::Lost { store: NAME };

async fn connect(redis: &Redis) -> RedisRevocations {
    RedisRevocations::connect(&redis.url()).await.unwrap().with_deadline(PATIENT)
}

async fn begun(redis: &Redis) -> RedisRevocations {
    let store = connect(redis).await;
    begin(&store, Position::ZERO, "first").await;
    store
}

fn beginning(above: Position, epoch: &str) -> Beginning {
    Beginning::new(above, limits::MAX_TTL, DigestKey::from_bytes([7; 16]), Duration::from_secs(30), epoch)
}

async fn begin(store: &RedisRevocations, above: Position, epoch: &str) {
    store.begin(&beginning(above, epoch)).await.unwrap();
}

fn token(name: &str) -> Target {
    Target::token(Some("https://id.example"), name)
}

async fn append(store: &RedisRevocations, target: Target, keep: Keep) -> Entry {
    let entry = store.append(&NewEntry::new(target.clone(), keep), NOW).await.unwrap();
    assert_eq!(entry.target, target);
    entry
}

async fn revoke(store: &RedisRevocations, name: &str) -> Entry {
    append(store, token(name), Keep::Until(NOW.saturating_add(HOUR))).await
}

/// Everything from a cursor on, in the order of positions, and the answers.
async fn read(store: &RedisRevocations, mut cursor: Cursor) -> (Vec<Entry>, Vec<Batch>) {
    let mut batches: Vec<Batch> = Vec::new();
    loop {
        let batch = store.read(&cursor).await.unwrap();
        assert!(batch.complete_to >= cursor.position() && batch.more.as_ref() != Some(&cursor));
        let more = batch.more.clone();
        batches.push(batch);
        let Some(more) = more else { break };
        cursor = more;
    }
    let mut entries: Vec<Entry> = batches.iter().flat_map(|batch| batch.entries.clone()).collect();
    entries.sort_by_key(|entry| entry.position);
    (entries, batches)
}

async fn since(store: &RedisRevocations, position: Position) -> Vec<Entry> {
    let (entries, batches) = read(store, Cursor::after(position)).await;
    assert!(!batches[0].whole, "the tail has it");
    entries
}

async fn whole(store: &RedisRevocations) -> Vec<Entry> {
    read(store, Cursor::START).await.0
}

fn after(position: Position, number: u64) -> Position {
    Position::new(position.as_u64() + number).unwrap()
}

#[tokio::test]
async fn keeps_the_contract() {
    let redis = require!(Redis::start());
    let store = connect(&redis).await;
    assert_eq!(store.read(&Cursor::START).await.unwrap_err(), LOST);
    assert!(store.name() == NAME && !store.is_authoritative() && !format!("{store:?}").contains("127"));
    begin(&store, Position::ZERO, "first").await;
    let empty = store.read(&Cursor::START).await.unwrap();
    assert!(empty.entries.is_empty() && empty.more.is_none() && &*empty.epoch == "first" && !empty.whole);
    assert!(empty.complete_to > Position::of_new_log(Timestamp::from_unix(1_700_000_000)));
    assert_eq!(empty.horizon, limits::MAX_TTL);
    assert_eq!(since(&store, empty.complete_to).await, []);

    let until = NOW.saturating_add(HOUR);
    let first = append(&store, token("t1"), Keep::Until(until)).await;
    let foreign = append(&store, Target::token(None, "t1"), Keep::Until(Entry::FOREVER)).await;
    let odd = append(&store, Target::subject(Some("I\u{0} 'x' \"ü"), "a\u{0}b\n"), Keep::Horizon).await;
    let all = append(&store, Target::everything(), Keep::Horizon).await;
    assert_eq!(first.position, after(empty.complete_to, 1));
    assert_eq!((first.not_after, foreign.not_after), (until, Entry::FOREVER));
    assert_eq!(all.not_after, Keep::Horizon.not_after(NOW, limits::MAX_TTL));
    let four = [first.clone(), foreign.clone(), odd.clone(), all.clone()];
    assert_eq!((whole(&store).await, since(&store, empty.complete_to).await), (four.to_vec(), four.to_vec()));
    assert_eq!(since(&store, foreign.position).await, [odd, all.clone()]);
    assert_eq!(since(&store, all.position).await, []);

    // Revoking again is found by those who have read before, and never shortens an entry.
    let again = append(&store, first.target.clone(), Keep::Until(NOW)).await;
    assert_eq!((again.not_after, again.position), (until, after(all.position, 1)));
    assert_eq!(since(&store, all.position).await, std::slice::from_ref(&again));
    assert_eq!(whole(&store).await.len(), 4);

    // The horizon only rises, and later entries live by it.
    let longer = limits::MAX_TTL.saturating_add(HOUR);
    assert_eq!(store.raise_horizon(longer).await.unwrap(), longer);
    assert_eq!(store.raise_horizon(HOUR).await.unwrap(), longer);
    assert_eq!(store.read(&Cursor::START).await.unwrap().horizon, longer);
    assert_eq!(append(&store, Target::everything(), Keep::Horizon).await.not_after, Keep::Horizon.not_after(NOW, longer));
    assert_eq!(store.raise_horizon(Duration::MAX).await.unwrap(), Duration::MAX);
    assert_eq!(append(&store, Target::subject(None, "ada"), Keep::Horizon).await.not_after, Entry::FOREVER);

    // Prune removes what is past its last moment, and nothing else; positions are not given again.
    assert_eq!(store.prune(until).await.unwrap(), 0);
    assert_eq!(store.prune(until.saturating_add(Duration::from_secs(1))).await.unwrap(), 1);
    let left = whole(&store).await;
    assert!(left.len() == 4 && left.contains(&foreign) && !left.iter().any(|entry| entry.target == first.target));
    let last = append(&store, token("last"), Keep::Until(NOW)).await;
    store.prune(Timestamp::from_unix(i64::MAX)).await.unwrap();
    assert_eq!(whole(&store).await.len(), 2, "what is kept for ever is kept");
    assert_eq!(append(&store, token("newest"), Keep::Until(NOW)).await.position, after(last.position, 1));
}

#[tokio::test]
async fn a_log_is_begun_once_and_above_what_is_known() {
    let redis = require!(Redis::start());
    let (store, second) = (connect(&redis).await, connect(&redis).await);
    let (one, two) = (beginning(Position::ZERO, "one"), beginning(Position::ZERO, "two"));
    let (one, two) = tokio::join!(store.begin(&one), second.begin(&two));
    assert_eq!((one, two), (Ok(()), Ok(())));
    let first = store.read(&Cursor::START).await.unwrap();
    let life = first.life.clone().unwrap();
    assert_eq!((life.begun, life.digests), (first.complete_to, DigestKey::from_bytes([7; 16])));
    assert!(life.recovering > Duration::from_secs(20) && life.recovering <= Duration::from_secs(30));
    assert!(first.now.unwrap() > Timestamp::from_unix(1_700_000_000));

    // Whoever knows less changes nothing, and whoever knows more begins above it. The digests and the higher horizon stay.
    let longer = limits::MAX_TTL.saturating_add(HOUR);
    store.raise_horizon(longer).await.unwrap();
    let entry = revoke(&store, "t1").await;
    let below = Position::new(life.begun.as_u64() - 1).unwrap();
    begin(&store, below, "three").await;
    assert_eq!(store.read(&Cursor::START).await.unwrap().epoch, first.epoch);
    let above = after(entry.position, 1 << 40);
    let other = Beginning::new(above, HOUR, DigestKey::from_bytes([8; 16]), Duration::ZERO, "four");
    store.begin(&other).await.unwrap();
    let (entries, batches) = read(&store, Cursor::START).await;
    let life = batches[0].life.clone().unwrap();
    assert_eq!((&*batches[0].epoch, batches[0].horizon, entries), ("four", longer, vec![entry.clone()]));
    assert_eq!((life.begun, life.digests), (after(above, 1), DigestKey::from_bytes([7; 16])));
    assert_eq!(life.recovering, Duration::ZERO);
    // Whoever read the life before gets everything; whoever knows all up to the new beginning goes on there.
    assert!(store.read(&Cursor::after(entry.position)).await.unwrap().whole);
    let next = revoke(&store, "t2").await;
    assert_eq!(since(&store, life.begun).await, [next]);
    let refused = store.begin(&beginning(Position::MAX, "five")).await.unwrap_err();
    assert_eq!(refused, StoreError::NotApplied { store: NAME, reason: "no position is left".to_owned() });
}

#[tokio::test]
async fn entries_are_restored_once_and_merged() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    let (known, begun) = (revoke(&store, "t1").await, store.read(&Cursor::START).await.unwrap().complete_to);
    let digest = Target::from_stored("subject-digest", "07".repeat(16), "42".repeat(16)).unwrap();
    let below = |number| Position::new(number).unwrap();
    let lost = Entry::new(digest.clone(), NOW, below(900)).covering_below(below(17));
    let shorter = Entry::new(known.target.clone(), NOW, below(901));
    store.restore(&[lost.clone(), shorter]).await.unwrap();
    let restored = since(&store, begun).await;
    assert_eq!(restored, [Entry::new(digest.clone(), NOW, after(begun, 1)).covering_below(below(17))], "the other one says nothing new");
    store.restore(&restored).await.unwrap();
    assert_eq!(since(&store, restored[0].position).await, [], "what every node tells is written once");

    // The later moment and the higher position stay, whoever says them.
    let wider = Entry::new(digest.clone(), Timestamp::from_unix(5), below(902)).covering_below(below(18));
    store.restore(&[wider]).await.unwrap();
    store.restore(&[lost]).await.unwrap();
    let merged = Entry::new(digest, NOW, after(begun, 2)).covering_below(below(18));
    assert_eq!(since(&store, restored[0].position).await, std::slice::from_ref(&merged));
    assert_eq!(whole(&store).await, [known, merged]);
    store.restore(&[]).await.unwrap();
}

#[tokio::test]
async fn logs_of_two_names_know_nothing_of_each_other() {
    let redis = require!(Redis::start());
    let main = begun(&redis).await;
    let orders = connect(&redis).await.with_name("orders");
    assert_eq!(orders.read(&Cursor::START).await.unwrap_err(), LOST);
    begin(&orders, Position::ZERO, "orders").await;
    revoke(&main, "t1").await;
    assert_eq!((whole(&main).await.len(), whole(&orders).await.len()), (1, 0));
    assert_eq!(connect(&redis).await.with_name("orders").with_name("main").read(&Cursor::START).await.unwrap().entries.len(), 1);
}

/// Positions are given once, and whoever reads from where he was told that he knows everything misses none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_polling_reader_misses_nothing_of_many_writers() {
    const WRITERS: usize = 4;
    const EACH: usize = 400;
    let redis = require!(Redis::start());
    let reader = begun(&redis).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = connect(&redis).await;
        writers.spawn(async move {
            let mut positions = Vec::new();
            for number in 0..EACH {
                positions.push(revoke(&store, &format!("{writer}-{number}")).await.position);
            }
            positions
        });
    }
    let (mut seen, mut cursor) = (HashSet::new(), Cursor::after(reader.read(&Cursor::START).await.unwrap().life.unwrap().begun));
    while seen.len() < WRITERS * EACH {
        let batch = reader.read(&cursor).await.unwrap();
        assert!(!batch.whole);
        for entry in batch.entries {
            assert!(entry.position > cursor.position() && seen.insert(entry.position));
        }
        cursor = Cursor::after(batch.complete_to);
    }
    let written: Vec<Position> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(written.len(), WRITERS * EACH);
    assert_eq!(written.into_iter().collect::<HashSet<_>>(), seen);
}

/// Reading everything while others write, prune and restore: what was there at the beginning is in it, and what came later follows.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_thousand_entries_are_read_whole_while_others_write() {
    const ENTRIES: u64 = 50_000;
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    let entries: Vec<Entry> =
        (0..ENTRIES).map(|number| Entry::new(token(&format!("{number:022}")), NOW, Position::new(number + 1).unwrap())).collect();
    store.restore(&entries).await.unwrap();
    let writer = connect(&redis).await;
    let writing = tokio::spawn(async move {
        for number in 0..500 {
            revoke(&writer, &format!("later-{number}")).await;
        }
    });
    let (read, batches) = read(&store, Cursor::START).await;
    let targets: HashSet<_> = read.iter().map(|entry| entry.target.name().to_owned()).collect();
    assert!((0..ENTRIES).all(|number| targets.contains(&format!("{number:022}"))));
    assert!(batches.len() > 10);
    writing.await.unwrap();
    let last = batches.last().unwrap().complete_to;
    let (rest, _) = self::read(&store, Cursor::after(last)).await;
    let later = read.iter().chain(&rest).filter(|entry| entry.target.name().starts_with("later")).map(|entry| entry.position);
    assert_eq!(later.collect::<HashSet<_>>().len(), 500);
    assert_eq!(store.prune(NOW.saturating_add(Duration::from_secs(1))).await.unwrap(), ENTRIES);
    assert_eq!(whole(&store).await.len(), 500);
}
