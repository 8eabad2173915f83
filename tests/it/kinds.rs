//! A token of one kind never passes for another: types × verifiers over JWT and PASETO, where everything but the type is equal.

use session_runtime::{
    Claims, Format, KeyRing, Verifier,
    claims::PlainClaims,
    error::{Problem, VerifyError},
    jwt::{Es256, Hs256, Jwt, unverified_header},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use crate::support::{Fixed, ISSUER, for_every_jwt, issuer, noon, ring};

macro_rules! kinds {
    ($($name:ident = $type:literal),* $(,)?) => {
        $(
            #[derive(Claims, Debug)]
            #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", token_type = $type)]
            struct $name {
                #[claim(sub)]
                user: String,
            }
        )*

        /// Every type's name with a token of it.
        fn tokens<F: Format>(ring: &KeyRing<F>) -> Vec<(&'static str, String)> {
            vec![$(($type, issuer::<$name, F>(ring).issue(&$name { user: "ada".into() }).unwrap().token)),*]
        }

        /// Every verifier of these types, by the name of its type.
        fn verdicts<F: Format>(ring: &KeyRing<F>, token: &str) -> Row {
            vec![$(($type, open::<$name, F>(ring, token))),*]
        }
    };
}

kinds! {
    Access = "at+jwt",
    Refresh = "rt+jwt",
    Identity = "id+jwt",
    Logout = "logout+jwt",
    Csrf = "csrf",
    Session = "session",
    Reset = "reset",
    Invite = "invite",
    Plain = "JWT",
    Prefix = "at",
    Longer = "at+jwt2",
    Shorter = "t+jwt",
    Dotted = "at.jwt",
}

fn open<C: PlainClaims, F: Format>(ring: &KeyRing<F>, token: &str) -> Result<(), VerifyError> {
    Verifier::<C>::new(ring).unwrap().verify_now(token).map(drop)
}

/// Whether a refusal is because of the type alone. PASETO seals the type, so there the seal does not fit.
fn is_for_its_type(error: &VerifyError) -> bool {
    match error {
        VerifyError::BadSeal => true,
        VerifyError::Claims(errors) => errors.iter().count() == 1 && errors.find("typ") == Some(&Problem::WrongType),
        _ => false,
    }
}

/// What each verifier, by the name of its type, says to one token.
type Row = Vec<(&'static str, Result<(), VerifyError>)>;

/// Everybody reads their own tokens and nobody reads another's.
#[track_caller]
fn check(matrix: Vec<(&str, Row)>) {
    let mut own = 0;
    for (written, verdicts) in matrix {
        for (wanted, answer) in verdicts {
            match answer {
                Ok(()) => {
                    assert_eq!(written, wanted);
                    own += 1;
                }
                Err(error) => assert!(written != wanted && is_for_its_type(&error), "{written} read as {wanted}: {error}"),
            }
        }
    }
    assert_eq!(own, 13);
}

#[test]
fn a_token_of_one_kind_is_no_token_of_another() {
    fn one<F: Fixed>() {
        let ring = ring::<F>(&noon());
        check(tokens(&ring).into_iter().map(|(written, token)| (written, verdicts(&ring, &token))).collect());
    }
    for_every_jwt!(F => one::<F>());
    one::<V4Public>();
    one::<V4Local>();
}

/// Sabotage: a verifier that does not look at the type is found by the same check.
#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn a_verifier_of_untyped_tokens_would_be_found() {
    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", untyped, allow(typ))]
    struct Anything {}
    let ring = ring::<Jwt<Hs256>>(&noon());
    let lax = |token: &str| vec![("at+jwt", open::<Anything, _>(&ring, token))];
    check(tokens(&ring).into_iter().map(|(written, token)| (written, lax(&token))).collect());
}

/// One verifier that accepts every format, one token of each format and type.
#[test]
fn no_format_passes_for_another() {
    type Rings = (KeyRing<Jwt<Es256>>, KeyRing<V4Public>, KeyRing<V4Local>, KeyRing<V3Public>, KeyRing<V3Local>);
    fn all<C: PlainClaims>(rings: &Rings) -> Verifier<C> {
        let builder = Verifier::<C>::builder().accept(&rings.0).accept(&rings.1).accept(&rings.2).accept(&rings.3);
        builder.accept(&rings.4).build().unwrap()
    }
    let rings: Rings = (ring(&noon()), ring(&noon()), ring(&noon()), ring(&noon()), ring(&noon()));
    let made = [tokens(&rings.0), tokens(&rings.1), tokens(&rings.2), tokens(&rings.3), tokens(&rings.4)];
    for (written, token) in made.concat() {
        let answers =
            [("at+jwt", all::<Access>(&rings).verify_now(&token).map(drop)), ("csrf", all::<Csrf>(&rings).verify_now(&token).map(drop))];
        for (wanted, answer) in answers {
            assert_eq!(answer.is_ok(), written == wanted, "{written} read as {wanted}: {answer:?}");
        }
        // And the ring of one format does not read another's.
        let readers = [
            open::<Access, _>(&rings.0, &token).is_ok(),
            open::<Access, _>(&rings.1, &token).is_ok(),
            open::<Access, _>(&rings.2, &token).is_ok(),
            open::<Access, _>(&rings.3, &token).is_ok(),
            open::<Access, _>(&rings.4, &token).is_ok(),
        ];
        assert_eq!(readers.iter().filter(|read| **read).count(), usize::from(written == "at+jwt"), "{written}");
    }
}

/// The type stands in the token where everybody can see it, and a token that does not say its type has none (RFC 8725 §3.11).
#[test]
fn the_type_of_a_jwt_is_in_its_header() {
    let ring = ring::<Jwt<Hs256>>(&noon());
    for (written, token) in tokens(&ring) {
        assert_eq!(unverified_header(&token).unwrap()["typ"], written);
    }
    let payload = serde_json::Value::Object(crate::support::good::<Jwt<Hs256>>()).to_string();
    let typed = |typ: &str| {
        let head = format!(r#"{{"alg":"HS256","kid":"k1"{typ}}}"#);
        open::<Access, _>(&ring, &<Jwt<Hs256> as Fixed>::forge(&head, payload.as_bytes()))
    };
    for typ in [r#","typ":"at+jwt""#, r#","typ":"AT+JWT""#, r#","typ":"application/at+jwt""#, r#","typ":"Application/At+Jwt""#] {
        assert_eq!(typed(typ), Ok(()), "{typ}");
    }
    for typ in ["", r#","typ":"""#, r#","typ":"JWT""#, r#","typ":"text/at+jwt""#, r#","typ":"application/application/at+jwt""#] {
        assert!(typed(typ).is_err_and(|error| is_for_its_type(&error)), "{typ}");
    }
}

/// The type and a user's assertion are told apart whatever their texts, and neither can take the other's place.
#[test]
fn type_and_assertion_do_not_run_into_each_other() {
    fn sealed<C: PlainClaims, F: Format>(ring: &KeyRing<F>, claims: &C::At<'_>, assertion: &str) -> String {
        issuer::<C, F>(ring).with_implicit_assertion(assertion.as_bytes()).issue(claims).unwrap().token
    }
    let ring = ring::<V4Local>(&noon());
    let token = sealed::<Prefix, _>(&ring, &Prefix { user: "ada".into() }, "+jwt");
    for assertion in ["", "+jwt", "at+jwt"] {
        let access = Verifier::<Access>::new(&ring).unwrap().with_implicit_assertion(assertion.as_bytes());
        assert_eq!(access.verify_now(&token).map(drop), Err(VerifyError::BadSeal), "{assertion}");
    }
    let prefix = Verifier::<Prefix>::new(&ring).unwrap().with_implicit_assertion(b"+jwt");
    assert_eq!(prefix.verify_now(&token).unwrap().user, "ada");
}
