//! Nodes whose time of day is wrong, is set, and whose machine was asleep.

use std::time::Duration;

use super::{
    Server, Try,
    scene::{S, Scene, setup},
};
use crate::{
    faults::{
        history::Verdict,
        real_time::pass,
        report::Found,
        revocation::node::now,
        revocation::talk::{Answer, Ask, Setup, What},
    },
    needs::Unmet,
};

const HOUR: i64 = 3_600;
/// By when a token of fifteen minutes and its entry are over: its life, and the six minutes for which an entry stays.
const OVER: i64 = 15 * 60 + 6 * 60 + 10;

/// Node 0 is right, 1 is 50 s fast, which is allowed, 2 and 3 are ten minutes fast and slow, and 4 is set and sent to sleep.
pub(super) async fn clocks(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(37);
    let setups = [0, 50, 600, -600, 0].map(|ahead| Setup { ahead, ..setup(&this) });
    let server = Server::durable_redis()?;
    // Those of ten minutes are never ready.
    let mut scene = Scene::start(&this, server, [setups[0].clone(), setups[1].clone()]).await?;
    for setup in &setups[2..] {
        scene.join(setup.clone()).await?;
    }
    let began = now();
    let mut tokens = scene.issue(0, 60).await?;
    // The tokens of an issuer that is fast are as old as the others.
    let mut fast = scene.issue(1, 20).await?;
    let mut signed = 0;
    for node in [2, 3] {
        let answer = scene.ask(node, Ask::Issue(vec!["ada".to_owned()])).await;
        signed += u64::from(matches!(answer, Answer::Tokens(Ok(_))));
    }
    scene.load(100).await;
    for round in 0..this.amount(6, 30) {
        let chosen = tokens.next().into_iter().chain(fast.next());
        for token in chosen.collect::<Vec<_>>() {
            let subject = What::Subject(scene.tokens[token as usize].subject.clone());
            let asked = scene.revoke(if round % 2 == 0 { 0 } else { 3 }, subject, vec![token]).await;
            scene.answered(asked).await;
        }
        let from = now();
        let step = [HOUR, -HOUR, 0][chances.usize(0..3)];
        let ask = if step == 0 { Ask::Sleep(3_600) } else { Ask::StepWall(step) };
        scene.ask(4, ask).await;
        pass(Duration::from_millis(chances.u64(300..700))).await;
        if step != 0 {
            scene.ask(4, Ask::StepWall(-step)).await;
        }
        scene.outage(4, from, true);
    }
    pass(S).await;
    for node in [2, 3] {
        scene.outage(node, began, true);
    }
    let mut judged = scene.judge().await?;
    // What a node says of tokens whose time has not come, or is over, by its wrong clock, is no wrong word about a revocation.
    judged.refused = 0;
    let accepted = attack(&this, &mut scene).await?;
    let wrong =
        scene.history.requests.iter().filter(|request| [2, 3].contains(&request.node) && request.verdict == Verdict::Accepted).count();
    let figure = format!(
        "{judged}; 10 minutes off: {signed} times signed, {wrong} verified; {accepted} accepted of what was forgotten when clocks were fast"
    );
    let holds = judged.holds() && signed == 0 && wrong == 0 && accepted == 0;
    Ok(Found { tries: judged.requests, holds, figure })
}

/// A node's clock is far ahead from its start. It forgets what is over by it, here and in the store, and then its clock is set right; and
/// another node starts. The tokens are alive.
async fn attack(this: &Try, scene: &mut Scene) -> Result<usize, Unmet> {
    let mut tokens = Vec::new();
    for token in scene.issue(0, 10).await? {
        let Answer::Tokens(_) = scene.ask(0, Ask::Issue(Vec::new())).await else { panic!("tokens") };
        let (id, expires) = (scene.tokens[token as usize].id.clone(), scene.tokens[token as usize].expires);
        let asked = scene.revoke(0, What::Token(id, expires), vec![token]).await;
        scene.answered(asked).await;
        tokens.push(token);
    }
    let fast = scene.join(Setup { ahead: OVER, ..setup(this) }).await?;
    scene.ask(fast, Ask::Prune).await;
    scene.ask(fast, Ask::StepWall(-OVER)).await;
    let fresh = scene.join(setup(this)).await?;
    pass(S / 2).await;
    let mut accepted = 0;
    for node in [fast, fresh] {
        let Answer::Verdicts(_, said) = scene.ask(node, Ask::Verify(tokens.clone())).await else { panic!("verdicts") };
        accepted += said.iter().filter(|(verdict, _)| *verdict == Verdict::Accepted).count();
    }
    Ok(accepted)
}
