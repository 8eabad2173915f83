//! Revocation through issuer and verifier: what is revoked is refused, whatever fails and however it is spelled.

use std::time::Duration;

use serde_json::json;
use session_runtime::{
    Claims, Clock, Format, Issuer, KeyRing, Revocations, Verified, Verifier,
    error::{ConfigError, RevokeError, Unavailable, VerifyError},
    jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
    paseto::{V4Local, V4Public},
    revocation::{MemoryRevocations, RevocationStore, SqliteRevocations},
    testing::{FaultyRevocations, ManualClock, WriteFault},
};

use crate::support::{Access, Fixed, ISSUER, NOON, ada, after, changed, forge, noon, own_ring, ring, verdict};

/// One node: a ring's issuer and verifier, attached to a log.
struct Node<F: Format> {
    issuer: Issuer<Access, F>,
    verifier: Verifier<Access>,
    revocations: Revocations,
}

impl<F: Format> Node<F> {
    async fn new(ring: &KeyRing<F>, store: impl RevocationStore, clock: &ManualClock) -> Self {
        let revocations = Revocations::open_with_clock(store, clock.clone()).await.unwrap();
        Self {
            issuer: Issuer::new(ring).unwrap().with_revocations(&revocations).await.unwrap(),
            verifier: Verifier::new(ring).unwrap().with_revocations(&revocations).await.unwrap(),
            revocations,
        }
    }

    fn login(&self, user: &str) -> String {
        self.issuer.issue(&Access { user: user.into(), ..ada() }).unwrap().token
    }

    fn check(&self, token: &str) -> Result<Verified<Access>, VerifyError> {
        self.verifier.verify_now(token)
    }

    #[track_caller]
    fn expect(&self, wants: &[(&str, &str)]) {
        for (index, (token, want)) in wants.iter().enumerate() {
            assert_eq!(verdict(&self.check(token)), *want, "token {index} in {}", F::NAME);
        }
    }
}

async fn node<F: Fixed>(clock: &ManualClock) -> Node<F> {
    Node::new(&ring::<F>(clock), MemoryRevocations::new().unwrap(), clock).await
}

macro_rules! in_every_format {
    ($check:ident) => {{
        $check::<Jwt<Hs256>>().await;
        $check::<Jwt<Rs256>>().await;
        $check::<Jwt<Es256>>().await;
        $check::<Jwt<EdDsa>>().await;
        $check::<V4Public>().await;
        $check::<V4Local>().await;
    }};
}

const REVOKED: &str = "revoked";
const GOOD: &str = "good";

#[tokio::test]
async fn one_token_and_no_other() {
    async fn check<F: Fixed>() {
        let node = node::<F>(&noon()).await;
        let [lost, kept] = [node.login("ada"), node.login("ada")];
        let verified = node.check(&lost).unwrap();
        node.revocations.revoke(&verified).await.unwrap();
        node.revocations.revoke(&verified).await.unwrap();
        let next = node.login("ada");
        node.expect(&[(&lost, REVOKED), (&kept, GOOD), (&next, GOOD)]);
        assert_eq!(node.verifier.verify(&lost).await.map(drop), Err(VerifyError::Revoked));
    }
    in_every_format!(check);
}

/// All within one second: no clock is compared.
#[tokio::test]
async fn everything_of_a_subject_until_the_next_login() {
    async fn check<F: Fixed>() {
        let node = node::<F>(&noon()).await;
        let [first, second, other] = [node.login("ada"), node.login("ada"), node.login("bob")];
        node.revocations.revoke_subject(&node.check(&first).unwrap()).await.unwrap();
        let again = node.login("ada");
        node.expect(&[(&first, REVOKED), (&second, REVOKED), (&other, GOOD), (&again, GOOD)]);
        node.revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
        let third = node.login("ada");
        node.expect(&[(&first, REVOKED), (&again, REVOKED), (&other, GOOD), (&third, GOOD)]);
        // The same subject of another issuer is somebody else, and texts do not run into each other.
        for (issuer, subject) in
            [(Some("https://partner.example"), "ada"), (None, "ada"), (Some(ISSUER), "ad"), (Some("https://id.exampl"), "eada")]
        {
            node.revocations.revoke_subject_of(issuer, subject).await.unwrap();
        }
        node.expect(&[(&third, GOOD)]);
    }
    in_every_format!(check);
}

