//! What will happen to a ring if nobody interferes: [`Plan`].

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{
    ring::KeyRing,
    schedule::{self, Timed, next_change},
    state::{KeyState, KeyTimes, Rules},
};
use crate::{format::Format, time::Timestamp};

/// Everything that will happen to the keys of a ring up to a moment, if the ring is looked after and nobody rotates. Its `Display` is a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// What happens, in order.
    pub events: Vec<Event>,
    /// The smallest time between the moment at which every node has to know a key, at the worst, and its first signature. `None` where
    /// no key is published before it signs.
    pub margin: Option<Duration>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Which key of the ring, counted from 1.
    pub epoch: u64,
    /// Its name; `None` for one that is not there yet, or has none.
    pub key_id: Option<String>,
    /// What.
    pub step: Step,
}

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// It is made and published.
    Made,
    /// It signs from now on.
    Signs,
    /// It signs no more, and verifies.
    Retires,
    /// Its private half is destroyed.
    Destroyed,
    /// It verifies no more.
    Expires,
    /// Its record is removed.
    Forgotten,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Made => "is made and published",
            Self::Signs => "signs from now on",
            Self::Retires => "signs no more, and verifies",
            Self::Destroyed => "loses its private half",
            Self::Expires => "verifies no more",
            Self::Forgotten => "is forgotten",
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Event { at, epoch, key_id, step } in &self.events {
            writeln!(f, "{at}  key {epoch} {}  {step}", key_id.as_deref().unwrap_or("(to be made)"))?;
        }
        match self.margin {
            Some(margin) => write!(f, "every node knows a key at least {} s before it signs", margin.as_secs()),
            None => f.write_str("one writer: a key signs from the moment it is made"),
        }
    }
}

/// A key on paper: its times and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paper {
    pub(super) epoch: u64,
    pub(super) times: KeyTimes,
    pub(super) private: bool,
}

impl Paper {
    pub(super) fn new(epoch: u64, times: KeyTimes) -> Self {
        Self { epoch, times, private: true }
    }
}

impl Timed for Paper {
    fn epoch(&self) -> u64 {
        self.epoch
    }
    fn times(&self) -> &KeyTimes {
        &self.times
    }
    fn times_mut(&mut self) -> &mut KeyTimes {
        &mut self.times
    }
    fn has_private(&self) -> bool {
        self.private
    }
}

impl<F: Format> KeyRing<F> {
    /// What will happen to the ring from now until `until`, if it is looked after and nobody interferes. Nothing is changed.
    ///
    /// # Example
    /// ```
    /// # use std::time::Duration;
    /// # use session_runtime::{KeyRing, Timestamp, keyring::Timing, paseto::V4Local, testing::ManualClock};
    /// # let clock = ManualClock::at(Timestamp::from_unix(1_893_456_000));
    /// let day = Duration::from_secs(86_400);
    /// let timing = Timing { signing_life: Some(day), ..Timing::SINGLE };
    /// let ring = KeyRing::<V4Local>::builder().timing(timing).clock(clock).generate()?;
    /// let plan = ring.plan(Timestamp::from_unix(1_893_456_000 + 86_400)).to_string();
    /// assert!(plan.contains("2030-01-02T00:00:00Z  key 2 (to be made)  signs from now on\n"), "{plan}");
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn plan(&self, until: Timestamp) -> Plan {
        let snapshot = self.source.load();
        let names = snapshot.keys.iter().filter_map(|key| Some((key.epoch, key.id.as_ref()?.as_str().to_owned()))).collect();
        let keys = snapshot.keys.iter().map(|key| Paper { private: key.has_private(), ..Paper::new(key.epoch, key.times) }).collect();
        let rotating = self.source.rotating;
        plan(keys, &names, &snapshot.rules, (F::SYMMETRIC, rotating), (self.source.clock.wall(), until))
    }
}

fn plan(
    mut keys: Vec<Paper>,
    names: &BTreeMap<u64, String>,
    rules: &Rules,
    (symmetric, rotating): (bool, bool),
    (from, until): (Timestamp, Timestamp),
) -> Plan {
    let mut events = Vec::new();
    let mut now = from;
    let mut before: BTreeMap<u64, KeyState> = keys.iter().map(|key| (key.epoch, key.times.state(now))).collect();
    while now <= until {
        let mut happens = |epoch: u64, step| events.push(Event { at: now, epoch, key_id: names.get(&epoch).cloned(), step });
        let due = if rotating { schedule::due(&keys, symmetric, rules, now) } else { schedule::Due::default() };
        if let Some((epoch, times)) = due.create {
            keys.push(Paper::new(epoch, times));
            before.insert(epoch, KeyState::Pending);
            happens(epoch, Step::Made);
        }
        for key in &mut keys {
            let state = key.times.state(now);
            match (before.insert(key.epoch, state), state) {
                (Some(KeyState::Pending), KeyState::Active) => happens(key.epoch, Step::Signs),
                (Some(KeyState::Pending | KeyState::Active), KeyState::Retiring) => happens(key.epoch, Step::Retires),
                (Some(KeyState::Pending | KeyState::Active | KeyState::Retiring), KeyState::Retired) => happens(key.epoch, Step::Expires),
                _ => {}
            }
            if due.destroy.contains(&key.epoch) {
                key.private = false;
                happens(key.epoch, Step::Destroyed);
            }
            if due.prune.contains(&key.epoch) {
                happens(key.epoch, Step::Forgotten);
            }
        }
        keys.retain(|key| !due.prune.contains(&key.epoch));
        // A key that was made or removed may make something else due at once.
        if due.create.is_some() || !due.prune.is_empty() {
            continue;
        }
        let Some(next) = next_change(&keys, symmetric, rules, now) else { break };
        now = next;
    }
    let news = rules.timing.news().saturating_add(rules.timing.max_age);
    let known = |event: &Event| keys.iter().find(|key| key.epoch == event.epoch).map(|key| key.times.created_at.saturating_add(news));
    let signs = events.iter().filter(|event| event.step == Step::Signs && event.epoch > 1);
    let margin = signs.filter_map(|event| Some(event.at.saturating_since(known(event)?))).min();
    Plan { margin: margin.filter(|_| rules.timing.is_shared()), events }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::timing::Timing;

    #[test]
    fn a_month_and_a_day_of_a_fleet() {
        let at = Timestamp::from_unix;
        let rules = Rules { timing: Timing::FLEET, max_ttl: Duration::from_secs(86_400) };
        let plan = plan(Vec::new(), &BTreeMap::from([(1, "first".to_owned())]), &rules, (false, true), (at(0), at(33 * 86_400)));
        assert_eq!(
            plan.to_string(),
            "\
1970-01-01T00:00:00Z  key 1 first  is made and published
1970-01-01T00:00:00Z  key 1 first  signs from now on
1970-01-01T00:00:00Z  key 2 (to be made)  is made and published
1970-01-31T00:00:00Z  key 3 (to be made)  is made and published
1970-01-31T00:00:00Z  key 1 first  signs no more, and verifies
1970-01-31T00:00:00Z  key 2 (to be made)  signs from now on
1970-01-31T01:01:10Z  key 1 first  loses its private half
1970-02-01T01:06:10Z  key 1 first  verifies no more
1970-02-02T01:07:10Z  key 1 first  is forgotten
every node knows a key at least 2590730 s before it signs"
        );
    }
}
