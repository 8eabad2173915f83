//! Footers of PASETO: what an issuer adds is sealed with the token, handed out only after the seal was checked, and names no other key.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::{
    Issuer, Verifier,
    error::{ConfigError, FooterError, FooterRule, Malformed, VerifyError},
    jwt::{EdDsa, Jwt},
    keyring::Key,
    paseto::{Paseto, V3Local, V3Public, V4Local, V4Public, unverified_footer},
};

use crate::support::{
    Access, Fixed, KEY_ID, ada,
    forge::{base64, unbase64},
    good, named_ring, noon, own_ring, ring, token,
};

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
struct Route {
    region: String,
    shard: u8,
    canary: Option<bool>,
}

fn route() -> Route {
    Route { region: "eu-\"1\"".to_owned(), shard: 7, canary: None }
}

macro_rules! in_every_paseto {
    ($check:ident) => {{
        $check::<V4Public>();
        $check::<V4Local>();
        $check::<V3Public>();
        $check::<V3Local>();
    }};
}

fn routed<F: Fixed + Paseto>(ring: &session_runtime::KeyRing<F>) -> String {
    Issuer::<Access, F>::new(ring).unwrap().with_footer(&route()).unwrap().issue(&ada()).unwrap().token
}

/// The token with another footer.
fn swapped(token: &str, footer: &str) -> String {
    let sealed = token.rsplit_once('.').unwrap().0;
    format!("{sealed}.{}", base64(footer))
}

fn footer_text(token: &str) -> String {
    String::from_utf8(unverified_footer(token).unwrap()).unwrap()
}

#[test]
fn what_is_added_comes_back_checked() {
    fn check<F: Fixed + Paseto>() {
        for ring in [ring::<F>(&noon()), own_ring::<F>(&noon())] {
            let token = routed(&ring);
            let verified = Verifier::<Access>::new(&ring).unwrap().verify_now(&token).unwrap();
            assert_eq!(*verified, ada());
            assert_eq!(verified.footer::<Route>(), Ok(route()), "{}", F::NAME);
            assert_eq!(verified.footer_bytes(), unverified_footer(&token).unwrap());
            let members: Value = verified.footer().unwrap();
            assert_eq!(members["kid"], verified.key_id().unwrap());
            assert_eq!(verified.footer::<Vec<u8>>(), Err(FooterError::Mistyped));
            assert_eq!(verified.footer::<std::collections::BTreeMap<String, u8>>(), Err(FooterError::Mistyped));
        }
    }
    in_every_paseto!(check);
}

#[test]
fn the_key_id_alone_is_a_footer_too() {
    fn check<F: Fixed + Paseto>() {
        // A foreign name that JSON has to escape.
        for name in [KEY_ID, "\"quoted\"\n", "日本"] {
            let ring = named_ring::<F>(name, &noon());
            let token = token(&ring);
            let verified = Verifier::<Access>::new(&ring).unwrap().verify_now(&token).unwrap();
            assert_eq!(verified.footer_bytes(), unverified_footer(&token).unwrap(), "{name}");
            assert_eq!(verified.footer::<Value>(), Ok(json!({ "kid": name })));
            assert_eq!((verified.key_id(), verified.subject()), (Some(name), Some("ada")));
            assert_eq!(verified.footer::<Route>(), Err(FooterError::Mistyped));
        }
        let unnamed = session_runtime::KeyRing::<F>::builder().clock(noon()).import(F::key().without_id()).unwrap();
        let verifier = Verifier::<Access>::new(&unnamed).unwrap();
        let bare = verifier.verify_now(&token(&unnamed)).unwrap();
        assert_eq!((bare.footer_bytes(), bare.footer::<Value>(), bare.key_id()), (&b""[..], Err(FooterError::Missing), None));
        let added = verifier.verify_now(&routed(&unnamed)).unwrap();
        assert_eq!(added.footer::<Route>(), Ok(route()));
    }
    in_every_paseto!(check);
}

