//! Rotations under load, over links that fail and clocks that differ.

use std::{collections::BTreeMap, time::Duration};

use super::{Epochs, Tally, Try, broken, chances, setup};
use crate::{
    faults::{
        fleet::{Fleet, Server},
        node::{FORMAT, RING},
        report::Found,
        store::{Link, Sabotage},
        talk::{Answer, Ask, Setup},
    },
    needs::Unmet,
    proxy::Conduct,
};

/// How much virtual time passes between two looks at everything, in seconds.
const STEP: u64 = 60;
const REFRESH: u64 = 300;
const PROPAGATION: u64 = 3_600;
/// Tokens that were issued longer ago are handed on no more: they expire.
const REMEMBERED: u64 = 600;

/// Three nodes, one of them half the declared skew behind, one ahead.
pub(super) async fn rotation(this: Try, server: fn() -> Result<Server, Unmet>) -> Result<Found, Unmet> {
    let server = server()?;
    let mut chances = chances(&this, 1);
    let skews = [-30, 0, chances.i64(0..=30)];
    let mut run = Run::start(&this, &server, skews.map(setup)).await?;
    if this.without(Sabotage::NoPropagation) {
        hasten(&server).await?;
    }
    let rotations = this.amount(20, 100);
    let wanted = this.amount(10_000, 1_000_000);
    // So many tokens a step that the requests come to what is wanted: the last ten minutes of three nodes', on three nodes.
    let steps = rotations * PROPAGATION / STEP;
    run.tokens = usize::try_from(wanted / (steps * 9 * (REMEMBERED / STEP)) + 1).unwrap();
    let mut links = run.fleet.links.iter().map(|_| Weather::fair(&mut chances)).collect::<Vec<_>>();
    let mut faults = 0_u64;
    while run.rotated < rotations {
        for (weather, link) in links.iter_mut().zip(&run.fleet.links) {
            faults += u64::from(weather.pass(STEP, &mut chances, |conduct| link.behave(conduct)));
        }
        // Something like once in a propagation window, by chance soon after one another.
        let rotate = (chances.u64(0..PROPAGATION) < STEP).then(|| chances.usize(0..3));
        run.step(STEP, rotate, &mut chances).await;
    }
    Ok(run.found(&format!("{rotations} rotations, {faults} faults of links")))
}

/// Clocks that are further apart than anybody declared.
pub(super) async fn skew(this: Try, server: fn() -> Result<Server, Unmet>) -> Result<Found, Unmet> {
    const BEYOND: i64 = 450;
    let server = server()?;
    let mut chances = chances(&this, 2);
    let setups = [-BEYOND, 0, BEYOND].map(|skew| Setup { sabotage: this.sabotage, ..setup(skew) });
    let mut run = Run::start(&this, &server, setups).await?;
    run.together = true;
    run.tokens = 2;
    while run.rotated < this.amount(10, 50) {
        let rotate = (chances.u64(0..PROPAGATION) < STEP).then(|| chances.usize(0..3));
        run.step(STEP, rotate, &mut chances).await;
    }
    let apart = std::mem::take(&mut run.tally);
    for (node, back) in run.fleet.nodes.iter().zip([BEYOND, 0, -BEYOND]) {
        let _ = node.tell(Ask::StepWall(back)).await;
    }
    // What was issued by clocks that were wrong is over.
    for _ in 0..(900 + BEYOND.unsigned_abs()) / STEP + 1 {
        run.step(STEP, None, &mut chances).await;
    }
    run.tally = Tally::default();
    for _ in 0..this.amount(30, 300) {
        run.step(STEP, None, &mut chances).await;
    }
    let told = format!("{} of {} refused while they were wrong, which is not promised; then", apart.bad(), apart.tries());
    Ok(run.found(&told))
}

/// The stored ring is told that keys are known everywhere as soon as they are made.
pub(super) async fn hasten(server: &Server) -> Result<(), Unmet> {
    rewrite(server, |ring| ring.timing.propagation = Duration::ZERO).await
}

/// Changes the stored ring behind everybody's back.
pub(super) async fn rewrite(server: &Server, change: impl Fn(&mut session_runtime::keyring::StoredRing)) -> Result<(), Unmet> {
    use session_runtime::keyring::KeyStore;
    let link = Link::connect(&server.url(), Duration::from_secs(5), None).await.map_err(broken)?;
    let (ring, format) = (RING, FORMAT);
    loop {
        let mut stored = link.load(ring, format).await.map_err(broken)?.ok_or_else(|| broken("there is no ring"))?;
        let before = stored.version;
        stored.version += 1;
        change(&mut stored);
        match link.replace(ring, format, Some(before), stored).await {
            Ok(()) => return Ok(()),
            Err(session_runtime::error::StoreError::Conflict { .. }) => {}
            Err(error) => return Err(broken(error)),
        }
    }
}

/// The weather of one link: fair for a while, then one fault for less than a propagation window, less what a refresh takes.
struct Weather {
    conduct: Conduct,
    left: u64,
}

impl Weather {
    fn fair(chances: &mut fastrand::Rng) -> Self {
        Self { conduct: Conduct::Pass, left: chances.u64(0..2 * PROPAGATION) }
    }

