//! A fleet on paper: nodes with clocks that differ, refreshes that jitter and a store that lags, over the same functions that change a real
//! ring. What it measures is by how many seconds every token was good.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{plan::Paper, schedule, state::Rules, timing::Timing};
use crate::{error::KeyError, limits, time::Timestamp};

/// What is simulated.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use session_runtime::keyring::{Fleet, Timing};
///
/// let fleet = Fleet::new(Timing::FLEET, Duration::from_secs(86_400));
/// let found = fleet.simulate(7)?;
/// assert!(found.is_safe());
/// println!("{found}");
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fleet {
    /// The ring's times.
    pub timing: Timing,
    /// The longest life of a token.
    pub max_ttl: Duration,
    /// How many nodes sign and verify, at least 2.
    pub nodes: u32,
    /// For how long, as times of the ring's signing life.
    pub lives: u32,
    /// How often somebody rotates early, at moments of chance.
    pub early_rotations: u32,
    /// How many times a node cannot read the ring, at moments of chance, for as long as it goes on without.
    pub outages: u32,
    /// How much further than declared clocks, refreshes and the store may stray, in percent: 100 for what is declared. More shows what the
    /// margins are worth.
    pub strain: u32,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Simulation {
    /// How many keys there were.
    pub keys: usize,
    /// How many times a node read the ring.
    pub refreshes: u64,
    /// The smallest time in seconds between the moment at which the last node learned of a key and its first signature. Below zero, a node met
    /// a token whose key it did not know.
    pub known_before_use: i64,
    /// The smallest time in seconds by which a key verified for longer than its last token was good, at the most patient verifier.
    pub verified_after_use: i64,
    /// The smallest time in seconds by which the last signature of a key lay within the time that verifiers allow it.
    pub within_window: i64,
}

impl Simulation {
    /// Whether no good token was refused.
    pub fn is_safe(&self) -> bool {
        self.margin() >= 0
    }

    /// The smallest margin of all, in seconds.
    pub fn margin(&self) -> i64 {
        self.known_before_use.min(self.verified_after_use).min(self.within_window)
    }
}

impl fmt::Display for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, refreshes, known_before_use, verified_after_use, within_window } = self;
        writeln!(f, "{} over {keys} keys and {refreshes} refreshes", if self.is_safe() { "safe" } else { "NOT SAFE" })?;
        writeln!(f, "  every node knew a key    {known_before_use:>8} s before it signed")?;
        writeln!(f, "  a key verified           {verified_after_use:>8} s longer than its last token was good")?;
        write!(f, "  its last signature was   {within_window:>8} s within what verifiers allow")
    }
}

struct Node {
    /// How far its clock is ahead, in seconds.
    skew: i64,
    last_refresh: i64,
    next_refresh: i64,
    keys: Vec<Paper>,
}

/// What is known of one key.
#[derive(Debug, Clone, Copy)]
struct Life {
    /// When the last node learned of it.
    learned: Option<i64>,
    /// How many nodes know it.
    nodes: u32,
    first_use: Option<i64>,
    /// The `iat` of its last token, by the clock of whoever signed it.
    last_issued: Option<i64>,
}

impl Fleet {
    /// Five nodes for six signing lives, with three early rotations and six outages of a node.
    pub fn new(timing: Timing, max_ttl: Duration) -> Self {
        Self { timing, max_ttl, nodes: 5, lives: 6, early_rotations: 3, outages: 6, strain: 100 }
    }

