//! Nodes that are killed in the middle of revocations.
//!
//! What SQLite does for a power failure (`synchronous=FULL`) cannot be seen this way: the system keeps what a killed process has written,
//! synced or not. So what is taken away is the order, first to write and then to say so.

use std::{collections::HashSet, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use session_runtime::revocation::{Cursor, RevocationStore};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use super::{Try, broken, folder, scene::setup};
use crate::{
    faults::{
        real_time::{pass, within},
        report::Found,
        revocation::store::connect,
        revocation::talk::Setup,
    },
    needs::Unmet,
};

pub(super) async fn exclusive(this: Try) -> Result<Found, Unmet> {
    let (_folder, path) = folder()?;
    kill(&this, &format!("sqlite:{}", path.join("revocations.db").display()), 1).await
}

pub(super) async fn shared(this: Try) -> Result<Found, Unmet> {
    let (_folder, path) = folder()?;
    kill(&this, &format!("sqlite-shared:{}", path.join("revocations.db").display()), 2).await
}

async fn kill(this: &Try, store: &str, nodes: usize) -> Result<Found, Unmet> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let mut chances = this.chances(39);
    let rounds = this.amount(20, 1_000);
    let (mut acknowledged, mut lost) = (HashSet::new(), 0);
    for _ in 0..rounds {
        let setup = Setup { store: store.to_owned(), deadline: 10_000, ..setup(this) };
        let mut children = Vec::new();
        for _ in 0..nodes {
            let mut command = Command::new(&this.program.0);
            command.arg("revoke").arg(serde_json::to_string(&setup).unwrap());
            let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(broken)?;
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            children.push((child, lines));
        }
        // Once the first has begun.
        let first = within(PATIENCE, children[0].1.next_line()).await.ok_or_else(|| broken("a node does not start"))?;
        let mut names: Vec<String> = first.map_err(broken)?.into_iter().collect();
        pass(Duration::from_micros(chances.u64(0..20_000))).await;
        for (child, _) in &children {
            if let Some(pid) = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).unwrap())) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        for (mut child, mut lines) in children {
            let _ = child.wait().await;
            while let Ok(Some(line)) = lines.next_line().await {
                names.push(line);
            }
        }
        let there = names_in(store).await?;
        lost += names.iter().filter(|name| !there.contains(*name)).count();
        acknowledged.extend(names);
    }
    let there = names_in(store).await?;
    let gone = acknowledged.iter().filter(|name| !there.contains(*name)).count();
    let figure =
        format!("killed {rounds} times in {} revocations: {lost} acknowledged lost at once, {gone} in the end", acknowledged.len());
    Ok(Found { tries: rounds, holds: lost + gone == 0 && acknowledged.len() as u64 >= rounds, figure })
}

/// Everything that a node would know that is started now.
async fn names_in(store: &str) -> Result<HashSet<String>, Unmet> {
    let link = connect(store, Duration::from_secs(10), 0, None).await.map_err(broken)?;
    let (mut names, mut cursor) = (HashSet::new(), Cursor::START);
    loop {
        let batch = link.read(&cursor).await.map_err(broken)?;
        names.extend(batch.entries.iter().map(|entry| entry.target.name().to_owned()));
        match batch.more {
            Some(more) => cursor = more,
            None => return Ok(names),
        }
    }
}
