//! A revocation is on record or it is not, and who is told which.

use super::*;

/// `revoke` says `Ok` only when the entry is in the store, and refuses here whatever it says.
#[tokio::test]
async fn revoke_never_lies() {
    for fault in [WriteFault::NotApplied, WriteFault::LostRequest, WriteFault::LostReply] {
        for is_shared in [true, false] {
            let clock = ManualClock::at(NOW);
            let (store, node) = if is_shared { shared(&clock).await } else { alone(&clock).await };
            let before = node.generation();
            store.fail_writes(fault);
            let error = node.revoke_subject_of(Some(ISSUER), "ada").await.unwrap_err();
            assert_eq!(matches!(error, RevokeError::Store(StoreError::NotApplied { .. })), fault == WriteFault::NotApplied);
            assert!(node.revoke_token(Some(ISSUER), "t9", None).await.is_err());
            assert!(node.retry_pending().await.is_err());
            assert_eq!(node.pending(), 2);
            // Refused here at once, new logins of this subject too, other subjects not.
            check(&node, presented("t1", before), Decision::Revoked);
            check(&node, presented("t1", node.generation()), Decision::Revoked);
            let bob = |token_id| Presented { subject: Some("bob"), ..presented(token_id, before) };
            check(&node, bob("t1"), Decision::Good);
            check(&node, bob("t9"), Decision::Revoked);
            // Reading back what was written after all does not make it acknowledged.
            node.refresh().await.unwrap();
            assert_eq!(node.pending(), 2);
            check(&node, presented("t1", node.generation()), Decision::Revoked);

            // The store comes back: the entries are sent again with the next revocation, and logins pass.
            store.fail_writes(WriteFault::None);
            node.revoke_token(None, "another", None).await.unwrap();
            assert_eq!(node.pending(), 0);
            node.refresh().await.unwrap();
            check(&node, presented("t1", before), Decision::Revoked);
            check(&node, bob("t9"), Decision::Revoked);
            check(&node, presented("t2", node.generation()), Decision::Good);
            let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
            check(&restarted, presented("t1", before), Decision::Revoked);
            check(&restarted, bob("t9"), Decision::Revoked);
        }
    }
}

#[tokio::test]
async fn giving_up_does_not_take_a_revocation_back() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    let before = node.generation();
    store.fail_writes(WriteFault::Hang);
    tokio::select! {
        biased;
        _ = node.revoke_subject_of(Some(ISSUER), "ada") => panic!("a store that hangs has acknowledged"),
        () = std::future::ready(()) => {}
    }
    check(&node, presented("t1", before), Decision::Revoked);
    assert_eq!(node.pending(), 1);
    store.fail_writes(WriteFault::None);
    node.retry_pending().await.unwrap();
    assert_eq!(node.pending(), 0);
    check(&node, presented("t1", before), Decision::Revoked);
    check(&node, presented("t2", node.generation()), Decision::Good);
}

#[tokio::test]
async fn what_waits_is_bounded_by_targets_and_ends_with_its_token() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    store.fail_writes(WriteFault::NotApplied);
    for _ in 0..100 {
        node.revoke_subject_of(Some(ISSUER), "ada").await.unwrap_err();
        node.revoke(&verified(Some("t1"), None)).await.unwrap_err();
    }
    assert_eq!((node.pending(), node.len()), (2, 2));
    clock.advance(HOUR + limits::LEEWAY_CAP + limits::CLOCK_SKEW + SECOND);
    node.prune().await.unwrap_err();
    // The token is dead; the subject's other tokens may not be.
    assert_eq!((node.pending(), node.len()), (1, 1));

    // Of two ends for one token the later one counts.
    let end = clock.wall().saturating_add(HOUR);
    node.revoke_token(None, "t2", Some(end.saturating_add(HOUR))).await.unwrap_err();
    node.revoke_token(None, "t2", Some(end)).await.unwrap_err();
    store.fail_writes(WriteFault::None);
    node.retry_pending().await.unwrap();
    clock.advance(HOUR + limits::LEEWAY_CAP + limits::CLOCK_SKEW + SECOND);
    assert_eq!((node.prune().await, node.len()), (Ok(0), 2));
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn refusals_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("revocations.db");
    let open = async || Revocations::open(SqliteRevocations::open(&path).await.unwrap()).await.unwrap();

    let first = open().await;
    let before = first.generation();
    first.raise_horizon(Some(HOUR * 48)).await.unwrap();
    first.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    first.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    let after = first.generation();
    assert!(after > before);
    drop(first);

    let second = open().await;
    assert_eq!(second.generation(), after);
    check(&second, Presented { subject: None, ..presented("t1", after) }, Decision::Revoked);
    check(&second, presented("t2", before), Decision::Revoked);
    check(&second, presented("t3", after), Decision::Good);
    second.revoke_all().await.unwrap();
    drop(second);

    let third = open().await;
    check(&third, presented("t3", after), Decision::Revoked);
    check(&third, presented("t4", third.generation()), Decision::Good);
}

/// A million entries are the design's figure; a tenth of it keeps the test short and would still show a copy of everything each time.
#[tokio::test]
async fn many_revocations_one_by_one() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let generation = revocations.generation();
    let started = SystemClock.boot();
    for number in 0..100_000 {
        revocations.revoke_token(Some(ISSUER), &number.to_string(), None).await.unwrap();
    }
    let took = SystemClock.boot().saturating_sub(started);
    assert_eq!(revocations.len(), 100_000);
    for number in (0..100_000).step_by(997) {
        check(&revocations, presented(&number.to_string(), generation), Decision::Revoked);
        check(&revocations, presented(&format!("{number}x"), generation), Decision::Good);
    }
    // Copying the whole set each time would move 160 GB. The bound is wide, because test machines are slow and unoptimised.
    assert!(took < SECOND * 60, "{took:?}");
}

/// Readers never see a half-made set: whoever sees a position, sees every entry up to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_whole_sets_while_others_revoke() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let generation = revocations.generation();
    let done = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let (revocations, done) = (revocations.clone(), Arc::clone(&done));
        move || {
            let mut rounds = 0_u64;
            while !done.load(Ordering::SeqCst) || rounds == 0 {
                // Positions follow one another here, so the position tells how many entries the set claims to hold.
                let complete = revocations.generation() - generation;
                assert!(revocations.len() >= usize::try_from(complete).unwrap());
                for number in [0, complete / 2, complete.saturating_sub(1)].into_iter().filter(|number| *number < complete) {
                    check(&revocations, presented(&number.to_string(), generation), Decision::Revoked);
                }
                rounds += 1;
            }
            rounds
        }
    });
    for number in 0..20_000 {
        revocations.revoke_token(Some(ISSUER), &number.to_string(), None).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    assert!(reader.join().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_revocations_are_all_recorded() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    let before = node.generation();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let node = node.clone();
            tokio::spawn(async move {
                for number in 0..200 {
                    node.revoke_subject_of(Some(ISSUER), &format!("{}", number % 50)).await.unwrap();
                    node.revoke_token(None, &format!("{task}-{number}"), None).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!((node.pending(), node.len()), (0, 50 + 8 * 200));
    let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
    assert_eq!((restarted.len(), restarted.generation()), (node.len(), node.generation()));
    for number in 0..50 {
        let subject = number.to_string();
        let token = |generation| Presented { subject: Some(&subject), ..presented("t1", generation) };
        check(&node, token(before), Decision::Revoked);
        check(&node, token(node.generation()), Decision::Good);
    }
}
