//! What the stores that keep a ring as one row share: one connection, one deadline, and what a missing answer means.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

use super::StoredRing;
use crate::error::StoreError;

/// How long a call may take, unless the store is told otherwise. A refresh in the background and a start-up can wait longer than a request.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// The layout of a row that is written and read.
pub(super) const LAYOUT: u64 = 1;

/// One ring in one format, as it lies in a database.
pub(super) struct Row {
    pub(super) layout: u64,
    pub(super) version: u64,
    /// The ring as JSON. It is wiped, because private halves may lie in it as they are.
    pub(super) body: Zeroizing<String>,
}

/// Why a database did not do what it was asked.
pub(super) enum Fault {
    /// It said so, or was never asked: nothing was changed.
    Refused(String),
    /// Its answer is missing or makes no sense: a write may have been done.
    Lost(String),
}

/// A database that keeps rows.
pub(super) trait Table: Send + Sync + 'static {
    /// What the store is called in errors.
    const NAME: &'static str;
    /// A connection.
    type Line: Send;

    /// Connects anew. It creates nothing: only a constructor may, so that what is lost stays an error.
    fn connect(&self) -> impl Future<Output = Result<Self::Line, String>> + Send;

    /// Whether a connection that was not used for a while still leads to the database.
    fn is_alive(&self, line: &mut Self::Line) -> impl Future<Output = bool> + Send;

    /// The row of a ring; `None` only when the database said that there is none.
    fn read(&self, line: &mut Self::Line, ring: &str, format: &str) -> impl Future<Output = Result<Option<Row>, Fault>> + Send;

    /// Writes a row if the stored version is `expected`, in one atomic step, and says whether it was.
    fn write(
        &self,
        line: &mut Self::Line,
        ring: &str,
        format: &str,
        expected: Option<u64>,
        row: &Row,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
}

/// A table and the one connection to it. Rings are read every few minutes, so calls of one store wait for each other.
pub(super) struct Rows<T: Table> {
    shared: Arc<Shared<T>>,
    deadline: Duration,
}

struct Shared<T: Table> {
    table: T,
    /// Out of its place while a call uses it, so that a call that fails, or is dropped half-way, takes the connection with it and nobody
    /// ever reads the answer to another question.
    line: Mutex<Option<T::Line>>,
}

impl<T: Table> Rows<T> {
    pub(super) fn new(table: T, line: T::Line, deadline: Duration) -> Self {
        Self { shared: Arc::new(Shared { table, line: Mutex::new(Some(line)) }), deadline }
    }

    pub(super) fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    pub(super) async fn load(&self, ring: &str, format: &str) -> Result<Option<StoredRing>, StoreError> {
        let unreadable = |reason| StoreError::Unreadable { store: T::NAME, reason };
        let until = deadline_at(self.deadline);
        let (mut place, mut line) = self.line(until).await.map_err(unreadable)?;
        let read = timeout_at(until, self.shared.table.read(&mut line, ring, format)).await;
        let row = match read {
            Ok(Ok(row)) => row,
            Ok(Err(Fault::Refused(reason) | Fault::Lost(reason))) => return Err(unreadable(reason)),
            Err(_) => return Err(unreadable(self.late())),
        };
        *place = Some(line);
        row.map(|row| decode::<T>(&row)).transpose()
    }

    pub(super) async fn replace(&self, ring: &str, format: &str, expected: Option<u64>, new: &StoredRing) -> Result<(), StoreError> {
        let not_applied = |reason| StoreError::NotApplied { store: T::NAME, reason };
        let body = serde_json::to_string(new).map_err(|_| not_applied("the ring is no JSON".to_owned()))?;
        let row = Row { layout: LAYOUT, version: new.version, body: Zeroizing::new(body) };
        let until = deadline_at(self.deadline);
        let (mut place, mut line) = self.line(until).await.map_err(not_applied)?;
        // From here on it may have been sent, and what was sent may be done whether or not anybody hears of it.
        let written = timeout_at(until, self.shared.table.write(&mut line, ring, format, expected, &row)).await;
        let replaced = match written {
            Ok(Ok(replaced)) => replaced,
            Ok(Err(Fault::Refused(reason))) => return Err(not_applied(reason)),
            Ok(Err(Fault::Lost(reason))) => return Err(StoreError::Unknown { store: T::NAME, reason }),
            Err(_) => return Err(StoreError::Unknown { store: T::NAME, reason: self.late() }),
        };
        *place = Some(line);
        if replaced { Ok(()) } else { Err(StoreError::Conflict { store: T::NAME }) }
    }

    /// A connection that was alive a moment ago, and the place to put it back to when all went well.
    async fn line(&self, until: Instant) -> Result<(MutexGuard<'_, Option<T::Line>>, T::Line), String> {
        let connect = async {
            let mut place = self.shared.line.lock().await;
            let line = match place.take() {
                // A server that was restarted is noticed here, before anything is written whose fate would be unknown.
                Some(mut line) => {
                    if self.shared.table.is_alive(&mut line).await {
                        line
                    } else {
                        self.shared.table.connect().await?
                    }
                }
                None => self.shared.table.connect().await?,
            };
            Ok((place, line))
        };
        timeout_at(until, connect).await.unwrap_or_else(|_| Err(self.late()))
    }

    fn late(&self) -> String {
        late(self.deadline)
    }
}

/// Runs the steps of a constructor under the deadline.
pub(super) async fn in_time<T>(
    store: &'static str,
    deadline: Duration,
    steps: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let steps = timeout_at(deadline_at(deadline), steps).await;
    steps.unwrap_or_else(|_| Err(StoreError::Unreadable { store, reason: late(deadline) }))
}

fn late(deadline: Duration) -> String {
    format!("no answer within {deadline:?}")
}

/// Not of a `Clock`: how long somebody waits on this machine, and no rule about keys depends on it.
fn deadline_at(deadline: Duration) -> Instant {
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(deadline.min(LONGEST)).unwrap_or(now)
}

fn decode<T: Table>(row: &Row) -> Result<StoredRing, StoreError> {
    let unreadable = |reason| StoreError::Unreadable { store: T::NAME, reason };
    if row.layout > LAYOUT {
        return Err(StoreError::NewerVersion { store: T::NAME, found: row.layout, known: LAYOUT });
    }
    if row.layout != LAYOUT {
        return Err(unreadable("its layout is none that ever was".to_owned()));
    }
    // The parser's own message may repeat what is stored, so only the place is told.
    let ring: StoredRing = serde_json::from_str(&row.body)
        .map_err(|error| unreadable(format!("the stored ring is not understood at line {}, column {}", error.line(), error.column())))?;
    if ring.version != row.version {
        return Err(unreadable("the stored ring has another version than its row".to_owned()));
    }
    Ok(ring)
}

/// A number as databases keep it.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(super) fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::Refused("the version is out of range".to_owned()))
}

/// A number as a database kept it; a negative one is nothing that was ever written.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(super) fn unsigned(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::Lost("a stored number is negative".to_owned()))
}

impl<T: Table> Clone for Rows<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), deadline: self.deadline }
    }
}

/// Neither the address, which may hold a password, nor anything stored.
impl<T: Table> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("store", &T::NAME).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
