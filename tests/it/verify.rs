//! What a verifier accepts and refuses: struct and facts come back, every edge of time is one second, all failures are listed.

use std::time::Duration;

use serde_json::{Map, Value, json};
use session_runtime::{
    Buffer, Claims, Clock, Timestamp, Verifier,
    error::{Malformed, Problem, VerifyError},
    limits,
    testing::ManualClock,
};

use crate::support::{
    Access, Fixed, ISSUER, KEY_ID, NOON, ada, after, changed, in_every_format, is_paseto, issuer, noon, own_ring, ring, token, verdict,
    verdict_at,
};

#[test]
fn what_was_issued_comes_back() {
    fn check<F: Fixed>() {
        let ring = own_ring::<F>(&noon());
        let issued = issuer::<Access, F>(&ring).issue(&ada()).unwrap();
        let verified = Verifier::<Access>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
        assert_eq!(*verified, ada(), "{}", F::NAME);
        assert_eq!(verified.issuer(), Some(ISSUER));
        assert_eq!(verified.subject(), Some("ada"));
        assert_eq!(verified.token_id(), Some(issued.id.as_str()));
        assert_eq!(verified.key_id(), issued.key_id.as_ref().map(|id| id.as_str()));
        assert_eq!(verified.key_id(), ring.keys()[0].id.as_ref().map(|id| id.as_str()));
        assert_eq!((verified.issued_at(), verified.expires_at()), (Some(NOON), Some(after(900))));
        assert_eq!(verified.into_claims(), ada());
    }
    in_every_format!(check);
}

#[tokio::test]
async fn both_ways_to_verify_agree() {
    let clock = noon();
    let ring = ring::<session_runtime::paseto::V4Local>(&clock);
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    let token = token(&ring);
    for text in [token.as_str(), "", "a.b.c", &token[..token.len() - 1]] {
        let now = verdict(&verifier.verify_now(text));
        assert_eq!(verdict(&verifier.verify(text).await), now);
        assert_eq!(verdict(&verifier.open_at(text, clock.wall())), now);
        let mut buffer = Buffer::default();
        assert_eq!(verdict(&verifier.verify_in(text, &mut buffer).await), now);
        assert_eq!(verdict(&verifier.verify_now_in(text, &mut buffer)), now);
    }
}

/// The verdict `seconds` after noon on a token that has this claim besides or in place of its own; `None` changes nothing.
/// `half` writes half a second more than the whole one.
#[track_caller]
fn check(seconds: i64, claim: Option<(&str, i64, bool)>, want: &str) {
    fn one<F: Fixed>(seconds: i64, claim: Option<(&str, i64, bool)>, want: &str) {
        let token = changed::<F>(|claims| {
            let Some((name, at, half)) = claim else { return };
            let value = match F::time(after(at)) {
                Value::String(text) if half => text.replace('Z', ".5Z").into(),
                Value::Number(number) if half => json!(number.as_f64().unwrap() + 0.5),
                whole => whole,
            };
            claims.insert(name.into(), value);
        });
        assert_eq!(verdict_at::<F>(&token, after(seconds)), want, "{}", F::NAME);
    }
    in_every_format!(one, seconds, claim, want);
}

#[test]
fn every_edge_of_time_is_one_second() {
    check(899, None, "good");
    check(900, None, "claim `exp`: expired at 2030-01-01T12:15:00Z");
    check(0, Some(("nbf", 0, false)), "good");
    check(0, Some(("nbf", 1, false)), "claim `nbf`: not before 2030-01-01T12:00:01Z");
    check(-1, None, "claim `iat`: issued in the future, at 2030-01-01T12:00:00Z");
    // 24 hours, unless the type says otherwise.
    check(0, Some(("exp", 86_400, false)), "good");
    check(0, Some(("exp", 86_401, false)), "claim `exp`: lives longer than 86400s");
}

#[test]
fn a_fraction_of_a_second_never_lengthens_a_life() {
    check(9, Some(("exp", 9, true)), "claim `exp`: expired at 2030-01-01T12:00:09Z");
    check(8, Some(("exp", 9, true)), "good");
    check(9, Some(("nbf", 9, true)), "claim `nbf`: not before 2030-01-01T12:00:10Z");
    check(10, Some(("nbf", 9, true)), "good");
}

