//! What a server may lose, and how the log says so.

use session_tests::faults::real_time::pass;
use tokio::time::timeout;

use super::*;

const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

/// Nothing is read from a log that may have lost something, and nothing written to it.
async fn check_lost(store: &RedisRevocations) {
    // The first question after a restart only finds out that the connection is gone.
    let _ = store.read(&Cursor::START).await;
    assert_eq!(store.read(&Cursor::START).await.unwrap_err(), LOST);
    assert_eq!(store.append(&NewEntry::new(token("x"), Keep::Horizon), NOW).await.unwrap_err(), LOST);
    assert_eq!(store.raise_horizon(HOUR).await.unwrap_err(), LOST);
    assert_eq!(store.prune(NOW).await.unwrap_err(), LOST);
    assert_eq!(store.restore(&[Entry::new(token("x"), NOW, Position::MAX)]).await.unwrap_err(), LOST);
}

/// The log begins again, above everything that is known of it.
async fn check_begun_again(store: &RedisRevocations, known: Position) -> Vec<Entry> {
    begin(store, known, "second").await;
    let (entries, batches) = read(store, Cursor::START).await;
    assert_eq!(&*batches[0].epoch, "second");
    assert!(batches[0].life.as_ref().unwrap().begun > known);
    assert!(revoke(store, "after").await.position > known);
    entries
}

#[tokio::test]
async fn a_server_that_was_started_again_with_its_data_may_have_lost_some() {
    let mut redis = require!(Redis::start_with(DURABLE));
    let store = begun(&redis).await;
    store.raise_horizon(limits::MAX_TTL.saturating_add(HOUR)).await.unwrap();
    let entry = revoke(&store, "t1").await;
    redis.stop();
    assert!(matches!(store.read(&Cursor::START).await, Err(StoreError::Unreadable { .. })));
    let away = store.append(&NewEntry::new(token("x"), Keep::Horizon), NOW).await;
    assert!(matches!(away, Err(StoreError::NotApplied { .. })), "{away:?}");
    redis.start_again().unwrap();
    check_lost(&store).await;
    assert_eq!(check_begun_again(&store, Position::ZERO).await, std::slice::from_ref(&entry), "what is still there stays");
    assert_eq!(store.read(&Cursor::START).await.unwrap().horizon, limits::MAX_TTL.saturating_add(HOUR));
    assert!(store.read(&Cursor::START).await.unwrap().life.unwrap().begun > entry.position);
}

#[tokio::test]
async fn a_server_without_its_data_has_lost_it() {
    let mut redis = require!(Redis::start());
    let store = begun(&redis).await;
    let entry = revoke(&store, "t1").await;
    redis.stop();
    redis.start_again().unwrap();
    check_lost(&store).await;
    assert_eq!(check_begun_again(&store, entry.position).await, []);
    redis.ask("FLUSHALL").unwrap();
    check_lost(&store).await;
    assert_eq!(check_begun_again(&store, entry.position).await, []);
}

#[tokio::test]
async fn what_somebody_else_removed_is_noticed() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    let mut known = Position::ZERO;
    for (command, left) in [
        ("DEL {session:revocations:main}:entries", 0),
        (r#"HDEL {session:revocations:main}:entries "[\"token\",\"https://id.example\",\"t2\"]""#, 3),
        ("DEL {session:revocations:main}:log", 5),
        ("HDEL {session:revocations:main}:log head", 5),
        ("DEL {session:revocations:main}:log {session:revocations:main}:tail", 5),
        ("DEL {session:revocations:main}:log {session:revocations:main}:entries", 0),
    ] {
        for name in ["t1", "t2", "t3"] {
            known = revoke(&store, name).await.position;
        }
        // Even who begins it again and knows nothing gives no position twice.
        let answer = redis.ask(command).unwrap();
        assert!(answer.starts_with(':') && answer != ":0\r\n", "{command}: {answer}");
        check_lost(&store).await;
        let entries = check_begun_again(&store, Position::ZERO).await;
        assert!(entries.len() >= left.min(3) && (left > 0 || entries.is_empty()), "{command}: {entries:?}");
        assert!(store.read(&Cursor::START).await.unwrap().life.unwrap().begun > known, "{command}");
    }
}

/// Whoever was away for longer than the tail reaches, or finds a hole in it, reads everything.
#[tokio::test]
async fn a_gap_in_the_tail_is_never_passed_over() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    let known = revoke(&store, "known").await.position;
    let mut all = Vec::new();
    for number in 0..30 {
        all.push(revoke(&store, &number.to_string()).await);
    }
    assert_eq!(since(&store, known).await, all);
    let tail = "{session:revocations:main}:tail";
    redis.ask(&format!("XTRIM {tail} MAXLEN = 10")).unwrap();
    let gap = async |from: Position| {
        let (entries, batches) = read(&store, Cursor::after(from)).await;
        assert!(batches[0].whole, "after {from:?}");
        assert_eq!(entries.len(), whole(&store).await.len());
    };
    gap(known).await;
    // The last that the tail lacks, and the first that it has.
    gap(all[19].position).await;
    assert_eq!(since(&store, all[20].position).await, all[21..]);
    redis.ask(&format!("XDEL {tail} {}-0", all[25].position.as_u64())).unwrap();
    gap(all[20].position).await;
    assert_eq!(since(&store, all[26].position).await, all[27..]);
    redis.ask(&format!("XDEL {tail} {}-0", all[29].position.as_u64())).unwrap();
    gap(all[26].position).await;
    redis.ask(&format!("DEL {tail}")).unwrap();
    gap(all[28].position).await;
    assert_eq!(since(&store, all[29].position).await, [], "whoever knows the head needs no tail");
    let next = revoke(&store, "next").await;
    gap(all[29].position).await;
    let last = revoke(&store, "last").await;
    assert_eq!(since(&store, next.position).await, [last]);
}

