//! How well a log is known: for a readiness probe, an operator and the metrics.

use std::{
    fmt,
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};

use super::{Revocations, log::Log};
use crate::{error::StoreError, limits, telemetry::KnownLog};

/// How well the log is known on this node; see [`Revocations::health`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationHealth {
    /// How old what is known is, at most. Zero for a store that this process holds alone.
    pub age: Duration,
    /// How old it may be.
    pub max_staleness: Duration,
    /// How many targets are refused.
    pub entries: usize,
    /// Revocations that the store has not acknowledged.
    pub pending: usize,
    /// How far this machine's time of day is ahead of the store's, in seconds; `None` where the store has no clock of its own.
    pub skew: Option<i64>,
    /// For how much longer tokens from before a loss of the store are refused as unavailable; zero when they are not.
    pub recovering: Duration,
    /// How often the store was found to have lost what it held.
    pub losses: u64,
    /// What was wrong with the last reading, if it failed.
    pub last_error: Option<StoreError>,
    max_skew: Duration,
}

impl RevocationHealth {
    /// Whether this node can judge: it should be sent requests.
    ///
    /// A node that still waits for what others tell after a loss is ready: it judges tokens that are issued from now on, and a log that was
    /// just begun for the first time has no others. Whoever would rather keep tokens from before away from it looks at
    /// [`recovering`](Self::recovering), too.
    pub fn is_ready(&self) -> bool {
        self.age <= self.max_staleness && !self.is_skewed(self.max_skew)
    }

    /// Whether an operator should look, although requests may be answered still.
    pub fn is_degraded(&self) -> bool {
        !self.is_ready()
            || !self.recovering.is_zero()
            || self.pending > 0
            || self.last_error.is_some()
            || self.is_skewed(limits::CLOCK_SKEW_WARNING)
    }

    fn is_skewed(&self, allowed: Duration) -> bool {
        self.skew.is_some_and(|skew| Duration::from_secs(skew.unsigned_abs()) > allowed)
    }
}

impl fmt::Display for RevocationHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.is_ready(), self.is_degraded()) {
            (true, false) => "well known",
            (true, true) => "degraded",
            _ => "not known well enough to verify",
        };
        write!(f, "revocations {word}: {} entries, {:?} old of {:?} allowed", self.entries, self.age, self.max_staleness)?;
        if self.pending > 0 {
            write!(f, ", {} not acknowledged by the store", self.pending)?;
        }
        if !self.recovering.is_zero() {
            write!(f, ", told again what the store lost for another {:?}", self.recovering)?;
        }
        if let Some(skew) = self.skew.filter(|_| self.is_skewed(limits::CLOCK_SKEW_WARNING)) {
            write!(f, ", the clock is {skew} s ahead of the store's")?;
        }
        match &self.last_error {
            Some(error) => write!(f, "; {error}"),
            None => Ok(()),
        }
    }
}

impl Revocations {
    /// How well the log is known here.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use session_runtime::{Revocations, revocation::MemoryRevocations};
    /// let revocations = Revocations::open(MemoryRevocations::new()?).await?;
    /// let health = revocations.health();
    /// assert!(health.is_ready() && !health.is_degraded());
    /// assert_eq!(health.to_string(), "revocations well known: 0 entries, 0ns old of 15s allowed");
    /// # Ok(())
    /// # }
    /// ```
    pub fn health(&self) -> RevocationHealth {
        let log = &self.log;
        RevocationHealth {
            age: log.lag(),
            max_staleness: self.max_staleness,
            entries: log.len(),
            pending: log.pending(),
            skew: log.skew(),
            recovering: log.recovering(),
            losses: log.state.losses.load(Ordering::Relaxed),
            last_error: log.state.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            max_skew: log.rules.skew,
        }
    }
}

impl Log {
    pub(super) fn recovering(&self) -> Duration {
        let now = self.clock.boot();
        self.snapshot.load().distrust.map_or(Duration::ZERO, |distrust| distrust.until.saturating_sub(now))
    }

    pub(super) fn late(&self) -> StoreError {
        StoreError::Unreadable { store: self.store.name(), reason: format!("no answer within {:?}", limits::LOG_READ) }
    }

    pub(super) fn known(&self) -> KnownLog {
        KnownLog {
            age: (!self.rules.is_authoritative).then(|| self.lag()),
            now: self.clock.wall().as_unix(),
            entries: self.len(),
            pending: self.pending(),
            skew: self.skew(),
            failed: self.state.failures.load(Ordering::Relaxed) > 0,
            losses: self.state.losses.load(Ordering::Relaxed),
        }
    }

    /// Says once when the clocks begin to differ.
    pub(super) fn tell_of_skew(&self) {
        let Some(skew) = self.skew() else { return };
        let is_skewed = Duration::from_secs(skew.unsigned_abs()) > limits::CLOCK_SKEW_WARNING;
        if is_skewed && !self.state.skewed.swap(true, Ordering::Relaxed) {
            tracing::warn!(store = self.store.name(), seconds = skew, "this machine's clock differs from the revocation store's");
        } else if !is_skewed {
            self.state.skewed.store(false, Ordering::Relaxed);
        }
    }
}
