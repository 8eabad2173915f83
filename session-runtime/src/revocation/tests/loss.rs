//! A store that comes back without what it held: every node tells what it knows, and who knows nothing waits.

use super::*;
use crate::testing::SharedRevocations;

/// A log that two nodes share, with the window in which others tell: twice S.
async fn two(clock: &ManualClock) -> (SharedRevocations, Revocations, Revocations) {
    let store = SharedRevocations::new(clock.clone());
    let (one, other) = (node(&store, clock).await, node(&store, clock).await);
    (store, one, other)
}

async fn node(store: &SharedRevocations, clock: &ManualClock) -> Revocations {
    Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap()
}

const WINDOW: Duration = Duration::from_secs(2 * limits::MAX_STALENESS.as_secs());

fn recovering(for_another: Duration) -> Decision {
    Decision::Unavailable(Unavailable::RecoveringRevocations { for_another })
}

#[tokio::test]
async fn a_new_log_refuses_nobody() {
    let clock = ManualClock::at(NOW);
    let (_store, one, other) = two(&clock).await;
    for node in [&one, &other] {
        check(node, presented("t1", one.generation()), Decision::Good);
        // A token from before the log was begun has no place in it.
        check(node, presented("t1", one.generation() - 1), recovering(WINDOW));
    }
    clock.advance(WINDOW);
    one.refresh().await.unwrap();
    check(&one, presented("t1", one.generation() - 1), Decision::Good);
}

/// The whole story: everything is lost, old nodes go on refusing, a new one waits, and in the end all know all.
#[tokio::test]
async fn what_a_store_lost_is_told_by_those_who_know() {
    let clock = ManualClock::at(NOW);
    let (store, one, other) = two(&clock).await;
    clock.advance(WINDOW);
    one.refresh().await.unwrap();
    let before = one.generation();
    one.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    one.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    one.revoke_session_of(Some(ISSUER), "s1").await.unwrap();
    one.revoke_key("main", &KeyId::new("k1").unwrap()).await.unwrap();
    one.refresh().await.unwrap();
    other.refresh().await.unwrap();
    let bob = |token_id, generation| Presented { subject: Some("bob"), ..presented(token_id, generation) };
    let after = one.generation();
    let covered = [
        (bob("t1", after), Decision::Revoked),
        (presented("t2", before), Decision::Revoked),
        (Presented { session: Some("s1"), ..bob("t3", after) }, Decision::Revoked),
        (Presented { ring: "main", key_id: Some("k1"), ..bob("t4", after) }, Decision::KeyRevoked),
    ];
    let good = [bob("t2", before), presented("t2", after), bob("t5", after)];

    store.lose_everything();
    // The first to look is one that knows nothing: it begins the log, and waits.
    let fresh = node(&store, &clock).await;
    for (token, _) in covered {
        check(&fresh, token, recovering(WINDOW));
    }
    check(&fresh, bob("t9", fresh.generation()), Decision::Good);
    assert!(fresh.health().is_ready() && fresh.health().is_degraded() && fresh.health().recovering == WINDOW);
    // Those who know go on refusing, tell, and accept what is good.
    for old in [&other, &one] {
        old.refresh().await.unwrap();
        covered.iter().for_each(|(token, want)| check(old, *token, *want));
        good.iter().for_each(|token| check(old, *token, Decision::Good));
        assert_eq!((old.len(), old.health().losses), (4, 1));
        assert!(old.health().is_ready());
    }
    fresh.refresh().await.unwrap();
    covered.iter().for_each(|(token, want)| check(&fresh, *token, *want));
    assert_eq!((fresh.len(), store.len()), (4, 4), "two nodes told the same four entries");
    check(&fresh, good[0], recovering(WINDOW));
    clock.advance(WINDOW);
    fresh.refresh().await.unwrap();
    good.iter().for_each(|token| check(&fresh, *token, Decision::Good));
    // New entries cover tokens of every life before.
    fresh.revoke_subject_of(Some(ISSUER), "bob").await.unwrap();
    for node in [&one, &other, &fresh] {
        node.refresh().await.unwrap();
        for generation in [before, after, fresh.generation() - 1] {
            check(node, bob("t9", generation), Decision::Revoked);
        }
        check(node, bob("t9", node.generation()), Decision::Good);
    }
    // And a node that comes when it is all over knows the same.
    let late = node(&store, &clock).await;
    covered.iter().for_each(|(token, _)| check(&late, Presented { key_id: None, ..*token }, Decision::Revoked));
}

/// The tail of a file is cut off, and somebody revokes before anybody has looked: the head has passed where we were.
#[tokio::test]
async fn a_lost_tail_is_not_hidden_by_what_is_written_after_it() {
    let clock = ManualClock::at(NOW);
    let (store, one, other) = two(&clock).await;
    let before = one.generation();
    for number in 0..5 {
        one.revoke_token(Some(ISSUER), &format!("t{number}"), None).await.unwrap();
    }
    one.refresh().await.unwrap();
    other.refresh().await.unwrap();
    store.lose_last(3);
    for number in 5..15 {
        // It was not written, and is sent again.
        let _ = other.revoke_token(Some(ISSUER), &format!("t{number}"), None).await;
    }
    other.refresh().await.unwrap();
    other.retry_pending().await.unwrap();
    one.refresh().await.unwrap();
    let late = node(&store, &clock).await;
    for node in [&one, &other, &late] {
        for number in 0..15 {
            check(node, presented(&format!("t{number}"), before), Decision::Revoked);
        }
        assert_eq!(node.len(), 15);
    }
}

