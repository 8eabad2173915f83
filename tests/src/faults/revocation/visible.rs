//! How soon every node refuses what one of them revoked.

use std::time::Duration;

use super::{
    Server, Try,
    scene::{Scene, setup},
};
use crate::{
    faults::{
        history::Judged,
        real_time::{Moment, pass},
        report::Found,
        revocation::talk::{Ask, Outcome, Setup},
    },
    needs::Unmet,
};

/// Good tokens, beside those that are revoked.
const GOOD: usize = 50;

/// Without hints, which may always get lost, and for the figure once more with them. Tokens are revoked on one node and presented on every
/// other one at any moment after, which is what somebody does who logs out here and goes on there.
pub(super) async fn visible(this: Try, start: fn() -> Result<Server, Unmet>) -> Result<Found, Unmet> {
    let judged = run(&this, start()?, [0; 3]).await?;
    let hinted = if this.sabotage.is_some() { Judged::default() } else { run(&this, start()?, [100; 3]).await? };
    let (p99, max) = (judged.visible_at(0.99), judged.visible_at(1.0));
    let figure = format!(
        "{} revocations, {judged}; 99 of 100 visible in {} ms, all in {} ms; with hints {} ms and {} ms",
        judged.visible.len(),
        p99.as_millis(),
        max.as_millis(),
        hinted.visible_at(0.99).as_millis(),
        hinted.visible_at(1.0).as_millis(),
    );
    let in_time = p99 <= Duration::from_millis(750) && max <= Duration::from_millis(1_500);
    let hints_do_no_harm = this.sabotage.is_some() || (hinted.holds() && hinted.visible_at(1.0) <= Duration::from_millis(1_500));
    Ok(Found { tries: judged.requests, holds: judged.holds() && judged.unseen == 0 && in_time && hints_do_no_harm, figure })
}

/// Each node hears other hints: half of them and late, some twice and some for nothing, none.
pub(super) async fn hints(this: Try) -> Result<Found, Unmet> {
    let judged = run(&this, Server::durable_redis()?, [50, 150, 0]).await?;
    let max = judged.visible_at(1.0);
    let figure = format!("{} revocations, {judged}; all visible in {} ms", judged.visible.len(), max.as_millis());
    Ok(Found { tries: judged.requests, holds: judged.holds() && max <= Duration::from_millis(1_500), figure })
}

async fn run(this: &Try, server: Server, hints: [u64; 3]) -> Result<Judged, Unmet> {
    let count = this.amount(200, 10_000);
    let time = Duration::from_secs(this.amount(6, 60));
    let mut chances = this.chances(30);
    let mut scene = Scene::start(this, server, hints.map(|hints| Setup { hints, ..setup(this) })).await?;
    let tokens = scene.issue(0, usize::try_from(count).unwrap()).await?;
    scene.issue(1, GOOD).await?;
    scene.load(if this.sabotage.is_some() { 300 } else { this.amount(500, 667) }).await;
    let began = Moment::now();
    let mut asked = Vec::new();
    for (number, token) in (0_u32..).zip(tokens) {
        scene.all(&Ask::Watch(vec![token])).await;
        let what = scene.what(token, &mut chances);
        asked.push(scene.revoke(chances.usize(0..3), what, vec![token]).await);
        let due = time.mul_f64(f64::from(number) / f64::from(u32::try_from(count).unwrap()));
        pass(due.saturating_sub(began.passed())).await;
    }
    for asked in asked {
        let outcome = scene.answered(asked).await;
        assert!(outcome == Outcome::Done || this.sabotage.is_some(), "{outcome:?}");
    }
    pass(Duration::from_secs(2)).await;
    scene.judge().await
}
