//! The time of this machine, for the few faults that are about it: a process is killed, a task in the background gets its turn, a bound is in seconds.

use std::time::{Duration, Instant};

/// A moment of this machine.
#[derive(Debug, Clone, Copy)]
pub struct Moment(Instant);

impl Moment {
    /// This one.
    #[allow(clippy::disallowed_methods, reason = "how long something took on this machine is what is measured")]
    pub fn now() -> Self {
        Self(Instant::now())
    }

    /// How long ago it was.
    #[allow(clippy::disallowed_methods, reason = "as above")]
    pub fn passed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Lets real time pass.
#[allow(clippy::disallowed_methods, reason = "other processes, and links that are slow, live in real time; no rule of ours depends on it")]
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// As [`pass`], for a thread of its own.
#[allow(clippy::disallowed_methods, reason = "as above")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Waits no longer, and drops what is not done.
pub async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, work).await.ok()
}
