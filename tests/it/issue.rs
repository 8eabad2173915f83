//! What an issuer stamps, and what it refuses to say.

use std::collections::HashMap;

use serde_json::{Value, json};
use session_runtime::{
    Audience, Claims, Issuer, Timestamp, Verifier,
    error::{ConfigError, IssueError},
    limits,
};

use crate::support::{
    Access, Fixed, ISSUER, KEY_ID, NOON, ada, after, in_every_format, in_every_short_format, is_paseto, issuer, noon, own_ring, ring,
    verdict,
};

/// Every registered claim in the hands of the user, each of whom may leave it to the policy.
#[derive(Claims, Debug, Clone, PartialEq, Default)]
#[claims(issuer = ISSUER, audience = "orders", ttl = "15m", max_ttl = "1h", leeway = "0s", token_type = "at+jwt")]
struct Roles {
    #[claim(iss)]
    issuer: Option<String>,
    #[claim(sub)]
    subject: Option<String>,
    #[claim(aud)]
    audience: Option<Audience>,
    #[claim(exp)]
    expires: Option<Timestamp>,
    #[claim(nbf)]
    from: Option<Timestamp>,
    #[claim(iat)]
    issued: Option<Timestamp>,
    #[claim(jti)]
    id: Option<String>,
}

fn time<F: Fixed>(at: Timestamp) -> Value {
    F::time(at)
}

#[test]
fn stamps_are_exactly_these() {
    fn check<F: Fixed>() {
        let issued = issuer::<Access, F>(&ring(&noon())).issue(&ada()).unwrap();
        let want = json!({
            "sub": "ada", "org": "acme", "roles": ["admin"],
            "iss": ISSUER, "aud": "orders", "iat": time::<F>(NOON), "exp": time::<F>(after(900)), "jti": issued.id.as_str(),
        });
        assert_eq!(F::payload(&issued.token), want, "{}", F::NAME);
        assert_eq!(issued.id.as_str().len(), 22, "128 bits in base64url");
        assert_eq!((issued.expires_at, issued.key_id.as_ref().map(|id| id.as_str())), (Some(after(900)), Some(KEY_ID)));
    }
    in_every_format!(check);
}

#[test]
fn nothing_is_stamped_twice_or_reused() {
    fn check<F: Fixed>() {
        let issuer = issuer::<Access, F>(&ring(&noon()));
        let [first, second] = [(), ()].map(|()| issuer.issue(&ada()).unwrap());
        assert_ne!(first.id, second.id, "{}", F::NAME);
    }
    in_every_format!(check);
}

