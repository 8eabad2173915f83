//! One verifier, several rings: moving between formats, issuers bound to their keys, and what cannot be built.

use std::time::Duration;

use serde_json::{Value, json};
use session_runtime::{
    Claims, Issuer, KeyRing, Timestamp, Verifier,
    error::{ConfigError, IssueError, Malformed, VerifyError},
    jwt::{
        AsymmetricAlgorithm, EdDsa, Es256, Es384, Es512, Hs256, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512,
    },
    keyring::{Key, PublicKeys, VerifyingKeys},
    limits::JsonLimits,
    paseto::{V3Local, V3Public, V4Local, V4Public},
    testing::ManualClock,
};

use crate::support::{
    Access, Fixed, ISSUER, KEY_ID, ada, changed, forge, in_every_format, key_id, keys, named_ring, noon, own_ring, pem, ring, token,
    verdict,
};

const PARTNER: &str = "https://partner.example";

#[test]
fn every_format_behind_one_verifier() {
    let clock = noon();
    let (hs, rs, es, ed) = (ring::<Jwt<Hs256>>(&clock), ring::<Jwt<Rs256>>(&clock), ring::<Jwt<Es256>>(&clock), ring::<Jwt<EdDsa>>(&clock));
    let (signed, local) = (ring::<V4Public>(&clock), ring::<V4Local>(&clock));
    let (signed3, local3) = (ring::<V3Public>(&clock), ring::<V3Local>(&clock));
    let tokens = [token(&hs), token(&rs), token(&es), token(&ed), token(&signed), token(&local), token(&signed3), token(&local3)];
    let jwts = Verifier::<Access>::builder().accept(&hs).accept(&rs).accept(&es).accept(&ed);
    let verifier = jwts.accept(&signed).accept(&local).accept(&signed3).accept(&local3).build().unwrap();
    for token in &tokens {
        assert_eq!(*verifier.verify_now(token).unwrap(), ada());
    }
    // And of fewer rings, exactly their own tokens.
    let fewer = Verifier::<Access>::builder().accept(&es).accept(&local).build().unwrap();
    let read = tokens.each_ref().map(|token| fewer.verify_now(token).is_ok());
    assert_eq!(read, [false, false, true, false, false, true, false, false]);
    for (token, want) in [(&tokens[0], Malformed::Algorithm), (&tokens[4], Malformed::Algorithm), (&tokens[7], Malformed::Algorithm)] {
        assert_eq!(fewer.verify_now(token).map(drop), Err(VerifyError::Malformed(want)));
    }
}

/// PASETO's own rule, that a key is of one version and one purpose: whatever a token's header is changed to, the keys of the others
/// do not open it, with a footer that names them all alike and without.
#[test]
fn a_paseto_opens_by_the_key_of_its_own_header_only() {
    const HEADERS: [&str; 4] = ["v4.public.", "v4.local.", "v3.public.", "v3.local."];
    let clock = noon();
    for assertion in [b"".as_slice(), b"tenant-7"] {
        let rings = (ring::<V4Public>(&clock), ring::<V4Local>(&clock), ring::<V3Public>(&clock), ring::<V3Local>(&clock));
        fn sealed<F: Fixed>(ring: &KeyRing<F>, assertion: &[u8]) -> String {
            Issuer::<Access, F>::new(ring).unwrap().with_implicit_assertion(assertion).issue(&ada()).unwrap().token
        }
        let tokens = [sealed(&rings.0, assertion), sealed(&rings.1, assertion), sealed(&rings.2, assertion), sealed(&rings.3, assertion)];
        let alone = [
            Verifier::<Access>::new(&rings.0).unwrap(),
            Verifier::<Access>::new(&rings.1).unwrap(),
            Verifier::<Access>::new(&rings.2).unwrap(),
            Verifier::<Access>::new(&rings.3).unwrap(),
        ]
        .map(|verifier| verifier.with_implicit_assertion(assertion));
        let all = Verifier::<Access>::builder().accept(&rings.0).accept(&rings.1).accept(&rings.2).accept(&rings.3);
        let all = all.accept(&ring::<Jwt<Hs256>>(&clock)).build().unwrap();
        let bound = all.clone().with_implicit_assertion(assertion);
        for (index, token) in tokens.iter().enumerate() {
            let read = alone.each_ref().map(|verifier| verifier.verify_now(token).is_ok());
            assert_eq!(read.map(usize::from).iter().sum::<usize>(), 1, "{token}");
            assert!(read[index] && bound.verify_now(token).is_ok(), "{token}");
            assert_eq!(all.verify_now(token).is_ok(), assertion.is_empty(), "{token}");
            let other = bound.clone().with_implicit_assertion(b"tenant-8");
            assert_eq!(other.verify_now(token).map(drop), Err(VerifyError::BadSeal), "{token}");
            for header in HEADERS.iter().filter(|header| !token.starts_with(**header)) {
                let renamed = token.replacen(HEADERS[index], header, 1);
                assert_eq!(bound.verify_now(&renamed).map(drop), Err(VerifyError::BadSeal), "{renamed}");
            }
        }
    }
}

