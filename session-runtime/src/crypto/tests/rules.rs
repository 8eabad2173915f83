//! The rules that foreign keys are held to, each with the answer that it gives.

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{P256Pair, P256Point, RsaKey, RsaPair, der, jwk, pem};
use crate::{
    crypto::{
        Check, Ed25519Pair, Ed25519Point, Jwk, JwkOpening, JwkSealing, JwkSet, OpeningHalf, PaserkOpening, PaserkSealing, PemPair,
        PemPublic, Seal, SealingHalf, Sign, V4LocalKey, self_test,
    },
    error::{KeyError, KeyRule},
};

const ED25519: KeyRule = KeyRule::WrongKind { wanted: "Ed25519" };
const P256: KeyRule = KeyRule::WrongKind { wanted: "P-256" };
const RSA: KeyRule = KeyRule::WrongKind { wanted: "RSA" };
const INCOMPLETE: KeyRule = KeyRule::Unreadable("a complete JWK");
const BASE64: KeyRule = KeyRule::Unreadable("base64url in a JWK");
const JWK: KeyRule = KeyRule::Unreadable("a JWK");

#[test]
fn wrong_family_or_curve() {
    for name in ["p256.pkcs8", "rsa.pkcs8", "x25519.pkcs8", "ed448.pkcs8"] {
        assert_eq!(Ed25519Pair::from_pem(pem(name)).map(drop), Err(ED25519), "{name}");
    }
    for name in ["ed25519.pkcs8", "rsa.pkcs8", "rsa.pkcs1", "p384.pkcs8", "p384.sec1", "k256.pkcs8", "k256.sec1"] {
        assert_eq!(P256Pair::from_pem(pem(name)).map(drop), Err(P256), "{name}");
    }
    for name in ["ed25519.pkcs8", "p256.pkcs8", "p256.sec1", "rsa-pss.pkcs8"] {
        assert_eq!(RsaPair::from_pem(pem(name)).map(drop), Err(RSA), "{name}");
    }
    for name in ["p256.spki", "rsa.spki", "ed448.spki"] {
        assert_eq!(Ed25519Point::from_pem(pem(name)).map(drop), Err(ED25519), "{name}");
    }
    for name in ["ed25519.spki", "rsa.spki", "p384.spki", "k256.spki"] {
        assert_eq!(P256Point::from_pem(pem(name)).map(drop), Err(P256), "{name}");
    }
    for name in ["ed25519.spki", "p256.spki", "rsa-pss.spki"] {
        assert_eq!(RsaKey::from_pem(pem(name)).map(drop), Err(RSA), "{name}");
    }
    assert_eq!(V4LocalKey::from_paserk(&format!("k3.local.{}", "A".repeat(43))).map(drop), Err(KeyRule::WrongKind { wanted: "k4.local" }));
    assert_eq!(
        Ed25519Point::from_paserk(&format!("k4.local.{}", "A".repeat(43))).map(drop),
        Err(KeyRule::WrongKind { wanted: "k4.public" })
    );
}

#[test]
fn public_where_private_is_needed() {
    assert_eq!(Ed25519Pair::from_pem(pem("ed25519.spki")).map(drop), Err(KeyRule::NoPrivateHalf));
    assert_eq!(P256Pair::from_pem(pem("p256.spki")).map(drop), Err(KeyRule::NoPrivateHalf));
    assert_eq!(RsaPair::from_pem(pem("rsa.spki")).map(drop), Err(KeyRule::NoPrivateHalf));
    assert_eq!(RsaPair::from_pem(pem("rsa.pkcs1-public")).map(drop), Err(KeyRule::NoPrivateHalf));
    for name in ["ed25519.jwk", "p256.jwk", "rsa.jwk"] {
        check_pair(name, &[("d", Value::Null)], Err(KeyRule::NoPrivateHalf));
    }
    // And a private key is not taken for a public one.
    assert!(Ed25519Point::from_pem(pem("ed25519.pkcs8")).is_err());
    assert!(P256Point::from_pem(pem("p256.pkcs8")).is_err());
    assert!(RsaKey::from_pem(pem("rsa.pkcs8")).is_err());
}

