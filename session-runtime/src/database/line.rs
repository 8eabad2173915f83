//! One connection to a database, a deadline for every call, and what a missing answer means.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, timeout_at},
};

use crate::error::StoreError;

/// How long a call may take, unless the store is told otherwise. Work in the background and a start-up can wait longer than a request.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// One connection to a database, whose calls wait for each other: no store has so many that a pool would pay for its rules.
pub(crate) struct Lines<C: Connects> {
    shared: Arc<Shared<C>>,
    deadline: Duration,
}

/// A database that can be connected to.
pub(crate) trait Connects: Send + Sync + 'static {
    /// What the store is called in errors.
    const NAME: &'static str;
    /// A connection.
    type Line: Send;

    /// Connects anew. It creates nothing: only a constructor may, so that what is lost stays an error.
    fn connect(&self) -> impl Future<Output = Result<Self::Line, String>> + Send;

    /// Whether a connection that was not used for a while still leads to the database.
    fn is_alive(&self, line: &mut Self::Line) -> impl Future<Output = bool> + Send;
}

/// Why a database did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It said so, or was never asked: nothing was changed.
    Refused(String),
    /// Its answer is missing or makes no sense: a write may have been done.
    Lost(String),
}

struct Shared<C: Connects> {
    database: C,
    /// Out of its place while a call uses it, so that a call that fails, or is dropped half-way, takes the connection with it and nobody
    /// ever reads the answer to another question.
    line: Mutex<Option<C::Line>>,
}

/// Whether a connection is tried before it is used, which takes a round trip.
#[derive(Clone, Copy)]
enum Trial {
    Needed,
    Spared,
}

impl<C: Connects> Lines<C> {
    pub(crate) fn new(database: C, line: C::Line, deadline: Duration) -> Self {
        Self { shared: Arc::new(Shared { database, line: Mutex::new(Some(line)) }), deadline }
    }

    /// The same connection, whose calls may take this long, and at most a day.
    pub(crate) fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn database(&self) -> &C {
        &self.shared.database
    }

    /// Asks something that changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`], whatever went wrong.
    pub(crate) async fn read<T>(&self, call: impl AsyncFnOnce(&mut C::Line) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.reading(self.deadline, Trial::Needed, call).await
    }

    /// As [`read`](Self::read), for what is asked many times a second: within a deadline of its own, if that is the shorter one, and without
    /// trying the connection first. Whoever was cut off finds out by this call's failure, and the next one connects anew, within the same
    /// deadline: one that is too short for that never gets through again.
    #[cfg_attr(not(any(test, feature = "redis")), allow(dead_code, reason = "for the logs of revocations on servers"))]
    pub(crate) async fn read_within<T>(
        &self,
        deadline: Duration,
        call: impl AsyncFnOnce(&mut C::Line) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.reading(deadline.min(self.deadline), Trial::Spared, call).await
    }

    /// Asks for a change.
    ///
    /// # Errors
    /// * [`StoreError::NotApplied`] when it was refused, or the database could not be reached to ask for it.
    /// * [`StoreError::Unknown`] when it may have been sent and no answer came that says what became of it.
    pub(crate) async fn write<T>(&self, call: impl AsyncFnOnce(&mut C::Line) -> Result<T, Fault>) -> Result<T, StoreError> {
        let not_applied = |reason| StoreError::NotApplied { store: C::NAME, reason };
        let unknown = |reason| StoreError::Unknown { store: C::NAME, reason };
        let deadline = Deadline::of(self.deadline);
        let (mut place, mut line) = self.line(&deadline, Trial::Needed).await.map_err(not_applied)?;
        // From here on it may have been sent, and what was sent may be done whether or not anybody hears of it.
        let written = match deadline.bounds(call(&mut line)).await {
            Ok(Ok(written)) => written,
            Ok(Err(Fault::Refused(reason))) => return Err(not_applied(reason)),
            Ok(Err(Fault::Lost(reason))) | Err(reason) => return Err(unknown(reason)),
        };
        *place = Some(line);
        Ok(written)
    }

    async fn reading<T>(
        &self,
        deadline: Duration,
        trial: Trial,
        call: impl AsyncFnOnce(&mut C::Line) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let unreadable = |reason| StoreError::Unreadable { store: C::NAME, reason };
        let deadline = Deadline::of(deadline);
        let (mut place, mut line) = self.line(&deadline, trial).await.map_err(unreadable)?;
        let read = match deadline.bounds(call(&mut line)).await {
            Ok(Ok(read)) => read,
            Ok(Err(Fault::Refused(reason) | Fault::Lost(reason))) | Err(reason) => return Err(unreadable(reason)),
        };
        *place = Some(line);
        Ok(read)
    }

    /// A connection, and the place to put it back to when all went well.
    async fn line(&self, deadline: &Deadline, trial: Trial) -> Result<(MutexGuard<'_, Option<C::Line>>, C::Line), String> {
        let database = &self.shared.database;
        let connect = async {
            let mut place = self.shared.line.lock().await;
            let line = match (place.take(), trial) {
                (Some(line), Trial::Spared) => line,
                // A server that was restarted is noticed here, before anything is written whose fate would be unknown.
                (Some(mut line), Trial::Needed) => {
                    if database.is_alive(&mut line).await {
                        line
                    } else {
                        database.connect().await?
                    }
                }
                (None, _) => database.connect().await?,
            };
            Ok((place, line))
        };
        deadline.bounds(connect).await.unwrap_or_else(Err)
    }
}

/// Runs the steps of a constructor under a deadline.
pub(crate) async fn in_time<T>(
    store: &'static str,
    deadline: Duration,
    steps: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let steps = Deadline::of(deadline).bounds(steps).await;
    steps.unwrap_or_else(|reason| Err(StoreError::Unreadable { store, reason }))
}

/// When a call ends, however far it has come.
struct Deadline {
    length: Duration,
    at: Instant,
}

impl Deadline {
    /// Not of a `Clock`: how long somebody waits on this machine, and no rule about tokens or keys depends on it.
    fn of(length: Duration) -> Self {
        const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
        let now = Instant::now();
        Self { length, at: now.checked_add(length.min(LONGEST)).unwrap_or(now) }
    }

    /// Waits for the steps no longer than that, and says so when they are late.
    async fn bounds<T>(&self, steps: impl Future<Output = T>) -> Result<T, String> {
        timeout_at(self.at, steps).await.map_err(|_| format!("no answer within {:?}", self.length))
    }
}

impl<C: Connects> Clone for Lines<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), deadline: self.deadline }
    }
}

/// Neither the address, which may hold a password, nor anything that was read.
impl<C: Connects> fmt::Debug for Lines<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("store", &C::NAME).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
