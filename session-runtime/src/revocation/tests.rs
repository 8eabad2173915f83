//! The promises of revocation, each against a store that keeps its own and one that does not.

#![allow(clippy::arithmetic_side_effects, reason = "a test counts")]

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    thread,
};

mod clocks;
mod freshness;
mod loss;
mod sessions;
mod wrong_clocks;

use super::*;
use crate::{
    error::{Unavailable, VerifyError},
    future::BoxFuture,
    limits,
    testing::{FaultyRevocations, ManualClock, WriteFault},
    time::SystemClock,
    token::{Facts, Footer},
};

const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const ISSUER: &str = "https://id.example";

/// A token of `ada` as the check sees it, issued by a node that knew the log up to `generation`.
fn presented(token_id: &str, generation: u64) -> Presented<'_> {
    let (issuer, subject) = (Some(ISSUER), Some("ada"));
    Presented { issuer, subject, token_id: Some(token_id), generation: Some(generation), ..Presented::default() }
}

/// The same token after it was verified.
fn verified(token_id: Option<&str>, subject: Option<&str>) -> Verified<()> {
    let texts = [Some(ISSUER), subject, token_id, None, None, None, None];
    Verified::new((), Facts::new(texts, Some(NOW.saturating_add(HOUR)), Some(NOW), Footer::None))
}

async fn in_memory(clock: &ManualClock) -> Revocations {
    Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock.clone()).await.unwrap()
}

/// A log that two nodes write to, and one of them.
async fn shared(clock: &ManualClock) -> (FaultyRevocations<MemoryRevocations>, Revocations) {
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let node = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    (store, node)
}

/// A log that one node holds alone, and the node.
async fn alone(clock: &ManualClock) -> (FaultyRevocations<MemoryRevocations>, Revocations) {
    let store = FaultyRevocations::new(MemoryRevocations::new().unwrap());
    let node = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    (store, node)
}

#[test]
fn a_decision_tells_who_must_act() {
    let (age, allowed) = (SECOND * 16, SECOND * 15);
    assert_eq!(Decision::Good.into_result(), Ok(()));
    assert_eq!(Decision::Revoked.into_result(), Err(VerifyError::Revoked));
    assert_eq!(Decision::KeyRevoked.into_result(), Err(VerifyError::Revoked));
    assert!(Decision::Unavailable(Unavailable::StaleRevocations { age, allowed }).into_result().unwrap_err().is_transient());
}

#[track_caller]
fn check(revocations: &Revocations, presented: Presented<'_>, want: Decision) {
    assert_eq!(revocations.decide(&presented), want, "{presented:?}");
}

#[tokio::test]
async fn one_token_is_revoked_and_no_other() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let generation = revocations.generation();
    check(&revocations, presented("t1", generation), Decision::Good);
    revocations.revoke(&verified(Some("t1"), Some("ada"))).await.unwrap();
    check(&revocations, presented("t1", generation), Decision::Revoked);
    // A token id stays revoked whatever `gen` the token carries.
    check(&revocations, presented("t1", revocations.generation()), Decision::Revoked);
    check(&revocations, presented("t2", generation), Decision::Good);
    // Token ids are names within their issuer.
    check(&revocations, Presented { issuer: Some("https://other.example"), ..presented("t1", generation) }, Decision::Good);
    check(&revocations, Presented { issuer: None, ..presented("t1", generation) }, Decision::Good);
}

#[tokio::test]
async fn a_subject_is_logged_out_everywhere_and_may_log_in_again() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let before = revocations.generation();
    revocations.revoke_subject(&verified(Some("t1"), Some("ada"))).await.unwrap();
    check(&revocations, presented("t1", before), Decision::Revoked);
    check(&revocations, presented("t2", before), Decision::Revoked);
    check(&revocations, Presented { generation: None, ..presented("t2", 0) }, Decision::Revoked);
    check(&revocations, presented("t3", revocations.generation()), Decision::Good);
    check(&revocations, Presented { subject: Some("bob"), ..presented("t4", before) }, Decision::Good);
    check(&revocations, Presented { subject: None, ..presented("t4", before) }, Decision::Good);
    check(&revocations, Presented { issuer: Some("https://other.example"), ..presented("t4", before) }, Decision::Good);
    // And again.
    let between = revocations.generation();
    revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    check(&revocations, presented("t3", between), Decision::Revoked);
    check(&revocations, presented("t5", revocations.generation()), Decision::Good);
}

