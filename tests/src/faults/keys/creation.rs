//! Many who open an empty ring at the same moment.

use super::{Epochs, Try, broken, setup};
use crate::{
    faults::{
        fleet::{Fleet, Server},
        report::Found,
        talk::{Answer, Ask, Setup},
    },
    needs::Unmet,
};

const TASKS: usize = 64;

pub(super) async fn creation(this: Try, server: fn() -> Result<Server, Unmet>) -> Result<Found, Unmet> {
    let server = server()?;
    let rounds = this.amount(3, 30);
    let mut epochs = Vec::new();
    for round in 0..rounds {
        // The first look at the ring makes its first key; so that the crowd meets an empty one, every node starts on the ring of the round.
        let setups =
            [0; 3].map(|_| Setup { sabotage: this.sabotage, deadline: 20_000, ring: format!("ring-{round}"), open: false, ..setup(0) });
        let fleet = Fleet::start(&this.program, &server, setups).await.map_err(broken)?;
        let mut seen = Epochs::default();
        for answer in fleet.all(|_| Ask::Crowd(TASKS)).await {
            let Answer::Crowd(rings) = answer else { panic!("{answer:?}") };
            rings.into_iter().for_each(|keys| seen.see(keys));
        }
        epochs.push(seen);
    }
    let (splits, keys) = (epochs.iter().map(|seen| seen.splits).sum::<u64>(), epochs.iter().map(|seen| seen.keys.len()).sum::<usize>());
    let tries = rounds * 3 * u64::try_from(TASKS).unwrap();
    let figure = format!("{rounds} empty rings, {keys} epochs, {splits} answers with another key of an epoch");
    let holds = splits == 0 && epochs.iter().all(|seen| seen.keys.len() == 2);
    Ok(Found { tries, holds, figure })
}
