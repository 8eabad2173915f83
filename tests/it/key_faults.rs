//! A key store of the user's own that fails: what was not stored did not happen, and what cannot be read is not empty.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use session_runtime::{
    BoxFuture, Format, KeyRing, Verifier,
    error::{KeyError, StoreError},
    jwt::{EdDsa, Jwt},
    keyring::{KeyStore, LocalKek, MemoryKeys, StoredRing},
    paseto::V4Local,
};

use crate::support::{Access, ada, issuer, noon, token, verdict};

fn kek() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

/// A user's own store that fails as it is told.
#[derive(Debug, Clone, Default)]
struct Faulty {
    keys: Arc<MemoryKeys>,
    fault: Arc<AtomicU8>,
}

const NOTHING: u8 = 0;
const UNREADABLE: u8 = 1;
const NOT_APPLIED: u8 = 2;
const LOST_REPLY: u8 = 3;
const EMPTIED: u8 = 4;

impl Faulty {
    fn fail(&self, fault: u8) {
        self.fault.store(fault, Ordering::SeqCst);
    }
    fn fault(&self) -> u8 {
        self.fault.load(Ordering::SeqCst)
    }
}

impl KeyStore for Faulty {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        match self.fault() {
            UNREADABLE => Box::pin(async { Err(StoreError::Unreadable { store: "mine", reason: "as told".into() }) }),
            EMPTIED => Box::pin(async { Ok(None) }),
            _ => self.keys.load(ring, format),
        }
    }
    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self.fault() {
                NOT_APPLIED => Err(StoreError::NotApplied { store: "mine", reason: "as told".into() }),
                LOST_REPLY => {
                    self.keys.replace(ring, format, expected, new).await?;
                    Err(StoreError::Unknown { store: "mine", reason: "as told".into() })
                }
                _ => self.keys.replace(ring, format, expected, new).await,
            }
        })
    }
}

#[tokio::test]
async fn a_rotation_that_was_not_stored_did_not_happen() {
    async fn check<F: Format>() {
        let (store, clock) = (Faulty::default(), noon());
        let ring = KeyRing::<F>::builder().clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
        let first = ring.keys()[0].id.clone();
        store.fail(NOT_APPLIED);
        let error = ring.rotate().await.map(drop).unwrap_err();
        assert_eq!(error.to_string(), "mine was not changed: as told", "{}", F::NAME);
        let old = first.clone().unwrap();
        assert!(ring.compromise(&old).await.is_err(), "{}: it still counts as good", F::NAME);
        let issued = issuer::<Access, F>(&ring).issue(&ada()).unwrap();
        assert_eq!(issued.key_id, first, "{}: the old key goes on signing", F::NAME);
        assert_eq!(verdict(&Verifier::<Access>::new(&ring).unwrap().verify_now(&issued.token)), "good");
        store.fail(NOTHING);
        ring.rotate().await.unwrap();
        assert_eq!(ring.keys().len(), 2, "{}", F::NAME);
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

/// The answer was lost and the change was not: the store is asked again, and there is one successor.
#[tokio::test]
async fn an_unknown_outcome_is_settled_by_reading_again() {
    let (store, clock) = (Faulty::default(), noon());
    let ring = KeyRing::<V4Local>::builder().clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
    let before = token(&ring);
    store.fail(LOST_REPLY);
    assert!(matches!(ring.rotate().await, Err(KeyError::Store(StoreError::Unknown { .. }))));
    assert_eq!(ring.keys().len(), 1);
    store.fail(NOTHING);
    // Whoever does not read again is told by the store.
    assert!(matches!(ring.rotate().await, Err(KeyError::Store(StoreError::Conflict { .. }))));
    ring.reload().await.unwrap();
    assert_eq!(ring.keys().len(), 2);
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    assert_eq!([&before, &token(&ring)].map(|token| verdict(&verifier.verify_now(token))), ["good", "good"]);
}

/// The first key's answer was lost: the ring is not opened, and the next try finds that key.
#[tokio::test]
async fn a_first_key_is_made_once_whatever_happens_to_the_answer() {
    let (store, clock) = (Faulty::default(), noon());
    let open = || KeyRing::<V4Local>::builder().clock(clock.clone()).open(store.clone(), kek());
    store.fail(UNREADABLE);
    assert!(matches!(open().await, Err(KeyError::Store(StoreError::Unreadable { .. }))));
    store.fail(NOTHING);
    assert_eq!(store.load("main", "v4.local").await, Ok(None), "nothing was written while nothing could be read");
    store.fail(LOST_REPLY);
    assert!(matches!(open().await, Err(KeyError::Store(StoreError::Unknown { .. }))));
    store.fail(NOTHING);
    let stored = store.load("main", "v4.local").await.unwrap().unwrap();
    assert_eq!(open().await.unwrap().keys()[0].id.as_ref().map(|id| id.as_str().to_owned()), stored.keys[0].key_id);
}

#[tokio::test]
async fn a_store_that_was_emptied_is_an_error() {
    let store = Faulty::default();
    let ring = KeyRing::<V4Local>::builder().clock(noon()).open(store.clone(), kek()).await.unwrap();
    let before = token(&ring);
    for fault in [EMPTIED, UNREADABLE] {
        store.fail(fault);
        assert!(matches!(ring.reload().await, Err(KeyError::Store(StoreError::Unreadable { .. }))));
        assert_eq!(ring.keys().len(), 1);
        assert_eq!(verdict(&Verifier::<Access>::new(&ring).unwrap().verify_now(&before)), "good");
    }
}
