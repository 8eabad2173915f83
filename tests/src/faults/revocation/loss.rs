//! A Redis that crashes, and comes back with all of its data, with less, or with none.

use std::{fs, time::Duration};

use rustix::process::{Signal, kill_process};

use super::{
    Server, Try, broken,
    scene::{S, Scene, setup, until},
};
use crate::{
    faults::{
        history::{Outage, Verdict, nanoseconds},
        real_time::pass,
        report::Found,
        revocation::node::now,
        revocation::talk::{Outcome, Setup},
    },
    needs::Unmet,
    proxy::Conduct,
    server::Redis,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    CutTail,
}

/// Revocations a round, of which the last is under way when the server is killed.
const EACH: usize = 6;

pub(super) async fn crash(this: Try, kind: Kind) -> Result<Found, Unmet> {
    let mut chances = this.chances(31);
    let rounds = usize::try_from(this.amount(3, 50)).unwrap();
    let mut scene = Scene::start(&this, Server::durable_redis()?, [0; 3].map(|_| setup(&this))).await?;
    let mut tokens = scene.issue(0, rounds * EACH).await?;
    scene.issue(1, 30).await?;
    scene.load(200).await;
    let mut cut = 0;
    for _ in 0..rounds {
        for _ in 1..EACH {
            let token = tokens.next().unwrap();
            let what = scene.what(token, &mut chances);
            let asked = scene.revoke(chances.usize(0..3), what, vec![token]).await;
            scene.answered(asked).await;
        }
        let token = tokens.next().unwrap();
        let what = scene.what(token, &mut chances);
        let asked = scene.revoke(chances.usize(0..3), what, vec![token]).await;
        pass(Duration::from_micros(chances.u64(0..2_000))).await;
        let from = now();
        let Server::Redis(redis) = &mut scene.server else { panic!("a Redis") };
        stop(redis);
        if kind == Kind::CutTail || this.sabotage.is_some() {
            cut += cut_tail(redis, &mut chances)?;
        }
        redis.start_again()?;
        unread(&mut scene, 3, from);
        scene.answered(asked).await;
        // They go on for a while, so that every moment of the recovery is one of a crash some time.
        pass(Duration::from_millis(chances.u64(1_200..2_500))).await;
    }
    pass(Duration::from_secs(2)).await;
    let judged = scene.judge().await?;
    let (unknown, disagree) = fresh(&this, &mut scene).await?;
    let losses = scene.state(0).await.losses;
    let figure =
        format!("{rounds} crashes, {losses} seen, {cut} bytes cut off; {judged}; {unknown} acknowledged lost, {disagree} verdicts differ");
    let seen = losses >= rounds as u64;
    Ok(Found { tries: judged.requests, holds: judged.holds() && unknown + disagree == 0 && seen, figure })
}

/// The store is back. Until everybody has told what it alone may know, its word is not taken, and what the first nodes know grows older still.
fn unread(scene: &mut Scene, nodes: usize, from: u64) {
    let told = now() + nanoseconds(S / 2);
    scene.history.outages.extend((0..nodes).map(|node| Outage { node, from, to: told, at_once: false }));
}

fn stop(redis: &mut Redis) {
    kill_process(redis.pid(), Signal::KILL).unwrap();
    redis.stop();
}

/// As a power failure would, that takes what the disk had not yet written: a crash of the process alone takes nothing.
fn cut_tail(redis: &Redis, chances: &mut fastrand::Rng) -> Result<u64, Unmet> {
    let mut cut = 0;
    for entry in fs::read_dir(redis.folder().join("appendonlydir")).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        if path.to_string_lossy().contains(".incr.") {
            let file = fs::OpenOptions::new().write(true).open(&path).map_err(broken)?;
            let length = file.metadata().map_err(broken)?.len();
            let some = chances.u64(200..2_500).min(length);
            file.set_len(length - some).map_err(broken)?;
            cut += some;
        }
    }
    Ok(cut)
}

/// How many acknowledged revocations a node does not know that was started afterwards, and how many verdicts of nodes are not those of the
/// first one.
async fn fresh(this: &Try, scene: &mut Scene) -> Result<(usize, usize), Unmet> {
    let number = scene.join(setup(this)).await?;
    // It judges once those who knew have told.
    scene.settled(2 * S + Duration::from_secs(20)).await?;
    let said = scene.verdicts(number).await;
    let acknowledged = scene.history.revoked.iter().filter(|revoked| revoked.acknowledged.is_some());
    let unknown = acknowledged.flat_map(|revoked| &revoked.tokens).filter(|token| said[**token as usize] != Verdict::Revoked).count();
    let first = scene.verdicts(0).await;
    let mut disagree = 0;
    for node in 1..scene.nodes.len() {
        disagree += scene.verdicts(node).await.iter().zip(&first).filter(|(one, other)| one != other).count();
    }
    Ok((unknown, disagree))
}

/// It comes back empty, or somebody empties it, while the nodes that know are cut off; another one starts before they are back.
pub(super) async fn empty(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(32);
    let rounds = usize::try_from(this.amount(2, 30)).unwrap();
    // Without a file.
    let server = Redis::start().map(Server::Redis)?;
    // Those that were there before lack nothing: the row is about those that come later.
    let mut scene = Scene::start(&this, server, [0; 3].map(|_| Setup { sabotage: None, ..setup(&this) })).await?;
    let tokens = scene.issue(0, EACH * EACH).await?;
    scene.issue(1, 30).await?;
    scene.load(200).await;
    let mut ready = 0;
    // All of them at the beginning, so that whoever accepts one later does so after the bound.
    for token in tokens {
        let what = scene.what(token, &mut chances);
        let asked = scene.revoke(chances.usize(0..3), what, vec![token]).await;
        if scene.answered(asked).await != Outcome::Done {
            return Err(broken("a good store acknowledges"));
        }
    }
    pass(S).await;
    for round in 0..rounds {
        pass(Duration::from_millis(chances.u64(500..1_500))).await;
        let from = now();
        let old = scene.nodes.len();
        scene.links.iter().for_each(|link| link.behave(Conduct::Refuse));
        let Server::Redis(redis) = &mut scene.server else { panic!("a Redis") };
        if round % 2 == 0 {
            stop(redis);
            redis.start_again()?;
        } else {
            redis.ask("FLUSHALL").map_err(broken)?;
        }
        let number = scene.join(setup(&this)).await?;
        scene.load(200).await;
        pass(Duration::from_millis(chances.u64(100..600))).await;
        scene.links.iter().for_each(|link| link.behave(Conduct::Pass));
        unread(&mut scene, old, from);
        // As long as it knows nothing it says so. Tokens from before are all that there are.
        let knows = until(2 * S + Duration::from_secs(5), async || scene.state(number).await.ready).await;
        ready += usize::from(knows);
        scene.outage(number, from, true);
    }
    let judged = scene.judge().await?;
    let (unknown, disagree) = fresh(&Try { sabotage: None, ..this }, &mut scene).await?;
    let figure = format!("{rounds} losses; {judged}; {unknown} acknowledged lost, {disagree} verdicts differ");
    Ok(Found { tries: judged.requests, holds: judged.holds() && unknown + disagree == 0 && ready == rounds, figure })
}
