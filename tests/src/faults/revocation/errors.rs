//! Revocations over a link that breaks before they are sent, while they are under way, and when they are done.

use std::{collections::HashSet, time::Duration};

use super::{
    Server, Try,
    scene::{S, Scene, setup, until},
};
use crate::{
    faults::{
        history::Verdict,
        real_time::pass,
        report::Found,
        revocation::talk::{Answer, Ask, Outcome},
    },
    needs::Unmet,
    proxy::Conduct,
};

const CONDUCTS: [Conduct; 4] = [Conduct::Refuse, Conduct::Reset, Conduct::BlackHole, Conduct::HalfOpen];
/// Revocations at once in each round.
const EACH: usize = 4;

pub(super) async fn errors(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(34);
    let rounds = usize::try_from(if this.sabotage.is_some() { 2 } else { this.amount(8, 250) }).unwrap();
    let mut scene = Scene::start(&this, Server::durable_redis()?, [setup(&this), setup(&this)]).await?;
    let mut tokens = scene.issue(0, rounds * EACH).await?;
    let (mut outcomes, mut missing, mut accepted, mut late) = ([0_u64; 3], 0, 0, 0);
    for _ in 0..rounds {
        let covered: Vec<u32> = (0..EACH).map(|_| tokens.next().unwrap()).collect();
        let conduct = CONDUCTS[chances.usize(0..CONDUCTS.len())];
        let moment = chances.i64(-20_000..80_000);
        // Slow, so that there is a time in which a revocation is under way.
        scene.links[0].behave(if moment < 0 { conduct } else { Conduct::Delay(Duration::from_millis(10)) });
        let mut asked = Vec::new();
        for token in &covered {
            let what = crate::faults::revocation::talk::What::Token(scene.tokens[*token as usize].id.clone(), None);
            asked.push(scene.revoke(0, what, vec![*token]).await);
        }
        pass(Duration::from_micros(moment.unsigned_abs())).await;
        scene.links[0].behave(conduct);
        // Whatever becomes of it: refused here from the moment in which it was asked for.
        let Answer::Verdicts(_, said) = scene.ask(0, Ask::Verify(covered.clone())).await else { panic!("verdicts") };
        accepted += said.iter().filter(|(verdict, _)| *verdict != Verdict::Revoked).count();
        let mut done = Vec::new();
        for (asked, token) in asked.into_iter().zip(&covered) {
            let outcome = scene.answered(asked).await;
            outcomes[match outcome {
                Outcome::Done => 0,
                Outcome::Unknown => 1,
                Outcome::NotApplied | Outcome::Lost => 2,
            }] += 1;
            if outcome == Outcome::Done {
                done.push(scene.tokens[*token as usize].id.clone());
            }
        }
        let stored: HashSet<String> = scene.stored().await?.into_iter().collect();
        missing += done.iter().filter(|id| !stored.contains(*id)).count();
        scene.links[0].behave(Conduct::Pass);
        let ids: Vec<String> = covered.iter().map(|token| scene.tokens[*token as usize].id.clone()).collect();
        let all = async || {
            let stored: HashSet<String> = scene.stored().await.unwrap_or_default().into_iter().collect();
            ids.iter().all(|id| stored.contains(id))
        };
        late += u64::from(!until(S, all).await);
    }
    let [done, unknown, not_applied] = outcomes;
    let figure = format!(
        "{done} done, {unknown} unknown, {not_applied} not applied: {missing} done and not stored, {accepted} accepted here, {late} rounds not stored after S"
    );
    let tried = done > 0 && unknown + not_applied > 0;
    Ok(Found {
        tries: done + unknown + not_applied,
        holds: missing + accepted == 0 && late == 0 && (tried || this.sabotage.is_some()),
        figure,
    })
}