#[tokio::test]
async fn a_replica_is_not_read_and_a_failover_is_a_loss() {
    let primary = require!(Redis::start_with(&["--repl-diskless-sync-delay", "0"]));
    let replica = require!(Redis::start_with(&["--repl-diskless-sync-delay", "0"]));
    let (store, copy) = (connect(&primary).await, connect(&replica).await);
    follow(&replica, &primary).await;
    begin(&store, Position::ZERO, "first").await;
    let entry = revoke(&store, "t1").await;
    let reason = "it is a replica, and only the primary knows everything".to_owned();
    assert_eq!(copy.read(&Cursor::START).await.unwrap_err(), StoreError::Unreadable { store: NAME, reason: reason.clone() });
    let refused = copy.append(&NewEntry::new(token("x"), Keep::Horizon), NOW).await.unwrap_err();
    assert_eq!(refused, StoreError::NotApplied { store: NAME, reason: reason.clone() });
    let refused = copy.begin(&beginning(Position::ZERO, "copy")).await.unwrap_err();
    assert_eq!(refused, StoreError::NotApplied { store: NAME, reason });

    replica.ask("REPLICAOF NO ONE").unwrap();
    check_lost(&copy).await;
    // The old primary comes back: it is the server that the log was begun on, and has the data of the other one, which may lack something.
    follow(&primary, &replica).await;
    assert!(matches!(store.read(&Cursor::START).await, Err(StoreError::Unreadable { .. })));
    primary.ask("REPLICAOF NO ONE").unwrap();
    check_lost(&store).await;
    check_begun_again(&store, entry.position).await;
}

/// Makes a server a replica of another, and waits until it has its data.
async fn follow(who: &Redis, whom: &Redis) {
    who.ask(&format!("REPLICAOF 127.0.0.1 {}", whom.address().port())).unwrap();
    let in_step = async {
        while !who.ask("INFO replication").unwrap().contains("master_link_status:up") {
            pass(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENT, in_step).await.unwrap();
}

/// A primary that was cut off from its replicas may have been replaced.
#[tokio::test]
async fn a_primary_without_the_replicas_that_it_needs_is_not_believed() {
    let redis = require!(Redis::start());
    let store = begun(&redis).await;
    redis.ask("CONFIG SET min-replicas-to-write 1").unwrap();
    let reason = "it lacks the replicas that it shall have: another may have taken its place".to_owned();
    assert_eq!(store.read(&Cursor::START).await.unwrap_err(), StoreError::Unreadable { store: NAME, reason: reason.clone() });
    let refused = store.append(&NewEntry::new(token("x"), Keep::Horizon), NOW).await.unwrap_err();
    assert_eq!(refused, StoreError::NotApplied { store: NAME, reason });
    redis.ask("CONFIG SET min-replicas-to-write 0").unwrap();
    revoke(&store, "x").await;
}

#[tokio::test]
async fn what_is_not_understood_is_unreadable() {
    let redis = require!(Redis::start());
    let store = connect(&redis).await;
    for (commands, want) in [
        (&["HSET {log}entries hush hush", "HSET {log}log count 2"][..], "what the log holds is not understood"),
        (&["HSET {log}log digests hush"], "what the log holds is not understood"),
        (&["HSET {log}log head hush"], "Redis refused (ERR)"),
        (&["HSET {log}log horizon -1"], "what the log holds is not understood"),
        (&["HSET {log}log layout 0"], "its layout is none that ever was"),
        (&["HSET {log}log layout 2"], "has version 2, this library reads up to 1: upgrade it"),
        (&["DEL {log}log", "HSET {log}log other 1"], "its layout is none that ever was"),
        (&["DEL {log}log", "SET {log}log hush"], "Redis refused (WRONGTYPE)"),
        (&["DEL {log}entries", "SET {log}entries hush"], "Redis refused (WRONGTYPE)"),
    ] {
        redis.ask("FLUSHALL").unwrap();
        begin(&store, Position::ZERO, "first").await;
        let entry = revoke(&store, "t1").await;
        for command in commands {
            let answer = redis.ask(&command.replace("{log}", "{session:revocations:main}:")).unwrap();
            assert!(answer.starts_with([':', '+']), "{command}: {answer}");
        }
        let error = store.read(&Cursor::START).await.unwrap_err().to_string();
        assert!(error.ends_with(want) && !error.contains("hush"), "{commands:?}: {error}");
        if !want.starts_with("what") {
            assert!(store.append(&NewEntry::new(token("x"), Keep::Horizon), NOW).await.is_err(), "{commands:?}");
            assert!(store.begin(&beginning(entry.position, "second")).await.is_err(), "{commands:?}");
        }
    }
}
