//! Every cause of refusal that there is, and the few answers to all of them: the bytes are in `answers.txt`.

use std::{collections::BTreeMap, time::Duration};

use axum::response::IntoResponse;
use expect_test::expect_file;
use session_runtime::{
    Issuer, Revocations, Verified, Verifier,
    error::{Malformed, Unavailable, VerifyError},
    http::{Anyone, Guard, HeaderFault, Refusal, Strict},
    jwt::{EdDsa, Jwt},
    paseto::V4Local,
    revocation::MemoryRevocations,
    testing::{FaultyRevocations, FixedKeys, fixed_ring_at, forge},
};

use super::{ask, bearer, bytes, reached, show};
use crate::support::{Access, ada, issuer, noon, own_ring, token};

/// The causes by their answer.
#[derive(Default)]
struct Causes(BTreeMap<String, Vec<String>>);

impl Causes {
    fn add(&mut self, cause: impl Into<String>, answer: String) {
        let cause = cause.into();
        assert!(!reached(&answer), "{cause} was let in");
        self.0.entry(answer).or_default().push(cause);
    }
}

struct Auditor;

impl Guard<Access> for Auditor {
    fn allows(access: &Verified<Access>) -> bool {
        access.roles.iter().any(|role| role == "auditor")
    }
}

struct Refunds;

impl Guard<Access> for Refunds {
    const SCOPE: Option<&'static str> = Some("orders:refund orders:read");
    fn allows(_: &Verified<Access>) -> bool {
        false
    }
}

#[tokio::test]
async fn many_causes_and_six_answers() {
    let mut causes = Causes::default();
    headers(&mut causes).await;
    forged::<Jwt<EdDsa>>(&mut causes).await;
    forged::<V4Local>(&mut causes).await;
    guards(&mut causes).await;
    revoked(&mut causes).await;
    out_of_reach(&mut causes).await;
    by_hand(&mut causes).await;

    let count: usize = causes.0.values().map(Vec::len).sum();
    assert!(count >= 150, "{count}");
    // One for each of the five, and 403 once more with the scope of a guard.
    assert_eq!(causes.0.len(), 6, "{:?}", causes.0.keys());
    let mut text = String::new();
    for (answer, causes) in causes.0 {
        let lines: Vec<String> = causes.iter().map(|cause| format!("- {cause}\n")).collect();
        text.push_str(&format!("{answer}\n\n=== is the answer to {} causes ===\n\n{}\n\n", causes.len(), lines.concat()));
    }
    expect_file!["answers.txt"].assert_eq(&text);
}

async fn headers(causes: &mut Causes) {
    let ring = own_ring::<Jwt<EdDsa>>(&noon());
    let verifier = Verifier::new(&ring).unwrap();
    let good = bearer(&token(&ring));
    let basic = "Basic YWRhOmFkYQ==";
    assert!(reached(&ask::<Anyone>(&verifier, &[&good]).await), "otherwise nothing here proves anything");
    let twice = [good.as_str(), good.as_str()];
    let table: [(&str, &[&str]); 24] = [
        ("no header", &[]),
        ("basic", &[basic]),
        ("negotiate, no credentials", &["Negotiate"]),
        ("DPoP", &[&good.replace("Bearer", "DPoP")]),
        ("no space after the scheme", &[&good.replace(' ', "")]),
        ("the same header twice", &twice),
        ("bearer and basic", &[&good, basic]),
        ("basic and bearer", &[basic, &good]),
        ("basic twice", &[basic, basic]),
        ("empty header", &[""]),
        ("scheme alone", &["Bearer"]),
        ("scheme and a space", &["Bearer "]),
        ("a tab after the scheme", &[&good.replace(' ', "\t")]),
        ("a space before", &[&format!(" {good}")]),
        ("a space behind", &[&format!("{good} ")]),
        ("two tokens", &[&format!("{good} {good}")]),
        ("two tokens and a comma", &[&format!("{good}, {good}")]),
        ("a colon", &[&good.replace("Bearer", "Bearer:")]),
        ("quotes", &[&format!("Bearer \"{}\"", token(&ring))]),
        ("token without scheme", &[&token(&ring)]),
        ("not ASCII", &["Bearer é"]),
        ("a scheme of 65 letters", &[&"a".repeat(65)]),
        ("400 KB of dots", &[&".".repeat(400_000)]),
        ("400 KB of dots as a token", &[&bearer(&".".repeat(400_000))]),
    ];
    for (cause, authorization) in table {
        causes.add(format!("header: {cause}"), ask::<Anyone>(&verifier, authorization).await);
    }
}

async fn forged<F: FixedKeys>(causes: &mut Causes) {
    let ring = fixed_ring_at::<F>(noon()).unwrap();
    let verifier = Verifier::new(&ring).unwrap();
    for bad in forge(&issuer::<Access, F>(&ring)).every_bad_token(&ada()).unwrap() {
        // Spaces after the scheme are not part of a token (RFC 6750 §2.1), so this one is good in a header.
        if !bad.token.starts_with(' ') {
            causes.add(format!("{}: {bad}", F::NAME), show(&verifier, &bad.token).await);
        }
    }
}

