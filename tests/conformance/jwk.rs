//! Wycheproof's JWK sets and the keys of the RFCs.

use serde_json::Value;
use session_runtime::{
    error::{Malformed, VerifyError},
    jwt::{EdDsa, Es256, Es512, Hs256, Jwt, Rs256},
    keyring::{Key, PublicKeys, VerifyingKeys},
};
use session_tests::{
    require,
    verdicts::{Case, Refused, accept},
};

use crate::tally::{Tally, cases, name};

/// A set of symmetric and public keys at once. RFC 7517 allows it and Wycheproof calls the case ambiguous. It cannot confuse
/// anybody here: each ring takes the keys of its own family, and no header moves a token to another ring.
const MIXED: &str = "wycheproof.jwk.0001.jws_mixedSymmetryKeyset.rejectsValid";

#[test]
fn wycheproof_sets() {
    let mut tally = Tally::new("wycheproof_jwk");
    for vector in require!(cases("wycheproof_jwk.json")) {
        let case = Case {
            format: "jwt-jwks".to_owned(),
            algs: vec![vector["alg"].as_str().unwrap().to_owned()],
            jwks: Some(vector["jwks"].clone()),
            token: vector["jws"].as_str().map(str::to_owned),
            ..Case::default()
        };
        let valid = vector["expected"] == "valid";
        // The payload is `foo`: a seal that was accepted shows as a refused payload.
        match accept(&case) {
            Err(Refused::Unsupported(what)) => tally.skip(&what),
            Err(Refused::Token(VerifyError::Malformed(Malformed::Payload))) if valid => tally.good("seal accepted"),
            Err(Refused::Token(VerifyError::Malformed(Malformed::Payload))) if name(&vector) == MIXED => tally.good("mixed set, ambiguous"),
            Err(Refused::Key(_)) if !valid => tally.good("set refused"),
            // No key of the set is one for this verifier.
            Err(Refused::Token(VerifyError::UnknownKey)) if !valid => tally.good("key passed over"),
            Err(Refused::Token(VerifyError::BadSeal)) if vector["signature_arithmetic"] == "invalid" => tally.good("seal refused"),
            outcome => tally.fault(name(&vector), &outcome),
        }
    }
    tally.expect(&[("set refused", 5), ("key passed over", 4), ("seal refused", 1), ("seal accepted", 1), ("mixed set, ambiguous", 1)]);
}

#[test]
fn rfc_keys() {
    let mut tally = Tally::new("rfc_jwk");
    for vector in require!(cases("rfc_jwk.json")) {
        // Their thumbprints are tested with the exports.
        match import(&vector["key"]) {
            None => tally.fault(name(&vector), &"no algorithm for this curve"),
            Some(imported) if imported == (vector["usable_for_signature"] == true) => {
                tally.good(if imported { "imported" } else { "refused" });
            }
            Some(imported) => tally.fault(name(&vector), &imported),
        }
    }
    tally.expect(&[("imported", 7), ("refused", 3)]);
}

/// Whether the key can be used for signatures, in the way that its own members ask for.
fn import(key: &Value) -> Option<bool> {
    let text = key.to_string();
    let private = key.get("d").is_some();
    Some(match (key["kty"].as_str()?, key["crv"].as_str()) {
        ("oct", _) => VerifyingKeys::<Jwt<Hs256>>::from_jwk(&text).is_ok() && Key::<Jwt<Hs256>>::from_jwk(&text).is_ok(),
        ("RSA", _) if private => Key::<Jwt<Rs256>>::from_jwk(&text).is_ok(),
        ("RSA", _) => PublicKeys::<Jwt<Rs256>>::from_jwk(&text).is_ok(),
        ("EC", Some("P-256")) if private => Key::<Jwt<Es256>>::from_jwk(&text).is_ok(),
        ("EC", Some("P-256")) => PublicKeys::<Jwt<Es256>>::from_jwk(&text).is_ok(),
        ("EC", Some("P-521")) if private => Key::<Jwt<Es512>>::from_jwk(&text).is_ok(),
        ("EC", Some("P-521")) => PublicKeys::<Jwt<Es512>>::from_jwk(&text).is_ok(),
        ("OKP", Some("Ed25519")) if private => Key::<Jwt<EdDsa>>::from_jwk(&text).is_ok(),
        ("OKP", Some("Ed25519")) => PublicKeys::<Jwt<EdDsa>>::from_jwk(&text).is_ok(),
        _ => return None,
    })
}
