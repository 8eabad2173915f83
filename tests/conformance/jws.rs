//! Wycheproof's JWS vectors and those of the RFCs.
//!
//! Most of them seal a payload that is no claims object (`foo`). The public interface has no way to open such a token; that its
//! seal was accepted shows in the refusal, which is then about the payload.

use serde_json::Value;
use session_runtime::error::{KeyError, KeyRule, Malformed, VerifyError};
use session_tests::{
    require,
    verdicts::{Case, Policy, Refused, accept},
};

use crate::tally::{Tally, cases, name};

#[test]
fn wycheproof() {
    let mut tally = Tally::new("wycheproof_jws");
    judge(&require!(cases("wycheproof_jws.json")), &mut tally);
    tally.expect(&[
        ("refused", 193),
        ("key refused", 1),
        ("seal accepted, payload no claims object", 25),
        ("skipped: a secret that is not random; tested beside the primitives", 10),
    ]);
}

#[test]
fn rfc() {
    let mut tally = Tally::new("rfc_jws");
    judge(&require!(cases("rfc_jws.json")), &mut tally);
    tally.expect(&[("accepted", 3), ("refused", 9), ("seal accepted, payload no claims object", 4)]);
}

fn judge(cases: &[Value], tally: &mut Tally) {
    for vector in cases {
        let valid = vector["expected"] == "valid";
        let claims: Option<Value> = vector["payload_b64u"]
            .as_str()
            .filter(|_| valid && vector["payload_is_claims_object"] == true)
            .and_then(|payload| serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload).unwrap()).ok());
        let case = Case {
            format: "jwt".to_owned(),
            alg: vector["alg"].as_str().map(str::to_owned),
            key: Some(vector["key"].clone()),
            token: vector["jws"].as_str().map(str::to_owned),
            // A verifier that expects what the token says: here it is about the seal.
            policy: Policy {
                iss: claims.as_ref().and_then(|claims| claims["iss"].as_str()).map(str::to_owned),
                now: claims.as_ref().and_then(|claims| claims["exp"].as_i64()).unwrap_or(1) - 1,
                ..Policy::default()
            },
            ..Case::default()
        };
        let outcome = accept(&case);
        match outcome {
            Err(Refused::Unsupported(what)) => tally.skip(&what),
            // Wycheproof's base64 vectors have a secret of 32 zeros.
            Err(Refused::Key(KeyError::Refused { rule: KeyRule::NotRandom, .. })) => {
                tally.skip("a secret that is not random; tested beside the primitives")
            }
            Ok(_) if valid && claims.is_some() => tally.good("accepted"),
            Err(Refused::Token(VerifyError::Malformed(Malformed::Payload))) if valid && claims.is_none() => {
                tally.good("seal accepted, payload no claims object");
            }
            Err(Refused::Token(VerifyError::Malformed(Malformed::Payload))) => tally.fault(name(vector), &"the seal was accepted"),
            Err(Refused::Key(_)) if !valid => tally.good("key refused"),
            Err(Refused::Token(_)) if !valid => tally.good("refused"),
            outcome => tally.fault(name(vector), &outcome),
        }
    }
}
