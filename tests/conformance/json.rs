//! Every text of JSONTestSuite as a claim, as the whole payload and as a header parameter of a token with a good seal.

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::Value;
use session_runtime::{
    Claims, Verifier,
    jwt::{Hs256, Jwt},
    keyring::VerifyingKeys,
    limits,
};
use session_tests::{
    require,
    verdicts::{jwk_without_id, segment},
};

use crate::{
    keys::sealed,
    tally::{Tally, cases, name},
};

/// A token of others that may hold anything in `v`.
#[derive(Debug, Claims)]
#[claims(untyped, no_issuer, no_audience, no_issued_at, never_expires)]
struct Anything {
    v: Option<Value>,
}

#[test]
fn every_json_text_is_read_or_refused_as_it_should_be() {
    let mut tally = Tally::new("json_edge");
    for vector in require!(cases("json_edge.json")) {
        let keys = VerifyingKeys::<Jwt<Hs256>>::from_jwk(&jwk_without_id(&vector["key"])).unwrap();
        let verifier = Verifier::<Anything>::builder().accept(&keys).max_length(limits::TOKEN_LENGTH_CAP).build().unwrap();
        let token = vector["jws"].as_str().map_or_else(|| built(&vector), str::to_owned);
        let outcome = verifier.verify_now(&token);
        match (vector["expected"].as_str().unwrap(), &outcome) {
            ("accept", Ok(claims)) if vector["place"] == "claim" => {
                let text = URL_SAFE_NO_PAD.decode_to_vec(vector["text_b64u"].as_str().unwrap()).unwrap();
                let value: Value = serde_json::from_slice(&text).unwrap();
                // `null` and absent are one for an `Option`.
                if claims.v.clone().unwrap_or_default() == value { tally.good("accepted") } else { tally.fault(name(&vector), &claims.v) }
            }
            ("accept", Ok(_)) => tally.good("accepted"),
            ("reject", Err(_)) => tally.good("refused"),
            ("either", _) => tally.good("left open"),
            _ => tally.fault(name(&vector), &outcome.map(|claims| claims.into_claims())),
        }
    }
    tally.expect(&[("accepted", 109), ("left open", 48), ("refused", 411)]);
}

/// A token that the vectors describe and do not hold, cut to what a verifier may be told to read.
fn built(vector: &Value) -> String {
    const LONGEST: usize = 48_000;
    let (unit, times) = (vector["text_repeat"]["unit"].as_str().unwrap(), vector["text_repeat"]["times"].as_u64().unwrap());
    let text = unit.repeat(usize::try_from(times).unwrap().min(LONGEST / unit.len()));
    let (header, payload) = match vector["place"].as_str().unwrap() {
        "claim" => (r#"{"alg":"HS256"}"#.to_owned(), format!(r#"{{"sub":"a","v":{text}}}"#)),
        "header-param" => (format!(r#"{{"alg":"HS256","x-v":{text}}}"#), r#"{"sub":"a"}"#.to_owned()),
        _ => (r#"{"alg":"HS256"}"#.to_owned(), text),
    };
    let secret = URL_SAFE_NO_PAD.decode_to_vec(vector["key"]["k"].as_str().unwrap()).unwrap();
    let token = sealed(&secret, &segment(header.as_bytes()), &segment(payload.as_bytes()));
    assert!(token.len() <= limits::TOKEN_LENGTH_CAP);
    token
}