    /// Runs it. The same `seed` gives the same chances.
    ///
    /// # Errors
    /// [`KeyError::Timing`] for times that do not fit together, or that are not a fleet's.
    pub fn simulate(&self, seed: u64) -> Result<Simulation, KeyError> {
        self.timing.check()?;
        let Some(life) = self.timing.signing_life.filter(|_| self.timing.is_shared()) else {
            let rule = "a simulation needs keys that propagate and a signing life";
            return Err(KeyError::Timing { rule, found: self.timing.propagation, bound: Duration::from_secs(1) });
        };
        let rules = Rules { timing: self.timing, max_ttl: self.max_ttl };
        let end = seconds(life).saturating_mul(self.lives.into());
        Ok(Run::new(self, rules, end, seed).run())
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// One run.
struct Run<'f> {
    fleet: &'f Fleet,
    rules: Rules,
    end: i64,
    chance: Chance,
    /// The ring as the store has it, with the moment of each change, so that a replica can lag.
    history: Vec<(i64, Vec<Paper>)>,
    nodes: Vec<Node>,
    rotations: Vec<i64>,
    lives: BTreeMap<u64, Life>,
    refreshes: u64,
}

impl<'f> Run<'f> {
    fn new(fleet: &'f Fleet, rules: Rules, end: i64, seed: u64) -> Self {
        let mut chance = Chance(seed);
        let count = fleet.nodes.max(2);
        let skew = strained(rules.timing.skew, fleet.strain);
        // Two of them as far apart as is allowed.
        let skews = (0..count).map(|index| match index {
            0 => 0_i64.saturating_sub(skew / 2),
            1 => skew.saturating_sub(skew / 2),
            _ => chance.within(0, skew).saturating_sub(skew / 2),
        });
        let nodes =
            skews.collect::<Vec<_>>().into_iter().map(|skew| Node { skew, last_refresh: 0, next_refresh: 0, keys: Vec::new() }).collect();
        // Every other one soon after the one before, when its next key is not yet known everywhere.
        let soon = seconds(rules.timing.propagation).saturating_mul(2);
        let mut rotations: Vec<i64> = Vec::new();
        for index in 0..fleet.early_rotations {
            let before = rotations.last().copied().filter(|_| index % 2 == 1);
            rotations.push(match before {
                Some(before) => before.saturating_add(chance.within(0, soon)),
                None => chance.within(1, end),
            });
        }
        rotations.sort_unstable();
        Self { fleet, rules, end, chance, history: vec![(0, Vec::new())], nodes, rotations, lives: BTreeMap::new(), refreshes: 0 }
    }

    fn run(mut self) -> Simulation {
        // The ring is made, and every node reads it, before the first request.
        for index in 0..self.nodes.len() {
            self.refresh(index, 0, 0);
        }
        for index in 0..self.nodes.len() {
            self.refresh(index, 0, 0);
        }
        loop {
            let next = self.nodes.iter().enumerate().map(|(index, node)| (node.next_refresh, index)).min();
            let Some((now, index)) = next.filter(|(now, _)| *now < self.end) else { break };
            if let Some(at) = self.rotations.first().copied().filter(|at| *at <= now) {
                self.rotations.remove(0);
                self.rotate(at);
                continue;
            }
            let lag = self.chance.within(0, strained(self.rules.timing.lag, self.fleet.strain));
            self.refresh(index, now, lag);
        }
        self.found()
    }

    /// Somebody rotates, on a node of chance.
    fn rotate(&mut self, now: i64) {
        let node = usize::try_from(self.chance.within(0, i64::try_from(self.nodes.len()).unwrap_or(1).saturating_sub(1))).unwrap_or(0);
        let wall = self.nodes.get(node).map_or(now, |node| now.saturating_add(node.skew));
        let mut keys = self.latest();
        schedule::rotate(&mut keys, &self.rules, Timestamp::from_unix(wall), Paper::new);
        self.history.push((now, keys));
    }

    fn latest(&self) -> Vec<Paper> {
        self.history.last().map(|(_, keys)| keys.clone()).unwrap_or_default()
    }

    /// One node does what is due, on what the store really has, and then knows what a replica shows it.
    fn refresh(&mut self, index: usize, now: i64, lag: i64) {
        self.refreshes = self.refreshes.saturating_add(1);
        let Some(skew) = self.nodes.get(index).map(|node| node.skew) else { return };
        let wall = Timestamp::from_unix(now.saturating_add(skew));
        let mut keys = self.latest();
        // Private halves and records that are over say nothing about who understands whom.
        let due = schedule::due(&keys, true, &self.rules, wall);
        if let Some((epoch, times)) = due.create {
            keys.push(Paper::new(epoch, times));
            self.history.push((now, keys));
        }
        let seen = now.saturating_sub(lag);
        let known = self.history.iter().rev().find(|(at, _)| *at <= seen).map(|(_, keys)| keys.clone()).unwrap_or_default();
        self.sign_until(index, now);
        let pause = self.pause();
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let Some(node) = self.nodes.get_mut(index) else { return };
        for key in known.iter().filter(|key| !node.keys.iter().any(|old| old.epoch == key.epoch)) {
            let life = self.lives.entry(key.epoch).or_insert(Life { learned: None, nodes: 0, first_use: None, last_issued: None });
            life.nodes = life.nodes.saturating_add(1);
            if life.nodes == count {
                // Whoever reads what this node publishes may have read it a moment before.
                let cached = if now == 0 { 0 } else { strained(self.rules.timing.max_age, self.fleet.strain) };
                life.learned = Some(now.saturating_add(cached));
            }
        }
        if !known.is_empty() {
            node.keys = known;
        }
        node.last_refresh = now;
        node.next_refresh = now.saturating_add(pause);
    }

