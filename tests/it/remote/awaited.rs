//! Tokens under a key that is not there yet: the fetch that brings it is awaited, and nobody is made to wait for nothing.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use session_runtime::{Buffer, error::VerifyError, keyring::RemoteJwks, limits, testing::ManualClock};
use tokio::sync::Semaphore;

use super::{Format, SECOND, both, eventually, load, naming, ring, verifier};
use crate::support::{
    key_id, noon,
    stub::{Conduct, Stub},
    token, verdict,
};

/// With the task that fetches.
async fn attended(stub: &Stub, clock: &ManualClock) -> RemoteJwks<Format> {
    RemoteJwks::builder(stub.url()).clock(clock.clone()).load().await.unwrap()
}

/// What a future has to say at once.
fn now_or_never<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Twenty requests at once under every new key, ten keys in a row.
#[tokio::test]
async fn a_rotation_at_the_other_issuer_refuses_no_request() {
    let clock = noon();
    let mut before = ring("0", &clock);
    let stub = Stub::start(Conduct::set("", before.jwks())).await;
    let remote = attended(&stub, &clock).await;
    let verifier = verifier(&remote);
    for name in 1..=10 {
        clock.advance(31 * SECOND);
        let next = ring(&name.to_string(), &clock);
        stub.behave(Conduct::set("", both(&before, &next)));
        let requests = (0..20).map(|_| {
            let (verifier, token) = (verifier.clone(), token(&next));
            tokio::spawn(async move { verdict(&verifier.verify(&token).await) })
        });
        for request in requests.collect::<Vec<_>>() {
            assert_eq!(request.await.unwrap(), "good", "{name}");
        }
        before = next;
    }
    assert_eq!(stub.requests().len(), 11, "one fetch for each key");
    // The twin: who does not wait is refused.
    clock.advance(31 * SECOND);
    let next = ring("next", &clock);
    stub.behave(Conduct::set("", both(&before, &next)));
    assert_eq!(verdict(&verifier.verify_now(&token(&next))), "the token's key is not known");
    // And so is who looks after the keys by hand, but for a fetch that is under way.
    let by_hand = super::verifier(&load(&stub, &clock).await.unwrap());
    let unknown = token(&ring("unknown", &clock));
    assert_eq!(now_or_never(by_hand.verify(&unknown)).map(|refused| verdict(&refused)).as_deref(), Some("the token's key is not known"));
}

#[tokio::test]
async fn claims_that_borrow_wait_as_well() {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let verifier = verifier(&attended(&stub, &clock).await);
    stub.behave(Conduct::set("", both(&old, &new)));
    let mut buffer = Buffer::default();
    assert_eq!(verifier.verify_in(&token(&new), &mut buffer).await.unwrap().user, "ada");
}

/// The answer that is on its way was made before the key was there: the token waits for the next one.
#[tokio::test]
async fn a_key_that_is_wanted_during_a_fetch_has_one_of_its_own() {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = attended(&stub, &clock).await;
    let verifier = verifier(&remote);
    clock.advance(31 * SECOND);
    let gate = Arc::new(Semaphore::new(0));
    stub.behave(Conduct::held(&gate, old.jwks()));
    let refresh = tokio::spawn({
        let remote = remote.clone();
        async move { remote.refresh().await }
    });
    eventually("the first answer is on its way", || stub.requests().len() == 2).await;
    stub.behave(Conduct::set("", both(&old, &new)));
    let request = tokio::spawn({
        let (verifier, token) = (verifier.clone(), token(&new));
        async move { verdict(&verifier.verify(&token).await) }
    });
    eventually("the key is wanted", || remote.health().missing == 1).await;
    gate.add_permits(1);
    refresh.await.unwrap().unwrap();
    assert_eq!(request.await.unwrap(), "good");
    assert_eq!(stub.requests().len(), 3);
}

