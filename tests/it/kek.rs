//! Another key-encryption key, one node after the other: at no moment can a node not read the ring, and in the wrong order nothing is lost.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use session_runtime::{
    BoxFuture, Format, KeyId, KeyRing, Verifier,
    error::{KeyError, StoreError},
    jwt::{EdDsa, Hs256, Jwt},
    keyring::{KekChain, KeyStore, KeyWrap, LocalKek, MemoryKeys, PlaintextKeys, StoredRing},
    paseto::V4Local,
};
use zeroize::Zeroizing;

use crate::support::{
    Access,
    flaky::{FOR_NOW, Flaky},
    noon, token, verdict,
};

type Store = Flaky<Arc<MemoryKeys>>;

fn old() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

fn new() -> LocalKek {
    LocalKek::from_bytes(&[8; 32]).unwrap()
}

/// A node of the first step: it wraps with the old key, and opens with the new one.
fn learns() -> KekChain {
    KekChain::new(old()).also_opens_with(new())
}

/// A node of the second step.
fn wraps() -> KekChain {
    KekChain::new(new()).also_opens_with(old())
}

/// Starts a node.
async fn start<F: Format>(store: &Store, wrap: impl KeyWrap) -> Result<KeyRing<F>, KeyError> {
    KeyRing::<F>::builder().clock(noon()).open(store.clone(), wrap).await
}

async fn stored<F: Format>(store: &Store) -> StoredRing {
    store.store.load("main", F::NAME).await.unwrap().unwrap()
}

fn private(ring: &StoredRing) -> Vec<String> {
    ring.keys.iter().map(|key| key.private.clone().unwrap()).collect()
}

/// A store with a ring of two keys under the old key, and a token of the first.
async fn ring<F: Format>() -> (Store, String) {
    let store = Flaky::new(Arc::default());
    let ring = start::<F>(&store, old()).await.unwrap();
    ring.maintain().await.unwrap();
    (store, token(&ring))
}

#[track_caller]
fn is_good<F: Format>(ring: &KeyRing<F>, token: &str) {
    assert_eq!(verdict(&Verifier::<Access>::new(ring).unwrap().verify_now(token)), "good", "{}", F::NAME);
}

