//! What a policy is made of, how long its tokens live, and what it stamps.

use serde_json::{Value, json};

use super::*;
use crate::claims::{Spec, TimeEncoding};

const NOW: i64 = 1_700_000_000;
const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);
const SCHEMA: Schema = Schema::new("at+jwt").issuer("https://id.example").audience(&["orders"]).ttl(MINUTE);

#[track_caller]
fn refused(schema: &Schema, overrides: Overrides, want: &str) {
    assert_eq!(Policy::new(schema, overrides).unwrap_err().to_string(), want);
}

#[test]
fn what_a_builder_sets_stays_within_bounds() {
    let policy = |overrides| Policy::new(&SCHEMA, overrides);
    assert!(policy(Overrides { leeway: Some(Duration::from_secs(300)), ..Overrides::default() }).is_ok());
    let too_patient = Overrides { leeway: Some(Duration::from_secs(301)), ..Overrides::default() };
    refused(&SCHEMA, too_patient, "leeway of 301s is out of bounds: at most 300 s");
    assert!(policy(Overrides { max_ttl: Some(MINUTE), ..Overrides::default() }).is_ok());
    let too_short = Overrides { max_ttl: Some(Duration::from_secs(59)), ..Overrides::default() };
    refused(&SCHEMA, too_short, "max_ttl of 59s is out of bounds: at least the type's own ttl");
    let nobody = Overrides { audience: Some(Some(Vec::new())), ..Overrides::default() };
    refused(&SCHEMA, nobody, "no audience: write `audience = \"…\"` or `no_audience` on the claims type, or set it on the builder");
    let json = |depth, members, string| Overrides { json: Some(JsonLimits { depth, members, string }), ..Overrides::default() };
    assert!(policy(json(2, 1, 1)).is_ok());
    assert!(policy(json(64, 1024, limits::TOKEN_LENGTH_CAP)).is_ok());
    refused(&SCHEMA, json(1, 9, 9), "a JSON limit `depth` of 1 is out of bounds: 2 to 64");
    refused(&SCHEMA, json(9, 0, 9), "a JSON limit `members` of 0 is out of bounds: 1 to 1024");
    refused(&SCHEMA, json(9, 9, limits::TOKEN_LENGTH_CAP + 1), "a JSON limit `string` of 65537 is out of bounds: 1 to 65536");
}

#[test]
fn the_longest_life_that_is_issued() {
    let longest = |schema: &Schema| Policy::new(schema, Overrides::default()).unwrap().longest_issued(schema);
    const EXPIRES: &[Spec] = &[Spec::role(Role::Expires)];
    const NO_LIFE: Schema = Schema::untyped().no_issuer().no_audience().never_expires();
    // An `exp` of the caller's own may be as far away as `max_ttl`.
    assert_eq!(longest(&SCHEMA), MINUTE);
    assert_eq!(longest(&SCHEMA.claims(EXPIRES)), DAY);
    assert_eq!(longest(&SCHEMA.max_ttl(DAY * 2)), DAY * 2);
    assert_eq!(longest(&NO_LIFE), Duration::ZERO);
    assert_eq!(longest(&NO_LIFE.claims(EXPIRES)), DAY);
    assert_eq!(longest(&NO_LIFE.max_ttl(DAY * 2)), Duration::ZERO);
}

#[test]
fn how_long_revocations_are_remembered() {
    let horizon = |schema: &Schema, max_ttl| Policy::new(schema, Overrides { max_ttl, ..Overrides::default() }).unwrap().horizon();
    assert_eq!(horizon(&SCHEMA, None), Some(DAY));
    assert_eq!(horizon(&SCHEMA, Some(MINUTE)), Some(MINUTE));
    // For ever: no life to wait for, or none that is bounded.
    assert_eq!(horizon(&SCHEMA, Some(Duration::MAX)), None);
    assert_eq!(horizon(&SCHEMA.never_expires(), None), None);
}

/// What is issued for these claims of a caller's own.
fn stamp(schema: &Schema, own: impl FnOnce(&mut Writer<'_>), generation: Option<u64>) -> Result<(Value, Stamped), String> {
    let policy = Policy::new(schema, Overrides::default()).unwrap();
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, schema, TimeEncoding::NumericDate, JsonLimits::DEFAULT);
    own(&mut writer);
    let fresh = TokenId::from_random([7; 16]);
    let stamped = policy.stamp(&mut writer, Timestamp::from_unix(NOW), fresh, generation).map_err(|error| error.to_string())?;
    writer.finish().unwrap();
    Ok((serde_json::from_slice(&out).unwrap(), stamped))
}

#[test]
fn what_is_left_open_is_stamped() {
    let (claims, stamped) = stamp(&SCHEMA, |_| (), Some(9)).unwrap();
    let id = stamped.id.as_str();
    let want = json!({ "iss": "https://id.example", "aud": "orders", "iat": NOW, "exp": NOW + 60, "jti": id, "gen": 9 });
    assert_eq!(claims, want);
    assert_eq!((stamped.issued_at.as_unix(), stamped.expires_at.map(Timestamp::as_unix)), (NOW, Some(NOW + 60)));
    let (claims, stamped) = stamp(&Schema::untyped().no_issuer().no_audience().never_expires(), |_| (), None).unwrap();
    assert_eq!(claims, json!({ "iat": NOW, "jti": stamped.id.as_str() }));
    assert_eq!(stamped.expires_at, None);
}

