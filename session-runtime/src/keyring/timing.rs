//! How long news of a key takes to reach every node, and what follows from it: [`Timing`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::store::Writers;
use crate::{error::KeyError, limits};

/// The times that decide when a new key may sign and how long an old one verifies. They are stored with the ring, so that all nodes
/// agree on them. Whole seconds.
///
/// A key is published a propagation window before it signs, so that every verifier knows it by then. The window has to hold all that
/// may keep news from a node: its refresh period, clocks that differ, a store that lags, and caches of what is published.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use session_runtime::keyring::Timing;
///
/// let timing = Timing::FLEET;
/// assert_eq!(timing.propagation, Duration::from_secs(3_600));
/// // How long a signer may go on with a key that another node has retired early.
/// assert_eq!(timing.grace(), Duration::from_secs(3_600 + 60 + 10));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// R: how often a node reads the ring, at the least. 5 minutes in a fleet.
    #[serde(with = "seconds")]
    pub refresh: Duration,
    /// S: how far the clocks of two nodes may differ, at most 10 minutes. 60 seconds in a fleet.
    #[serde(with = "seconds")]
    pub skew: Duration,
    /// D: how far a replica of the store may lag behind. 10 seconds in a fleet.
    #[serde(with = "seconds")]
    pub lag: Duration,
    /// M: for how long others may keep the published JWK set (`max-age`); zero when it is never published. 15 minutes in a fleet.
    #[serde(with = "seconds")]
    pub max_age: Duration,
    /// P: how long a key is published before it signs. One hour in a fleet; zero for one writer, whose keys sign at once.
    #[serde(with = "seconds")]
    pub propagation: Duration,
    /// A: how long a key signs; `None` until somebody rotates. 30 days in a fleet.
    #[serde(with = "maybe_seconds")]
    pub signing_life: Option<Duration>,
    /// How old a node's knowledge of the ring may be before it refuses to sign and to verify with it: a retirement or a compromise could
    /// have been missed. One hour in a fleet; `None` for one writer, who always knows.
    #[serde(with = "maybe_seconds")]
    pub max_stale: Option<Duration>,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

impl Timing {
    /// One process that signs: a key signs from the moment it is made, until somebody rotates.
    pub const SINGLE: Self = Self {
        refresh: Duration::ZERO,
        skew: limits::CLOCK_SKEW,
        lag: Duration::ZERO,
        max_age: Duration::ZERO,
        propagation: Duration::ZERO,
        signing_life: None,
        max_stale: None,
    };

    /// Any number of nodes over one store.
    pub const FLEET: Self = Self {
        refresh: Duration::from_secs(5 * MINUTE),
        skew: limits::CLOCK_SKEW,
        lag: Duration::from_secs(10),
        max_age: Duration::from_secs(15 * MINUTE),
        propagation: Duration::from_secs(HOUR),
        signing_life: Some(Duration::from_secs(30 * 24 * HOUR)),
        max_stale: Some(Duration::from_secs(HOUR)),
    };

    /// What rings in such a store have unless they are told otherwise.
    pub(crate) const fn of(writers: Writers) -> Self {
        match writers {
            Writers::One => Self::SINGLE,
            Writers::Many => Self::FLEET,
        }
    }

    /// G: how long a signer may go on with a key that another node has retired early, since it has not heard of it: until its knowledge is
    /// too old to sign with (`max_stale`, or R where that is longer), and S + D more.
    pub fn grace(&self) -> Duration {
        // Not R + S + D: a node that cannot read the ring goes on signing, and what it signs is good everywhere.
        self.refresh.max(self.max_stale.unwrap_or_default()).saturating_add(self.skew).saturating_add(self.lag)
    }

    /// By when a node that can read the ring has heard of a change: R + S + D.
    pub(crate) fn news(&self) -> Duration {
        self.refresh.saturating_add(self.skew).saturating_add(self.lag)
    }

    /// How old a node's knowledge of the ring is when a key that it has not heard of may sign.
    pub(crate) fn complete_for(&self) -> Duration {
        self.propagation.saturating_sub(self.skew).saturating_sub(self.lag)
    }

    /// Whether keys are published before they sign.
    pub(crate) fn is_shared(&self) -> bool {
        self.propagation > Duration::ZERO
    }

    /// The first time in which the two differ, for an error that names both sides: its name, ours and theirs.
    pub(crate) fn difference(&self, stored: &Self) -> (&'static str, Duration, Duration) {
        const NONE: Duration = Duration::ZERO;
        let pairs = [
            ("the stored ring has another refresh", self.refresh, stored.refresh),
            ("the stored ring has another skew", self.skew, stored.skew),
            ("the stored ring has another lag", self.lag, stored.lag),
            ("the stored ring has another max_age", self.max_age, stored.max_age),
            ("the stored ring has another propagation", self.propagation, stored.propagation),
            ("the stored ring has another signing_life", self.signing_life.unwrap_or(NONE), stored.signing_life.unwrap_or(NONE)),
            ("the stored ring has another max_stale", self.max_stale.unwrap_or(NONE), stored.max_stale.unwrap_or(NONE)),
        ];
        pairs.into_iter().find(|(_, ours, theirs)| ours != theirs).unwrap_or(("the stored ring has the same times", NONE, NONE))
    }