fn cannot_unwrap<T: std::fmt::Debug>(answer: Result<T, KeyError>) -> KeyId {
    match answer.unwrap_err() {
        KeyError::CannotUnwrap(id) => id,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_rolling_change_leaves_no_node_without_the_ring() {
    async fn check<F: Format>() {
        let (store, before) = ring::<F>().await;
        // First step, one node after the other: whoever starts, and whoever changes the ring.
        let (mut one, mut two) = (start::<F>(&store, old()).await.unwrap(), start::<F>(&store, learns()).await.unwrap());
        for step in 0..2 {
            // Every change wraps all of the ring anew, with the key of the node that makes it.
            for (changer, reader) in [(&one, &two), (&two, &one)] {
                changer.reload().await.unwrap();
                changer.rotate().await.unwrap();
                changer.maintain().await.unwrap();
                reader.reload().await.unwrap();
                is_good(reader, &token(changer));
                is_good(reader, &before);
            }
            // Any node of either step may start at any moment.
            is_good(&start::<F>(&store, learns()).await.unwrap(), &before);
            if step == 0 {
                one = start::<F>(&store, learns()).await.unwrap();
                two = start::<F>(&store, wraps()).await.unwrap();
            }
            is_good(&start::<F>(&store, wraps()).await.unwrap(), &before);
        }
        // Second step for both, third, fourth.
        let one = start::<F>(&store, wraps()).await.unwrap();
        two.reload().await.unwrap();
        let (keys, version) = (stored::<F>(&store).await.keys.len(), stored::<F>(&store).await.version);
        for rewrapped in [one.rewrap().await, two.rewrap().await, one.rewrap().await] {
            assert_eq!(rewrapped.map(|done| done.keys), Ok(keys), "{}", F::NAME);
        }
        assert_eq!(stored::<F>(&store).await.version, version + 3);
        for _ in 0..2 {
            let last = start::<F>(&store, new()).await.unwrap();
            is_good(&last, &before);
            is_good(&last, &token(&one));
            is_good(&one, &token(&last));
        }
        // And the old key is of no more use.
        cannot_unwrap(start::<F>(&store, old()).await);
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

#[tokio::test]
async fn the_old_key_cannot_go_before_the_ring_is_rewrapped() {
    async fn check<F: Format>() {
        let (store, before) = ring::<F>().await;
        let lies = stored::<F>(&store).await;
        let first = lies.keys[0].key_id.clone().unwrap();
        let running = start::<F>(&store, wraps()).await.unwrap();
        for _ in 0..2 {
            let refused = start::<F>(&store, new()).await;
            assert_eq!(cannot_unwrap(refused).as_str(), first, "{}", F::NAME);
            assert_eq!(stored::<F>(&store).await, lies, "nothing was written");
        }
        running.rewrap().await.unwrap();
        assert_ne!(private(&stored::<F>(&store).await), private(&lies));
        is_good(&start::<F>(&store, new()).await.unwrap(), &before);
        // Nothing about the keys has changed.
        let keys = |ring: StoredRing| ring.keys.into_iter().map(|key| (key.epoch, key.key_id, key.public, key.expire_at));
        assert!(keys(stored::<F>(&store).await).eq(keys(lies)));
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

/// A node that wraps with the new key before the others have learnt it: they say so, keep what they know, and write nothing.
#[tokio::test]
async fn in_the_wrong_order_nothing_is_lost() {
    async fn check<F: Format>() {
        let (store, before) = ring::<F>().await;
        let (early, late) = (start::<F>(&store, wraps()).await.unwrap(), start::<F>(&store, old()).await.unwrap());
        // The next key: one that the late node does not know.
        early.rotate().await.unwrap();
        early.maintain().await.unwrap();
        let next = early.keys().last().unwrap().id.clone().unwrap();
        early.compromise_with_successor(&next).await.unwrap();
        early.maintain().await.unwrap();
        let lies = stored::<F>(&store).await;
        for _ in 0..2 {
            cannot_unwrap(late.reload().await);
            cannot_unwrap(late.maintain().await);
            assert!(late.health().trouble.is_some_and(|trouble| trouble.cause.contains("wrong key-encryption key")));
            is_good(&late, &before);
            cannot_unwrap(start::<F>(&store, old()).await);
        }
        assert_eq!(stored::<F>(&store).await, lies);
        // Once it has learnt the new key, all is well.
        let late = start::<F>(&store, learns()).await.unwrap();
        is_good(&late, &before);
        is_good(&late, &token(&early));
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

/// The read-back tells of a node that still wraps with the old key, and of a store that says it has written.
#[tokio::test]
async fn what_lies_in_the_store_is_checked() {
    /// Lets somebody else write after this node, or nobody at all.
    #[derive(Debug, Clone)]
    struct Meddled {
        store: Store,
        meddles: Arc<AtomicBool>,
        with: Arc<StoredRing>,
    }
    impl KeyStore for Meddled {
        fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
            self.store.load(ring, format)
        }
        fn replace<'a>(
            &'a self,
            ring: &'a str,
            format: &'a str,
            expected: Option<u64>,
            new: StoredRing,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            Box::pin(async move {
                let version = new.version;
                self.store.replace(ring, format, expected, new).await?;
                if self.meddles.load(Ordering::SeqCst) {
                    let other = StoredRing { version: version + 1, ..(*self.with).clone() };
                    self.store.replace(ring, format, Some(version), other).await?;
                }
                Ok(())
            })
        }
    }
    let (store, _) = ring::<V4Local>().await;
    let lies = stored::<V4Local>(&store).await;
    let meddled = Meddled { store, meddles: Arc::new(AtomicBool::new(true)), with: Arc::new(lies.clone()) };
    let ring = KeyRing::<V4Local>::builder().clock(noon()).open(meddled.clone(), wraps()).await.unwrap();
    assert_eq!(cannot_unwrap(ring.rewrap().await).as_str(), lies.keys[0].key_id.as_deref().unwrap());
    meddled.meddles.store(false, Ordering::SeqCst);
    assert_eq!(ring.rewrap().await.unwrap().keys, 2);
}

/// A key management service of the user's, reached over a network that may be down, and perhaps allowed to wrap alone.
#[derive(Debug, Clone)]
struct Service {
    key: LocalKek,
    is_up: Arc<AtomicBool>,
    may_unwrap: bool,
}

impl Service {
    fn new(key: LocalKek) -> Self {
        Self { key, is_up: Arc::new(AtomicBool::new(true)), may_unwrap: true }
    }

    async fn call(&self) -> Result<(), KeyError> {
        tokio::task::yield_now().await;
        let down = StoreError::Unreadable { store: "the key management service", reason: "it is down".to_owned() };
        if self.is_up.load(Ordering::SeqCst) { Ok(()) } else { Err(down.into()) }
    }
}

impl KeyWrap for Service {
    fn wrap<'a>(&'a self, context: &'a [u8], plain: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, KeyError>> {
        Box::pin(async move {
            self.call().await?;
            self.key.wrap(context, plain).await
        })
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>> {
        Box::pin(async move {
            self.call().await?;
            if self.may_unwrap { self.key.unwrap(context, wrapped).await } else { Ok(None) }
        })
    }
}

#[tokio::test]
async fn a_local_key_gives_way_to_a_service() {
    let (store, before) = ring::<Jwt<EdDsa>>().await;
    let lies = stored::<Jwt<EdDsa>>(&store).await;
    // One that cannot undo what it does would lose every key: it is found out before anything is written.
    let one_way = Service { may_unwrap: false, ..Service::new(new()) };
    let ring = start::<Jwt<EdDsa>>(&store, KekChain::new(one_way).also_opens_with(old())).await.unwrap();
    cannot_unwrap(ring.rewrap().await);
    assert_eq!(stored::<Jwt<EdDsa>>(&store).await, lies);

    let service = Service::new(new());
    let chain = || KekChain::new(service.clone()).also_opens_with(old());
    service.is_up.store(false, Ordering::SeqCst);
    // What the local key opens needs no service; what nobody opens may be the service's, so it is no wrong key.
    let ring = start::<Jwt<EdDsa>>(&store, chain()).await.unwrap();
    assert_eq!(ring.rewrap().await.unwrap_err().to_string(), "the key management service cannot be read: it is down");
    assert_eq!(stored::<Jwt<EdDsa>>(&store).await, lies);
    service.is_up.store(true, Ordering::SeqCst);
    assert_eq!(ring.rewrap().await.unwrap().keys, 2);
    service.is_up.store(false, Ordering::SeqCst);
    let refused = start::<Jwt<EdDsa>>(&store, chain()).await.unwrap_err();
    assert_eq!(refused.to_string(), "the key management service cannot be read: it is down");
    service.is_up.store(true, Ordering::SeqCst);
    is_good(&start::<Jwt<EdDsa>>(&store, service).await.unwrap(), &before);
}

/// Whatever the place of `PlaintextKeys` in a chain, it never takes a wrapped HS256 secret for another secret.
#[tokio::test]
async fn plain_halves_are_wrapped_one_node_after_the_other() {
    async fn check<F: Format>() {
        let store = Flaky::new(Arc::default());
        let plain = start::<F>(&store, PlaintextKeys).await.unwrap();
        let before = token(&plain);
        let learns = || KekChain::new(PlaintextKeys).also_opens_with(new());
        let wraps = || KekChain::new(new()).also_opens_with(PlaintextKeys);
        is_good(&start::<F>(&store, learns()).await.unwrap(), &before);
        let two = start::<F>(&store, wraps()).await.unwrap();
        assert_eq!(two.rewrap().await.unwrap().keys, 1);
        for ring in [start::<F>(&store, learns()).await.unwrap(), start::<F>(&store, wraps()).await.unwrap()] {
            is_good(&ring, &before);
            is_good(&two, &token(&ring));
        }
        is_good(&start::<F>(&store, new()).await.unwrap(), &before);
    }
    check::<Jwt<Hs256>>().await;
    check::<V4Local>().await;
    check::<Jwt<EdDsa>>().await;
}

/// A service that is down may be the one that wrapped it, and a wrapped secret is never taken for a plain one because of that.
#[tokio::test]
async fn a_service_that_is_down_makes_nothing_plain() {
    let service = Service::new(new());
    let store = Flaky::new(Arc::default());
    start::<Jwt<Hs256>>(&store, service.clone()).await.unwrap();
    service.is_up.store(false, Ordering::SeqCst);
    for chain in [
        KekChain::new(PlaintextKeys).also_opens_with(service.clone()),
        KekChain::new(service.clone()).also_opens_with(PlaintextKeys),
        KekChain::new(KekChain::new(PlaintextKeys).also_opens_with(old())).also_opens_with(service.clone()),
    ] {
        let refused = start::<Jwt<Hs256>>(&store, chain).await.unwrap_err();
        assert_eq!(refused.to_string(), "the key management service cannot be read: it is down");
    }
}

#[tokio::test]
async fn a_store_that_is_out_of_reach_is_told() {
    let (store, _) = ring::<V4Local>().await;
    let ring = start::<V4Local>(&store, wraps()).await.unwrap();
    store.fail(FOR_NOW);
    assert_eq!(ring.rewrap().await.unwrap_err().to_string(), "the flaky store was not changed: as told");
    store.fail(0);
    // In a task of its own, as a service has it.
    assert_eq!(tokio::spawn(async move { ring.rewrap().await }).await.unwrap().unwrap().keys, 2);
}
