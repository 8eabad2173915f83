//! HMAC secrets and `v4.local` keys: long, random, and not the text of a key.

use serde_json::json;

use super::{HmacSha256Key, algorithms::symmetric, der, halves::SECRET, jwk, pem};
use crate::{
    crypto::{
        Ed25519Pair, Ed25519Point, HmacKey, Jwk, PemPublic, SealingHalf, Sha256, Sha384, Sha512, V3LocalKey, V4LocalKey, base64url,
        hmac::HmacHash,
    },
    error::KeyRule,
};

#[track_caller]
fn check(secret: &[u8], want: Result<(), KeyRule>) {
    assert_eq!(HmacSha256Key::from_secret(secret).map(drop), want, "{}", String::from_utf8_lossy(secret));
}

#[test]
fn length() {
    for length in 0..32 {
        check(&SECRET[..length], Err(KeyRule::TooShort { found: length, least: 32 }));
    }
    check(&SECRET, Ok(()));
    check(&SECRET.repeat(100), Ok(()));
}

/// RFC 7518 §3.2: as many bytes as the tag has.
#[test]
fn length_for_each_hash() {
    fn check<H: HmacHash>(least: usize) {
        let secret = SECRET.repeat(2);
        let short = Err(KeyRule::TooShort { found: least - 1, least });
        assert_eq!(HmacKey::<H>::from_secret(&secret[..least - 1]).map(drop), short);
        assert_eq!(<HmacKey<H> as SealingHalf>::from_stored(&secret[..least - 1]).map(drop), short);
        assert!(HmacKey::<H>::from_secret(&secret[..least]).is_ok());
        assert_eq!(HmacKey::<H>::generate().unwrap().to_stored().len(), least);
        // The other rules hold for every hash.
        assert_eq!(HmacKey::<H>::from_secret(&[7; 64]).map(drop), Err(KeyRule::NotRandom));
        assert_eq!(HmacKey::<H>::from_secret(pem("rsa.spki").as_bytes()).map(drop), Err(KeyRule::SecretIsKeyText));
        assert_eq!(HmacKey::<H>::dangerous_short_secret(b"").map(drop), Err(KeyRule::TooShort { found: 0, least: 1 }));
    }
    check::<Sha256>(32);
    check::<Sha384>(48);
    check::<Sha512>(64);
}

#[test]
fn randomness() {
    check(&[0; 64], Err(KeyRule::NotRandom));
    check(&b"abcdefg".repeat(10), Err(KeyRule::NotRandom));
    check(&b"abcdefgh".repeat(10), Ok(()));
    // A pass phrase is a bad secret, and nothing tells it from a good one.
    check(b"correct horse battery staple, correct horse", Ok(()));
}

#[test]
fn dangerous_secrets() {
    let check = |secret: &[u8], want| assert_eq!(HmacSha256Key::dangerous_short_secret(secret).map(drop), want);
    check(b"", Err(KeyRule::TooShort { found: 0, least: 1 }));
    check(b"x", Ok(()));
    check(&[0; 32], Ok(()));
    check(pem("rsa.spki").as_bytes(), Err(KeyRule::SecretIsKeyText));
}

/// CVE-2015-9235, CVE-2017-11424, CVE-2022-29217, CVE-2023-48223, CVE-2026-34950, CVE-2026-48526.
#[test]
fn key_texts() {
    let texts = [
        "ed25519.spki",
        "ed25519.pkcs8",
        "ed448.spki",
        "x25519.pkcs8",
        "p256.spki",
        "p256-compressed.spki",
        "p256.pkcs8",
        "p256.sec1",
        "p384.spki",
        "p384.sec1",
        "p521.spki",
        "p521.pkcs8",
        "ml-dsa-44.spki",
        "ml-dsa-44.pkcs8",
        "rsa-pss-sha256.spki",
        "k256.spki",
        "rsa.spki",
        "rsa.pkcs8",
        "rsa.pkcs1",
        "rsa.pkcs1-public",
        "rsa-1024.spki",
        "rsa-e3.spki",
        "rsa-pss.spki",
        "certificate",
        "p256.encrypted",
        "openssh-private",
    ];
    let mut all: Vec<Vec<u8>> = Vec::new();
    for name in texts {
        all.push(pem(name).as_bytes().to_vec());
        all.push(pem(name).replace('\n', "\r\n").into_bytes());
        // The body alone, in lines and in one.
        let body: Vec<&str> = pem(name).lines().filter(|line| !line.starts_with("-----")).collect();
        if !["p256.sec1", "p384.sec1", "p256.encrypted", "openssh-private"].contains(&name) {
            all.push(body.join("\n").into_bytes());
            all.push(body.concat().into_bytes());
            all.push(body.concat().trim_end_matches('=').replace('+', "-").replace('/', "_").into_bytes());
            all.push(der(name));
        }
    }
    all.push(der("p256.sec1"));
    all.push(der("rsa.pkcs1"));
    for name in ["rsa.ssh", "p256.ssh", "ed25519.ssh", "ed25519.rfc4716"] {
        all.push(pem(name).as_bytes().to_vec());
    }
    all.push(pem("ed25519.ssh").split(' ').nth(1).unwrap().as_bytes().to_vec());
    all.push(format!("no-pty,command=\"true\" {}", pem("p256.ssh")).into_bytes());
    for name in ["rsa.jwk", "p256.jwk", "p521.jwk", "ed25519.jwk", "ml-dsa-44.jwk"] {
        let mut key = jwk(name);
        all.push(key.to_string().into_bytes());
        all.push(serde_json::to_string_pretty(&key).unwrap().into_bytes());
        all.push(json!({ "keys": [key] }).to_string().into_bytes());
        all.push(json!([key]).to_string().into_bytes());
        all.push(key.to_string().replace("\"kty\"", "\"\\u006bty\"").into_bytes());
        key.as_object_mut().unwrap().remove("d");
        all.push(key.to_string().into_bytes());
    }
    all.push(json!({ "kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ" }).to_string().into_bytes());
    let point = Ed25519Point::from_pem(pem("ed25519.spki")).unwrap();
    all.push(point.to_paserk().into_bytes());
    all.push(Ed25519Pair::generate().unwrap().to_paserk().as_bytes().to_vec());
    all.push(V4LocalKey::generate().unwrap().to_paserk().as_bytes().to_vec());
    all.push(der("p256.spki")[26..].to_vec());
    all.push(der("p384.spki")[23..].to_vec());
    all.push(der("p521.spki")[25..].to_vec());
    for text in all {
        for front in ["", " ", "\n", "\t \r\n", "\u{feff}", "\u{feff}\n\u{feff} ", "\u{b}", "\u{c}"] {
            check(&[front.as_bytes(), &text].concat(), Err(KeyRule::SecretIsKeyText));
        }
        check(&[text.as_slice(), b"\n"].concat(), Err(KeyRule::SecretIsKeyText));
    }
}

