//! Nothing that is printed, logged or told in an error holds key material, a token, or text of an unchecked token.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use session_runtime::{
    Format, Issuer, KeyRing, Revocations, Verifier,
    error::VerifyError,
    jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
    keyring::{FileKeys, Key, KeyStore, LocalKek, MemoryKeys, PlaintextKeys, PublicKeys, RemoteJwks, StoredRing},
    paseto::{V3Local, V3Public, V4Local, V4Public},
    revocation::{MemoryRevocations, SqliteRevocations},
    testing::{FaultyRevocations, WriteFault},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::support::{
    Access, Fixed, ada, after, forge, in_every_format, issuer, keys, named_ring, noon, own_ring, ring,
    scan::Canaries,
    stub::{Conduct, Stub},
    token,
};

/// Every fixed secret of the tests.
fn canaries() -> Canaries {
    let mut canaries = Canaries::default();
    canaries.add("HMAC secret", forge::SECRET);
    // Where the private parts lie in PKCS#8; what is around them says what kind of key it is, or is public.
    let parts = [("rsa.pkcs8", 400..1_200), ("p256.pkcs8", 36..68), ("ed25519.pkcs8", 16..48)];
    for (name, range) in parts {
        canaries.add(name, &forge::der(name)[range]);
    }
    canaries.add("v4.local key", forge::LOCAL);
    canaries.add("key-encryption key", KEK);
    canaries
}

const KEK: [u8; 32] = *b"\x01test only: key-encryption key!!";

/// Adds a token: its seal and its payload, wherever they stand in a text.
fn add_token(canaries: &mut Canaries, token: &str) {
    let mut parts: Vec<&str> = token.split('.').collect();
    if parts[0] == "v4" {
        parts.truncate(3);
    }
    for part in &parts[parts.len() - 1..] {
        canaries.add("token", part);
    }
}

fn printed(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

#[test]
fn no_type_prints_a_secret() {
    fn check<F: Fixed>() {
        let mut canaries = canaries();
        let ring = ring::<F>(&noon());
        let issuer = issuer::<Access, F>(&ring).with_implicit_assertion(b"an assertion of 32 bytes or more!");
        canaries.add("assertion", b"an assertion of 32 bytes or more!");
        let verifier = Verifier::<Access>::new(&ring).unwrap().with_implicit_assertion(b"an assertion of 32 bytes or more!");
        let issued = issuer.issue(&ada()).unwrap();
        add_token(&mut canaries, &issued.token);
        let verified = verifier.verify_now(&issued.token).unwrap();
        let values: [&dyn Debug; 10] = [
            &F::key(),
            &ring,
            &ring.keys(),
            &issuer,
            &verifier,
            &issued,
            &verified,
            &KeyRing::<F>::builder(),
            &Issuer::<Access, F>::builder(),
            &Verifier::<Access>::builder().accept(&ring),
        ];
        for value in values {
            canaries.check(F::NAME, &printed(value));
        }
        canaries.check(F::NAME, &format!("{} {}", issued.id, issued.key_id.unwrap()));
    }
    in_every_format!(check);
    let canaries = canaries();
    canaries.check("views", &printed(&ring::<Jwt<Hs256>>(&noon()).verifying_keys()));
    canaries.check("views", &printed(&ring::<V4Local>(&noon()).verifying_keys()));
    canaries.check("views", &printed(&ring::<V4Public>(&noon()).public_keys()));
    canaries.check("published", &ring::<Jwt<Rs256>>(&noon()).jwks().to_string());
    canaries.check("published", &ring::<Jwt<Es256>>(&noon()).jwks().to_string());
    canaries.check("published", &ring::<Jwt<EdDsa>>(&noon()).jwks().to_string());
    canaries.check("key-encryption key", &printed(&LocalKek::from_bytes(&KEK).unwrap()));
    canaries.check("wraps", &printed(&PlaintextKeys));
}

/// Sabotage: one that prints what it holds is found by the same search.
#[test]
#[should_panic(expected = "holds [\"HMAC secret\"]")]
fn a_type_that_prints_its_secret_would_be_found() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "printed")]
    struct Lax(Vec<u8>);
    canaries().check("lax", &printed(&Lax(forge::SECRET.to_vec())));
}

