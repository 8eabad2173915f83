//! Key rings: a rotation refuses no good token and accepts no bad one, a compromise acts at once, and views follow.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use session_runtime::{
    Asymmetric, Claims, Clock, Format, Issuer, KeyRing, Published, Symmetric, Timestamp, Verifier,
    error::{KeyError, VerifyError},
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs512, Jwt, MlDsa65, Rs256},
    keyring::{FileKeys, Key, KeyState, Keys, LocalKek},
    paseto::{V3Local, V3Public, V4Local, V4Public},
    testing::ManualClock,
};

use crate::support::{Access, Fixed, NOON, ada, after, issuer, key_id, noon, own_ring, ring, token, verdict};

/// A type whose tokens live for as long as their rings allow, read by the most patient verifier.
#[derive(Claims)]
#[claims(no_issuer, no_audience, ttl = "15m", leeway = "300s", token_type = "at+jwt")]
struct Patient {}

fn quarter_ring<F: Format>(clock: &ManualClock) -> KeyRing<F> {
    KeyRing::builder().max_ttl(Duration::from_secs(900)).clock(clock.clone()).generate().unwrap()
}

/// Runs an asynchronous check in every format whose keys are made in no time.
macro_rules! in_every_fresh_format {
    ($check:ident) => {{
        $check::<Jwt<Hs256>>().await;
        $check::<Jwt<Hs512>>().await;
        $check::<Jwt<Es256>>().await;
        $check::<Jwt<Es384>>().await;
        $check::<Jwt<EdDsa>>().await;
        $check::<Jwt<MlDsa65>>().await;
        $check::<V4Public>().await;
        $check::<V4Local>().await;
        $check::<V3Public>().await;
        $check::<V3Local>().await;
    }};
}

/// A program's arguments would take it for one.
#[test]
fn no_key_is_named_like_an_option() {
    for _ in 0..1_000 {
        let key = Key::<Jwt<Hs256>>::generate().unwrap();
        assert!(!key.id().unwrap().as_str().starts_with('-'), "{:?}", key.id());
    }
}

/// `retire_at + 60 s + max_ttl + 300 s`: the last token of the old key dies for the most patient verifier before its key does, even one
/// that was signed by a clock which was a minute ahead of the rotation.
#[tokio::test]
async fn an_old_key_verifies_until_its_last_token_has_expired() {
    async fn check<F: Format>() {
        let clock = noon();
        let ring = quarter_ring::<F>(&clock);
        let verifier = Verifier::<Patient>::new(&ring).unwrap();
        clock.advance(Duration::from_secs(160));
        // The last that the old key signs, a minute ahead of the rotation.
        let last = issuer::<Patient, F>(&ring).issue(&Patient {}).unwrap();
        clock.step_wall(-60);
        let rotated = ring.rotate().await.unwrap();
        assert_eq!(rotated.active_from, after(100), "{}", F::NAME);
        let old = last.key_id.clone().unwrap();
        assert_ne!(old, rotated.key_id);
        let next = issuer::<Patient, F>(&ring).issue(&Patient {}).unwrap();
        assert_eq!(next.key_id, Some(rotated.key_id.clone()), "{}: the new key signs at once", F::NAME);
        assert_eq!(ring.state(&old), Some(KeyState::Retiring));
        assert_eq!(ring.state(&rotated.key_id), Some(KeyState::Active));

        for (seconds, state, want) in [
            (100, KeyState::Retiring, "good"),
            (160 + 900 + 299, KeyState::Retiring, "good"),
            (160 + 900 + 300, KeyState::Retired, "the token's key is not known"),
            (1_000_000, KeyState::Retired, "the token's key is not known"),
        ] {
            assert_eq!(verdict(&verifier.open_at(&last.token, after(seconds))), want, "{} {seconds}", F::NAME);
            clock.step_wall(after(seconds).as_unix() - clock.wall().as_unix());
            assert_eq!(ring.state(&old), Some(state), "{} {seconds}", F::NAME);
        }
        let info = ring.keys().into_iter().find(|key| key.id.as_ref() == Some(&old)).unwrap();
        assert_eq!((info.created_at, info.retire_at, info.expire_at), (NOON, Some(after(100)), Some(after(160 + 900 + 300))));
    }
    in_every_fresh_format!(check);
}

