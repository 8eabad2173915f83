//! What can be revoked, what an entry covers, and how long it lives.

use super::*;

#[tokio::test]
async fn one_token_is_revoked_and_no_other() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let generation = revocations.generation();
    check(&revocations, presented("t1", generation), Decision::Good);
    revocations.revoke(&verified(Some("t1"), Some("ada"))).await.unwrap();
    check(&revocations, presented("t1", generation), Decision::Revoked);
    // A token id stays revoked whatever `gen` the token carries.
    check(&revocations, presented("t1", revocations.generation()), Decision::Revoked);
    check(&revocations, presented("t2", generation), Decision::Good);
    // Token ids are names within their issuer.
    check(&revocations, Presented { issuer: Some("https://other.example"), ..presented("t1", generation) }, Decision::Good);
    check(&revocations, Presented { issuer: None, ..presented("t1", generation) }, Decision::Good);
}

#[tokio::test]
async fn a_subject_is_logged_out_everywhere_and_may_log_in_again() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let before = revocations.generation();
    revocations.revoke_subject(&verified(Some("t1"), Some("ada"))).await.unwrap();
    check(&revocations, presented("t1", before), Decision::Revoked);
    check(&revocations, presented("t2", before), Decision::Revoked);
    check(&revocations, Presented { generation: None, ..presented("t2", 0) }, Decision::Revoked);
    check(&revocations, presented("t3", revocations.generation()), Decision::Good);
    check(&revocations, Presented { subject: Some("bob"), ..presented("t4", before) }, Decision::Good);
    check(&revocations, Presented { subject: None, ..presented("t4", before) }, Decision::Good);
    check(&revocations, Presented { issuer: Some("https://other.example"), ..presented("t4", before) }, Decision::Good);
    // And again.
    let between = revocations.generation();
    revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    check(&revocations, presented("t3", between), Decision::Revoked);
    check(&revocations, presented("t5", revocations.generation()), Decision::Good);
}

#[tokio::test]
async fn everything_is_revoked_and_everybody_may_log_in_again() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let before = revocations.generation();
    revocations.revoke_all().await.unwrap();
    check(&revocations, presented("t1", before), Decision::Revoked);
    check(&revocations, Presented { generation: Some(before), ..Presented::default() }, Decision::Revoked);
    check(&revocations, Presented::default(), Decision::Revoked);
    check(&revocations, presented("t2", revocations.generation()), Decision::Good);
}

/// Whoever has the key writes `iat`, `gen`, issuer, subject and token id as he likes.
#[tokio::test]
async fn a_key_is_revoked_whatever_its_tokens_say() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let key_id = |text: &str| KeyId::new(text).unwrap();
    let under = |key_id, presented| Presented { ring: "main", key_id: Some(key_id), ..presented };
    let before = node.generation();
    check(&node, under("k1", presented("t1", before)), Decision::Good);
    node.revoke_key("main", &key_id("k1")).await.unwrap();
    node.refresh().await.unwrap();
    for generation in [Some(before), Some(node.generation()), Some(u64::MAX), None] {
        check(&node, under("k1", Presented { generation, ..presented("t1", before) }), Decision::KeyRevoked);
        check(&node, under("k1", Presented { generation, ..Presented::default() }), Decision::KeyRevoked);
        check(&node, under("k2", Presented { generation, ..presented("t1", before) }), Decision::Good);
        check(&node, Presented { ring: "partner", ..under("k1", Presented { generation, ..presented("t1", before) }) }, Decision::Good);
        check(&node, Presented { key_id: None, ..under("k1", Presented { generation, ..presented("t1", before) }) }, Decision::Good);
    }
    // What is known to be revoked is, however old the knowledge; and it is never forgotten.
    assert_eq!((node.len(), node.is_empty()), (1, false));
    clock.advance(HOUR * 24 * 365 * 200);
    assert_eq!((node.prune().await, node.len()), (Ok(0), 1));
    check(&node, under("k1", presented("t1", before)), Decision::KeyRevoked);
    let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
    check(&restarted, under("k1", presented("t1", before)), Decision::KeyRevoked);
}

/// What the store has not acknowledged is refused here, and sent again.
#[tokio::test]
async fn a_key_is_refused_here_before_it_is_on_record() {
    for fault in [WriteFault::NotApplied, WriteFault::LostRequest, WriteFault::LostReply] {
        let clock = ManualClock::at(NOW);
        let (store, node) = shared(&clock).await;
        let stolen = Presented { ring: "main", key_id: Some("k1"), ..presented("t1", node.generation()) };
        store.fail_writes(fault);
        assert!(node.revoke_key("main", &KeyId::new("k1").unwrap()).await.is_err());
        check(&node, stolen, Decision::KeyRevoked);
        node.prune().await.unwrap_err();
        check(&node, stolen, Decision::KeyRevoked);
        assert_eq!((node.pending(), node.len()), (1, 1));
        store.fail_writes(WriteFault::None);
        node.retry_pending().await.unwrap();
        assert_eq!((node.pending(), node.len()), (0, 1));
        check(&node, stolen, Decision::KeyRevoked);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_named_is_not_silently_left() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    assert_eq!(revocations.revoke(&verified(None, Some("ada"))).await, Err(RevokeError::NoTokenId));
    assert_eq!(revocations.revoke_subject(&verified(Some("t1"), None)).await, Err(RevokeError::NoSubject));
    assert!(revocations.is_empty());
}

#[tokio::test]
async fn an_entry_lives_until_the_most_patient_verifier_refuses_the_token() {
    let clock = ManualClock::at(NOW);
    let revocations = in_memory(&clock).await;
    revocations.revoke(&verified(Some("t1"), None)).await.unwrap();
    clock.advance(HOUR + limits::LEEWAY_CAP + limits::CLOCK_SKEW);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(0), 1));
    clock.advance(SECOND);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(1), 0));
}

#[tokio::test]
async fn a_subject_entry_lives_as_long_as_the_longest_token() {
    let clock = ManualClock::at(NOW);
    let revocations = in_memory(&clock).await;
    revocations.raise_horizon(Some(HOUR * 48)).await.unwrap();
    revocations.raise_horizon(Some(HOUR)).await.unwrap();
    revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    clock.advance(HOUR * 48 + limits::LEEWAY_CAP + limits::CLOCK_SKEW);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(0), 1));
    clock.advance(SECOND);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(1), 0));
    // With tokens that never expire, nothing is forgotten.
    revocations.raise_horizon(None).await.unwrap();
    revocations.revoke_all().await.unwrap();
    revocations.revoke_token(None, "t1", None).await.unwrap();
    clock.advance(HOUR * 24 * 365 * 200);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(0), 2));
}

/// A wall clock that was set wrong, and right again later, loses no entry.
#[tokio::test]
async fn a_wrong_wall_clock_prunes_nothing_that_is_needed() {
    let clock = ManualClock::at(NOW);
    let revocations = in_memory(&clock).await;
    let before = revocations.generation();
    revocations.revoke(&verified(Some("t1"), None)).await.unwrap();
    clock.step_wall(100 * 3_600);
    assert_eq!(revocations.prune().await, Ok(0));
    // Revoked while the clock is behind: the entry still lives for the whole horizon.
    clock.step_wall(-200 * 3_600);
    revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    clock.step_wall(100 * 3_600);
    clock.advance(limits::MAX_TTL);
    revocations.prune().await.unwrap();
    check(&revocations, presented("t2", before), Decision::Revoked);
}
