//! `one_of`, `range` and `max_len` hold for what is issued and for what is verified, whatever the field's type.

use serde_json::{Value, json};
use session_runtime::{Claims, Issuer, Verifier};

use crate::support::{Fixed, NOON, after, in_every_short_format, noon, ring, verdict};

#[derive(Claims, Debug, PartialEq, Clone)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Bounded {
    #[claim(sub, max_len = 8)]
    user: Option<String>,
    #[claim(jti, max_len = 30)]
    id: Option<String>,
    #[claim(one_of("admin", "guest"))]
    roles: Option<Vec<String>>,
    #[claim(range = 1..=9)]
    level: Option<f64>,
    #[claim(path = "plan.seats", range = ..100)]
    seats: Option<u8>,
    #[claim(path = "plan.name", one_of("small", "large"), alias = "plan_name")]
    plan: Option<Value>,
}

const NONE: Bounded = Bounded { user: None, id: None, roles: None, level: None, seats: None, plan: None };

#[test]
fn bounds_hold_on_the_way_out_and_on_the_way_in() {
    /// The same value is issued and refused, and read from a token of others and refused.
    #[track_caller]
    fn check<F: Fixed>(claims: &Bounded, wire: Value, want: &str) {
        let ring = ring::<F>(&noon());
        let issued = Issuer::<Bounded, F>::new(&ring).unwrap().issue(claims);
        let verifier = Verifier::<Bounded>::new(&ring).unwrap();
        let mut payload = wire;
        payload["iat"] = F::time(NOON);
        payload["exp"] = F::time(after(900));
        let read = verifier.verify_now(&F::forge(&F::head(), payload.to_string().as_bytes()));
        assert_eq!(verdict(&read), want, "{}: {payload}", F::NAME);
        match issued {
            Ok(issued) => assert_eq!(verdict(&verifier.verify_now(&issued.token)), want, "{}", F::NAME),
            Err(error) => assert_eq!(error.to_string(), want, "{}", F::NAME),
        }
    }
    fn all<F: Fixed>() {
        let good = |claims: Bounded, wire| check::<F>(&claims, wire, "good");
        good(NONE, json!({}));
        good(NONE, json!({ "roles": null, "level": null, "plan": { "name": null } }));
        good(Bounded { user: Some("12345678".into()), ..NONE }, json!({ "sub": "12345678" }));
        good(Bounded { roles: Some(vec!["guest".into()]), ..NONE }, json!({ "roles": ["guest"] }));
        good(Bounded { level: Some(8.5), ..NONE }, json!({ "level": 8.5 }));
        good(Bounded { seats: Some(99), plan: Some(json!("small")), ..NONE }, json!({ "plan": { "seats": 99, "name": "small" } }));
        good(Bounded { plan: Some(json!("small")), ..NONE }, json!({ "plan_name": "small" }));

        let sub = "claim `sub`: longer than 8 bytes";
        check::<F>(&Bounded { user: Some("123456789".into()), ..NONE }, json!({ "sub": "123456789" }), sub);
        let jti = "claim `jti`: longer than 30 bytes";
        check::<F>(&Bounded { id: Some("x".repeat(31)), ..NONE }, json!({ "jti": "x".repeat(31) }), jti);
        let roles = "claim `roles`: not one of the values that are allowed";
        check::<F>(&Bounded { roles: Some(vec!["guest".into(), "root".into()]), ..NONE }, json!({ "roles": ["guest", "root"] }), roles);
        let level = "claim `level`: not in 1..=9";
        check::<F>(&Bounded { level: Some(9.5), ..NONE }, json!({ "level": 9.5 }), level);
        check::<F>(&Bounded { level: Some(-1.0), ..NONE }, json!({ "level": "5" }), level);
        check::<F>(&Bounded { seats: Some(100), ..NONE }, json!({ "plan": { "seats": 100 } }), "claim `plan.seats`: not in ..100");
        let plan = "claim `plan.name`: not one of the values that are allowed";
        check::<F>(&Bounded { plan: Some(json!(1)), ..NONE }, json!({ "plan": { "name": 1 } }), plan);
        check::<F>(&Bounded { plan: Some(json!("huge")), ..NONE }, json!({ "plan_name": "huge" }), plan);
    }
    in_every_short_format!(all);
}

/// A stamped id is held to the claim's bounds, too: a token that no verifier takes is not issued.
#[test]
fn what_is_stamped_is_bounded_too() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Short {
        #[claim(jti, max_len = 4)]
        id: Option<String>,
    }
    fn check<F: Fixed>() {
        let issuer = Issuer::<Short, F>::new(&ring(&noon())).unwrap();
        assert_eq!(issuer.issue(&Short { id: None }).unwrap_err().to_string(), "claim `jti`: longer than 4 bytes", "{}", F::NAME);
        assert!(issuer.issue(&Short { id: Some("a".into()) }).is_ok(), "{}", F::NAME);
    }
    in_every_short_format!(check);
}