/// An issuer that was built before the rotation signs with the new key, too, and never with an older one (CVE-2025-47278).
#[tokio::test]
async fn the_newest_key_signs_however_often_it_is_rotated() {
    async fn check<F: Format>() {
        let clock = noon();
        let ring = own_ring::<F>(&clock);
        let (issuer, verifier) = (issuer::<Access, F>(&ring), Verifier::<Access>::new(&ring).unwrap());
        let mut tokens = Vec::new();
        for round in 0..20 {
            // Now and then several rotations in one second.
            clock.advance(Duration::from_secs(round % 3));
            let rotated = ring.rotate().await.unwrap();
            let issued = issuer.issue(&ada()).unwrap();
            assert_eq!(issued.key_id, Some(rotated.key_id), "{} {round}", F::NAME);
            tokens.push(issued.token);
            assert_eq!(ring.keys().iter().filter(|key| key.state == KeyState::Active).count(), 1, "{}", F::NAME);
            for token in &tokens {
                assert_eq!(verdict(&verifier.verify_now(token)), "good", "{} {round}", F::NAME);
            }
        }
    }
    in_every_fresh_format!(check);
}

/// D1: rotations under threads that issue and verify. Every token that was issued verifies.
#[test]
fn a_hundred_rotations_refuse_no_good_token() {
    let clock = noon();
    let ring = own_ring::<Jwt<EdDsa>>(&clock);
    let (verified, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let (issuer, verifier) = (issuer::<Access, _>(&ring), Verifier::<Access>::new(&ring).unwrap());
                let mut before = issuer.issue(&ada()).unwrap().token;
                while !stop.load(Ordering::Relaxed) {
                    let token = issuer.issue(&ada()).unwrap().token;
                    for token in [&token, &before] {
                        match verifier.verify_now(token) {
                            Ok(_) => verified.fetch_add(1, Ordering::Relaxed),
                            Err(_) => refused.fetch_add(1, Ordering::Relaxed),
                        };
                    }
                    before = token;
                }
            });
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for round in 0..100 {
            let so_far = verified.load(Ordering::Relaxed);
            runtime.block_on(ring.rotate()).unwrap();
            if round % 7 == 0 {
                clock.advance(Duration::from_secs(1));
            }
            // Every rotation meets some traffic.
            while verified.load(Ordering::Relaxed) < so_far + 3 && refused.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(refused.into_inner(), 0);
    assert!(verified.into_inner() > 300);
    assert_eq!(ring.keys().len(), 101);
}

#[tokio::test]
async fn a_compromised_key_is_refused_at_once_and_for_ever() {
    async fn check<F: Format>() {
        let clock = noon();
        let ring = own_ring::<F>(&clock);
        let (issuer, verifier) = (issuer::<Access, F>(&ring), Verifier::<Access>::new(&ring).unwrap());
        let stolen = issuer.issue(&ada()).unwrap();
        let lost = stolen.key_id.clone().unwrap();
        let compromised = ring.compromise(&lost).await.unwrap();
        assert_eq!(verifier.verify_now(&stolen.token).map(drop), Err(VerifyError::Revoked), "{}", F::NAME);
        // The successor signs, and is named.
        let next = issuer.issue(&ada()).unwrap();
        assert_eq!((next.key_id.as_ref(), next.key_id != stolen.key_id), (compromised.successor.as_ref(), true), "{}", F::NAME);
        assert_eq!(verdict(&verifier.verify_now(&next.token)), "good", "{}", F::NAME);
        // A second time changes nothing; a key that does not sign gets no successor.
        assert_eq!(ring.compromise(&lost).await.unwrap().successor, None, "{}", F::NAME);
        let old = compromised.successor.unwrap();
        ring.rotate().await.unwrap();
        assert_eq!(ring.compromise(&old).await.unwrap().successor, None, "{}", F::NAME);
        assert_eq!(verifier.verify_now(&next.token).map(drop), Err(VerifyError::Revoked), "{}", F::NAME);
        // No time and no rotation brings it back.
        clock.advance(Duration::from_secs(10 * 86_400));
        ring.rotate().await.unwrap();
        assert_eq!(ring.state(&lost), Some(KeyState::Compromised), "{}", F::NAME);
        assert_eq!(verifier.verify_now(&stolen.token).map(drop), Err(VerifyError::Revoked), "{}", F::NAME);
        let stranger = key_id("nobody");
        assert_eq!(ring.compromise(&stranger).await.map(drop), Err(KeyError::NoSuchKey(stranger)), "{}", F::NAME);
    }
    in_every_fresh_format!(check);
}