    /// When the node reads the ring again: within the refresh period, or after an outage for which it goes on without.
    fn pause(&mut self) -> i64 {
        let timing = &self.rules.timing;
        let longest = strained(timing.refresh, self.fleet.strain);
        // Past the first bound it signs and verifies nothing; past the second it says of an unknown key that it does not know.
        let known = timing.complete_for().saturating_sub(timing.max_age);
        let without = strained(timing.max_stale.unwrap_or_default().min(known), self.fleet.strain);
        let refreshes = self.end.checked_div(longest.max(1)).unwrap_or(0).saturating_mul(i64::try_from(self.nodes.len()).unwrap_or(1));
        let fails = self.chance.within(1, refreshes.max(1)) <= self.fleet.outages.into();
        let pause = self.chance.within(longest.saturating_mul(4) / 5, longest);
        if fails && without > longest { self.chance.within(longest, without).max(1) } else { pause.max(1) }
    }

    /// What the node has signed with since its last refresh: it changes its key by its own clock only.
    fn sign_until(&mut self, index: usize, until: i64) {
        let Some(node) = self.nodes.get(index) else { return };
        let wall = |at: i64| Timestamp::from_unix(at.saturating_add(node.skew));
        let mut at = node.last_refresh;
        while at < until && !node.keys.is_empty() {
            let change = self.next_election(&node.keys, wall(at)).map_or(until, |next| next.as_unix().saturating_sub(node.skew));
            let last = change.min(until).saturating_sub(1).max(at);
            if let Some(key) = schedule::signer(&node.keys, &self.rules, wall(at))
                && let Some(life) = self.lives.get_mut(&key.epoch)
            {
                life.first_use = Some(life.first_use.map_or(at, |first| first.min(at)));
                let issued = last.saturating_add(node.skew);
                life.last_issued = Some(life.last_issued.map_or(issued, |latest| latest.max(issued)));
            }
            at = last.saturating_add(1);
        }
    }

    /// When another key may be elected from the same keys.
    fn next_election(&self, keys: &[Paper], now: Timestamp) -> Option<Timestamp> {
        let known = |key: &Paper| key.times.created_at.saturating_add(self.rules.timing.propagation);
        let moments = keys.iter().flat_map(|key| [Some(key.times.activate_at), key.times.retire_at, Some(known(key))]).flatten();
        moments.filter(|at| *at > now).min()
    }

    fn found(self) -> Simulation {
        let most = self.end;
        let mut found = Simulation {
            keys: self.lives.len(),
            refreshes: self.refreshes,
            known_before_use: most,
            verified_after_use: most,
            within_window: most,
        };
        let keys = self.history.last().map(|(_, keys)| keys.as_slice()).unwrap_or_default();
        let good_for = seconds(self.rules.max_ttl).saturating_add(seconds(limits::LEEWAY_CAP));
        for (epoch, life) in &self.lives {
            let (Some(first), Some(issued)) = (life.first_use, life.last_issued) else { continue };
            // All have read the ring before its first key signs for the first time, in the same second.
            if *epoch > 1 {
                let learned = life.learned.unwrap_or(self.end);
                found.known_before_use = found.known_before_use.min(first.saturating_sub(learned));
            }
            let Some(key) = keys.iter().find(|key| key.epoch == *epoch) else { continue };
            if let Some(expire_at) = key.times.expire_at {
                let dead = issued.saturating_add(good_for);
                found.verified_after_use = found.verified_after_use.min(expire_at.as_unix().saturating_sub(dead));
            }
            let window = key.times.window(&self.rules);
            if let Some(until) = window.until {
                found.within_window = found.within_window.min(until.as_unix().saturating_sub(issued));
            }
        }
        found
    }
}

fn strained(time: Duration, percent: u32) -> i64 {
    seconds(time).saturating_mul(percent.into()) / 100
}

/// Chances that a seed decides (SplitMix64). Nothing secret comes of it.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both of them among it.
    fn within(&mut self, least: i64, most: i64) -> i64 {
        let span = most.saturating_sub(least).max(0).unsigned_abs().saturating_add(1);
        least.saturating_add(i64::try_from(self.next().checked_rem(span).unwrap_or(0)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