/// Old tokens stay good while the verifiers know both rings, wherever the issuers are.
#[test]
fn moving_to_another_format_logs_nobody_out() {
    fn check<F: Fixed>() {
        let clock = noon();
        let (old, new) = (own_ring::<Jwt<Hs256>>(&clock), own_ring::<F>(&clock));
        let (before, after) = (token(&old), token(&new));
        for builder in [Verifier::<Access>::builder().accept(&old).accept(&new), Verifier::<Access>::builder().accept(&new).accept(&old)] {
            let verifier = builder.build().unwrap();
            assert_eq!([&before, &after].map(|token| verdict(&verifier.verify_now(token))), ["good", "good"], "{}", F::NAME);
        }
        let moved = Verifier::<Access>::new(&new).unwrap();
        assert!(moved.verify_now(&before).is_err(), "{}", F::NAME);
    }
    in_every_format!(check);
}

/// A token of the partner, sealed with the partner's key and saying `issuer`.
fn partners<F: Fixed>(ring: &KeyRing<F>, says: &str) -> String {
    Issuer::<Access, F>::builder().issuer(says).build(ring).unwrap().issue(&ada()).unwrap().token
}

/// RFC 8725 §3.8: a key speaks for its issuer and for nobody else, in both directions.
#[test]
fn a_key_speaks_for_its_own_issuer_only() {
    fn check<F: Fixed>() {
        let clock = noon();
        let (ours, theirs) = (own_ring::<F>(&clock), own_ring::<F>(&clock));
        let verifier = Verifier::<Access>::builder().accept(&ours).accept_from(PARTNER, &theirs).build().unwrap();
        for (token, want) in [
            (partners(&ours, ISSUER), "good"),
            (partners(&theirs, PARTNER), "good"),
            (partners(&theirs, ISSUER), "claim `iss`: not the expected issuer"),
            (partners(&ours, PARTNER), "claim `iss`: not the expected issuer"),
        ] {
            assert_eq!(verdict(&verifier.verify_now(&token)), want, "{}", F::NAME);
        }
    }
    in_every_format!(check);
}

/// Two issuers do not know of each other, so they may name their keys alike.
#[test]
fn issuers_may_name_their_keys_alike() {
    fn check<F: Fixed>() {
        let clock = noon();
        let ours = named_ring::<F>(KEY_ID, &clock);
        let theirs = KeyRing::<F>::builder().clock(clock.clone()).import(Key::generate().unwrap().with_id(key_id(KEY_ID))).unwrap();
        for builder in [
            Verifier::<Access>::builder().accept(&ours).accept_from(PARTNER, &theirs),
            Verifier::<Access>::builder().accept_from(PARTNER, &theirs).accept(&ours),
        ] {
            let verifier = builder.build().unwrap();
            assert_eq!(verifier.verify_now(&partners(&ours, ISSUER)).unwrap().issuer(), Some(ISSUER), "{}", F::NAME);
            assert_eq!(verifier.verify_now(&partners(&theirs, PARTNER)).unwrap().issuer(), Some(PARTNER), "{}", F::NAME);
            assert_eq!(verdict(&verifier.verify_now(&partners(&theirs, ISSUER))), "claim `iss`: not the expected issuer");
            // A key that nobody has.
            let stranger = KeyRing::<F>::builder().clock(clock.clone()).import(Key::generate().unwrap().with_id(key_id(KEY_ID))).unwrap();
            assert_eq!(verifier.verify_now(&partners(&stranger, ISSUER)).map(drop), Err(VerifyError::BadSeal), "{}", F::NAME);
        }
    }
    // Not RS256, whose second key takes a second to make.
    check::<Jwt<Hs256>>();
    check::<Jwt<Es256>>();
    check::<Jwt<EdDsa>>();
    check::<V4Public>();
    check::<V4Local>();
    check::<V3Public>();
    check::<V3Local>();
}

