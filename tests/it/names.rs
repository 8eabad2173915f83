//! Every name under which a claim is found: aliases, split names, nested claims. No name is a way past the policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use session_runtime::{
    Claims, Issuer, Verifier,
    claims::{PlainClaims, Text},
    error::VerifyError,
};

use crate::support::{Fixed, NOON, after, in_every_short_format, noon, ring, verdict};

/// What a verifier of `C` says to a token of these members, written as they stand here.
fn read<C: PlainClaims, F: Fixed>(members: &str) -> Result<C, String> {
    let token = forged::<F>(members);
    let answer = Verifier::<C>::new(&ring::<F>(&noon())).unwrap().verify_now(&token);
    let verdict = verdict(&answer);
    answer.map(session_runtime::Verified::into_claims).map_err(|_| verdict)
}

fn forged<F: Fixed>(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    let payload = format!("{{{members}{comma}\"iat\":{},\"exp\":{}}}", F::time(NOON), F::time(after(900)));
    F::forge(&F::head(), payload.as_bytes())
}

/// The claims of a token that is issued at noon, without the stamps.
#[track_caller]
fn written<F: Fixed, C>(claims: &C) -> Value
where
    C: PlainClaims,
    for<'a> C: session_runtime::claims::ClaimsType<At<'a> = C>,
{
    let issued = Issuer::<C, F>::new(&ring(&noon())).unwrap().issue(claims).unwrap();
    let mut payload = F::payload(&issued.token);
    ["iat", "exp", "jti"].iter().for_each(|stamp| assert!(payload.as_object_mut().unwrap().remove(*stamp).is_some()));
    payload
}

#[derive(Claims, Debug, PartialEq, Default)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Renamed {
    #[claim(alias = "tenant")]
    org: Option<String>,
}