#[test]
fn pem_texts() {
    let good = pem("p256.pkcs8");
    let check = |text: &str, good: bool| assert_eq!(P256Pair::from_pem(text).is_ok(), good, "{text}");
    check(good, true);
    check(&good.replace('\n', "\r\n"), true);
    check(good.trim_end(), true);
    check(&format!("\n\n  some words\n{good}\nmore words\n"), true);
    check(&format!("\u{feff}{good}"), true);
    let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
    check(&format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"), true);
    check("", false);
    check("-----BEGIN PRIVATE KEY-----", false);
    check("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", false);
    check(&body, false);
    check(&format!("{good}{good}"), false);
    check(&good.replace("END PRIVATE", "END PUBLIC"), false);
    check(&good.replace("PRIVATE KEY", "CERTIFICATE"), false);
    check(&good.replace("PRIVATE KEY", "private key"), false);
    check(&good.replacen('M', "*", 1), false);
    assert_eq!(P256Pair::from_pem(pem("p256.encrypted")).map(drop), Err(KeyRule::Unreadable("an unencrypted key")));
    assert!(P256Point::from_pem(pem("certificate")).is_err());
    assert!(Ed25519Pair::from_pem(pem("openssh-private")).is_err());
}

/// Nothing may follow the one structure, and nothing may be missing.
#[test]
fn der_takes_all_its_bytes() {
    for (name, read) in [
        ("ed25519.pkcs8", (|der| Ed25519Pair::from_pkcs8(der).is_ok()) as fn(&[u8]) -> bool),
        ("ed25519.spki", |der| Ed25519Point::from_spki(der).is_ok()),
        ("p256.pkcs8", |der| P256Pair::from_pkcs8(der).is_ok()),
        ("p256.sec1", |der| P256Pair::from_sec1(der).is_ok()),
        ("p256.spki", |der| P256Point::from_spki(der).is_ok()),
        ("rsa.pkcs8", |der| RsaPair::from_pkcs8(der).is_ok()),
        ("rsa.pkcs1", |der| RsaPair::from_pkcs1(der).is_ok()),
        ("rsa.spki", |der| RsaKey::from_spki(der).is_ok()),
        ("rsa.pkcs1-public", |der| RsaKey::from_pkcs1(der).is_ok()),
    ] {
        let good = der(name);
        assert!(read(&good), "{name}");
        assert!(!read(&[good.as_slice(), &[0]].concat()), "{name}");
        assert!(!read(&[good.as_slice(), good.as_slice()].concat()), "{name}");
        assert!(!read(&good[..good.len() - 1]), "{name}");
        assert!(!read(&[]), "{name}");
    }
}

#[test]
fn rsa_size_and_exponent() {
    assert_eq!(RsaKey::from_pem(pem("rsa-1024.spki")).map(drop), Err(KeyRule::RsaSize { bits: 1024 }));
    assert_eq!(RsaPair::from_pem(pem("rsa-1024.pkcs8")).map(drop), Err(KeyRule::RsaSize { bits: 1024 }));
    assert_eq!(RsaKey::from_pem(pem("rsa-e3.spki")).map(drop), Err(KeyRule::RsaExponent));
    assert_eq!(RsaPair::from_pem(pem("rsa-e3.pkcs8")).map(drop), Err(KeyRule::RsaExponent));

    let number = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode_to_string(bytes));
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff >> (bytes.len() * 8 - bits);
        number(&bytes)
    };
    for (bits, want) in [
        (0, Err(KeyRule::RsaSize { bits: 0 })),
        (2047, Err(KeyRule::RsaSize { bits: 2047 })),
        (2048, Ok(())),
        (8192, Ok(())),
        (8193, Err(KeyRule::RsaSize { bits: 8193 })),
    ] {
        let n = if bits == 0 { number(&[]) } else { modulus(bits) };
        check_public("rsa.jwk", &[("n", n)], want);
    }
    for (exponent, want) in [
        (vec![], Err(KeyRule::RsaExponent)),
        (vec![0], Err(KeyRule::RsaExponent)),
        (vec![1], Err(KeyRule::RsaExponent)),
        (vec![3], Err(KeyRule::RsaExponent)),
        (vec![0xff, 0xff], Err(KeyRule::RsaExponent)),
        (vec![1, 0, 0], Err(KeyRule::RsaExponent)),
        (vec![1, 0, 1], Ok(())),
        (vec![1, 0, 2], Err(KeyRule::RsaExponent)),
        (vec![1, 0, 3], Ok(())),
        (vec![0, 1, 0, 1], Ok(())),
        (vec![1, 0, 0, 0, 1], Ok(())),
        (vec![2, 0, 0, 0, 1], Err(KeyRule::RsaExponent)),
        (vec![0xff; 256], Err(KeyRule::RsaExponent)),
    ] {
        check_public("rsa.jwk", &[("e", number(&exponent))], want);
    }
}