/// Google signs with one key set, and has spelled its name in two ways.
#[test]
fn one_key_set_may_speak_for_several_issuers() {
    const OTHER: &str = "id.example";
    fn check<F: Fixed>() {
        let ring = named_ring::<F>(KEY_ID, &noon());
        let tokens = [partners(&ring, ISSUER), partners(&ring, OTHER), partners(&ring, PARTNER)];
        for builder in [
            Verifier::<Access>::builder().accept(&ring).accept_from(OTHER, &ring),
            Verifier::<Access>::builder().accept_from(OTHER, &ring).accept(&ring.clone()),
        ] {
            let verifier = builder.build().unwrap();
            let verdicts = tokens.each_ref().map(|token| verdict(&verifier.verify_now(token)));
            assert_eq!(verdicts, ["good", "good", "claim `iss`: not the expected issuer"], "{}", F::NAME);
            assert_eq!(verifier.verify_now(&tokens[1]).unwrap().issuer(), Some(OTHER));
        }
        let twice = Verifier::<Access>::builder().accept(&ring).accept_from(OTHER, &ring).accept_from(OTHER, &ring).build();
        assert_eq!(twice.map(drop), Err(ConfigError::DuplicateKeyId(key_id(KEY_ID))), "{}", F::NAME);
        let unsure = Verifier::<Access>::builder().no_issuer().accept(&ring).accept_from(OTHER, &ring).build();
        assert_eq!(unsure.map(drop), Err(ConfigError::IssuerAndNone), "{}", F::NAME);
    }
    in_every_format!(check);
}

/// A compromised key takes down its own tokens, and not those of another issuer whose key happens to have its name.
#[tokio::test]
async fn a_compromise_stays_with_its_issuer() {
    async fn check<F: Fixed>() {
        let clock = noon();
        let ours = named_ring::<F>(KEY_ID, &clock);
        let theirs = KeyRing::<F>::builder().clock(clock.clone()).import(Key::generate().unwrap().with_id(key_id(KEY_ID))).unwrap();
        let tokens = [partners(&ours, ISSUER), partners(&theirs, PARTNER)];
        ours.compromise(&key_id(KEY_ID)).await.unwrap();
        for builder in [
            Verifier::<Access>::builder().accept(&ours).accept_from(PARTNER, &theirs),
            Verifier::<Access>::builder().accept_from(PARTNER, &theirs).accept(&ours),
        ] {
            let verifier = builder.build().unwrap();
            let verdicts = tokens.each_ref().map(|token| verdict(&verifier.verify_now(token)));
            assert_eq!(verdicts, ["revoked", "good"], "{}", F::NAME);
        }
    }
    check::<Jwt<Hs256>>().await;
    check::<Jwt<EdDsa>>().await;
    check::<V4Public>().await;
    check::<V4Local>().await;
}

#[test]
fn one_issuer_names_each_key_once() {
    fn check<F: Fixed>() {
        let clock = noon();
        let [one, two] = [(), ()].map(|()| named_ring::<F>(KEY_ID, &clock));
        let refused = |builder: session_runtime::VerifierBuilder<Access>| builder.build().map(drop).unwrap_err().to_string();
        let want = "key id `k1` stands in two accepted rings of one issuer and format";
        assert_eq!(refused(Verifier::builder().accept(&one).accept(&two)), want, "{}", F::NAME);
        assert_eq!(refused(Verifier::builder().accept(&one).accept_from(ISSUER, &two)), want, "{}", F::NAME);
        assert_eq!(refused(Verifier::builder().accept_from(PARTNER, &one).accept_from(PARTNER, &two)), want, "{}", F::NAME);
        let unnamed = [(), ()].map(|()| KeyRing::builder().import(F::key().without_id()).unwrap());
        assert!(refused(Verifier::builder().accept(&unnamed[0]).accept(&unnamed[1])).contains("(unnamed)"), "{}", F::NAME);
        // Another name, another format, or one named and one not: nothing is in doubt.
        let other = named_ring::<F>("k2", &clock);
        assert!(Verifier::<Access>::builder().accept(&one).accept(&other).accept(&unnamed[0]).build().is_ok(), "{}", F::NAME);
    }
    in_every_format!(check);
    let (jwt, paseto) = (ring::<Jwt<EdDsa>>(&noon()), ring::<V4Public>(&noon()));
    assert!(Verifier::<Access>::builder().accept(&jwt).accept(&paseto).build().is_ok());
}

