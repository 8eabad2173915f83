//! What key rings promise while links, clocks, stores and processes fail: `cargo xtask faults keys`.

mod compromise;
mod creation;
mod cut;
mod flood;
mod killed;
mod outage;
mod rotation;
mod schedules;

use std::{collections::BTreeMap, time::Duration};

use session_runtime::keyring::Timing;

use super::{
    fault::{Try, broken, faults, folder},
    fleet::Server,
    node::RING,
    talk::Setup,
};

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

/// A moment in 2030 at which every run begins.
const NOON: i64 = 1_893_499_200;

/// Times of a fleet whose tokens live for 15 minutes.
fn setup(skew: i64) -> Setup {
    let timing = Some(Timing { max_age: Duration::ZERO, ..Timing::FLEET });
    let (store, ring) = (String::new(), RING.to_owned());
    Setup { store, ring, open: true, deadline: 250, wall: Some(NOON + skew), timing, max_ttl: 900, sabotage: None }
}

fn chances(this: &Try, salt: u64) -> fastrand::Rng {
    this.chances(salt)
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
