//! Nodes that only verify, over the store of those that sign.

use std::sync::Arc;

use session_runtime::{
    BoxFuture, Claims, Issuer, KeyRing, Verifier,
    error::{StoreError, VerifyError},
    jwt::{EdDsa, Jwt},
    keyring::{KeyStore, LocalKek, PublicKeys, StoredRing},
};
use tokio::sync::Semaphore;

use super::support::{noon, shared::Shared, verdict};

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", leeway = "60s", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn ada() -> Access {
    Access { user: "ada".to_owned() }
}

fn kek() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

/// A store whose answers are on their way until they are let go.
#[derive(Debug, Clone)]
struct Slow {
    store: Shared,
    /// How many answers have been made.
    made: Arc<Semaphore>,
    arrive: Arc<Semaphore>,
}

impl KeyStore for Slow {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move {
            let answer = self.store.load(ring, format).await;
            self.made.add_permits(1);
            self.arrive.acquire().await.unwrap().forget();
            answer
        })
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.replace(ring, format, expected, new)
    }
}

/// Of two readings the one that was asked first may end last. A key that was compromised in between stays compromised.
#[tokio::test]
async fn a_reading_that_is_overtaken_brings_nothing_back() {
    let store = Shared::new();
    let ring = KeyRing::<Jwt<EdDsa>>::builder().clock(noon()).open(store.clone(), kek()).await.unwrap();
    let stolen = Issuer::<Access, _>::new(&ring).unwrap().issue(&ada()).unwrap().token;
    let keys = PublicKeys::<Jwt<EdDsa>>::open_with(&store, "main", noon()).await.unwrap();
    let verifier = Verifier::<Access>::builder().accept(&keys).build().unwrap();
    assert_eq!(verdict(&verifier.verify_now(&stolen)), "good");

    let slow = Slow { store: store.clone(), made: Arc::new(Semaphore::new(0)), arrive: Arc::new(Semaphore::new(0)) };
    let (reader, late) = (keys.clone(), slow.clone());
    let late = tokio::spawn(async move { reader.reload(&late).await });
    slow.made.acquire().await.unwrap().forget();
    ring.compromise(&ring.signing_key().unwrap()).await.unwrap();
    keys.reload(&store).await.unwrap();
    assert_eq!(verifier.verify_now(&stolen).map(drop), Err(VerifyError::Revoked));
    // The answer from before arrives. It is no news any more, and no sign of a store that was put back.
    slow.arrive.add_permits(1);
    late.await.unwrap().unwrap();
    assert_eq!(verifier.verify_now(&stolen).map(drop), Err(VerifyError::Revoked));
    assert_eq!(keys.health().to_string(), "healthy, read 0 s ago");
}