/// The ring of an imported key rotates as any other; nobody knows when the imported key signed before.
#[tokio::test]
async fn an_imported_key_rotates_away() {
    async fn check<F: Fixed>() {
        let clock = noon();
        let unnamed = KeyRing::<F>::builder().clock(clock.clone()).import(F::key().without_id()).unwrap();
        let verifier = Verifier::<Access>::new(&unnamed).unwrap();
        let before = token(&unnamed);
        let rotated = unnamed.rotate().await.unwrap();
        let issued = issuer::<Access, F>(&unnamed).issue(&ada()).unwrap();
        assert_eq!(issued.key_id, Some(rotated.key_id), "{}", F::NAME);
        assert_eq!([&before, &issued.token].map(|token| verdict(&verifier.verify_now(token))), ["good", "good"], "{}", F::NAME);
    }
    in_every_fresh_format!(check);
}

#[tokio::test]
async fn a_ring_in_memory_survives_a_reload() {
    async fn check<F: Format>() {
        let ring = own_ring::<F>(&noon());
        let verifier = Verifier::<Access>::new(&ring).unwrap();
        let before = token(&ring);
        ring.reload().await.unwrap();
        assert_eq!(verdict(&verifier.verify_now(&before)), "good", "{}", F::NAME);
        let _ = token(&ring);
        ring.rotate().await.unwrap();
        ring.reload().await.unwrap();
        assert_eq!(verdict(&verifier.verify_now(&before)), "good", "{}", F::NAME);
        assert_eq!(ring.keys().len(), 2, "{}", F::NAME);
        let _ = token(&ring);
    }
    in_every_fresh_format!(check);
}

#[tokio::test]
async fn a_ring_that_was_declared_so_never_rotates() {
    let ring = KeyRing::<V4Local>::builder().non_rotating().generate().unwrap();
    let error = ring.rotate().await.unwrap_err();
    assert_eq!(error, KeyError::NotForThisRing("this ring was declared non-rotating"));
    // A compromise is no rotation: the key has to go.
    let lost = ring.keys()[0].id.clone().unwrap();
    assert!(ring.compromise(&lost).await.unwrap().successor.is_some());
}

/// What a verifier on `keys` says, before and after a rotation and a compromise of the ring behind them.
async fn follows<F: Format, K: Keys<Format = F>>(ring: &KeyRing<F>, keys: &K, count: impl Fn() -> usize) {
    let verifier = Verifier::<Access>::new(keys).unwrap();
    let before = issuer::<Access, F>(ring).issue(&ada()).unwrap();
    assert_eq!(verdict(&verifier.verify_now(&before.token)), "good", "{}", F::NAME);
    ring.rotate().await.unwrap();
    let next = token(ring);
    assert_eq!([&before.token, &next].map(|token| verdict(&verifier.verify_now(token))), ["good", "good"], "{}", F::NAME);
    ring.compromise(&before.key_id.unwrap()).await.unwrap();
    assert_eq!([&before.token, &next].map(|token| verdict(&verifier.verify_now(token))), ["revoked", "good"], "{}", F::NAME);
    assert_eq!(count(), 2, "{}", F::NAME);
}

