//! Claims of the wrong type, the wrong issuer, and dates that are built to hurt.

use std::time::Duration;

use serde_json::{Map, Value, json};
use session_runtime::{
    Claims, Verifier,
    error::{Problem, VerifyError},
};

use super::open;
use crate::support::{
    Access, Fixed, ISSUER, NOON, after, changed, good, in_every_format, in_every_short_format, is_paseto, noon, ring, token, verdict,
};

/// What stands under one claim of an otherwise good token.
fn problem<F: Fixed>(claim: &str, value: &Value) -> Option<Problem> {
    let token = changed::<F>(|claims| drop(claims.insert(claim.into(), value.clone())));
    match open::<F>(&token) {
        Ok(()) => None,
        Err(VerifyError::Claims(errors)) => {
            // With another `iat` the same `exp` is another life.
            let others = errors.iter().filter(|error| error.claim != claim).all(|error| (claim, error.claim) == ("iat", "exp"));
            assert!(others, "{} {claim} {value}: {errors}", F::NAME);
            errors.find(claim).cloned()
        }
        Err(other) => panic!("{} {claim} {value}: {other}", F::NAME),
    }
}

/// Values of every type and of every odd size.
fn values() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(-0.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("0"),
        json!("1893500100"),
        json!("1893500100.0"),
        json!([]),
        json!([""]),
        json!([1]),
        json!(["orders", 1]),
        json!([null]),
        json!([["orders"]]),
        json!({}),
        json!({ "orders": true }),
        json!([ISSUER]),
        json!({ "iss": ISSUER }),
    ];
    values.extend([NOON.as_unix() + 60, 1 << 53, (1 << 53) + 1].map(Value::from));
    values.push(after(60).to_string().into());
    values.push(json!("2030-01-01 12:01:00Z"));
    values.push(json!("Tue, 01 Jan 2030 12:01:00 GMT"));
    values
}

/// H-20: a claim of the wrong type was taken for one that is not there, and what is not there is not checked.
///
/// CVE-2026-25537, CVE-2020-26160, CVE-2025-30144.
#[test]
fn h20_malformed_is_never_absent() {
    fn check<F: Fixed>() {
        let mistyped = |problem: Option<Problem>| matches!(problem, Some(Problem::Mistyped { .. }));
        for value in values() {
            let problem = |claim| problem::<F>(claim, &value);
            let at = format!("{} {value}", F::NAME);
            let text = value.as_str();
            // One string, and the right one.
            match text {
                Some(_) => assert_eq!(problem("iss"), Some(Problem::WrongIssuer), "{at}"),
                None => assert!(mistyped(problem("iss")), "{at}"),
            }
            for claim in ["sub", "jti"] {
                match text {
                    Some("") | None => assert!(mistyped(problem(claim)), "{claim} {at}"),
                    Some(_) => assert_eq!(problem(claim), None, "{claim} {at}"),
                }
            }
            // One string or, but for PASETO, strings only.
            match value.as_array().map(|members| members.iter().all(Value::is_string)) {
                Some(_) if is_paseto::<F>() => assert!(mistyped(problem("aud")), "{at}"),
                Some(true) if value == json!([]) => assert_eq!(problem("aud"), Some(Problem::Missing), "{at}"),
                Some(true) => assert_eq!(problem("aud"), Some(Problem::WrongAudience), "{at}"),
                None if text.is_some() => assert_eq!(problem("aud"), Some(Problem::WrongAudience), "{at}"),
                _ => assert!(mistyped(problem("aud")), "{at}"),
            }
            for claim in ["exp", "nbf", "iat"] {
                let time = if is_paseto::<F>() {
                    text.filter(|text| text.len() == 20 && text.ends_with('Z') && text.contains('T')).map(|_| 60)
                } else {
                    let seconds = value.as_f64().filter(|seconds| (0.0..=9_007_199_254_740_992.0).contains(seconds));
                    // The one above 2^53 is the same double, and is refused all the same.
                    seconds.filter(|_| value != json!((1_i64 << 53) + 1)).map(|_| 0)
                };
                assert_eq!(mistyped(problem(claim)), time.is_none(), "{claim} {at}: {:?}", problem(claim));
            }
        }
    }
    in_every_format!(check);
}