/// A store that keeps keys as they are prints none of them.
#[tokio::test]
async fn no_stored_form_prints_a_secret() {
    async fn check<F: Format>() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let ring = KeyRing::<F>::builder().open(FileKeys::at(&path), PlaintextKeys).await.unwrap();
        ring.rotate().await.unwrap();
        let stored: StoredRing = FileKeys::at(&path).load("main", F::NAME).await.unwrap().unwrap();
        let mut canaries = Canaries::default();
        for record in &stored.keys {
            let private = forge::unbase64(record.private.as_ref().unwrap());
            canaries.add("private half", &private[private.len() % 16..]);
        }
        let memory = MemoryKeys::new();
        memory.replace("main", F::NAME, None, stored.clone()).await.unwrap();
        let values: [&dyn Debug; 5] = [&stored, &stored.keys[0], &memory, &FileKeys::at(&path), &ring];
        for value in values {
            canaries.check(F::NAME, &printed(value));
        }
        assert!(!canaries.find(&std::fs::read_to_string(&path).unwrap()).is_empty(), "the search reaches what it looks for");
    }
    check::<Jwt<Hs256>>().await;
    check::<Jwt<EdDsa>>().await;
    check::<Jwt<Es256>>().await;
    check::<V4Local>().await;
}

/// A key that is refused is not repeated, however it was given.
#[test]
fn no_refusal_of_a_key_repeats_it() {
    let secret = "correct horse battery staple, correct horse battery staple";
    let jwk = |member: &str, value: Value| {
        let mut jwk = keys()["ed25519.jwk"].clone();
        jwk[member] = value;
        jwk.to_string()
    };
    let mut canaries = canaries();
    canaries.add("pass phrase", secret);
    let errors = [
        Key::<Jwt<Hs256>>::from_secret(&secret[..31]).map(drop),
        Key::<Jwt<Hs256>>::from_secret(keys()["rsa.pkcs8"].as_str().unwrap()).map(drop),
        Key::<Jwt<Hs256>>::from_jwk(&json!({ "kty": "oct", "k": secret }).to_string()).map(drop),
        Key::<Jwt<EdDsa>>::from_pem(&keys()["rsa.pkcs8"].as_str().unwrap().replace("MII", "MIJ")).map(drop),
        Key::<Jwt<EdDsa>>::from_pem(keys()["p256.pkcs8"].as_str().unwrap()).map(drop),
        Key::<Jwt<EdDsa>>::from_jwk(&jwk("d", json!(forge::base64(forge::LOCAL)))).map(drop),
        Key::<Jwt<EdDsa>>::from_jwk(&jwk("use", json!("enc"))).map(drop),
        Key::<V4Local>::from_paserk(&format!("k4.public.{}", forge::base64(forge::LOCAL))).map(drop),
        Key::<V4Local>::from_paserk(&format!("k4.local.{}=", forge::base64(forge::LOCAL))).map(drop),
        Key::<V4Public>::from_paserk(&format!("k4.secret.{}", forge::base64(forge::LOCAL.repeat(2)))).map(drop),
        PublicKeys::<Jwt<EdDsa>>::from_jwk(&keys()["ed25519.jwk"].to_string()).map(drop),
    ];
    for (index, error) in errors.into_iter().enumerate() {
        if let Err(error) = error {
            canaries.check(&format!("error {index}"), &format!("{error} {error:?} {error:#?}"));
        } else {
            assert_eq!(index, 10, "each of these is refused, but perhaps a private JWK for its public half");
        }
    }
}