#[tokio::test]
async fn views_that_cannot_sign_follow_their_ring() {
    async fn public<F: Asymmetric>() {
        let ring = own_ring::<F>(&noon());
        let keys = ring.public_keys();
        follows(&ring, &keys, || keys.keys().len()).await;
    }
    async fn secret<F: Symmetric>() {
        let ring = own_ring::<F>(&noon());
        let keys = ring.verifying_keys();
        follows(&ring, &keys, || keys.keys().len()).await;
    }
    public::<Jwt<Es256>>().await;
    public::<Jwt<EdDsa>>().await;
    public::<V4Public>().await;
    public::<V3Public>().await;
    secret::<Jwt<Hs256>>().await;
    secret::<V4Local>().await;
    secret::<V3Local>().await;
}

#[tokio::test]
async fn published_are_the_public_halves_that_verify() {
    async fn check<F: Published>(members: &[&str]) {
        let clock = noon();
        let ring = KeyRing::<F>::builder().max_ttl(Duration::from_secs(900)).clock(clock.clone()).generate().unwrap();
        let published = || -> Vec<Value> {
            let set: Value = serde_json::from_str(&ring.jwks().to_string()).unwrap();
            assert_eq!(set.as_object().unwrap().len(), 1);
            set["keys"].as_array().unwrap().clone()
        };
        let id = |key: &Value| key["kid"].as_str().unwrap().to_owned();
        let first = published();
        ring.rotate().await.unwrap();
        clock.advance(Duration::from_secs(1_259));
        let second = published();
        assert_eq!((first.len(), second.len(), second.contains(&first[0])), (1, 2, true), "{}", F::NAME);
        let newer = second.iter().find(|key| **key != first[0]).unwrap();
        for key in &second {
            let mut names: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, members, "{}", F::NAME);
            assert_eq!((&key["alg"], &key["use"]), (&json!(F::NAME), &json!("sig")));
        }
        // The old key leaves when it no longer verifies, and a compromised one at once.
        clock.advance(Duration::from_secs(1));
        assert_eq!(published().iter().map(id).collect::<Vec<_>>(), [id(newer)], "{}", F::NAME);
        let lost = key_id(&id(newer));
        let successor = ring.compromise(&lost).await.unwrap().successor.unwrap();
        assert_eq!(published().iter().map(id).collect::<Vec<_>>(), [successor.as_str()], "{}", F::NAME);
    }
    check::<Jwt<Es256>>(&["alg", "crv", "kid", "kty", "use", "x", "y"]).await;
    check::<Jwt<Es512>>(&["alg", "crv", "kid", "kty", "use", "x", "y"]).await;
    check::<Jwt<EdDsa>>(&["alg", "crv", "kid", "kty", "use", "x"]).await;
    check::<Jwt<MlDsa65>>(&["alg", "kid", "kty", "pub", "use"]).await;
    // RS256 without its slow second key.
    let set: Value = serde_json::from_str(&ring::<Jwt<Rs256>>(&noon()).jwks().to_string()).unwrap();
    let mut names: Vec<&String> = set["keys"][0].as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
}

