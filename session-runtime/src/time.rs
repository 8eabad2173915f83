//! Points in time and where they come from: [`Timestamp`], [`Clock`] and the system's clock.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time in whole seconds since 1970-01-01T00:00:00Z.
///
/// Tokens carry whole seconds (RFC 7519 §2 `NumericDate`, RFC 3339 text in PASETO), and every rule of the policy compares
/// whole seconds, so that one edge is the same edge in every format. All arithmetic saturates.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use session_runtime::Timestamp;
///
/// let noon = Timestamp::from_unix(1_893_499_200);
/// assert_eq!(noon.to_string(), "2030-01-01T12:00:00Z");
/// assert_eq!(noon.saturating_add(Duration::from_secs(60)).as_unix(), 1_893_499_260);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The moment `seconds` after 1970-01-01T00:00:00Z.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z, negative before it.
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// The moment `by` later; a fraction of a second is cut off, and the far end of time is never passed.
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(by.as_secs()))
    }

    /// The moment `by` earlier; a fraction of a second is cut off, and the far end of time is never passed.
    #[must_use]
    pub fn saturating_sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(by.as_secs()))
    }

    /// How long after `earlier` this moment is; zero when it is not after it.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC; a moment that chrono's calendar does not reach is written as `@seconds`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp(self.0, 0) {
            Some(date) => f.write_str(&date.to_rfc3339_opts(SecondsFormat::Secs, true)),
            None => write!(f, "@{}", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(date: DateTime<Utc>) -> Self {
        Self(date.timestamp())
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(i64::try_from(after.as_secs()).unwrap_or(i64::MAX)),
            Err(before) => Self::UNIX_EPOCH.saturating_sub(before.duration()),
        }
    }
}

/// Where the runtime reads time. Nothing below this trait knows a clock.
///
/// Two readings, because they answer two questions: [`wall`](Clock::wall) is what tokens are judged by, and
/// [`boot`](Clock::boot) measures how old knowledge is and must not be moved by whoever sets the wall clock.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time of day.
    fn wall(&self) -> Timestamp;

    /// Time since an arbitrary start of this machine, never going back, and **going on while the machine is suspended**:
    /// a resumed machine must see how old its knowledge really is.
    fn boot(&self) -> Duration;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the system's wall clock")]
    fn wall(&self) -> Timestamp {
        SystemTime::now().into()
    }

    #[cfg(target_os = "linux")]
    fn boot(&self) -> Duration {
        // `std::time::Instant` is CLOCK_MONOTONIC on Linux and stands still during suspend (rust-lang/rust#87906).
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0));
        seconds.saturating_add(Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0)))
    }

    #[cfg(not(target_os = "linux"))]
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the system's clocks")]
    fn boot(&self) -> Duration {
        use std::{sync::OnceLock, time::Instant};
        // Without a clock that is known to run during suspend, the larger of two deltas never calls old knowledge fresh.
        static START: OnceLock<(Instant, SystemTime)> = OnceLock::new();
        let (instant, wall) = START.get_or_init(|| (Instant::now(), SystemTime::now()));
        instant.elapsed().max(wall.elapsed().unwrap_or_default())
    }
}
