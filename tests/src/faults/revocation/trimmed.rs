//! A node is cut off while more is revoked than the tail of the log keeps.

use super::{
    Server, Try, broken,
    scene::{S, Scene, setup, until},
};
use crate::{
    faults::{
        history::Verdict,
        report::Found,
        revocation::node::now,
        revocation::talk::{Answer, Ask},
    },
    needs::Unmet,
    proxy::Conduct,
};

/// Tokens that are looked at one by one, beside all the others.
const TOKENS: usize = 100;

pub(super) async fn trimmed(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(35);
    let count = this.amount(2_000, 100_000);
    let mut scene = Scene::start(&this, Server::durable_redis()?, [setup(&this), setup(&this)]).await?;
    let tokens = scene.issue(0, TOKENS).await?;
    scene.issue(0, 20).await?;
    scene.load(100).await;
    let from = now();
    scene.links[1].behave(Conduct::Refuse);
    for token in tokens {
        let what = scene.what(token, &mut chances);
        let asked = scene.revoke(0, what, vec![token]).await;
        scene.answered(asked).await;
    }
    // In pieces, so that nobody waits for long.
    for piece in 0..count / 1_000 {
        let ask = Ask::RevokeMany { name: format!("other-{piece}-"), count: 1_000, at_once: 4 };
        let Answer::Many(1_000) = scene.ask(0, ask).await else { return Err(broken("a good store acknowledges")) };
    }
    let Server::Redis(redis) = &scene.server else { panic!("a Redis") };
    let cut = redis.ask("XTRIM {session:revocations:main}:tail MAXLEN 10").map_err(broken)?;
    scene.links[1].behave(Conduct::Pass);
    scene.outage(1, from, false);
    let want = TOKENS + usize::try_from(count / 1_000 * 1_000).unwrap();
    let all = until(S, async || scene.state(1).await.entries == want).await;
    let lost = want - scene.state(1).await.entries.min(want);
    let said = scene.verdicts(1).await;
    let accepted = said[..TOKENS].iter().filter(|verdict| **verdict != Verdict::Revoked).count();
    let judged = scene.judge().await?;
    let cut = cut.trim().trim_start_matches(':');
    let figure = format!("{want} revocations, {cut} cut off the tail: {lost} lost, {accepted} accepted; {judged}");
    Ok(Found { tries: want as u64, holds: all && lost + accepted == 0 && judged.holds() && cut != "0", figure })
}
