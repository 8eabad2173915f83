//! What a test can tell the shared log to do, beyond the promises that every log keeps.

use super::*;
use crate::{
    limits,
    revocation::{DigestKey, Keep, Position, Target},
    testing::ManualClock,
};

const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const RECOVERY: Duration = Duration::from_secs(30);

async fn begin(store: &SharedRevocations, above: Position, epoch: &str) {
    let beginning = Beginning::new(above, limits::MAX_TTL, DigestKey::from_bytes([7; 16]), RECOVERY, epoch);
    store.begin(&beginning).await.unwrap();
}

async fn append(store: &SharedRevocations, name: &str, until: i64) -> Entry {
    let keep = Keep::Until(Timestamp::from_unix(until));
    store.append(&NewEntry::new(Target::token(None, name), keep), NOW).await.unwrap()
}

async fn names(store: &SharedRevocations, cursor: Cursor) -> (Vec<String>, bool) {
    let (mut names, mut whole, mut cursor) = (Vec::new(), false, Some(cursor));
    while let Some(at) = cursor {
        let batch = store.read(&at).await.unwrap();
        names.extend(batch.entries.iter().map(|entry| entry.target.name().to_owned()));
        whole |= batch.whole;
        cursor = batch.more;
    }
    (names, whole)
}

fn fresh() -> (SharedRevocations, ManualClock) {
    let clock = ManualClock::at(NOW);
    (SharedRevocations::new(clock.clone()), clock)
}

#[tokio::test]
async fn a_reader_who_is_too_far_behind_gets_everything_in_pages() {
    let (store, _clock) = fresh();
    begin(&store, Position::ZERO, "one").await;
    store.pages_of(2);
    let mut places = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        places.push(append(&store, name, 1_900_000_000).await.position);
    }
    assert_eq!(names(&store, Cursor::after(places[1])).await, (vec!["c".into(), "d".into(), "e".into()], false));
    store.trim(2);
    let everything = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    assert_eq!(names(&store, Cursor::after(places[1])).await, (everything.clone(), true));
    assert_eq!(names(&store, Cursor::after(places[2])).await, (vec!["d".into(), "e".into()], false));
    assert_eq!(names(&store, Cursor::START).await, (everything, false), "who asks for everything is not told that he did not");
    store.keep_in_order(1);
    append(&store, "f", 1_900_000_000).await;
    assert!(names(&store, Cursor::after(places[3])).await.1);
    assert!(!names(&store, Cursor::after(places[4])).await.1);
}

#[tokio::test]
async fn a_note_of_another_life_reads_from_the_start() {
    let (store, _clock) = fresh();
    begin(&store, Position::ZERO, "one").await;
    store.pages_of(1);
    let first = append(&store, "a", 1_900_000_000).await;
    append(&store, "b", 1_900_000_000).await;
    append(&store, "c", 1_900_000_000).await;
    store.trim(1);
    let more = store.read(&Cursor::after(first.position)).await.unwrap().more.unwrap();
    assert_eq!(names(&store, more.clone()).await.0, ["b", "c"]);
    store.lose_everything();
    begin(&store, Position::ZERO, "two").await;
    append(&store, "d", 1_900_000_000).await;
    assert_eq!(names(&store, more).await, (vec!["d".to_owned()], true));
}

#[tokio::test]
async fn what_the_last_entries_had_replaced_is_back() {
    let (store, _clock) = fresh();
    begin(&store, Position::ZERO, "one").await;
    let kept = append(&store, "a", 1_900_000_000).await;
    append(&store, "b", 1_900_000_000).await;
    append(&store, "a", 1_950_000_000).await;
    store.lose_last(2);
    assert_eq!(store.read(&Cursor::START).await, Err(StoreError::Lost { store: NAME }));
    begin(&store, Position::ZERO, "two").await;
    let batch = store.read(&Cursor::START).await.unwrap();
    assert_eq!((&*batch.epoch, batch.entries), ("two", vec![kept.clone()]));
    assert!(batch.life.unwrap().begun > kept.position);
}

#[tokio::test]
async fn its_clock_is_the_servers() {
    let (store, clock) = fresh();
    store.skew(-90);
    begin(&store, Position::ZERO, "one").await;
    clock.advance(Duration::from_secs(10));
    let batch = store.read(&Cursor::START).await.unwrap();
    assert_eq!(batch.now, Some(Timestamp::from_unix(NOW.as_unix() - 80)));
    assert_eq!(batch.life.unwrap().recovering, Duration::from_secs(20));
    clock.advance(Duration::from_secs(3_600));
    store.restart();
    begin(&store, Position::ZERO, "two").await;
    clock.advance(Duration::from_secs(31));
    let batch = store.read(&Cursor::START).await.unwrap();
    assert_eq!((&*batch.epoch, batch.life.unwrap().recovering), ("two", Duration::ZERO));
}

#[tokio::test]
async fn whoever_waits_is_woken_by_an_entry() {
    let (store, _clock) = fresh();
    begin(&store, Position::ZERO, "one").await;
    let other = store.clone();
    let (_, appended) = tokio::join!(store.woken(), append(&other, "a", 1_900_000_000));
    assert_eq!(store.read(&Cursor::START).await.unwrap().entries, [appended]);
}