/// What an attacker writes into a token does not come out of an error: not into a terminal, not into a log line.
#[test]
fn no_error_repeats_an_unchecked_token() {
    const TEXTS: [&str; 5] = [
        "\u{1b}[31mred-alert-red-alert",
        "\r\n2030-01-01 INFO admin logged in",
        "<script>alert(1)</script>",
        "${jndi:ldap://x.example}",
        "'; DROP TABLE keys; --",
    ];
    fn check<F: Fixed>() {
        let verifier = Verifier::<Access>::new(&ring::<F>(&noon())).unwrap();
        let stranger = Verifier::<Access>::new(&named_ring::<F>("other", &noon())).unwrap();
        for text in TEXTS {
            let escaped = Value::from(text).to_string();
            let heads = [
                format!(r#"{{"alg":"{}","kid":{escaped},"typ":"at+jwt"}}"#, F::NAME),
                format!(r#"{{"alg":{escaped},"kid":"k1","typ":"at+jwt"}}"#),
                format!(r#"{{"alg":"{}","kid":"k1","typ":{escaped}}}"#, F::NAME),
                format!(r#"{{"alg":"{}","kid":"k1","typ":"at+jwt",{escaped}:1,{escaped}:1}}"#, F::NAME),
                format!(r#"{{"alg":"{}","kid":"k1","crit":[{escaped}]}}"#, F::NAME),
                format!(r#"{{"kid":"{}"}}"#, "x".repeat(300)),
                text.to_owned(),
            ];
            let payloads = [
                format!("{{{escaped}:{escaped}}}"),
                format!(r#"{{"iss":{escaped},"sub":[{escaped}],"aud":{escaped},"exp":{escaped},"iat":{{{escaped}:1}},"roles":{escaped}}}"#),
                escaped.clone(),
                text.to_owned(),
            ];
            for head in &heads {
                for payload in &payloads {
                    let token = F::forge(head, payload.as_bytes());
                    for verifier in [&verifier, &stranger] {
                        let Err(error) = verifier.verify_now(&token) else { panic!("{token} is no good token") };
                        let told = format!("{error} {error:?}");
                        for word in ["alert", "admin", "jndi", "DROP", "xxx", "\u{1b}", "\n"] {
                            assert!(!told.contains(word), "{}: {told}", F::NAME);
                        }
                    }
                }
            }
        }
    }
    in_every_format!(check);
}

/// What the key store's error may tell of a broken file is the place, and not what stands there.
#[tokio::test]
async fn no_store_error_repeats_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let mut canaries = canaries();
    canaries.add("text of the file", "a private half in a broken file, in the clear");
    for text in [
        r#"{"version":1,"rings":{"main":{"v4.local":{"version":1,"max_ttl":9,"keys":["a private half in a broken file, in the clear"]}}}}"#,
        r#"{"a private half in a broken file, in the clear":1,"version":1}"#,
        r#""a private half in a broken file, in the clear"#,
    ] {
        std::fs::write(&path, text).unwrap();
        let error = KeyRing::<V4Local>::builder().open(FileKeys::at(&path), PlaintextKeys).await.map(drop).unwrap_err();
        canaries.check("store error", &format!("{error} {error:?}"));
    }
    std::fs::write(&path, "a private half in a broken file, in the clear").unwrap();
    let error = LocalKek::from_file_or_generate(&path).map(drop).unwrap_err();
    canaries.check("kek error", &format!("{error} {error:?}"));
}

/// Keeps every event and every span with all their fields.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0.lock().unwrap(), " {field}={value:?}");
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let _ = write!(self.0.lock().unwrap(), "\n{}", span.metadata().name());
        span.record(&mut self.clone());
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let _ = write!(self.0.lock().unwrap(), "\n{} {}", event.metadata().target(), event.metadata().level());
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A whole life of a service at TRACE: issuing, verifying good and bad, rotating, compromising, revoking with and without a store.
#[test]
fn no_event_holds_a_secret() {
    let everything = Everything::default();
    let canaries = tracing::subscriber::with_default(everything.clone(), || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut canaries = canaries();
            live::<Jwt<Hs256>>(&mut canaries).await;
            live::<Jwt<Es256>>(&mut canaries).await;
            live::<V4Public>(&mut canaries).await;
            live::<V4Local>(&mut canaries).await;
            live::<V3Public>(&mut canaries).await;
            live::<V3Local>(&mut canaries).await;
            canaries
        })
    });
    let told = everything.0.lock().unwrap().clone();
    canaries.check("the log", &told);
    for word in ["rotated", "key compromised", "a revocation was not acknowledged"] {
        assert!(told.contains(word), "{word} is not in the log, so the log was not read: {told}");
    }
    // Subjects and token ids are personal data of the user's users.
    for word in ["ada@people.example", "t-1234567890"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
}

/// What another issuer's server sends, and what stands in its address after the host, is told to nobody.
#[test]
fn no_event_repeats_a_remote_set() {
    let everything = Everything::default();
    let mut canaries = Canaries::default();
    let (name, query, body) = ("a key id of somebody else's", "an-api-key-in-the-query", "a body that says what it likes");
    canaries.add("key id", name);
    canaries.add("query", query);
    canaries.add("body", body);
    let told = tracing::subscriber::with_default(everything.clone(), || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let clock = noon();
            let mut set: Value = serde_json::from_str(&named_ring::<Jwt<EdDsa>>("good", &clock).jwks().to_string()).unwrap();
            let mut bad = set["keys"][0].clone();
            bad["kid"] = json!(name);
            bad["x"] = json!("AAAA");
            set["keys"].as_array_mut().unwrap().push(bad);
            set[body] = json!(body);
            let stub = Stub::start(Conduct::set("", set)).await;
            let url = format!("{}?key={query}", stub.url());
            let remote = RemoteJwks::<Jwt<EdDsa>>::builder(url).clock(clock.clone()).manual().load().await.unwrap();
            let mut told = format!("{remote:?} {:?}", remote.health());
            for conduct in [Conduct::set("", body), Conduct::status("500 Oh", "", body), Conduct::Say(body.into()), Conduct::Hang] {
                clock.advance(Duration::from_secs(60));
                let hangs = matches!(conduct, Conduct::Hang);
                stub.behave(conduct);
                if hangs {
                    stub.stop().await;
                }
                let error = remote.refresh().await.unwrap_err();
                told += &format!("{error} {error:?} {:?}", remote.health());
            }
            told
        })
    });
    let log = everything.0.lock().unwrap().clone();
    canaries.check("the log", &log);
    canaries.check("errors and health", &told);
    for word in ["key set read", "a key of the set is not used", "could not be read"] {
        assert!(log.contains(word), "{word} is not in the log, so the log was not read: {log}");
    }
}

async fn live<F: Fixed>(canaries: &mut Canaries) {
    let (clock, folder) = (noon(), tempfile::tempdir().unwrap());
    let store = FileKeys::at(folder.path().join("keys.json"));
    let ring = KeyRing::<F>::builder().clock(clock.clone()).open(store.clone(), LocalKek::from_bytes(&KEK).unwrap()).await.unwrap();
    let log = SqliteRevocations::open(folder.path().join("revocations.db")).await.unwrap();
    let faulty = FaultyRevocations::new(log);
    let revocations = Revocations::open_with_clock(faulty.clone(), clock.clone()).await.unwrap();
    let issuer = Issuer::<Access, F>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let fixed = token(&named_ring::<F>("k1", &clock));
    add_token(canaries, &fixed);
    for user in ["ada@people.example", "bob@people.example"] {
        let issued = issuer.issue(&Access { user: user.into(), ..ada() }).unwrap();
        add_token(canaries, &issued.token);
        let verified = verifier.verify_now(&issued.token).unwrap();
        for bad in [&issued.token[..issued.token.len() - 3], "", &fixed] {
            assert!(verifier.verify(bad).await.is_err());
        }
        ring.rotate().await.unwrap();
        faulty.fail_writes(WriteFault::LostReply);
        assert!(revocations.revoke(&verified).await.is_err());
        faulty.fail_writes(WriteFault::None);
        revocations.revoke_subject(&verified).await.unwrap();
        revocations.revoke_token(None, "t-1234567890", Some(after(60))).await.unwrap();
        assert_eq!(verifier.verify_now(&issued.token).map(drop), Err(VerifyError::Revoked));
        ring.compromise(&issued.key_id.unwrap()).await.unwrap();
        ring.reload().await.unwrap();
    }
    let other = LocalKek::from_bytes(&[9; 32]).unwrap();
    assert!(KeyRing::<F>::builder().open(store, other).await.is_err());
    revocations.prune().await.unwrap();
}

/// The revocation log prints counts and no names.
#[tokio::test]
async fn a_log_prints_nobody() {
    let revocations = Revocations::open(MemoryRevocations::new().unwrap()).await.unwrap();
    revocations.revoke_subject_of(Some("https://id.example"), "ada@people.example").await.unwrap();
    let ring = own_ring::<V4Local>(&noon());
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    assert!(!printed(&revocations).contains("ada@"), "{revocations:?}");
    assert!(!printed(&verifier).contains("ada@"), "{verifier:?}");
}
