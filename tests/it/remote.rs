//! Keys of other people's issuers: whatever their server does, known keys verify, fetches keep their bound, and new keys arrive.

use std::time::Duration;

use serde_json::{Value, json};
use session_runtime::{
    Clock, KeyRing, Verifier,
    error::{FetchFault, RemoteError, VerifyError},
    jwt::{EdDsa, Es256, Jwt},
    keyring::{
        Jwks, RemoteJwks, Timing,
        remote::{Condition, Refreshed},
    },
    limits,
    testing::ManualClock,
};

use crate::support::{
    self, Access, Fixed, ISSUER, ada, issuer, key_id, noon,
    stub::{Conduct, Stub},
    token, verdict,
};

type Format = Jwt<EdDsa>;

const SECOND: Duration = Duration::from_secs(1);
/// How long a silent server is waited for. The one time here that passes.
const PATIENCE: Duration = Duration::from_millis(300);

/// An issuer with one key of this name.
fn ring(name: &str, clock: &ManualClock) -> KeyRing<Format> {
    let key = session_runtime::keyring::Key::generate().unwrap().with_id(key_id(name));
    KeyRing::builder().clock(clock.clone()).import(key).unwrap()
}

fn both(one: &KeyRing<Format>, other: &KeyRing<Format>) -> Jwks {
    one.jwks().join(other.jwks()).unwrap()
}

async fn load(stub: &Stub, clock: &ManualClock) -> Result<RemoteJwks<Format>, RemoteError> {
    load_within(limits::REMOTE_TIMEOUT, stub, clock).await
}

async fn load_within(timeout: Duration, stub: &Stub, clock: &ManualClock) -> Result<RemoteJwks<Format>, RemoteError> {
    RemoteJwks::builder(stub.url()).clock(clock.clone()).timeout(timeout).manual().load().await
}

fn verifier(remote: &RemoteJwks<Format>) -> Verifier<Access> {
    Verifier::builder().accept_from(ISSUER, remote).build().unwrap()
}

/// What a task would do for so many seconds, without waiting for them. Answers when it fetched.
async fn drive(remote: &RemoteJwks<Format>, clock: &ManualClock, seconds: u64) -> Vec<Duration> {
    let mut fetches = Vec::new();
    for _ in 0..seconds {
        if remote.due_in().is_zero() {
            fetches.push(clock.boot());
            let _ = remote.refresh().await;
        }
        clock.advance(SECOND);
    }
    fetches
}

#[track_caller]
fn bounded(fetches: &[Duration]) {
    for three in fetches.windows(limits::REMOTE_FETCHES + 1) {
        assert!(three[limits::REMOTE_FETCHES] - three[0] >= limits::REMOTE_COOL_DOWN, "{fetches:?}");
    }
}

/// Polls what happens in a task of its own, until it has happened.
async fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let polls = async {
        while !happened() {
            tokio::time::timeout(Duration::from_millis(2), std::future::pending::<()>()).await.unwrap_err();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), polls).await.unwrap_or_else(|_| panic!("{what}"));
}