#[tokio::test]
async fn a_restart_that_lost_nothing_costs_nothing() {
    let clock = ManualClock::at(NOW);
    let (store, one, other) = two(&clock).await;
    one.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    one.refresh().await.unwrap();
    let (bob, written) = (Presented { subject: Some("bob"), ..presented("t1", one.generation()) }, store.len());
    store.restart();
    for node in [&other, &one] {
        check(node, bob, Decision::Good);
        node.refresh().await.unwrap();
        check(node, bob, Decision::Good);
    }
    assert_eq!(store.len(), written);
}

#[tokio::test]
async fn a_cut_off_node_reads_everything_when_its_place_is_gone() {
    let clock = ManualClock::at(NOW);
    let (store, one, other) = two(&clock).await;
    store.pages_of(7);
    let before = one.generation();
    for number in 0..100 {
        one.revoke_token(Some(ISSUER), &format!("t{number}"), None).await.unwrap();
    }
    store.trim(10);
    other.refresh().await.unwrap();
    assert_eq!((other.len(), other.health().losses), (100, 0));
    for number in 0..100 {
        check(&other, presented(&format!("t{number}"), before), Decision::Revoked);
    }
}

/// What nobody remembers cannot be told; where that is too much, everybody logs in again, once.
#[tokio::test]
async fn tokens_from_before_a_loss_may_be_refused_for_good() {
    let clock = ManualClock::at(NOW);
    let store = SharedRevocations::new(clock.clone());
    let open = async || {
        let builder = Revocations::builder().clock(clock.clone()).unattended().on_store_loss(OnStoreLoss::RejectOlder);
        builder.open(store.clone()).await.unwrap()
    };
    let (one, other) = (open().await, open().await);
    let before = one.generation();
    check(&one, presented("t1", before), Decision::Good);
    store.lose_everything();
    one.refresh().await.unwrap();
    one.refresh().await.unwrap();
    check(&one, presented("t1", before), Decision::Revoked);
    let login = presented("t2", one.generation());
    check(&one, login, Decision::Good);
    other.refresh().await.unwrap();
    check(&other, presented("t1", before), Decision::Revoked);
    check(&other, login, Decision::Good);
}

/// Whoever knew nothing begins the log with a key of its own; entries of the others bring theirs, and end like any other.
#[tokio::test]
async fn digests_under_two_keys_refuse_alike_and_end() {
    let clock = ManualClock::at(NOW);
    let (store, one, _) = two(&clock).await;
    let before = one.generation();
    one.revoke_token(Some(ISSUER), "t1", Some(NOW.saturating_add(HOUR))).await.unwrap();
    one.revoke_all().await.unwrap();
    one.refresh().await.unwrap();
    store.lose_everything();
    let fresh = node(&store, &clock).await;
    one.refresh().await.unwrap();
    fresh.refresh().await.unwrap();
    assert!(!fresh.log.snapshot.load().former.is_empty(), "the test is about two keys");
    check(&fresh, presented("t1", u64::MAX >> 11), Decision::Revoked);
    check(&fresh, Presented { subject: None, ..presented("t2", before) }, Decision::Revoked);
    clock.advance(limits::MAX_TTL + limits::REVOCATION_MARGIN + SECOND);
    fresh.refresh().await.unwrap();
    fresh.prune().await.unwrap();
    assert!(fresh.log.snapshot.load().former.is_empty() && fresh.is_empty());
}

/// A store that cannot be told keeps a node from trusting it.
#[tokio::test]
async fn what_cannot_be_told_is_not_taken_for_told() {
    let clock = ManualClock::at(NOW);
    let inner = SharedRevocations::new(clock.clone());
    let store = FaultyRevocations::shared(inner.clone());
    let one = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    one.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    one.refresh().await.unwrap();
    inner.lose_everything();
    store.fail_writes(WriteFault::NotApplied);
    one.refresh().await.unwrap_err();
    clock.advance(SECOND * 16);
    check(&one, presented("t1", 0), Decision::Revoked);
    assert!(!one.health().is_ready());
    store.fail_writes(WriteFault::LostReply);
    one.refresh().await.unwrap_err();
    store.fail_writes(WriteFault::None);
    one.refresh().await.unwrap();
    // Others may have something to tell, too.
    assert!(!one.health().is_ready());
    clock.advance(SECOND * 2);
    one.refresh().await.unwrap();
    assert!(one.health().is_ready() && one.health().last_error.is_none());
    assert_eq!(inner.len(), 1);
}

/// Attack: a revocation is acknowledged, and lost by the store before more than one node has read it; the store is away for longer than S. Its
/// return proves nothing to a node that comes first, before the one that knows.
#[tokio::test]
async fn a_store_that_is_back_proves_nothing_before_others_have_told() {
    let clock = ManualClock::at(NOW);
    let (store, one, other) = two(&clock).await;
    clock.advance(WINDOW);
    one.refresh().await.unwrap();
    other.refresh().await.unwrap();
    let token = presented("t1", one.generation());
    one.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    store.lose_last(1);
    clock.advance(SECOND * 60);
    other.refresh().await.unwrap();
    let stale = Unavailable::StaleRevocations { age: SECOND * 60, allowed: limits::MAX_STALENESS };
    check(&other, token, Decision::Unavailable(stale));
    one.refresh().await.unwrap();
    check(&one, token, Decision::Revoked);
    clock.advance(SECOND * 2);
    other.refresh().await.unwrap();
    check(&other, token, Decision::Revoked);
    check(&other, presented("t2", other.generation()), Decision::Good);
    assert!(other.health().is_ready());
}