/// Several audiences stand in a JWT as a list. A PASETO is for one, so there its user has to say which.
#[test]
fn several_audiences_are_stamped_as_a_list() {
    #[derive(Claims)]
    #[claims(no_issuer, audience("orders", "billing"), ttl = "15m", token_type = "at+jwt")]
    struct Several {
        #[claim(aud)]
        audience: Option<Audience>,
    }
    fn check<F: Fixed>() {
        let issuer = issuer::<Several, F>(&ring(&noon()));
        let several = issuer.issue(&Several { audience: None }).map(|issued| F::payload(&issued.token)["aud"].clone());
        match several {
            Ok(list) => assert!(!is_paseto::<F>() && list == json!(["orders", "billing"]), "{}: {list}", F::NAME),
            Err(error) => {
                let want = "claim `aud`: not one audience, which is all that a PASETO has room for";
                assert!(is_paseto::<F>() && error.to_string() == want, "{}: {error}", F::NAME);
            }
        }
        let one = issuer.issue(&Several { audience: Some("billing".into()) }).unwrap();
        assert_eq!(F::payload(&one.token)["aud"], "billing", "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn what_the_user_wrote_is_kept() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        // A PASETO is for one audience.
        let audience = if is_paseto::<F>() { vec!["orders"] } else { vec!["shipping", "orders"] };
        let roles = Roles {
            issuer: Some(ISSUER.into()),
            subject: Some("ada".into()),
            audience: Some(audience.iter().copied().collect()),
            expires: Some(after(60)),
            from: Some(after(-5)),
            issued: Some(after(-10)),
            id: Some("my own".into()),
        };
        let issued = issuer::<Roles, F>(&ring).issue(&roles).unwrap();
        let want = json!({
            "iss": ISSUER, "sub": "ada", "aud": if is_paseto::<F>() { json!("orders") } else { json!(audience) }, "exp": time::<F>(after(60)), "nbf": time::<F>(after(-5)),
            "iat": time::<F>(after(-10)), "jti": "my own",
        });
        assert_eq!(F::payload(&issued.token), want, "{}", F::NAME);
        assert_eq!((issued.id.as_str(), issued.expires_at), ("my own", Some(after(60))));
        let verified = Verifier::<Roles>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
        assert_eq!(*verified, roles);
        assert_eq!((verified.token_id(), verified.subject(), verified.issued_at()), (Some("my own"), Some("ada"), Some(after(-10))));
    }
    in_every_format!(check);
}

/// Issues at noon what `change` makes of [`Roles::default`]; `want` is the error, or nothing for a token that also verifies.
#[track_caller]
fn check(change: impl Fn(&mut Roles), want: &str) {
    fn one<F: Fixed>(roles: &Roles, want: &str) {
        let ring = ring::<F>(&noon());
        let answer = match Issuer::<Roles, F>::new(&ring).unwrap().issue(roles) {
            Err(error) => error.to_string(),
            Ok(issued) => {
                let answer = Verifier::<Roles>::new(&ring).unwrap().verify_now(&issued.token);
                assert_eq!(verdict(&answer), "good", "{}", F::NAME);
                String::new()
            }
        };
        assert_eq!(answer, want, "{}", F::NAME);
    }
    let mut roles = Roles::default();
    change(&mut roles);
    in_every_format!(one, &roles, want);
}

#[test]
fn contradictions_are_refused() {
    check(|_| (), "");
    check(|roles| roles.issuer = Some("https://other.example".into()), "claim `iss`: not the expected issuer");
    check(|roles| roles.issuer = Some("https://id.example/".into()), "claim `iss`: not the expected issuer");
    check(|roles| roles.audience = Some("shipping".into()), "claim `aud`: not meant for this audience");
    check(|roles| roles.audience = Some("order".into()), "claim `aud`: not meant for this audience");
    check(|roles| roles.audience = Some(Audience::default()), "claim `aud`: missing");
}

#[test]
fn lives_are_bounded_at_both_edges() {
    check(|roles| roles.expires = Some(after(1)), "");
    check(|roles| roles.expires = Some(NOON), "claim `exp`: expired at 2030-01-01T12:00:00Z");
    check(|roles| roles.expires = Some(after(-1)), "claim `exp`: expired at 2030-01-01T11:59:59Z");
    check(|roles| roles.expires = Some(after(3_600)), "");
    check(|roles| roles.expires = Some(after(3_601)), "claim `exp`: lives longer than 3600s");
    check(|roles| roles.issued = Some(NOON), "");
    check(|roles| roles.issued = Some(after(1)), "claim `iat`: issued in the future, at 2030-01-01T12:00:01Z");
    // The life is counted from `iat`, not from now.
    check(|roles| roles.issued = Some(after(-899)), "");
    check(|roles| roles.issued = Some(after(-900)), "claim `exp`: expired at 2030-01-01T12:00:00Z");
    check(|roles| (roles.issued, roles.expires) = (Some(after(-1)), Some(after(3_600))), "claim `exp`: lives longer than 3600s");
    // A token that dies before it is good is never good.
    check(|roles| (roles.from, roles.expires) = (Some(NOON), Some(after(1))), "");
    check(|roles| (roles.from, roles.expires) = (Some(after(60)), Some(after(60))), "claim `nbf`: not before 2030-01-01T12:01:00Z");
}

#[test]
fn texts_that_name_nobody_are_refused() {
    check(|roles| roles.subject = Some(String::new()), "claim `sub`: not a string that is not empty");
    check(|roles| roles.id = Some(String::new()), "claim `jti`: not a string that is not empty");
    check(|roles| roles.issuer = Some(String::new()), "claim `iss`: not a string that is not empty");
}

#[test]
fn times_outside_the_calendar_are_refused() {
    for seconds in [-1, i64::MIN, i64::MAX, 253_402_300_800] {
        check(move |roles| roles.expires = Some(Timestamp::from_unix(seconds)), "claim `exp`: not a time between 1970 and the year 9999");
        check(move |roles| roles.from = Some(Timestamp::from_unix(seconds)), "claim `nbf`: not a time between 1970 and the year 9999");
    }
}

#[test]
fn all_contradictions_are_told_at_once() {
    check(
        |roles| {
            roles.issuer = Some("x".into());
            roles.audience = Some("x".into());
            roles.issued = Some(after(9));
            roles.expires = Some(after(-9));
        },
        "claim `iss`: not the expected issuer; claim `aud`: not meant for this audience; \
         claim `iat`: issued in the future, at 2030-01-01T12:00:09Z; claim `exp`: expired at 2030-01-01T11:59:51Z",
    );
}

#[test]
fn a_subject_is_a_string() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Numbered {
        #[claim(sub)]
        user: u64,
    }
    fn check<F: Fixed>() {
        let error = issuer::<Numbered, F>(&ring(&noon())).issue(&Numbered { user: 7 }).unwrap_err();
        assert_eq!(error.to_string(), "claim `sub`: not a string that is not empty", "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn a_value_that_cannot_be_written_is_named_and_not_shown() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Mapped {
        by_list: HashMap<Vec<u8>, String>,
    }
    let error = issuer::<Mapped, session_runtime::paseto::V4Local>(&own_ring(&noon()))
        .issue(&Mapped { by_list: HashMap::from([(vec![1], "secret".into())]) })
        .unwrap_err();
    assert_eq!(error, IssueError::Unwritable { claim: "by_list" });
    assert!(!format!("{error} {error:?}").contains("secret"));
}

/// A token for `user` whose tenant is `length` bytes long.
fn long<F: Fixed>(length: usize) -> Result<String, IssueError> {
    let roles = (0..length / 1_000).map(|_| "r".repeat(1_000)).collect();
    let access = Access { tenant: "t".repeat(length % 1_000), roles, ..ada() };
    issuer::<Access, F>(&ring(&noon())).issue(&access).map(|issued| issued.token)
}

#[test]
fn a_token_that_nobody_would_read_is_not_issued() {
    fn check<F: Fixed>() {
        // The longest that still fits, found by halving: what is issued is read, whatever its length.
        let (mut fits, mut too_long) = (0, 6_200);
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            if long::<F>(middle).is_ok() { fits = middle } else { too_long = middle }
        }
        let longest = long::<F>(fits).unwrap();
        assert!(longest.len() > limits::TOKEN_LENGTH - 4, "{}: {}", F::NAME, longest.len());
        let verifier = Verifier::<Access>::new(&ring::<F>(&noon())).unwrap();
        assert_eq!(verdict(&verifier.verify_now(&longest)), "good", "{}", F::NAME);
        let IssueError::TooLong { length, limit } = long::<F>(6_200).unwrap_err() else { panic!("{}", F::NAME) };
        assert!(length > limit && limit == limits::TOKEN_LENGTH);
    }
    in_every_format!(check);
}

