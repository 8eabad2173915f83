//! A key in other hands: every node refuses its tokens as soon as it has read the revocation log, whatever its ring has heard of.

use std::{sync::Arc, time::Duration};

use session_runtime::{
    Format, Issuer, KeyId, KeyRing, Revocations, Verifier, emergency,
    error::{StoreError, VerifyError},
    jwt::{EdDsa, Jwt},
    keyring::{KeyState, KeyStore, LocalKek, MemoryKeys, PublicKeys},
    paseto::V4Local,
    revocation::{MemoryRevocations, RevocationStore, SqliteRevocations},
    testing::{FaultyRevocations, ManualClock, WriteFault},
};

use crate::support::{
    Access, Fixed, KEY_ID, ada,
    flaky::{FOR_NOW, Flaky},
    key_id, named_ring, noon, verdict,
};

/// What the nodes share.
struct Shared {
    keys: Flaky<Arc<MemoryKeys>>,
    log: Flaky<FaultyRevocations<MemoryRevocations>>,
    clock: ManualClock,
}

impl Shared {
    fn new() -> Self {
        let log = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
        Self { keys: Flaky::new(Arc::default()), log: Flaky::new(log), clock: noon() }
    }

    async fn node<F: Format>(&self) -> Node<F> {
        Node::new(self.keys.clone(), self.log.clone(), &self.clock).await
    }

    /// Two nodes that know one ring with its successor.
    async fn two<F: Format>(&self) -> [Node<F>; 2] {
        let (one, two) = (self.node().await, self.node().await);
        one.ring.maintain().await.unwrap();
        two.ring.maintain().await.unwrap();
        [one, two]
    }

    /// A thief with all that the store holds at this moment, who signs with the second key of the ring.
    async fn thief_with_the_successor<F: Format>(&self) -> Node<F> {
        let copy = Arc::new(MemoryKeys::new());
        let stored = self.keys.load("main", F::NAME).await.unwrap().unwrap();
        copy.replace("main", F::NAME, None, stored).await.unwrap();
        let thief = Node::<F>::new(Flaky::new(copy), self.log.clone(), &self.clock).await;
        thief.ring.compromise(&thief.signs()).await.unwrap();
        thief
    }
}

struct Node<F: Format> {
    ring: KeyRing<F>,
    revocations: Revocations,
    issuer: Issuer<Access, F>,
    verifier: Verifier<Access>,
}

impl<F: Format> Node<F> {
    async fn new(keys: impl KeyStore, log: impl RevocationStore, clock: &ManualClock) -> Self {
        let kek = LocalKek::from_bytes(&[7; 32]).unwrap();
        let ring = KeyRing::<F>::builder().clock(clock.clone()).open(keys, kek).await.unwrap();
        let revocations = Revocations::open_with_clock(log, clock.clone()).await.unwrap();
        let issuer = Issuer::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
        let verifier = Verifier::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
        Self { ring, revocations, issuer, verifier }
    }

    fn token(&self) -> String {
        self.issuer.issue(&ada()).unwrap().token
    }

    fn signs(&self) -> KeyId {
        self.ring.signing_key().unwrap()
    }

    fn says(&self, token: &str) -> String {
        verdict(&self.verifier.verify_now(token))
    }

    fn states(&self) -> Vec<KeyState> {
        self.ring.keys().iter().map(|key| key.state).collect()
    }
}

#[tokio::test]
async fn another_node_refuses_the_key_before_its_ring_has_heard() {
    /// What the second node says of an honest token of before, and of one that the thief makes afterwards, with the newest `gen`.
    async fn check<F: Format>(through_the_log: bool, want: [&str; 2]) {
        let shared = Shared::new();
        let [one, two] = shared.two::<F>().await;
        let (stolen, honest) = (two.signs(), two.token());
        if through_the_log {
            let removed = emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap();
            assert_eq!(removed.signing_key, Some(one.signs()));
        } else {
            one.ring.compromise(&stolen).await.unwrap();
        }
        assert_eq!(one.states(), [KeyState::Compromised, KeyState::Active, KeyState::Pending][..one.states().len()]);
        assert_eq!([one.says(&honest), two.says(&honest)], ["revoked", "good"], "{}: nobody has told it", F::NAME);
        two.revocations.refresh().await.unwrap();
        assert_eq!(two.signs(), stolen, "its ring has not heard of it");
        let forged = two.token();
        assert_eq!([two.says(&honest), two.says(&forged)], want, "{}", F::NAME);
        // What the successor signs is good everywhere.
        assert_eq!([one.says(&one.token()), two.says(&one.token())], ["good", "good"], "{}", F::NAME);
    }
    check::<Jwt<EdDsa>>(true, ["revoked", "revoked"]).await;
    check::<V4Local>(true, ["revoked", "revoked"]).await;
    // Without the entry the ring's refresh would have to be waited for.
    check::<Jwt<EdDsa>>(false, ["good", "good"]).await;
    check::<V4Local>(false, ["good", "good"]).await;
}

