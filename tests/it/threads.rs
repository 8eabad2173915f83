//! What may be shared between threads, and what may happen inside of what.

use std::{fmt::Debug, sync::OnceLock, thread};

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use session_runtime::{
    Claims, Issued, Issuer, IssuerBuilder, KeyRing, Revocations, Verified, Verifier, VerifierBuilder,
    error::{ConfigError, IssueError, KeyError, StoreError, VerifyError},
    jwt::{Hs256, Jwt},
    keyring::{FileKeys, Key, LocalKek, PostgresKeys, PublicKeys, RedisKeys, SqliteKeys, VerifyingKeys},
    paseto::{V4Local, V4Public},
    revocation::{MemoryRevocations, SqliteRevocations},
    testing::ManualClock,
};

use crate::support::{Access, Fixed, ada, in_every_format, issuer, noon, ring, token, verdict};

fn shared<T: Send + Sync + Debug + 'static>() {}
fn cheap<T: Clone + Send + Sync + Debug + 'static>() {}

#[test]
fn everything_may_be_shared() {
    cheap::<KeyRing<V4Local>>();
    cheap::<PublicKeys<V4Public>>();
    cheap::<VerifyingKeys<Jwt<Hs256>>>();
    cheap::<Issuer<Access, V4Local>>();
    cheap::<Verifier<Access>>();
    cheap::<Revocations>();
    cheap::<Issued>();
    cheap::<FileKeys>();
    cheap::<SqliteKeys>();
    cheap::<PostgresKeys>();
    cheap::<RedisKeys>();
    cheap::<ManualClock>();
    cheap::<VerifyError>();
    cheap::<IssueError>();
    cheap::<KeyError>();
    cheap::<StoreError>();
    cheap::<ConfigError>();
    shared::<Verified<Access>>();
    shared::<Key<V4Local>>();
    shared::<LocalKek>();
    shared::<MemoryRevocations>();
    shared::<SqliteRevocations>();
    fn sent<T: Send>() {}
    sent::<IssuerBuilder<Access, V4Local>>();
    sent::<VerifierBuilder<Access>>();
}

/// Futures of the library may be spawned.
#[test]
fn futures_are_send() {
    fn sent<T: Send>(_: T) {}
    let ring = ring::<V4Local>(&noon());
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    sent(ring.rotate());
    sent(ring.reload());
    sent(verifier.verify("x"));
    sent(KeyRing::<V4Local>::builder().open(FileKeys::at("x"), LocalKek::from_bytes(&[1; 32]).unwrap()));
    sent(verifier.clone().with_revocations(&Revocations::clone(&revocations())));
    sent(Revocations::open(MemoryRevocations::new().unwrap()));
}

fn revocations() -> Revocations {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(Revocations::open(MemoryRevocations::new().unwrap())).unwrap()
}

/// Clones are the same ring: what one does, all see.
#[tokio::test]
async fn clones_of_a_ring_are_the_same_ring() {
    let ring = ring::<V4Local>(&noon());
    let verifier = Verifier::<Access>::new(&ring.clone()).unwrap();
    ring.clone().rotate().await.unwrap();
    assert_eq!(verdict(&verifier.clone().verify_now(&token(&ring))), "good");
    assert_eq!(ring.keys().len(), 2);
}

#[test]
fn many_threads_verify_with_one_verifier() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let (issuer, verifier) = (issuer::<Access, F>(&ring), Verifier::<Access>::new(&ring).unwrap());
        thread::scope(|scope| {
            for index in 0..4 {
                let (issuer, verifier) = (&issuer, &verifier);
                scope.spawn(move || {
                    for round in 0..20 {
                        let access = Access { user: format!("user {index} {round}"), ..ada() };
                        let token = issuer.issue(&access).unwrap().token;
                        assert_eq!(*verifier.verify_now(&token).unwrap(), access, "{}", F::NAME);
                    }
                });
            }
        });
    }
    in_every_format!(check);
}

static INNER: OnceLock<Verifier<Access>> = OnceLock::new();

/// A claim that is a token itself, checked while its surrounding token is read.
#[derive(Debug, PartialEq)]
struct Nested {
    token: String,
    user: String,
}

impl Serialize for Nested {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.token.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = String::deserialize(deserializer)?;
        let verified = INNER.get().unwrap().verify_now(&token).map_err(D::Error::custom)?;
        Ok(Self { user: verified.user.clone(), token })
    }
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "outer+jwt")]
struct Outer {
    before: String,
    actor: Nested,
    after: Vec<String>,
}

/// The buffers of a verification are its own, even within another one on the same thread.
#[test]
fn verifying_within_verifying_works() {
    let inner = ring::<V4Local>(&noon());
    INNER.get_or_init(|| Verifier::new(&inner).unwrap());
    fn check<F: Fixed>(token: &str) {
        let ring = ring::<F>(&noon());
        let outer = Outer {
            before: "b".repeat(300),
            actor: Nested { token: token.to_owned(), user: "ada".into() },
            after: vec!["a\n".repeat(100)],
        };
        let issued = Issuer::<Outer, F>::new(&ring).unwrap().issue(&outer).unwrap();
        let verifier = Verifier::<Outer>::new(&ring).unwrap();
        for _ in 0..3 {
            assert_eq!(*verifier.verify_now(&issued.token).unwrap(), outer, "{}", F::NAME);
        }
        // One that fails inside is a claim that does not fit, outside.
        let broken = Outer { actor: Nested { token: format!("{token}x"), user: "ada".into() }, ..outer };
        let issued = Issuer::<Outer, F>::new(&ring).unwrap().issue(&broken).unwrap();
        assert_eq!(verdict(&verifier.verify_now(&issued.token)), "claim `actor`: not what its field holds", "{}", F::NAME);
    }
    let token = token(&inner);
    in_every_format!(check, &token);
}

/// A panic in a user's code is the user's; the thread's next verification is as good as any.
#[test]
fn a_panic_in_a_check_spoils_nothing() {
    #[derive(Claims)]
    #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    struct Panics {
        #[claim(sub, check = panics)]
        _user: String,
    }
    #[allow(clippy::ptr_arg, reason = "a check takes a reference to its field")]
    fn panics(_: &String) -> bool {
        panic!("as told")
    }
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let token = token(&ring);
        let verifier = Verifier::<Panics>::new(&ring).unwrap();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| verifier.verify_now(&token))).is_err());
        assert_eq!(verdict(&Verifier::<Access>::new(&ring).unwrap().verify_now(&token)), "good", "{}", F::NAME);
    }
    in_every_format!(check);
}
