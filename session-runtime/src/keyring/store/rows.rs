//! What the stores that keep a ring as one row share: what a row is, and what becomes of a ring that is read or replaced.

use std::{fmt, time::Duration};

use zeroize::Zeroizing;

use super::StoredRing;
use crate::{
    database::{Connects, Fault, Lines},
    error::StoreError,
};

/// The layout of a row that is written and read.
pub(super) const LAYOUT: u64 = 1;

/// One ring in one format, as it lies in a database.
pub(super) struct Row {
    pub(super) layout: u64,
    pub(super) version: u64,
    /// The ring as JSON. It is wiped, because private halves may lie in it as they are.
    pub(super) body: Zeroizing<String>,
}

/// A database that keeps rows.
pub(super) trait Table: Connects {
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

/// A table and the one connection to it. Rings are read every few minutes, so calls of one store may wait for each other.
pub(super) struct Rows<T: Table>(Lines<T>);

impl<T: Table> Rows<T> {
    pub(super) fn new(table: T, line: T::Line, deadline: Duration) -> Self {
        Self(Lines::new(table, line, deadline))
    }

    pub(super) fn with_deadline(self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    pub(super) async fn load(&self, ring: &str, format: &str) -> Result<Option<StoredRing>, StoreError> {
        let row = self.0.read(async |line| self.0.database().read(line, ring, format).await).await?;
        row.map(|row| decode::<T>(&row)).transpose()
    }

    pub(super) async fn replace(&self, ring: &str, format: &str, expected: Option<u64>, new: &StoredRing) -> Result<(), StoreError> {
        let body =
            serde_json::to_string(new).map_err(|_| StoreError::NotApplied { store: T::NAME, reason: "the ring is no JSON".to_owned() })?;
        let row = Row { layout: LAYOUT, version: new.version, body: Zeroizing::new(body) };
        let replaced = self.0.write(async |line| self.0.database().write(line, ring, format, expected, &row).await).await?;
        if replaced { Ok(()) } else { Err(StoreError::Conflict { store: T::NAME }) }
    }
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
        Self(self.0.clone())
    }
}

/// Neither the address, which may hold a password, nor anything stored.
impl<T: Table> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("store", &T::NAME).field("deadline", &self.0.deadline()).finish_non_exhaustive()
    }
}
