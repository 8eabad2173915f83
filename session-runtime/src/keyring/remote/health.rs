//! How another issuer's keys are doing, for a readiness probe and a dashboard.

use std::time::Duration;

use super::set::SkippedKey;
use crate::{error::FetchFault, time::Timestamp};

/// Whether the last fetch succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// It did.
    Healthy,
    /// It did not; the keys are those of the last good set, which verify until they are older than allowed.
    Degraded {
        /// When the first of the fetches that failed in a row ended.
        since: Timestamp,
        /// What was wrong with the last one.
        cause: FetchFault,
    },
}

/// How a [`RemoteJwks`](super::RemoteJwks) is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteHealth {
    /// Whether the last fetch succeeded.
    pub condition: Condition,
    /// How long ago the keys were last known to be the issuer's, counted from the beginning of the fetch.
    pub age: Duration,
    /// How old they may be.
    pub max_stale: Duration,
    /// How many keys there are.
    pub keys: usize,
    /// The keys of the last good set that are not used because they break a rule.
    pub skipped: Vec<SkippedKey>,
    /// How many unknown key ids tokens named in the last 30 s; at most [`limits::REMOTE_MISSING`](crate::limits::REMOTE_MISSING). A full
    /// table is a flood of forged tokens.
    pub missing: usize,
    /// How many fetches there were.
    pub fetches: u64,
}

impl RemoteHealth {
    /// Whether tokens are verified at all. This is the question of a readiness probe: keys that are degraded still verify.
    pub fn verifies(&self) -> bool {
        self.age <= self.max_stale
    }
}