/// A footer is any bytes; what is no JSON object is handed out as bytes only.
#[test]
fn footers_of_others() {
    fn check<F: Fixed + Paseto>() {
        let ring = session_runtime::KeyRing::<F>::builder().clock(noon()).import(F::key().without_id()).unwrap();
        let verifier = Verifier::<Access>::new(&ring).unwrap();
        let payload = Value::Object(good::<F>()).to_string();
        for (footer, want) in [
            ("some words", Err(FooterError::Mistyped)),
            ("[1]", Err(FooterError::Mistyped)),
            (" {\"a\":1,\"a\":2}", Err(FooterError::Mistyped)),
            (r#"{"a":1}"#, Ok(json!({ "a": 1 }))),
        ] {
            let verified = verifier.verify_now(&F::forge(footer, payload.as_bytes())).unwrap();
            assert_eq!(verified.footer::<Value>(), want, "{footer}");
            assert_eq!(verified.footer_bytes(), footer.as_bytes());
        }
        for refused in [r#"{"a":{"b":1}}"#, r#"{"a":1,"a":2}"#, r#"{"a":1"#, r#"{"a":"k4.local.AAAA"}"#] {
            let answer = verifier.verify_now(&F::forge(refused, payload.as_bytes())).map(drop);
            assert!(matches!(answer, Err(VerifyError::Malformed(Malformed::Header | Malformed::RefusedHeader))), "{refused}: {answer:?}");
        }
    }
    in_every_paseto!(check);
}

#[test]
fn a_changed_footer_is_a_broken_seal() {
    fn check<F: Fixed + Paseto>() {
        let ring = ring::<F>(&noon());
        let verifier = Verifier::<Access>::new(&ring).unwrap();
        let (routed, plain) = (routed(&ring), token(&ring));
        let text = footer_text(&routed);
        for (token, footer) in [
            (&routed, text.replace("\"shard\":7", "\"shard\":8")),
            (&routed, text.replace(",\"shard\":7", "")),
            (&routed, text.replace("\"shard\":7", "\"shard\": 7")),
            (&routed, footer_text(&plain)),
            (&plain, text.clone()),
            (&plain, r#"{"kid":"k1" }"#.to_owned()),
        ] {
            assert_eq!(verifier.verify_now(&swapped(token, &footer)).map(drop), Err(VerifyError::BadSeal), "{footer}");
        }
        // And the search is of any use: the same swap of a footer for itself is good.
        assert!(verifier.verify_now(&swapped(&routed, &text)).is_ok());
        assert!(unbase64(routed.rsplit_once('.').unwrap().1).starts_with(b"{"));
    }
    in_every_paseto!(check);
}

#[test]
fn a_footer_that_names_another_key_opens_nothing() {
    fn check<F: Fixed + Paseto>() {
        let clock = noon();
        let ours = ring::<F>(&clock);
        let other = session_runtime::KeyRing::<F>::builder()
            .clock(clock.clone())
            .import(Key::generate().unwrap().with_id(crate::support::key_id("k2")))
            .unwrap();
        let verifier = Verifier::<Access>::builder().accept(&ours).accept(&other).build().unwrap();
        for (token, theirs) in [(token(&ours), token(&other)), (routed(&ours), routed(&other))] {
            let stolen = swapped(&token, &footer_text(&theirs));
            assert_eq!(verifier.verify_now(&stolen).map(drop), Err(VerifyError::BadSeal), "{}", F::NAME);
            assert_eq!(Verifier::<Access>::new(&ours).unwrap().verify_now(&stolen).map(drop), Err(VerifyError::UnknownKey));
        }
    }
    in_every_paseto!(check);
}

#[test]
fn footer_and_assertion_do_not_stand_in_for_each_other() {
    fn check<F: Fixed + Paseto>() {
        let ring = ring::<F>(&noon());
        let verifier = Verifier::<Access>::new(&ring).unwrap();
        let both = Issuer::<Access, F>::new(&ring).unwrap().with_footer(&route()).unwrap().with_implicit_assertion(b"tenant-7");
        let token = both.issue(&ada()).unwrap().token;
        assert_eq!(verifier.verify_now(&token).map(drop), Err(VerifyError::BadSeal));
        let verified = verifier.clone().with_implicit_assertion(b"tenant-7").verify_now(&token).unwrap();
        assert_eq!(verified.footer::<Route>(), Ok(route()));
        // The order of the two settings does not matter.
        let other = Issuer::<Access, F>::new(&ring).unwrap().with_implicit_assertion(b"tenant-7").with_footer(&route()).unwrap();
        assert_eq!(footer_text(&other.issue(&ada()).unwrap().token), footer_text(&token));
    }
    in_every_paseto!(check);
}

#[tokio::test]
async fn a_footer_names_the_key_that_signs_now() {
    let ring = own_ring::<V4Local>(&noon());
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_footer(&route()).unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    let before = issuer.issue(&ada()).unwrap();
    ring.rotate().await.unwrap();
    let after = issuer.issue(&ada()).unwrap();
    assert_ne!(before.key_id, after.key_id);
    for issued in [before, after] {
        let verified = verifier.verify_now(&issued.token).unwrap();
        assert_eq!(verified.footer::<Route>(), Ok(route()));
        assert_eq!(verified.key_id(), issued.key_id.as_ref().map(|id| id.as_str()));
    }
}

#[test]
fn a_jwt_has_none() {
    let ring = ring::<Jwt<EdDsa>>(&noon());
    let verified = Verifier::<Access>::new(&ring).unwrap().verify_now(&token(&ring)).unwrap();
    assert_eq!((verified.footer::<Value>(), verified.footer_bytes()), (Err(FooterError::NotPaseto), &b""[..]));
}

#[test]
fn what_may_not_be_added() {
    let issuer = Issuer::<Access, _>::new(&ring::<V4Public>(&noon())).unwrap();
    let refused = |footer: Value| issuer.clone().with_footer(&footer).map(drop).unwrap_err();
    assert_eq!(refused(json!({ "kid": "k2" })), ConfigError::Footer(FooterRule::Reserved("kid")));
    assert_eq!(refused(json!({ "wpk": "k4.seal.AAAA" })), ConfigError::Footer(FooterRule::Reserved("wpk")));
    assert_eq!(refused(json!([1])), ConfigError::Footer(FooterRule::NotAnObject));
    assert_eq!(refused(json!({ "a": { "b": 1 } })), ConfigError::Footer(FooterRule::Nested));
    let secret = refused(json!({ "a": "k4.secret.AAAA" }));
    assert_eq!(secret.to_string(), "the footer is refused: it holds the text of a key");
    let long = refused(json!({ "a": "x".repeat(2000) }));
    assert_eq!(long.to_string(), "the footer is refused: it is 2008 bytes long, at most 1024 are written");
}
