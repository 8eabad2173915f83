//! The table of claim rules, edge by edge.

use serde_json::{Value, json};

use super::*;
use crate::{
    claims::{
        Claims, ClaimsType, Raw, Spec, TimeEncoding,
        json::NotStrict,
        reader::{self, Reading, Registered},
    },
    error::IssueError,
};

/// A claims type without fields, so that only the policy speaks.
struct Nothing;

impl ClaimsType for Nothing {
    const SCHEMA: &'static Schema = &SCHEMA;
    type At<'de> = Self;
    type Context = ();
    type Exposure = crate::claims::Open;
    type Formats = crate::claims::AnyFormat;
}

impl Claims<'_> for Nothing {
    type Slots = ();
    fn slots() {}
    fn read((): &mut (), _: Raw<'_>) -> Option<()> {
        Some(())
    }
    fn build((): (), _: &mut ClaimErrors) -> Option<Self> {
        Some(Self)
    }
    fn write(&self, _: &mut Writer<'_>) -> Result<(), IssueError> {
        Ok(())
    }
}

const NOW: i64 = 1_700_000_000;
const SCHEMA: Schema = Schema::new("at+jwt").issuer("https://id.example").audience(&["orders"]).leeway(Duration::ZERO).claims(&[]);

fn good() -> Value {
    json!({ "iss": "https://id.example", "aud": "orders", "sub": "user-1", "iat": NOW, "exp": NOW + 900, "jti": "a" })
}

fn with(change: Value) -> Value {
    let mut claims = good();
    for (name, value) in change.as_object().unwrap() {
        match value.as_str() {
            Some("(absent)") => claims.as_object_mut().unwrap().remove(name),
            _ => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn read<'t>(text: &'t str, schema: &Schema, errors: &mut ClaimErrors) -> Result<Registered<'t>, NotStrict> {
    read_as(TimeEncoding::NumericDate, text, schema, errors)
}

fn read_as<'t>(encoding: TimeEncoding, text: &'t str, schema: &Schema, errors: &mut ClaimErrors) -> Result<Registered<'t>, NotStrict> {
    let mut registered = Registered::default();
    let reading = Reading { schema, expected: &[], times: encoding, limits: JsonLimits::DEFAULT };
    reader::read::<Nothing>(text, &reading, &mut registered, &mut (), errors)?;
    Ok(registered)
}

fn judge(schema: &'static Schema, window: Option<Window>, text: &str) -> Result<(), String> {
    let policy = Policy::new(schema, Overrides::default()).unwrap();
    let mut errors = ClaimErrors::default();
    let registered = read(text, schema, &mut errors).map_err(|_| "not strict".to_owned())?;
    let key = KeyFacts { issuers: policy.issuer.as_slice(), window };
    policy.judge(&registered, &key, Timestamp::from_unix(NOW), &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(errors.to_string()) }
}

#[track_caller]
fn check(schema: &'static Schema, claims: Value, want: Result<(), &str>) {
    assert_eq!(judge(schema, None, &claims.to_string()), want.map_err(str::to_owned), "{claims}");
}

#[test]
fn expiry_edge() {
    check(&SCHEMA, with(json!({ "exp": NOW + 1 })), Ok(()));
    check(&SCHEMA, with(json!({ "exp": NOW, "iat": NOW - 5 })), Err("claim `exp`: expired at 2023-11-14T22:13:20Z"));
    const PATIENT: Schema = SCHEMA.leeway(Duration::from_secs(30));
    check(&PATIENT, with(json!({ "exp": NOW - 29, "iat": NOW - 60 })), Ok(()));
    check(&PATIENT, with(json!({ "exp": NOW - 30, "iat": NOW - 60 })), Err("claim `exp`: expired at 2023-11-14T22:12:50Z"));
}

#[test]
fn not_before_and_issued_at_edges() {
    check(&SCHEMA, with(json!({ "nbf": NOW })), Ok(()));
    check(&SCHEMA, with(json!({ "nbf": NOW + 1 })), Err("claim `nbf`: not before 2023-11-14T22:13:21Z"));
    check(&SCHEMA, with(json!({ "nbf": NOW as f64 + 0.5 })), Err("claim `nbf`: not before 2023-11-14T22:13:21Z"));
    check(&SCHEMA, with(json!({ "iat": NOW + 1 })), Err("claim `iat`: issued in the future, at 2023-11-14T22:13:21Z"));
}

