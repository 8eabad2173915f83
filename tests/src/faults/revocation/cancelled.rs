//! Calls whose callers give up at any moment.

use std::time::Duration;

use super::{
    Server, Try, broken,
    scene::{S, Scene, setup, until},
};
use crate::{
    faults::{
        history::Verdict,
        report::Found,
        revocation::talk::{Answer, Ask, Outcome, What},
    },
    needs::Unmet,
    proxy::Conduct,
};

pub(super) async fn cancelled(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(38);
    let count = this.amount(600, 100_000);
    let mut scene = Scene::start(&this, Server::durable_redis()?, [setup(&this)]).await?;
    let tokens = scene.issue(0, 20).await?;
    let before = scene.state(0).await;
    let mut finished = 0;
    for piece in 0..count.div_ceil(1_000) {
        scene.links[0].behave([Conduct::Pass, Conduct::Delay(Duration::from_millis(1))][usize::from(chances.bool())]);
        let ask = Ask::Drop { count: count.min(1_000), seed: this.seed * 1_000 + piece };
        let Answer::Many(done) = scene.ask(0, ask).await else { panic!("a number") };
        finished += done;
    }
    // What others left must not be in the way of those who come now, over a link on which an early answer would be noticed.
    scene.links[0].behave(Conduct::Delay(Duration::from_millis(20)));
    let mut wrong = 0;
    for token in tokens.skip(1) {
        let id = scene.tokens[token as usize].id.clone();
        let asked = scene.revoke(0, What::Token(id.clone(), None), vec![token]).await;
        let outcome = scene.answered(asked).await;
        let there = scene.stored().await?.contains(&id);
        let Answer::Verdicts(_, said) = scene.ask(0, Ask::Verify(vec![token])).await else { panic!("verdicts") };
        wrong += u64::from(outcome != Outcome::Done || !there || said[0].0 != Verdict::Revoked);
    }
    scene.links[0].behave(Conduct::Pass);
    // A link of so many milliseconds is none for a strict request, and that is remembered until the next reading.
    let answers = async || {
        let Answer::Verdicts(_, said) = scene.ask(0, Ask::Strict { count: 1, at_once: 1 }).await else { panic!("verdicts") };
        said[0].0 == Verdict::Accepted
    };
    let answers = until(S, answers).await;
    wrong += u64::from(!answers);
    let Answer::Verdicts(_, said) = scene.ask(0, Ask::Strict { count: 20, at_once: 4 }).await else { panic!("verdicts") };
    wrong += said.iter().filter(|(verdict, _)| *verdict != Verdict::Accepted).count() as u64;
    // Whoever gave up has revoked all the same.
    let told = until(S, async || scene.state(0).await.pending == 0).await;
    let (after, stored) = (scene.state(0).await, scene.stored().await?.len());
    if after.entries == 0 {
        return Err(broken("nothing was revoked"));
    }
    let left = after.tasks > before.tasks + 2 || after.files > before.files + 2;
    let figure = format!(
        "{count} calls, {finished} finished: {wrong} wrong answers after, {} refused here and {stored} stored, {} → {} tasks, {} → {} files",
        after.entries, before.tasks, after.tasks, before.files, after.files
    );
    Ok(Found { tries: count, holds: wrong == 0 && told && !left && stored == after.entries, figure })
}