#[tokio::test]
async fn everything_is_revoked_and_everybody_may_log_in_again() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let before = revocations.generation();
    revocations.revoke_all().await.unwrap();
    check(&revocations, presented("t1", before), Decision::Revoked);
    check(&revocations, Presented { generation: Some(before), ..Presented::default() }, Decision::Revoked);
    check(&revocations, Presented::default(), Decision::Revoked);
    check(&revocations, presented("t2", revocations.generation()), Decision::Good);
}

/// Whoever has the key writes `iat`, `gen`, issuer, subject and token id as he likes.
#[tokio::test]
async fn a_key_is_revoked_whatever_its_tokens_say() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let key_id = |text: &str| KeyId::new(text).unwrap();
    let under = |key_id, presented| Presented { ring: "main", key_id: Some(key_id), ..presented };
    let before = node.generation();
    check(&node, under("k1", presented("t1", before)), Decision::Good);
    node.revoke_key("main", &key_id("k1")).await.unwrap();
    node.refresh().await.unwrap();
    for generation in [Some(before), Some(node.generation()), Some(u64::MAX), None] {
        check(&node, under("k1", Presented { generation, ..presented("t1", before) }), Decision::KeyRevoked);
        check(&node, under("k1", Presented { generation, ..Presented::default() }), Decision::KeyRevoked);
        check(&node, under("k2", Presented { generation, ..presented("t1", before) }), Decision::Good);
        check(&node, Presented { ring: "partner", ..under("k1", Presented { generation, ..presented("t1", before) }) }, Decision::Good);
        check(&node, Presented { key_id: None, ..under("k1", Presented { generation, ..presented("t1", before) }) }, Decision::Good);
    }
    // What is known to be revoked is, however old the knowledge; and it is never forgotten.
    assert_eq!((node.len(), node.is_empty()), (1, false));
    clock.advance(HOUR * 24 * 365 * 200);
    assert_eq!((node.prune().await, node.len()), (Ok(0), 1));
    check(&node, under("k1", presented("t1", before)), Decision::KeyRevoked);
    let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
    check(&restarted, under("k1", presented("t1", before)), Decision::KeyRevoked);
}

/// What the store has not acknowledged is refused here, and sent again.
#[tokio::test]
async fn a_key_is_refused_here_before_it_is_on_record() {
    for fault in [WriteFault::NotApplied, WriteFault::LostRequest, WriteFault::LostReply] {
        let clock = ManualClock::at(NOW);
        let (store, node) = shared(&clock).await;
        let stolen = Presented { ring: "main", key_id: Some("k1"), ..presented("t1", node.generation()) };
        store.fail_writes(fault);
        assert!(node.revoke_key("main", &KeyId::new("k1").unwrap()).await.is_err());
        check(&node, stolen, Decision::KeyRevoked);
        node.prune().await.unwrap_err();
        check(&node, stolen, Decision::KeyRevoked);
        assert_eq!((node.pending(), node.len()), (1, 1));
        store.fail_writes(WriteFault::None);
        node.retry_pending().await.unwrap();
        assert_eq!((node.pending(), node.len()), (0, 1));
        check(&node, stolen, Decision::KeyRevoked);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_named_is_not_silently_left() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    assert_eq!(revocations.revoke(&verified(None, Some("ada"))).await, Err(RevokeError::NoTokenId));
    assert_eq!(revocations.revoke_subject(&verified(Some("t1"), None)).await, Err(RevokeError::NoSubject));
    assert!(revocations.is_empty());
}

#[tokio::test]
async fn an_entry_lives_until_the_most_patient_verifier_refuses_the_token() {
    let clock = ManualClock::at(NOW);
    let revocations = in_memory(&clock).await;
    revocations.revoke(&verified(Some("t1"), None)).await.unwrap();
    clock.advance(HOUR + limits::LEEWAY_CAP + limits::CLOCK_SKEW);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(0), 1));
    clock.advance(SECOND);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(1), 0));
}

