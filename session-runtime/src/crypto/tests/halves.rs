//! Pairs: what one half makes the other opens, through every way in and out.

use std::fmt::Debug;

use serde_json::json;

use super::{HmacSha256Key, P256Pair, P256Point, RsaKey, RsaPair, der, jwk, pem};
use crate::crypto::{
    Check, Ed25519Pair, Ed25519Point, Jwk, JwkOpening, JwkPublic, JwkSealing, LocalKey, OpeningHalf, PaserkOpening, PaserkSealing, PemPair,
    PemPublic, SealingHalf, Sign, V3LocalKey, V4LocalKey, WrappingKey, random,
};

#[track_caller]
fn check<K>(pair: &K, length: usize)
where
    K: Sign,
    K::Opening: Check,
{
    let seal = pair.sign(b"message").unwrap();
    assert_eq!((seal.len(), pair.seal_length()), (length, length));
    for opening in [pair.opening(), OpeningHalf::from_stored(&OpeningHalf::to_stored(&pair.opening())).unwrap()] {
        assert!(opening.check(b"message", &seal));
        assert!(!opening.check(b"massage", &seal));
        assert!(!opening.check(b"message", &[]));
        assert!(!opening.check(b"message", &seal[1..]));
        assert!(!opening.check(b"message", &[&seal[..], &[0]].concat()));
        assert!(!opening.check(b"message", &[&[0], &seal[..]].concat()));
        let mut changed = seal.clone();
        changed[0] ^= 1;
        assert!(!opening.check(b"message", &changed));
    }
    let stored = SealingHalf::to_stored(pair);
    let again = <K as SealingHalf>::from_stored(&stored).unwrap();
    assert_eq!(*SealingHalf::to_stored(&again), *stored);
    assert!(pair.opening().check(b"message", &again.sign(b"message").unwrap()));
}

#[test]
fn generated_pairs() {
    check(&HmacSha256Key::generate().unwrap(), 32);
    check(&Ed25519Pair::generate().unwrap(), 64);
    check(&P256Pair::generate().unwrap(), 64);
    check(&RsaPair::generate().unwrap(), 384);
}

#[test]
fn imported_pairs() {
    check(&Ed25519Pair::from_pem(pem("ed25519.pkcs8")).unwrap(), 64);
    check(&P256Pair::from_pem(pem("p256.pkcs8")).unwrap(), 64);
    check(&P256Pair::from_pem(pem("p256.sec1")).unwrap(), 64);
    check(&RsaPair::from_pem(pem("rsa.pkcs8")).unwrap(), 256);
    check(&RsaPair::from_pem(pem("rsa.pkcs1")).unwrap(), 256);
    check(&Ed25519Pair::from_jwk(&Jwk::parse(&jwk("ed25519.jwk").to_string()).unwrap()).unwrap(), 64);
    check(&P256Pair::from_jwk(&Jwk::parse(&jwk("p256.jwk").to_string()).unwrap()).unwrap(), 64);
    check(&RsaPair::from_jwk(&Jwk::parse(&jwk("rsa.jwk").to_string()).unwrap()).unwrap(), 256);
    let text = Ed25519Pair::from_pem(pem("ed25519.pkcs8")).unwrap().to_paserk();
    check(&Ed25519Pair::from_paserk(&text).unwrap(), 64);
}

/// Every form of one key is the same key.
#[test]
fn public_halves_agree() {
    let members = |members: Vec<(&str, String)>| {
        members.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>()
    };
    let public = |name: &str| {
        let mut value = jwk(name);
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            value.as_object_mut().unwrap().remove(member);
        }
        value
    };

    let pair = Ed25519Pair::from_pem(pem("ed25519.pkcs8")).unwrap();
    let point = Ed25519Point::from_pem(pem("ed25519.spki")).unwrap();
    assert_eq!(pair.opening().to_stored(), point.to_stored());
    assert_eq!(json!(members(point.jwk_members())), public("ed25519.jwk"));
    assert_eq!(Ed25519Point::from_jwk(&Jwk::parse(&public("ed25519.jwk").to_string()).unwrap()).unwrap().to_stored(), point.to_stored());
    assert_eq!(Ed25519Point::from_paserk(&point.to_paserk()).unwrap().to_stored(), point.to_stored());

    let point = P256Point::from_pem(pem("p256.spki")).unwrap();
    for name in ["p256.pkcs8", "p256.sec1"] {
        assert_eq!(P256Pair::from_pem(pem(name)).unwrap().opening().to_stored(), point.to_stored());
    }
    assert_eq!(json!(members(point.jwk_members())), public("p256.jwk"));
    assert_eq!(P256Point::from_jwk(&Jwk::parse(&public("p256.jwk").to_string()).unwrap()).unwrap().to_stored(), point.to_stored());

    let key = RsaKey::from_pem(pem("rsa.spki")).unwrap();
    assert_eq!(RsaKey::from_pem(pem("rsa.pkcs1-public")).unwrap().to_stored(), key.to_stored());
    assert_eq!(RsaPair::from_pem(pem("rsa.pkcs1")).unwrap().opening().to_stored(), key.to_stored());
    assert_eq!(json!(members(key.jwk_members())), public("rsa.jwk"));
    assert_eq!(RsaKey::from_jwk(&Jwk::parse(&public("rsa.jwk").to_string()).unwrap()).unwrap().to_stored(), key.to_stored());
}

