//! A node that is stopped, as a virtual machine is that is moved, and goes on as if nothing had happened.

use std::time::Duration;

use rustix::process::Signal;

use super::{
    Server, Try,
    scene::{S, Scene, setup},
};
use crate::{
    faults::{real_time::pass, report::Found, revocation::node::now},
    needs::Unmet,
    proxy::Conduct,
};

const EACH: usize = 10;

/// Its link is dead for a moment longer than the node, so that what it answers first is what it knows.
pub(super) async fn suspended(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(36);
    let rounds = usize::try_from(this.amount(1, 10)).unwrap();
    let mut scene = Scene::start(&this, Server::durable_redis()?, [setup(&this), setup(&this)]).await?;
    let mut tokens = scene.issue(0, rounds * EACH).await?;
    scene.issue(0, 10).await?;
    scene.load(400).await;
    for _ in 0..rounds {
        pass(Duration::from_millis(chances.u64(600..1_200))).await;
        let from = now();
        scene.signal(1, Signal::STOP);
        for _ in 0..EACH {
            let token = tokens.next().unwrap();
            let what = scene.what(token, &mut chances);
            let asked = scene.revoke(0, what, vec![token]).await;
            scene.answered(asked).await;
        }
        pass(2 * S).await;
        scene.links[1].behave(Conduct::BlackHole);
        scene.signal(1, Signal::CONT);
        pass(Duration::from_millis(300)).await;
        scene.links[1].behave(Conduct::Pass);
        scene.outage(1, from, false);
    }
    pass(Duration::from_secs(2)).await;
    let judged = scene.judge().await?;
    let figure = format!("stopped {rounds} times for {} s; {judged}", (2 * S).as_secs());
    Ok(Found { tries: judged.requests, holds: judged.holds() && judged.unavailable > 0, figure })
}
