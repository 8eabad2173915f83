//! What key rings promise while links, clocks, stores and processes fail: `cargo xtask faults keys`.

mod compromise;
mod creation;
mod cut;
mod flood;
mod killed;
mod outage;
mod rotation;
mod schedules;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use session_runtime::keyring::Timing;

use super::{
    fleet::{Program, Server},
    node::RING,
    report::{Found, Row},
    store::Sabotage,
    talk::Setup,
};
use crate::needs::Unmet;

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// In seconds, for every change.
    Small,
    /// In minutes, for the figures.
    Full,
}

impl Size {
    fn of(self, small: u64, full: u64) -> u64 {
        match self {
            Self::Small => small,
            Self::Full => full,
        }
    }
}

/// One try.
#[derive(Debug, Clone)]
pub struct Try {
    /// The program that nodes are.
    pub program: Program,
    /// How much.
    pub size: Size,
    /// What decides every chance.
    pub seed: u64,
    /// The defence that is taken away.
    pub sabotage: Option<Sabotage>,
}

impl Try {
    /// How much, of which less is enough to see that a defence is missing.
    fn amount(&self, small: u64, full: u64) -> u64 {
        if self.sabotage.is_some() { small } else { self.size.of(small, full) }
    }

    fn without(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }
}

type Run = std::pin::Pin<Box<dyn Future<Output = Result<Found, Unmet>> + Send>>;

/// One fault: what it is called, what shall hold, and how it is tried.
pub struct Fault {
    /// What it is called.
    pub id: &'static str,
    /// What shall hold.
    pub goal: &'static str,
    /// The defence that makes it hold.
    pub defence: Sabotage,
    run: fn(Try) -> Run,
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).finish_non_exhaustive()
    }
}

macro_rules! faults {
    ($($id:literal, $goal:literal, $defence:ident, $run:expr;)*) => {
        /// Every fault that is tried.
        pub const ALL: &[Fault] = &[$(Fault {
            id: $id,
            goal: $goal,
            defence: Sabotage::$defence,
            run: |this| Box::pin($run(this)),
        }),*];
    };
}

faults! {
    "rotation-redis", "100 rotations under load over bad links, 3 nodes: 0 good tokens refused, 0 under a key that a node does not know",
        NoPropagation, |this| rotation::rotation(this, Server::durable_redis);
    "rotation-postgres", "the same over PostgreSQL", NoPropagation, |this| rotation::rotation(this, Server::postgres);
    "skew-beyond", "clocks 15 times further apart than declared: one key an epoch, and 0 refused once they are right",
        Upsert, |this| rotation::skew(this, Server::durable_redis);
    "creation-redis", "3 processes of 64 tasks and an empty ring: one key an epoch", Upsert,
        |this| creation::creation(this, Server::durable_redis);
    "creation-postgres", "the same over PostgreSQL", Upsert, |this| creation::creation(this, Server::postgres);
    "cut-off-0.9P", "a node that is cut off for 0.9 P while others rotate: 0 refused", NoPropagation, cut::shorter;
    "cut-off-1.5P", "a node that is cut off for 1.5 P: it stops as unavailable, 0 accepted under a compromised key", NeverStale, cut::longer;
    "compromise", "every node refuses a compromised key within R + D and a quarter of a second, over slow links", NoRefresh,
        compromise::compromise;
    "store-crash-redis", "Redis killed and started with its data, again and again: 0 refused, no key lost or made twice", NoPropagation,
        |this| outage::crashes(this, Server::durable_redis);
    "store-crash-postgres", "the same with PostgreSQL", NoPropagation, |this| outage::crashes(this, Server::postgres);
    "store-loss", "the store loses its data: 0 refused until max_stale, no key made, all well once it is restored", StartsAnew,
        outage::loss;
    "kill-9-file", "nodes killed at any point of a rotation: the ring is readable, has one key an epoch, and what was acknowledged",
        TornFile, killed::in_file;
    "kill-9-sqlite", "the same over SQLite, two nodes at once", Upsert, killed::in_sqlite;
    "kill-9-redis", "the same over Redis, two nodes at once", Upsert, |this| killed::on_server(this, Server::durable_redis);
    "kill-9-postgres", "the same over PostgreSQL, two nodes at once", Upsert, |this| killed::on_server(this, Server::postgres);
    "unreadable-start", "a node that starts while the store cannot be read: it makes no key", UnreadableIsEmpty, outage::start;
    "flood-ring", "10000 tokens of random key ids, store up: at most 2 reads in 30 s, known keys verify, memory flat",
        ReadsForEverybody, |this| flood::ring(this, false);
    "flood-ring-down", "the same while the store is a black hole", ReadsForEverybody, |this| flood::ring(this, true);
    "flood-jwks", "10000 tokens of random key ids, key endpoint up: at most 2 fetches in 30 s, known keys verify, memory flat",
        ReadsForEverybody, |this| flood::jwks(this, false);
    "flood-jwks-down", "the same while the endpoint is down", ReadsForEverybody, |this| flood::jwks(this, true);
    "schedules", "random schedules within the declared bounds: 0 good tokens refused", BeyondDeclared, schedules::schedules;
}