async fn guards(causes: &mut Causes) {
    let ring = own_ring::<V4Local>(&noon());
    let (verifier, good) = (Verifier::new(&ring).unwrap(), bearer(&token(&ring)));
    causes.add("guard: a role that ada has not", ask::<Auditor>(&verifier, &[&good]).await);
    causes.add("guard: the same, strictly", ask::<Strict<Auditor>>(&verifier, &[&good]).await);
    causes.add("guard: a scope", ask::<Refunds>(&verifier, &[&good]).await);
    causes.add("guard: a bad token where nobody would be allowed", ask::<Refunds>(&verifier, &[&format!("{good}x")]).await);
    causes.add("guard: nothing where nobody would be allowed", ask::<Refunds>(&verifier, &[]).await);
}

async fn revoked(causes: &mut Causes) {
    let clock = noon();
    let ring = fixed_ring_at::<V4Local>(clock.clone()).unwrap();
    let revocations = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock).await.unwrap();
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let login = || issuer.issue(&ada()).unwrap().token;

    let token = login();
    revocations.revoke(&verifier.verify(&token).await.unwrap()).await.unwrap();
    causes.add("revoked: the token", show(&verifier, &token).await);
    let token = login();
    revocations.revoke_subject(&verifier.verify(&token).await.unwrap()).await.unwrap();
    causes.add("revoked: its subject", show(&verifier, &token).await);
    let token = login();
    revocations.revoke_all().await.unwrap();
    causes.add("revoked: everything", show(&verifier, &token).await);
    causes.add("revoked: everything, asked strictly", ask::<Strict>(&verifier, &[&bearer(&token)]).await);
    let token = login();
    revocations.revoke_key(ring.name(), &ring.signing_key().unwrap()).await.unwrap();
    causes.add("revoked: its key", show(&verifier, &token).await);
}

async fn out_of_reach(causes: &mut Causes) {
    let clock = noon();
    let ring = own_ring::<V4Local>(&clock);
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let revocations = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let token = issuer.issue(&ada()).unwrap().token;
    assert!(reached(&ask::<Strict>(&verifier, &[&bearer(&token)]).await));
    store.fail_reads(true);
    assert!(reached(&show(&verifier, &token).await));
    causes.add("out of reach: the log, asked strictly", ask::<Strict>(&verifier, &[&bearer(&token)]).await);
    clock.advance(Duration::from_secs(16));
    causes.add("out of reach: the log, for too long", show(&verifier, &token).await);
    causes.add("out of reach: the log, and a bad token", show(&verifier, &format!("{token}x")).await);

    let ring = own_ring::<Jwt<EdDsa>>(&clock);
    let (verifier, token) = (Verifier::new(&ring).unwrap(), crate::support::token(&ring));
    let first = ring.signing_key().unwrap();
    ring.rotate().await.unwrap();
    ring.suspend(&first).await.unwrap();
    causes.add("out of reach: a suspended key", show(&verifier, &token).await);
}

/// What takes a fault of machines or a long time to bring about.
async fn by_hand(causes: &mut Causes) {
    let (age, allowed) = (Duration::from_secs(16), Duration::from_secs(15));
    let mut tell = async |refusal: Refusal| {
        let name = format!("by hand: {refusal:?}");
        causes.add(name, bytes(refusal.into_response()).await);
    };
    for what in [
        Unavailable::StaleRevocations { age, allowed },
        Unavailable::UnconfirmedRevocations,
        Unavailable::RecoveringRevocations { for_another: age },
        Unavailable::ClockSkew { seconds: -40 },
        Unavailable::ClockSetBack,
        Unavailable::StaleKeys { age, allowed },
        Unavailable::SuspendedKey,
    ] {
        tell(VerifyError::Unavailable(what).into()).await;
    }
    for what in [
        Malformed::TooLong { limit: 8192 },
        Malformed::Shape,
        Malformed::Encoding,
        Malformed::Header,
        Malformed::RefusedHeader,
        Malformed::Algorithm,
        Malformed::Payload,
    ] {
        tell(VerifyError::Malformed(what).into()).await;
    }
    for error in [VerifyError::UnknownKey, VerifyError::BadSeal, VerifyError::Revoked] {
        tell(error.into()).await;
    }
    for fault in [HeaderFault::Several, HeaderFault::Syntax, HeaderFault::TooLong { limit: 8192 }] {
        tell(Refusal::Header(fault)).await;
    }
    tell(Refusal::NoCredentials).await;
}

/// Clients keep what they have, and know when to come again.
#[tokio::test]
async fn a_503_takes_nothing_away() {
    let response = Refusal::from(VerifyError::Unavailable(Unavailable::SuspendedKey)).into_response();
    assert_eq!(response.headers()["retry-after"], "5");
    for absent in ["set-cookie", "www-authenticate", "clear-site-data", "location"] {
        assert!(!response.headers().contains_key(absent), "{absent}");
    }
}

/// The header is read as far as the verifier reads tokens.
#[tokio::test]
async fn a_verifier_of_longer_tokens_reads_longer_headers() {
    let ring = own_ring::<Jwt<EdDsa>>(&noon());
    let long = || Access { tenant: "x".repeat(4_000), roles: (0..3).map(|_| "y".repeat(3_000)).collect(), ..ada() };
    let wide = Issuer::<Access, _>::builder().max_length(60_000).build(&ring).unwrap().issue(&long()).unwrap().token;
    let usual = Verifier::new(&ring).unwrap();
    assert_eq!((usual.max_length(), wide.len() > 8_192), (8_192, true));
    assert!(show(&usual, &wide).await.contains("401"));
    let wider = Verifier::<Access>::builder().accept(&ring).max_length(60_000).build().unwrap();
    assert!(reached(&show(&wider, &wide).await));
}