/// One way to misbehave, and what a fetch says of it.
async fn check(name: &str, bad: Conduct, want: FetchFault) {
    let clock = noon();
    let (old, new) = (ring("old", &clock), ring("new", &clock));
    // Only who is silent is waited for: a machine under load must not make the other cases late.
    let timeout = if let FetchFault::TimedOut { allowed } = want { allowed } else { limits::REMOTE_TIMEOUT };

    let stub = Stub::start(bad.clone()).await;
    assert_eq!(load_within(timeout, &stub, &clock).await.unwrap_err(), RemoteError::Fetch(want), "{name}: a first load");

    stub.behave(Conduct::set("", old.jwks()));
    let remote = load_within(timeout, &stub, &clock).await.unwrap();
    let verifier = verifier(&remote);
    let known = remote.keys();
    stub.behave(bad);
    clock.advance(limits::REMOTE_COOL_DOWN);
    let before = (stub.requests().len(), remote.health().fetches);

    // A key that only a good set will bring is asked for all the time.
    let mut fetches = Vec::new();
    for round in 0..3 {
        assert_eq!(verdict(&verifier.verify_now(&token(&new))), "the token's key is not known", "{name} {round}");
        fetches.extend(drive(&remote, &clock, 20).await);
        assert_eq!(verdict(&verifier.verify_now(&token(&old))), "good", "{name} {round}");
        assert_eq!(remote.keys(), known, "{name} {round}");
        let health = remote.health();
        let Condition::Degraded { since, cause } = health.condition else { panic!("{name} {round}: {health:?}") };
        assert_eq!((cause, health.verifies()), (want, true), "{name} {round}");
        assert!(since < clock.wall() && health.age > 20 * SECOND, "{name} {round}");
    }
    bounded(&fetches);
    assert!((3..=6).contains(&fetches.len()), "{name}: {fetches:?}");
    let after = (stub.requests().len(), remote.health().fetches);
    assert_eq!(after.1 - before.1, fetches.len() as u64, "{name}");
    assert_eq!(after.0 - before.0, fetches.len(), "{name}: one fetch is one request");

    stub.behave(Conduct::set("", both(&old, &new)));
    fetches.extend(drive(&remote, &clock, 120).await);
    bounded(&fetches);
    assert_eq!(verdict(&verifier.verify_now(&token(&new))), "good", "{name}");
    assert_eq!(verdict(&verifier.verify_now(&token(&old))), "good", "{name}");
    assert_eq!(remote.health().condition, Condition::Healthy, "{name}");
}

#[tokio::test]
async fn a_wrong_status_changes_nothing() {
    check("500", Conduct::status("500 Internal Server Error", "", "{\"keys\":[]}"), FetchFault::Status { status: 500 }).await;
    check("404", Conduct::status("404 Not Found", "", ""), FetchFault::Status { status: 404 }).await;
    check("204", Conduct::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()), FetchFault::Status { status: 204 }).await;
    check("304 that nobody asked for", Conduct::Say(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()), FetchFault::Status { status: 304 })
        .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inside = Stub::start(Conduct::set("", ring("evil", &noon()).jwks())).await;
    for status in ["301", "302", "303", "307", "308"] {
        let away = format!("location: {}\r\n", inside.url());
        check(status, Conduct::status(&format!("{status} Elsewhere"), &away, ""), FetchFault::Redirect { status: status.parse().unwrap() })
            .await;
    }
    assert_eq!(inside.requests().len(), 0);
}

#[tokio::test]
async fn silence_ends_after_the_time_allowed() {
    let late = FetchFault::TimedOut { allowed: PATIENCE };
    check("no head", Conduct::Hang, late).await;
    check("half a head", Conduct::SayAndHang(b"HTTP/1.1 200 OK\r\ncontent-".to_vec()), late).await;
    check("half a body", Conduct::SayAndHang(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\":[".to_vec()), late).await;
    check("a slow drip", Conduct::Drip, late).await;
}

#[tokio::test]
async fn no_body_is_read_past_the_limit() {
    let limit = limits::REMOTE_SET;
    check("a body without an end", Conduct::Endless, FetchFault::TooLong { limit }).await;
    let said = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 1_u64 << 60).into_bytes();
    check("a length that nobody has", Conduct::SayAndHang(said), FetchFault::TooLong { limit }).await;
    let long = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(limit));
    check("a long body", Conduct::set("", long), FetchFault::TooLong { limit }).await;
}

