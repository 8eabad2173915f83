//! Keys of other people's issuers: whatever their server does, known keys verify, fetches keep their bound, and new keys arrive.

mod awaited;
mod discovery;
mod faults;
mod fresh;
mod tls;
mod unknown;

use std::time::Duration;

use serde_json::json;
use session_runtime::{
    Clock, KeyRing, Verifier,
    error::RemoteError,
    jwt::{EdDsa, Jwt},
    keyring::{Jwks, Key, RemoteJwks},
    limits,
    testing::ManualClock,
};

use crate::support::{Access, ISSUER, key_id, stub::Stub};

pub(super) type Format = Jwt<EdDsa>;

pub(super) const SECOND: Duration = Duration::from_secs(1);
/// How long a silent server is waited for. The one time here that passes.
pub(super) const PATIENCE: Duration = Duration::from_millis(300);

/// An issuer with one key of this name.
pub(super) fn ring(name: &str, clock: &ManualClock) -> KeyRing<Format> {
    let key = Key::generate().unwrap().with_id(key_id(name));
    KeyRing::builder().clock(clock.clone()).import(key).unwrap()
}

pub(super) fn both(one: &KeyRing<Format>, other: &KeyRing<Format>) -> Jwks {
    one.jwks().join(other.jwks()).unwrap()
}

pub(super) async fn load(stub: &Stub, clock: &ManualClock) -> Result<RemoteJwks<Format>, RemoteError> {
    load_within(limits::REMOTE_TIMEOUT, stub, clock).await
}

pub(super) async fn load_within(timeout: Duration, stub: &Stub, clock: &ManualClock) -> Result<RemoteJwks<Format>, RemoteError> {
    RemoteJwks::builder(stub.url()).clock(clock.clone()).timeout(timeout).manual().load().await
}

pub(super) fn verifier(remote: &RemoteJwks<Format>) -> Verifier<Access> {
    Verifier::builder().accept_from(ISSUER, remote).build().unwrap()
}

/// What a task would do for so many seconds, without waiting for them. Answers when it fetched.
pub(super) async fn drive(remote: &RemoteJwks<Format>, clock: &ManualClock, seconds: u64) -> Vec<Duration> {
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
pub(super) fn bounded(fetches: &[Duration]) {
    for three in fetches.windows(limits::REMOTE_FETCHES + 1) {
        assert!(three[limits::REMOTE_FETCHES] - three[0] >= limits::REMOTE_COOL_DOWN, "{fetches:?}");
    }
}

/// Polls what happens in a task of its own, until it has happened.
pub(super) async fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let polls = async {
        while !happened() {
            tokio::time::timeout(Duration::from_millis(2), std::future::pending::<()>()).await.unwrap_err();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), polls).await.unwrap_or_else(|_| panic!("{what}"));
}

/// A token that names a key of the attacker's choice. It is refused before anybody looks at its seal.
pub(super) fn naming(key_id: &str, token: &str) -> String {
    let header = json!({ "alg": "EdDSA", "kid": key_id, "typ": "at+jwt" }).to_string();
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", base64_simd::URL_SAFE_NO_PAD.encode_to_string(header))
}
