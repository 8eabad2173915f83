//! Published vectors and the shared list of attacks, as far as keys and seals are concerned.

use pasetors::paserk::{FormatAsPaserk, Id};
use serde_json::Value;

use super::{P384Pair, P384Point, algorithms, cases, halves::SECRET, shared};
use crate::{
    crypto::{
        Authenticator, Ed25519Pair, Ed25519Point, Jwk, JwkSet, LocalKey, OpeningHalf, PaserkOpening, PaserkSealing, SealingHalf,
        V3LocalKey, V4LocalKey, base64url, paserk::public_id,
    },
    error::KeyRule,
};

/// Opens a compact token with a key given as JSON and says whether its seal fits; `None` for a form that is none of ours.
fn open(alg: &str, key: &Value, token: &str) -> Option<Result<bool, KeyRule>> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, seal] = parts.as_slice() else { return Some(Ok(false)) };
    let message = format!("{header}.{payload}");
    let (Some(_), Some(_), Some(seal)) = (base64url::decode(header), base64url::decode(payload), base64url::decode(seal)) else {
        return Some(Ok(false));
    };
    // Formats compare this header; here it only keeps tokens of other algorithms apart.
    let Ok(header) = serde_json::from_slice::<Value>(&base64url::decode(header).unwrap()) else { return Some(Ok(false)) };
    if header["alg"] != alg || header.get("crit").is_some() {
        return Some(Ok(false));
    }
    let jwk = match Jwk::parse(&key.to_string()) {
        Ok(jwk) => jwk,
        Err(rule) => return Some(Err(rule)),
    };
    let algorithm = algorithms::named(alg)?;
    Some((algorithm.check)(&jwk, message.as_bytes(), &seal))
}

#[test]
fn jws() {
    let (mut seen, mut again) = (0, 0);
    for case in ["rfc_jws.json", "wycheproof_jws.json"].into_iter().flat_map(cases) {
        let (name, alg) = (case["name"].as_str().unwrap(), case["alg"].as_str().unwrap());
        let Some(token) = case["jws"].as_str() else { continue };
        if case["flags"].as_array().unwrap().iter().any(|flag| flag == "JsonSerialization") {
            continue;
        }
        let Some(got) = open(alg, &case["key"], token) else { panic!("{name}: no algorithm {alg}") };
        seen += 1;
        assert_eq!(got == Ok(true), case["expected"] == "valid", "{name}: {got:?}");
        if case["expected"] != "valid" {
            continue;
        }
        let private = case.get("private_key").unwrap_or(&case["key"]);
        let jwk = Jwk::parse(&private.to_string()).unwrap();
        let symmetric = alg.starts_with("HS");
        if !symmetric && !jwk.is_private() {
            assert_ne!(case["deterministic"], true, "{name}");
            continue;
        }
        // What was signed once is signed again, letter for letter where nothing is drawn.
        let (message, old) = token.rsplit_once('.').unwrap();
        let algorithm = algorithms::named(alg).unwrap();
        let seal = (algorithm.sign)(&jwk, message.as_bytes()).unwrap();
        assert_eq!((algorithm.check)(&Jwk::parse(&case["key"].to_string()).unwrap(), message.as_bytes(), &seal), Ok(true), "{name}");
        if symmetric || alg.starts_with("RS") || alg == "EdDSA" {
            assert_eq!(base64url::encode(&seal), old, "{name}");
            again += 1;
        } else {
            assert_ne!(case["deterministic"], true, "{name}");
        }
    }
    // Every case but the five in JSON serialization.
    assert!((seen, again) == (0, 0) || (seen, again) == (240, 20), "{seen} and {again}");
}