/// The key ids of foreign keys are any text.
#[test]
fn key_ids_are_compared_and_never_interpreted() {
    fn check<F: Fixed>() {
        let clock = noon();
        for name in ["../../etc/passwd", "' OR 1=1 --", "\u{1b}[31m\n", "K1", "k1 ", "日本", &"x".repeat(256)] {
            let odd = named_ring::<F>(name, &clock);
            let odd_token = token(&odd);
            let verifier = Verifier::<Access>::builder().accept(&ring::<F>(&clock)).accept(&odd).build().unwrap();
            assert_eq!(verifier.verify_now(&odd_token).unwrap().key_id(), Some(name), "{}", F::NAME);
            assert_eq!(verifier.verify_now(&token(&ring::<F>(&clock))).unwrap().key_id(), Some(KEY_ID), "{}", F::NAME);
            let without = Verifier::<Access>::new(&ring::<F>(&clock)).unwrap();
            assert_eq!(without.verify_now(&odd_token).map(drop), Err(VerifyError::UnknownKey), "{}", F::NAME);
        }
    }
    in_every_format!(check);
}

/// Public halves as partners hand them out.
#[test]
fn public_keys_of_every_encoding() {
    let clock = ManualClock::at(Timestamp::from_unix(0));
    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience = "orders", ttl = "15m", token_type = "at+jwt")]
    struct Seen {}
    fn seen<K: session_runtime::keyring::Keys>(keys: &K, token: &str) -> String {
        verdict(&Verifier::<Seen>::builder().accept(keys).clock(noon()).build().unwrap().verify_now(token))
    }
    let (rs, es, ed) = (changed::<Jwt<Rs256>>(|_| ()), changed::<Jwt<Es256>>(|_| ()), changed::<Jwt<EdDsa>>(|_| ()));
    assert_eq!(seen(&PublicKeys::<Jwt<Rs256>>::from_pem(pem("rsa.spki")).unwrap(), &rs), "good");
    assert_eq!(seen(&PublicKeys::<Jwt<Rs256>>::from_pem(pem("rsa.pkcs1-public")).unwrap(), &rs), "good");
    assert_eq!(seen(&PublicKeys::<Jwt<Es256>>::from_pem(pem("p256.spki")).unwrap(), &es), "good");
    assert_eq!(seen(&PublicKeys::<Jwt<EdDsa>>::from_pem(pem("ed25519.spki")).unwrap(), &ed), "good");
    assert_eq!(seen(&PublicKeys::<V4Public>::from_pem(pem("ed25519.spki")).unwrap(), &changed::<V4Public>(|_| ())), "good");
    assert_eq!(seen(&VerifyingKeys::<Jwt<Hs256>>::from_secret(forge::SECRET).unwrap(), &changed::<Jwt<Hs256>>(|_| ())), "good");
    // What a ring publishes, another service reads.
    let published = ring::<Jwt<Es256>>(&clock).jwks().to_string();
    assert_eq!(seen(&PublicKeys::<Jwt<Es256>>::from_jwks(&published).unwrap(), &es), "good");
    assert_eq!(
        seen(&PublicKeys::<Jwt<Es256>>::from_jwks(&published).unwrap(), &rs),
        "malformed token: the header's algorithm is not the key's"
    );
    let public = |set: &str| PublicKeys::<Jwt<EdDsa>>::from_jwks(set).map(|keys| keys.keys().len());
    // A set of several families holds one key for this format.
    let of = |name: &str, members: &[&str]| {
        members.iter().map(|member| ((*member).to_owned(), keys()[name][*member].clone())).collect::<Value>()
    };
    let mixed = json!({ "keys": [of("rsa.jwk", &["kty", "n", "e"]), of("p256.jwk", &["kty", "crv", "x", "y"]), of("ed25519.jwk", &["kty", "crv", "x"])] });
    assert_eq!(public(&mixed.to_string()), Ok(1));
    let doubled = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "x": keys()["ed25519.jwk"]["x"], "kid": "a" },
        { "kty": "OKP", "crv": "Ed25519", "x": keys()["ed25519.jwk"]["x"], "kid": "a" },
    ] });
    assert_eq!(public(&doubled.to_string()).unwrap_err().to_string(), "key id `a` is there twice");
}

