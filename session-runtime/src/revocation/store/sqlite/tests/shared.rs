//! A file that several values share: each sees what another one wrote, and a file that is lost or held is told.

use super::*;

async fn shared(path: &Path) -> SqliteRevocations {
    SqliteRevocations::open_shared(path).await.unwrap()
}

fn beginning(above: Position, epoch: &str) -> Beginning {
    Beginning::new(above, Duration::ZERO, DigestKey::from_bytes([7; 16]), Duration::from_secs(3_600), epoch)
}

fn token(name: &str) -> NewEntry {
    NewEntry::new(Target::token(Some("https://id.example"), name), Keep::Horizon)
}

const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const LOST: StoreError = StoreError::Lost { store: NAME };

#[tokio::test]
async fn keeps_the_contract_shared() {
    let (_folder, path) = file();
    let store = shared(&path).await;
    store.begin(&beginning(Position::ZERO, "first")).await.unwrap();
    contract::check(&store).await;
    assert!(!store.is_authoritative());
}

/// A file that another one is just making, or brings up to date, is neither somebody else's nor held.
#[tokio::test(flavor = "multi_thread")]
async fn many_open_a_new_file_at_once() {
    for round in 0..60 {
        let (_folder, path) = file();
        if round % 2 == 0 {
            version_1(&path).await;
        }
        let opened = (0..4).map(|_| tokio::spawn(SqliteRevocations::open_shared(path.clone())));
        for opened in opened.collect::<Vec<_>>() {
            assert_eq!(opened.await.unwrap().map(drop), Ok(()));
        }
    }
}

#[tokio::test]
async fn two_values_see_each_other() {
    let (_folder, path) = file();
    let (one, other) = (shared(&path).await, shared(&path).await);
    one.begin(&beginning(Position::ZERO, "first")).await.unwrap();
    let begun = other.read(&Cursor::START).await.unwrap();
    let life = begun.life.unwrap();
    assert_eq!((&*begun.epoch, life.begun, life.digests.to_bytes()), ("first", begun.complete_to, [7; 16]));
    assert!(life.recovering > Duration::from_secs(3_500) && life.recovering <= Duration::from_secs(3_600));
    let mut last = begun.complete_to;
    for (writer, reader) in [(&one, &other), (&other, &one), (&one, &other)] {
        let written = writer.append(&token("t1"), NOW).await.unwrap();
        let batch = reader.read(&Cursor::after(last)).await.unwrap();
        assert_eq!((batch.entries, batch.complete_to), (vec![written.clone()], written.position));
        last = written.position;
    }
}

#[tokio::test]
async fn a_new_file_is_a_lost_log_until_it_is_begun() {
    let (_folder, path) = file();
    let store = shared(&path).await;
    assert_eq!(store.read(&Cursor::START).await, Err(LOST));
    assert_eq!(store.append(&token("t1"), NOW).await, Err(LOST));
    assert_eq!(store.raise_horizon(Duration::MAX).await, Err(LOST));
    assert_eq!(store.prune(NOW).await, Err(LOST));
    assert_eq!(store.restore(&[Entry::new(Target::everything(), NOW, Position::ZERO)]).await, Err(LOST));
    store.begin(&beginning(Position::ZERO, "first")).await.unwrap();
    store.begin(&beginning(Position::ZERO, "second")).await.unwrap();
    let first = store.read(&Cursor::START).await.unwrap();
    assert_eq!(&*first.epoch, "first");
    // Only whoever knows of higher positions begins it again.
    let above = Position::new(first.complete_to.as_u64() + 1_000_000_000_000).unwrap();
    store.begin(&beginning(above, "third")).await.unwrap();
    let third = store.read(&Cursor::START).await.unwrap();
    assert_eq!((&*third.epoch, third.life.map(|life| life.begun)), ("third", above.next()));
    assert!(store.append(&token("t1"), NOW).await.unwrap().position > third.complete_to);
    assert!(store.begin(&beginning(Position::MAX, "no room")).await.is_err());
}

