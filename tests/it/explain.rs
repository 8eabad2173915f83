//! What support staff is told: every finding at one check, in the words of `verify`, and nothing of an unchecked token.

use serde_json::{Map, Value, json};
use session_runtime::{
    Claims, Issuer, Revocations, Verifier,
    explain::{
        Check::{self, *},
        Explanation, Finding,
    },
    jwt::{Hs256, Jwt},
    revocation::MemoryRevocations,
};

use crate::support::{Fixed, ISSUER, after, changed, good, in_every_format, is_paseto, noon, own_ring, ring, token};

#[derive(Claims, Debug)]
#[claims(issuer = ISSUER, audience = "orders", ttl = "15m", leeway = "0s", token_type = "at+jwt", deny_unknown, check = "whole")]
#[allow(dead_code, reason = "only its verdicts are read")]
struct Strict {
    #[claim(sub)]
    user: String,
    org: String,
    #[claim(check = "few")]
    roles: Vec<String>,
    note: Option<u8>,
}

fn few(roles: &[String]) -> bool {
    roles.len() < 3
}

fn whole(claims: &Strict) -> Result<(), &'static str> {
    if claims.user == claims.org { Err("a user is no tenant") } else { Ok(()) }
}

fn failed(explanation: &Explanation) -> Vec<Check> {
    let failed = explanation.steps().iter().filter(|step| matches!(step.finding, Finding::Failed(_)));
    failed.map(|step| step.check).collect()
}

/// Explains a token, and holds that the verdict is the verifier's own.
#[track_caller]
fn explain<F: Fixed>(text: &str) -> Explanation {
    let verifier = Verifier::<Strict>::new(&ring::<F>(&noon())).unwrap();
    let explanation = verifier.verify_explain(text);
    let verdict = verifier.verify_now(text).map(drop);
    assert_eq!(explanation.verdict(), verdict.as_ref().copied(), "{}", F::NAME);
    assert_eq!(failed(&explanation).is_empty(), verdict.is_ok(), "{}\n{explanation}", F::NAME);
    explanation
}

#[test]
fn every_problem_lands_on_one_check() {
    fn check<F: Fixed>() {
        #[track_caller]
        fn of<F: Fixed>(change: impl FnOnce(&mut Map<String, Value>), want: &[Check]) {
            let explanation = explain::<F>(&changed::<F>(change));
            assert_eq!(failed(&explanation), want, "{}\n{explanation}", F::NAME);
        }
        macro_rules! set {
            ($name:literal, $value:expr) => {
                |claims| drop(claims.insert($name.into(), json!($value)))
            };
        }
        of::<F>(|_| (), &[]);
        of::<F>(set!("iss", "https://other.example"), &[Issuer]);
        of::<F>(set!("iss", 1), &[Issuer]);
        of::<F>(|claims| drop(claims.remove("iss")), &[Issuer]);
        of::<F>(set!("aud", "shop"), &[Audience]);
        of::<F>(set!("exp", F::time(noon_())), &[Expiry]);
        of::<F>(set!("exp", Value::Null), &[Expiry]);
        of::<F>(|claims| drop(claims.remove("exp")), &[Expiry]);
        of::<F>(set!("nbf", F::time(after(1))), &[NotBefore]);
        of::<F>(set!("iat", F::time(after(1))), &[IssuedAt]);
        of::<F>(set!("exp", F::time(after(86_401))), &[LongestLife]);
        of::<F>(set!("jti", ""), &[TokenId]);
        of::<F>(set!("gen", "1"), &[LogPosition]);
        of::<F>(set!("sub", 7), &[Claim("sub")]);
        of::<F>(|claims| drop(claims.remove("org")), &[Claim("org")]);
        of::<F>(set!("note", "x"), &[Claim("note")]);
        of::<F>(set!("roles", ["a", "b", "c"]), &[Passes("roles")]);
        of::<F>(set!("org", "ada"), &[Whole]);
        of::<F>(set!("colour", "red"), &[Unknown]);
        let all = |claims: &mut Map<String, Value>| {
            claims.insert("aud".into(), json!("shop"));
            claims.insert("exp".into(), F::time(after(90_000)));
            claims.insert("org".into(), json!(1));
            claims.insert("colour".into(), json!(1));
        };
        of::<F>(all, &[Audience, LongestLife, Claim("org"), Unknown]);
    }
    fn noon_() -> session_runtime::Timestamp {
        after(0)
    }
    in_every_format!(check);
}

