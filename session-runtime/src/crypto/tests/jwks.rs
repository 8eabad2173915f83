//! The rules of JWKs and their sets: what a key says of its own use, and how strictly it is read.

use serde_json::{Value, json};

use super::{
    algorithms::{Algorithm, all, asymmetric, check_pair, check_public, named},
    jwk,
};
use crate::{
    crypto::{Jwk, JwkSet},
    error::KeyRule,
};

const INCOMPLETE: KeyRule = KeyRule::Unreadable("a complete JWK");
const BASE64: KeyRule = KeyRule::Unreadable("base64url in a JWK");
const JWK: KeyRule = KeyRule::Unreadable("a JWK");

#[test]
fn what_a_jwk_forbids() {
    let algorithms = asymmetric().map(|pairs| (pairs.algorithm.name, pairs.algorithm.name));
    for (name, alg) in algorithms.into_iter().chain([("EdDSA", "Ed25519")]) {
        let private = if name.starts_with("ML-DSA") { "priv" } else { "d" };
        let check = |changes: &[(&str, Value)], pair, public| {
            check_pair(name, changes, pair);
            check_public(name, &[changes, &[(private, Value::Null)]].concat(), public);
        };
        let both = |rule| (Err(rule), Err(rule));
        let alg = json!(alg);
        for (changes, (pair, public)) in [
            (vec![("alg", alg.clone()), ("use", json!("sig"))], (Ok(()), Ok(()))),
            (vec![("key_ops", json!(["sign", "verify"]))], (Ok(()), Ok(()))),
            (vec![("key_ops", json!(["verify"]))], (Err(KeyRule::Forbidden("key_ops")), Ok(()))),
            (vec![("key_ops", json!(["sign"]))], (Ok(()), Err(KeyRule::Forbidden("key_ops")))),
            (vec![("key_ops", json!(["encrypt", "x"]))], both(KeyRule::Forbidden("key_ops"))),
            (vec![("use", json!("enc"))], both(KeyRule::Forbidden("use"))),
            (vec![("use", json!("SIG"))], both(KeyRule::Forbidden("use"))),
        ] {
            check(&changes, pair, public);
        }
        // The key says another algorithm than this one. For AKP that is another key.
        let forbidden = if private == "priv" { KeyRule::WrongKind { wanted: name } } else { KeyRule::Forbidden("alg") };
        let others = all().map(|other| other.name).filter(|other| *other != name);
        for other in others.chain(["none", "", "ES256K", "RSA-OAEP", &name.to_lowercase()]) {
            check(&[("alg", json!(other))], Err(forbidden), Err(forbidden));
        }
    }
}

#[test]
fn jwk_shapes() {
    for Algorithm { name, key, kind, .. } in asymmetric().map(|pairs| pairs.algorithm) {
        for other in ["oct", "EC", "RSA", "OKP", "AKP", "ec", ""].into_iter().filter(|other| jwk(&format!("{key}.jwk"))["kty"] != *other) {
            check_public(name, &[("kty", json!(other))], Err(KeyRule::WrongKind { wanted: kind }));
        }
        check_public(name, &[("kty", Value::Null)], Err(INCOMPLETE));
        check_public(name, &[("kty", json!(1))], Err(JWK));
        check_public(name, &[("kid", json!(1))], Err(JWK));
        check_public(name, &[("alg", json!(["RS256"]))], Err(JWK));
        check_public(name, &[("key_ops", json!("sign"))], Err(JWK));
        check_public(name, &[("use", json!(["sig"]))], Err(JWK));
        check_public(name, &[("x5c", json!([1])), ("ext", json!(true)), ("anything", json!({ "a": [] }))], Ok(()));
    }
    for (name, curves) in [
        ("EdDSA", ["Ed448", "X25519", "P-256"]),
        ("ES256", ["P-384", "p-256", "secp256k1"]),
        ("ES384", ["P-256", "P-521", "P384"]),
        ("ES512", ["P-512", "P-384", "p-521"]),
    ] {
        for crv in curves {
            check_public(name, &[("crv", json!(crv))], Err(KeyRule::WrongKind { wanted: named(name).unwrap().kind }));
        }
        check_public(name, &[("crv", Value::Null)], Err(INCOMPLETE));
    }
    for (name, member) in [
        ("ed25519.jwk", "x"),
        ("p256.jwk", "x"),
        ("p256.jwk", "y"),
        ("p384.jwk", "y"),
        ("p521.jwk", "x"),
        ("rsa.jwk", "n"),
        ("rsa.jwk", "e"),
        ("ml-dsa-44.jwk", "pub"),
    ] {
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
