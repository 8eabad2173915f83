//! Sealing with the nonces of the official vectors and of another library, byte for byte. Opening is tested from outside, in
//! `tests/conformance`.
#![allow(clippy::arithmetic_side_effects, reason = "a test counts")]
#![allow(clippy::disallowed_types, reason = "pasetors as an oracle; the call that panics is not made")]

use paseto_core::version::{Local as TheirLocal, SealingVersion, UnsealingVersion};
use pasetors::{
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    token::UntrustedToken,
    version3, version4,
};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use super::{local::seal_with_nonce, *};
use crate::{
    crypto::{EcPair, Ed25519Pair, P384, SealingHalf, V3LocalKey, V4LocalKey, tests::cases},
    format::{Format, Scratch},
};

fn envelope_of(footer: &[u8], assertion: &[u8]) -> Envelope {
    let mut text = String::new();
    encode(footer, &mut text);
    let mut tail = Vec::new();
    encode_tail(footer, assertion, &mut tail);
    Envelope { text: text.into(), alternate: None, footer: footer.into(), assertion: assertion.into(), tail: tail.into() }
}

fn hex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    encode(bytes, &mut text);
    text
}

/// Seals the payload of every good vector of one version again.
fn local<V: LocalVersion>(key: impl Fn(&str) -> V::LocalKey, wanted: usize) {
    let cases = cases("paseto.json");
    let mut sealed = 0;
    for case in cases.iter().filter(|case| case["verify_as"] == V::LOCAL && case["expected"] == "valid") {
        let text = |member: &str| case[member].as_str().unwrap().as_bytes();
        let envelope = envelope_of(text("footer"), text("implicit_assertion"));
        let nonce = hex(&case["nonce_hex"]).try_into().unwrap();
        let token = seal::<V>(&key(&base64(&hex(&case["key_hex"]))), &nonce, text("payload"), &envelope);
        assert_eq!(token, case["token"].as_str().unwrap(), "{}", case["name"]);
        sealed += 1;
    }
    assert!(cases.is_empty() || sealed == wanted, "{sealed}");
}

#[test]
fn v4_local_vectors() {
    local::<V4>(|key| V4LocalKey::from_paserk(&format!("k4.local.{key}")).unwrap(), 7);
}

#[test]
fn v3_local_vectors() {
    local::<V3>(|key| V3LocalKey::from_paserk(&format!("k3.local.{key}")).unwrap(), 4);
}

/// The bytes between the header and the footer.
fn body(token: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    decode(token.split('.').nth(2).unwrap(), &mut bytes).unwrap();
    bytes
}

fn seal<V: LocalVersion>(key: &V::LocalKey, nonce: &[u8; 32], payload: &[u8], envelope: &Envelope) -> String {
    let mut scratch = Scratch::default();
    scratch.payload.extend_from_slice(payload);
    seal_with_nonce::<V>(key, nonce, envelope, &mut scratch)
}

fn open<V: LocalVersion>(key: &V::LocalKey, token: &str, envelope: &Envelope) -> Vec<u8> {
    let mut scratch = Scratch::default();
    let parts = Parts::split(token, 8192).unwrap();
    <Local<V> as Format>::open(key, &parts, envelope, None, &mut scratch).unwrap();
    scratch.payload.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// pasetors draws its own nonce, so it seals first.
    #[test]
    fn v4_local_is_that_of_pasetors(
        secret in any::<[u8; 32]>(), payload in vec(any::<u8>(), 1..600), footer in vec(any::<u8>(), 0..80), assertion in vec(any::<u8>(), 0..80),
    ) {
        let theirs = SymmetricKey::<version4::V4>::from(&secret).unwrap();
        let theirs = version4::LocalToken::encrypt(&theirs, &payload, Some(&footer), Some(&assertion)).unwrap();
        let key = V4LocalKey::from_paserk(&format!("k4.local.{}", base64(&secret))).unwrap();
        let envelope = envelope_of(&footer, &assertion);
        let nonce = body(&theirs)[..32].try_into().unwrap();
        prop_assert_eq!(seal::<V4>(&key, &nonce, &payload, &envelope), theirs.clone());
        prop_assert_eq!(open::<V4>(&key, &theirs, &envelope), payload);
    }

    #[test]
    fn v3_local_is_that_of_paseto_v3(
        secret in any::<[u8; 32]>(), nonce in any::<[u8; 32]>(), payload in vec(any::<u8>(), 0..600), footer in vec(any::<u8>(), 0..80),
        assertion in vec(any::<u8>(), 0..80),
    ) {
        type V3Theirs = paseto_v3::core::V3;
        let theirs = paseto_v3::core::LocalKey::from_raw_bytes(secret);
        let drawn = [nonce.as_slice(), &payload].concat();
        let mut sealed =
            <V3Theirs as SealingVersion<TheirLocal>>::dangerous_seal_with_nonce(&theirs, "", drawn, &footer, &assertion).unwrap();
        let key = V3LocalKey::from_paserk(&format!("k3.local.{}", base64(&secret))).unwrap();
        let envelope = envelope_of(&footer, &assertion);
        let ours = seal::<V3>(&key, &nonce, &payload, &envelope);
        prop_assert_eq!(body(&ours), sealed.clone());
        prop_assert_eq!(open::<V3>(&key, &token("v3.local.", &sealed, &envelope), &envelope), payload.clone());
        let opened = <V3Theirs as UnsealingVersion<TheirLocal>>::unseal(&theirs, "", &mut sealed, &footer, &assertion).unwrap();
        prop_assert_eq!(opened, payload);
    }
}