#[test]
fn rfc_jwks() {
    for case in cases("rfc_jwk.json") {
        let (name, text) = (case["name"].as_str().unwrap(), case["key"].to_string());
        let jwk = Jwk::parse(&text).unwrap();
        assert_eq!(jwk.kid(), case["key"]["kid"].as_str(), "{name}");
        let alg = match (jwk.kty().unwrap(), jwk.crv()) {
            ("RSA", _) => "RS256",
            ("EC", Some("P-256")) => "ES256",
            ("EC", Some("P-521")) => "ES512",
            ("OKP", _) => "EdDSA",
            ("oct", _) => "HS256",
            other => panic!("{name}: {other:?}"),
        };
        let algorithm = algorithms::named(alg).unwrap();
        let mut good = (algorithm.public)(&jwk);
        if jwk.is_private() || alg == "HS256" {
            good = good.and((algorithm.pair)(&jwk));
        }
        assert_eq!(good.is_ok(), case["usable_for_signature"] == true, "{name}: {good:?}");
    }
}

#[test]
fn wycheproof_jwks() {
    for case in cases("wycheproof_jwk.json") {
        let (name, alg) = (case["name"].as_str().unwrap(), case["alg"].as_str().unwrap());
        let set = JwkSet::parse(&case["jwks"].to_string()).unwrap();
        let kid = case["header"]["kid"].as_str().unwrap();
        let kinds: std::collections::BTreeSet<_> = set.keys.iter().flatten().map(|key| key.kty() == Some("oct")).collect();
        // A remote set takes no symmetric keys at all, and formats refuse sets with an id twice; both need only what is told here.
        let ambiguous = set.duplicate_kid().is_some() || kinds.len() > 1;
        let key = case["jwks"]["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap();
        let got = open(alg, key, case["jws"].as_str().unwrap()).unwrap();
        assert_eq!(got == Ok(true) && !ambiguous, case["expected"] == "valid", "{name}: {got:?}");
    }
}

/// The keys of the list: a good token under a key that must be refused, and the few that are only a matter of policy.
#[test]
fn attacks_on_jwks() {
    let Some(text) = shared("attacks.jsonl") else { return };
    let mut seen = 0;
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["cat"] != "jwk" || case["format"] != "jwt" {
            continue;
        }
        let (id, alg) = (case["id"].as_str().unwrap(), case["alg"].as_str().unwrap());
        let Some(got) = open(alg, &case["key"], case["token"].as_str().unwrap()) else { continue };
        seen += 1;
        let want = if case["expected"] == "policy" { &case["recommended"] } else { &case["expected"] };
        assert_eq!(got == Ok(true), want == "valid", "{id}: {got:?}");
    }
    assert!(seen > 20, "{seen}");
}

/// The keys that other tests share, in all their forms.
#[test]
fn shared_keys() {
    let Some(text) = shared("keys.json") else { return };
    let keys: Value = serde_json::from_str(&text).unwrap();
    for (name, key) in keys["jose"].as_object().unwrap() {
        let private = Jwk::parse(&key["private"].to_string()).unwrap();
        let public = Jwk::parse(&key["public"].to_string()).unwrap();
        let alg = key["alg"].as_str().unwrap();
        let good = !["es256k", "ed448", "rs256-1024", "rs256-e3"].contains(&name.as_str());
        if let Some(algorithm) = algorithms::named(alg) {
            assert_eq!((algorithm.pair)(&private).is_ok(), good, "{name}");
        }
        // A key is one algorithm's: its own `alg` keeps every other away, and so does its size, family or curve.
        for other in algorithms::all().filter(|other| other.name != alg) {
            assert!((other.pair)(&private).is_err() && (other.public)(&private).is_err(), "{name} as {}", other.name);
        }
        let Some(pairs) = algorithms::asymmetric().into_iter().find(|pairs| pairs.algorithm.name == alg) else { continue };
        let pem = |kind: &str| key[kind].as_str().unwrap();
        let halves = [(pairs.jwk)(&public), (pairs.public_pem)(pem("public_pem")), (pairs.pair_pem)(pem("private_pem"))];
        assert!(halves.iter().all(|half| half.is_ok() == good && *half == halves[0] || !good), "{name}: {halves:?}");
        assert!(good || halves.iter().all(Result::is_err), "{name}: {halves:?}");
    }
}

