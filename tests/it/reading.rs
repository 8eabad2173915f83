//! Nodes that only verify, over the store of those that sign.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use session_runtime::{
    BoxFuture, Claims, Issuer, KeyRing, Verifier,
    error::{StoreError, VerifyError},
    jwt::{EdDsa, Jwt},
    keyring::{KeyStore, LocalKek, PublicKeys, StoredRing},
    limits,
};
use tokio::sync::Semaphore;

use super::support::{forge::base64, noon, shared::Shared, verdict};

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
            // Whoever asks for the ring in other formats is of no interest here.
            if format != "EdDSA" {
                return answer;
            }
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

/// One node signs with a key that another one has not heard of: whoever is asked reads the ring first.
#[tokio::test(start_paused = true)]
async fn a_token_under_a_new_key_waits_for_the_ring_to_be_read() {
    let store = Shared::new();
    let open = async || KeyRing::<Jwt<EdDsa>>::builder().clock(noon()).open(store.clone(), kek()).await.unwrap();
    let (signs, verifies) = (open().await, open().await);
    let verifier = Verifier::<Access>::new(&verifies).unwrap();
    let keeper = verifies.keep();
    tokio::task::yield_now().await;
    signs.maintain().await.unwrap();
    let reads = || store.reads.load(Ordering::SeqCst);
    let another = async || {
        signs.compromise_with_successor(&signs.signing_key().unwrap()).await.unwrap();
        Issuer::<Access, _>::new(&signs).unwrap().issue(&ada()).unwrap().token
    };
    let (first, before) = (another().await, reads());
    assert_eq!(verdict(&verifier.verify(&first).await), "good");
    let second = another().await;
    assert_eq!(verifier.verify_now(&second).map(drop), Err(VerifyError::UnknownKey), "the twin does not wait");
    assert_eq!(verdict(&verifier.verify(&second).await), "good");
    // Each of the two in 30 s, and one of the node that signs.
    let third = another().await;
    let forced = reads() - before;
    let began = tokio::time::Instant::now();
    for number in 0..10_000 {
        let header = base64(format!(r#"{{"alg":"EdDSA","kid":"key-{number}","typ":"at+jwt"}}"#));
        let flood = format!("{header}.{}", third.split_once('.').unwrap().1);
        assert_eq!(verifier.verify(&flood).await.map(drop), Err(VerifyError::UnknownKey));
    }
    assert_eq!(verifier.verify(&third).await.map(drop), Err(VerifyError::UnknownKey));
    assert_eq!((reads() - before, began.elapsed()), (forced, Duration::ZERO), "neither a reading nor a wait");
    drop(keeper);
    tokio::task::yield_now().await;
    assert_eq!(verifier.verify(&third).await.map(drop), Err(VerifyError::UnknownKey), "nobody would read");
}

/// A store that does not answer is waited for as briefly as an issuer; and nobody waits for a task that is gone.
#[tokio::test(start_paused = true)]
async fn a_silent_store_is_waited_for_briefly() {
    let store = Shared::new();
    let ring = KeyRing::<Jwt<EdDsa>>::builder().clock(noon()).open(store.clone(), kek()).await.unwrap();
    let slow = Slow { store, made: Arc::new(Semaphore::new(0)), arrive: Arc::new(Semaphore::new(1)) };
    let keys = PublicKeys::<Jwt<EdDsa>>::open_with(&slow, "main", noon()).await.unwrap();
    let verifier = Verifier::<Access>::builder().accept(&keys).build().unwrap();
    ring.compromise_with_successor(&ring.signing_key().unwrap()).await.unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&ada()).unwrap().token;
    let keeper = keys.keep(slow.clone());
    tokio::task::yield_now().await;
    let began = tokio::time::Instant::now();
    assert_eq!(verifier.verify(&token).await.map(drop), Err(VerifyError::UnknownKey));
    assert_eq!(began.elapsed(), limits::KEY_WAIT);
    // It goes on without anybody, and brings the key after all.
    slow.arrive.add_permits(1);
    tokio::task::yield_now().await;
    assert_eq!(verdict(&verifier.verify_now(&token)), "good");

    ring.compromise_with_successor(&ring.signing_key().unwrap()).await.unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&ada()).unwrap().token;
    let waiting = tokio::spawn(async move { verifier.verify(&token).await.map(drop) });
    tokio::task::yield_now().await;
    let began = tokio::time::Instant::now();
    drop(keeper);
    assert_eq!(waiting.await.unwrap(), Err(VerifyError::UnknownKey));
    assert_eq!(began.elapsed(), Duration::ZERO);
}
