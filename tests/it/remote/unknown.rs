//! Tokens that name keys which are not there: a flood of them, and those of another issuer.

use std::time::Duration;

use serde_json::{Value, json};
use session_runtime::{Clock, Verifier, error::RemoteError, keyring::RemoteJwks, limits, testing::ManualClock};

use super::{Format, SECOND, both, bounded, load, naming, ring, verifier};
use crate::support::{
    self, Access, Fixed, ISSUER, key_id, noon,
    stub::{Conduct, Stub},
    token, verdict,
};

/// Ten thousand tokens in 100 seconds.
async fn flood(remote: &RemoteJwks<Format>, token: &str, clock: &ManualClock) -> Vec<Duration> {
    let verifier = verifier(remote);
    let mut fetches = Vec::new();
    for number in 0..10_000 {
        let forged = naming(&format!("k{number}-{}", number * 7_919), token);
        assert_eq!(verdict(&verifier.verify_now(&forged)), "the token's key is not known");
        if remote.due_in().is_zero() {
            fetches.push(clock.boot());
            let _ = remote.refresh().await;
        }
        clock.advance(Duration::from_millis(10));
    }
    let missing = remote.health().missing;
    assert!((500..=limits::REMOTE_MISSING).contains(&missing), "{missing}");
    fetches
}

/// CVE-2026-48524: a set that was fetched anew for every unknown key id.
#[tokio::test]
async fn a_flood_of_key_ids_makes_two_fetches_in_thirty_seconds() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = load(&stub, &clock).await.unwrap();
    let good = token(&old);
    let up = flood(&remote, &good, &clock).await;
    bounded(&up);
    assert!((5..=8).contains(&up.len()), "{up:?}");
    assert_eq!(stub.requests().len(), 1 + up.len());

    stub.behave(Conduct::status("500 Internal Server Error", "", ""));
    let down = flood(&remote, &good, &clock).await;
    bounded(&down);
    assert!((5..=8).contains(&down.len()), "{down:?}");
    assert_eq!(stub.requests().len(), 1 + up.len() + down.len());
    bounded(&[up, down].concat());
    assert_eq!(verdict(&verifier(&remote).verify_now(&token(&old))), "good");
}

#[tokio::test]
async fn a_key_that_was_not_found_is_not_looked_for_again() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("cache-control: max-age=900\r\n", old.jwks())).await;
    let remote = load(&stub, &clock).await.unwrap();
    let verifier = verifier(&remote);
    let forged = naming("nobody", &token(&old));
    clock.advance(100 * SECOND);
    for (waited, fetched) in [(0, true), (1, false), (28, false), (1, true), (29, false), (1, true)] {
        clock.advance(waited * SECOND);
        verifier.verify_now(&forged).unwrap_err();
        assert_eq!(remote.due_in().is_zero(), fetched, "after {waited} s more");
        if fetched {
            remote.refresh().await.unwrap();
        }
    }
}

/// Rings are asked in turn, and one that lacks a key which another one has is none of its business.
#[tokio::test]
async fn tokens_of_one_issuer_fetch_nothing_of_another() {
    let clock = noon();
    let ours = support::ring::<Format>(&clock);
    let stubs = (Stub::start(Conduct::set("", ring("one", &clock).jwks())).await, Stub::start(Conduct::set("", ours.jwks())).await);
    let (first, second) = (load(&stubs.0, &clock).await.unwrap(), load(&stubs.1, &clock).await.unwrap());
    let verifier = Verifier::<Access>::builder().accept_from("https://other.example", &first).accept_from(ISSUER, &second).build().unwrap();
    // Not letter for letter a header that we write, so that each ring in turn reads what it says.
    let header = json!({ "alg": "EdDSA", "kid": support::KEY_ID, "typ": "at+jwt", "x": "y" }).to_string();
    let foreign = Format::forge(&header, Value::Object(support::good::<Format>()).to_string().as_bytes());
    assert_eq!(verdict(&verifier.verify_now(&foreign)), "good");
    assert!(!first.due_in().is_zero() && !second.due_in().is_zero());
    let third = ring("third", &clock);
    // A key that nobody has may be anybody's.
    verifier.verify_now(&token(&third)).unwrap_err();
    assert!(first.due_in().is_zero() && second.due_in().is_zero());
    // What is asked about another moment than now fetches nothing.
    let third = load(&stubs.0, &clock).await.unwrap();
    let verifier = Verifier::<Access>::builder().accept_from(ISSUER, &third).build().unwrap();
    verifier.open_at(&foreign, clock.wall()).unwrap_err();
    assert!(!third.due_in().is_zero());
}

#[tokio::test]
async fn many_who_wait_make_one_fetch() {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = load(&stub, &clock).await.unwrap();
    stub.behave(Conduct::set("", both(&old, &new)));
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let remote = remote.clone();
            tokio::spawn(async move { remote.wait_for(&key_id("new")).await })
        })
        .collect();
    for one in waiting {
        assert!(one.await.unwrap());
    }
    assert_eq!(stub.requests().len(), 2);
    assert!(remote.wait_for(&key_id("old")).await);
    assert!(!remote.wait_for(&key_id("nobody")).await, "the bound is used up, so nobody waits");
    assert_eq!(stub.requests().len(), 2);
    assert_eq!(remote.refresh().await, Err(RemoteError::CoolingDown { again_in: 30 * SECOND }));
    assert_eq!(remote.due_in(), 30 * SECOND, "but it will be looked for");
}
