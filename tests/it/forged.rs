//! The forger of `session_runtime::testing`: each bad token has one thing wrong, and the thing that it says.

use std::{collections::BTreeSet, time::Duration};

use session_runtime::{
    Claims, Issuer, Revocations, Verifier,
    claims::PlainClaims,
    error::VerifyError,
    explain::Finding,
    limits::JsonLimits,
    revocation::MemoryRevocations,
    testing::{Answer, Bad, BadToken, FixedKeys, fixed_ring_at, forge, other_ring_at},
};

use super::support::{self, Access, NOON, ada, after, in_every_format, is_paseto, noon, verdict};

/// A type that declares little, and knows all of its claims.
#[derive(Claims, Debug, Clone, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", deny_unknown)]
struct Bare {
    seat: u8,
    #[claim(default)]
    colour: String,
    anything: serde_json::Value,
}

fn bare() -> Bare {
    Bare { seat: 3, colour: "red".into(), anything: "whatever".into() }
}

fn issuer<C: PlainClaims, F: FixedKeys>() -> Issuer<C, F> {
    Issuer::new(&fixed_ring_at(noon()).unwrap()).unwrap()
}

fn verifier<C: PlainClaims, F: FixedKeys>() -> Verifier<C> {
    Verifier::new(&fixed_ring_at::<F>(noon()).unwrap()).unwrap()
}

fn all<F: FixedKeys>() -> Vec<BadToken> {
    forge(&issuer::<Access, F>()).every_bad_token(&ada()).unwrap()
}

fn one<F: FixedKeys>(bad: Bad) -> BadToken {
    forge(&issuer::<Access, F>()).token(bad, &ada()).unwrap().unwrap_or_else(|| panic!("{}: {bad}", F::NAME))
}

/// Every format and every kind: the good token is good, and each bad one gets the answer that it says.
#[test]
fn each_is_refused_for_what_it_says() {
    fn check_type<C: PlainClaims, F: FixedKeys>(claims: &C) {
        let (issuer, verifier) = (issuer::<C, F>(), verifier::<C, F>());
        assert_eq!(verdict(&verifier.verify_now(&issuer.issue(claims).unwrap().token)), "good", "{}", F::NAME);
        for bad in forge(&issuer).every_bad_token(claims).unwrap() {
            let answer = verifier.verify_now(&bad.token).err();
            assert!(answer.as_ref().is_some_and(|error| bad.answer.is(error)), "{} {bad}: {answer:?}", F::NAME);
        }
    }
    fn check<F: FixedKeys>() {
        check_type::<Access, F>(&ada());
        check_type::<Bare, F>(&bare());
    }
    in_every_format!(check);
}

