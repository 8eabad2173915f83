//! One node that hears nothing of the ring for a while.

use std::time::Duration;

use super::{Try, broken, chances, rotation::Run, rotation::hasten, setup};
use crate::{
    faults::{
        fleet::Server,
        real_time::pass,
        report::Found,
        store::Sabotage,
        talk::{Answer, Ask},
    },
    needs::Unmet,
    proxy::Conduct,
};

const STEP: u64 = 60;
const PROPAGATION: u64 = 3_600;

/// For 0.9 P since it read the ring, while the others rotate as often as they can.
pub(super) async fn shorter(this: Try) -> Result<Found, Unmet> {
    let server = Server::durable_redis()?;
    let mut chances = chances(&this, 3);
    let mut run = Run::start(&this, &server, [-30, 0, 30].map(setup)).await?;
    if this.without(Sabotage::NoPropagation) {
        hasten(&server).await?;
    }
    let rounds = this.amount(3, 30);
    for _ in 0..rounds {
        // By then the successor of the present key is known everywhere.
        for _ in 0..(2 * PROPAGATION) / STEP {
            run.step(STEP, None, &mut chances).await;
        }
        run.fleet.nodes[0].tell(Ask::Maintain).await.0.map_err(broken)?;
        run.fleet.links[0].behave([Conduct::Refuse, Conduct::BlackHole, Conduct::HalfOpen][chances.usize(0..3)]);
        for second in (0..PROPAGATION * 9 / 10).step_by(60) {
            let rotate = second.is_multiple_of(600).then(|| chances.usize(1..3));
            run.step(STEP, rotate, &mut chances).await;
        }
        run.fleet.links[0].behave(Conduct::Pass);
    }
    let rotated = run.rotated;
    Ok(run.found(&format!("cut off {rounds} times, {rotated} rotations meanwhile")))
}

/// For 1.5 P, in which the key that signs is found to be in other hands.
pub(super) async fn longer(this: Try) -> Result<Found, Unmet> {
    let (mut tries, mut accepted, mut working) = (0, 0, 0);
    let rounds = this.amount(2, 20);
    for round in 0..rounds {
        let server = Server::durable_redis()?;
        let mut chances = chances(&this, 100 + round);
        let mut setups = [-30, 0, 30].map(setup);
        if this.without(Sabotage::NeverStale) {
            setups.iter_mut().flat_map(|setup| &mut setup.timing).for_each(|timing| timing.max_stale = None);
        }
        let mut run = Run::start(&this, &server, setups).await?;
        for _ in 0..(2 * PROPAGATION) / STEP {
            run.step(STEP, None, &mut chances).await;
        }
        run.fleet.links[0].behave([Conduct::Refuse, Conduct::BlackHole, Conduct::HalfOpen][chances.usize(0..3)]);
        // Whoever has the key goes on making tokens with it, as this node does that has not heard of it.
        run.fleet.nodes[1].tell(Ask::Compromise).await.0.map_err(broken)?;
        for second in (0..PROPAGATION * 3 / 2).step_by(60) {
            let node = &run.fleet.nodes[0];
            run.fleet.all(|_| Ask::Advance(STEP)).await;
            if second.is_multiple_of(300) {
                let _ = node.tell(Ask::Maintain).await;
            }
            // It issues nothing once it is out of date; what it issued last is still young.
            if let Answer::Tokens(tokens) = node.ask(Ask::Issue(1)).await {
                node.ask(Ask::Learn { tokens, keep: 1 }).await;
            }
            let (good, refused) = node.judge(Ask::Verify).await;
            tries += good + refused.values().sum::<u64>();
            if second > PROPAGATION {
                accepted += good;
                working += u64::from(matches!(node.ask(Ask::State).await, Answer::State { ready: true, .. }));
            }
        }
        // And it comes back by itself.
        run.fleet.links[0].behave(Conduct::Pass);
        // The link takes a moment to listen again.
        let mut read = run.fleet.nodes[0].tell(Ask::Maintain).await.0;
        for _ in 0..100 {
            if read.is_err() {
                pass(Duration::from_millis(20)).await;
                read = run.fleet.nodes[0].tell(Ask::Maintain).await.0;
            }
        }
        read.map_err(broken)?;
        let Answer::State { ready, .. } = run.fleet.nodes[0].ask(Ask::State).await else { panic!() };
        assert!(ready, "a node that reads the ring again is ready");
    }
    let figure =
        format!("cut off {rounds} times: {accepted} accepted and {working} times ready when its knowledge was older than max_stale");
    Ok(Found { tries, holds: accepted == 0 && working == 0, figure })
}
