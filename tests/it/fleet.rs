//! Many nodes over one store: a ring that all of them look after, each by its own clock.

use std::{sync::atomic::Ordering, time::Duration};

use session_runtime::{
    Claims, Issuer, KeyRing, Verifier,
    error::{KeyError, StoreError, Unavailable, VerifyError},
    jwt::{EdDsa, Hs256, Jwt},
    keyring::{KeyState, KeyStore, LocalKek, PublicKeys, StoredRing, Timing},
    paseto::V4Local,
    testing::ManualClock,
    time::Clock,
};

use super::support::{
    after,
    forge::base64,
    noon,
    shared::{Gated, Shared},
    verdict,
};

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", leeway = "60s", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
}

const HOUR: Duration = Duration::from_secs(3_600);

type Format = Jwt<EdDsa>;

struct Node {
    clock: ManualClock,
    link: Shared,
    ring: KeyRing<Format>,
    issuer: Issuer<Access, Format>,
    verifier: Verifier<Access>,
}

impl Node {
    /// A node whose clock is `skew` seconds ahead.
    async fn start(store: &Shared, skew: i64) -> Self {
        let clock = ManualClock::at(after(skew));
        let link = store.link();
        let kek = LocalKek::from_bytes(&[7; 32]).unwrap();
        let ring = KeyRing::builder().clock(clock.clone()).open(link.clone(), kek).await.unwrap();
        let (issuer, verifier) = (Issuer::new(&ring).unwrap(), Verifier::new(&ring).unwrap());
        Self { clock, link, ring, issuer, verifier }
    }

    fn token(&self) -> String {
        self.issuer.issue(&Access { user: "ada".into() }).unwrap().token
    }

    fn states(&self) -> Vec<KeyState> {
        self.ring.keys().iter().map(|key| key.state).collect()
    }
}

async fn three() -> [Node; 3] {
    let store = Shared::new();
    let nodes = [Node::start(&store, -30).await, Node::start(&store, 0).await, Node::start(&store, 30).await];
    for node in &nodes {
        node.ring.maintain().await.unwrap();
    }
    for node in &nodes {
        node.ring.maintain().await.unwrap();
    }
    nodes
}

fn advance(nodes: &[Node], by: Duration) {
    nodes.iter().for_each(|node| node.clock.advance(by));
}

/// Every node's token is good on every node.
#[track_caller]
fn all_understand_each_other(nodes: &[Node], when: &str) {
    for signer in nodes {
        let token = signer.token();
        for verifier in nodes {
            assert_eq!(verdict(&verifier.verifier.verify_now(&token)), "good", "{when}");
        }
    }
}

#[tokio::test]
async fn nodes_agree_on_one_key_and_its_successor() {
    let nodes = three().await;
    let ids = |node: &Node| node.ring.keys().into_iter().map(|key| key.id).collect::<Vec<_>>();
    assert_eq!(nodes[0].states(), [KeyState::Active, KeyState::Pending]);
    assert!(nodes.iter().all(|node| ids(node) == ids(&nodes[0])));
    all_understand_each_other(&nodes, "at the start");
    // Nothing more is due, however often somebody looks.
    for node in &nodes {
        let maintained = node.ring.maintain().await.unwrap();
        assert!(maintained.created.is_empty() && maintained.destroyed.is_empty() && maintained.pruned.is_empty());
        assert_eq!(maintained.next_due, node.ring.keys()[0].retire_at);
    }
}

/// Sixty nodes and tasks open an empty ring, and look after it, at once: one key for each epoch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_make_one_key_an_epoch() {
    let store = Shared::new();
    let open = |_| {
        let store = store.clone();
        tokio::spawn(async move {
            let kek = LocalKek::from_bytes(&[7; 32]).unwrap();
            let ring = KeyRing::<V4Local>::builder().clock(noon()).open(store, kek).await.unwrap();
            ring.maintain().await.unwrap();
            ring.keys().into_iter().map(|key| key.id).collect::<Vec<_>>()
        })
    };
    let tasks: Vec<_> = (0..60).map(open).collect();
    let mut rings = Vec::new();
    for task in tasks {
        rings.push(task.await.unwrap());
    }
    let stored = store.load("main", "v4.local").await.unwrap().unwrap();
    assert_eq!(stored.keys.iter().map(|key| key.epoch).collect::<Vec<_>>(), [1, 2]);
    assert!(rings.iter().all(|ids| *ids == rings[0]));
}