/// H-20: also where no field and no rule of the type asks for the claim.
#[test]
fn h20_malformed_is_refused_where_nobody_needs_the_claim() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, never_expires, no_issued_at, token_type = "at+jwt")]
    struct Nothing {}
    fn check<F: Fixed>() {
        let verifier = Verifier::<Nothing>::new(&ring::<F>(&noon())).unwrap();
        let verdict_of = |claims: Value| verdict(&verifier.verify_now(&F::forge(&F::head(), claims.to_string().as_bytes())));
        assert_eq!(verdict_of(json!({})), "good", "{}", F::NAME);
        for claim in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
            for value in [json!(null), json!(true), json!({}), json!([1]), json!([[]])] {
                let verdict = verdict_of(json!({ claim: value }));
                assert!(verdict.starts_with(&format!("claim `{claim}`: not ")), "{} {claim} {value}: {verdict}", F::NAME);
                assert!(!verdict.contains("missing"), "{verdict}");
            }
        }
        for value in [json!(null), json!("1"), json!([1]), json!(-1)] {
            assert_eq!(verdict_of(json!({ "gen": value })), "claim `gen`: not a whole number", "{} {value}", F::NAME);
        }
    }
    in_every_format!(check);
}

/// H-20: a claim that is there twice, of which readers take the first or the last.
#[test]
fn h20_a_claim_is_there_once() {
    fn check<F: Fixed>() {
        let good = Value::Object(good::<F>()).to_string();
        for (name, value) in good_members::<F>() {
            let value = value.to_string();
            for (spelling, other) in [(name.clone(), value.clone()), (name.clone(), "null".to_owned()), (escaped(&name), value)] {
                for doubled in [good.replacen('{', &format!(r#"{{"{spelling}":{other},"#), 1), {
                    let body = &good[..good.len() - 1];
                    format!(r#"{body},"{spelling}":{other}}}"#)
                }] {
                    let Err(VerifyError::Claims(errors)) = open::<F>(&F::forge(&F::head(), doubled.as_bytes())) else {
                        panic!("{doubled}")
                    };
                    assert!(errors.iter().any(|error| error.claim == name && error.problem == Problem::Duplicate), "{}: {errors}", F::NAME);
                }
            }
        }
    }
    in_every_format!(check);
}

fn good_members<F: Fixed>() -> Map<String, Value> {
    let mut claims = good::<F>();
    claims.remove("gen");
    claims
}

/// The same name with its first letter as an escape.
fn escaped(name: &str) -> String {
    format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..])
}

/// H-21: the issuer was searched for in a text, or compared in part.
///
/// CVE-2024-53861.
#[test]
fn h21_issuer_and_audience_are_compared_byte_for_byte() {
    fn check<F: Fixed>() {
        let mut issuers: Vec<String> = (0..ISSUER.len()).map(|end| ISSUER[..end].to_owned()).collect();
        issuers.extend((1..ISSUER.len()).map(|start| ISSUER[start..].to_owned()));
        issuers.extend(["{}/", "{}\0", " {}", "{} ", "{}.evil.example", "x{}", "{}\n", "{}{}"].map(|form| form.replace("{}", ISSUER)));
        issuers.extend([ISSUER.to_uppercase(), ISSUER.replace("https", "http"), ISSUER.replace("id", "іd"), ISSUER.replace('/', "%2F")]);
        for issuer in issuers {
            assert_eq!(problem::<F>("iss", &json!(issuer)), Some(Problem::WrongIssuer), "{} {issuer:?}", F::NAME);
        }
        assert_eq!(problem::<F>("iss", &json!(ISSUER)), None, "{}", F::NAME);
        for audience in ["order", "rders", "orders ", "ORDERS", "orders,billing", "orders\0", "", "*", "ordersorders", "оrders"] {
            assert_eq!(problem::<F>("aud", &json!(audience)), Some(Problem::WrongAudience), "{} {audience:?}", F::NAME);
            if !is_paseto::<F>() {
                assert_eq!(problem::<F>("aud", &json!(["x", audience])), Some(Problem::WrongAudience), "{} {audience:?}", F::NAME);
            }
        }
        assert_eq!(problem::<F>("aud", &json!("orders")), None, "{}", F::NAME);
        assert_eq!(problem::<F>("aud", &json!(["x", "orders"])).is_none(), !is_paseto::<F>(), "{}", F::NAME);
    }
    in_every_format!(check);
}

/// H-24: a short way to a verifier left the expiry out.
///
/// paragonie/paseto#106.
#[tokio::test]
async fn h24_every_way_to_a_verifier_checks_the_expiry() {
    let revocations = session_runtime::Revocations::open(session_runtime::revocation::MemoryRevocations::new().unwrap()).await.unwrap();
    let clock = noon();
    let ring = ring::<session_runtime::paseto::V4Local>(&clock);
    let issuer = session_runtime::Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let token = issuer.issue(&crate::support::ada()).unwrap().token;
    let new = || Verifier::<Access>::new(&ring).unwrap();
    let ways = [
        new(),
        new().clone(),
        new().with_implicit_assertion(b""),
        new().with_revocations(&revocations).await.unwrap(),
        Verifier::builder().accept(&ring).clock(clock.clone()).build().unwrap(),
        Verifier::builder().accept(&ring.verifying_keys()).build().unwrap(),
    ];
    for (index, verifier) in ways.iter().enumerate() {
        assert_eq!(verdict(&verifier.verify_now(&token)), "good", "way {index}");
    }
    clock.advance(Duration::from_secs(900));
    for (index, verifier) in ways.iter().enumerate() {
        let want = "claim `exp`: expired at 2030-01-01T12:15:00Z";
        assert_eq!(verdict(&verifier.verify_now(&token)), want, "way {index}");
        assert_eq!(verdict(&verifier.verify(&token).await), want, "way {index}");
    }
}

