//! How old what is known may be: the four rules, and asking the store for one request.

use super::*;

fn decide(node: &Revocations, presented: Presented<'_>, freshness: Freshness) -> Decision {
    let demand = node.demand(freshness.0).unwrap();
    node.look(node.log.clock.wall(), demand).decide(&presented)
}

#[tokio::test]
async fn each_rule_has_its_own_end() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let token = |token_id| presented(token_id, node.generation());
    node.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    store.fail_reads(true);
    let bounded = Freshness::bounded_stale(SECOND * 60);
    let stale = |age, allowed| Decision::Unavailable(Unavailable::StaleRevocations { age: SECOND * age, allowed: SECOND * allowed });
    clock.advance(SECOND * 15);
    for freshness in [Freshness::deny(), bounded, Freshness::dangerous_allow_unchecked()] {
        assert_eq!(decide(&node, token("t2"), freshness), Decision::Good, "knowledge that is exactly S old counts");
    }
    clock.advance(SECOND);
    assert_eq!(decide(&node, token("t2"), Freshness::deny()), stale(16, 15));
    assert_eq!(decide(&node, token("t2"), bounded), Decision::Good);
    assert_eq!(decide(&node, token("t2"), Freshness::dangerous_allow_unchecked()), Decision::Unchecked(SECOND * 16));
    clock.advance(SECOND * 45);
    assert_eq!(decide(&node, token("t2"), bounded), stale(61, 60));
    clock.advance(HOUR);
    assert_eq!(decide(&node, token("t2"), Freshness::dangerous_allow_unchecked()), Decision::Unchecked(SECOND * 61 + HOUR));
    // What is known to be revoked is refused under every rule, however old the knowledge.
    for freshness in [Freshness::deny(), bounded, Freshness::dangerous_allow_unchecked()] {
        assert_eq!(decide(&node, token("t1"), freshness), Decision::Revoked);
    }
    assert_eq!(node.demand(Freshness::strict().0), None, "a strict decision has to ask first");
}

#[tokio::test]
async fn a_strict_request_hears_of_what_came_just_before_it() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let other = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    let token = presented("t1", node.generation());
    clock.advance(SECOND);
    other.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    check(&node, token, Decision::Good);
    clock.advance(SECOND);
    let since = node.moment();
    let strict = |node: &Revocations| node.look(NOW, Demand::AskedSince(since)).decide(&Presented { token_id: Some("t2"), ..token });
    assert_eq!(strict(&node), Decision::Unavailable(Unavailable::UnconfirmedRevocations));
    node.confirm(since, SECOND).await.unwrap();
    assert_eq!(strict(&node), Decision::Good);
    check(&node, token, Decision::Revoked);
}

#[tokio::test]
async fn a_strict_request_does_not_wait_for_a_store_that_fails() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    store.fail_reads(true);
    clock.advance(SECOND);
    assert_eq!(node.confirm(node.moment(), SECOND).await, Err(Unavailable::UnconfirmedRevocations));
    // Where a task looks after the log, it is the one that tries again: nobody else asks until it has succeeded.
    node.log.state.attended.store(true, Ordering::Relaxed);
    store.fail_reads(false);
    assert_eq!(node.confirm(node.moment(), SECOND).await, Err(Unavailable::UnconfirmedRevocations));
    node.refresh().await.unwrap();
    assert_eq!(node.confirm(node.moment(), SECOND).await, Ok(()));
}

#[tokio::test]
async fn a_store_held_alone_needs_no_asking() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    store.fail_reads(true);
    assert_eq!(node.confirm(node.moment() + HOUR, Duration::ZERO).await, Ok(()));
    assert_eq!(node.demand(Freshness::strict().0), Some(Demand::Age(limits::MAX_STALENESS)));
}

/// The task reads by itself, without anybody's asking, and sends what was not acknowledged.
#[tokio::test(start_paused = true)]
async fn a_log_that_is_looked_after_stays_fresh() {
    let clock = ManualClock::at(NOW);
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let node = Revocations::builder().clock(clock.clone()).open(store.clone()).await.unwrap();
    let other = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    let token = presented("t1", node.generation());
    other.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    check(&node, token, Decision::Good);
    clock.advance(SECOND);
    pass(limits::POLL).await;
    check(&node, token, Decision::Revoked);
    assert_eq!(node.lag(), Duration::ZERO);

    store.fail_writes(WriteFault::LostRequest);
    node.revoke_token(Some(ISSUER), "t2", None).await.unwrap_err();
    assert_eq!(node.pending(), 1);
    store.fail_writes(WriteFault::None);
    pass(limits::POLL).await;
    assert_eq!(node.pending(), 0);

    // It ends with the last clone.
    let (clone, weak) = (node.clone(), Arc::downgrade(&node.log));
    drop(node);
    settle().await;
    assert!(weak.upgrade().is_some());
    drop(clone);
    settle().await;
    assert!(weak.upgrade().is_none());
}

/// A store that reads and does not write keeps whoever revokes waiting, and nobody else: what is known stays fresh.
#[tokio::test(start_paused = true)]
async fn reading_does_not_wait_for_what_is_sent() {
    let clock = ManualClock::at(NOW);
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let node = Revocations::builder().clock(clock.clone()).open(store.clone()).await.unwrap();
    store.fail_writes(WriteFault::Hang);
    let revoking = tokio::spawn({
        let node = node.clone();
        async move { node.revoke_token(Some(ISSUER), "t1", None).await }
    });
    for _ in 0..2 * limits::MAX_STALENESS.as_secs() {
        pass(limits::POLL).await;
        clock.advance(SECOND);
    }
    assert_eq!((node.pending(), node.lag()), (1, SECOND));
    check(&node, presented("t1", node.generation()), Decision::Revoked);
    check(&node, presented("t2", node.generation()), Decision::Good);
    revoking.abort();
}

/// Lets the time of a paused runtime pass, a millisecond after the other, since a task that wakes late sleeps from then on.
async fn pass(time: Duration) {
    for _ in 0..time.as_millis() + 10 {
        tokio::time::advance(Duration::from_millis(1)).await;
        settle().await;
    }
}

/// Lets the tasks of a paused runtime do what is due.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn health_tells_what_an_operator_needs() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    assert!(node.health().is_ready() && !node.health().is_degraded());
    store.fail_reads(true);
    clock.advance(SECOND * 3);
    node.refresh().await.unwrap_err();
    let health = node.health();
    assert!(health.is_ready() && health.is_degraded());
    assert_eq!(
        health.to_string(),
        "revocations degraded: 0 entries, 3s old of 15s allowed; the faulty revocation log cannot be read: as told"
    );
    clock.advance(SECOND * 13);
    assert!(!node.health().is_ready());
    store.fail_reads(false);
    store.fail_writes(WriteFault::NotApplied);
    node.refresh().await.unwrap();
    node.revoke_all().await.unwrap_err();
    assert_eq!(node.health().to_string(), "revocations degraded: 1 entries, 0ns old of 15s allowed, 1 not acknowledged by the store");
}
