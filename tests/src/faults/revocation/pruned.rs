//! Entries that are forgotten when nobody needs them any more, and not before: in one process, with time that is moved.

use std::time::Duration;

use session_runtime::{
    Clock, Issuer, Revocations, Timestamp, Verifier,
    error::VerifyError,
    jwt::{Hs256, Jwt},
    revocation::MemoryRevocations,
    testing::{FaultyRevocations, ManualClock, fixed_ring_at},
};

use super::{Try, broken};
use crate::{
    faults::{report::Found, revocation::node::Access, revocation::store::Link},
    needs::Unmet,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tokens,
    Subjects,
}

const NOON: i64 = 1_893_499_200;
const SUBJECTS: usize = 4;

struct Node {
    clock: ManualClock,
    log: Revocations,
    issuer: Issuer<Access, Jwt<Hs256>>,
    /// As patient as one may be.
    verifier: Verifier<Access>,
}

struct Token {
    text: String,
    id: String,
    subject: usize,
    expires: Option<Timestamp>,
    revoked: bool,
}

/// Three nodes, of which one is half a minute fast and one as much slow, do at random what nodes do, and after every step each is asked for
/// every token that was ever revoked.
pub(super) async fn pruned(this: Try, kind: Kind) -> Result<Found, Unmet> {
    let runs = this.amount(10, 400);
    let (mut accepted, mut tries, mut forgotten) = (0, 0, 0);
    for run in 0..runs {
        let mut chances = this.chances(1_000 + run);
        let store = FaultyRevocations::shared(MemoryRevocations::new().map_err(broken)?);
        let store = Link::around(store, this.sabotage);
        let mut nodes = Vec::new();
        for ahead in [0, 30, -30] {
            nodes.push(node(&store, NOON + ahead).await?);
        }
        let mut tokens: Vec<Token> = Vec::new();
        for _ in 0..150 {
            let node = &nodes[chances.usize(0..3)];
            match chances.u32(0..10) {
                0..3 => {
                    let subject = chances.usize(0..SUBJECTS);
                    let issued = node.issuer.issue(&Access::of(&format!("user-{subject}"))).map_err(broken)?;
                    let (id, expires) = (issued.id.as_str().to_owned(), issued.expires_at);
                    tokens.push(Token { text: issued.token, id, subject, expires, revoked: false });
                }
                3 => revoke(kind, node, &mut tokens, &mut chances).await?,
                4 | 5 => forgotten += node.log.prune().await.map_err(broken)?,
                _ => {
                    // Mostly some minutes, at times until everything is over.
                    let seconds = if chances.u32(0..30) == 0 { 100_000 } else { chances.u64(0..400) };
                    nodes.iter().for_each(|node| node.clock.advance(Duration::from_secs(seconds)));
                }
            }
            for node in &nodes {
                node.log.refresh().await.map_err(broken)?;
                for token in tokens.iter().filter(|token| token.revoked) {
                    tries += 1;
                    let said = node.verifier.verify_now(&token.text);
                    accepted += u64::from(said.is_ok());
                    debug_assert!(!matches!(said, Err(VerifyError::Unavailable(_))), "it was read a moment ago");
                }
            }
            // Those that are dead for everybody.
            let now = nodes[0].clock.wall().saturating_sub(Duration::from_secs(1_000));
            tokens.retain(|token| token.expires.is_none_or(|expires| expires > now));
        }
    }
    let figure = format!("{runs} schedules, {forgotten} entries forgotten, {accepted} revoked tokens accepted");
    Ok(Found { tries, holds: accepted == 0 && forgotten > 0, figure })
}

async fn node(store: &Link, wall: i64) -> Result<Node, Unmet> {
    let clock = ManualClock::at(Timestamp::from_unix(wall));
    let log = Revocations::open_with_clock(store.clone(), clock.clone()).await.map_err(broken)?;
    let ring = fixed_ring_at::<Jwt<Hs256>>(clock.clone()).map_err(broken)?;
    let issuer = Issuer::new(&ring).map_err(broken)?.with_revocations(&log).await.map_err(broken)?;
    let verifier = Verifier::<Access>::builder().accept(&ring).leeway(Duration::from_secs(300)).build().map_err(broken)?;
    let verifier = verifier.with_revocations(&log).await.map_err(broken)?;
    Ok(Node { clock, log, issuer, verifier })
}

async fn revoke(kind: Kind, node: &Node, tokens: &mut [Token], chances: &mut fastrand::Rng) -> Result<(), Unmet> {
    let issuer = Some(crate::faults::revocation::node::ISSUER);
    match kind {
        Kind::Tokens => {
            let Some(token) = chances.choice(tokens) else { return Ok(()) };
            node.log.revoke_token(issuer, &token.id, token.expires).await.map_err(broken)?;
            token.revoked = true;
        }
        Kind::Subjects => {
            let subject = chances.usize(0..SUBJECTS);
            node.log.revoke_subject_of(issuer, &format!("user-{subject}")).await.map_err(broken)?;
            tokens.iter_mut().filter(|token| token.subject == subject).for_each(|token| token.revoked = true);
        }
    }
    Ok(())
}