/// What a verifier says is written out here, so that the forger and the runtime do not only agree with each other.
#[test]
fn the_answers_in_words() {
    #[track_caller]
    fn check<F: FixedKeys>(bad: Bad, want: &str) {
        let token = one::<F>(bad);
        assert_eq!(verdict(&verifier::<Access, F>().verify_now(&token.token)), want, "{bad}");
    }
    type Signed = session_runtime::jwt::Jwt<session_runtime::jwt::EdDsa>;
    type Encrypted = session_runtime::paseto::V4Local;
    check::<Signed>(Bad::ExpiredByOneSecond, "claim `exp`: expired at 2030-01-01T11:59:59Z");
    check::<Encrypted>(Bad::ExpiredByOneSecond, "claim `exp`: expired at 2030-01-01T11:59:59Z");
    check::<Signed>(Bad::ExpiredAtTheEdge, "claim `exp`: expired at 2030-01-01T12:00:00Z");
    check::<Signed>(Bad::NoExpiry, "claim `exp`: missing");
    for malformed in [Bad::ExpiryOfAnotherType, Bad::ExpiryBelowZero, Bad::ExpiryTooLarge] {
        check::<Signed>(malformed, "claim `exp`: not a time in the token's format");
        check::<Encrypted>(malformed, "claim `exp`: not a time in the token's format");
    }
    check::<Signed>(Bad::NotYetValid, "claim `nbf`: not before 2030-01-01T12:00:01Z");
    check::<Signed>(Bad::IssuedInTheFuture, "claim `iat`: issued in the future, at 2030-01-01T12:00:01Z");
    check::<Signed>(Bad::NoIssuedAt, "claim `iat`: missing");
    check::<Encrypted>(Bad::LivesTooLong, "claim `exp`: lives longer than 86400s");
    check::<Signed>(Bad::WrongIssuer, "claim `iss`: not the expected issuer");
    check::<Signed>(Bad::NoIssuer, "claim `iss`: missing");
    check::<Signed>(Bad::IssuerList, "claim `iss`: not a string");
    check::<Signed>(Bad::WrongAudience, "claim `aud`: not meant for this audience");
    check::<Signed>(Bad::NoAudience, "claim `aud`: missing");
    check::<Signed>(Bad::AudienceOfAnotherType, "claim `aud`: not a string or an array of strings");
    check::<Signed>(Bad::WrongType, "claim `typ`: a token of another type");
    check::<Signed>(Bad::NoType, "claim `typ`: a token of another type");
    check::<Encrypted>(Bad::WrongType, "the token's seal does not fit");
    check::<Encrypted>(Bad::WrongAssertion, "the token's seal does not fit");
    check::<Signed>(Bad::ClaimMissing, "claim `sub`: missing");
    check::<Signed>(Bad::ClaimOfAnotherType, "claim `sub`: not a string that is not empty");
    for twice in [Bad::DuplicateClaim, Bad::DuplicateWithAnotherValue, Bad::DuplicateInAnotherSpelling] {
        check::<Signed>(twice, "claim `sub`: there twice");
        check::<Encrypted>(twice, "claim `sub`: there twice");
    }
    for payload in [Bad::DuplicateUnknown, Bad::DuplicateInside, Bad::PayloadNotUtf8, Bad::PayloadTooDeep, Bad::TextTooLong] {
        check::<Signed>(payload, "malformed token: the payload is not an acceptable JSON object");
    }
    for header in [Bad::CriticalExtension, Bad::EmbeddedKey, Bad::LinkedKey, Bad::Compressed, Bad::Nested] {
        check::<Signed>(header, "malformed token: the header asks for what is never accepted");
    }
    for algorithm in [Bad::NoAlgorithm, Bad::AlgorithmSwapped, Bad::SealedWithPublicKey] {
        check::<Signed>(algorithm, "malformed token: the header's algorithm is not the key's");
    }
    check::<Signed>(Bad::HeaderTwice, "malformed token: unreadable header or footer");
    check::<Signed>(Bad::UnknownKey, "the token's key is not known");
    check::<Encrypted>(Bad::UnknownKey, "the token's key is not known");
    for seal in [Bad::AnotherKey, Bad::SealChanged, Bad::SealCut, Bad::NoSeal, Bad::ClaimsChanged, Bad::HeaderChanged] {
        check::<Signed>(seal, "the token's seal does not fit");
        check::<Encrypted>(seal, "the token's seal does not fit");
    }
    for text in [Bad::Padded, Bad::SpaceBefore, Bad::SpaceAfter, Bad::AnotherSpelling] {
        check::<Signed>(text, "malformed token: not base64url");
    }
    check::<Encrypted>(Bad::AnotherSpelling, "malformed token: not base64url");
    check::<Encrypted>(Bad::AnotherFormat, "malformed token: the header's algorithm is not the key's");
    check::<Signed>(Bad::TooLong, "malformed token: longer than 8192 bytes");
}

