//! What a verifier does when the revocation log is out of reach, as it was told, and calls that are stricter than their verifier.

use std::time::Duration;

use session_runtime::{
    Buffer, Issuer, Revocations, Verifier,
    error::{ConfigError, IssueError, Unavailable, VerifyError},
    paseto::V4Local,
    revocation::{Freshness, MemoryRevocations},
    testing::{FaultyRevocations, ManualClock, SharedRevocations},
};

use crate::support::{Access, ada, noon, ring, verdict};

const SECOND: Duration = Duration::from_secs(1);

/// Two nodes' logs over one store that fails on command, and a token.
async fn shared(clock: &ManualClock) -> (FaultyRevocations<MemoryRevocations>, [Revocations; 2], Verifier<Access>, String) {
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let open = async || Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    let (here, there) = (open().await, open().await);
    let ring = ring::<V4Local>(clock);
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&here).await.unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&here).await.unwrap();
    let token = issuer.issue(&ada()).unwrap().token;
    (store, [here, there], verifier, token)
}

#[tokio::test]
async fn each_route_may_have_its_own_rule() {
    let clock = noon();
    let (store, [here, _], pages, token) = shared(&clock).await;
    let archive = pages.clone().with_freshness(Freshness::bounded_stale(SECOND * 60)).unwrap();
    let lax = pages.clone().with_freshness(Freshness::dangerous_allow_unchecked()).unwrap();
    let verdicts = |token: &str| [&pages, &archive, &lax].map(|verifier| verdict(&verifier.verify_now(token)).starts_with("good"));
    store.fail_reads(true);
    clock.advance(SECOND * 15);
    assert_eq!(verdicts(&token), [true, true, true]);
    clock.advance(SECOND);
    assert_eq!(verdicts(&token), [false, true, true]);
    clock.advance(SECOND * 45);
    assert_eq!(verdicts(&token), [false, false, true]);
    here.revoke_all().await.unwrap();
    assert_eq!(verdicts(&token), [false, false, false], "what is known to be revoked is refused under every rule");
    assert!(matches!(lax.verify_now(&token), Err(VerifyError::Revoked)));
}

/// Between two readings a page may not know yet; a payment asks.
#[tokio::test]
async fn a_strict_call_hears_of_what_another_node_has_just_revoked() {
    let clock = noon();
    let (store, [_, there], verifier, token) = shared(&clock).await;
    assert!(verifier.strict().verify(&token).await.is_ok());
    clock.advance(SECOND);
    there.revoke_all().await.unwrap();
    assert!(verifier.verify(&token).await.is_ok());
    assert!(matches!(verifier.strict().verify_now(&token), Err(VerifyError::Unavailable(Unavailable::UnconfirmedRevocations))));
    let mut buffer = Buffer::default();
    assert!(matches!(verifier.strict().verify_in(&token, &mut buffer).await, Err(VerifyError::Revoked)));
    assert!(matches!(verifier.verify(&token).await, Err(VerifyError::Revoked)), "what it heard is known from then on");

    // Garbage is refused without asking, and a store that fails refuses what is not certain.
    store.fail_reads(true);
    clock.advance(SECOND);
    assert!(matches!(verifier.strict().verify("garbage").await, Err(VerifyError::Malformed(_))));
    assert!(matches!(verifier.strict().verify(&token).await, Err(VerifyError::Revoked)));
    let always = verifier.clone().with_freshness(Freshness::strict_within(SECOND)).unwrap();
    assert!(matches!(always.verify(&token).await, Err(VerifyError::Revoked)));
}

#[tokio::test]
async fn a_strict_call_without_an_answer_is_unavailable_and_not_good() {
    let clock = noon();
    let (store, _, verifier, token) = shared(&clock).await;
    store.fail_reads(true);
    clock.advance(SECOND);
    let error = verifier.strict().verify(&token).await.map(drop).unwrap_err();
    assert_eq!(error, VerifyError::Unavailable(Unavailable::UnconfirmedRevocations));
    assert!(error.is_transient() && error.challenge().is_none());
    assert!(verifier.verify(&token).await.is_ok(), "the verifier itself is not strict");
}

#[tokio::test]
async fn a_bound_has_bounds() {
    let clock = noon();
    let (_, _, verifier, _) = shared(&clock).await;
    let bounded = |age| verifier.clone().with_freshness(Freshness::bounded_stale(age)).map(drop);
    let refused = |found, rule| Err(ConfigError::OutOfBounds { setting: "bounded_stale", found, rule });
    assert_eq!(bounded(SECOND * 15), refused(SECOND * 15, "more than the max_staleness of the revocations"));
    assert_eq!(bounded(SECOND * 16), Ok(()));
    let long = Duration::from_secs(13 * 3_600);
    assert_eq!(bounded(long), refused(long, "at most half of the longest life of the tokens"));
    // Whichever is attached first.
    let ring = ring::<V4Local>(&clock);
    let early = Verifier::<Access>::new(&ring).unwrap().with_freshness(Freshness::bounded_stale(SECOND * 10)).unwrap();
    let log = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock).await.unwrap();
    assert!(early.with_revocations(&log).await.is_err());
}

/// A node whose clock is not the store's neither issues nor accepts.
#[tokio::test]
async fn a_clock_that_is_wrong_issues_and_accepts_nothing() {
    let (clock, of_store) = (noon(), noon());
    let log = Revocations::open_with_clock(SharedRevocations::new(of_store), clock.clone()).await.unwrap();
    let ring = ring::<V4Local>(&clock);
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&log).await.unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&log).await.unwrap();
    let token = issuer.issue(&ada()).unwrap().token;
    clock.step_wall(90);
    assert_eq!(issuer.issue(&ada()).map(drop), Err(IssueError::ClockSkew { seconds: 90 }));
    assert_eq!(verifier.verify_now(&token).map(drop), Err(VerifyError::Unavailable(Unavailable::ClockSkew { seconds: 90 })));
    clock.step_wall(-90);
    assert!(issuer.issue(&ada()).is_ok() && verifier.verify_now(&token).is_ok());
}