/// Long after every token of before has died, and after a restart with an empty ring of marks, the thief still has the key.
#[tokio::test]
async fn the_entry_of_a_key_is_never_forgotten() {
    async fn check(through_the_log: bool, want: &str) {
        let clock = noon();
        let node = async |folder: &std::path::Path| {
            let revocations = Revocations::open_with_clock(SqliteRevocations::open(folder.join("log")).await.unwrap(), clock.clone());
            let (revocations, ring) = (revocations.await.unwrap(), named_ring::<Jwt<EdDsa>>(KEY_ID, &clock));
            let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
            let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
            (ring, revocations, verifier, issuer.issue(&ada()).unwrap().token)
        };
        let folder = tempfile::tempdir().unwrap();
        let (ring, revocations, verifier, token) = node(folder.path()).await;
        if through_the_log {
            emergency::compromise(&ring, &revocations, &key_id(KEY_ID)).await.unwrap();
        } else {
            ring.compromise(&key_id(KEY_ID)).await.unwrap();
        }
        assert_eq!(verdict(&verifier.verify_now(&token)), "revoked");
        drop((ring, revocations, verifier));
        clock.advance(Duration::from_secs(400 * 86_400));
        // The key is imported, and comes back with the configuration.
        let (_, revocations, verifier, token) = node(folder.path()).await;
        revocations.prune().await.unwrap();
        assert_eq!(verdict(&verifier.verify_now(&token)), want);
    }
    check(true, "revoked").await;
    check(false, "good").await;
}

#[tokio::test]
async fn successors_that_are_not_trusted_go_with_the_key() {
    async fn check<F: Format>(distrust: bool, want: &str) {
        let shared = Shared::new();
        let [one, two] = shared.two::<F>().await;
        let (stolen, honest) = (two.signs(), two.token());
        let forged = shared.thief_with_the_successor::<F>().await.token();
        assert_eq!(two.says(&forged), "good", "a key is accepted before it signs");
        for repeated in 0..3 {
            let removed = if distrust {
                emergency::compromise_with_successor(&one.ring, &one.revocations, &stolen).await.unwrap()
            } else {
                emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap()
            };
            assert_eq!(removed.distrusted.len(), usize::from(distrust), "{repeated}");
            assert_eq!(removed.signing_key, Some(one.signs()));
            // A repetition takes nothing more out, here and in the log.
            assert_eq!(one.revocations.len(), 1 + usize::from(distrust), "{repeated}");
            let out = one.states().iter().filter(|state| **state == KeyState::Compromised).count();
            assert_eq!((out, one.states().len()), (1 + usize::from(distrust), 3 + usize::from(distrust)), "{repeated}");
        }
        two.revocations.refresh().await.unwrap();
        assert_eq!([two.says(&honest), two.says(&forged)], ["revoked", want], "{}", F::NAME);
        two.ring.reload().await.unwrap();
        assert_eq!([two.says(&honest), two.says(&forged), two.says(&one.token())], ["revoked", want, "good"], "{}", F::NAME);
        assert_eq!(two.says(&two.token()), "good", "{}", F::NAME);
    }
    check::<Jwt<EdDsa>>(true, "revoked").await;
    check::<V4Local>(true, "revoked").await;
    check::<V4Local>(false, "good").await;
}

/// A node that knows the ring as it was before a rotation does not take the key out that signs by now.
#[tokio::test]
async fn an_old_view_of_the_ring_takes_no_good_key_out() {
    let shared = Shared::new();
    let [one, two] = shared.two::<V4Local>().await;
    let stolen = one.signs();
    shared.clock.advance(Duration::from_secs(2 * 3_600));
    two.ring.rotate().await.unwrap();
    two.ring.maintain().await.unwrap();
    one.revocations.refresh().await.unwrap();
    let removed = emergency::compromise_with_successor(&one.ring, &one.revocations, &stolen).await.unwrap();
    assert_eq!(removed.signing_key, Some(two.signs()));
    two.ring.reload().await.unwrap();
    two.revocations.refresh().await.unwrap();
    assert_eq!(two.says(&two.token()), "good");
    assert_eq!((removed.distrusted.len(), one.revocations.len()), (1, 2));
}