#[tokio::test]
async fn a_file_that_was_replaced_is_another_log_and_takes_back_what_was_known() {
    let (_folder, path) = file();
    let store = shared(&path).await;
    store.begin(&beginning(Position::ZERO, "first")).await.unwrap();
    let known = store.append(&token("t1"), NOW).await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    let gone = store.read(&Cursor::START).await;
    assert!(matches!(gone, Err(StoreError::Unreadable { .. })), "{gone:?}");
    assert!(matches!(SqliteRevocations::open_existing_shared(&path).await, Err(StoreError::Unreadable { .. })));

    let another = shared(&path).await;
    assert_eq!(store.read(&Cursor::START).await, Err(LOST));
    store.begin(&beginning(known.position, "second")).await.unwrap();
    store.restore(std::slice::from_ref(&known)).await.unwrap();
    let batch = another.read(&Cursor::START).await.unwrap();
    let [restored] = batch.entries.as_slice() else { panic!("{batch:?}") };
    assert_eq!((&restored.target, restored.not_after, restored.covers_below), (&known.target, known.not_after, known.position));
    assert!(restored.position > known.position && &*batch.epoch == "second");
    // Told again, it stays where it is; revoked again, it covers what came since.
    store.restore(&[known]).await.unwrap();
    assert_eq!(another.read(&Cursor::after(restored.position)).await.unwrap().entries, []);
    let again = another.append(&token("t1"), NOW).await.unwrap();
    assert_eq!(store.read(&Cursor::after(restored.position)).await.unwrap().entries, std::slice::from_ref(&again));
    assert_eq!(again.covers_below, again.position);
}

#[tokio::test]
async fn one_and_many_keep_each_other_out() {
    let held = StoreError::Held { store: NAME };
    let (_folder, path) = file();
    let alone = SqliteRevocations::open(&path).await.unwrap();
    alone.append(&token("t1"), NOW).await.unwrap();
    assert_eq!(SqliteRevocations::open_shared(&path).await.unwrap_err(), held);
    drop(alone);
    // What one has begun is shared as it is.
    let store = shared(&path).await;
    assert_eq!(store.read(&Cursor::START).await.unwrap().entries.len(), 1);
    assert_eq!(SqliteRevocations::open(&path).await.unwrap_err(), held);
    store.append(&token("t2"), NOW).await.unwrap();
    drop(store);
    let alone = SqliteRevocations::open(&path).await.unwrap();
    assert_eq!(alone.read(&Cursor::START).await.unwrap().entries.len(), 2);
    assert!(alone.begin(&beginning(Position::ZERO, "x")).await.is_err() && alone.restore(&[]).await.is_err());
}

/// A writer that takes long is a passing error for others who write, and none for those who read.
#[tokio::test]
async fn a_busy_file_loses_nothing() {
    let (_folder, path) = file();
    let store = shared(&path).await;
    store.begin(&beginning(Position::ZERO, "first")).await.unwrap();
    let first = store.append(&token("t1"), NOW).await.unwrap();
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let refused = store.append(&token("t2"), NOW).await;
    assert_eq!(refused, Err(StoreError::NotApplied { store: NAME, reason: "database is locked".to_owned() }));
    assert_eq!(store.read(&Cursor::START).await.unwrap().entries, [first]);
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    store.append(&token("t2"), NOW).await.unwrap();
    assert_eq!(store.read(&Cursor::START).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_change_by_another_one_wakes() {
    let (_folder, path) = file();
    let (one, other) = (shared(&path).await, shared(&path).await);
    one.begin(&beginning(Position::ZERO, "first")).await.unwrap();
    let woken = async || tokio::time::timeout(Duration::from_secs(10), one.woken()).await.is_ok();
    assert!(woken().await);
    for _ in 0..3 {
        other.append(&token("t1"), NOW).await.unwrap();
        assert!(woken().await);
    }
    assert!(tokio::time::timeout(Duration::from_millis(150), one.woken()).await.is_err(), "nothing has changed");
}
