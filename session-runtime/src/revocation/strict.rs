//! Asking the store for one request.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::timeout;

use super::{Revocations, log::Log, reading};
use crate::error::Unavailable;

impl Revocations {
    /// Has the log read after `since`, within `deadline`. Requests that come together share a reading.
    ///
    /// # Errors
    /// [`Unavailable::UnconfirmedRevocations`], at once while the store is known not to answer.
    pub(crate) async fn confirm(&self, since: Duration, deadline: Duration) -> Result<(), Unavailable> {
        let log = &self.log;
        if log.rules.is_authoritative {
            return Ok(());
        }
        if log.is_silent(deadline) {
            return Err(Unavailable::UnconfirmedRevocations);
        }
        // A task of its own, so that who gives up takes no reading with him that others wait for, nor the connection.
        let reading = tokio::spawn({
            let log = Arc::clone(log);
            async move { log.refresh_since(since).await }
        });
        match timeout(deadline, reading).await {
            Ok(Ok(Ok(()))) => Ok(()),
            _ => Err(Unavailable::UnconfirmedRevocations),
        }
    }
}

impl Log {
    /// Whether the last reading failed, or the one under way takes longer than `deadline`. The task that looks after the log goes on
    /// reading, and ends the silence; where there is none, somebody has to try.
    fn is_silent(&self, deadline: Duration) -> bool {
        if !self.state.attended.load(Ordering::Relaxed) {
            return false;
        }
        let began = self.state.under_way.load(Ordering::Relaxed);
        let now = reading::nanoseconds(self.clock.boot());
        let late = began != 0 && Duration::from_nanos(now.saturating_sub(began)) > deadline;
        late || self.state.failures.load(Ordering::Relaxed) > 0
    }
}