/// A signed token of ours for a payload, and what our reader makes of another token.
fn sign<V: PublicVersion>(pair: &V::Pair, payload: &[u8], envelope: &Envelope) -> String {
    let mut scratch = Scratch::default();
    scratch.payload.extend_from_slice(payload);
    <Public<V> as Format>::seal(pair, envelope, &mut scratch).unwrap()
}

fn verify<V: PublicVersion>(point: &V::Point, token: &str, envelope: &Envelope) -> Vec<u8> {
    let mut scratch = Scratch::default();
    let parts = Parts::split(token, 8192).unwrap();
    <Public<V> as Format>::open(point, &parts, envelope, None, &mut scratch).unwrap();
    scratch.payload.clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Ed25519 draws nothing, so the same payload is the same token.
    #[test]
    fn v4_public_is_that_of_pasetors(payload in "\\PC{1,400}", footer in vec(any::<u8>(), 0..80), assertion in vec(any::<u8>(), 0..80)) {
        let pair = Ed25519Pair::generate().unwrap();
        let secret = AsymmetricSecretKey::<version4::V4>::try_from(pair.to_paserk().as_str()).unwrap();
        let envelope = envelope_of(&footer, &assertion);
        let theirs = version4::PublicToken::sign(&secret, payload.as_bytes(), Some(&footer), Some(&assertion)).unwrap();
        prop_assert_eq!(sign::<V4>(&pair, payload.as_bytes(), &envelope), theirs.clone());
        prop_assert_eq!(verify::<V4>(pair.point(), &theirs, &envelope), payload.as_bytes());
    }

    /// ECDSA draws, so each reads the other's.
    #[test]
    fn v3_public_and_pasetors_read_each_other(payload in "\\PC{1,400}", footer in vec(any::<u8>(), 0..80), assertion in vec(any::<u8>(), 0..80)) {
        let pair = EcPair::<P384>::generate().unwrap();
        let secret = AsymmetricSecretKey::<version3::V3>::try_from(pair.to_paserk().unwrap().as_str()).unwrap();
        let public = AsymmetricPublicKey::<version3::V3>::from(&pair.point().compressed()).unwrap();
        let envelope = envelope_of(&footer, &assertion);
        let theirs = version3::PublicToken::sign(&secret, payload.as_bytes(), Some(&footer), Some(&assertion)).unwrap();
        prop_assert_eq!(verify::<V3>(pair.point(), &theirs, &envelope), payload.as_bytes());
        let ours = sign::<V3>(&pair, payload.as_bytes(), &envelope);
        let untrusted = UntrustedToken::try_from(&ours).unwrap();
        // pasetors takes an empty footer that is asked for as one that is missing.
        let asked = (!footer.is_empty()).then_some(&*footer);
        let read = version3::PublicToken::verify(&public, &untrusted, asked, Some(&assertion)).unwrap();
        prop_assert_eq!(read.payload(), payload);
    }
}

/// A signature over everything but the point is refused.
#[test]
fn v3_public_signs_its_own_point() {
    let pair = EcPair::<P384>::generate().unwrap();
    let envelope = envelope_of(b"", b"");
    let mut without = Vec::new();
    authenticated(&mut without, &[b"v3.public.", b"{}", b"", b""]);
    let signature = crate::crypto::Sign::sign(&pair, &without).unwrap();
    let forged = token("v3.public.", &[b"{}".as_slice(), &signature].concat(), &envelope);
    let parts = Parts::split(&forged, 8192).unwrap();
    let opened = <Public<V3> as Format>::open(&pair.opening(), &parts, &envelope, None, &mut Scratch::default());
    assert_eq!(opened, Err(crate::format::OpenError::BadSeal));
}