#[test]
fn a_claim_is_found_by_every_alias_and_once() {
    fn check<F: Fixed>() {
        let acme = || Renamed { org: Some("acme".into()) };
        assert_eq!(written::<F, _>(&acme()), json!({ "org": "acme" }), "{}", F::NAME);
        for name in ["org", "tenant", "\\u0074enant"] {
            assert_eq!(read::<Renamed, F>(&format!(r#""{name}":"acme""#)), Ok(acme()), "{}: {name}", F::NAME);
            for other in ["org", "tenant", "\\u006frg"] {
                let twice = read::<Renamed, F>(&format!(r#""{name}":"acme","{other}":"acme""#));
                assert_eq!(twice, Err("claim `org`: there twice".into()), "{}: {name} {other}", F::NAME);
            }
        }
        assert_eq!(read::<Renamed, F>(r#""Org":"acme""#), Ok(Renamed::default()), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[derive(Claims, Debug, PartialEq, Default)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", deny_unknown)]
struct Nested {
    #[claim(path = "realm.roles", default)]
    roles: Vec<String>,
    plain: Option<u8>,
    #[claim(path = "realm.limits.seats")]
    seats: Option<u8>,
    #[claim(path("https://id.example/claims", "role"))]
    role: Option<String>,
    #[claim(path = "realm.limits.names")]
    names: Option<BTreeMap<String, u8>>,
}

#[test]
fn nested_claims_stand_in_one_object() {
    fn check<F: Fixed>() {
        let full = Nested {
            roles: vec!["admin".into()],
            plain: Some(1),
            seats: Some(3),
            role: Some("owner".into()),
            names: Some(BTreeMap::from([("a".into(), 1)])),
        };
        let wire = json!({
            "realm": { "roles": ["admin"], "limits": { "seats": 3, "names": { "a": 1 } } },
            "plain": 1, "https://id.example/claims": { "role": "owner" },
        });
        assert_eq!(written::<F, _>(&full), wire, "{}", F::NAME);
        let token = Issuer::<Nested, F>::new(&ring(&noon())).unwrap().issue(&full).unwrap().token;
        assert_eq!(*Verifier::<Nested>::new(&ring::<F>(&noon())).unwrap().verify_now(&token).unwrap(), full, "{}", F::NAME);
        // What has no member is no object.
        let sparse = Nested { roles: vec!["admin".into()], ..Nested::default() };
        assert_eq!(written::<F, _>(&sparse), json!({ "realm": { "roles": ["admin"] } }), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[test]
fn nested_claims_are_read_as_strictly_as_others() {
    fn check<F: Fixed>() {
        let ok = |members: &str, want: Nested| assert_eq!(read::<Nested, F>(members), Ok(want), "{}: {members}", F::NAME);
        ok("", Nested::default());
        ok(r#""realm":null"#, Nested::default());
        ok(r#""realm":{"limits":null}"#, Nested::default());
        ok(r#""realm": { "limits" : { "seats" : 3 } }"#, Nested { seats: Some(3), ..Nested::default() });
        ok(r#""\u0072ealm":{"\u006cimits":{"seats":3}}"#, Nested { seats: Some(3), ..Nested::default() });
        for (members, want) in [
            (
                r#""realm":[]"#,
                "claim `realm.roles`: not inside of an object; claim `realm.limits.seats`: not inside of an object; claim `realm.limits.names`: not inside of an object",
            ),
            (
                r#""realm":{"limits":"x"}"#,
                "claim `realm.limits.seats`: not inside of an object; claim `realm.limits.names`: not inside of an object",
            ),
            (r#""realm":{"limits":{"seats":"3"}}"#, "claim `realm.limits.seats`: not what its field holds"),
            (r#""realm":{"roles":null}"#, "claim `realm.roles`: not what its field holds"),
            // A name that is nobody's refuses inside of the type's own objects as it does outside.
            (r#""realm":{"x":1}"#, "claim `(other)`: unexpected"),
            (r#""realm":{"limits":{"x":1}}"#, "claim `(other)`: unexpected"),
            // The name of a nested claim in errors is no name in a token.
            (r#""realm.roles":[]"#, "claim `(other)`: unexpected"),
            (r#""realm":{},"realm":{}"#, "claim `realm.roles`: there twice"),
            (r#""realm":{},"r\u0065alm":{"roles":["admin"]}"#, "claim `realm.roles`: there twice"),
            (r#""realm":{"roles":[],"roles":[]}"#, "malformed token: the payload is not a strict JSON object"),
            (r#""realm":{"limits":{"seats":1,"s\u0065ats":2}}"#, "malformed token: the payload is not a strict JSON object"),
        ] {
            let got = read::<Nested, F>(members);
            if want.starts_with("malformed") {
                assert!(got.is_err(), "{}: {members}", F::NAME);
            } else {
                assert_eq!(got, Err(want.to_owned()), "{}: {members}", F::NAME);
            }
        }
    }
    in_every_short_format!(check);
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Deep {
    #[claim(path = "a.b.c")]
    value: Value,
}

/// A claim that fits by itself may be too deep where it stands.
#[test]
fn what_is_too_deep_inside_of_others_is_not_issued() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let issue = |depth: usize| {
            let value = (1..depth).fold(json!([]), |inner, _| json!([inner]));
            Issuer::<Deep, F>::new(&ring).unwrap().issue(&Deep { value }).map(|issued| issued.token)
        };
        // Sixteen levels: the payload, `a`, `b`, and thirteen of lists.
        let token = issue(13).unwrap();
        assert!(Verifier::<Deep>::new(&ring).unwrap().verify_now(&token).is_ok(), "{}", F::NAME);
        assert!(issue(14).unwrap_err().to_string().starts_with("claim `a` is beyond what is read"), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Borrowed<'a> {
    #[claim(path = "realm.name")]
    name: &'a str,
    #[claim(path = "realm.title")]
    title: Text<'a>,
}

#[test]
fn nested_claims_borrow_from_the_token() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let token = Issuer::<Borrowed<'_>, F>::new(&ring).unwrap().issue(&Borrowed { name: "ada", title: "x\"y".into() }).unwrap().token;
        let mut buffer = session_runtime::Buffer::default();
        let read: Result<_, VerifyError> = Verifier::<Borrowed<'_>>::new(&ring).unwrap().verify_now_in(&token, &mut buffer);
        let read = read.unwrap();
        assert_eq!((read.name, &*read.title), ("ada", "x\"y"), "{}", F::NAME);
    }
    in_every_short_format!(check);
}
