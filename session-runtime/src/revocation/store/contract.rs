//! What every store has to do, as one function that is run on each of them.

use std::time::Duration;

use super::RevocationStore;
use crate::{
    ids::KeyId,
    limits,
    revocation::{Cursor, Entry, Keep, NewEntry, Position, Target},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const HOUR: Duration = Duration::from_secs(3_600);

/// Runs the contract on an empty store.
pub(crate) async fn check(store: &dyn RevocationStore) {
    // A new log is empty, has a name, and starts above every log that stood there before.
    let empty = store.read(&Cursor::START).await.unwrap();
    assert!(empty.entries.is_empty() && empty.more.is_none() && !empty.epoch.is_empty());
    assert!(empty.complete_to > Position::of_new_log(Timestamp::from_unix(1_700_000_000)));
    assert_eq!(empty.horizon, limits::MAX_TTL);

    // Positions rise, and `not_after` is as asked for.
    let until = NOW.saturating_add(HOUR);
    let token = append(store, Target::token(Some("https://id.example"), "t1"), Keep::Until(until)).await;
    let foreign = append(store, Target::token(None, "t1"), Keep::Until(Entry::FOREVER)).await;
    let odd = append(store, Target::subject(Some("I\u{0} 'x' ü"), "a\u{0}b\n"), Keep::Horizon).await;
    let all = append(store, Target::everything(), Keep::Horizon).await;
    assert!(empty.complete_to < token.position && token.position < foreign.position);
    assert!(foreign.position < odd.position && odd.position < all.position);
    assert_eq!((token.not_after, foreign.not_after), (until, Entry::FOREVER));
    assert_eq!(all.not_after, Keep::Horizon.not_after(NOW, limits::MAX_TTL));

    // A read finds all of it, or what is new.
    assert_eq!(read_all(store, Position::ZERO).await, [token.clone(), foreign.clone(), odd.clone(), all.clone()]);
    assert_eq!(read_all(store, foreign.position).await, [odd.clone(), all.clone()]);
    assert_eq!(read_all(store, all.position).await, []);

    // A key is one more kind, by its ring, and is kept for ever.
    let key_id = KeyId::new("k 'x' ü").unwrap();
    let key = append(store, Target::key("main", &key_id), Keep::KEY).await;
    let namesake = append(store, Target::token(Some("main"), key_id.as_str()), Keep::Until(until)).await;
    assert!(all.position < key.position && key.position < namesake.position);
    assert_eq!((key.target.kind().as_str(), key.not_after), ("key", Entry::FOREVER));
    assert_eq!(read_all(store, all.position).await, [key.clone(), namesake.clone()]);
    let all = namesake;

    // Revoking again is found by those who have read before, and never shortens an entry.
    let again = append(store, token.target.clone(), Keep::Until(NOW)).await;
    assert!(again.position > all.position);
    assert_eq!(again.not_after, until);
    assert_eq!(read_all(store, all.position).await, [again]);

    // The horizon only rises, and later entries live by it.
    let longer = limits::MAX_TTL.saturating_add(HOUR);
    assert_eq!(store.raise_horizon(longer).await.unwrap(), longer);
    assert_eq!(store.raise_horizon(HOUR).await.unwrap(), longer);
    assert_eq!(store.read(&Cursor::START).await.unwrap().horizon, longer);
    let later = append(store, Target::everything(), Keep::Horizon).await;
    assert_eq!(later.not_after, Keep::Horizon.not_after(NOW, longer));
    assert_eq!(store.raise_horizon(Duration::MAX).await.unwrap(), Duration::MAX);
    let for_ever = append(store, Target::subject(None, "ada"), Keep::Horizon).await;
    assert_eq!(for_ever.not_after, Entry::FOREVER);

    // Prune removes what is past its last moment, and nothing else; positions are not given again.
    assert_eq!(store.prune(until).await.unwrap(), 0);
    assert_eq!(store.prune(until.saturating_add(Duration::from_secs(1))).await.unwrap(), 2);
    let left = read_all(store, Position::ZERO).await;
    assert!(!left.iter().any(|entry| entry.target == token.target));
    assert!(left.contains(&key));
    assert!(left.iter().any(|entry| entry.target == foreign.target && entry.not_after == Entry::FOREVER));
    let last = append(store, Target::token(None, "last"), Keep::Until(NOW)).await;
    store.prune(Timestamp::from_unix(i64::MAX)).await.unwrap();
    let newest = append(store, Target::token(None, "newest"), Keep::Until(NOW)).await;
    assert!(newest.position > last.position);

    // More than one page of entries arrives complete.
    for number in 0..5_000 {
        append(store, Target::token(None, &number.to_string()), Keep::Until(NOW)).await;
    }
    assert_eq!(read_all(store, newest.position).await.len(), 5_000);
    assert_eq!(store.read(&Cursor::START).await.unwrap().epoch, empty.epoch);
}

async fn append(store: &dyn RevocationStore, target: Target, keep: Keep) -> Entry {
    let entry = store.append(&NewEntry::new(target.clone(), keep), NOW).await.unwrap();
    assert_eq!(entry.target, target);
    entry
}

/// Everything after `since`, in the order of positions.
pub(crate) async fn read_all(store: &dyn RevocationStore, since: Position) -> Vec<Entry> {
    let (mut entries, mut cursor) = (Vec::new(), Cursor::after(since));
    loop {
        let batch = store.read(&cursor).await.unwrap();
        entries.extend(batch.entries);
        let Some(more) = batch.more else { break };
        cursor = more;
    }
    entries.sort_by_key(|entry| entry.position);
    entries
}