/// H-42, H-43: dates over which parsers fell: cut in the middle of a character, nested without end, out of every range.
///
/// RUSTSEC-2017-0005, RUSTSEC-2020-0075, RUSTSEC-2021-0125, RUSTSEC-2026-0199, RUSTSEC-2026-0009.
#[test]
fn h42_h43_dates_are_read_strictly_and_within_bounds() {
    fn check<F: Fixed>() {
        let odd = [
            "",
            "2",
            "2030",
            "2030-01-01",
            "2030-01-01T12:00:00",
            "2030-01-01T12:00Z",
            "2030-01-01t12:00:00Z",
            "2030-01-01T12:00:00z",
            "2030-01-01 12:00:00Z",
            "2030-1-1T12:00:00Z",
            "+2030-01-01T12:00:00Z",
            "-2030-01-01T12:00:00Z",
            "02030-01-01T12:00:00Z",
            "12030-01-01T12:00:00Z",
            "2030-13-01T12:00:00Z",
            "2030-02-30T12:00:00Z",
            "2030-00-01T12:00:00Z",
            "2030-01-01T24:00:00Z",
            "2030-01-01T12:60:00Z",
            "2030-01-01T12:00:61Z",
            "2030-01-01T12:00:00.Z",
            "2030-01-01T12:00:00,5Z",
            "2030-01-01T12:00:00+24:00",
            "2030-01-01T12:00:00+1:00",
            "2030-01-01T12:00:00+0100",
            "2030-01-01T12:00:00 Z",
            " 2030-01-01T12:00:00Z",
            "2030-01-01T12:00:00Z ",
            "2030-01-01T12:00:00Z\0",
            "2030-01-01T12:00:00ZZ",
            "２０３０-01-01T12:00:00Z",
            "2030-01-01T12:00:0é",
            "20é0-01-01T12:00:00Z",
            "2030-01-01éT12:00:00Z",
            "2030-01-0\u{301}1T12:00:00Z",
            "Tue, 01 Jan 2030 12:00:00 GMT",
            "infinity",
            "1893499260",
            "now",
            "P1D",
        ];
        for text in odd {
            for claim in ["exp", "nbf", "iat"] {
                assert!(matches!(problem::<F>(claim, &json!(text)), Some(Problem::Mistyped { .. })), "{} {claim} {text:?}", F::NAME);
            }
        }
        // Comments of RFC 2822 nest; a fraction has no end.
        for text in ["(".repeat(4_000), format!("2030-01-01T12:00:00.{}Z", "0".repeat(4_000)), "é".repeat(2_000)] {
            assert!(matches!(problem::<F>("exp", &json!(text)), Some(Problem::Mistyped { .. })), "{}", F::NAME);
        }
        if is_paseto::<F>() {
            // The same moment in every way of RFC 3339.
            for text in
                ["2030-01-01T12:01:00Z", "2030-01-01T12:01:00+00:00", "2030-01-01T13:01:00+01:00", "2030-01-01T00:31:00.999999999-11:30"]
            {
                assert_eq!(problem::<F>("exp", &json!(text)), None, "{} {text}", F::NAME);
            }
        }
    }
    in_every_short_format!(check);
}

/// A6: a verdict was remembered, and outlived what it was about.
///
/// mod_oauth2#14, CVE-2026-35039, CVE-2026-33496.
#[test]
fn a6_no_verdict_outlives_its_token() {
    fn check<F: Fixed>() {
        let clock = noon();
        let ring = ring::<F>(&clock);
        let verifier = Verifier::<Access>::new(&ring).unwrap();
        let tokens = [token(&ring), changed::<F>(|claims| drop(claims.insert("sub".into(), json!("bob"))))];
        for _ in 0..3 {
            for (token, user) in tokens.iter().zip(["ada", "bob"]) {
                assert_eq!(verifier.verify_now(token).unwrap().user, user, "{}", F::NAME);
            }
        }
        clock.advance(Duration::from_secs(900));
        for token in &tokens {
            assert_eq!(verdict(&verifier.verify_now(token)), "claim `exp`: expired at 2030-01-01T12:15:00Z", "{}", F::NAME);
        }
    }
    in_every_format!(check);
}
