//! Help for tests: time that is moved and never slept, a store that fails on command, and with the feature `testing` fixed keys and
//! bad tokens of every kind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::time::{Clock, Timestamp};

mod faulty;
#[cfg(feature = "testing")]
mod forge;
#[cfg(feature = "testing")]
pub mod key_stores;
#[cfg(feature = "testing")]
pub mod revocation_stores;
#[cfg(feature = "testing")]
mod rings;
// The tool reads the files that tests write.
#[cfg(any(feature = "testing", feature = "cli"))]
mod schema;
mod shared_revocations;

#[cfg(any(feature = "testing", feature = "cli"))]
pub use crate::claims_schema;
pub use faulty::{FaultyRevocations, WriteFault};
#[cfg(feature = "testing")]
pub use forge::{Answer, Bad, BadToken, Forge, ForgeError, forge};
#[cfg(feature = "testing")]
pub use rings::{FixedKeys, Owner, fixed_ring, fixed_ring_at, other_ring, other_ring_at};
#[cfg(any(feature = "testing", feature = "cli"))]
pub use schema::{Accept, Described, compare_schema, described, hold_schema};
pub use shared_revocations::SharedRevocations;

/// A clock that stands still until it is told otherwise. Clones share their time.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use session_runtime::{Clock, Timestamp, testing::ManualClock};
///
/// let clock = ManualClock::at(Timestamp::from_unix(1_893_456_000));
/// clock.advance(Duration::from_secs(3_600));
/// assert_eq!(clock.wall().to_string(), "2030-01-01T01:00:00Z");
/// assert_eq!(clock.boot(), Duration::from_secs(3_600));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Readings>);

#[derive(Debug)]
struct Readings {
    wall: AtomicI64,
    boot_nanoseconds: AtomicU64,
}

impl ManualClock {
    /// A clock that shows `wall` and was just booted.
    pub fn at(wall: Timestamp) -> Self {
        Self(Arc::new(Readings { wall: AtomicI64::new(wall.as_unix()), boot_nanoseconds: AtomicU64::new(0) }))
    }

    /// Lets time pass: both readings move. The wall clock moves by whole seconds.
    pub fn advance(&self, by: Duration) {
        self.step_wall(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
        let nanoseconds = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let _ = self.0.boot_nanoseconds.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |boot| Some(boot.saturating_add(nanoseconds)));
    }

    /// Sets the wall clock forward or back by `seconds`, as an administrator or NTP would; the boot clock does not notice.
    pub fn step_wall(&self, seconds: i64) {
        let _ = self.0.wall.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |wall| Some(wall.saturating_add(seconds)));
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_unix(self.0.wall.load(Ordering::SeqCst))
    }

    fn boot(&self) -> Duration {
        Duration::from_nanos(self.0.boot_nanoseconds.load(Ordering::SeqCst))
    }
}