/// One task looks after the ring, and sees that a successor is due; another rotates before it is made, and makes it.
#[tokio::test]
async fn two_tasks_of_one_node_make_one_key_an_epoch() {
    let store = Gated::letting(1, 10);
    let kek = LocalKek::from_bytes(&[7; 32]).unwrap();
    let ring = KeyRing::<Format>::builder().clock(noon()).open(store.clone(), kek).await.unwrap();
    let task = |ring: KeyRing<Format>| async move { ring.maintain().await.map(drop) };
    let maintaining = tokio::spawn(task(ring.clone()));
    // It reads the ring, and has the turn.
    tokio::task::yield_now().await;
    let rotating = ring.clone();
    let rotating = tokio::spawn(async move { rotating.rotate().await });
    tokio::task::yield_now().await;
    store.gate.add_permits(10);
    rotating.await.unwrap().unwrap();
    maintaining.await.unwrap().unwrap();
    let stored = store.keys.load("main", "EdDSA").await.unwrap().unwrap();
    assert_eq!(stored.keys.iter().map(|key| key.epoch).collect::<Vec<_>>(), [1, 2]);
}

/// Whoever gives up half-way leaves nothing half done: the key that was written without his knowing is the one, and nobody waits for his turn.
#[tokio::test]
async fn looking_after_a_ring_may_be_given_up_at_any_moment() {
    let store = Gated::letting(10, 1);
    let kek = LocalKek::from_bytes(&[7; 32]).unwrap();
    let ring = KeyRing::<Format>::builder().clock(noon()).open(store.clone(), kek).await.unwrap();
    tokio::select! {
        biased;
        done = ring.maintain() => panic!("{done:?}: its answer never comes"),
        () = tokio::task::yield_now() => {}
    }
    let written = store.keys.load("main", "EdDSA").await.unwrap().unwrap();
    assert_eq!((written.keys.len(), ring.keys().len()), (2, 1), "written, and not known");
    store.answers.add_permits(10);
    assert!(ring.maintain().await.unwrap().created.is_empty());
    assert_eq!(ring.keys().len(), 2);
    assert_eq!(store.keys.load("main", "EdDSA").await.unwrap().unwrap(), written);
}

/// D1 in a fleet: a hundred rotations, half of them early, with refreshes that are staggered over the whole period.
#[tokio::test]
async fn a_hundred_rotations_refuse_no_token() {
    let nodes = three().await;
    let mut live: Vec<String> = Vec::new();
    for round in 0..100_u64 {
        if round % 2 == 0 {
            nodes[usize::try_from(round % 3).unwrap()].ring.rotate().await.map(drop).or_else(conflict).unwrap();
        }
        for step in 0..20_u64 {
            // One node a step, each once in a refresh period.
            advance(&nodes, Duration::from_secs(100));
            nodes[usize::try_from(step % 3).unwrap()].ring.maintain().await.unwrap();
            live.extend(nodes.iter().map(Node::token));
            live.drain(..live.len().saturating_sub(9));
            for (verifier, token) in nodes.iter().flat_map(|node| live.iter().map(move |token| (node, token))) {
                assert_eq!(verdict(&verifier.verifier.verify_now(token)), "good", "{round} {step}");
            }
        }
    }
    let epochs = nodes[0].link.load("main", "EdDSA").await.unwrap().unwrap().keys;
    assert!(epochs.last().unwrap().epoch > 50, "{}", epochs.last().unwrap().epoch);
}

fn conflict(error: KeyError) -> Result<(), KeyError> {
    match error {
        KeyError::Store(StoreError::Conflict { .. }) => Ok(()),
        error => Err(error),
    }
}

