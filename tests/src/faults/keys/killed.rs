//! Nodes that are killed at any point of a rotation.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use session_runtime::keyring::{KeyStore, StoredRing};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use super::{Epochs, NOON, Try, broken, chances, folder, setup};
use crate::{
    faults::{
        fleet::Server,
        node::{FORMAT, RING, builder, kek},
        real_time::pass,
        report::Found,
        store::Link,
        talk::Setup,
    },
    needs::Unmet,
};

pub(super) async fn in_file(this: Try) -> Result<Found, Unmet> {
    let (_folder, path) = folder()?;
    kill(&this, format!("file:{}", path.join("keys").display()), 1).await
}

pub(super) async fn in_sqlite(this: Try) -> Result<Found, Unmet> {
    let (_folder, path) = folder()?;
    kill(&this, format!("sqlite:{}", path.join("keys.db").display()), 2).await
}

pub(super) async fn on_server(this: Try, server: fn() -> Result<Server, Unmet>) -> Result<Found, Unmet> {
    let server = server()?;
    kill(&this, server.url(), 2).await
}

/// What is kept of a run: every key that any node said it had made, and what was wrong.
#[derive(Default)]
struct Seen {
    epochs: Epochs,
    unreadable: u64,
    lost: u64,
    rotations: u64,
}

async fn kill(this: &Try, store: String, nodes: usize) -> Result<Found, Unmet> {
    let mut chances = chances(this, 7);
    let rounds = this.amount(15, 500);
    let mut seen = Seen::default();
    for round in 0..rounds {
        // Later than any clock of the rounds before, so that no key comes from the future.
        let wall = NOON + i64::try_from(round).unwrap() * 10_000_000;
        let setup = Setup { store: store.clone(), timing: None, deadline: 10_000, wall: Some(wall), sabotage: this.sabotage, ..setup(0) };
        let mut readers = Vec::new();
        for _ in 0..nodes {
            let mut command = Command::new(&this.program.0);
            command.arg("rotate").arg(serde_json::to_string(&setup).unwrap());
            let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(broken)?;
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            readers.push((child, lines));
        }
        // Once the first has begun; if it cannot, that is found below.
        let first = readers[0].1.next_line().await.map_err(broken)?;
        let moment = Duration::from_micros(chances.u64(0..20_000));
        pass(moment).await;
        for (child, _) in &readers {
            if let Some(pid) = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).unwrap())) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        let mut acknowledged = BTreeMap::new();
        let mut lines: Vec<String> = first.into_iter().collect();
        for (mut child, mut rest) in readers {
            let _ = child.wait().await;
            while let Ok(Some(line)) = rest.next_line().await {
                lines.push(line);
            }
        }
        for line in lines {
            // The last one may be half a line.
            let Ok(keys) = serde_json::from_str::<Vec<(u64, String)>>(&line) else { continue };
            seen.rotations += 1;
            acknowledged.extend(keys.iter().max().cloned());
            seen.epochs.see(keys);
        }
        seen.judge(&setup, acknowledged.last_key_value()).await?;
    }
    let Seen { epochs: Epochs { keys, splits }, unreadable, lost, rotations } = seen;
    let figure = format!(
        "killed {rounds} times in {rotations} rotations: {unreadable} unreadable, {} epochs, {splits} with two keys, {lost} acknowledged lost",
        keys.len()
    );
    Ok(Found { tries: rounds, holds: unreadable + splits + lost == 0 && rotations > 0, figure })
}

impl Seen {
    /// What the store holds now: a ring that opens, whose epochs follow each other, and which goes on from what was acknowledged.
    async fn judge(&mut self, setup: &Setup, acknowledged: Option<(&u64, &String)>) -> Result<(), Unmet> {
        let link = Link::connect(&setup.store, Duration::from_secs(10), None).await.map_err(broken)?;
        let Ok(Some(StoredRing { keys, .. })) = link.load(RING, FORMAT).await else {
            self.unreadable += 1;
            // The next round begins with a store that is whole.
            if let Some(file) = setup.store.strip_prefix("file:") {
                let _ = std::fs::remove_file(file);
                self.epochs.keys.clear();
            }
            return Ok(());
        };
        let clock = session_runtime::testing::ManualClock::at(session_runtime::Timestamp::from_unix(setup.wall.unwrap_or_default()));
        let opens = builder(setup, clock).open(link, kek()).await.is_ok();
        self.unreadable += u64::from(!opens);
        let last = keys.last().map(|key| key.epoch);
        self.lost += u64::from(acknowledged.is_some_and(|(epoch, _)| Some(*epoch) > last));
        let follow = keys.windows(2).all(|pair| pair[0].epoch < pair[1].epoch);
        self.epochs.splits += u64::from(!follow);
        self.epochs.see(keys.into_iter().map(|key| (key.epoch, key.key_id.unwrap_or_default())));
        Ok(())
    }
}
