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
mod kinds;
mod loss;
mod recording;
mod sessions;
mod wrong_clocks;

use super::*;
use crate::{
    error::{RevokeError, Unavailable, VerifyError},
    future::BoxFuture,
    limits,
    testing::{FaultyRevocations, ManualClock, WriteFault},
    time::SystemClock,
    token::{Facts, Footer, Verified},
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
