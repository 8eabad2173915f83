//! Links and rights that fail: what was written, what was not, and what nobody knows.

use session_tests::{
    faults::real_time::pass,
    proxy::{Conduct, Proxy},
};
use tokio::time::timeout;

use super::*;

const SHORT: Duration = Duration::from_millis(400);

fn entry(name: &str) -> NewEntry {
    NewEntry::new(token(name), Keep::Horizon)
}

#[tokio::test]
async fn a_missing_answer_to_a_write_is_unknown() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await.with_deadline(SHORT);
    revoke(&store, "known").await;
    // The server answers at once that it is alive, and to scripts much later.
    redis.ask("CLIENT PAUSE 60000 WRITE").unwrap();
    let late = StoreError::Unknown { store: NAME, reason: "no answer within 400ms".to_owned() };
    assert_eq!(store.append(&entry("t1"), NOW).await.unwrap_err(), late);
    assert_eq!(store.raise_horizon(HOUR).await.unwrap_err(), late);
    assert_eq!(store.begin(&beginning(Position::MAX, "second")).await.unwrap_err(), late);
    redis.ask("CLIENT UNPAUSE").unwrap();
    // Written once more, whatever became of the first.
    let store = store.with_deadline(PATIENT);
    store.append(&entry("t1"), NOW).await.unwrap();
    assert_eq!(whole(&store).await.len(), 2);
}

/// Answers get lost in the middle of a call of many steps: an error of a later step is no promise that nothing was written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_many_steps_is_unknown_after_the_first() {
    let redis = require!(Redis::start());
    begun(&redis).await;
    let proxy = Proxy::start(redis.address()).await.unwrap();
    let url = format!("redis://{}", proxy.address());
    let store = RedisRevocations::connect(&url).await.unwrap().with_deadline(Duration::from_secs(2));
    let entries: Vec<Entry> =
        (0..100_000).map(|number| Entry::new(token(&number.to_string()), NOW, Position::new(number + 1).unwrap())).collect();
    let cut = async {
        while redis.ask("HLEN {session:revocations:main}:entries").unwrap() == ":0\r\n" {
            pass(Duration::from_millis(1)).await;
        }
        proxy.behave(Conduct::HalfOpen);
    };
    let (restored, ()) = tokio::join!(store.restore(&entries), cut);
    assert!(matches!(restored, Err(StoreError::Unknown { .. })), "{restored:?}");
    // A link that swallows what it is given ends as late, and what was not sent is not applied.
    assert!(matches!(store.read(&Cursor::START).await, Err(StoreError::Unreadable { .. })));
    assert!(matches!(store.append(&entry("t1"), NOW).await, Err(StoreError::NotApplied { .. })));
    proxy.behave(Conduct::Pass);
    let store = store.with_deadline(PATIENT);
    store.restore(&entries[..10_000]).await.unwrap();
    assert!(whole(&store).await.len() >= 10_000);
}

/// A dropped call takes its connection along, so that nobody reads the answer to another question.
#[tokio::test]
async fn a_dropped_call_spoils_no_other() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    redis.ask("CLIENT PAUSE 60000 WRITE").unwrap();
    let entry = entry("t1");
    assert!(timeout(Duration::from_millis(200), store.append(&entry, NOW)).await.is_err());
    redis.ask("CLIENT UNPAUSE").unwrap();
    let horizon = limits::MAX_TTL.saturating_add(HOUR);
    assert_eq!(store.raise_horizon(horizon).await.unwrap(), horizon);
}

#[tokio::test]
async fn a_full_server_takes_nothing_and_tells_everything() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    let known = revoke(&store, "known").await;
    redis.ask("CONFIG SET maxmemory 1").unwrap();
    let full = StoreError::NotApplied { store: NAME, reason: "Redis refused (OOM)".to_owned() };
    assert_eq!(store.append(&entry("t1"), NOW).await.unwrap_err(), full);
    assert_eq!(store.raise_horizon(Duration::MAX).await.unwrap_err(), full);
    assert_eq!(store.restore(&[Entry::new(token("t2"), NOW, known.position)]).await.unwrap_err(), full);
    assert_eq!(whole(&store).await, [known]);
}

