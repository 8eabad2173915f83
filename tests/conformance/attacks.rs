//! The shared list of attacks, judged by the code of the `verdicts` program.

use std::{collections::BTreeMap, fs};

use base64_simd::URL_SAFE_NO_PAD;
use session_tests::{
    needs::{root, vectors},
    require,
    verdicts::{Case, Judgement, Policy, Summary, Verdict, disagrees, judge, judge_line, segment},
};

use crate::keys::sealed;

/// The only open cases that are not judged as the list recommends, with the verdicts: the table of docs/verdicts.md.
fn deviations() -> BTreeMap<String, [String; 2]> {
    let text = fs::read_to_string(root().join("docs/verdicts.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        let [id, recommended, ours, reason] = cells[..] else { panic!("four cells in {row}") };
        assert!(!reason.is_empty(), "a reason for {id}");
        (id.trim_end_matches('`').to_owned(), [recommended.to_owned(), ours.to_owned()])
    })
    .collect()
}

fn list() -> Result<Vec<(Case, Judgement)>, session_tests::needs::Missing> {
    let text = fs::read_to_string(vectors("attacks.jsonl")?).unwrap();
    let judged = text.lines().map(|line| {
        let (case, judgement) = judge_line(line);
        (case.unwrap_or_else(|| panic!("{}: {}", judgement.id, judgement.reason)), judgement)
    });
    Ok(judged.collect())
}

/// Every disagreement that the table does not list, and every row of the table that is none.
fn faults(judged: &[(Case, Judgement)]) -> Vec<String> {
    let mut listed = deviations();
    let mut faults = Vec::new();
    for (case, judgement) in judged.iter().filter(|(case, judgement)| disagrees(case, judgement)) {
        let open = case.expected.as_deref() == Some("policy");
        let found = [case.wanted().unwrap_or("nothing").to_owned(), judgement.verdict.name().to_owned()];
        if !open || listed.remove(&case.name()) != Some(found) {
            faults.push(format!(
                "attacks::{}: {} and not {:?}: {}",
                case.name(),
                judgement.verdict.name(),
                case.wanted(),
                judgement.reason
            ));
        }
    }
    faults.extend(listed.into_keys().map(|id| format!("docs/verdicts.md: `{id}` is no deviation")));
    faults
}

#[test]
fn every_attack_is_judged_as_the_list_wants() {
    let judged = require!(list());
    let faults = faults(&judged);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));

    let mut summary = Summary::default();
    judged.iter().for_each(|(case, judgement)| summary.add(Some(case), judgement));
    let count = |format, expected, verdict| summary.count(format, expected, verdict);
    // What is judged must not shrink in silence; it grows with every algorithm.
    for (format, invalid, valid) in [("jwt", 343, 23), ("jwt-jwks", 9, 0), ("jwt-typed", 17, 2), ("paseto", 172, 16), ("paserk", 78, 4)] {
        assert!(count(format, "invalid", Verdict::Invalid) >= invalid, "{format}:\n{summary}");
        assert!(count(format, "valid", Verdict::Valid) >= valid, "{format}:\n{summary}");
    }
    for (case, judgement) in judged.iter().filter(|(_, judgement)| judgement.verdict == Verdict::Valid) {
        let readable = case.format.starts_with("jwt") || case.verify_as.as_deref().is_some_and(|format| format.ends_with(".public"));
        assert_eq!(judgement.claims.is_some(), readable, "{}", case.name());
    }
}

/// Sabotage: the check above can fail.
#[test]
fn a_wrong_expectation_is_found() {
    let judged = require!(list());
    for (id, wrong) in [("control.hs256", "invalid"), ("alg-none.none.empty-sig", "valid")] {
        let mut judged = judged.clone();
        let (case, _) = judged.iter_mut().find(|(case, _)| case.name() == id).unwrap();
        case.expected = Some(wrong.to_owned());
        let faults = faults(&judged);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with(&format!("attacks::{id}: ")), "{faults:?}");
    }
}

/// Sabotage: the verdicts come from the policy of the case.
#[test]
fn another_policy_is_another_verdict() {
    let judged = require!(list());
    let (fresh, judgement) = judged.iter().find(|(case, _)| case.name() == "time.exp.now-plus-1").unwrap();
    assert_eq!(judgement.verdict, Verdict::Valid);
    let with = |change: fn(&mut Case)| {
        let mut changed = fresh.clone();
        change(&mut changed);
        judge(&changed).verdict
    };
    assert_eq!(with(|case| case.policy.now += 1), Verdict::Invalid);
    assert_eq!(with(|case| (case.policy.now, case.policy.leeway) = (case.policy.now + 1, 1)), Verdict::Valid);
    assert_eq!(with(|case| case.policy.iss = Some("https://other.example".to_owned())), Verdict::Invalid);
    assert_eq!(with(|case| case.policy.aud = Some("https://other.example".into())), Verdict::Invalid);
    assert_eq!(with(|case| case.policy.typ = Some("at+jwt".to_owned())), Verdict::Invalid);
    for claim in ["sub", "iat", "nbf"] {
        assert_eq!(judge(&Case { policy: require(claim, fresh), ..fresh.clone() }).verdict, Verdict::Valid, "{claim}");
    }
    assert_eq!(judge(&Case { policy: require("jti", fresh), ..fresh.clone() }).verdict, Verdict::Invalid);
    assert_eq!(judge(&Case { policy: require("nickname", fresh), ..fresh.clone() }).verdict, Verdict::Unsupported);
}

/// The list has no good token for a key set, so that refusing every set would pass it.
#[test]
fn a_set_accepts_the_key_that_is_named() {
    let judged = require!(list());
    let (case, _) = judged.iter().find(|(case, _)| case.name() == "kid.ring-unknown").unwrap();
    let keys = case.jwks.as_ref().unwrap()["keys"].as_array().unwrap();
    let secret = |index: usize| URL_SAFE_NO_PAD.decode_to_vec(keys[index]["k"].as_str().unwrap()).unwrap();
    let text = case.token.as_deref().unwrap();
    let payload = text.split('.').nth(1).unwrap();
    let judged = |kid: &str, secret: &[u8]| {
        let header = segment(serde_json::json!({ "alg": "HS256", "kid": kid }).to_string().as_bytes());
        judge(&Case { token: Some(sealed(secret, &header, payload)), ..case.clone() }).verdict
    };
    assert_eq!(judged("k1", &secret(0)), Verdict::Valid);
    assert_eq!(judged("k2", &secret(1)), Verdict::Valid);
    assert_eq!(judged("k1", &secret(1)), Verdict::Invalid);
    assert_eq!(judged("r1", &secret(0)), Verdict::Invalid);
}

fn require(claim: &str, case: &Case) -> Policy {
    let mut policy = case.policy.clone();
    policy.require.push(claim.to_owned());
    policy
}

#[test]
fn a_line_that_is_no_case_is_told_and_not_judged() {
    for (line, id) in
        [("", "null"), ("[]", "null"), (r#"{"id":"a"}"#, r#""a""#), (r#"{"id":"a","format":7}"#, r#""a""#), ("\u{fffd}", "null")]
    {
        let (case, judgement) = judge_line(line);
        assert!(case.is_none(), "{line}");
        assert_eq!((judgement.id.to_string().as_str(), judgement.verdict), (id, Verdict::Unsupported), "{line}");
    }
    let (_, judgement) = judge_line(r#"{"id":"a","format":"jwe"}"#);
    assert_eq!((judgement.verdict, judgement.reason.as_str()), (Verdict::Unsupported, "the format jwe"));
}