#[test]
fn secrets_that_only_look_alike() {
    check(b"{\"secret\": \"the kty of this is none\"}", Ok(()));
    check(b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Ok(()));
    check(b"ssh-keys are refused, pass phrases about them are not", Ok(()));
    check(b"k4.this-is-a-pass-phrase-without-another-point", Ok(()));
}

#[test]
fn symmetric_jwk() {
    #[track_caller]
    fn check(jwk: serde_json::Value, want: Result<(), KeyRule>) {
        let got = Jwk::parse(&jwk.to_string()).and_then(|jwk| HmacSha256Key::from_jwk(&jwk));
        assert_eq!(got.map(drop), want, "{jwk}");
    }
    let k = "mgH-N1USyG2AS-4pd9MPsWikHOWTPvpGi9AlfLkSZK8";
    check(json!({ "kty": "oct", "k": k }), Ok(()));
    check(json!({ "kty": "oct", "k": k, "alg": "HS256", "use": "sig", "key_ops": ["verify"] }), Ok(()));
    check(json!({ "kty": "oct", "k": k, "alg": "HS512" }), Err(KeyRule::Forbidden("alg")));
    check(json!({ "kty": "oct", "k": k, "alg": "A256GCM" }), Err(KeyRule::Forbidden("alg")));
    check(json!({ "kty": "oct", "k": k, "alg": "hs256" }), Err(KeyRule::Forbidden("alg")));
    check(json!({ "kty": "oct", "k": k, "use": "enc" }), Err(KeyRule::Forbidden("use")));
    check(json!({ "kty": "oct", "k": k, "key_ops": ["encrypt"] }), Err(KeyRule::Forbidden("key_ops")));
    check(json!({ "kty": "oct", "k": k, "key_ops": [] }), Err(KeyRule::Forbidden("key_ops")));
    check(json!({ "kty": "OCT", "k": k }), Err(KeyRule::WrongKind { wanted: "HMAC" }));
    check(json!({ "kty": "oct" }), Err(KeyRule::Unreadable("a complete JWK")));
    check(json!({ "kty": "oct", "k": "" }), Err(KeyRule::TooShort { found: 0, least: 32 }));
    check(json!({ "kty": "oct", "k": format!("{k}=") }), Err(KeyRule::Unreadable("base64url in a JWK")));
    check(json!({ "kty": "oct", "k": null }), Err(KeyRule::Unreadable("a JWK")));
    check(jwk("p256.jwk"), Err(KeyRule::WrongKind { wanted: "HMAC" }));

    // Each hash takes its own name and no other's.
    for algorithm in symmetric() {
        for named in symmetric() {
            let k = base64url::encode(&SECRET.repeat(2));
            let jwk = Jwk::parse(&json!({ "kty": "oct", "k": k, "alg": named.name }).to_string()).unwrap();
            let want = if named.name == algorithm.name { Ok(()) } else { Err(KeyRule::Forbidden("alg")) };
            assert_eq!(((algorithm.pair)(&jwk), (algorithm.public)(&jwk)), (want, want), "{} as {}", named.name, algorithm.name);
        }
    }
}

#[test]
fn local_keys() {
    assert_eq!(V4LocalKey::from_secret(&SECRET[..31]).map(drop), Err(KeyRule::TooShort { found: 31, least: 32 }));
    assert!(matches!(V4LocalKey::from_secret(&SECRET.repeat(2)), Err(KeyRule::Unreadable(_))));
    assert_eq!(V4LocalKey::from_secret(&[0; 32]).map(drop), Err(KeyRule::NotRandom));
    assert_eq!(V3LocalKey::from_secret(&SECRET[..31]).map(drop), Err(KeyRule::TooShort { found: 31, least: 32 }));
    assert!(matches!(V3LocalKey::from_secret(&SECRET.repeat(2)), Err(KeyRule::Unreadable(_))));
    assert_eq!(V3LocalKey::from_secret(&[0; 32]).map(drop), Err(KeyRule::NotRandom));
    let zeros = format!("k4.local.{}", "A".repeat(43));
    let key = V4LocalKey::from_paserk(&zeros).unwrap();
    assert_eq!(*SealingHalf::to_stored(&<V4LocalKey as SealingHalf>::from_stored(&SealingHalf::to_stored(&key)).unwrap()), [0; 32]);
}
