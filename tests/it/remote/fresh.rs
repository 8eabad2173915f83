//! Keeping a set fresh: tags, headers, age, the task and what ends it.

use std::time::Duration;

use session_runtime::{
    KeyRing, Verifier,
    error::{FetchFault, RemoteError, VerifyError},
    jwt::{EdDsa, Es256, Jwt},
    keyring::{Jwks, RemoteJwks, Timing, remote::Refreshed},
};

use super::{Format, PATIENCE, SECOND, both, bounded, drive, eventually, load, naming, ring, verifier};
use crate::support::{
    Access, ISSUER, ada, issuer, noon,
    stub::{Conduct, Stub},
    token, verdict,
};

#[tokio::test]
async fn an_unchanged_set_is_not_sent_again() {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    let tagged = |tag: &str, set: &Jwks| Conduct::Tagged { tag: format!("\"{tag}\""), body: set.to_string() };
    let stub = Stub::start(tagged("one", &old.jwks())).await;
    let remote = load(&stub, &clock).await.unwrap();
    assert!(!stub.requests()[0].contains("if-none-match"));
    clock.advance(1_000 * SECOND);
    assert_eq!(remote.refresh().await, Ok(Refreshed::Unchanged));
    assert!(stub.requests()[1].contains("if-none-match: \"one\"\r\n"));
    assert_eq!(remote.health().age, Duration::ZERO, "a 304 says that the keys are the issuer's");
    // Another tag for the same keys, and then for other keys.
    clock.advance(30 * SECOND);
    stub.behave(tagged("two", &old.jwks()));
    assert_eq!(remote.refresh().await, Ok(Refreshed::Unchanged));
    clock.advance(30 * SECOND);
    stub.behave(tagged("three", &both(&old, &new)));
    assert_eq!(remote.refresh().await, Ok(Refreshed::Changed));
    assert!(stub.requests()[3].contains("if-none-match: \"two\"\r\n"));
    assert_eq!(verdict(&verifier(&remote).verify_now(&token(&new))), "good");
    // The tag of a set that was refused is never sent: its 304 would say that the one before is fresh.
    clock.advance(30 * SECOND);
    stub.behave(Conduct::Tagged { tag: "\"four\"".to_owned(), body: r#"{"keys":[]}"#.to_owned() });
    for _ in 0..2 {
        assert_eq!(remote.refresh().await, Err(RemoteError::Fetch(FetchFault::NoKeys)));
        assert!(stub.requests().last().unwrap().contains("if-none-match: \"three\"\r\n"));
    }
    // A longer tag than anybody needs is not sent back.
    clock.advance(30 * SECOND);
    stub.behave(Conduct::Tagged { tag: format!("\"{}\"", "x".repeat(300)), body: old.jwks().to_string() });
    assert_eq!(remote.refresh().await, Ok(Refreshed::Changed));
    assert_eq!(remote.refresh().await, Ok(Refreshed::Unchanged));
    assert!(!stub.requests().last().unwrap().contains("if-none-match"));
}

#[tokio::test]
async fn the_issuer_says_how_often_within_bounds() {
    async fn check(headers: &str, soonest: u32, latest: u32) {
        let clock = noon();
        let stub = Stub::start(Conduct::set(headers, ring("a", &clock).jwks())).await;
        let due = load(&stub, &clock).await.unwrap().due_in();
        assert!((soonest * SECOND..=latest * SECOND).contains(&due), "{headers}: {due:?}");
    }
    check("", 240, 300).await;
    check("cache-control: public, max-age=600\r\n", 480, 600).await;
    check("cache-control: max-age=600\r\nage: 500\r\n", 80, 100).await;
    check("cache-control: max-age=0\r\n", 30, 36).await;
    check("cache-control: no-store\r\n", 30, 36).await;
    check("cache-control: no-cache, max-age=600\r\n", 30, 36).await;
    // Half of the time that keys may be old, so that one fetch may fail.
    check("cache-control: max-age=99999999999999999999\r\n", 1_440, 1_800).await;
}

#[tokio::test]
async fn keys_that_are_too_old_verify_nothing_until_they_are_read_again() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = load(&stub, &clock).await.unwrap();
    let verifier = verifier(&remote);
    stub.behave(Conduct::status("503 Unavailable", "", ""));
    let fetches = drive(&remote, &clock, 3_600).await;
    bounded(&fetches);
    // Once every few minutes, when it has been down for a while.
    assert!((15..40).contains(&fetches.len()), "{}", fetches.len());
    assert_eq!(verdict(&verifier.verify_now(&token(&old))), "good", "as old as allowed");
    clock.advance(SECOND);
    let error = verifier.verify_now(&token(&old)).unwrap_err();
    assert_eq!(error.to_string(), "cannot decide now: keys were last read 3601s ago, at most 3600s is allowed");
    assert!(matches!(error, VerifyError::Unavailable(_)) && error.is_transient());
    assert_eq!(error.challenge(), None);
    assert!(!remote.health().verifies());
    // Setting the clock of the day back makes no key younger.
    clock.step_wall(-7_200);
    assert!(!remote.health().verifies());
    clock.step_wall(7_200);
    stub.behave(Conduct::set("", old.jwks()));
    drive(&remote, &clock, 400).await;
    assert_eq!(verdict(&verifier.verify_now(&token(&old))), "good");
}

#[tokio::test]
async fn whoever_goes_away_leaves_nothing_behind() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = RemoteJwks::<Format>::builder(stub.url()).clock(clock.clone()).manual().load().await.unwrap();
    clock.advance(100 * SECOND);
    stub.behave(Conduct::Hang);
    tokio::time::timeout(PATIENCE, remote.refresh()).await.unwrap_err();
    let due = remote.due_in();
    assert!((SECOND..=2 * SECOND).contains(&due), "planned again as if it had failed: {due:?}");
    stub.behave(Conduct::set("", old.jwks()));
    assert_eq!(remote.refresh().await, Ok(Refreshed::Unchanged));
    assert!(matches!(remote.refresh().await, Err(RemoteError::CoolingDown { .. })), "what was dropped counts");
}