#[test]
fn what_the_caller_wrote_stays_and_is_judged() {
    let at = |seconds| Some(Some(Timestamp::from_unix(seconds)));
    let own = |out: &mut Writer<'_>| {
        out.text(Role::Issuer, "https://id.example").unwrap();
        out.audience(Some("orders".into())).unwrap();
        out.time(Role::IssuedAt, at(NOW - 5)).unwrap();
        out.time(Role::Expires, at(NOW + 7)).unwrap();
        out.text(Role::TokenId, "mine").unwrap();
    };
    let (claims, stamped) = stamp(&SCHEMA, own, None).unwrap();
    let want = json!({ "iss": "https://id.example", "aud": "orders", "iat": NOW - 5, "exp": NOW + 7, "jti": "mine" });
    assert_eq!((claims, stamped.id.as_str()), (want, "mine"));

    let time = |role, seconds| stamp(&SCHEMA, |out| out.time(role, at(seconds)).unwrap(), None).map(drop);
    let wrong = |text: &str| Err(text.to_owned());
    assert_eq!(time(Role::IssuedAt, NOW), Ok(()));
    assert_eq!(time(Role::IssuedAt, NOW + 1), wrong("claim `iat`: issued in the future, at 2023-11-14T22:13:21Z"));
    assert_eq!(time(Role::Expires, NOW + 1), Ok(()));
    assert_eq!(time(Role::Expires, NOW), wrong("claim `exp`: expired at 2023-11-14T22:13:20Z"));
    assert_eq!(time(Role::Expires, NOW + 86_400), Ok(()));
    assert_eq!(time(Role::Expires, NOW + 86_401), wrong("claim `exp`: lives longer than 86400s"));
    // `exp` is a minute from now.
    assert_eq!(time(Role::NotBefore, NOW + 59), Ok(()));
    assert_eq!(time(Role::NotBefore, NOW + 60), wrong("claim `nbf`: not before 2023-11-14T22:14:20Z"));

    let text = |schema: &Schema, issuer| stamp(schema, |out| out.text(Role::Issuer, issuer).unwrap(), None).map(drop);
    assert_eq!(text(&SCHEMA, "https://id.example/"), wrong("claim `iss`: not the expected issuer"));
    assert_eq!(text(&SCHEMA.no_issuer(), "https://id.example"), wrong("claim `iss`: unexpected"));
    let audience = |schema: &Schema, name: &str| stamp(schema, |out| out.audience(Some(name.into())).unwrap(), None).map(drop);
    assert_eq!(audience(&SCHEMA, "order"), wrong("claim `aud`: not meant for this audience"));
    assert_eq!(audience(&SCHEMA.no_audience(), "orders"), wrong("claim `aud`: unexpected"));
    assert_eq!(text(&SCHEMA.no_issuer().allow(&[Tolerated::Issuer]), "https://id.example"), Ok(()));
    assert_eq!(audience(&SCHEMA.no_audience().allow(&[Tolerated::Audience]), "orders"), Ok(()));
    let expiry_missing = Schema::untyped().no_issuer().no_audience();
    assert_eq!(stamp(&expiry_missing, |_| (), None).map(drop), wrong("claim `exp`: missing"));
}

#[test]
fn what_can_be_revoked_has_to_be_named() {
    let policy = Policy { revocable: true, ..Policy::new(&SCHEMA, Overrides::default()).unwrap() };
    let judge = |change: fn(&mut Registered<'_>), before: &[&'static str]| {
        let mut registered = Registered {
            issuer: Some("https://id.example".into()),
            audience: Some(["orders".into()].into_iter().collect()),
            issued_at: Some(Timestamp::from_unix(NOW)),
            expires_at: Some(Timestamp::from_unix(NOW + 60)),
            token_id: Some("t1".into()),
            generation: Some(0),
            ..Registered::default()
        };
        change(&mut registered);
        let mut errors = ClaimErrors::default();
        before.iter().for_each(|claim| errors.push(claim, Problem::Mistyped { expected: "a whole number" }));
        policy.judge(&registered, &KeyFacts { issuers: policy.issuer.as_slice(), window: None }, Timestamp::from_unix(NOW), &mut errors);
        errors.to_string()
    };
    assert_eq!(judge(|_| (), &[]), "");
    assert_eq!(judge(|claims| claims.token_id = None, &[]), "claim `jti`: missing");
    assert_eq!(judge(|claims| claims.generation = None, &[]), "claim `gen`: missing");
    // What was malformed is not missing as well.
    assert_eq!(judge(|claims| claims.generation = None, &["gen"]), "claim `gen`: not a whole number");
}