/// What the type says that a user needs is enough, and whoever may do less is told what became of it.
#[tokio::test]
async fn a_user_needs_what_is_said_and_no_more() {
    const RIGHTS: &str = "~{session:revocations:* &{session:revocations:* +ping +evalsha +script|load +info +time +hget +hgetall +hset +hincrby +hlen \
                          +hscan +hdel +xadd +xrange +xrevrange +unlink +publish +hello +subscribe";
    let redis = require!(Redis::start());
    redis.ask(&format!("ACL SETUSER app on >app {RIGHTS}")).unwrap();
    let store = RedisRevocations::connect(&redis.url().replace("//", "//app:app@")).await.unwrap().with_deadline(PATIENT);
    begin(&store, Position::ZERO, "first").await;
    let known = revoke(&store, "t1").await;
    store.restore(&[Entry::new(token("t2"), NOW, known.position)]).await.unwrap();
    store.raise_horizon(Duration::MAX).await.unwrap();
    assert_eq!(store.prune(NOW.saturating_add(Duration::from_secs(1))).await.unwrap(), 1);
    timeout(PATIENT, store.woken()).await.unwrap();

    // Without a right to give hints, nothing is missing. Without one of the others, it is told whether something was written.
    redis.ask("ACL SETUSER app -publish").unwrap();
    let last = revoke(&store, "t3").await;
    redis.ask("ACL SETUSER app -hset").unwrap();
    let refused = store.append(&entry("t4"), NOW).await;
    assert!(matches!(refused, Err(StoreError::NotApplied { .. })), "{refused:?}");
    assert_eq!(whole(&store).await, [known, last.clone()]);
    redis.ask("ACL SETUSER app +hset -xadd").unwrap();
    let half = StoreError::Unknown { store: NAME, reason: "it stopped in the middle, for want of a right".to_owned() };
    assert_eq!(store.append(&entry("t4"), NOW).await.unwrap_err(), half);
    // It leaves a hole, and nothing that has to be mended by hand.
    redis.ask("ACL SETUSER app +xadd").unwrap();
    store.append(&entry("t4"), NOW).await.unwrap();
    let (entries, batches) = read(&store, Cursor::after(last.position)).await;
    assert!(batches[0].whole && entries.len() == 3);
}

/// A hint comes long before a reader that looks every minute would look, and again after the server was away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_wakes_a_reader() {
    let mut redis = require!(Redis::start());
    let (reader, writer) = (begun(&redis).await, connect(&redis).await);
    // The first one says that it listens now.
    timeout(PATIENT, reader.woken()).await.unwrap();
    assert!(timeout(Duration::from_millis(200), reader.woken()).await.is_err(), "nothing happened");
    for name in ["t1", "t2", "t3"] {
        revoke(&writer, name).await;
    }
    timeout(PATIENT, reader.woken()).await.unwrap();
    while timeout(Duration::from_millis(200), reader.woken()).await.is_ok() {}
    // Another log is none of its business.
    let other = connect(&redis).await.with_name("other");
    begin(&other, Position::ZERO, "other").await;
    assert!(timeout(Duration::from_millis(200), reader.woken()).await.is_err());

    redis.stop();
    assert!(timeout(Duration::from_millis(200), reader.woken()).await.is_err(), "a server that is away wakes nobody");
    redis.start_again().unwrap();
    timeout(PATIENT, reader.woken()).await.unwrap();
    let _ = writer.read(&Cursor::START).await;
    begin(&writer, Position::ZERO, "second").await;
    timeout(PATIENT, reader.woken()).await.unwrap();
}
