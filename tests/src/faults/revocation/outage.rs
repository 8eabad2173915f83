//! A store that cannot be reached, in every way in which that can be so.

use std::time::Duration;

use rustix::process::{Signal, kill_process};

use super::{
    Server, Try,
    scene::{S, Scene, State, setup, until},
};
use crate::{
    faults::{
        fault::Size,
        history::{Request, SLACK, Verdict, nanoseconds, percentile},
        real_time::pass,
        report::Found,
        revocation::node::now,
    },
    needs::Unmet,
    proxy::Conduct,
};

/// What each node's link does, all at the same time; afterwards the server is stopped for all of them.
const CONDUCTS: [Conduct; 5] =
    [Conduct::Refuse, Conduct::Reset, Conduct::BlackHole, Conduct::Delay(Duration::from_secs(10)), Conduct::HalfOpen];
const WINDOW: Duration = Duration::from_millis(500);

/// What is measured of all nodes.
#[derive(Default)]
struct Seen {
    /// Accepted on knowledge older than S.
    too_old: u64,
    /// The time until every node was ready again, the slowest.
    recovered: Duration,
    left: Vec<String>,
}

pub(super) async fn outage(this: Try) -> Result<Found, Unmet> {
    let time = S + Duration::from_secs(this.amount(2, 27));
    let mut chances = this.chances(33);
    let server = Server::durable_redis()?;
    let mut scene = Scene::start(&this, server, CONDUCTS.map(|_| setup(&this))).await?;
    let tokens = scene.issue(0, 40).await?;
    for token in tokens.take(10) {
        let what = scene.what(token, &mut chances);
        let asked = scene.revoke(chances.usize(0..5), what, vec![token]).await;
        scene.answered(asked).await;
    }
    scene.load(this.amount(200, 400)).await;
    let began = now();
    pass(Duration::from_secs(this.amount(2, 10))).await;
    let mut seen = Seen::default();
    let mut bad = Vec::new();
    for is_stopped in [false, true] {
        let before = states(&scene).await;
        let from = now();
        if is_stopped {
            server_signal(&scene, Signal::STOP);
        } else {
            scene.links.iter().zip(CONDUCTS).for_each(|(link, conduct)| link.behave(conduct));
        }
        pass(time).await;
        let healed = now();
        if is_stopped {
            server_signal(&scene, Signal::CONT);
        } else {
            scene.links.iter().for_each(|link| link.behave(Conduct::Pass));
        }
        (0..CONDUCTS.len()).for_each(|node| scene.outage(node, from, false));
        bad.push(from..healed);
        let back = until(Duration::from_secs(20), async || states(&scene).await.iter().all(|state| state.ready)).await;
        let recovered = Duration::from_nanos(now() - healed);
        seen.recovered = if back { seen.recovered.max(recovered) } else { Duration::MAX };
        // Those that listen for hints connect again after some seconds.
        pass(Duration::from_millis(this.amount(1_000, 6_000))).await;
        for (node, (before, after)) in before.into_iter().zip(states(&scene).await).enumerate() {
            if after.tasks > before.tasks + 2 || after.files > before.files + 2 {
                seen.left.push(format!("node {node}: {} → {} tasks, {} → {} files", before.tasks, after.tasks, before.files, after.files));
            }
        }
    }
    let judged = scene.judge().await?;
    let grace = nanoseconds(S + SLACK);
    let too_old = |request: &&Request| {
        request.verdict == Verdict::Accepted && bad.iter().any(|bad| request.start > bad.start + grace && request.end < bad.end)
    };
    seen.too_old = scene.history.requests.iter().filter(too_old).count() as u64;
    // Verification asks nobody, so it takes as long as ever. Each window has its own slowest requests, and other programs have none of them all.
    let slow = |range: std::ops::Range<u64>| slowness(&scene.history.requests, range);
    let healthy = slow(began..bad[0].start);
    let (during, stopped) = (slow(bad[0].clone()), slow(bad[1].clone()));
    let ratio = during.max(stopped).as_secs_f64() / healthy.as_secs_f64().max(1e-9);
    // Of a machine that does other things, and programs that are not optimised, little can be said.
    let allowed = if this.size == Size::Small { 3.0 } else { 1.2 };
    let figure = format!(
        "{judged}; {} accepted when too old; 99 of 100 in {} µs, healthy {} µs; well again after {} ms; left over: {:?}",
        seen.too_old,
        during.max(stopped).as_micros(),
        healthy.as_micros(),
        seen.recovered.as_millis(),
        seen.left,
    );
    let well = judged.holds() && seen.too_old == 0 && seen.left.is_empty() && seen.recovered <= scene.recovery();
    Ok(Found { tries: judged.requests, holds: well && judged.unavailable > 0 && ratio <= allowed, figure })
}

fn server_signal(scene: &Scene, signal: Signal) {
    let Server::Redis(redis) = &scene.server else { panic!("a Redis") };
    kill_process(redis.pid(), signal).unwrap();
}

async fn states(scene: &Scene) -> Vec<State> {
    let mut states = Vec::new();
    for node in 0..CONDUCTS.len() {
        states.push(scene.state(node).await);
    }
    states
}

/// The median of the windows' 99th percentiles.
fn slowness(requests: &[Request], range: std::ops::Range<u64>) -> Duration {
    let window = nanoseconds(WINDOW);
    let mut windows = std::collections::BTreeMap::<u64, Vec<u64>>::new();
    for request in requests.iter().filter(|request| range.contains(&request.start)) {
        windows.entry(request.start / window).or_default().push(request.end - request.start);
    }
    let slowest: Vec<u64> = windows.values().map(|times| percentile(times, 0.99)).collect();
    Duration::from_nanos(percentile(&slowest, 0.5))
}