#[tokio::test]
async fn what_is_no_set_changes_nothing() {
    let none = FetchFault::NotASet;
    for body in ["", "{}", "[]", "<html>maintenance</html>", "{\"keys\":7}", "{\"keys\":[", "{\"keys\":[],\"keys\":[]}", "\u{0}"] {
        check(body, Conduct::set("", body), none).await;
    }
    check("not UTF-8", Conduct::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe".to_vec()), none).await;
    check("an empty set", Conduct::set("", r#"{"keys":[]}"#), FetchFault::NoKeys).await;
    let others = KeyRing::<Jwt<Es256>>::generate().unwrap().jwks();
    check("keys for others only", Conduct::set("", others), FetchFault::NoKeys).await;
    let clock = noon();
    let (one, other) = (ring("same", &clock), ring("same", &clock));
    let keys: Vec<Value> = [one, other].iter().map(|ring| as_json(&ring.jwks())["keys"][0].clone()).collect();
    check("two of one name", Conduct::set("", json!({ "keys": keys })), FetchFault::DuplicateKeyId).await;
    let many: Vec<Value> = (0..=limits::REMOTE_KEYS).map(|id| json!({ "kty": "oct", "kid": id.to_string() })).collect();
    check("too many", Conduct::set("", json!({ "keys": many })), FetchFault::TooManyKeys { limit: limits::REMOTE_KEYS }).await;
}

fn as_json(set: &Jwks) -> Value {
    serde_json::from_str(&set.to_string()).unwrap()
}

#[tokio::test]
async fn a_broken_connection_changes_nothing() {
    check("reset", Conduct::Reset, FetchFault::BrokenOff).await;
    check("closed at once", Conduct::Say(Vec::new()), FetchFault::BrokenOff).await;
    check("not HTTP", Conduct::Say(b"220 smtp.example ESMTP\r\n".to_vec()), FetchFault::BrokenOff).await;
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\":[]}".to_vec();
    check("a body that breaks off", Conduct::Say(cut), FetchFault::BrokenOff).await;
    let length = format!("HTTP/1.1 200 OK\r\ncontent-length: {}0\r\n\r\n", u64::MAX).into_bytes();
    check("a length that is no number", Conduct::Say(length), FetchFault::BrokenOff).await;
    let headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(10_000)).into_bytes();
    check("headers without an end", Conduct::Say(headers), FetchFault::BrokenOff).await;
}

#[tokio::test]
async fn a_refused_connection_changes_nothing() {
    let clock = noon();
    let old = ring("old", &clock);
    let stub = Stub::start(Conduct::set("", old.jwks())).await;
    let remote = load(&stub, &clock).await.unwrap();
    let verifier = verifier(&remote);
    stub.stop().await;
    clock.advance(300 * SECOND);
    let fetches = drive(&remote, &clock, 300).await;
    bounded(&fetches);
    assert!(matches!(remote.health().condition, Condition::Degraded { cause: FetchFault::Unreachable, .. }));
    assert_eq!(verdict(&verifier.verify_now(&token(&old))), "good");
    stub.resume().await;
    drive(&remote, &clock, 400).await;
    assert_eq!(remote.health().condition, Condition::Healthy);
}

#[tokio::test]
async fn one_bad_key_is_skipped_and_told() {
    let clock = noon();
    let (good, bad) = (ring("good", &clock), ring("hunter2", &clock));
    let mut set = as_json(&both(&good, &bad));
    assert_eq!(set["keys"][1]["kid"], "hunter2");
    set["keys"][1]["x"] = json!("AAAA");
    // What kind of text it is called, and what else stands in it, is of no interest.
    let stub = Stub::start(Conduct::set("content-type: text/html\r\n", set)).await;
    let remote = load(&stub, &clock).await.unwrap();
    let verifier = verifier(&remote);
    assert_eq!(verdict(&verifier.verify_now(&token(&good))), "good");
    assert_eq!(verdict(&verifier.verify_now(&token(&bad))), "the token's key is not known");
    let health = remote.health();
    assert_eq!((health.condition, health.keys, health.skipped.len()), (Condition::Healthy, 1, 1));
    assert_eq!((health.skipped[0].position, health.skipped[0].rule.to_string().as_str()), (1, "not a valid point of the curve"));
    assert!(!format!("{remote:?} {health:?}").contains("hunter2"), "its name is text of others");
}

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

/// A token that names a key of the attacker's choice. It is refused before anybody looks at its seal.
fn naming(key_id: &str, token: &str) -> String {
    let header = json!({ "alg": "EdDSA", "kid": key_id, "typ": "at+jwt" }).to_string();
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", base64_simd::URL_SAFE_NO_PAD.encode_to_string(header))
}

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
    let eddsa = ring("a", &clock);
    let es256 = KeyRing::<Jwt<Es256>>::builder().clock(clock.clone()).generate().unwrap();
    let document = eddsa.jwks().join(es256.jwks()).unwrap().document(&Timing::FLEET);
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
