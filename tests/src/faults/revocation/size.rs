//! What a large log costs a node.

use std::time::Duration;

use session_runtime::{
    Timestamp,
    revocation::{Entry, Position, RedisRevocations, RevocationStore, Target},
};

use super::{
    Server, Try, broken,
    scene::{Scene, setup},
};
use crate::{
    faults::{report::Found, revocation::node::ISSUER, revocation::talk::Setup},
    needs::Unmet,
};

/// The store is filled past the nodes, as by all those who revoked in the last hours; then a node starts.
pub(super) async fn million(this: Try) -> Result<Found, Unmet> {
    let count = this.amount(100_000, 1_000_000);
    let server = crate::server::Redis::start().map(Server::Redis)?;
    let mut scene = Scene::start(&this, server, [setup(&this)]).await?;
    let small = scene.state(0).await.memory;
    let store = RedisRevocations::connect(&scene.server.url()).await.map_err(broken)?.with_deadline(Duration::from_secs(30));
    for first in (0..count).step_by(10_000) {
        let entry = |number: u64| {
            let target = Target::token(Some(ISSUER), &format!("{number:022}"));
            Entry::new(target, Timestamp::from_unix(4_000_000_000), Position::ZERO).covering_below(Position::new(1).unwrap())
        };
        let some: Vec<Entry> = (first..(first + 10_000).min(count)).map(entry).collect();
        store.restore(&some).await.map_err(broken)?;
    }
    // A page of four thousand entries takes longer than a question of every half second.
    let number = scene.join(Setup { deadline: 10_000, ..setup(&this) }).await?;
    let state = scene.state(number).await;
    let more = state.memory.saturating_sub(small);
    // An empty node differs from another empty one by as much.
    let allowed = 50_000 * count / 1_000_000 + 4_000;
    let figure = format!("{} entries, {} MB more memory of {} MB allowed", state.entries, more / 1_000, allowed / 1_000);
    Ok(Found { tries: count, holds: state.entries as u64 == count && more <= allowed, figure })
}