#[test]
fn rsa_modulus_spelling() {
    let n = URL_SAFE_NO_PAD.decode_to_vec(jwk("rsa.jwk")["n"].as_str().unwrap()).unwrap();
    let padded = json!(URL_SAFE_NO_PAD.encode_to_string([&[0], n.as_slice()].concat()));
    check_public("rsa.jwk", &[("n", padded.clone())], Ok(()));
    check_pair("rsa.jwk", &[("n", padded)], Ok(()));
    let even = json!(URL_SAFE_NO_PAD.encode_to_string([&n[..255], &[n[255] ^ 1]].concat()));
    check_public("rsa.jwk", &[("n", even)], Err(KeyRule::Unreadable("an RSA public key")));
    check_public("rsa.jwk", &[("n", json!(format!("{}=", jwk("rsa.jwk")["n"].as_str().unwrap())))], Err(BASE64));
}

#[test]
fn p256_points() {
    let good = der("p256.spki")[26..].to_vec();
    let check = |bytes: &[u8]| assert_eq!(P256Point::from_stored(bytes).map(drop), Err(KeyRule::InvalidPoint));
    assert!(P256Point::from_stored(&good).is_ok());
    check(&[]);
    check(&[0]);
    check(&good[..64]);
    check(&[good.as_slice(), &[0]].concat());
    check(&[&[2], &good[1..33]].concat());
    check(&[&[6], &good[1..]].concat());
    check(&[&[7], &good[1..]].concat());
    check(&[&[4], [0; 64].as_slice()].concat());
    check(&[&[4], [0xff; 64].as_slice()].concat());
    let mut off = good;
    off[64] ^= 1;
    check(&off);
    assert_eq!(P256Point::from_pem(pem("p256-compressed.spki")).map(drop), Err(KeyRule::InvalidPoint));

    // A coordinate that starts with zero keeps its zero, and one of 33 bytes is not cut.
    let x = URL_SAFE_NO_PAD.decode_to_vec(jwk("p256.jwk")["x"].as_str().unwrap()).unwrap();
    for x in [&x[1..], &[&[0], x.as_slice()].concat()] {
        check_public("p256.jwk", &[("x", json!(URL_SAFE_NO_PAD.encode_to_string(x)))], Err(KeyRule::InvalidPoint));
    }
}