/// Whoever is asked why a token is refused is told one reason, and the same as the verifier's.
#[test]
fn each_is_explained() {
    fn check<F: FixedKeys>() {
        let verifier = verifier::<Access, F>();
        for bad in all::<F>() {
            let explanation = verifier.verify_explain(&bad.token);
            assert_eq!(explanation.verdict(), verifier.verify_now(&bad.token).as_ref().map(drop), "{} {bad}", F::NAME);
            let failed: Vec<String> = explanation
                .steps()
                .iter()
                .filter(|step| matches!(step.finding, Finding::Failed(_)))
                .map(|step| step.check.to_string())
                .collect();
            assert_eq!(failed.len(), 1, "{} {bad}: {failed:?}", F::NAME);
        }
    }
    in_every_format!(check);
}

/// Without the defect the same token is good: there is nothing else wrong with it.
#[test]
fn nothing_else_is_wrong() {
    fn check<F: FixedKeys>() {
        let good = |bad: Bad, verifier: &Verifier<Access>, at: i64| {
            // A format whose seal leaves no room for it.
            let Some(token) = forge(&issuer::<Access, F>()).token(bad, &ada()).unwrap() else { return };
            assert_eq!(verdict(&verifier.open_at(&token.token, after(at))), "good", "{} {bad}", F::NAME);
        };
        let ring = fixed_ring_at::<F>(noon()).unwrap();
        let with = || Verifier::<Access>::builder().accept(&ring);
        let usual = verifier::<Access, F>();
        // At another time.
        good(Bad::ExpiredByOneSecond, &usual, -2);
        good(Bad::ExpiredAtTheEdge, &usual, -1);
        good(Bad::NotYetValid, &usual, 1);
        good(Bad::IssuedInTheFuture, &usual, 1);
        // For a verifier that wants just this.
        good(Bad::LivesTooLong, &with().max_ttl(Duration::MAX).build().unwrap(), 0);
        good(Bad::WrongIssuer, &with().issuer(format!("{}.evil.example", support::ISSUER)).build().unwrap(), 0);
        good(Bad::NoIssuer, &with().no_issuer().build().unwrap(), 0);
        good(Bad::WrongAudience, &with().audience(["orders.evil.example"]).build().unwrap(), 0);
        good(Bad::NoAudience, &with().no_audience().build().unwrap(), 0);
        good(Bad::WrongType, &with().token_type("forged+jwt").build().unwrap(), 0);
        good(Bad::NoType, &with().untyped().build().unwrap(), 0);
        let limits = JsonLimits::DEFAULT;
        let wide = JsonLimits { depth: limits.depth + 1, members: limits.members + 1, string: limits.string + 1 };
        for bad in [Bad::PayloadTooDeep, Bad::PayloadTooWide, Bad::TextTooLong] {
            good(bad, &with().json_limits(wide).build().unwrap(), 0);
        }
        if is_paseto::<F>() {
            good(Bad::WrongAssertion, &usual.with_implicit_assertion(b"forged"), 0);
        }
        // With the damage taken back.
        let usual = verifier::<Access, F>();
        for bad in [Bad::Padded, Bad::SpaceBefore, Bad::SpaceAfter] {
            let token = one::<F>(bad).token;
            assert_eq!(verdict(&usual.verify_now(token.trim_matches([' ', '=']))), "good", "{} {bad}", F::NAME);
        }
        let longer = one::<F>(Bad::OneCharacterMore).token;
        assert_eq!(verdict(&usual.verify_now(&longer[..longer.len() - 1])), "good");
        let long = one::<F>(Bad::TooLong).token;
        assert_eq!(long.len(), 8193);
    }
    in_every_format!(check);
}