#[test]
fn paserk() {
    for case in cases("paserk.json") {
        let (name, kind) = (case["name"].as_str().unwrap(), case["type"].as_str().unwrap());
        let text = case["paserk"].as_str().unwrap_or_default();
        let bytes = case["key_hex"].as_str().map(hex);
        let valid = case["expected"] == "valid";
        let got: Result<Vec<u8>, KeyRule> = match kind {
            _ if case["version"] == "k3" => match paserk_3(name, kind, text, bytes.as_deref(), valid) {
                Some(got) => got,
                None => continue,
            },
            "local" => V4LocalKey::from_paserk(text)
                .inspect(|key| assert_eq!(*key.to_paserk(), text))
                .map(|key| SealingHalf::to_stored(&key).to_vec()),
            "public" => {
                Ed25519Point::from_paserk(text).inspect(|key| assert_eq!(key.to_paserk(), text)).map(|key| key.to_stored().to_vec())
            }
            "secret" => Ed25519Pair::from_paserk(text)
                .inspect(|key| assert_eq!(*key.to_paserk(), text))
                .map(|key| [*key.seed(), *key.point().as_bytes()].concat()),
            "lid" if valid => {
                assert_eq!(V4LocalKey::unjudged(&bytes.unwrap()).unwrap().paserk_id(), text, "{name}");
                continue;
            }
            "sid" if valid => {
                let bytes = bytes.unwrap();
                assert_eq!(Ed25519Pair::from_seed(&bytes[..32], Some(&bytes[32..])).unwrap().paserk_secret_id(), text, "{name}");
                continue;
            }
            // The vectors name points that are weak or none, so only the arithmetic is compared.
            "pid" if valid => {
                assert_eq!(public_id(&bytes.unwrap().try_into().unwrap()), text, "{name}");
                continue;
            }
            _ => continue,
        };
        // The vectors of `public` are bytes, not points: zeros (order 4 in version 4), and counting bytes.
        if kind == "public" && valid {
            assert!(matches!(got, Ok(_) | Err(KeyRule::WeakPoint | KeyRule::InvalidPoint)), "{name}: {got:?}");
            assert_eq!(got == Err(KeyRule::WeakPoint), bytes == Some(vec![0; 32]), "{name}: {got:?}");
            continue;
        }
        assert_eq!(got.is_ok(), valid, "{name}: {got:?}");
        if let Ok(got) = got {
            assert_eq!(Some(got), bytes, "{name}");
        }
    }
}

/// One case of version 3; `None` when it was judged here, or is for others.
fn paserk_3(name: &str, kind: &str, text: &str, bytes: Option<&[u8]>, valid: bool) -> Option<Result<Vec<u8>, KeyRule>> {
    Some(match kind {
        "local" => {
            V3LocalKey::from_paserk(text).inspect(|key| assert_eq!(*key.to_paserk(), text)).map(|key| SealingHalf::to_stored(&key).to_vec())
        }
        "public" => P384Point::from_paserk(text).inspect(|key| assert_eq!(key.to_paserk(), text)).map(|key| key.compressed().to_vec()),
        "secret" => {
            P384Pair::from_paserk(text).inspect(|key| assert_eq!(*key.to_paserk().unwrap(), text)).map(|key| key.scalar().unwrap().to_vec())
        }
        "sid" if valid => {
            assert_eq!(P384Pair::from_scalar(bytes?.first_chunk()?).unwrap().paserk_secret_id().unwrap(), text, "{name}");
            return None;
        }
        _ => return None,
    })
}

