//! PostgreSQL: revocations that become visible in another order than that in which they began.

use std::time::Duration;

use super::{
    Server, Try, broken,
    scene::{S, Scene, setup, until},
};
use crate::{
    faults::{
        history::Verdict,
        real_time::pass,
        report::Found,
        revocation::talk::{Answer, Ask, Setup},
        store::Sabotage,
    },
    needs::Unmet,
};

const NODES: usize = 4;

/// Every write is held open for a while after it took its position.
const HELD: &str = "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(random() * 0.06); RETURN NULL; END $$; \
     CREATE TRIGGER held AFTER INSERT OR UPDATE ON session_revocations FOR EACH ROW EXECUTE FUNCTION held()";

/// The log's row is no longer what writers wait for: positions come from a sequence, which gives them before the commit and to all at once.
const SEQUENCE: &str = "ALTER TABLE session_revocations_log RENAME TO session_revocations_row; \
     CREATE SEQUENCE positions; \
     SELECT setval('positions', head) FROM session_revocations_row; \
     CREATE VIEW session_revocations_log AS SELECT one, epoch, (SELECT last_value FROM positions) AS head, begun, horizon, digests, server, \
       recovering_until FROM session_revocations_row; \
     CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       IF NEW.head <> OLD.head THEN NEW.head := nextval('positions'); \
       ELSE UPDATE session_revocations_row SET horizon = NEW.horizon; END IF; RETURN NEW; END $$; \
     CREATE TRIGGER taken INSTEAD OF UPDATE ON session_revocations_log FOR EACH ROW EXECUTE FUNCTION taken()";

pub(super) async fn order(this: Try) -> Result<Found, Unmet> {
    let mut chances = this.chances(40);
    // Each waits for its turn and is held open, so more would take longer than the tokens live.
    let count = this.amount(40, 2_000);
    let setups = [0; NODES].map(|_| Setup { deadline: 20_000, ..setup(&this) });
    let mut scene = Scene::start(&this, Server::postgres()?, setups).await?;
    let tokens = scene.issue(0, 40).await?;
    let Server::Postgres(postgres) = &scene.server else { panic!("a PostgreSQL") };
    postgres.query(HELD).map_err(broken)?;
    if this.without(Sabotage::Sequence) {
        postgres.query(SEQUENCE).map_err(broken)?;
    }
    scene.load(50).await;
    let mut many = Vec::new();
    for node in 0..NODES {
        let ask = Ask::RevokeMany { name: format!("other-{node}-"), count, at_once: 2 };
        many.push(scene.nodes[node].send(ask).await);
    }
    let mut asked = Vec::new();
    for token in tokens {
        let what = scene.what(token, &mut chances);
        asked.push(scene.revoke(chances.usize(0..NODES), what, vec![token]).await);
    }
    for asked in asked {
        scene.answered(asked).await;
    }
    let mut done = 0;
    for answer in many {
        let Ok(Answer::Many(some)) = answer.await else { return Err(broken("a node is gone")) };
        done += some;
    }
    let want = usize::try_from(done).unwrap() + 40;
    let all = async || {
        for node in 0..NODES {
            if scene.state(node).await.entries < want {
                return false;
            }
        }
        true
    };
    until(S, all).await;
    let (mut skipped, mut accepted) = (0, 0);
    for node in 0..NODES {
        skipped += want.saturating_sub(scene.state(node).await.entries);
        accepted += scene.verdicts(node).await.iter().filter(|verdict| **verdict == Verdict::Accepted).count();
    }
    pass(Duration::from_millis(500)).await;
    let judged = scene.judge().await?;
    let figure = format!("{want} revocations on {NODES} nodes, each held open: {skipped} skipped by a node, {accepted} accepted; {judged}");
    let whole = done == count * NODES as u64;
    Ok(Found { tries: want as u64, holds: skipped + accepted == 0 && judged.holds() && whole, figure })
}
