//! `confidential` claims and what holds them.

use serde_json::json;
use session_runtime::{
    Carries, Claims, Issuer, Verifier,
    claims::{Confidential, Secret},
    paseto::{V3Local, V4Local},
};

use crate::support::{Fixed, NOON, after, noon, ring, verdict};

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Patient {
    #[claim(sub)]
    user: String,
    #[claim(confidential)]
    diagnosis: Option<String>,
    #[claim(confidential, max_len = 9)]
    card: Secret<String>,
    #[claim(confidential, rename = "codes")]
    recovery: Secret<Option<Vec<u8>>>,
    #[claim(confidential, path = "keys.first")]
    key: Secret<[u8; 2]>,
}

fn ada(recovery: Option<Vec<u8>>) -> Patient {
    Patient {
        user: "ada".into(),
        diagnosis: Some("nobody's business".into()),
        card: Secret::new("4111-1111".into()),
        recovery: Secret::new(recovery),
        key: Secret::new([7, 9]),
    }
}

#[test]
fn secrets_go_through_a_token_and_into_no_log() {
    fn check<F: Fixed + Carries<Confidential>>() {
        let ring = ring::<F>(&noon());
        let (issuer, verifier) = (Issuer::<Patient, F>::new(&ring).unwrap(), Verifier::<Patient>::new(&ring).unwrap());
        for recovery in [None, Some(vec![1, 2, 255])] {
            let claims = ada(recovery.clone());
            let token = issuer.issue(&claims).unwrap().token;
            assert_eq!(F::payload(&token).get("codes").cloned(), recovery.map(|codes| json!(codes)), "{}", F::NAME);
            let verified = verifier.verify_now(&token).unwrap().into_claims();
            assert_eq!(verified, claims, "{}", F::NAME);
            assert_eq!((verified.card.expose().as_str(), *verified.key.expose()), ("4111-1111", [7, 9]), "{}", F::NAME);
            let printed = format!("{verified:?}");
            assert!(!printed.contains("4111") && !printed.contains("255") && !printed.contains('7'), "{printed}");
        }
        let long = Patient { card: Secret::new("4111-11111".into()), ..ada(None) };
        assert_eq!(issuer.issue(&long).unwrap_err().to_string(), "claim `card`: longer than 9 bytes", "{}", F::NAME);
        // What is missing or mistyped is told without the value.
        let forged = json!({ "sub": "ada", "card": 4111, "codes": "x", "iat": F::time(NOON), "exp": F::time(after(900)) });
        let answer = verifier.verify_now(&F::forge(&F::head(), forged.to_string().as_bytes()));
        let want = "claim `card`: not what its field holds; claim `codes`: not what its field holds; claim `keys.first`: missing";
        assert_eq!(verdict(&answer), want, "{}", F::NAME);
    }
    check::<V4Local>();
    check::<V3Local>();
}