/// One key of each algorithm, in PEM, in DER and in the set that its own ring publishes.
#[test]
fn every_algorithm_is_read_from_every_encoding() {
    fn check<A: AsymmetricAlgorithm>(private: &str, public: &str)
    where
        Jwt<A>: Fixed,
    {
        let clock = noon();
        let token = changed::<Jwt<A>>(|_| ());
        let opens = |keys: &PublicKeys<Jwt<A>>| {
            let verifier = Verifier::<Access>::builder().accept(keys).clock(clock.clone()).build().unwrap();
            assert_eq!(verdict(&verifier.verify_now(&token)), "good", "{}", A::NAME);
        };
        for key in [Key::<Jwt<A>>::from_pem(pem(private)), Key::from_der(&forge::der(private)), Key::from_jwk(&jwk(private))] {
            let ring = KeyRing::builder().clock(clock.clone()).import(key.unwrap().with_id(key_id(KEY_ID))).unwrap();
            opens(&ring.public_keys());
            opens(&PublicKeys::from_jwks(&ring.jwks().to_string()).unwrap());
        }
        assert!(KeyRing::<Jwt<A>>::from_der(&forge::der(private)).is_ok() && KeyRing::<Jwt<A>>::from_der(&forge::der(public)).is_err());
        opens(&PublicKeys::from_pem(pem(public)).unwrap());
        opens(&PublicKeys::from_der(&forge::der(public)).unwrap());
        assert!(PublicKeys::<Jwt<A>>::from_der(&forge::der(private)).is_err());
    }
    fn jwk(private: &str) -> String {
        keys()[format!("{}.jwk", private.split_once('.').unwrap().0)].to_string()
    }
    check::<Rs256>("rsa.pkcs8", "rsa.spki");
    check::<Rs384>("rsa.pkcs1", "rsa.pkcs1-public");
    check::<Rs512>("rsa.pkcs8", "rsa.spki");
    check::<Ps256>("rsa.pkcs8", "rsa.spki");
    check::<Ps384>("rsa.pkcs1", "rsa.pkcs1-public");
    check::<Ps512>("rsa.pkcs8", "rsa.spki");
    check::<Es256>("p256.pkcs8", "p256.spki");
    check::<Es384>("p384.pkcs8", "p384.spki");
    check::<Es512>("p521.pkcs8", "p521.spki");
    check::<EdDsa>("ed25519.pkcs8", "ed25519.spki");
    check::<MlDsa44>("ml-dsa-44.pkcs8", "ml-dsa-44.spki");
    check::<MlDsa65>("ml-dsa-65.pkcs8", "ml-dsa-65.spki");
    check::<MlDsa87>("ml-dsa-87.pkcs8", "ml-dsa-87.spki");
}