    /// The rules between the times.
    ///
    /// # Errors
    /// [`KeyError::Timing`] naming both sides of the rule that is broken.
    pub fn check(&self) -> Result<(), KeyError> {
        let broken = |rule, found, bound| Err(KeyError::Timing { rule, found, bound });
        let whole = [self.refresh, self.skew, self.lag, self.max_age, self.propagation];
        for time in whole.into_iter().chain(self.signing_life).chain(self.max_stale) {
            if time.subsec_nanos() != 0 {
                return broken("times are whole seconds", time, Duration::from_secs(time.as_secs()));
            }
        }
        if self.skew > limits::CLOCK_SKEW_CAP {
            return broken("skew is at most its cap", self.skew, limits::CLOCK_SKEW_CAP);
        }
        if !self.is_shared() {
            // One writer: nobody else has to learn of a key before it signs, and what is published is read when it is needed.
            return match self.signing_life {
                Some(life) if life < Duration::from_secs(MINUTE) => {
                    broken("signing_life is at least a minute", life, Duration::from_secs(MINUTE))
                }
                _ => Ok(()),
            };
        }
        if self.refresh.is_zero() {
            return broken("refresh is at least a second where keys propagate", self.refresh, Duration::from_secs(1));
        }
        // I1: whoever reads at the worst moment, by the worst clock, from the worst replica or cache, knows a key before it signs.
        let news = self.news().saturating_add(self.max_age);
        if self.propagation < news {
            return broken("propagation is at least refresh + skew + lag + max_age", self.propagation, news);
        }
        // I3: a successor is there, and known, before its predecessor retires.
        let least = self.propagation.saturating_add(self.refresh).saturating_mul(2);
        match self.signing_life {
            Some(life) if life < least => broken("signing_life is at least twice propagation + refresh", life, least),
            _ => Ok(()),
        }
    }
}

/// Whole seconds as a number.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        time.as_secs().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

/// The same for a time that may be absent.
mod maybe_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.as_secs()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn both_defaults_hold() {
        Timing::SINGLE.check().unwrap();
        Timing::FLEET.check().unwrap();
    }

    #[test]
    fn each_rule_names_both_sides_at_its_edge() {
        #[track_caller]
        fn check(timing: Timing, want: Result<(), &str>) {
            assert_eq!(timing.check().map_err(|error| error.to_string()), want.map_err(str::to_owned));
        }
        let fleet = Timing::FLEET;
        let news = Duration::from_secs(300 + 60 + 10 + 900);
        check(Timing { propagation: news, ..fleet }, Ok(()));
        check(
            Timing { propagation: news - SECOND, ..fleet },
            Err("the ring's times: propagation is at least refresh + skew + lag + max_age: 1269s, and 1270s"),
        );
        let least = Duration::from_secs(2 * (3_600 + 300));
        check(Timing { signing_life: Some(least), ..fleet }, Ok(()));
        check(
            Timing { signing_life: Some(least - SECOND), ..fleet },
            Err("the ring's times: signing_life is at least twice propagation + refresh: 7799s, and 7800s"),
        );
        check(Timing { skew: limits::CLOCK_SKEW_CAP, ..Timing::SINGLE }, Ok(()));
        check(
            Timing { skew: limits::CLOCK_SKEW_CAP + SECOND, ..Timing::SINGLE },
            Err("the ring's times: skew is at most its cap: 601s, and 600s"),
        );
        let refresh = Err("the ring's times: refresh is at least a second where keys propagate: 0ns, and 1s");
        check(Timing { refresh: Duration::ZERO, ..fleet }, refresh);
        let life = Err("the ring's times: signing_life is at least a minute: 59s, and 60s");
        check(Timing { signing_life: Some(Duration::from_secs(59)), ..Timing::SINGLE }, life);
        let whole = Err("the ring's times: times are whole seconds: 10.5s, and 10s");
        check(Timing { lag: Duration::from_millis(10_500), ..fleet }, whole);
    }

    #[test]
    fn they_are_stored_as_seconds() {
        let text = serde_json::to_string(&Timing::FLEET).unwrap();
        assert_eq!(text, r#"{"refresh":300,"skew":60,"lag":10,"max_age":900,"propagation":3600,"signing_life":2592000,"max_stale":3600}"#);
        assert_eq!(serde_json::from_str::<Timing>(&text).unwrap(), Timing::FLEET);
        let single = serde_json::to_string(&Timing::SINGLE).unwrap();
        assert_eq!(serde_json::from_str::<Timing>(&single).unwrap(), Timing::SINGLE);
    }
}
