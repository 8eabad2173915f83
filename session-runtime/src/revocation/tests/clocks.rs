//! Clocks that are wrong: what expired and was forgotten does not come back.

use super::*;

/// A store whose time of day is `clock`'s.
#[derive(Debug)]
struct Timed(MemoryRevocations, ManualClock);

impl RevocationStore for Timed {
    fn name(&self) -> &'static str {
        "the timed log"
    }
    fn is_authoritative(&self) -> bool {
        false
    }
    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async { Ok(self.0.read(cursor).await?.with_now(self.1.wall())) })
    }
    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        self.0.append(entry, now)
    }
    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        self.0.raise_horizon(life)
    }
    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.0.prune(now)
    }
}

/// Attack: an entry is pruned, and a verifier with more patience, or a clock that is set back, would still take its token.
#[tokio::test]
async fn a_token_whose_entry_may_be_forgotten_is_refused_whatever_the_clock_shows() {
    let clock = ManualClock::at(NOW);
    let node = in_memory(&clock).await;
    let generation = node.generation();
    let until = NOW.saturating_add(HOUR);
    let token = Presented { expires_at: Some(until), ..presented("t1", generation) };
    node.revoke_token(Some(ISSUER), "t1", Some(until)).await.unwrap();
    clock.advance(HOUR + limits::REVOCATION_MARGIN + SECOND);
    node.prune().await.unwrap();
    assert_eq!(node.len(), 0);
    let set_back = Decision::Unavailable(Unavailable::ClockSetBack);
    // The policy has refused it long before; but clocks are set back.
    clock.step_wall(-2 * 3_600);
    check(&node, token, set_back);
    // A token that expires later has its entry still, if it has one.
    check(&node, Presented { expires_at: Some(until.saturating_add(SECOND)), ..token }, Decision::Good);
    check(&node, Presented { expires_at: None, ..token }, Decision::Good);
}

/// Attack: a subject is revoked, the entry is pruned, the subject is revoked again, and an older token lives.
#[tokio::test]
async fn a_subject_that_is_revoked_again_covers_what_the_first_time_did() {
    let clock = ManualClock::at(NOW);
    let node = in_memory(&clock).await;
    node.raise_horizon(Some(limits::MAX_TTL)).await.unwrap();
    let first = node.generation();
    let old = Presented { expires_at: Some(NOW.saturating_add(limits::MAX_TTL)), ..presented("t1", first) };
    node.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    check(&node, old, Decision::Revoked);
    clock.advance(limits::MAX_TTL + limits::REVOCATION_MARGIN + SECOND);
    node.prune().await.unwrap();
    assert!(node.is_empty());
    check(&node, old, Decision::Unavailable(Unavailable::ClockSetBack));
    let between = node.generation();
    node.revoke_subject_of(Some(ISSUER), "ada").await.unwrap();
    for generation in [first, between] {
        check(&node, Presented { generation: Some(generation), ..old }, Decision::Revoked);
        check(&node, Presented { expires_at: None, generation: Some(generation), ..old }, Decision::Revoked);
    }
    check(&node, Presented { expires_at: None, ..presented("t2", node.generation()) }, Decision::Good);
}

#[tokio::test]
async fn a_node_whose_clock_is_not_the_stores_decides_nothing() {
    let (clock, of_store) = (ManualClock::at(NOW), ManualClock::at(NOW));
    let open = async || Timed(MemoryRevocations::new().unwrap(), of_store.clone());
    let node = Revocations::open_with_clock(open().await, clock.clone()).await.unwrap();
    let token = presented("t1", node.generation());
    for (step, want) in
        [(60, Ok(())), (1, Err(61)), (3_539, Err(3_600)), (-3_600, Ok(())), (-60, Ok(())), (-1, Err(-61)), (-540, Err(-601))]
    {
        clock.step_wall(step);
        let decision = want.map_or_else(|seconds| Decision::Unavailable(Unavailable::ClockSkew { seconds }), |()| Decision::Good);
        check(&node, token, decision);
        assert_eq!(node.may_date(clock.wall()), want, "what it must not believe it must not write either");
        assert_eq!(node.health().is_ready(), want.is_ok());
    }
    assert!(node.health().to_string().contains("the clock is -601 s ahead of the store's"), "{}", node.health());
    // The clock is set right, and nothing else has to be done.
    clock.step_wall(601);
    check(&node, token, Decision::Good);
    // Time that passes for both is no difference, also between two readings.
    clock.advance(SECOND * 10);
    check(&node, token, Decision::Good);
    assert_eq!(node.may_date(clock.wall()), Ok(()));

    let trusting = Revocations::builder().clock(clock.clone()).unattended().dangerous_ignore_clock_skew();
    let trusting = trusting.open(open().await).await.unwrap();
    clock.step_wall(100_000);
    check(&trusting, presented("t1", trusting.generation()), Decision::Good);
    assert_eq!(trusting.may_date(clock.wall()), Ok(()));
}

/// A machine that slept sees how old its knowledge is: the boot clock goes on, whatever the wall clock says.
#[tokio::test]
async fn a_machine_that_slept_knows_nothing_until_it_has_read() {
    let clock = ManualClock::at(NOW);
    let (_store, node) = shared(&clock).await;
    let token = presented("t1", node.generation());
    clock.advance(SECOND * 30);
    clock.step_wall(-30);
    let age = SECOND * 30;
    check(&node, token, Decision::Unavailable(Unavailable::StaleRevocations { age, allowed: limits::MAX_STALENESS }));
    node.refresh().await.unwrap();
    check(&node, token, Decision::Good);
}