impl Fault {
    /// Tries it, and tries it without its defence.
    ///
    /// # Errors
    /// What the machine lacks.
    pub async fn row(&self, program: &Program, size: Size, seed: u64) -> Result<Row, Unmet> {
        let this = Try { program: program.clone(), size, seed, sabotage: None };
        let found = (self.run)(this.clone()).await?;
        let sabotaged = (self.run)(Try { sabotage: Some(self.defence), ..this }).await?;
        let (id, goal) = (self.id.to_owned(), self.goal.to_owned());
        Ok(Row { id, goal, figure: found.figure, tries: found.tries, holds: found.holds, sabotage_fails: !sabotaged.holds })
    }
}

/// A moment in 2030 at which every run begins.
const NOON: i64 = 1_893_499_200;

/// Times of a fleet whose tokens live for 15 minutes.
fn setup(skew: i64) -> Setup {
    let timing = Some(Timing { max_age: Duration::ZERO, ..Timing::FLEET });
    let (store, ring) = (String::new(), RING.to_owned());
    Setup { store, ring, open: true, deadline: 250, wall: Some(NOON + skew), timing, max_ttl: 900, sabotage: None }
}

/// Chances that the seed decides, another row of them for every fault.
fn chances(this: &Try, salt: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(this.seed.wrapping_mul(1_000_003).wrapping_add(salt))
}

/// Which key each epoch has, of all that any node ever said; two of one epoch are a split.
#[derive(Debug, Default)]
struct Epochs {
    keys: BTreeMap<u64, String>,
    splits: u64,
}

impl Epochs {
    fn see(&mut self, keys: impl IntoIterator<Item = (u64, String)>) {
        for (epoch, key) in keys {
            let known = self.keys.entry(epoch).or_insert_with(|| key.clone());
            self.splits += u64::from(*known != key);
        }
    }
}

/// What nodes said of tokens.
#[derive(Debug, Default)]
struct Tally {
    good: u64,
    refused: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, (good, refused): (u64, BTreeMap<String, u64>)) {
        self.good += good;
        for (word, count) in refused {
            *self.refused.entry(word).or_default() += count;
        }
    }

    fn tries(&self) -> u64 {
        self.good + self.bad()
    }

    fn bad(&self) -> u64 {
        self.refused.values().sum()
    }

    /// The refusals in words, for whoever has to find out why.
    fn words(&self) -> String {
        self.refused.iter().map(|(word, count)| format!("; {count} × {word}")).collect()
    }
}

fn broken(error: impl std::fmt::Display) -> Unmet {
    Unmet::Broken(error.to_string())
}

/// A folder of its own for what is no server.
fn folder() -> Result<(tempfile::TempDir, PathBuf), Unmet> {
    let folder = tempfile::tempdir().map_err(broken)?;
    let path = folder.path().to_owned();
    Ok((folder, path))
}
