//! Strict requests while the store says nothing.

use std::time::Duration;

use super::{
    Server, Try,
    scene::{Scene, setup, until},
};
use crate::{
    faults::{
        fault::Size,
        history::{Verdict, percentile},
        real_time::pass,
        report::Found,
        revocation::talk::{Answer, Ask},
    },
    needs::Unmet,
    proxy::Conduct,
};

pub(super) async fn breaker(this: Try) -> Result<Found, Unmet> {
    let mut scene = Scene::start(&this, Server::durable_redis()?, [setup(&this)]).await?;
    scene.issue(0, 1).await?;
    let count = this.amount(400, 20_000);
    let rounds = this.amount(3, 30);
    let (mut longest, mut open, mut wrong, mut back) = (Duration::ZERO, Vec::new(), 0, true);
    for round in 0..rounds {
        let (_, refused) = strict(&scene, 100, Verdict::Accepted).await;
        wrong += refused;
        let conduct = [Conduct::BlackHole, Conduct::HalfOpen, Conduct::Delay(Duration::from_secs(10))][usize::try_from(round % 3).unwrap()];
        scene.links[0].behave(conduct);
        let (first, accepted) = strict(&scene, count, Verdict::Unavailable).await;
        longest = longest.max(percentile(&first, 1.0));
        wrong += accepted;
        pass(Duration::from_millis(400)).await;
        let (known, accepted) = strict(&scene, count, Verdict::Unavailable).await;
        longest = longest.max(percentile(&known, 1.0));
        open.extend(known);
        wrong += accepted;
        scene.links[0].behave(Conduct::Pass);
        back &= until(Duration::from_secs(5), async || strict(&scene, 1, Verdict::Accepted).await.1 == 0).await;
    }
    let slow = percentile(&open, 0.99);
    // Of a machine that does other things: the promise is the deadline's 50 ms and 10 ms for whoever waits to be woken.
    let allowed = if this.size == Size::Small { 4 } else { 1 };
    let figure = format!(
        "{} requests in {rounds} outages: the longest {} ms, 99 of 100 in {} µs once it was known; {wrong} wrong answers",
        rounds * (2 * count + 100),
        longest.as_millis(),
        slow.as_micros()
    );
    let holds = wrong == 0 && back && longest <= Duration::from_millis(60) * allowed && slow <= Duration::from_millis(5) * allowed;
    Ok(Found { tries: rounds * (2 * count + 100), holds, figure })
}

/// How long each took, and how many were not answered like this.
async fn strict(scene: &Scene, count: u64, want: Verdict) -> (Vec<Duration>, u64) {
    let Answer::Verdicts(_, told) = scene.ask(0, Ask::Strict { count, at_once: usize::try_from(count.min(16)).unwrap() }).await else {
        panic!("verdicts")
    };
    let wrong = told.iter().filter(|(verdict, _)| *verdict != want).count() as u64;
    (told.into_iter().map(|(_, time)| Duration::from_nanos(time)).collect(), wrong)
}