/// Ten thousand key ids of somebody's choice.
#[tokio::test]
async fn a_flood_of_key_ids_waits_for_nothing() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = attended(&stub, &clock).await;
    let verifier = verifier(&remote);
    let good = token(&old);
    let refused = |name: String| {
        let (verifier, token) = (verifier.clone(), naming(&name, &good));
        async move { verdict(&verifier.verify(&token).await) }
    };
    // The one fetch that is left of two in these 30 s.
    assert_eq!(refused("first".into()).await, "the token's key is not known");
    assert_eq!(stub.requests().len(), 2);
    for number in 0..10_000 {
        assert_eq!(now_or_never(refused(format!("k{number}"))).as_deref(), Some("the token's key is not known"), "{number}");
        if number % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(stub.requests().len(), 2);
    // A key that was looked for and not found is not waited for again, though a fetch would be allowed.
    clock.advance(31 * SECOND);
    remote.refresh().await.unwrap();
    refused("again".into()).await;
    let requests = stub.requests().len();
    assert_eq!(now_or_never(refused("again".into())).as_deref(), Some("the token's key is not known"));
    assert_eq!(stub.requests().len(), requests);
    assert_eq!(verdict(&verifier.verify(&good).await), "good");
}

/// An issuer that takes the request and is silent is waited for once, for two seconds, and by so many.
#[tokio::test]
async fn a_silent_issuer_is_waited_for_briefly_and_by_few() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let verifier = verifier(&attended(&stub, &clock).await);
    let good = token(&old);
    stub.behave(Conduct::Hang);
    let request = |number: usize| {
        let (verifier, token) = (verifier.clone(), naming(&format!("k{number}"), &good));
        async move { verifier.verify(&token).await.map(drop) }
    };
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let mut waiting: Vec<_> = (0..limits::KEY_WAITERS).map(|number| Box::pin(request(number))).collect();
    for one in &mut waiting {
        assert!(one.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(now_or_never(request(9_999)), Some(Err(VerifyError::UnknownKey)), "one too many");
    for one in waiting {
        assert_eq!(one.await, Err(VerifyError::UnknownKey));
    }
    let waited = began.elapsed();
    assert!((limits::KEY_WAIT..limits::KEY_WAIT + Duration::from_millis(100)).contains(&waited), "{waited:?}");
    // The fetch is still under way.
    eventually("it was asked", || stub.requests().len() == 2).await;
    assert_eq!(now_or_never(request(10_000)), Some(Err(VerifyError::UnknownKey)), "nobody begins to wait any more");
}

/// Whoever hangs up while waiting takes nothing with them.
#[tokio::test]
async fn a_request_that_is_dropped_leaves_the_fetch() {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let gate = Arc::new(Semaphore::new(0));
    let dropped = async |remote: &RemoteJwks<Format>, fetches: bool| {
        stub.behave(Conduct::held(&gate, both(&old, &new)));
        let (before, verifier, token, remote) = (stub.requests().len(), verifier(remote), token(&new), remote.clone());
        let request =
            tokio::spawn(
                async move { if fetches { remote.wait_for(&key_id("new")).await } else { verifier.verify(&token).await.is_ok() } },
            );
        eventually("the answer is on its way", || stub.requests().len() == before + 1).await;
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        before + 1
    };
    let remote = attended(&stub, &clock).await;
    let asked = dropped(&remote, false).await;
    let other = tokio::spawn({
        let (verifier, token) = (verifier(&remote), token(&new));
        async move { verdict(&verifier.verify(&token).await) }
    });
    tokio::task::yield_now().await;
    gate.add_permits(1);
    assert_eq!(other.await.unwrap(), "good");
    assert_eq!(stub.requests().len(), asked);
    // The twin fetches itself: the next one has to ask again.
    stub.behave(Conduct::set("", old.jwks()));
    let by_hand = load(&stub, &clock).await.unwrap();
    let asked = dropped(&by_hand, true).await;
    clock.advance(31 * SECOND);
    gate.add_permits(2);
    assert!(by_hand.wait_for(&key_id("new")).await);
    assert_eq!(stub.requests().len(), asked + 1);
}

/// The future may be moved between threads, as servers do.
#[test]
fn waiting_is_send() {
    fn is_send<T: Send>(_: &T) {}
    let clock = noon();
    let verifier = session_runtime::Verifier::<crate::support::Access>::new(&ring("old", &clock)).unwrap();
    let mut buffer = Buffer::default();
    is_send(&verifier.verify("token"));
    is_send(&verifier.verify_in("token", &mut buffer));
}