#[test]
fn declared_means_required_and_malformed_is_not_absent() {
    for name in ["iss", "aud", "exp", "iat"] {
        check(&SCHEMA, with(json!({ name: "(absent)" })), Err(&format!("claim `{name}`: missing")));
    }
    for name in ["iss", "aud", "exp", "iat", "nbf", "sub", "jti"] {
        for wrong in [json!(null), json!(true), json!({}), json!([["a"]]), json!([1]), json!(-1)] {
            let got = judge(&SCHEMA, None, &with(json!({ name: wrong })).to_string()).unwrap_err();
            assert!(got.starts_with(&format!("claim `{name}`: not a")) && !got.contains("missing"), "{name} as {wrong}: {got}");
        }
    }
}

#[test]
fn issuer_and_audience_are_exact() {
    for wrong in ["https://id.example/", "https://id.exampl", "", "HTTPS://id.example"] {
        check(&SCHEMA, with(json!({ "iss": wrong })), Err("claim `iss`: not the expected issuer"));
    }
    check(&SCHEMA, with(json!({ "aud": ["billing", "orders"] })), Ok(()));
    check(&SCHEMA, with(json!({ "aud": ["billing"] })), Err("claim `aud`: not meant for this audience"));
    check(&SCHEMA, with(json!({ "aud": [] })), Err("claim `aud`: missing"));
    const NOBODY: Schema = Schema::new("t").no_issuer().no_audience();
    check(&NOBODY, good(), Err("claim `iss`: unexpected; claim `aud`: unexpected"));
    check(&NOBODY, with(json!({ "iss": "(absent)", "aud": "(absent)" })), Ok(()));
    const ANY_ISSUER: Schema = NOBODY.allow(&[Tolerated::Issuer]);
    check(&ANY_ISSUER, good(), Err("claim `aud`: unexpected"));
    const ANY_AUDIENCE: Schema = NOBODY.allow(&[Tolerated::Audience]);
    check(&ANY_AUDIENCE, good(), Err("claim `iss`: unexpected"));
}

#[test]
fn a_paseto_has_one_audience() {
    let read = |aud: Value| {
        let mut errors = ClaimErrors::default();
        let text = json!({ "aud": aud }).to_string();
        let registered = read_as(TimeEncoding::Rfc3339, &text, &SCHEMA, &mut errors).unwrap();
        if errors.is_empty() { Ok(registered.audience.unwrap().concat()) } else { Err(errors.to_string()) }
    };
    assert_eq!(read(json!("orders")), Ok("orders".to_owned()));
    for wrong in [json!(["orders"]), json!([]), json!(null)] {
        assert_eq!(read(wrong), Err("claim `aud`: not a string".to_owned()));
    }
    let stamp = |encoding, names: &[&str]| {
        let mut out = Vec::new();
        Writer::new(&mut out, &SCHEMA, encoding, JsonLimits::DEFAULT).stamp_audience(names).map_err(|error| error.to_string())
    };
    const REFUSED: &str = "claim `aud`: not one audience, which is all that a PASETO has room for";
    assert_eq!(stamp(TimeEncoding::Rfc3339, &["orders"]), Ok(()));
    assert_eq!(stamp(TimeEncoding::Rfc3339, &["orders", "billing"]), Err(REFUSED.to_owned()));
    assert_eq!(stamp(TimeEncoding::NumericDate, &["orders", "billing"]), Ok(()));
}

#[test]
fn lives_are_bounded() {
    check(&SCHEMA, with(json!({ "exp": NOW + 86_400 })), Ok(()));
    check(&SCHEMA, with(json!({ "exp": NOW + 86_401 })), Err("claim `exp`: lives longer than 86400s"));
    const FOREIGN: Schema = SCHEMA.no_issued_at();
    check(&FOREIGN, with(json!({ "iat": "(absent)", "exp": NOW + 86_401 })), Err("claim `exp`: lives longer than 86400s"));
    const FOREVER: Schema = SCHEMA.never_expires();
    check(&FOREVER, with(json!({ "exp": "(absent)" })), Ok(()));
    check(&FOREVER, with(json!({ "exp": NOW, "iat": NOW - 1 })), Err("claim `exp`: expired at 2023-11-14T22:13:20Z"));
}