#[tokio::test]
async fn a_subject_entry_lives_as_long_as_the_longest_token() {
    let clock = ManualClock::at(NOW);
    let revocations = in_memory(&clock).await;
    revocations.raise_horizon(Some(HOUR * 48)).await.unwrap();
    revocations.raise_horizon(Some(HOUR)).await.unwrap();
    revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    clock.advance(HOUR * 48 + limits::LEEWAY_CAP + limits::CLOCK_SKEW);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(0), 1));
    clock.advance(SECOND);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(1), 0));
    // With tokens that never expire, nothing is forgotten.
    revocations.raise_horizon(None).await.unwrap();
    revocations.revoke_all().await.unwrap();
    revocations.revoke_token(None, "t1", None).await.unwrap();
    clock.advance(HOUR * 24 * 365 * 200);
    assert_eq!((revocations.prune().await, revocations.len()), (Ok(0), 2));
}

/// A wall clock that was set wrong, and right again later, loses no entry.
#[tokio::test]
async fn a_wrong_wall_clock_prunes_nothing_that_is_needed() {
    let clock = ManualClock::at(NOW);
    let revocations = in_memory(&clock).await;
    let before = revocations.generation();
    revocations.revoke(&verified(Some("t1"), None)).await.unwrap();
    clock.step_wall(100 * 3_600);
    assert_eq!(revocations.prune().await, Ok(0));
    // Revoked while the clock is behind: the entry still lives for the whole horizon.
    clock.step_wall(-200 * 3_600);
    revocations.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    clock.step_wall(100 * 3_600);
    clock.advance(limits::MAX_TTL);
    revocations.prune().await.unwrap();
    check(&revocations, presented("t2", before), Decision::Revoked);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_never_an_empty_one() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let generation = node.generation();
    node.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    store.fail_reads(true);
    assert!(matches!(
        Revocations::open_with_clock(store.clone(), clock.clone()).await,
        Err(StoreError::Unreadable { store: "the faulty revocation log", .. })
    ));

    clock.advance(limits::MAX_STALENESS);
    assert!(matches!(node.refresh().await, Err(StoreError::Unreadable { .. })));
    // At the limit what is known still counts; a moment later it does not.
    check(&node, presented("t2", generation), Decision::Good);
    clock.advance(Duration::from_nanos(1));
    let age = limits::MAX_STALENESS + Duration::from_nanos(1);
    check(&node, presented("t2", generation), Decision::Unavailable(Unavailable::StaleRevocations { age, allowed: limits::MAX_STALENESS }));
    assert_eq!(node.lag(), age);
    // What is known to be revoked stays revoked, and 401 is the right answer to it.
    check(&node, presented("t1", generation), Decision::Revoked);
    // Another value may be more patient, or less.
    check(&node.clone().with_max_staleness(HOUR), presented("t2", generation), Decision::Good);

    store.fail_reads(false);
    node.refresh().await.unwrap();
    assert_eq!(node.lag(), Duration::ZERO);
    check(&node, presented("t2", generation), Decision::Good);
}

#[tokio::test]
async fn an_old_answer_proves_old_facts() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    store.slow_reads(clock.clone(), SECOND * 10);
    node.refresh().await.unwrap();
    assert_eq!(node.lag(), SECOND * 10);
    // The wall clock has no say in it.
    clock.step_wall(-3_600);
    assert_eq!(node.lag(), SECOND * 10);
    clock.step_wall(7_200);
    assert_eq!(node.lag(), SECOND * 10);
}

#[tokio::test]
async fn a_store_held_alone_is_never_old() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    store.fail_reads(true);
    clock.advance(HOUR * 1_000);
    assert_eq!(node.lag(), Duration::ZERO);
    check(&node, presented("t1", node.generation()), Decision::Good);
}

#[tokio::test]
async fn one_node_sees_what_another_revoked() {
    let clock = ManualClock::at(NOW);
    let (store, one) = shared(&clock).await;
    let other = Revocations::open_with_clock(store, clock.clone()).await.unwrap();
    let generation = other.generation();
    one.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    one.revoke_token(None, "t1", None).await.unwrap();
    check(&one, presented("t2", generation), Decision::Revoked);
    check(&other, presented("t2", generation), Decision::Good);
    other.refresh().await.unwrap();
    check(&other, presented("t2", generation), Decision::Revoked);
    assert_eq!(other.len(), 2);
    // A node that has not read since does not claim to know what stands in between.
    assert_eq!(one.generation(), generation);
    check(&one, presented("t3", other.generation()), Decision::Good);
    // A login on it is refused until it has read, by everybody alike.
    check(&other, presented("t4", one.generation()), Decision::Revoked);
    one.refresh().await.unwrap();
    check(&other, presented("t5", one.generation()), Decision::Good);
}