/// Points of small order in every spelling (RFC 8032 §5.1; Wycheproof, "Taming the many EdDSAs" table 5).
#[test]
fn ed25519_points() {
    let check = |hex: &str, want| {
        let bytes: Vec<u8> = (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert_eq!(Ed25519Point::from_stored(&bytes).map(drop), Err(want), "{hex}");
    };
    let weak = KeyRule::WeakPoint;
    check("0100000000000000000000000000000000000000000000000000000000000000", weak);
    check("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", weak);
    check("0000000000000000000000000000000000000000000000000000000000000000", weak);
    check("0000000000000000000000000000000000000000000000000000000000000080", weak);
    check("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", weak);
    check("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", weak);
    check("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", weak);
    check("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", weak);
    // y = 3 + p and y = 4 + p: points of large order, spelled with y above p.
    check("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", KeyRule::InvalidPoint);
    check("f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", KeyRule::InvalidPoint);
    // Not on the curve.
    check("0200000000000000000000000000000000000000000000000000000000000000", KeyRule::InvalidPoint);
    check("", KeyRule::InvalidPoint);
    check(&"11".repeat(31), KeyRule::InvalidPoint);
    check(&"11".repeat(33), KeyRule::InvalidPoint);
}

#[test]
fn halves_that_differ() {
    for name in ["ed25519.jwk", "p256.jwk"] {
        let mut d = URL_SAFE_NO_PAD.decode_to_vec(jwk(name)["d"].as_str().unwrap()).unwrap();
        d[9] ^= 1;
        check_pair(name, &[("d", json!(URL_SAFE_NO_PAD.encode_to_string(&d)))], Err(KeyRule::HalvesDiffer));
    }
    for d in [[0; 32], [0xff; 32]] {
        check_pair("p256.jwk", &[("d", json!(URL_SAFE_NO_PAD.encode_to_string(d)))], Err(KeyRule::HalvesDiffer));
    }
    for part in ["d", "p", "q", "dp", "dq", "qi"] {
        let mut bytes = URL_SAFE_NO_PAD.decode_to_vec(jwk("rsa.jwk")[part].as_str().unwrap()).unwrap();
        bytes[9] ^= 1;
        check_pair("rsa.jwk", &[(part, json!(URL_SAFE_NO_PAD.encode_to_string(&bytes)))], Err(KeyRule::HalvesDiffer));
    }

    let pair = Ed25519Pair::generate().unwrap();
    let text = pair.to_paserk();
    let other = Ed25519Pair::generate().unwrap().to_paserk();
    // The seed of one and most of the point of another: the 43rd letter of the body holds bits of both.
    let mixed = format!("{}{}", &text[..10 + 43], &other[10 + 43..]);
    assert_eq!(Ed25519Pair::from_paserk(&mixed).map(drop), Err(KeyRule::HalvesDiffer));

    // In DER, the public half stands at the end of P-256 keys, and after the seed in version 2 of Ed25519 keys.
    let mut bytes = der("p256.pkcs8");
    let other = P256Pair::generate().unwrap().opening().to_stored();
    let at = bytes.len() - 64;
    bytes[at..].copy_from_slice(&other[1..]);
    assert_eq!(P256Pair::from_pkcs8(&bytes).map(drop), Err(KeyRule::Unreadable("a P-256 private key")));
    let version2 = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(&der("ed25519.pkcs8")).unwrap().to_pkcs8().unwrap();
    let mut bytes = version2.as_ref().to_vec();
    assert!(Ed25519Pair::from_pkcs8(&bytes).is_ok());
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(Ed25519Pair::from_pkcs8(&bytes).map(drop), Err(KeyRule::HalvesDiffer));
    let mut bytes = der("rsa.pkcs1");
    bytes[300] ^= 1;
    assert_eq!(RsaPair::from_pkcs1(&bytes).map(drop), Err(KeyRule::HalvesDiffer));
}

/// A pair whose halves differ in memory does not pass.
#[test]
fn the_self_test_notices() {
    #[derive(Debug)]
    struct Broken(Ed25519Pair, Ed25519Point);
    impl SealingHalf for Broken {
        type Opening = Ed25519Point;
        fn generate() -> Result<Self, KeyError> {
            Ok(Self(Ed25519Pair::generate()?, Ed25519Pair::generate()?.opening()))
        }
        fn opening(&self) -> Ed25519Point {
            self.1.clone()
        }
        fn to_stored(&self) -> zeroize::Zeroizing<Vec<u8>> {
            self.0.to_stored()
        }
        fn from_stored(_: &[u8]) -> Result<Self, KeyRule> {
            Err(KeyRule::SelfTest)
        }
    }
    impl Sign for Broken {
        fn sign(&self, message: &[u8]) -> Result<Seal, KeyError> {
            self.0.sign(message)
        }
        fn seal_length(&self) -> usize {
            self.0.seal_length()
        }
    }
    let broken = Broken::generate().unwrap();
    assert_eq!(self_test(&broken), Err(KeyRule::SelfTest));
    assert_eq!(self_test(&Broken(Ed25519Pair::from_stored(&broken.to_stored()).unwrap(), broken.0.opening())), Ok(()));
    assert!(!broken.opening().check(b"", &broken.sign(b"").unwrap()));
}

#[test]
fn what_a_jwk_forbids() {
    for (name, alg) in [("ed25519.jwk", "EdDSA"), ("ed25519.jwk", "Ed25519"), ("p256.jwk", "ES256"), ("rsa.jwk", "RS256")] {
        let alg = json!(alg);
        for (changes, pair, public) in [
            (vec![("alg", alg.clone()), ("use", json!("sig"))], Ok(()), Ok(())),
            (vec![("key_ops", json!(["sign", "verify"]))], Ok(()), Ok(())),
            (vec![("key_ops", json!(["verify"]))], Err(KeyRule::Forbidden("key_ops")), Ok(())),
            (vec![("key_ops", json!(["sign"]))], Ok(()), Err(KeyRule::Forbidden("key_ops"))),
            (vec![("key_ops", json!(["encrypt", "x"]))], Err(KeyRule::Forbidden("key_ops")), Err(KeyRule::Forbidden("key_ops"))),
            (vec![("use", json!("enc"))], Err(KeyRule::Forbidden("use")), Err(KeyRule::Forbidden("use"))),
            (vec![("use", json!("SIG"))], Err(KeyRule::Forbidden("use")), Err(KeyRule::Forbidden("use"))),
            (vec![("alg", json!("none"))], Err(KeyRule::Forbidden("alg")), Err(KeyRule::Forbidden("alg"))),
            (vec![("alg", json!("HS256"))], Err(KeyRule::Forbidden("alg")), Err(KeyRule::Forbidden("alg"))),
            (vec![("alg", json!(""))], Err(KeyRule::Forbidden("alg")), Err(KeyRule::Forbidden("alg"))),
        ] {
            check_pair(name, &changes, pair);
            let public_only = [changes.as_slice(), &[("d", Value::Null)]].concat();
            check_public(name, &public_only, public);
        }
    }
}

#[test]
fn jwk_shapes() {
    for (name, other) in [("ed25519.jwk", "EC"), ("p256.jwk", "OKP"), ("rsa.jwk", "oct")] {
        let wrong = [ED25519, P256, RSA][["ed25519.jwk", "p256.jwk", "rsa.jwk"].iter().position(|known| *known == name).unwrap()];
        check_public(name, &[("kty", json!(other))], Err(wrong));
        check_public(name, &[("kty", Value::Null)], Err(INCOMPLETE));
        check_public(name, &[("kty", json!(1))], Err(JWK));
        check_public(name, &[("kid", json!(1))], Err(JWK));
        check_public(name, &[("alg", json!(["RS256"]))], Err(JWK));
        check_public(name, &[("key_ops", json!("sign"))], Err(JWK));
        check_public(name, &[("use", json!(["sig"]))], Err(JWK));
        check_public(name, &[("x5c", json!([1])), ("ext", json!(true)), ("anything", json!({ "a": [] }))], Ok(()));
    }
    for (name, crv, wrong) in
        [("ed25519.jwk", "Ed448", ED25519), ("ed25519.jwk", "X25519", ED25519), ("p256.jwk", "P-384", P256), ("p256.jwk", "p-256", P256)]
    {
        check_public(name, &[("crv", json!(crv))], Err(wrong));
        check_public(name, &[("crv", Value::Null)], Err(INCOMPLETE));
    }
    for (name, member) in [("ed25519.jwk", "x"), ("p256.jwk", "x"), ("p256.jwk", "y"), ("rsa.jwk", "n"), ("rsa.jwk", "e")] {
        check_public(name, &[(member, Value::Null)], Err(INCOMPLETE));
        check_public(name, &[(member, json!(5))], Err(JWK));
        let good = jwk(name)[member].as_str().unwrap().to_owned();
        check_public(name, &[(member, json!(format!("{good} ")))], Err(BASE64));
        check_public(name, &[(member, json!(format!("{good}=")))], Err(BASE64));
        check_public(name, &[(member, json!(format!("{}+", &good[1..])))], Err(BASE64));
    }
    // The last letter of 32 bytes carries two bits that must be zero.
    let good = jwk("ed25519.jwk")["x"].as_str().unwrap().to_owned();
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = letters.chars().nth(letters.find(good.chars().last().unwrap()).unwrap() + 1).unwrap();
    check_public("ed25519.jwk", &[("x", json!(format!("{}{next}", &good[..42])))], Err(BASE64));

    let text = jwk("ed25519.jwk").to_string();
    for (from, to) in [("{", "{\"kty\":\"OKP\","), ("{", "{\"a\":1,\"\\u0061\":2,"), ("{", "{\"x\":\"AAAA\",")] {
        assert_eq!(Jwk::parse(&text.replacen(from, to, 1)).map(drop), Err(JWK));
    }
    for text in ["", "null", "[]", "\"a\"", "{", "{} {}", "{\"kty\":\"OKP\",}"] {
        assert_eq!(Jwk::parse(text).map(drop), Err(JWK));
    }
    assert_eq!(Jwk::parse(&format!("{{\"a\":\"{}\"}}", "a".repeat(1 << 17))).map(drop), Err(JWK));
    assert_eq!(Jwk::parse(&format!("{{\"a\":{}", "[".repeat(60_000))).map(drop), Err(JWK));
}

#[test]
fn jwk_sets() {
    let set = json!({ "keys": [jwk("p256.jwk"), 5, { "kty": "new" }, { "kty": "EC", "kid": 5 }], "more": {} });
    let set = JwkSet::parse(&set.to_string()).unwrap();
    assert_eq!(set.keys.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false]);
    assert!(set.duplicate_kid().is_none());
    let set = json!({ "keys": [{ "kty": "EC", "kid": "a" }, { "kty": "EC" }, { "kty": "EC" }, { "kty": "RSA", "kid": "a" }] });
    assert_eq!(JwkSet::parse(&set.to_string()).unwrap().duplicate_kid(), Some("a"));
    for text in ["", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "{\"keys\":[],\"\\u006beys\":[]}", "{\"keys\":null}"] {
        assert!(JwkSet::parse(text).is_err(), "{text}");
    }
    assert!(JwkSet::parse("{\"keys\":[]}").unwrap().keys.is_empty());
}