/// A successor that was entered when the ring could not be changed is out for good; a repetition has the ring know it, even after a rotation.
#[tokio::test]
async fn what_the_log_refuses_the_ring_does_not_elect() {
    for repeat in [true, false] {
        let shared = Shared::new();
        let [one, two] = shared.two::<V4Local>().await;
        let (stolen, successor) = (one.signs(), one.ring.keys()[1].id.clone().unwrap());
        // The ring can be read and not changed.
        shared.keys.fail_writes(true);
        let error = emergency::compromise_with_successor(&one.ring, &one.revocations, &stolen).await.unwrap_err();
        assert!(error.log.is_none() && error.ring.is_some());
        shared.keys.fail_writes(false);
        shared.clock.advance(Duration::from_secs(2 * 3_600));
        two.ring.rotate().await.unwrap();
        two.revocations.refresh().await.unwrap();
        assert_eq!((two.signs(), two.says(&two.token())), (successor.clone(), "revoked".to_owned()));
        if repeat {
            emergency::compromise_with_successor(&one.ring, &one.revocations, &stolen).await.unwrap();
            two.ring.reload().await.unwrap();
            two.revocations.refresh().await.unwrap();
            assert_eq!((one.ring.state(&successor), two.says(&two.token())), (Some(KeyState::Compromised), "good".to_owned()));
        }
    }
}