#[tokio::test]
async fn a_lower_horizon_is_never_outlived_by_a_node_that_has_not_read() {
    let clock = ManualClock::at(NOW);
    let (store, one) = shared(&clock).await;
    let other = Revocations::open_with_clock(store, clock.clone()).await.unwrap();
    one.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    let head = one.generation();
    other.raise_horizon(Some(HOUR * 1_000)).await.unwrap();
    assert!(other.generation() > head);
    // And the first node, which never heard of the longer life, keeps its next entry for all of it.
    one.revoke_subject_of(Some(ISSUER), "bob").await.unwrap();
    clock.advance(HOUR * 999);
    one.prune().await.unwrap();
    other.refresh().await.unwrap();
    check(&other, Presented { subject: Some("bob"), ..presented("t1", head) }, Decision::Revoked);
}

/// `revoke` says `Ok` only when the entry is in the store, and refuses here whatever it says.
#[tokio::test]
async fn revoke_never_lies() {
    for fault in [WriteFault::NotApplied, WriteFault::LostRequest, WriteFault::LostReply] {
        for is_shared in [true, false] {
            let clock = ManualClock::at(NOW);
            let (store, node) = if is_shared { shared(&clock).await } else { alone(&clock).await };
            let before = node.generation();
            store.fail_writes(fault);
            let error = node.revoke_subject_of(Some(ISSUER), "ada").await.unwrap_err();
            assert_eq!(matches!(error, RevokeError::Store(StoreError::NotApplied { .. })), fault == WriteFault::NotApplied);
            assert!(node.revoke_token(Some(ISSUER), "t9", None).await.is_err());
            assert!(node.retry_pending().await.is_err());
            assert_eq!(node.pending(), 2);
            // Refused here at once, new logins of this subject too, other subjects not.
            check(&node, presented("t1", before), Decision::Revoked);
            check(&node, presented("t1", node.generation()), Decision::Revoked);
            let bob = |token_id| Presented { subject: Some("bob"), ..presented(token_id, before) };
            check(&node, bob("t1"), Decision::Good);
            check(&node, bob("t9"), Decision::Revoked);
            // Reading back what was written after all does not make it acknowledged.
            node.refresh().await.unwrap();
            assert_eq!(node.pending(), 2);
            check(&node, presented("t1", node.generation()), Decision::Revoked);

            // The store comes back: the entries are sent again with the next revocation, and logins pass.
            store.fail_writes(WriteFault::None);
            node.revoke_token(None, "another", None).await.unwrap();
            assert_eq!(node.pending(), 0);
            node.refresh().await.unwrap();
            check(&node, presented("t1", before), Decision::Revoked);
            check(&node, bob("t9"), Decision::Revoked);
            check(&node, presented("t2", node.generation()), Decision::Good);
            let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
            check(&restarted, presented("t1", before), Decision::Revoked);
            check(&restarted, bob("t9"), Decision::Revoked);
        }
    }
}

#[tokio::test]
async fn giving_up_does_not_take_a_revocation_back() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    let before = node.generation();
    store.fail_writes(WriteFault::Hang);
    tokio::select! {
        biased;
        _ = node.revoke_subject_of(Some(ISSUER), "ada") => panic!("a store that hangs has acknowledged"),
        () = std::future::ready(()) => {}
    }
    check(&node, presented("t1", before), Decision::Revoked);
    assert_eq!(node.pending(), 1);
    store.fail_writes(WriteFault::None);
    node.retry_pending().await.unwrap();
    assert_eq!(node.pending(), 0);
    check(&node, presented("t1", before), Decision::Revoked);
    check(&node, presented("t2", node.generation()), Decision::Good);
}

#[tokio::test]
async fn what_waits_is_bounded_by_targets_and_ends_with_its_token() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    store.fail_writes(WriteFault::NotApplied);
    for _ in 0..100 {
        node.revoke_subject_of(Some(ISSUER), "ada").await.unwrap_err();
        node.revoke(&verified(Some("t1"), None)).await.unwrap_err();
    }
    assert_eq!((node.pending(), node.len()), (2, 2));
    clock.advance(HOUR + limits::LEEWAY_CAP + limits::CLOCK_SKEW + SECOND);
    node.prune().await.unwrap_err();
    // The token is dead; the subject's other tokens may not be.
    assert_eq!((node.pending(), node.len()), (1, 1));

    // Of two ends for one token the later one counts.
    let end = clock.wall().saturating_add(HOUR);
    node.revoke_token(None, "t2", Some(end.saturating_add(HOUR))).await.unwrap_err();
    node.revoke_token(None, "t2", Some(end)).await.unwrap_err();
    store.fail_writes(WriteFault::None);
    node.retry_pending().await.unwrap();
    clock.advance(HOUR + limits::LEEWAY_CAP + limits::CLOCK_SKEW + SECOND);
    assert_eq!((node.prune().await, node.len()), (Ok(0), 2));
}