/// The ids that are written out here are the library's.
#[test]
fn paserk_ids_against_pasetors() {
    for _ in 0..50 {
        let key = V4LocalKey::generate().unwrap();
        let theirs = pasetors::keys::SymmetricKey::<pasetors::version4::V4>::from(key.as_bytes()).unwrap();
        let mut text = String::new();
        Id::from(&theirs).fmt(&mut text).unwrap();
        assert_eq!(key.paserk_id(), text);
        let point = Ed25519Pair::generate().unwrap().opening();
        let theirs = pasetors::keys::AsymmetricPublicKey::<pasetors::version4::V4>::from(point.as_bytes()).unwrap();
        let mut text = String::new();
        Id::from(&theirs).fmt(&mut text).unwrap();
        assert_eq!(point.paserk_id(), text);
    }
}

/// PASETO's pre-authentication encoding.
fn authenticate(mac: &mut impl Authenticator, pieces: &[&[u8]]) {
    mac.update(&(pieces.len() as u64).to_le_bytes());
    for piece in pieces {
        mac.update(&(piece.len() as u64).to_le_bytes());
        mac.update(piece);
    }
}

/// The tokens of one version, opened by the primitives alone.
fn local<K: LocalKey>(header: &str, unjudged: impl Fn(&[u8]) -> Result<K, KeyRule>) {
    for case in cases("paseto.json") {
        let name = case["name"].as_str().unwrap();
        if case["verify_as"] != header.trim_end_matches('.') {
            continue;
        }
        let text = |member: &str| case[member].as_str().unwrap().as_bytes();
        let key = unjudged(&hex(case["key_hex"].as_str().unwrap())).unwrap();
        let token = case["token"].as_str().unwrap();
        let Some(body) = token.strip_prefix(header).and_then(|rest| base64url::decode(rest.split('.').next().unwrap())) else {
            assert_ne!(case["expected"], "valid", "{name}");
            continue;
        };
        let (nonce, sealed) = body.split_first_chunk::<32>().unwrap();
        let (sealed, tag) = sealed.split_at(sealed.len() - <K::Authenticator as Authenticator>::TAG);
        let mut mac = key.authentication(nonce);
        authenticate(&mut mac, &[header.as_bytes(), nonce, sealed, text("footer"), text("implicit_assertion")]);
        assert_eq!(mac.matches(tag), case["expected"] == "valid", "{name}");
        if case["expected"] == "valid" {
            assert_eq!(nonce.as_slice(), hex(case["nonce_hex"].as_str().unwrap()), "{name}");
            let mut plain = sealed.to_vec();
            key.apply(nonce, &mut plain);
            assert_eq!(plain, text("payload"), "{name}");
        }
    }
}

#[test]
fn v4_local() {
    local("v4.local.", V4LocalKey::unjudged);
}

#[test]
fn v3_local() {
    local("v3.local.", V3LocalKey::unjudged);
}

/// The same composition as `v4_local`, without the shared data: pasetors opens what these primitives seal.
#[test]
fn v4_local_against_pasetors() {
    let key = V4LocalKey::from_secret(&SECRET).unwrap();
    let nonce = [7; 32];
    let mut sealed = br#"{"data":"this is a secret message"}"#.to_vec();
    key.apply(&nonce, &mut sealed);
    let mut mac = key.authentication(&nonce);
    authenticate(&mut mac, &[b"v4.local.", &nonce, &sealed, b"footer", b"implicit"]);
    let tag = mac.finish();
    let token = format!("v4.local.{}.{}", base64url::encode(&[nonce.as_slice(), &sealed, &tag].concat()), base64url::encode(b"footer"));
    let theirs = pasetors::keys::SymmetricKey::<pasetors::version4::V4>::from(&SECRET).unwrap();
    let untrusted = pasetors::token::UntrustedToken::try_from(&token).unwrap();
    let trusted = pasetors::version4::LocalToken::decrypt(&theirs, &untrusted, Some(b"footer"), Some(b"implicit")).unwrap();
    assert_eq!(trusted.payload(), r#"{"data":"this is a secret message"}"#);
    let mut mac = key.authentication(&nonce);
    authenticate(&mut mac, &[b"v4.local.", &nonce, &sealed, b"footer", b"implicit"]);
    assert!(!mac.matches(&tag[..31]));
}

pub(super) fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