/// A set of a partner who uses one RSA key a padding and one ML-DSA key a strength: each ring takes its own.
#[test]
fn a_set_of_many_algorithms_is_told_apart() {
    let with = |name: &str, kid: &str, alg: Option<&str>| {
        let mut key = keys()[name].clone();
        for private in ["d", "p", "q", "dp", "dq", "qi", "priv"] {
            key.as_object_mut().unwrap().remove(private);
        }
        key["kid"] = kid.into();
        if let Some(alg) = alg {
            key["alg"] = alg.into();
        }
        key
    };
    let set = json!({ "keys": [
        with("rsa.jwk", "r", Some("RS256")),
        with("rsa.jwk", "p", Some("PS256")),
        with("p256.jwk", "e2", None),
        with("p384.jwk", "e3", None),
        with("p521.jwk", "e5", Some("ES512")),
        with("ed25519.jwk", "ed", Some("Ed25519")),
        with("ml-dsa-44.jwk", "m4", None),
        with("ml-dsa-87.jwk", "m8", None),
    ] })
    .to_string();
    fn ids<A: AsymmetricAlgorithm>(set: &str) -> Vec<String> {
        PublicKeys::<Jwt<A>>::from_jwks(set).unwrap().keys().iter().filter_map(|key| key.id.as_ref()).map(ToString::to_string).collect()
    }
    assert_eq!(ids::<Rs256>(&set), ["r"]);
    assert_eq!(ids::<Ps256>(&set), ["p"]);
    assert_eq!(ids::<Ps512>(&set), Vec::<String>::new());
    assert_eq!(ids::<Es256>(&set), ["e2"]);
    assert_eq!(ids::<Es384>(&set), ["e3"]);
    assert_eq!(ids::<Es512>(&set), ["e5"]);
    assert_eq!(ids::<EdDsa>(&set), ["ed"]);
    assert_eq!(ids::<MlDsa44>(&set), ["m4"]);
    assert_eq!(ids::<MlDsa65>(&set), Vec::<String>::new());
    assert_eq!(ids::<MlDsa87>(&set), ["m8"]);
}

#[derive(Claims, Debug)]
#[claims(ttl = "15m", token_type = "at+jwt")]
struct Silent {}

#[derive(Claims)]
#[claims(no_issuer, no_audience, ttl = "2d", max_ttl = "3d", token_type = "at+jwt")]
struct Long {}

#[derive(Claims)]
#[claims(no_issuer, no_audience, never_expires, token_type = "at+jwt")]
struct Forever {}

#[derive(Claims, Debug)]
#[claims(no_audience, ttl = "15m", token_type = "at+jwt")]
struct Anywhere {}

/// `accept_from` says it, when nothing else is accepted; each ring still speaks for its own issuer alone.
#[test]
fn an_issuer_for_every_ring_is_issuer_enough() {
    let (one, two) = (own_ring::<V4Local>(&noon()), own_ring::<V4Local>(&noon()));
    let verifier = Verifier::<Anywhere>::builder().accept_from(PARTNER, &one).accept_from(ISSUER, &two).build().unwrap();
    for (ring, own, foreign) in [(&one, PARTNER, ISSUER), (&two, ISSUER, PARTNER)] {
        let token = |issuer: &str| Issuer::<Anywhere, _>::builder().issuer(issuer).build(ring).unwrap().issue(&Anywhere {}).unwrap().token;
        assert_eq!(verifier.verify_now(&token(own)).unwrap().issuer(), Some(own));
        assert!(verifier.verify_now(&token(foreign)).is_err());
    }
    let open = Verifier::<Anywhere>::builder().accept_from(PARTNER, &one).accept(&two).build();
    assert_eq!(open.map(drop), Err(ConfigError::NoIssuer));
}

#[test]
fn silence_about_issuer_or_audience_is_an_error() {
    let ring = own_ring::<V4Local>(&noon());
    assert_eq!(Verifier::<Silent>::new(&ring).map(drop), Err(ConfigError::NoIssuer));
    assert_eq!(Issuer::<Silent, _>::new(&ring).map(drop), Err(ConfigError::NoIssuer));
    assert_eq!(Verifier::<Silent>::builder().no_issuer().accept(&ring).build().map(drop), Err(ConfigError::NoAudience));
    assert_eq!(Issuer::<Silent, _>::builder().issuer(ISSUER).build(&ring).map(drop), Err(ConfigError::NoAudience));
    assert_eq!(
        Verifier::<Silent>::builder().no_issuer().audience(Vec::<String>::new()).accept(&ring).build().map(drop),
        Err(ConfigError::NoAudience)
    );
    assert!(Verifier::<Silent>::builder().no_issuer().no_audience().accept(&ring).build().is_ok());
    assert_eq!(Verifier::<Access>::builder().build().map(drop), Err(ConfigError::NoKeys));
}