#[test]
fn debug_shows_no_material() {
    #[track_caller]
    fn check(half: &impl Debug, secret: &[u8]) {
        let shown = format!("{half:?} {half:#?}");
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimal = format!("{:?}", &secret[..8]);
        assert!(!shown.contains(&hex) && !shown.contains(decimal.trim_matches(['[', ']'])), "{shown}");
        assert!(!shown.contains(&crate::crypto::base64url::encode(secret)), "{shown}");
        assert!(shown.len() < 900, "{shown}");
    }
    check(&HmacSha256Key::from_secret(&SECRET).unwrap(), &SECRET);
    check(&V4LocalKey::from_secret(&SECRET).unwrap(), &SECRET);
    check(&WrappingKey::new(&SECRET).unwrap(), &SECRET);
    check(&V3LocalKey::from_secret(&SECRET).unwrap(), &SECRET);
    check(&V3LocalKey::from_secret(&SECRET).unwrap().authentication(&[1; 32]), &SECRET);
    check(&V4LocalKey::from_secret(&SECRET).unwrap().authentication(&[1; 32]), &SECRET);
    for (name, text) in [("ed25519.jwk", ["d", "d"]), ("p256.jwk", ["d", "d"]), ("rsa.jwk", ["d", "p"])] {
        let key = Jwk::parse(&jwk(name).to_string()).unwrap();
        for member in text {
            check(&key, &key.private(member).unwrap());
        }
    }
    let secret = der("ed25519.pkcs8");
    check(&Ed25519Pair::from_pem(pem("ed25519.pkcs8")).unwrap(), &secret[secret.len() - 32..]);
    let key = Jwk::parse(&jwk("p256.jwk").to_string()).unwrap();
    check(&P256Pair::from_jwk(&key).unwrap(), &key.private("d").unwrap());
    let key = Jwk::parse(&jwk("rsa.jwk").to_string()).unwrap();
    check(&RsaPair::from_jwk(&key).unwrap(), &key.private("p").unwrap());
}

#[test]
fn wrapping() {
    let key = WrappingKey::new(&SECRET).unwrap();
    let sealed = key.seal(b"ring/key", b"private half").unwrap();
    assert_eq!(sealed.len(), 12 + 12 + 16);
    assert_eq!(key.open(b"ring/key", &sealed).unwrap().as_slice(), b"private half");
    assert_ne!(sealed, key.seal(b"ring/key", b"private half").unwrap());
    assert!(key.open(b"ring/other", &sealed).is_none());
    assert!(WrappingKey::new(&[7; 32]).unwrap().open(b"ring/key", &sealed).is_none());
    for length in 0..sealed.len() {
        assert!(key.open(b"ring/key", &sealed[..length]).is_none());
        let mut changed = sealed.clone();
        changed[length] ^= 1;
        assert!(key.open(b"ring/key", &changed).is_none());
    }
    let empty = key.seal(b"", b"").unwrap();
    assert!(key.open(b"", &empty).unwrap().is_empty());
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random::bytes::<32>().unwrap(), random::bytes::<32>().unwrap());
    assert_ne!(random::bytes::<64>().unwrap(), [0; 64]);
}

/// Distinct values, so that a copy of them is recognized.
pub(super) const SECRET: [u8; 32] =
    *b"\x9a\x01\xfe\x37\x55\x12\xc8\x6d\x80\x4b\xee\x29\x77\xd3\x0f\xb1\x68\xa4\x1c\xe5\x93\x3e\xfa\x46\x8b\xd0\x25\x7c\xb9\x12\x64\xaf";