#[test]
fn a_key_only_speaks_for_its_own_time() {
    let window =
        Window { from: Timestamp::from_unix(NOW - 10), until: Some(Timestamp::from_unix(NOW - 5)), max_ttl: Duration::from_secs(900) };
    let judge = |iat, exp| judge(&SCHEMA, Some(window), &with(json!({ "iat": iat, "exp": exp })).to_string());
    assert_eq!(judge(NOW - 10, NOW + 800), Ok(()));
    assert_eq!(judge(NOW - 5, NOW + 800), Ok(()));
    assert_eq!(judge(NOW - 11, NOW + 800), Err("claim `iat`: issued when its key did not sign".to_owned()));
    assert_eq!(judge(NOW - 4, NOW + 800), Err("claim `iat`: issued when its key did not sign".to_owned()));
    assert_eq!(judge(NOW - 5, NOW + 896), Err("claim `exp`: lives longer than 900s".to_owned()));
}

#[test]
fn every_failure_is_reported_at_once() {
    check(
        &SCHEMA,
        with(json!({ "iss": "x", "aud": 7, "exp": NOW - 1 , "iat": NOW - 2, "nbf": NOW + 9 })),
        Err("claim `aud`: not a string or an array of strings; claim `iss`: not the expected issuer; claim `exp`: expired at \
             2023-11-14T22:13:19Z; claim `nbf`: not before 2023-11-14T22:13:29Z"),
    );
}

#[test]
fn names_are_there_once_and_unknown_ones_may_be_denied() {
    let twice = |name: &str, value: &str| good().to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
    assert_eq!(
        judge(&SCHEMA, None, &twice("exp", "1")),
        Err("claim `exp`: there twice; claim `exp`: expired at 1970-01-01T00:00:01Z".to_owned())
    );
    assert_eq!(judge(&SCHEMA, None, &twice("other", r#"1,"oth\u0065r":2"#)), Err("not strict".to_owned()));
    const STRICT: Schema = SCHEMA.deny_unknown().claims(&[Spec::role(Role::Subject)]);
    check(&STRICT, good(), Ok(()));
    check(&STRICT, with(json!({ "gen": 3 })), Ok(()));
    check(&STRICT, with(json!({ "x": 1, "y": 2 })), Err("claim `(other)`: unexpected"));
}

/// Every wrong shape of every time claim, at every leeway and every edge of the clock: no panic, no wrong verdict.
#[test]
fn time_claims_exhaustively() {
    let shapes: [(&str, Option<Option<i64>>); 17] = [
        ("(absent)", Some(None)),
        ("null", None),
        ("\"1700000000\"", None),
        ("true", None),
        ("[]", None),
        ("-1", None),
        ("0", Some(Some(0))),
        ("1699999999", Some(Some(NOW - 1))),
        ("1700000000", Some(Some(NOW))),
        ("1700000001", Some(Some(NOW + 1))),
        ("9007199254740991", Some(Some((1 << 53) - 1))),
        ("9007199254740993", None),
        ("18446744073709551615", None),
        ("1e400", None),
        ("1e308", None),
        ("1.0", Some(Some(1))),
        ("\"NaN\"", None),
    ];
    let mut cases = 0;
    for leeway in [0, 60, 300] {
        for now in [0, NOW, i64::MAX - 1] {
            for (exp_text, exp) in &shapes {
                for (nbf_text, nbf) in &shapes {
                    for (iat_text, iat) in &shapes {
                        let mut members = vec![r#""iss":"https://id.example","aud":"orders""#.to_owned()];
                        for (name, text) in [("exp", exp_text), ("nbf", nbf_text), ("iat", iat_text)] {
                            if *text != "(absent)" {
                                members.push(format!("\"{name}\":{text}"));
                            }
                        }
                        let mut policy = Policy::new(&SCHEMA, Overrides::default()).unwrap();
                        policy.leeway = Duration::from_secs(leeway);
                        policy.max_ttl = Duration::MAX;
                        let mut errors = ClaimErrors::default();
                        let text = format!("{{{}}}", members.join(","));
                        let registered = read(&text, &SCHEMA, &mut errors).unwrap();
                        let key = KeyFacts { issuers: policy.issuer.as_slice(), window: None };
                        policy.judge(&registered, &key, Timestamp::from_unix(now), &mut errors);

                        let (now, leeway) = (i128::from(now), i128::from(leeway));
                        let alive = matches!(exp, Some(Some(exp)) if now < (i128::from(*exp) + leeway));
                        let begun = matches!(nbf, Some(nbf) if nbf.is_none_or(|nbf| now + leeway >= i128::from(nbf)));
                        let past = matches!(iat, Some(Some(iat)) if now + leeway >= i128::from(*iat));
                        assert_eq!(errors.is_empty(), alive && begun && past, "{text} at {now} with leeway {leeway}: {errors}");
                        cases += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cases, 9 * 17 * 17 * 17);
}