/// A node that is cut off goes on for as long as it cannot have missed too much, and then says that it does not know.
#[tokio::test]
async fn a_node_that_is_cut_off_stops_when_it_knows_too_little() {
    let nodes = three().await;
    let [cut, other, _] = &nodes;
    cut.link.cut(true);
    let refresh = async |by: Duration| {
        advance(&nodes, by);
        other.ring.maintain().await.unwrap();
        cut.ring.maintain().await.map(drop)
    };
    let refused = refresh(HOUR * 9 / 10).await.unwrap_err();
    assert_eq!(refused.to_string(), "the shared store cannot be read: cut off");
    assert_eq!(verdict(&cut.verifier.verify_now(&other.token())), "good", "0.9 P");
    let health = cut.ring.health();
    assert!(health.is_ready());
    assert_eq!(health.to_string(), "degraded, read 3240 s ago; since 2030-01-01T12:53:30Z: the shared store cannot be read: cut off");
    refresh(HOUR * 6 / 10).await.unwrap_err();
    let token = other.token();
    let (age, allowed) = (HOUR * 15 / 10, HOUR);
    let stale = VerifyError::Unavailable(Unavailable::StaleKeys { age, allowed });
    assert_eq!(cut.verifier.verify_now(&token).map(drop), Err(stale.clone()), "1.5 P");
    assert!(stale.is_transient() && !cut.ring.health().is_ready());
    // Whether it has a key of this name by now, it cannot know either.
    let foreign = KeyRing::<Format>::builder().clock(cut.clock.clone()).generate().unwrap();
    let foreign = Issuer::<Access, _>::new(&foreign).unwrap().issue(&Access { user: "eve".into() }).unwrap().token;
    assert_eq!(cut.verifier.verify_now(&foreign).map(drop), Err(stale.clone()));
    let explained = cut.verifier.verify_explain(&token);
    assert_eq!(explained.verdict(), Err(&stale));
    assert!(explained.to_string().contains("FAILED       key"), "{explained}");
    assert_eq!(verdict(&other.verifier.verify_now(&token)), "good");
    cut.link.cut(false);
    refresh(Duration::ZERO).await.unwrap();
    assert_eq!(verdict(&cut.verifier.verify_now(&token)), "good");
    assert_eq!(cut.ring.health().to_string(), "healthy, read 0 s ago");
}

/// A node that is cut off does not hear of a rotation, and what it signs is good everywhere until it stops by itself.
#[tokio::test]
async fn a_node_that_is_cut_off_signs_what_others_take() {
    let nodes = three().await;
    let [cut, other, _] = &nodes;
    // The next key is known everywhere, so that a rotation takes effect at once.
    advance(&nodes, HOUR * 2);
    for node in &nodes {
        node.ring.maintain().await.unwrap();
    }
    cut.link.cut(true);
    let old = cut.ring.signing_key().unwrap();
    assert_ne!(other.ring.rotate().await.unwrap().key_id, old);
    for minute in 1..=60_u32 {
        advance(&nodes, Duration::from_secs(60));
        other.ring.maintain().await.unwrap();
        assert_eq!(verdict(&other.verifier.verify_now(&cut.token())), "good", "{minute} min");
        assert_eq!(verdict(&cut.verifier.verify_now(&other.token())), "good", "{minute} min");
    }
    advance(&nodes, Duration::from_secs(1));
    let refused = cut.issuer.issue(&Access { user: "ada".into() }).unwrap_err();
    assert_eq!(refused.to_string(), "the ring `main` was last read 3601 s ago, and nothing is signed after 3600 s");
    cut.link.cut(false);
    cut.ring.maintain().await.unwrap();
    assert_eq!(verdict(&other.verifier.verify_now(&cut.token())), "good");
}

/// A key that a node has not heard of is no wrong key while it cannot have heard of it.
#[tokio::test]
async fn an_unknown_key_is_no_answer_once_one_may_have_been_missed() {
    let nodes = three().await;
    let [node, ..] = &nodes;
    let foreign = KeyRing::<Format>::builder().clock(node.clock.clone()).generate().unwrap();
    let foreign = || Issuer::<Access, _>::new(&foreign).unwrap().issue(&Access { user: "eve".into() }).unwrap().token;
    let complete = HOUR - Duration::from_secs(60 + 10);
    node.clock.advance(complete);
    assert_eq!(node.verifier.verify_now(&foreign()).map(drop), Err(VerifyError::UnknownKey));
    node.clock.advance(Duration::from_secs(1));
    let missed = Unavailable::StaleKeys { age: complete + Duration::from_secs(1), allowed: complete };
    assert_eq!(node.verifier.verify_now(&foreign()).map(drop), Err(VerifyError::Unavailable(missed)));
    assert_eq!(verdict(&node.verifier.verify_now(&node.token())), "good", "what it knows it knows");
}

