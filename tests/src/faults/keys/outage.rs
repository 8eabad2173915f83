//! Stores that crash, lose everything, or cannot be read.

use std::{fs, time::Duration};

use session_runtime::{
    error::StoreError,
    keyring::{KeyStore, StoredRing},
};

use super::{Try, broken, chances, folder, rotation::Run, rotation::hasten, setup};
use crate::{
    faults::{
        fleet::{Node, Server},
        node::{FORMAT, RING},
        report::Found,
        store::{Link, Sabotage},
        talk::{Ask, Setup},
    },
    needs::Unmet,
};
const STEP: u64 = 60;
const PROPAGATION: u64 = 3_600;

/// The store is killed and comes back with its data, while nodes rotate.
pub(super) async fn crashes(this: Try, start: fn() -> Result<Server, Unmet>) -> Result<Found, Unmet> {
    let mut server = start()?;
    let mut chances = chances(&this, 5);
    let mut run = Run::start(&this, &server, [-30, 0, 30].map(setup)).await?;
    if this.without(Sabotage::NoPropagation) {
        hasten(&server).await?;
    }
    let crashes = this.amount(4, 50);
    for _ in 0..crashes {
        for _ in 0..chances.u64(1..PROPAGATION / STEP) {
            let rotate = (chances.u64(0..PROPAGATION) < 2 * STEP).then(|| chances.usize(0..3));
            run.step(STEP, rotate, &mut chances).await;
        }
        // Somebody is in the middle of a change.
        let rotation = run.fleet.nodes[chances.usize(0..3)].send(Ask::Rotate).await;
        server.crash();
        let _ = rotation.await;
    }
    for _ in 0..PROPAGATION / STEP {
        run.step(STEP, None, &mut chances).await;
    }
    let rotated = run.rotated;
    Ok(run.found(&format!("{crashes} crashes, {rotated} rotations")))
}

/// The store comes back empty, and later with what it had.
pub(super) async fn loss(this: Try) -> Result<Found, Unmet> {
    let mut server = crate::server::Redis::start().map(Server::Redis)?;
    let mut chances = chances(&this, 6);
    let setups = [-30, 0, 30].map(|skew| Setup { sabotage: this.sabotage, ..setup(skew) });
    let mut run = Run::start(&this, &server, setups).await?;
    let rounds = this.amount(2, 20);
    let (mut made, mut ready_too_long) = (0_u64, 0_u64);
    for _ in 0..rounds {
        for _ in 0..chances.u64(PROPAGATION / STEP..2 * PROPAGATION / STEP) {
            let rotate = (chances.u64(0..PROPAGATION) < STEP).then(|| chances.usize(0..3));
            run.step(STEP, rotate, &mut chances).await;
        }
        let backup = stored(&server).await?.ok_or_else(|| broken("there is a ring"))?;
        server.crash();
        // Everything that they know is still good for a while.
        for _ in 0..PROPAGATION * 8 / 10 / STEP {
            run.step(STEP, Some(chances.usize(0..3)), &mut chances).await;
        }
        made += u64::from(stored(&server).await?.is_some());
        // And then nothing is.
        let before = std::mem::take(&mut run.tally);
        run.fleet.all(|_| Ask::Advance(PROPAGATION)).await;
        for node in &run.fleet.nodes {
            let (good, _) = node.judge(Ask::Verify).await;
            ready_too_long += good;
        }
        restore(&server, backup).await?;
        for node in &run.fleet.nodes {
            let _ = node.tell(Ask::Maintain).await;
        }
        // What was issued before is over.
        run.fleet.all(|_| Ask::Learn { tokens: Vec::new(), keep: 0 }).await;
        run.tally = before;
    }
    let found = run.found(&format!("lost {rounds} times: {made} rings made anew, {ready_too_long} tokens accepted past max_stale"));
    Ok(Found { holds: found.holds && made == 0 && ready_too_long == 0, ..found })
}

async fn stored(server: &Server) -> Result<Option<StoredRing>, Unmet> {
    let link = Link::connect(&server.url(), Duration::from_secs(5), None).await.map_err(broken)?;
    link.load(RING, FORMAT).await.map_err(broken)
}

async fn restore(server: &Server, backup: StoredRing) -> Result<(), Unmet> {
    let link = Link::connect(&server.url(), Duration::from_secs(5), None).await.map_err(broken)?;
    match link.replace(RING, FORMAT, None, backup).await {
        // Somebody who lacks a defence has made a ring there.
        Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(broken(error)),
    }
}

/// A node starts while the stored ring cannot be read: half of it is there.
pub(super) async fn start(this: Try) -> Result<Found, Unmet> {
    let (_folder, path) = folder()?;
    let rounds = this.amount(3, 30);
    let mut made = 0;
    for round in 0..rounds {
        let file = path.join(format!("keys-{round}"));
        let setup = Setup { store: format!("file:{}", file.display()), timing: None, ..setup(0) };
        drop(<Node>::start(&this.program, &setup).await.map_err(broken)?);
        let whole = fs::read(&file).map_err(broken)?;
        let half = &whole[..whole.len() / 2];
        fs::write(&file, half).map_err(broken)?;
        let started = <Node>::start(&this.program, &Setup { sabotage: this.sabotage, ..setup }).await.is_ok();
        made += u64::from(started || fs::read(&file).map_err(broken)? != half);
    }
    let figure = format!("{rounds} starts, {made} keys made");
    Ok(Found { tries: rounds, holds: made == 0, figure })
}