/// A key says nothing about times in which it did not sign, good as its seal may be. Whoever steals a key that has retired
/// has to write an `iat` at which it still signed.
#[tokio::test]
async fn a_key_speaks_for_the_time_in_which_it_signed() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", leeway = "0s", token_type = "at+jwt")]
    struct Dated {
        #[claim(iat)]
        issued: Timestamp,
    }
    async fn check<F: Format>() {
        let clock = noon();
        let ring = own_ring::<F>(&clock);
        let verifier = Verifier::<Dated>::new(&ring).unwrap();
        // The issuer writes `iat` as it is told; its own clock runs ahead, so that it is never in the future.
        let issuer = Issuer::<Dated, F>::builder().clock(ManualClock::at(after(600))).build(&ring).unwrap();
        let dated = |seconds| {
            let sealed = issuer.issue_at(&Dated { issued: after(seconds) }, after(100)).unwrap();
            (sealed.token, sealed.key_id)
        };
        let outside = "claim `iat`: issued when its key did not sign";
        // What every verifier would refuse is not issued. A minute before the key is allowed for clocks that are set back.
        let too_early = issuer.issue_at(&Dated { issued: after(-61) }, after(100)).unwrap_err();
        assert_eq!(too_early.to_string(), outside, "{}", F::NAME);
        let (early, first, late) = (dated(-60).0, dated(0).0, dated(60).0);
        let at = |token: &str, seconds| verdict(&verifier.open_at(token, after(seconds)));
        assert_eq!([at(&early, 100), at(&first, 100), at(&late, 100)], ["good", "good", "good"], "{}", F::NAME);
        let (last, after_it) = (dated(95), dated(96));
        clock.advance(Duration::from_secs(35));
        ring.rotate().await.unwrap();
        assert_ne!(dated(35).1, last.1, "{}", F::NAME);
        // A minute more for signers that have not heard of it.
        assert_eq!([at(&first, 100), at(&late, 100)], ["good", "good"], "{}", F::NAME);
        assert_eq!([at(&last.0, 100), at(&after_it.0, 100)], ["good", outside], "{}", F::NAME);
    }
    in_every_fresh_format!(check);
}

/// A file is for one process that signs. Another one that has not read it again since a rotation has a minute, and then signs tokens that
/// are refused where the rotation is known.
#[tokio::test]
async fn limit_a_second_signer_on_a_file_has_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let clock = noon();
    let open = || {
        let store = FileKeys::at(folder.path().join("keys.json"));
        KeyRing::<V4Local>::builder().clock(clock.clone()).open(store, LocalKek::from_bytes(&[7; 32]).unwrap())
    };
    let (one, two) = (open().await.unwrap(), open().await.unwrap());
    let verifier = Verifier::<Access>::new(&one).unwrap();
    one.rotate().await.unwrap();
    clock.advance(Duration::from_secs(60));
    assert_eq!(verdict(&verifier.verify_now(&token(&two))), "good");
    clock.advance(Duration::from_secs(1));
    assert_eq!(verdict(&verifier.verify_now(&token(&two))), "claim `iat`: issued when its key did not sign");
    two.reload().await.unwrap();
    assert_eq!(verdict(&verifier.verify_now(&token(&two))), "good");
}

/// A service whose wall clock is set back a little just after it made its key goes on signing, and its tokens are good.
#[test]
fn a_wall_clock_that_is_set_back_leaves_a_signer() {
    let clock = noon();
    let ring = own_ring::<V4Local>(&clock);
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    clock.step_wall(-60);
    assert_eq!(verdict(&verifier.verify_now(&token(&ring))), "good");
    clock.step_wall(-1);
    let error = issuer::<Access, _>(&ring).issue(&ada()).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "claim `iat`: issued when its key did not sign");
}

/// Whoever sets the wall clock back and then rotates retires the key at a time before the `iat` of its last tokens: for a minute's step
/// they stay good.
#[tokio::test]
async fn a_rotation_after_the_clock_was_set_back_strands_no_token() {
    for (step, want) in [(60, "good"), (61, "claim `iat`: issued when its key did not sign")] {
        let clock = noon();
        let ring = own_ring::<V4Local>(&clock);
        clock.advance(Duration::from_secs(1_000));
        let before = token(&ring);
        clock.step_wall(-step);
        ring.rotate().await.unwrap();
        clock.step_wall(step);
        assert_eq!(verdict(&Verifier::<Access>::new(&ring).unwrap().verify_now(&before)), want, "{step}");
    }
}
