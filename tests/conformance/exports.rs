//! Keys on their way out against keys that others wrote: the shared test keys are there as JWK and as PEM of OpenSSL.

use serde_json::{Map, Value};
use session_runtime::{
    JwkKeys, PemKeys, Published,
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    keyring::{Key, PublicKey, ThumbprintHash},
    paseto::V4Public,
};
use session_tests::require;

use crate::{
    keys::shared,
    tally::{Tally, cases, name},
};

/// The text is the one that OpenSSL wrote, whatever the key was read from.
fn armoured<F: PemKeys>(key: &Value) {
    let text = |member: &str| key[member].as_str().unwrap();
    let private = Key::<F>::from_pem(text("private_pem")).unwrap();
    assert_eq!(private.to_pem().unwrap().expose(), text("private_pem"), "{}", F::NAME);
    assert_eq!(private.public_key().to_pem().unwrap(), text("public_pem"), "{}", F::NAME);
    assert_eq!(PublicKey::<F>::from_pem(text("public_pem")).unwrap().to_pem().unwrap(), text("public_pem"), "{}", F::NAME);
    let der = private.to_der();
    assert_eq!(Key::<F>::from_der(der.expose()).unwrap().to_der().expose(), der.expose());
    let der = private.public_key().to_der().unwrap();
    assert_eq!(PublicKey::<F>::from_der(&der).unwrap().to_der().unwrap(), der);
}

/// The members are those of the shared key, and from one encoding to the other it stays the same key.
fn published<F: PemKeys + Published>(key: &Value) {
    armoured::<F>(key);
    secret::<F>(key);
    let from_pem = Key::<F>::from_pem(key["private_pem"].as_str().unwrap()).unwrap();
    assert_eq!(members(from_pem.to_jwk().unwrap().expose()), key_members(&key["private"]), "{}", F::NAME);
    let public = PublicKey::<F>::from_jwk(&key["public"].to_string()).unwrap();
    assert_eq!(members(&public.to_jwk()), key_members(&key["public"]), "{}", F::NAME);
    assert_eq!(public.to_pem().unwrap(), key["public_pem"].as_str().unwrap());
    let thumbprint = public.thumbprint(ThumbprintHash::Sha256);
    assert_eq!(from_pem.thumbprint(ThumbprintHash::Sha256), thumbprint, "{}", F::NAME);
}

fn secret<F: JwkKeys>(key: &Value) {
    let text =
        Key::<F>::from_jwk(&key["private"].to_string()).unwrap().with_id(session_runtime::KeyId::new("a \"name\"").unwrap()).to_jwk();
    let text = text.unwrap();
    assert_eq!(members(text.expose()), key_members(&key["private"]), "{}", F::NAME);
    let written: Value = serde_json::from_str(text.expose()).unwrap();
    assert_eq!((&written["alg"], &written["use"], &written["kid"]), (&F::NAME.into(), &"sig".into(), &"a \"name\"".into()));
    assert_eq!(Key::<F>::from_jwk(text.expose()).unwrap().id().unwrap().as_str(), "a \"name\"");
}

/// The members that make the key, without those that say what it is for.
fn members(text: &str) -> Map<String, Value> {
    key_members(&serde_json::from_str(text).unwrap())
}

fn key_members(key: &Value) -> Map<String, Value> {
    let mut key = key.as_object().unwrap().clone();
    ["alg", "use", "kid", "key_ops"].iter().for_each(|name| drop(key.remove(*name)));
    key
}

#[test]
fn shared_keys() {
    let keys = require!(shared());
    let mut tally = Tally::new("exports");
    for (name, key) in keys["jose"].as_object().unwrap() {
        match name.trim_end_matches("-other") {
            "hs256" => secret::<Jwt<Hs256>>(key),
            "hs384" => secret::<Jwt<Hs384>>(key),
            "hs512" => secret::<Jwt<Hs512>>(key),
            "rs256" => published::<Jwt<Rs256>>(key),
            "rs384" => published::<Jwt<Rs384>>(key),
            "rs512" => published::<Jwt<Rs512>>(key),
            "ps256" => published::<Jwt<Ps256>>(key),
            "ps384" => published::<Jwt<Ps384>>(key),
            "ps512" => published::<Jwt<Ps512>>(key),
            "es256" => published::<Jwt<Es256>>(key),
            "es384" => published::<Jwt<Es384>>(key),
            "es512" => published::<Jwt<Es512>>(key),
            "eddsa" => {
                published::<Jwt<EdDsa>>(key);
                armoured::<V4Public>(key);
            }
            _ => {
                tally.skip("no algorithm, or a key that is refused");
                continue;
            }
        }
        tally.good("same in every encoding");
    }
    tally.expect(&[("same in every encoding", 17), ("skipped: no algorithm, or a key that is refused", 4)]);
}

/// RFC 7638, with the thumbprints that the RFCs print and those that another library computed.
#[test]
fn thumbprints() {
    let mut tally = Tally::new("thumbprints");
    for vector in require!(cases("rfc_jwk.json")) {
        let found = thumbprint(&vector["key"]);
        if found == vector["thumbprint"] {
            tally.good("equal");
        } else {
            tally.fault(name(&vector), &found);
        }
    }
    tally.expect(&[("equal", 10)]);
}

/// The thumbprints of a key, through the type that it is for. What it may be used for does not count (RFC 7638 §3.2).
fn thumbprint(key: &Value) -> Value {
    fn pair<F: PemKeys + Published>(key: &Value) -> Value {
        let text = Value::Object(key_members(key)).to_string();
        match Key::<F>::from_jwk(&text) {
            Ok(key) => hashes(|hash| key.thumbprint(hash).to_string()),
            Err(_) => hashes(|hash| PublicKey::<F>::from_jwk(&text).unwrap().thumbprint(hash).to_string()),
        }
    }
    match (key["kty"].as_str().unwrap(), key["crv"].as_str()) {
        ("RSA", _) => pair::<Jwt<Rs256>>(key),
        (_, Some("P-256")) => pair::<Jwt<Es256>>(key),
        (_, Some("P-521")) => pair::<Jwt<Es512>>(key),
        (_, Some("Ed25519")) => pair::<Jwt<EdDsa>>(key),
        ("oct", _) => {
            let secret = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(key["k"].as_str().unwrap()).unwrap();
            let key = Key::<Jwt<Hs256>>::dangerous_short_secret(secret).unwrap();
            hashes(|hash| key.thumbprint(hash).to_string())
        }
        other => panic!("{other:?}"),
    }
}

fn hashes(of: impl Fn(ThumbprintHash) -> String) -> Value {
    let of = |hash| of(hash);
    serde_json::json!({
        "sha256": of(ThumbprintHash::Sha256), "sha384": of(ThumbprintHash::Sha384), "sha512": of(ThumbprintHash::Sha512),
    })
}