#[test]
fn leeway_moves_every_edge_by_itself_and_no_more() {
    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", token_type = "at+jwt")]
    struct Patient {}
    fn check<F: Fixed>() {
        let at = |seconds: i64, change: &dyn Fn(&mut Map<String, Value>)| {
            let verifier = Verifier::<Patient>::new(&ring::<F>(&noon())).unwrap();
            verifier.open_at(&changed::<F>(|claims| change(claims)), after(seconds)).is_ok()
        };
        assert_eq!([929, 930].map(|seconds| at(seconds, &|_| ())), [true, false], "{}", F::NAME);
        assert_eq!([-30, -31].map(|seconds| at(seconds, &|_| ())), [true, false], "{}", F::NAME);
        let nbf = |seconds| at(0, &move |claims: &mut Map<String, Value>| drop(claims.insert("nbf".into(), F::time(after(seconds)))));
        assert_eq!([30, 31].map(nbf), [true, false], "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn the_last_second_of_time_is_a_second_like_any_other() {
    fn check<F: Fixed>() {
        let verifier = Verifier::<Access>::new(&ring::<F>(&noon())).unwrap();
        let token = token(&ring::<F>(&noon()));
        for now in [i64::MIN, -1, 0, i64::MAX] {
            assert!(matches!(verifier.open_at(&token, Timestamp::from_unix(now)), Err(VerifyError::Claims(_))), "{} {now}", F::NAME);
        }
    }
    in_every_format!(check);
}

#[test]
fn all_failures_are_listed_at_once() {
    #[derive(Claims, Debug)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", leeway = "0s", token_type = "at+jwt")]
    #[allow(dead_code, reason = "read by nobody, since no token is good")]
    struct Checked {
        #[claim(sub)]
        user: String,
        roles: Vec<String>,
        #[claim(check = "is_small")]
        size: u8,
        #[claim(default, check = "is_true")]
        live: bool,
        level: u8,
    }
    fn is_small(size: &u8) -> Result<(), &'static str> {
        if *size < 10 { Ok(()) } else { Err("too large") }
    }
    fn is_true(live: &bool) -> bool {
        *live
    }
    fn check<F: Fixed>() {
        let verdict_of = |claims: Value| {
            let token = F::forge(&F::head(), claims.to_string().as_bytes());
            verdict(&Verifier::<Checked>::new(&ring::<F>(&ManualClock::at(NOON))).unwrap().verify_now(&token))
        };
        let bad = json!({
            "iss": "https://other.example", "aud": "order", "exp": F::time(NOON), "iat": F::time(after(1)),
            "roles": "admin", "size": "big", "live": 1,
        });
        assert_eq!(
            verdict_of(bad),
            "claim `live`: not what its field holds; claim `roles`: not what its \
             field holds; claim `size`: not what its field holds; claim `iss`: not the expected issuer; claim `aud`: not meant for this audience; claim `exp`: expired at \
             2030-01-01T12:00:00Z; claim `iat`: issued in the future, at 2030-01-01T12:00:01Z; claim `sub`: missing; claim `level`: \
             missing",
            "{}",
            F::NAME
        );
        // Checks run after the policy, all of them.
        let refused = json!({
            "iss": ISSUER, "aud": "order", "exp": F::time(after(1)), "iat": F::time(NOON), "sub": "ada", "roles": [], "size": 10, "level": 1,
        });
        let want = "claim `aud`: not meant for this audience; claim `size`: too large; claim `live`: refused by its check";
        assert_eq!(verdict_of(refused), want, "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn findings_can_be_asked_for() {
    let token = changed::<session_runtime::paseto::V4Public>(|claims| {
        claims.insert("aud".into(), json!("shipping"));
        claims.remove("sub");
    });
    let answer = Verifier::<Access>::new(&ring::<session_runtime::paseto::V4Public>(&noon())).unwrap().verify_now(&token);
    let Err(VerifyError::Claims(errors)) = answer else { panic!("{answer:?}") };
    assert_eq!(errors.find("aud"), Some(&Problem::WrongAudience));
    assert_eq!(errors.find("sub"), Some(&Problem::Missing));
    assert_eq!(errors.find("iss"), None);
    assert_eq!(errors.iter().count(), 2);
}

#[test]
fn unknown_claims_are_ignored_unless_the_type_says_otherwise() {
    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", token_type = "at+jwt", deny_unknown)]
    struct Strict {
        #[claim(rename = "org")]
        _tenant: String,
    }
    fn check<F: Fixed>() {
        let more = |claims: &mut Map<String, Value>| drop(claims.insert("colour\u{1b}[31m".into(), json!({ "a": [1, null] })));
        assert_eq!(verdict_at::<F>(&changed::<F>(more), NOON), "good", "{}", F::NAME);
        let strict = |token: &str| verdict(&Verifier::<Strict>::new(&ring::<F>(&noon())).unwrap().verify_now(token));
        // Registered claims are known to every type; the name of an unknown one is the token's text and is not told.
        let known = changed::<F>(|claims| drop(claims.remove("roles")));
        assert_eq!(strict(&known), "good", "{}", F::NAME);
        let unknown = changed::<F>(|claims| {
            claims.remove("roles");
            more(claims);
        });
        assert_eq!(strict(&unknown), "claim `(other)`: unexpected", "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn length_is_looked_at_first() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let token = token(&ring);
        let length = token.len();
        let at_most = |limit| Verifier::<Access>::builder().accept(&ring).max_length(limit).build().unwrap().verify_now(&token);
        assert_eq!(verdict(&at_most(length)), "good", "{}", F::NAME);
        let too_long = VerifyError::Malformed(Malformed::TooLong { limit: length - 1 });
        assert_eq!(at_most(length - 1).map(drop).unwrap_err(), too_long, "{}", F::NAME);
    }
    in_every_format!(check);
    let verifier = Verifier::<Access>::new(&ring::<session_runtime::paseto::V4Local>(&noon())).unwrap();
    for text in [".".repeat(400 * 1024), "v4.local.".repeat(1_000)] {
        let too_long = VerifyError::Malformed(Malformed::TooLong { limit: limits::TOKEN_LENGTH });
        assert_eq!(verifier.verify_now(&text).map(drop).unwrap_err(), too_long);
    }
}

#[test]
fn an_assertion_is_part_of_a_paseto_and_no_part_of_a_jwt() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let issuer = issuer::<Access, F>(&ring);
        let verifier = Verifier::<Access>::new(&ring).unwrap();
        let mut answers = Vec::new();
        for written in [b"".as_slice(), b"tenant 1", b"tenant 2"] {
            let token = issuer.clone().with_implicit_assertion(written).issue(&ada()).unwrap().token;
            assert!(!token.contains("tenant"));
            for expected in [b"".as_slice(), b"tenant 1", b"tenant 2"] {
                let answer = verifier.clone().with_implicit_assertion(expected).verify_now(&token);
                if let Err(error) = &answer {
                    assert_eq!(*error, VerifyError::BadSeal, "{}", F::NAME);
                }
                answers.push((written == expected, answer.is_ok()));
            }
        }
        let bound = is_paseto::<F>();
        for (equal, accepted) in answers {
            assert_eq!(accepted, equal || !bound, "{}", F::NAME);
        }
        // The last assertion counts, and no assertion is one of its own.
        let token = issuer.with_implicit_assertion(b"x").with_implicit_assertion(b"").issue(&ada()).unwrap().token;
        assert_eq!(verdict(&verifier.verify_now(&token)), "good", "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn a_key_without_a_name_takes_every_name() {
    fn check<F: Fixed>() {
        let unnamed = session_runtime::KeyRing::builder().clock(noon()).import(F::key().without_id()).unwrap();
        let verifier = Verifier::<Access>::new(&unnamed).unwrap();
        let own = token(&unnamed);
        for text in [own.clone(), changed::<F>(|_| ())] {
            let verified = verifier.verify_now(&text).unwrap();
            assert_eq!(verified.key_id(), None, "{}", F::NAME);
        }
        // A ring of named keys needs a name.
        assert_eq!(verdict_at::<F>(&own, NOON), "the token's key is not known", "{}", F::NAME);
        assert_eq!(Verifier::<Access>::new(&ring::<F>(&noon())).unwrap().verify_now(&changed::<F>(|_| ())).unwrap().key_id(), Some(KEY_ID));
    }
    in_every_format!(check);
}

#[test]
fn clients_learn_one_thing_only() {
    let clock = noon();
    let ring = ring::<session_runtime::paseto::V4Local>(&clock);
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    let good = token(&ring);
    clock.advance(Duration::from_secs(900));
    for text in ["", "x.y.z", &good, &good[..good.len() - 2]] {
        let error = verifier.verify_now(text).map(drop).unwrap_err();
        assert_eq!((error.challenge(), error.is_transient()), (Some(r#"Bearer error="invalid_token""#), false), "{error}");
    }
}
