//! A server that misbehaves in one way after the other.

use serde_json::{Value, json};
use session_runtime::{
    Clock, KeyRing,
    error::{FetchFault, RemoteError},
    jwt::{Es256, Jwt},
    keyring::{Jwks, remote::Condition},
    limits,
};

use super::{PATIENCE, SECOND, both, bounded, drive, load, load_within, ring, verifier};
use crate::support::{
    noon,
    stub::{Conduct, Stub},
    token, verdict,
};

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