#[tokio::test]
async fn a_compromise_reaches_every_node_with_its_refresh() {
    for distrust in [false, true] {
        let nodes = three().await;
        let [one, two, _] = &nodes;
        advance(&nodes, HOUR * 2);
        two.ring.maintain().await.unwrap();
        let old = two.token();
        let (lost, next) = (two.ring.keys()[0].id.clone().unwrap(), two.ring.keys()[1].id.clone().unwrap());
        let done = if distrust { one.ring.compromise_with_successor(&lost).await } else { one.ring.compromise(&lost).await };
        let successor = done.unwrap().successor.unwrap();
        assert_eq!(successor == next, !distrust);
        assert_eq!(one.verifier.verify_now(&old).map(drop), Err(VerifyError::Revoked));
        assert_eq!(verdict(&two.verifier.verify_now(&old)), "good", "it has not heard of it");
        two.ring.maintain().await.unwrap();
        assert_eq!(two.verifier.verify_now(&old).map(drop), Err(VerifyError::Revoked));
        assert_eq!(verdict(&two.verifier.verify_now(&one.token())), "good");
        assert_eq!(two.ring.signing_key(), Some(successor));
        // And the next epoch is there already.
        assert_eq!(two.states().last(), Some(&KeyState::Pending));
    }
}

#[tokio::test]
async fn a_suspended_key_is_no_answer_and_comes_back() {
    let nodes = three().await;
    let [one, two, _] = &nodes;
    let first = one.ring.signing_key().unwrap();
    assert_eq!(one.ring.suspend(&first).await.unwrap_err().to_string(), "it is the only key that signs; rotate first");
    let old = two.token();
    advance(&nodes, HOUR * 2);
    two.ring.maintain().await.unwrap();
    let old_too = two.token();
    assert_eq!(one.ring.rotate().await.unwrap().active_from, after(7_200 - 30));
    two.ring.maintain().await.unwrap();
    one.ring.suspend(&first).await.unwrap();
    two.ring.maintain().await.unwrap();
    assert_eq!(two.verifier.verify_now(&old_too).map(drop), Err(VerifyError::Unavailable(Unavailable::SuspendedKey)));
    one.ring.resume(&first).await.unwrap();
    two.ring.maintain().await.unwrap();
    assert_eq!(verdict(&two.verifier.verify_now(&old_too)), "good");
    assert_eq!(verdict(&two.verifier.verify_now(&old)), "claim `exp`: expired at 2030-01-01T12:15:00Z");
}

#[tokio::test]
async fn a_stored_ring_keeps_its_times() {
    let store = Shared::new();
    let node = Node::start(&store, 0).await;
    assert_eq!(node.ring.timing(), Timing::FLEET);
    let open = |timing: Timing| {
        let kek = LocalKek::from_bytes(&[7; 32]).unwrap();
        KeyRing::<Format>::builder().timing(timing).clock(noon()).open(store.clone(), kek)
    };
    assert!(open(Timing::FLEET).await.is_ok());
    let other = open(Timing { refresh: Duration::from_secs(60), ..Timing::FLEET }).await.unwrap_err();
    assert_eq!(other.to_string(), "the ring's times: the stored ring has another refresh: 60s, and 300s");
    let broken = open(Timing { propagation: HOUR / 10, ..Timing::FLEET }).await.unwrap_err();
    assert!(broken.to_string().starts_with("the ring's times: propagation is at least"), "{broken}");
}

/// The one change that moves times later; nobody can take it back.
#[tokio::test]
async fn tokens_may_live_longer_from_now_on() {
    let nodes = three().await;
    let [one, two, _] = &nodes;
    let before = one.ring.keys()[0].expire_at.unwrap();
    one.ring.set_max_ttl(HOUR * 48).await.unwrap();
    two.ring.maintain().await.unwrap();
    assert_eq!(two.ring.max_ttl(), HOUR * 48);
    assert_eq!(two.ring.keys()[0].expire_at, Some(before.saturating_add(HOUR * 24)));
    let shorter = two.ring.set_max_ttl(HOUR).await.unwrap_err();
    assert_eq!(shorter.to_string(), "max_ttl of 3600s is out of bounds: at least what the ring has");
}

