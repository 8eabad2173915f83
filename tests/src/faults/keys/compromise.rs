//! How soon every node refuses a key that is in other hands, in real time.

use std::time::Duration;

use session_runtime::keyring::Timing;

use super::{Try, broken, chances};
use crate::{
    faults::{
        fault::Size,
        fleet::{Fleet, Server},
        real_time::{Moment, pass},
        report::Found,
        store::Sabotage,
        talk::{Ask, Setup},
    },
    needs::Unmet,
    proxy::Conduct,
};

/// R of the rings here, as short as it can be.
const REFRESH: Duration = Duration::from_secs(1);
/// Nobody is waited for any longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the read itself may take, over the slowest of the links; in small, on a machine that compiles meanwhile, it only has to happen.
fn read(size: Size) -> Duration {
    match size {
        Size::Small => Duration::from_secs(3),
        Size::Full => Duration::from_millis(250),
    }
}

pub(super) async fn compromise(this: Try) -> Result<Found, Unmet> {
    let server = Server::durable_redis()?;
    let mut chances = chances(&this, 4);
    let timing = Timing {
        refresh: REFRESH,
        skew: Duration::ZERO,
        lag: Duration::ZERO,
        max_age: Duration::ZERO,
        propagation: Duration::from_secs(2),
        signing_life: Some(Duration::from_secs(3_600)),
        max_stale: Some(Duration::from_secs(60)),
    };
    let setup = Setup { deadline: 5_000, wall: None, timing: Some(timing), ..super::setup(0) };
    let fleet = Fleet::start(&this.program, &server, [0; 3].map(|_| setup.clone())).await.map_err(broken)?;
    if !this.without(Sabotage::NoRefresh) {
        fleet.all(|_| Ask::Keep).await;
    }
    let rounds = this.amount(3, 60);
    let allowed = REFRESH + read(this.size);
    let (mut slowest, mut late, mut tries) = (Duration::ZERO, 0_u64, 0_u64);
    for _ in 0..rounds {
        for link in &fleet.links {
            link.behave(if chances.bool() { Conduct::Delay(Duration::from_millis(chances.u64(1..20))) } else { Conduct::Pass });
        }
        // Everybody knows the key that signs now, and holds a token of it.
        for node in &fleet.nodes {
            node.tell(Ask::Maintain).await.0.map_err(broken)?;
        }
        let tokens = fleet.nodes[0].issue(1).await;
        fleet.all(|_| Ask::Learn { tokens: tokens.clone(), keep: 1 }).await;
        // At any moment between two refreshes.
        let moment = Duration::from_millis(chances.u64(0..1_000));
        pass(moment).await;
        fleet.nodes[0].tell(Ask::Compromise).await.0.map_err(broken)?;
        let since = Moment::now();
        let mut accepting = vec![true; fleet.nodes.len()];
        while accepting.contains(&true) && since.passed() < PATIENCE {
            for (node, accepts) in fleet.nodes.iter().zip(&mut accepting).filter(|(_, accepts)| **accepts) {
                tries += 1;
                *accepts = node.judge(Ask::Verify).await.0 > 0;
            }
        }
        let took = since.passed();
        slowest = slowest.max(took);
        late += u64::from(took > allowed);
    }
    let figure =
        format!("{rounds} compromises, the slowest node took {} ms, {late} later than {} ms", slowest.as_millis(), allowed.as_millis());
    Ok(Found { tries, holds: late == 0, figure })
}