/// A store that gives prepared answers to reads, one after the other.
#[derive(Debug)]
struct Scripted(Mutex<VecDeque<Batch>>);

impl Scripted {
    /// Opens a log of one revoked token, at position 10 of epoch `a`, and lets `answers` follow.
    async fn open(clock: &ManualClock, answers: impl IntoIterator<Item = Batch>) -> Revocations {
        let entry = Entry::new(Target::token(Some(ISSUER), "t1"), Entry::FOREVER, Position::new(10).unwrap());
        let first = Batch { entries: vec![entry], ..Self::answer("a", 10) };
        let store = Self(Mutex::new([first].into_iter().chain(answers).collect()));
        Revocations::open_with_clock(store, clock.clone()).await.unwrap()
    }

    fn answer(epoch: &str, complete_to: u64) -> Batch {
        Batch::new(epoch, Vec::new(), Position::new(complete_to).unwrap(), limits::MAX_TTL)
    }

    fn no_write<T: Send + 'static>() -> BoxFuture<'static, Result<T, StoreError>> {
        Box::pin(async { Err(StoreError::NotApplied { store: "the scripted log", reason: "it cannot be written".to_owned() }) })
    }
}

impl RevocationStore for Scripted {
    fn name(&self) -> &'static str {
        "the scripted log"
    }
    fn is_authoritative(&self) -> bool {
        false
    }
    fn read<'a>(&'a self, _cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async { Ok(self.0.lock().unwrap().pop_front().unwrap()) })
    }
    fn append<'a>(&'a self, _entry: &'a NewEntry, _now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Self::no_write()
    }
    fn raise_horizon(&self, _life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Self::no_write()
    }
    fn prune(&self, _now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Self::no_write()
    }
}

/// A restart without data, a failover that lost the last entries, a wrong instance: what is known is kept, and grows old.
#[tokio::test]
async fn a_log_that_lost_entries_is_refused() {
    let another = "the scripted log cannot be read: it is not the log that was read before";
    let shorter = "the scripted log cannot be read: it ends before what was read before";
    let changed = "the scripted log cannot be read: it became another log while it was read";
    let stuck = "the scripted log cannot be read: it goes on where it was";
    for (answers, want) in [
        (vec![Scripted::answer("b", 10)], another),
        (vec![Scripted::answer("b", 5_000)], another),
        (vec![Scripted::answer("a", 11).with_more(Some(Cursor::after(Position::new(11).unwrap()))), Scripted::answer("b", 12)], changed),
        (vec![Scripted::answer("a", 9)], shorter),
        (vec![Scripted::answer("a", 10).with_more(Some(Cursor::after(Position::new(10).unwrap())))], stuck),
    ] {
        let clock = ManualClock::at(NOW);
        let node = Scripted::open(&clock, answers).await;
        clock.advance(SECOND * 16);
        assert_eq!(node.refresh().await.unwrap_err().to_string(), want);
        assert_eq!(node.generation(), 10);
        check(&node, presented("t1", 10), Decision::Revoked);
        let stale = Decision::Unavailable(Unavailable::StaleRevocations { age: SECOND * 16, allowed: limits::MAX_STALENESS });
        check(&node, presented("t2", 10), stale);
    }
    let node = Scripted::open(
        &ManualClock::at(NOW),
        [Scripted::answer("a", 11).with_more(Some(Cursor::after(Position::new(11).unwrap()))), Scripted::answer("a", 12)],
    )
    .await;
    node.refresh().await.unwrap();
    assert_eq!(node.generation(), 12);
}

/// Whether the future is done, after one look at it.
async fn is_done(mut future: Pin<&mut (impl Future + ?Sized)>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
}

