//! Published vectors and the shared list of attacks, as far as keys and seals are concerned.

use pasetors::paserk::{FormatAsPaserk, Id};
use serde_json::Value;

use super::{HmacSha256Key, P256Pair, P256Point, P384Pair, P384Point, RsaKey, RsaPair, cases, halves::SECRET, shared};
use crate::{
    crypto::{
        Authenticator, Check, Ed25519Pair, Ed25519Point, Jwk, JwkOpening, JwkSealing, JwkSet, LocalKey, OpeningHalf, PaserkOpening,
        PaserkSealing, PemPair, PemPublic, SealingHalf, Sign, V3LocalKey, V4LocalKey, base64url, paserk::public_id,
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
    let header: Value = serde_json::from_slice(&base64url::decode(header).unwrap()).ok()?;
    if header["alg"] != alg || header.get("crit").is_some() {
        return Some(Ok(false));
    }
    let jwk = match Jwk::parse(&key.to_string()) {
        Ok(jwk) => jwk,
        Err(rule) => return Some(Err(rule)),
    };
    Some(match alg {
        "HS256" => hmac(&jwk).map(|key| key.check(message.as_bytes(), &seal)),
        "RS256" => RsaKey::from_jwk(&jwk).map(|key| key.check(message.as_bytes(), &seal)),
        "ES256" => P256Point::from_jwk(&jwk).map(|key| key.check(message.as_bytes(), &seal)),
        "EdDSA" => Ed25519Point::from_jwk(&jwk).map(|key| key.check(message.as_bytes(), &seal)),
        _ => return None,
    })
}

/// Wycheproof's base64 cases have a secret of 32 zeros, which is refused unless somebody insists.
fn hmac(jwk: &Jwk) -> Result<HmacSha256Key, KeyRule> {
    match HmacSha256Key::from_jwk(jwk) {
        Err(KeyRule::NotRandom) => HmacSha256Key::dangerous_from_jwk(jwk),
        other => other,
    }
}

#[test]
fn jws() {
    let mut seen = 0;
    for case in ["rfc_jws.json", "wycheproof_jws.json"].into_iter().flat_map(cases) {
        let (name, alg) = (case["name"].as_str().unwrap(), case["alg"].as_str().unwrap());
        let Some(token) = case["jws"].as_str() else { continue };
        if case["flags"].as_array().unwrap().iter().any(|flag| flag == "JsonSerialization") {
            continue;
        }
        let Some(got) = open(alg, &case["key"], token) else { continue };
        seen += 1;
        assert_eq!(got == Ok(true), case["expected"] == "valid", "{name}: {got:?}");
        if case["expected"] != "valid" {
            continue;
        }
        // What was signed once is signed again.
        let jwk = Jwk::parse(&case.get("private_key").unwrap_or(&case["key"]).to_string()).unwrap();
        let (message, old) = token.rsplit_once('.').unwrap();
        let seal = match alg {
            "HS256" => hmac(&jwk).unwrap().sign(message.as_bytes()).unwrap(),
            "RS256" if jwk.is_private() => RsaPair::from_jwk(&jwk).unwrap().sign(message.as_bytes()).unwrap(),
            "EdDSA" if jwk.is_private() => Ed25519Pair::from_jwk(&jwk).unwrap().sign(message.as_bytes()).unwrap(),
            "ES256" if jwk.is_private() => {
                let pair = P256Pair::from_jwk(&jwk).unwrap();
                assert!(pair.opening().check(message.as_bytes(), &pair.sign(message.as_bytes()).unwrap()), "{name}");
                continue;
            }
            _ => continue,
        };
        assert_eq!(base64url::encode(&seal), old, "{name}");
    }
    assert!(seen == 0 || seen > 150, "{seen}");
}

#[test]
fn rfc_jwks() {
    for case in cases("rfc_jwk.json") {
        let (name, text) = (case["name"].as_str().unwrap(), case["key"].to_string());
        let jwk = Jwk::parse(&text).unwrap();
        assert_eq!(jwk.kid(), case["key"]["kid"].as_str(), "{name}");
        let good = match (jwk.kty().unwrap(), jwk.crv()) {
            ("RSA", _) => {
                RsaKey::from_jwk(&jwk).map(drop).and_then(|()| if jwk.is_private() { RsaPair::from_jwk(&jwk).map(drop) } else { Ok(()) })
            }
            ("EC", Some("P-256")) => P256Pair::from_jwk(&jwk).map(drop),
            ("OKP", _) if jwk.is_private() => Ed25519Pair::from_jwk(&jwk).map(drop),
            ("OKP", _) => Ed25519Point::from_jwk(&jwk).map(drop),
            ("oct", _) => HmacSha256Key::from_jwk(&jwk).map(drop),
            _ => continue,
        };
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
        let Some(got) = open(alg, key, case["jws"].as_str().unwrap()) else { continue };
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
        let pem = |kind: &str| key[kind].as_str().unwrap_or_default();
        let all = match name.as_str() {
            "hs256" | "hs256-other" => HmacSha256Key::from_jwk(&private).map(drop),
            "hs384" | "hs512" => HmacSha256Key::from_jwk(&private).map(drop).inspect_err(|rule| {
                assert_eq!(*rule, KeyRule::Forbidden("alg"));
            }),
            _ if name.starts_with("eddsa") => {
                let members = Ed25519Point::from_jwk(&public).unwrap().to_stored();
                assert_eq!(Ed25519Point::from_pem(pem("public_pem")).unwrap().to_stored(), members);
                assert_eq!(Ed25519Pair::from_pem(pem("private_pem")).unwrap().opening().to_stored(), members);
                Ed25519Pair::from_jwk(&private).map(drop)
            }
            "es256" | "es256-other" => {
                let members = P256Point::from_jwk(&public).unwrap().to_stored();
                assert_eq!(P256Point::from_pem(pem("public_pem")).unwrap().to_stored(), members);
                assert_eq!(P256Pair::from_pem(pem("private_pem")).unwrap().opening().to_stored(), members);
                P256Pair::from_jwk(&private).map(drop)
            }
            "es384" | "es512" | "es256k" => P256Pair::from_jwk(&private).map(drop).and(P256Point::from_pem(pem("public_pem")).map(drop)),
            "ed448" => Ed25519Pair::from_jwk(&private).map(drop).and(Ed25519Point::from_pem(pem("public_pem")).map(drop)),
            "rs256-1024" | "rs256-e3" => RsaPair::from_jwk(&private).map(drop).or(RsaPair::from_pem(pem("private_pem")).map(drop)),
            _ => {
                let members = RsaKey::from_pem(pem("public_pem")).unwrap().to_stored();
                assert_eq!(RsaPair::from_pem(pem("private_pem")).unwrap().opening().to_stored(), members);
                RsaPair::from_jwk(&private).map(drop)
            }
        };
        let good =
            ["hs256", "hs256-other", "rs256", "rs256-other", "es256", "es256-other", "eddsa", "eddsa-other"].contains(&name.as_str());
        assert_eq!(all.is_ok(), good, "{name}: {all:?}");
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
