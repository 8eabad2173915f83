//! Clocks that are wrong when a log is opened, pruned or written to: entries are needed by the time of those whose clocks are right.

use super::*;
use crate::testing::SharedRevocations;

const MINUTE: Duration = Duration::from_secs(60);
/// By when a token of fifteen minutes and its entry are over.
const OVER: Duration = Duration::from_secs(25 * 60);

fn ahead(by: Duration) -> ManualClock {
    ManualClock::at(NOW.saturating_add(by))
}

/// A token that lives for fifteen minutes from now.
fn living(generation: u64) -> Presented<'static> {
    Presented { subject: Some("bob"), expires_at: Some(NOW.saturating_add(MINUTE * 15)), ..presented("t1", generation) }
}

async fn open(store: &SharedRevocations, clock: &ManualClock) -> Revocations {
    Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap()
}

async fn revoke(node: &Revocations) {
    node.revoke_token(Some(ISSUER), "t1", living(0).expires_at).await.unwrap();
}

/// A node whose clock is wrong signs and verifies nothing, and forgets nothing for those whose clocks are right.
#[tokio::test]
async fn a_fast_node_forgets_nothing_for_others() {
    let clock = ManualClock::at(NOW);
    let store = SharedRevocations::new(clock.clone());
    let right = open(&store, &clock).await;
    revoke(&right).await;
    let fast = open(&store, &ahead(OVER)).await;
    assert_eq!((fast.prune().await, store.len()), (Ok(0), 1));
    check(&open(&store, &clock).await, living(right.generation()), Decision::Revoked);
}

/// Nor for itself, for when its clock is set right.
#[tokio::test]
async fn a_fast_start_forgets_nothing() {
    let clock = ManualClock::at(NOW);
    let store = SharedRevocations::new(clock.clone());
    let right = open(&store, &clock).await;
    revoke(&right).await;
    let wrong = ahead(OVER);
    let fast = open(&store, &wrong).await;
    wrong.step_wall(-i64::try_from(OVER.as_secs()).unwrap());
    fast.refresh().await.unwrap();
    check(&fast, living(right.generation()), Decision::Revoked);
}

/// A store without a clock of its own cannot tell. What was forgotten is then not known to be good.
#[tokio::test]
async fn what_a_fast_start_forgot_is_not_good() {
    let store = FaultyRevocations::new(MemoryRevocations::new().unwrap());
    let right = Revocations::open_with_clock(store.clone(), ManualClock::at(NOW)).await.unwrap();
    revoke(&right).await;
    let wrong = ahead(OVER);
    let fast = Revocations::open_with_clock(store, wrong.clone()).await.unwrap();
    wrong.step_wall(-i64::try_from(OVER.as_secs()).unwrap());
    check(&fast, living(right.generation()), Decision::Unavailable(Unavailable::ClockSetBack));
}

/// An entry that a slow node makes is needed as long as one of a node whose clock is right.
#[tokio::test]
async fn a_slow_node_makes_no_shorter_entries() {
    let clock = ManualClock::at(NOW);
    let store = SharedRevocations::new(clock.clone());
    let right = open(&store, &clock).await;
    let slow = open(&store, &ManualClock::at(NOW.saturating_sub(MINUTE * 10))).await;
    slow.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    clock.advance(limits::MAX_TTL + limits::LEEWAY_CAP);
    right.prune().await.unwrap();
    assert_eq!(store.len(), 1);
}
