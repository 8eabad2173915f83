//! `allow` and `untyped`: what a type takes no offence at, and nothing beyond.

use serde_json::json;
use session_runtime::{
    Claims, Issuer, Verifier,
    claims::PlainClaims,
    jwt::{Hs256, Jwt},
};

use crate::support::{Fixed, KEY_ID, NOON, after, in_every_short_format, noon, ring, verdict};

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Strict {}

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", allow(iss))]
struct AllowsIssuer {
    #[claim(iss)]
    issuer: Option<String>,
}

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", allow(aud))]
struct AllowsAudience {}

#[test]
fn what_is_allowed_is_only_that() {
    fn check<F: Fixed>() {
        fn says<C: PlainClaims, F: Fixed>(member: &str, value: serde_json::Value) -> String {
            let mut claims = json!({ "iat": F::time(NOON), "exp": F::time(after(900)) });
            claims[member] = value;
            let token = F::forge(&F::head(), claims.to_string().as_bytes());
            verdict(&Verifier::<C>::new(&ring::<F>(&noon())).unwrap().verify_now(&token))
        }
        let unexpected = |claim: &str| format!("claim `{claim}`: unexpected");
        for (claim, issuer, audience) in [("iss", "good".to_owned(), unexpected("iss")), ("aud", unexpected("aud"), "good".to_owned())] {
            assert_eq!(says::<Strict, F>(claim, json!("x")), unexpected(claim), "{}", F::NAME);
            assert_eq!(says::<AllowsIssuer, F>(claim, json!("x")), issuer, "{}", F::NAME);
            assert_eq!(says::<AllowsAudience, F>(claim, json!("x")), audience, "{}", F::NAME);
        }
        // Tolerated is not unread: malformed is refused.
        assert_eq!(says::<AllowsIssuer, F>("iss", json!(["x"])), "claim `iss`: not a string", "{}", F::NAME);
        assert!(says::<AllowsAudience, F>("aud", json!(1)).starts_with("claim `aud`: not a string"), "{}", F::NAME);
        // What a type may read, it may write.
        let ring = ring::<F>(&noon());
        let token = Issuer::<AllowsIssuer, F>::new(&ring).unwrap().issue(&AllowsIssuer { issuer: Some("x".into()) }).unwrap().token;
        let read = Verifier::<AllowsIssuer>::new(&ring).unwrap().verify_now(&token).unwrap();
        assert_eq!(read.issuer(), Some("x"), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, no_issued_at, never_expires, untyped)]
struct Untyped {
    /// Not ours: tokens of others have a `ver` of their own.
    ver: Option<String>,
}

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, no_issued_at, never_expires, untyped, allow(typ))]
struct AnyType {}

/// A token of another type of the same key is another kind of token, and `JWT` is none (RFC 7519 §5.1).
#[test]
fn an_untyped_token_says_no_type_but_jwt() {
    type F = Jwt<Hs256>;
    let token = |typ: Option<&str>| {
        let mut head = json!({ "alg": "HS256", "kid": KEY_ID });
        if let Some(typ) = typ {
            head["typ"] = typ.into();
        }
        F::forge(&head.to_string(), br#"{"ver":"2.0"}"#)
    };
    let ring = ring::<F>(&noon());
    let strict = Verifier::<Untyped>::new(&ring).unwrap();
    for good in [None, Some("JWT"), Some("jwt"), Some("application/jwt"), Some("Application/JWT")] {
        assert_eq!(strict.verify_now(&token(good)).unwrap().ver.as_deref(), Some("2.0"), "{good:?}");
    }
    let loose = Verifier::<Untyped>::builder().untyped().accept(&ring).build().unwrap();
    for other in ["at+jwt", "application/at+jwt", "JWT2", "", "application/x/jwt", "logout+jwt"] {
        assert_eq!(verdict(&strict.verify_now(&token(Some(other)))), "claim `typ`: unexpected", "{other}");
        assert_eq!(verdict(&Verifier::<AnyType>::new(&ring).unwrap().verify_now(&token(Some(other)))), "good", "{other}");
        assert_eq!(verdict(&loose.verify_now(&token(Some(other)))), "good", "{other}");
    }
}