/// What a format or a type has not, written out, so that no kind vanishes unnoticed.
#[test]
fn every_kind_is_there_unless_it_cannot_be() {
    fn check<F: FixedKeys>() {
        let tokens = all::<F>();
        let made: BTreeSet<String> = tokens.iter().map(|token| token.bad.to_string()).collect();
        let mut cannot = vec![
            Bad::UnexpectedIssuer,
            Bad::UnexpectedAudience,
            Bad::UnknownClaim,
            Bad::ClaimOutOfBounds,
            Bad::NoTokenId,
            Bad::NoLogPosition,
            Bad::Revoked,
            Bad::CompromisedKey,
        ];
        if is_paseto::<F>() {
            cannot.extend([
                Bad::CriticalExtension,
                Bad::EmbeddedKey,
                Bad::LinkedKey,
                Bad::Compressed,
                Bad::Nested,
                Bad::NoAlgorithm,
                Bad::AlgorithmSwapped,
                Bad::SealedWithPublicKey,
                Bad::HeaderTwice,
                Bad::JsonSerialization,
            ]);
        } else {
            cannot.push(Bad::WrongAssertion);
            if F::NAME.starts_with("HS") {
                cannot.push(Bad::SealedWithPublicKey);
            }
        }
        // A seal of thousands of characters leaves no room.
        if F::NAME.starts_with("ML-DSA") {
            cannot.push(Bad::TextTooLong);
        }
        let missing: Vec<String> = Bad::ALL.iter().map(ToString::to_string).filter(|words| !made.contains(words)).collect();
        let cannot: Vec<String> = Bad::ALL.iter().filter(|bad| cannot.contains(bad)).map(ToString::to_string).collect();
        assert_eq!(missing, cannot, "{}", F::NAME);
        // One for each claim of the type.
        let about = |bad| tokens.iter().filter(|token| token.bad == bad).filter_map(|token| token.claim).collect::<Vec<_>>();
        assert_eq!(about(Bad::ClaimMissing), ["sub", "org", "roles"]);
        assert_eq!(about(Bad::ClaimOfAnotherType), ["sub", "org", "roles"]);
    }
    in_every_format!(check);
}

/// A claim that may be absent, and one that takes everything, are not forged.
#[test]
fn a_type_is_asked_what_it_needs() {
    type F = session_runtime::paseto::V4Public;
    let tokens = forge(&issuer::<Bare, F>()).every_bad_token(&bare()).unwrap();
    let about = |bad| tokens.iter().filter(|token| token.bad == bad).filter_map(|token| token.claim).collect::<Vec<_>>();
    assert_eq!(about(Bad::ClaimMissing), ["seat", "anything"]);
    assert_eq!(about(Bad::ClaimOfAnotherType), ["seat", "colour"]);
    for there in [Bad::UnexpectedIssuer, Bad::UnexpectedAudience, Bad::UnknownClaim] {
        assert!(tokens.iter().any(|token| token.bad == there), "{there}");
    }
}

/// Bounds and nested claims have their own bad tokens.
#[test]
fn bounds_and_nested_claims_are_forged() {
    #[derive(Claims, Debug)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Bounded {
        #[claim(one_of("red", "blue"))]
        colour: String,
        #[claim(range = 1..=9)]
        seat: u8,
        #[claim(max_len = 8)]
        note: String,
        #[claim(path = "realm.roles")]
        roles: Vec<String>,
        #[claim(path = "realm.region")]
        region: String,
    }
    fn check<F: FixedKeys>() {
        let good = Bounded { colour: "red".into(), seat: 3, note: "x".into(), roles: vec!["a".into()], region: "eu".into() };
        let (issuer, verifier) = (issuer::<Bounded, F>(), verifier::<Bounded, F>());
        assert_eq!(verdict(&verifier.verify_now(&issuer.issue(&good).unwrap().token)), "good");
        let tokens = forge(&issuer).every_bad_token(&good).unwrap();
        for bad in &tokens {
            let answer = verifier.verify_now(&bad.token).err();
            assert!(answer.as_ref().is_some_and(|error| bad.answer.is(error)), "{} {bad}: {answer:?}", F::NAME);
        }
        let about = |bad| tokens.iter().filter(|token| token.bad == bad).filter_map(|token| token.claim).collect::<Vec<_>>();
        assert_eq!(about(Bad::ClaimOutOfBounds), ["colour", "seat", "seat", "note"]);
        assert_eq!(about(Bad::ClaimMissing), ["colour", "seat", "note", "realm.roles", "realm.region"]);
        assert_eq!(about(Bad::ClaimOfAnotherType), about(Bad::ClaimMissing));
    }
    check::<session_runtime::jwt::Jwt<session_runtime::jwt::Es256>>();
    check::<session_runtime::paseto::V4Local>();
}