/// A token of an issuer that says both, read by verifiers that say them, others, or none.
#[test]
fn what_the_builder_says_counts() {
    let ring = own_ring::<Jwt<Hs256>>(&noon());
    let issuer = Issuer::<Silent, _>::builder().issuer(ISSUER).audience(["orders", "billing"]).build(&ring).unwrap();
    let token = issuer.issue(&Silent {}).unwrap().token;
    let check = |build: &dyn Fn(session_runtime::VerifierBuilder<Silent>) -> session_runtime::VerifierBuilder<Silent>, want: &str| {
        let verifier = build(Verifier::builder().accept(&ring)).build().unwrap();
        assert_eq!(verdict(&verifier.verify_now(&token)), want);
    };
    check(&|builder| builder.issuer(ISSUER).audience(["billing"]), "good");
    check(&|builder| builder.issuer(PARTNER).audience(["billing"]), "claim `iss`: not the expected issuer");
    check(&|builder| builder.no_issuer().audience(["billing"]), "claim `iss`: unexpected");
    check(&|builder| builder.issuer(ISSUER).audience(["shipping"]), "claim `aud`: not meant for this audience");
    check(&|builder| builder.issuer(ISSUER).no_audience(), "claim `aud`: unexpected");
    check(&|builder| builder.no_issuer().no_audience(), "claim `iss`: unexpected; claim `aud`: unexpected");
}

#[test]
fn a_type_may_not_outlive_its_ring() {
    let day = Duration::from_secs(86_400);
    let ring = |max_ttl: u32| KeyRing::<V4Local>::builder().max_ttl(day * max_ttl).clock(noon()).generate().unwrap();
    let error = Issuer::<Long, _>::new(&ring(2)).map(drop).unwrap_err();
    assert_eq!(error, ConfigError::OutlivesRing { wanted: day * 3, ring: day * 2 });
    let text = error.to_string();
    assert!(text.contains("259200s") && text.contains("172800s"), "{text}");
    assert!(Issuer::<Long, _>::new(&ring(3)).is_ok());
    // A type whose tokens can only live for their `ttl` is as long as that.
    let quarter = KeyRing::<V4Local>::builder().max_ttl(Duration::from_secs(900)).clock(noon()).generate().unwrap();
    assert!(Issuer::<Access, _>::new(&quarter).is_ok());
    // One that is built is one whose tokens verify, at both ends of their life.
    let clock = noon();
    let ring = KeyRing::<V4Local>::builder().max_ttl(day * 3).clock(clock.clone()).generate().unwrap();
    let token = Issuer::<Long, _>::new(&ring).unwrap().issue(&Long {}).unwrap().token;
    clock.advance(day * 2);
    assert_eq!(verdict(&Verifier::<Long>::new(&ring).unwrap().verify_now(&token)), "good");
}

#[tokio::test]
async fn what_never_expires_needs_a_ring_that_never_rotates() {
    let clock = noon();
    assert_eq!(Issuer::<Forever, _>::new(&own_ring::<V4Local>(&clock)).map(drop), Err(ConfigError::NeverExpires));
    let ring = KeyRing::<V4Local>::builder().non_rotating().clock(clock.clone()).generate().unwrap();
    let issued = Issuer::<Forever, _>::new(&ring).unwrap().issue(&Forever {}).unwrap();
    assert_eq!(issued.expires_at, None);
    assert!(ring.rotate().await.is_err());
    clock.advance(Duration::from_secs(50 * 365 * 86_400));
    let verified = Verifier::<Forever>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
    assert_eq!(verified.expires_at(), None);
}

/// A ring that never rotates keeps the same promise: what it issues, verifies.
#[test]
fn a_ring_that_never_rotates_issues_what_verifies() {
    let ring = KeyRing::<V4Local>::builder().non_rotating().clock(noon()).generate().unwrap();
    match Issuer::<Long, _>::new(&ring) {
        Err(error) => assert!(matches!(error, ConfigError::OutlivesRing { .. }), "{error}"),
        Ok(issuer) => {
            let token = issuer.issue(&Long {}).unwrap().token;
            assert_eq!(verdict(&Verifier::<Long>::new(&ring).unwrap().verify_now(&token)), "good");
        }
    }
}