/// Checks of the type are told to be passed only when they were run.
#[test]
fn what_was_not_asked_is_not_passed() {
    type F = Jwt<Hs256>;
    let finding = |explanation: &Explanation, check: Check| {
        explanation.steps().iter().find(|step| step.check == check).map(|step| step.finding.clone()).unwrap()
    };
    let missing = explain::<F>(&changed::<F>(|claims| drop(claims.remove("org"))));
    assert_eq!((finding(&missing, Passes("roles")), finding(&missing, Whole)), (Finding::NotReached, Finding::NotReached));
    // An optional claim of a wrong type does not keep the struct from being made.
    let optional = explain::<F>(&changed::<F>(|claims| drop(claims.insert("note".into(), json!("x")))));
    assert_eq!((finding(&optional, Passes("roles")), finding(&optional, Whole)), (Finding::Passed, Finding::Passed));
}

#[test]
fn what_is_wrong_before_the_claims_ends_the_list() {
    fn check<F: Fixed>() {
        let good_one = changed::<F>(|_| ());
        let cases = [
            (good_one.repeat(200), Shape),
            ("a.b".to_owned(), Shape),
            (F::forge(&F::head().replace("k1", "k2"), b"{}"), Key),
            (F::forge(&F::head(), b"[]"), Payload),
            (F::forge(&F::head(), br#"{"a":1,"a":2}"#), Payload),
            (broken_seal(&good_one), Seal),
        ];
        for (text, want) in cases {
            let explanation = explain::<F>(&text);
            assert_eq!(failed(&explanation), [want], "{}\n{explanation}", F::NAME);
            let at = explanation.steps().iter().position(|step| step.check == want).unwrap();
            let (before, after) = explanation.steps().split_at(at);
            assert!(before.iter().all(|step| step.finding == Finding::Passed), "{}\n{explanation}", F::NAME);
            assert!(after[1..].iter().all(|step| step.finding == Finding::NotReached), "{}\n{explanation}", F::NAME);
        }
        if !is_paseto::<F>() {
            let other = F::head().replace(F::NAME, "none");
            assert_eq!(failed(&explain::<F>(&F::forge(&other, b"{}"))), [Algorithm], "{}", F::NAME);
            let critical = F::head().replace('}', r#","crit":["b64"]}"#);
            assert_eq!(failed(&explain::<F>(&F::forge(&critical, b"{}"))), [Header], "{}", F::NAME);
            let another = F::head().replace("at+jwt", "rt+jwt");
            let claims = Value::Object(good::<F>()).to_string();
            assert_eq!(failed(&explain::<F>(&F::forge(&another, claims.as_bytes()))), [TokenType], "{}", F::NAME);
        }
    }
    /// The same token with another byte inside of its seal, of which every format has one there.
    fn broken_seal(token: &str) -> String {
        let footer = if token.starts_with('v') { token.rfind('.').unwrap() } else { token.len() };
        let at = footer - 10;
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    }
    in_every_format!(check);
}

#[tokio::test]
async fn a_compromised_key_is_no_entry_of_the_log() {
    let clock = noon();
    let keys = own_ring::<Jwt<Hs256>>(&clock);
    let log = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock.clone()).await.unwrap();
    let verifier = Verifier::<crate::support::Access>::new(&keys).unwrap().with_revocations(&log).await.unwrap();
    let issuer = Issuer::<crate::support::Access, _>::new(&keys).unwrap().with_revocations(&log).await.unwrap();
    let issued = issuer.issue(&crate::support::ada()).unwrap();
    assert_eq!(verifier.verify_explain(&issued.token).verdict(), Ok(()));
    assert_eq!(failed(&verifier.verify_explain(&token(&keys))), [LogPosition]);

    log.revoke_all().await.unwrap();
    assert_eq!(failed(&verifier.verify_explain(&issued.token)), [Revocation]);
    assert_eq!(verifier.explain_at(&issued.token, after(0)).verdict(), Ok(()));

    keys.compromise(issued.key_id.as_ref().unwrap()).await.unwrap();
    assert_eq!(failed(&verifier.verify_explain(&issued.token)), [Key]);
}

/// A table without a word of a token that nobody sealed.
#[test]
fn the_table_shows_nothing_of_a_forged_token() {
    type F = Jwt<Hs256>;
    let forged = format!("{}x", changed::<F>(|claims| drop(claims.insert("org".into(), json!("marked")))));
    let table = explain::<F>(&forged).to_string();
    assert!(!table.contains("marked") && !table.contains("k1"), "{table}");
    let late = explain::<F>(&changed::<F>(|claims| drop(claims.insert("exp".into(), F::time(after(0)))))).to_string();
    assert!(late.contains("FAILED       expiry (`exp`)"), "{late}");
    assert!(late.contains("RFC 7519 §4.1.4: expired at 2030-01-01T12:00:00Z"), "{late}");
}