/// A clock that goes back or stands wrong changes nothing about who is logged out.
#[tokio::test]
async fn no_clock_decides_who_is_logged_out() {
    let clock = noon();
    let ring = ring::<V4Local>(&clock);
    let node = Node::new(&ring, MemoryRevocations::new().unwrap(), &clock).await;
    // An issuer whose clock is fast: its token carries an `iat` after the revocation.
    let fast = Issuer::<Access, _>::builder().clock(ManualClock::at(after(20))).build(&ring).unwrap();
    let fast = fast.with_revocations(&node.revocations).await.unwrap();
    let escaping = fast.issue(&ada()).unwrap().token;
    clock.advance(Duration::from_secs(10));
    node.revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    clock.advance(Duration::from_secs(15));
    node.expect(&[(&escaping, REVOKED)]);
    // And one whose clock is slow logs in afterwards all the same.
    let slow = Issuer::<Access, _>::builder().clock(ManualClock::at(NOON)).build(&ring).unwrap();
    let slow = slow.with_revocations(&node.revocations).await.unwrap();
    node.expect(&[(&slow.issue(&ada()).unwrap().token, GOOD)]);
}

#[tokio::test]
async fn everything_until_now() {
    async fn check<F: Fixed>() {
        let node = node::<F>(&noon()).await;
        let [ada, bob] = [node.login("ada"), node.login("bob")];
        node.revocations.revoke_all().await.unwrap();
        let again = node.login("ada");
        node.expect(&[(&ada, REVOKED), (&bob, REVOKED), (&again, GOOD)]);
    }
    in_every_format!(check);
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    async fn check<F: Fixed>() {
        let (clock, folder) = (noon(), tempfile::tempdir().unwrap());
        let path = folder.path().join("revocations.db");
        let ring = ring::<F>(&clock);
        let node = Node::new(&ring, SqliteRevocations::open(&path).await.unwrap(), &clock).await;
        let [token, subject, kept] = [node.login("ada"), node.login("bob"), node.login("eve")];
        node.revocations.revoke(&node.check(&token).unwrap()).await.unwrap();
        node.revocations.revoke_subject(&node.check(&subject).unwrap()).await.unwrap();
        let again = node.login("bob");
        let generation = node.revocations.generation();
        drop(node);
        let node = Node::new(&ring, SqliteRevocations::open_existing(&path).await.unwrap(), &clock).await;
        assert_eq!(node.revocations.generation(), generation, "{}", F::NAME);
        node.expect(&[(&token, REVOKED), (&subject, REVOKED), (&kept, GOOD), (&again, GOOD)]);
        // A login after the restart knows everything from before it.
        node.revocations.revoke_all().await.unwrap();
        let last = node.login("ada");
        drop(node);
        let node = Node::new(&ring, SqliteRevocations::open_existing(&path).await.unwrap(), &clock).await;
        node.expect(&[(&kept, REVOKED), (&again, REVOKED), (&last, GOOD)]);
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

/// A token that cannot be named cannot be revoked, so it is not accepted where revocation is promised.
#[tokio::test]
async fn a_revocable_token_has_a_name_a_time_and_a_position() {
    async fn check<F: Fixed>() {
        let node = node::<F>(&noon()).await;
        let with_position = changed::<F>(|claims| drop(claims.insert("gen".into(), 5.into())));
        node.expect(&[(&with_position, GOOD), (&changed::<F>(|_| ()), "claim `gen`: missing")]);
        let bare = changed::<F>(|claims| {
            claims.remove("jti");
            claims.remove("iat");
        });
        node.expect(&[(&bare, "claim `iat`: missing; claim `jti`: missing; claim `gen`: missing")]);
        for odd in [json!("5"), json!(-1), json!(5.5), json!(null), json!([5]), json!(1e30)] {
            let token = changed::<F>(|claims| drop(claims.insert("gen".into(), odd)));
            node.expect(&[(&token, "claim `gen`: not a whole number")]);
        }
        // Without revocations nobody asks for a position, and it is no claim of the user's type.
        let plain = Verifier::<Access>::new(&ring::<F>(&noon())).unwrap();
        assert_eq!(verdict(&plain.verify_now(&changed::<F>(|_| ()))), GOOD, "{}", F::NAME);
        assert_eq!(F::payload(&node.login("ada"))["gen"], node.revocations.generation());
    }
    in_every_format!(check);
}

/// Two nodes on one shared log. `store` gives the faults.
async fn shared<F: Fixed>(clock: &ManualClock) -> (FaultyRevocations<MemoryRevocations>, Node<F>, Node<F>) {
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let ring = ring::<F>(clock);
    (store.clone(), Node::new(&ring, store.clone(), clock).await, Node::new(&ring, store, clock).await)
}

/// Not knowing is no permission: past the allowed age a token is refused for now, and what is known to be revoked for good.
#[tokio::test]
async fn a_store_out_of_reach_lets_nothing_pass() {
    async fn check<F: Fixed>() {
        let clock = noon();
        let (store, one, two) = shared::<F>(&clock).await;
        let [lost, kept] = [one.login("ada"), one.login("bob")];
        one.revocations.revoke(&one.check(&lost).unwrap()).await.unwrap();
        two.revocations.refresh().await.unwrap();
        store.fail_reads(true);
        clock.advance(Duration::from_secs(15));
        two.expect(&[(&lost, REVOKED), (&kept, GOOD)]);
        clock.advance(Duration::from_secs(1));
        assert!(two.revocations.refresh().await.is_err());
        let error = two.check(&kept).map(drop).unwrap_err();
        let stale = Unavailable::StaleRevocations { age: Duration::from_secs(16), allowed: Duration::from_secs(15) };
        assert_eq!(error, VerifyError::Unavailable(stale), "{}", F::NAME);
        assert_eq!((error.is_transient(), error.challenge()), (true, None), "{}: the client keeps its token", F::NAME);
        two.expect(&[(&lost, REVOKED)]);
        // A bad token is bad, whatever the store does.
        let expired = VerifyError::Malformed(session_runtime::error::Malformed::Shape);
        assert_eq!(two.check("").map(drop), Err(expired), "{}", F::NAME);
        store.fail_reads(false);
        two.revocations.refresh().await.unwrap();
        two.expect(&[(&lost, REVOKED), (&kept, GOOD)]);
    }
    in_every_format!(check);
}

/// Sabotage: a verifier that knows no log accepts what the one above refuses, so the refusals are the log's.
#[tokio::test]
async fn without_a_log_nothing_is_refused() {
    let clock = noon();
    let (_, one, _) = shared::<V4Local>(&clock).await;
    let lost = one.login("ada");
    one.revocations.revoke(&one.check(&lost).unwrap()).await.unwrap();
    let lax = Verifier::<Access>::new(&ring::<V4Local>(&clock)).unwrap();
    assert_eq!([verdict(&lax.verify_now(&lost)), verdict(&one.check(&lost))], [GOOD, REVOKED]);
}

/// A clock that is set by hand, or a late answer, makes nothing look fresher than it is.
#[tokio::test]
async fn age_is_measured_from_the_question_and_not_by_the_wall_clock() {
    let clock = noon();
    let (store, one, two) = shared::<V4Local>(&clock).await;
    let token = one.login("ada");
    clock.advance(Duration::from_secs(10));
    clock.step_wall(-10);
    two.expect(&[(&token, GOOD)]);
    clock.advance(Duration::from_secs(6));
    assert!(matches!(two.check(&token), Err(VerifyError::Unavailable(_))));
    store.slow_reads(clock.clone(), Duration::from_secs(16));
    two.revocations.refresh().await.unwrap();
    assert!(matches!(two.check(&token), Err(VerifyError::Unavailable(_))), "an answer proves what was so when it was asked for");
}

#[tokio::test]
async fn a_revocation_that_was_not_written_counts_here_all_the_same() {
    async fn check<F: Fixed>(fault: WriteFault) {
        let clock = noon();
        let (store, one, two) = shared::<F>(&clock).await;
        let lost = one.login("ada");
        let verified = one.check(&lost).unwrap();
        store.fail_writes(fault);
        assert!(matches!(one.revocations.revoke(&verified).await, Err(RevokeError::Store(_))), "{}", F::NAME);
        one.expect(&[(&lost, REVOKED)]);
        assert_eq!(one.revocations.pending(), 1);
        store.fail_writes(WriteFault::None);
        one.revocations.retry_pending().await.unwrap();
        two.revocations.refresh().await.unwrap();
        two.expect(&[(&lost, REVOKED)]);
    }
    for fault in [WriteFault::NotApplied, WriteFault::LostRequest, WriteFault::LostReply] {
        check::<Jwt<EdDsa>>(fault).await;
        check::<V4Local>(fault).await;
    }
}

/// A login on a node that does not know of the log-out yet is refused everywhere: the other way round a stolen token could escape.
#[tokio::test]
async fn a_login_that_does_not_know_of_the_log_out_is_repeated() {
    let clock = noon();
    let (_, one, two) = shared::<Jwt<EdDsa>>(&clock).await;
    let before = one.login("ada");
    one.revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    let unaware = two.login("ada");
    one.expect(&[(&before, REVOKED), (&unaware, REVOKED)]);
    two.revocations.refresh().await.unwrap();
    one.revocations.refresh().await.unwrap();
    let aware = two.login("ada");
    for node in [&one, &two] {
        node.expect(&[(&before, REVOKED), (&unaware, REVOKED), (&aware, GOOD)]);
    }
}

#[tokio::test]
async fn a_log_that_cannot_take_note_attaches_nobody() {
    let clock = noon();
    let store = FaultyRevocations::new(MemoryRevocations::new().unwrap());
    let revocations = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    store.fail_writes(WriteFault::NotApplied);
    let ring = ring::<V4Local>(&clock);
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    assert!(matches!(verifier.with_revocations(&revocations).await, Err(ConfigError::Store(_))));
    let issuer = Issuer::<Access, _>::new(&ring).unwrap();
    assert!(matches!(issuer.with_revocations(&revocations).await, Err(ConfigError::Store(_))));
}

/// A7: a revoked token in every other spelling. Each is refused, and as far as its seal is good, as revoked.
#[tokio::test]
async fn a_revoked_token_cannot_be_spelled_anew() {
    async fn check<F: Fixed>() {
        let node = node::<F>(&noon()).await;
        for _ in 0..20 {
            let lost = node.login("ada");
            node.revocations.revoke(&node.check(&lost).unwrap()).await.unwrap();
            for other in spellings(&lost) {
                let error = node.check(&other).map(drop).unwrap_err();
                let refused =
                    matches!(error, VerifyError::Revoked | VerifyError::Malformed(_) | VerifyError::BadSeal | VerifyError::UnknownKey);
                assert!(refused, "{} {other}: {error}", F::NAME);
            }
        }
    }
    in_every_format!(check);
}

/// Other texts that a lax reader would take for the same token.
fn spellings(token: &str) -> Vec<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut all: Vec<String> = ["{}=", "{}==", "{} ", " {}", "{}\n", "{}.", "{}..", "{}\0", "Bearer {}", "\u{feff}{}"]
        .map(|form| form.replace("{}", token))
        .to_vec();
    all.push(token.replace('-', "+").replace('_', "/"));
    all.push(token.to_uppercase());
    // Bits at the end of a part that stand for nothing.
    let mut ends: Vec<usize> = token.match_indices('.').map(|(index, _)| index).collect();
    ends.push(token.len());
    for end in ends {
        all.push(format!("{}={}", &token[..end], &token[end..]));
        let last = &token[end - 1..end];
        let Some(value) = ALPHABET.find(last) else { continue };
        for bits in 1..16 {
            let other = &ALPHABET[value ^ bits..=value ^ bits];
            all.push(format!("{}{other}{}", &token[..end - 1], &token[end..]));
        }
    }
    let mut parts: Vec<&str> = token.split('.').collect();
    parts.swap(0, 1);
    all.push(parts.join("."));
    all.retain(|text| text != token);
    all
}

/// With every ECDSA signature comes another one for the same message; the token's name is the same, and so is its fate.
#[tokio::test]
async fn the_twin_of_a_signature_is_no_other_token() {
    let node = node::<Jwt<Es256>>(&noon()).await;
    let lost = node.login("ada");
    let twin = forge::twin(&lost);
    assert_ne!(lost, twin);
    // The test reaches its point: before the revocation the twin is a good signature.
    assert_eq!(node.check(&twin).unwrap().token_id(), node.check(&lost).unwrap().token_id());
    node.revocations.revoke(&node.check(&lost).unwrap()).await.unwrap();
    node.expect(&[(&lost, REVOKED), (&twin, REVOKED)]);
}

/// An entry lives as long as the most patient verifier accepts its token: `exp`, 300 s of leeway and 60 s of skew.
#[tokio::test]
async fn an_entry_outlives_its_token_for_the_most_patient_verifier() {
    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", leeway = "300s", token_type = "at+jwt")]
    struct Patient {}
    async fn check<F: Fixed>() {
        let clock = noon();
        let node = node::<F>(&clock).await;
        let patient = Verifier::<Patient>::new(&ring::<F>(&clock)).unwrap().with_revocations(&node.revocations).await.unwrap();
        let lost = node.login("ada");
        node.revocations.revoke(&node.check(&lost).unwrap()).await.unwrap();
        let at =
            |seconds: i64| clock.advance(Duration::from_secs(u64::try_from(after(seconds).as_unix() - clock.wall().as_unix()).unwrap()));
        for (seconds, want, entries) in [
            (900 + 299, REVOKED, 1),
            (900 + 300, "claim `exp`: expired at 2030-01-01T12:15:00Z", 1),
            (900 + 300 + 60, "claim `exp`: expired at 2030-01-01T12:15:00Z", 1),
            (900 + 300 + 61, "claim `exp`: expired at 2030-01-01T12:15:00Z", 0),
        ] {
            at(seconds);
            node.revocations.prune().await.unwrap();
            assert_eq!((verdict(&patient.verify_now(&lost)).as_str(), node.revocations.len()), (want, entries), "{} {seconds}", F::NAME);
        }
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

/// An entry for a subject lives as long as any token that it covers, and the log learns how long from whoever is attached.
#[tokio::test]
async fn an_entry_for_a_subject_outlives_the_longest_token() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "20d", max_ttl = "30d", leeway = "300s", token_type = "at+jwt")]
    struct Long {
        #[claim(sub)]
        user: String,
    }
    let day = Duration::from_secs(86_400);
    let clock = noon();
    let ring = KeyRing::<V4Local>::builder().max_ttl(day * 30).clock(clock.clone()).generate().unwrap();
    let revocations = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock.clone()).await.unwrap();
    let issuer = Issuer::<Long, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::<Long>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let token = issuer.issue(&Long { user: "ada".into() }).unwrap().token;
    revocations.revoke_subject_of(None, "ada").await.unwrap();
    clock.advance(day * 20 + Duration::from_secs(299));
    revocations.prune().await.unwrap();
    assert_eq!(verdict(&verifier.verify_now(&token)), REVOKED);
    clock.advance(day * 11);
    assert_eq!(revocations.prune().await.unwrap(), 1);
}

#[tokio::test]
async fn what_has_no_name_cannot_be_revoked() {
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Nameless {}
    let ring = own_ring::<V4Local>(&noon());
    let token = Issuer::<Nameless, _>::new(&ring).unwrap().issue(&Nameless {}).unwrap().token;
    let verified = Verifier::<Nameless>::new(&ring).unwrap().verify_now(&token).unwrap();
    let revocations = Revocations::open(MemoryRevocations::new().unwrap()).await.unwrap();
    assert_eq!(revocations.revoke_subject(&verified).await, Err(RevokeError::NoSubject));
    assert_eq!(revocations.revoke(&verified).await, Ok(()));
    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", token_type = "at+jwt")]
    struct Foreign {}
    let foreign = changed::<V4Local>(|claims| drop(claims.remove("jti")));
    let verified = Verifier::<Foreign>::new(&crate::support::ring::<V4Local>(&noon())).unwrap().verify_now(&foreign).unwrap();
    assert_eq!(revocations.revoke(&verified).await, Err(RevokeError::NoTokenId));
}