/// Puts the body of a PEM text together from DER, as somebody would who has only that.
#[test]
fn public_pem_from_der() {
    let text = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode_to_string(der("ed25519.spki")));
    assert!(Ed25519Point::from_pem(&text).is_ok());
}

#[track_caller]
fn check_pair(name: &str, changes: &[(&str, Value)], want: Result<(), KeyRule>) {
    let text = changed(name, changes);
    let jwk = Jwk::parse(&text);
    let got = jwk.and_then(|jwk| match name {
        "ed25519.jwk" => Ed25519Pair::from_jwk(&jwk).map(drop),
        "p256.jwk" => P256Pair::from_jwk(&jwk).map(drop),
        _ => RsaPair::from_jwk(&jwk).map(drop),
    });
    assert_eq!(got, want, "{text}");
}

#[track_caller]
fn check_public(name: &str, changes: &[(&str, Value)], want: Result<(), KeyRule>) {
    let text = changed(name, changes);
    let jwk = Jwk::parse(&text);
    let got = jwk.and_then(|jwk| match name {
        "ed25519.jwk" => Ed25519Point::from_jwk(&jwk).map(drop),
        "p256.jwk" => P256Point::from_jwk(&jwk).map(drop),
        _ => RsaKey::from_jwk(&jwk).map(drop),
    });
    assert_eq!(got, want, "{text}");
}

/// A JWK of `keys.json` with other members; `null` takes one away.
fn changed(name: &str, changes: &[(&str, Value)]) -> String {
    let mut jwk = jwk(name);
    for (member, value) in changes {
        if value.is_null() {
            jwk.as_object_mut().unwrap().remove(*member);
        } else {
            jwk[*member] = value.clone();
        }
    }
    jwk.to_string()
}