/// The leeway of a verifier moves every edge.
#[test]
fn edges_follow_the_leeway() {
    type F = session_runtime::jwt::Jwt<session_runtime::jwt::Es256>;
    let lenient =
        Verifier::<Access>::builder().accept(&fixed_ring_at::<F>(noon()).unwrap()).leeway(Duration::from_secs(90)).build().unwrap();
    let forger = forge(&issuer::<Access, F>());
    let edges = [Bad::ExpiredByOneSecond, Bad::ExpiredAtTheEdge, Bad::NotYetValid, Bad::IssuedInTheFuture];
    for bad in edges {
        let of = |forger: &session_runtime::testing::Forge<Access, F>| forger.token(bad, &ada()).unwrap().unwrap().token;
        assert!(lenient.open_at(&of(&forger), NOON).is_ok(), "{bad}");
        assert!(lenient.open_at(&of(&forger.clone().leeway(Duration::from_secs(90))), NOON).is_err(), "{bad}");
    }
}

/// The issuer's own settings: a ring of one's own, of somebody else's fixed key, of a key without a name.
#[test]
fn any_ring_will_do() {
    type F = session_runtime::jwt::Jwt<session_runtime::jwt::EdDsa>;
    let rings = [
        other_ring_at::<F>(noon()).unwrap(),
        support::own_ring::<F>(&noon()),
        session_runtime::KeyRing::builder()
            .clock(noon())
            .import(session_runtime::keyring::Key::<F>::generate().unwrap().without_id())
            .unwrap(),
    ];
    for ring in rings {
        let (issuer, verifier) = (Issuer::<Access, F>::new(&ring).unwrap(), Verifier::<Access>::new(&ring).unwrap());
        for bad in forge(&issuer).every_bad_token(&ada()).unwrap() {
            let answer = verifier.verify_now(&bad.token).err();
            assert!(answer.as_ref().is_some_and(|error| bad.answer.is(error)), "{bad}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn revoked_and_compromised() {
    type F = session_runtime::paseto::V4Local;
    let ring = fixed_ring_at::<F>(noon()).unwrap();
    let revocations = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), noon()).await.unwrap();
    let issuer = Issuer::<Access, F>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let forger = forge(&issuer);
    for bad in [Bad::NoTokenId, Bad::NoLogPosition] {
        let token = forger.token(bad, &ada()).unwrap().unwrap();
        assert!(token.answer.is(&verifier.verify_now(&token.token).unwrap_err()), "{bad}");
        assert!(Verifier::<Access>::new(&ring).unwrap().verify_now(&token.token).is_ok(), "{bad}: good where nothing can be revoked");
    }
    let revoked = forger.revoked(&revocations, &ada()).await.unwrap();
    assert_eq!(verifier.verify_now(&revoked.token).unwrap_err(), VerifyError::Revoked);
    assert!(verifier.verify_now(&issuer.issue(&ada()).unwrap().token).is_ok(), "only that one");
    let compromised = forger.compromised(&ring, &ada()).await.unwrap();
    assert_eq!((compromised.answer, verifier.verify_now(&compromised.token).unwrap_err()), (Answer::Revoked, VerifyError::Revoked));
    assert!(verifier.verify_now(&issuer.issue(&ada()).unwrap().token).is_ok(), "the ring has a fresh key");
}

/// Names and not tokens are shown: they may hold an application's claims.
#[test]
fn nothing_of_a_token_is_shown() {
    type F = session_runtime::jwt::Jwt<session_runtime::jwt::Hs256>;
    for bad in all::<F>() {
        let shown = format!("{bad} {bad:?}");
        assert!(!shown.contains("eyJ") && !shown.contains("ada"), "{shown}");
    }
}