/// Whatever a store that lost a write shows, nothing that was taken back comes to life again.
#[tokio::test]
async fn a_store_that_went_back_is_not_believed() {
    let nodes = three().await;
    let [one, two, _] = &nodes;
    let before = one.link.load("main", "EdDSA").await.unwrap().unwrap();
    let token = two.token();
    let lost = one.ring.signing_key().unwrap();
    one.ring.compromise(&lost).await.unwrap();
    let now = one.link.load("main", "EdDSA").await.unwrap().unwrap();
    // An older version.
    one.link.keys.replace("main", "EdDSA", Some(now.version), before.clone()).await.unwrap();
    assert_eq!(one.ring.reload().await.unwrap_err().to_string(), "the key store cannot be read: it was put back to an older state");
    assert_eq!(one.verifier.verify_now(&token).map(drop), Err(VerifyError::Revoked));
    // Another history of the same version.
    let other = StoredRing { version: now.version, ..before.clone() };
    one.link.keys.replace("main", "EdDSA", Some(before.version), other).await.unwrap();
    one.ring.reload().await.unwrap();
    assert_eq!(one.verifier.verify_now(&token).map(drop), Err(VerifyError::Revoked));
}

/// A node that only verifies reads the public halves, needs no key-encryption key, and knows when it knows too little.
#[tokio::test]
async fn a_verifying_node_follows_the_ring() {
    let nodes = three().await;
    let (signer, link, clock) = (&nodes[1], nodes[1].link.link(), noon());
    let keys = PublicKeys::<Format>::open_with(&link, "main", clock.clone()).await.unwrap();
    let verifier = Verifier::<Access>::builder().accept(&keys).build().unwrap();
    assert_eq!(verdict(&verifier.verify_now(&signer.token())), "good");
    let lost = signer.ring.signing_key().unwrap();
    let stolen = signer.token();
    signer.ring.compromise_with_successor(&lost).await.unwrap();
    assert_eq!(verifier.verify_now(&signer.token()).map(drop), Err(VerifyError::UnknownKey));
    keys.reload(&link).await.unwrap();
    assert_eq!(verdict(&verifier.verify_now(&signer.token())), "good");
    assert_eq!(verifier.verify_now(&stolen).map(drop), Err(VerifyError::Revoked));

    link.cut(true);
    clock.advance(HOUR);
    keys.reload(&link).await.unwrap_err();
    assert_eq!(
        keys.health().to_string(),
        "degraded, read 3600 s ago; since 2030-01-01T13:00:00Z: the shared store cannot be read: cut off"
    );
    clock.advance(Duration::from_secs(1));
    assert!(verifier.verify_now(&stolen).unwrap_err().is_transient() && !keys.health().is_ready());
    link.cut(false);
    let stored = link.load("main", "EdDSA").await.unwrap().unwrap();
    link.replace("main", "EdDSA", Some(stored.version), StoredRing { version: 1, ..stored }).await.unwrap();
    assert_eq!(keys.reload(&link).await.unwrap_err().to_string(), "the key store cannot be read: it was put back to an older state");
}

/// Private halves are gone when nobody can sign with them any more, and records when nobody needs to be told.
#[tokio::test]
async fn what_is_over_is_destroyed_and_forgotten() {
    let nodes = three().await;
    let [one, two, _] = &nodes;
    advance(&nodes, HOUR * 2);
    two.ring.maintain().await.unwrap();
    let first = one.ring.signing_key().unwrap();
    one.ring.rotate().await.unwrap();
    let private = async || {
        let stored = one.link.load("main", "EdDSA").await.unwrap().unwrap();
        stored.keys.iter().find(|key| key.key_id.as_deref() == Some(first.as_str())).map(|key| key.private.is_some())
    };
    let after_rotation = async |seconds: u64| {
        one.clock.step_wall(after(7_200 - 30).as_unix() + i64::try_from(seconds).unwrap() - one.clock.wall().as_unix());
        one.ring.maintain().await.unwrap();
        private().await
    };
    assert_eq!(after_rotation(3_669).await, Some(true));
    assert_eq!(after_rotation(3_670).await, Some(false));
    let expired = 3_670 + 86_400 + 300;
    assert_eq!(after_rotation(expired + 60 + 86_400 - 1).await, Some(false));
    assert_eq!(after_rotation(expired + 60 + 86_400).await, None);
}