#[test]
fn a_paseto_for_several_audiences_is_not_built() {
    #[derive(Claims)]
    #[claims(no_issuer, audience("orders", "billing"), ttl = "15m", token_type = "at+jwt")]
    struct Several {}
    let ring = own_ring::<V4Local>(&noon());
    assert_eq!(Issuer::<Several, _>::new(&ring).map(drop), Err(ConfigError::SeveralAudiences));
    assert!(Issuer::<Several, _>::new(&own_ring::<Jwt<Hs256>>(&noon())).is_ok());
    // Its verifier takes tokens for either.
    let verifier = Verifier::<Several>::new(&ring).unwrap();
    for (audience, want) in [("orders", "good"), ("billing", "good"), ("shipping", "claim `aud`: not meant for this audience")] {
        let issuer = Issuer::<Several, _>::builder().audience([audience]).build(&ring).unwrap();
        assert_eq!(verdict(&verifier.verify_now(&issuer.issue(&Several {}).unwrap().token)), want);
    }
}

#[test]
fn settings_have_bounds() {
    let ring = own_ring::<V4Local>(&noon());
    let builder = || Verifier::<Access>::builder().accept(&ring);
    let leeway = |seconds| builder().leeway(Duration::from_secs(seconds)).build().map(drop);
    assert_eq!(leeway(300), Ok(()));
    let error = ConfigError::OutOfBounds { setting: "leeway", found: Duration::from_secs(301), rule: "at most 300 s" };
    assert_eq!(leeway(301), Err(error));
    let max_ttl = |seconds| builder().max_ttl(Duration::from_secs(seconds)).build().map(drop);
    assert_eq!(max_ttl(900), Ok(()));
    assert!(matches!(max_ttl(899), Err(ConfigError::OutOfBounds { setting: "max_ttl", .. })));
    let length = |length| builder().max_length(length).build().map(drop);
    assert_eq!([1, 64 * 1024].map(length), [Ok(()), Ok(())]);
    assert_eq!(length(0), Err(ConfigError::TokenLength { found: 0, cap: 64 * 1024 }));
    assert_eq!(length(64 * 1024 + 1), Err(ConfigError::TokenLength { found: 64 * 1024 + 1, cap: 64 * 1024 }));
    for seconds in [0, 10 * 366 * 86_400 + 1] {
        assert!(KeyRing::<V4Local>::builder().max_ttl(Duration::from_secs(seconds)).generate().is_err());
    }
}

/// Issuer and verifier have the same limits, so that neither makes what the other refuses.
#[test]
fn json_limits_can_be_raised_within_bounds() {
    #[derive(Claims, Debug, PartialEq)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Wide {
        rights: std::collections::BTreeMap<String, u8>,
    }
    let ring = own_ring::<V4Local>(&noon());
    let wide = Wide { rights: (0..200).map(|right| (right.to_string(), 1)).collect() };
    let limits = JsonLimits { members: 256, ..JsonLimits::DEFAULT };
    let issuer = Issuer::<Wide, _>::builder().json_limits(limits).build(&ring).unwrap();
    let token = issuer.issue(&wide).unwrap().token;
    let verifier = Verifier::<Wide>::builder().accept(&ring).json_limits(limits).build().unwrap();
    assert_eq!(*verifier.verify_now(&token).unwrap(), wide);
    let default = Verifier::<Wide>::new(&ring).unwrap();
    assert_eq!(verdict(&default.verify_now(&token)), "malformed token: the payload is not an acceptable JSON object");
    assert_eq!(Issuer::<Wide, _>::new(&ring).unwrap().issue(&wide).unwrap_err(), IssueError::BeyondLimits { claim: "rights" });

    let cap = JsonLimits::CAP;
    let build = |limits| Verifier::<Wide>::builder().accept(&ring).json_limits(limits).build().map(drop);
    assert_eq!(build(cap), Ok(()));
    for (limit, limits) in [
        ("depth", JsonLimits { depth: cap.depth + 1, ..cap }),
        ("depth", JsonLimits { depth: 1, ..cap }),
        ("members", JsonLimits { members: cap.members + 1, ..cap }),
        ("string", JsonLimits { string: 0, ..cap }),
    ] {
        assert!(matches!(build(limits), Err(ConfigError::JsonLimit { limit: found, .. }) if found == limit));
    }
}