    /// Lets time pass, and says whether a fault began.
    fn pass(&mut self, seconds: u64, chances: &mut fastrand::Rng, behave: impl Fn(Conduct)) -> bool {
        if self.left > seconds {
            self.left -= seconds;
            return false;
        }
        let was_fair = self.conduct == Conduct::Pass;
        *self = if was_fair {
            let faults = [
                Conduct::Refuse,
                Conduct::Reset,
                Conduct::BlackHole,
                Conduct::HalfOpen,
                Conduct::Slice,
                Conduct::Delay(Duration::from_millis(chances.u64(1..20))),
            ];
            Self { conduct: faults[chances.usize(0..faults.len())], left: chances.u64(STEP..PROPAGATION * 8 / 10) }
        } else {
            Self { conduct: Conduct::Pass, left: chances.u64(2 * REFRESH..3 * PROPAGATION) }
        };
        behave(self.conduct);
        was_fair
    }
}

/// Nodes that sign for each other, step by step.
pub(super) struct Run {
    pub(super) fleet: Fleet,
    pub(super) tally: Tally,
    pub(super) epochs: Epochs,
    pub(super) rotated: u64,
    /// How many tokens every node issues in every step.
    pub(super) tokens: usize,
    /// Whether all nodes look after the ring at the same moments.
    pub(super) together: bool,
    /// Why a node could not look after the ring, and how often, for whoever has to find out why.
    errors: BTreeMap<String, u64>,
    /// In how many seconds each node reads the ring.
    due: Vec<u64>,
}

impl Run {
    pub(super) async fn start(this: &Try, server: &Server, setups: impl IntoIterator<Item = Setup>) -> Result<Self, Unmet> {
        let fleet = Fleet::start(&this.program, server, setups).await.map_err(broken)?;
        let due = vec![0; fleet.nodes.len()];
        let (tally, epochs) = (Tally::default(), Epochs::default());
        let mut run = Self { fleet, tally, epochs, rotated: 0, tokens: 1, together: false, errors: BTreeMap::new(), due };
        // The ring is made and its successor, and everybody has seen both, before the first request.
        for _ in 0..2 {
            for answer in run.fleet.all(|_| Ask::Maintain).await {
                run.see(answer);
            }
        }
        Ok(run)
    }

    fn see(&mut self, answer: Answer) -> bool {
        let Answer::Done { error, keys } = answer else { panic!("{answer:?}") };
        // What a node holds while it cannot write is what it read.
        self.epochs.see(keys);
        match error {
            Some(error) => {
                *self.errors.entry(error).or_default() += 1;
                false
            }
            None => true,
        }
    }

    /// Time passes, nodes look after the ring when they should, one of them rotates, and meanwhile all of them verify each other's tokens.
    pub(super) async fn step(&mut self, seconds: u64, rotate: Option<usize>, chances: &mut fastrand::Rng) {
        self.fleet.all(|_| Ask::Advance(seconds)).await;
        let tokens = self.tokens;
        let issued = self.fleet.all(|_| Ask::Issue(tokens)).await;
        let fresh: Vec<String> =
            issued.into_iter().flat_map(|answer| if let Answer::Tokens(tokens) = answer { tokens } else { vec![] }).collect();
        let keep = fresh.len() * usize::try_from(REMEMBERED / seconds.max(1)).unwrap();
        self.fleet.all(|_| Ask::Learn { tokens: fresh.clone(), keep }).await;
        let mut under_way = Vec::new();
        let together = chances.u64(REFRESH * 8 / 10..=REFRESH);
        for index in 0..self.fleet.nodes.len() {
            // Early rather than late: what is declared is how old a node's knowledge is at the most.
            self.due[index] = self.due[index].saturating_sub(seconds);
            if self.due[index] < seconds {
                under_way.push((false, self.fleet.nodes[index].send(Ask::Maintain).await));
                self.due[index] = if self.together { together } else { chances.u64(REFRESH * 8 / 10..=REFRESH) };
            }
        }
        if let Some(index) = rotate {
            under_way.push((true, self.fleet.nodes[index].send(Ask::Rotate).await));
        }
        // Requests come while the ring is read and written, and once more when it was.
        loop {
            for answer in self.fleet.all(|_| Ask::Verify).await {
                if let Answer::Verdicts { good, refused } = answer {
                    self.tally.add((good, refused));
                }
            }
            if under_way.is_empty() {
                return;
            }
            let mut waiting = Vec::new();
            for (rotation, mut answer) in std::mem::take(&mut under_way) {
                match answer.try_recv() {
                    Ok(answer) => self.rotated += u64::from(self.see(answer) && rotation),
                    Err(tokio::sync::oneshot::error::TryRecvError::Empty) => waiting.push((rotation, answer)),
                    Err(closed) => panic!("{closed}"),
                }
            }
            under_way = waiting;
        }
    }

    /// No token refused, and no epoch with two keys.
    pub(super) fn found(&self, what: &str) -> Found {
        let (bad, splits) = (self.tally.bad(), self.epochs.splits);
        let unknown: u64 = self.tally.refused.iter().filter(|(word, _)| word.contains("not known")).map(|(_, count)| count).sum();
        if bad > 0 {
            eprintln!("    nodes said: {:#?}", self.errors);
        }
        let figure = format!(
            "{what}; {bad} refused ({unknown} for an unknown key), {} epochs, {splits} with two keys{}",
            self.epochs.keys.len(),
            self.tally.words()
        );
        Found { tries: self.tally.tries(), holds: bad == 0 && splits == 0 && self.tally.good > 0, figure }
    }
}
