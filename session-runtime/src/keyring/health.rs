//! How well a node knows its keys: for readiness probes and for whoever looks.

use std::{fmt, time::Duration};

use crate::time::Timestamp;

/// How well this node knows the keys of a ring.
///
/// # Example
/// ```
/// use session_runtime::{KeyRing, paseto::V4Local};
///
/// let ring = KeyRing::<V4Local>::generate()?;
/// assert!(ring.health().is_ready());
/// assert_eq!(ring.health().to_string(), "healthy");
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// How long ago the store was last read well; `None` where the keys cannot be out of date.
    pub age: Option<Duration>,
    /// Whether they are so old that nothing is verified with them.
    pub stale: bool,
    /// Why the store was not read the last time, and since when; `None` while all is well.
    pub trouble: Option<Trouble>,
}

/// Since when something is wrong, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// When reading failed first.
    pub since: Timestamp,
    /// What the last try said: an error of this library or of the system, never a stored value.
    pub cause: String,
}

impl Health {
    /// Whether requests can be served: the answer for a readiness probe.
    pub fn is_ready(&self) -> bool {
        !self.stale
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.stale, &self.trouble) {
            (true, _) => "out of date",
            (false, Some(_)) => "degraded",
            (false, None) => "healthy",
        })?;
        if let Some(age) = self.age {
            write!(f, ", read {} s ago", age.as_secs())?;
        }
        if let Some(Trouble { since, cause }) = &self.trouble {
            write!(f, "; since {since}: {cause}")?;
        }
        Ok(())
    }
}