/// The task reads the ring again within the refresh period, and at once for a key that it does not know, but not for every one of a flood.
#[tokio::test(start_paused = true)]
async fn the_keeper_reads_the_ring_and_is_not_flooded() {
    let store = Shared::new();
    let (one, two) = (Node::start(&store, 0).await, Node::start(&store, 0).await);
    let keepers = (one.ring.keep(), one.ring.keep());
    let settle = async |time: Duration| {
        // Both clocks go on together: the task waits by tokio's, and decides by the ring's.
        let step = Duration::from_secs(1);
        let mut left = time;
        while !left.is_zero() {
            one.clock.advance(step);
            tokio::time::advance(step).await;
            tokio::task::yield_now().await;
            left = left.saturating_sub(step);
        }
    };
    settle(Duration::from_secs(2)).await;
    let started = store.reads.load(Ordering::SeqCst);
    settle(Duration::from_secs(600)).await;
    let usual = store.reads.load(Ordering::SeqCst) - started;
    assert!((2..=3).contains(&usual), "{usual} reads in two periods, by one task");

    // A key that was made elsewhere a moment ago and signs at once, because the one before was stolen.
    let lost = two.ring.signing_key().unwrap();
    two.clock.advance(Duration::from_secs(602));
    two.ring.compromise_with_successor(&lost).await.unwrap();
    let token = two.token();
    assert_eq!(one.verifier.verify_now(&token).map(drop), Err(VerifyError::UnknownKey));
    settle(Duration::from_secs(1)).await;
    assert_eq!(verdict(&one.verifier.verify_now(&token)), "good");

    settle(Duration::from_secs(60)).await;
    let before = store.reads.load(Ordering::SeqCst);
    let head = |number: u32| base64(format!(r#"{{"alg":"EdDSA","kid":"key-{number}","typ":"at+jwt"}}"#));
    let body = token.split_once('.').unwrap().1;
    for number in 0..10_000 {
        let refused = one.verifier.verify_now(&format!("{}.{body}", head(number)));
        assert_eq!(refused.map(drop), Err(VerifyError::UnknownKey));
        if number % 400 == 0 {
            settle(Duration::from_secs(1)).await;
        }
    }
    let reads = store.reads.load(Ordering::SeqCst) - before;
    assert!((2..=3).contains(&reads), "{reads} reads for a flood of 25 s");

    drop(keepers);
    tokio::task::yield_now().await;
    let before = store.reads.load(Ordering::SeqCst);
    settle(Duration::from_secs(900)).await;
    assert_eq!(store.reads.load(Ordering::SeqCst), before, "nobody looks after it any more");
}

/// A ring that was stored before rings had times has one writer.
#[test]
fn rings_of_before_have_one_writer() {
    let stored: StoredRing = serde_json::from_str(r#"{"version":1,"max_ttl":900,"keys":[]}"#).unwrap();
    assert_eq!(stored.timing, Timing::SINGLE);
}

/// A deployment that changes the format forgets a verifier.
#[tokio::test]
async fn a_verifier_is_told_of_a_format_that_it_does_not_accept() {
    let store = Shared::new();
    let kek = || LocalKek::from_bytes(&[7; 32]).unwrap();
    let clock = noon();
    let old = KeyRing::<Jwt<Hs256>>::builder().clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
    let told = |verifier: &Verifier<Access>| {
        let missing = verifier.not_accepted();
        missing.into_iter().map(|missing| format!("{} {}", missing.ring, missing.format)).collect::<Vec<_>>()
    };
    let before = Verifier::<Access>::new(&old).unwrap();
    assert!(told(&before).is_empty());
    let new = KeyRing::<Format>::builder().clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
    assert_eq!(told(&Verifier::new(&new).unwrap()), ["main HS256"]);
    assert!(told(&Verifier::builder().accept(&new).accept(&old).build().unwrap()).is_empty());
    // The one that was there first hears of it within the hour; and a ring of another name is another ring.
    clock.advance(HOUR);
    old.maintain().await.unwrap();
    assert_eq!(told(&before), ["main EdDSA"]);
    let other = KeyRing::<Format>::builder().name("other").clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
    assert!(told(&Verifier::new(&other).unwrap()).is_empty());
    // Without a key that signs, nothing is forgotten.
    let mut stored = store.load("main", "HS256").await.unwrap().unwrap();
    let version = stored.version;
    stored.version += 1;
    stored.keys.iter_mut().for_each(|key| key.retire_at = Some(key.activate_at));
    store.replace("main", "HS256", Some(version), stored).await.unwrap();
    clock.advance(HOUR);
    new.maintain().await.unwrap();
    assert!(told(&Verifier::new(&new).unwrap()).is_empty());
    // A store that cannot be read says nothing, and keeps nobody from working.
    store.cut(true);
    assert!(told(&Verifier::new(&new).unwrap()).is_empty());
}