/// The acknowledgement of one revocation says nothing about another one of the same subject that was asked for while it was on its way:
/// in between, another node may have let the subject in again.
#[tokio::test]
async fn an_acknowledgement_covers_only_what_was_asked_before() {
    let clock = ManualClock::at(NOW);
    let (store, node) = shared(&clock).await;
    let other = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    store.fail_writes(WriteFault::LateReply);
    let mut first = pin!(node.revoke_subject_of(Some(ISSUER), "ada"));
    assert!(!is_done(first.as_mut()).await);
    other.refresh().await.unwrap();
    let between = other.generation();
    check(&other, presented("t1", between), Decision::Good);

    let mut second = pin!(node.revoke_subject_of(Some(ISSUER), "ada"));
    assert!(!is_done(second.as_mut()).await);
    store.fail_writes(WriteFault::None);
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert_eq!(node.pending(), 0);
    other.refresh().await.unwrap();
    check(&other, presented("t1", between), Decision::Revoked);
    check(&other, presented("t2", other.generation()), Decision::Good);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn refusals_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("revocations.db");
    let open = async || Revocations::open(SqliteRevocations::open(&path).await.unwrap()).await.unwrap();

    let first = open().await;
    let before = first.generation();
    first.raise_horizon(Some(HOUR * 48)).await.unwrap();
    first.revoke_token(Some(ISSUER), "t1", None).await.unwrap();
    first.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    let after = first.generation();
    assert!(after > before);
    drop(first);

    let second = open().await;
    assert_eq!(second.generation(), after);
    check(&second, Presented { subject: None, ..presented("t1", after) }, Decision::Revoked);
    check(&second, presented("t2", before), Decision::Revoked);
    check(&second, presented("t3", after), Decision::Good);
    second.revoke_all().await.unwrap();
    drop(second);

    let third = open().await;
    check(&third, presented("t3", after), Decision::Revoked);
    check(&third, presented("t4", third.generation()), Decision::Good);
}

/// A million entries are the design's figure; a tenth of it keeps the test short and would still show a copy of everything each time.
#[tokio::test]
async fn many_revocations_one_by_one() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let generation = revocations.generation();
    let started = SystemClock.boot();
    for number in 0..100_000 {
        revocations.revoke_token(Some(ISSUER), &number.to_string(), None).await.unwrap();
    }
    let took = SystemClock.boot().saturating_sub(started);
    assert_eq!(revocations.len(), 100_000);
    for number in (0..100_000).step_by(997) {
        check(&revocations, presented(&number.to_string(), generation), Decision::Revoked);
        check(&revocations, presented(&format!("{number}x"), generation), Decision::Good);
    }
    // Copying the whole set each time would move 160 GB. The bound is wide, because test machines are slow and unoptimised.
    assert!(took < SECOND * 60, "{took:?}");
}

/// Readers never see a half-made set: whoever sees a position, sees every entry up to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_whole_sets_while_others_revoke() {
    let revocations = in_memory(&ManualClock::at(NOW)).await;
    let generation = revocations.generation();
    let done = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let (revocations, done) = (revocations.clone(), Arc::clone(&done));
        move || {
            let mut rounds = 0_u64;
            while !done.load(Ordering::SeqCst) || rounds == 0 {
                // Positions follow one another here, so the position tells how many entries the set claims to hold.
                let complete = revocations.generation() - generation;
                assert!(revocations.len() >= usize::try_from(complete).unwrap());
                for number in [0, complete / 2, complete.saturating_sub(1)].into_iter().filter(|number| *number < complete) {
                    check(&revocations, presented(&number.to_string(), generation), Decision::Revoked);
                }
                rounds += 1;
            }
            rounds
        }
    });
    for number in 0..20_000 {
        revocations.revoke_token(Some(ISSUER), &number.to_string(), None).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    assert!(reader.join().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_revocations_are_all_recorded() {
    let clock = ManualClock::at(NOW);
    let (store, node) = alone(&clock).await;
    let before = node.generation();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let node = node.clone();
            tokio::spawn(async move {
                for number in 0..200 {
                    node.revoke_subject_of(Some(ISSUER), &format!("{}", number % 50)).await.unwrap();
                    node.revoke_token(None, &format!("{task}-{number}"), None).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!((node.pending(), node.len()), (0, 50 + 8 * 200));
    let restarted = Revocations::open_with_clock(store, clock).await.unwrap();
    assert_eq!((restarted.len(), restarted.generation()), (node.len(), node.generation()));
    for number in 0..50 {
        let subject = number.to_string();
        let token = |generation| Presented { subject: Some(&subject), ..presented("t1", generation) };
        check(&node, token(before), Decision::Revoked);
        check(&node, token(node.generation()), Decision::Good);
    }
}