/// Each step fails for good, keeps no other from being done, is named, and is done by a repetition.
#[tokio::test]
async fn a_step_that_fails_keeps_no_other_from_being_done() {
    async fn check<F: Format>() {
        // The log is out of reach.
        let shared = Shared::new();
        let [one, two] = shared.two::<F>().await;
        let (stolen, honest) = (two.signs(), two.token());
        shared.log.fail(FOR_NOW);
        let error = emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap_err();
        let failed = "the flaky store was not changed: as told";
        let want = format!(
            "key `{stolen}`: not in the revocation log ({failed}), marked in the ring, the next key is there; do it again, which is safe"
        );
        assert_eq!(error.to_string(), want);
        assert_eq!((one.says(&honest).as_str(), one.revocations.pending()), ("revoked", 1));
        two.revocations.refresh().await.unwrap();
        assert_eq!(two.says(&honest), "good");
        two.ring.reload().await.unwrap();
        assert_eq!(two.says(&honest), "revoked");
        shared.log.fail(0);
        let keys = one.ring.keys();
        emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap();
        assert_eq!((one.ring.keys(), one.revocations.pending(), one.revocations.len()), (keys, 0, 1));

        // The ring is out of reach, for reading and for writing.
        let shared = Shared::new();
        let [one, two] = shared.two::<F>().await;
        let (stolen, honest) = (two.signs(), two.token());
        for distrust in [true, false] {
            shared.keys.fail(FOR_NOW);
            let error = if distrust {
                emergency::compromise_with_successor(&one.ring, &one.revocations, &stolen).await.unwrap_err()
            } else {
                emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap_err()
            };
            let want = format!(
                "key `{stolen}`: in the revocation log, not marked in the ring ({failed}), the next key is not there ({failed}); \
                 do it again, which is safe"
            );
            assert_eq!(error.to_string(), want);
            two.revocations.refresh().await.unwrap();
            assert_eq!([one.says(&honest), two.says(&honest)], ["revoked", "revoked"]);
            assert_eq!(one.revocations.len(), 1, "which keys are successors is for the ring to say");
        }
        shared.keys.fail(0);
        let removed = emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap();
        assert_ne!(removed.signing_key, Some(stolen));
        assert_eq!(one.states(), [KeyState::Compromised, KeyState::Active, KeyState::Pending]);
        assert_eq!(one.revocations.len(), 1);
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

#[tokio::test]
async fn what_fails_twice_is_done_the_third_time() {
    for (log, keys) in [(2, 0), (0, 2), (2, 2)] {
        let shared = Shared::new();
        let [one, _] = shared.two::<V4Local>().await;
        shared.log.fail(log);
        shared.keys.fail(keys);
        let stolen = one.signs();
        emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap();
        assert_eq!(one.states(), [KeyState::Compromised, KeyState::Active, KeyState::Pending]);
    }
    // Three times is an outage.
    let shared = Shared::new();
    let [one, _] = shared.two::<V4Local>().await;
    shared.log.fail(3);
    let stolen = one.signs();
    let error = emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap_err();
    assert_eq!((error.log.is_some(), error.ring, error.next_key), (true, None, None));
}

/// The answer was lost, and the entry is there: doing it again makes no second one.
#[tokio::test]
async fn a_lost_answer_is_settled_by_doing_it_again() {
    let clock = noon();
    let log = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let ring = KeyRing::<V4Local>::builder().clock(clock.clone()).generate().unwrap();
    let revocations = Revocations::open_with_clock(log.clone(), clock.clone()).await.unwrap();
    let stolen = ring.signing_key().unwrap();
    log.fail_writes(WriteFault::LostReply);
    let error = emergency::compromise(&ring, &revocations, &stolen).await.unwrap_err();
    assert!(matches!(error.log, Some(StoreError::Unknown { .. })));
    log.fail_writes(WriteFault::None);
    // In a task of its own, as a service has it that answers an operator.
    let task = {
        let (ring, revocations) = (ring.clone(), revocations.clone());
        tokio::spawn(async move { emergency::compromise(&ring, &revocations, &stolen).await })
    };
    task.await.unwrap().unwrap();
    let other = Revocations::open_with_clock(log, clock).await.unwrap();
    assert_eq!((revocations.pending(), other.len()), (0, 1));
}

#[tokio::test]
async fn a_key_that_the_ring_does_not_have_is_told() {
    let shared = Shared::new();
    let [one, _] = shared.two::<V4Local>().await;
    let error = emergency::compromise(&one.ring, &one.revocations, &key_id("nobody")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "key `nobody`: in the revocation log, not marked in the ring (the ring holds no key `nobody`), the next key is there; \
         do it again, which is safe"
    );
}

/// Two rings may have keys of one name, and the log knows which one is meant.
#[tokio::test]
async fn a_key_of_the_same_name_in_another_ring_is_another_key() {
    async fn check<F: Fixed>() {
        let clock = noon();
        let revocations = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock.clone()).await.unwrap();
        let ring = |name| KeyRing::<F>::builder().name(name).clock(clock.clone()).import(F::key().with_id(key_id(KEY_ID))).unwrap();
        let mut nodes = Vec::new();
        for name in ["main", "partner"] {
            let ring = ring(name);
            let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
            let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
            nodes.push((verifier, issuer.issue(&ada()).unwrap().token));
        }
        let says = || nodes.iter().map(|(verifier, token)| verdict(&verifier.verify_now(token))).collect::<Vec<_>>();
        assert_eq!(says(), ["good", "good"]);
        // A token, a subject and an issuer of the same words are no key either.
        revocations.revoke_token(Some("main"), KEY_ID, None).await.unwrap();
        revocations.revoke_subject_of(Some("main"), KEY_ID).await.unwrap();
        revocations.revoke_key("mai", &key_id("nk1")).await.unwrap();
        assert_eq!(says(), ["good", "good"]);
        revocations.revoke_key("main", &key_id(KEY_ID)).await.unwrap();
        assert_eq!(says(), ["revoked", "good"], "{}", F::NAME);
    }
    check::<Jwt<EdDsa>>().await;
    check::<V4Local>().await;
}

/// Those who only verify hear of it in the same way, by the name of the ring that they opened.
#[tokio::test]
async fn nodes_that_only_verify_hear_of_it_too() {
    let shared = Shared::new();
    let [one, _] = shared.two::<Jwt<EdDsa>>().await;
    let keys = PublicKeys::<Jwt<EdDsa>>::open_with(&shared.keys, "main", shared.clock.clone()).await.unwrap();
    let revocations = Revocations::open_with_clock(shared.log.clone(), shared.clock.clone()).await.unwrap();
    let verifier = Verifier::<Access>::builder().accept(&keys).build().unwrap().with_revocations(&revocations).await.unwrap();
    let (stolen, token) = (one.signs(), one.token());
    assert_eq!(verdict(&verifier.verify_now(&token)), "good");
    emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap();
    revocations.refresh().await.unwrap();
    assert_eq!(verdict(&verifier.verify_now(&token)), "revoked");
    let explained = verifier.verify_explain(&token);
    assert_eq!(explained.verdict(), Err(&VerifyError::Revoked));
    assert!(explained.to_string().contains("FAILED       revocation"), "{explained}");
}

/// A node that goes on signing with the key is told by the first such token that it verifies, and reads its ring at once.
#[tokio::test(start_paused = true)]
async fn the_first_refused_token_has_the_ring_read_again() {
    let shared = Shared::new();
    let [one, two] = shared.two::<Jwt<EdDsa>>().await;
    let keeper = two.ring.keep();
    let settle = async || {
        for _ in 0..3 {
            tokio::time::advance(Duration::from_millis(100)).await;
            tokio::task::yield_now().await;
        }
    };
    settle().await;
    let (stolen, token) = (two.signs(), two.token());
    emergency::compromise(&one.ring, &one.revocations, &stolen).await.unwrap();
    two.revocations.refresh().await.unwrap();
    settle().await;
    assert_eq!(two.signs(), stolen, "it has no reason to read the ring yet");
    assert_eq!(two.says(&token), "revoked");
    settle().await;
    assert_eq!(two.signs(), one.signs());
    assert_eq!(two.says(&two.token()), "good");
    drop(keeper);
}