/// The limit is raised on both sides, for a seal that leaves too little room or for claims that need more.
#[test]
fn the_length_is_a_setting_of_both_sides() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let roles = vec!["r".repeat(1_000); 9];
        let access = Access { roles, ..ada() };
        let at_most = |length| Issuer::<Access, F>::builder().max_length(length).build(&ring);
        assert!(matches!(at_most(limits::TOKEN_LENGTH).unwrap().issue(&access), Err(IssueError::TooLong { .. })), "{}", F::NAME);
        let token = at_most(limits::TOKEN_LENGTH_CAP).unwrap().issue(&access).unwrap().token;
        let builder = || Verifier::<Access>::builder().accept(&ring);
        assert_eq!(verdict(&builder().max_length(token.len()).build().unwrap().verify_now(&token)), "good", "{}", F::NAME);
        assert!(builder().build().unwrap().verify_now(&token).is_err(), "{}", F::NAME);
        for length in [0, limits::TOKEN_LENGTH_CAP + 1] {
            let refused = ConfigError::TokenLength { found: length, cap: limits::TOKEN_LENGTH_CAP };
            assert_eq!(at_most(length).unwrap_err(), refused);
            assert_eq!(builder().max_length(length).build().unwrap_err(), refused);
        }
    }
    in_every_format!(check);
}

