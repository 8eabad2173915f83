//! Sessions: what has ended does not come back.

use super::*;

#[tokio::test]
async fn a_session_has_ended_for_every_token_that_it_had_or_will_have() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let of = |session, generation| Presented { session: Some(session), ..presented("t1", generation) };
    let before = node.generation();
    check(&node, of("s1", before), Decision::Good);
    node.revoke_session_of(Some(ISSUER), "s1").await.unwrap();
    node.refresh().await.unwrap();
    for generation in [before, node.generation(), node.generation() + 1_000] {
        check(&node, of("s1", generation), Decision::Revoked);
        check(&node, of("s2", generation), Decision::Good);
    }
    check(&node, Presented { issuer: Some("https://other.example"), ..of("s1", before) }, Decision::Good);
    check(&node, Presented { session: None, ..of("s1", before) }, Decision::Good);
    // A session is no token and no subject of its name.
    check(&node, presented("s1", before), Decision::Good);
    check(&node, Presented { subject: Some("s1"), ..presented("t1", before) }, Decision::Good);
    let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
    check(&restarted, of("s1", before), Decision::Revoked);
}

#[tokio::test]
async fn a_token_without_a_session_says_so() {
    let node = in_memory(&ManualClock::at(NOW)).await;
    assert_eq!(node.revoke_session(&verified(Some("t1"), Some("ada"))).await, Err(RevokeError::NoSession));
    assert!(node.is_empty());
}