#[tokio::test]
async fn the_task_brings_a_new_key_and_keeps_the_bound() {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = RemoteJwks::<Format>::builder(stub.url()).clock(clock.clone()).load().await.unwrap();
    let verifier = verifier(&remote);
    stub.behave(Conduct::set("", both(&old, &new)));
    let fresh = token(&new);
    assert_eq!(verdict(&verifier.verify_now(&fresh)), "the token's key is not known", "a request never waits");
    eventually("the key arrives", || verifier.verify_now(&fresh).is_ok()).await;
    assert_eq!(stub.requests().len(), 2);
    // The clock stands still: nothing that tokens name makes a third fetch.
    for number in 0..10_000 {
        verifier.verify_now(&naming(&number.to_string(), &fresh)).unwrap_err();
        if number % 1_000 == 0 {
            tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>()).await.unwrap_err();
        }
    }
    assert_eq!((stub.requests().len(), remote.health().fetches), (2, 2));
}

#[tokio::test]
async fn the_task_ends_with_the_last_holder_of_the_keys() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let remote = RemoteJwks::<Format>::builder(stub.url()).clock(clock.clone()).load().await.unwrap();
    eventually("only the task is left of the load", || tasks() == before + 1).await;
    let verifier = verifier(&remote);
    drop((remote.clone(), remote));
    // A verifier needs its keys to stay fresh, whoever else holds them.
    stub.behave(Conduct::Hang);
    verifier.verify_now(&naming("nobody", &token(&old))).unwrap_err();
    eventually("the task still fetches", || stub.requests().len() == 2).await;
    drop(verifier);
    eventually("the task is gone, in the middle of a fetch", || tasks() == before).await;
}

#[tokio::test]
async fn one_set_serves_several_formats() {
    let clock = noon();
    // Rings of a fleet, whose sets may be kept.
    let eddsa = KeyRing::<Jwt<EdDsa>>::builder().timing(Timing::FLEET).clock(clock.clone()).generate().unwrap();
    let es256 = KeyRing::<Jwt<Es256>>::builder().timing(Timing::FLEET).clock(clock.clone()).generate().unwrap();
    let document = eddsa.jwks().join(es256.jwks()).unwrap().document();
    let headers: String = document.headers().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let stub = Stub::start(Conduct::set(&headers, document.body())).await;
    let one = load(&stub, &clock).await.unwrap();
    let other = RemoteJwks::<Jwt<Es256>>::builder(stub.url()).clock(clock.clone()).manual().load().await.unwrap();
    let verifier = Verifier::<Access>::builder().accept_from(ISSUER, &one).accept_from(ISSUER, &other).build().unwrap();
    assert_eq!(verdict(&verifier.verify_now(&token(&eddsa))), "good");
    assert_eq!(verdict(&verifier.verify_now(&issuer::<Access, _>(&es256).issue(&ada()).unwrap().token)), "good");
    assert_eq!((one.keys().len(), other.keys().len()), (1, 1));
    assert!((720 * SECOND..=900 * SECOND).contains(&one.due_in()), "the publisher's own headers: {:?}", one.due_in());
    one.refresh().await.unwrap();
    let tag = format!("if-none-match: {}", document.etag().to_lowercase());
    assert!(stub.requests().last().unwrap().contains(&tag));
}