/// What a verifier would refuse as too large in other ways is not issued either: otherwise a login would seem to work.
#[test]
fn a_payload_beyond_the_limits_is_not_issued() {
    #[derive(Claims, Debug, Clone, PartialEq)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Free {
        value: Value,
    }
    #[track_caller]
    fn check(what: &str, value: Value, fits: bool) {
        fn one<F: Fixed>(what: &str, value: &Value, fits: bool) {
            let ring = ring::<F>(&noon());
            let claims = Free { value: value.clone() };
            let issued = issuer::<Free, F>(&ring).issue(&claims);
            assert_eq!(issued.is_ok(), fits, "{what} in {}: {:?}", F::NAME, issued.map(|_| ()));
            if let Ok(issued) = issuer::<Free, F>(&ring).issue(&claims) {
                assert_eq!(*Verifier::<Free>::new(&ring).unwrap().verify_now(&issued.token).unwrap(), claims);
            }
        }
        in_every_short_format!(one, what, &value, fits);
    }
    fn nested(depth: usize) -> Value {
        (0..depth).fold(json!(1), |inner, _| json!([inner]))
    }
    fn members(count: usize) -> Value {
        Value::Object((0..count).map(|index| (format!("m{index}"), json!(1))).collect())
    }
    check("a string of 4 KiB", json!("x".repeat(limits::JsonLimits::DEFAULT.string)), true);
    check("a longer string", json!("x".repeat(limits::JsonLimits::DEFAULT.string + 1)), false);
    check("a string that grows by escapes", json!("\n".repeat(limits::JsonLimits::DEFAULT.string / 2 + 1)), false);
    // The payload itself is one level.
    check("nesting", nested(limits::JsonLimits::DEFAULT.depth - 1), true);
    check("deeper nesting", nested(limits::JsonLimits::DEFAULT.depth), false);
    check("members", members(limits::JsonLimits::DEFAULT.members), true);
    check("more members", members(limits::JsonLimits::DEFAULT.members + 1), false);
}

/// RFC 9864: one algorithm, two names. An issuer writes the one that it is told to, and every verifier reads both.
#[test]
fn the_fully_specified_name_is_written_on_request() {
    type EdDsa = session_runtime::jwt::Jwt<session_runtime::jwt::EdDsa>;
    let ring = ring::<EdDsa>(&noon());
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    let builder = || Issuer::<Access, EdDsa>::builder();
    for (issuer, name) in [(builder(), "EdDSA"), (builder().fully_specified_algorithm(), "Ed25519")] {
        let issuer = issuer.build(&ring).unwrap();
        // What is bound to an assertion later is still the same issuer.
        for issuer in [issuer.clone(), issuer.with_implicit_assertion(b"x")] {
            let token = issuer.issue(&ada()).unwrap().token;
            assert_eq!(session_runtime::jwt::unverified_header(&token).unwrap()["alg"], name);
            assert_eq!(verdict(&verifier.verify_now(&token)), "good", "{name}");
        }
    }
}
