//! A log in PostgreSQL, for services of several nodes.

mod reading;
mod statements;
mod wake;

use std::{
    collections::HashMap,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use sqlx::{Connection, PgConnection, Row as _, postgres::PgConnectOptions};

use self::{
    statements::{PRUNED, server},
    wake::Wake,
};
use super::{Batch, Beginning, BoxFuture, Cursor, RevocationStore};
use crate::{
    database::{
        self, Connects, Lines, in_time,
        postgres::{self, Tables},
    },
    error::StoreError,
    revocation::{
        entry::{Entry, NewEntry},
        position::Position,
        target::Target,
    },
    time::Timestamp,
};

const NAME: &str = "the revocation log in PostgreSQL";
const TABLES: Tables = Tables {
    store: NAME,
    schema: include_str!("postgres/schema_1.sql"),
    version: 1,
    version_table: "session_revocations_schema",
    // "srvl".
    lock: 0x7372_766c,
};
/// How long an answer to a reader is waited for who asks twice a second: whoever is cut off shall find out soon, and connect anew.
const READ: Duration = Duration::from_millis(250);
/// How long everything else may take: a change, and a reading that has to connect first or gets a whole page.
const DEADLINE: Duration = Duration::from_secs(1);
/// Entries that are written back at once, while nobody else can revoke.
const CHUNK: usize = 1_000;

/// A log in PostgreSQL, for services of several nodes, in the tables `session_revocations`, `session_revocations_log` and
/// `session_revocations_schema` of the first schema in the role's search path.
///
/// They are made by whoever connects first and may make tables. `encode(name, 'escape')` shows a name to an operator who lists the log.
///
/// # What is durable, and what a loss is
/// A revocation survives a crash of the server when it is reported as done: it is committed with `synchronous_commit = on` where the setting
/// is `off`, and other values stay as they are. With a synchronous standby it survives the loss of the server as well. Only `fsync = off`
/// takes that away; the store looks when it connects, and warns (`tracing`).
///
/// The log belongs to one server: to its cluster, to the timeline of its write-ahead log, and with `fsync = off` also to the time at which
/// it was started. Any other one answers [`StoreError::Lost`], also if it has all data, until the log was
/// [begun again](RevocationStore::begin) and nodes have told what they know. So a restart with data is no loss. A standby that took
/// over is one, and a server that was set back to an earlier moment, and a dump that was restored elsewhere.
/// **Not noticed** is a disk that was set back to an earlier state, unless a running node knows a higher position.
///
/// A replica is never read. A primary that was replaced and goes on taking writes cannot know it: fencing it off is the failover's task, and a
/// synchronous standby sees to it as well, since nothing is acknowledged without it.
///
/// # What it needs
/// PostgreSQL 12 or later; tested with 15. `SELECT`, `INSERT`, `UPDATE` and `DELETE` on `session_revocations`, `SELECT`, `INSERT` and `UPDATE` on
/// `session_revocations_log`, `SELECT` on `session_revocations_schema`, and the functions `pg_control_system()`, `pg_current_wal_lsn()`,
/// `pg_walfile_name()` and `pg_postmaster_start_time()`, which everybody may call unless somebody took that away. Off the machine, TLS with
/// `sslmode=verify-full` is required, as for [`PostgresKeys`](crate::keyring::PostgresKeys).
///
/// Entries hold issuers, subjects and token ids in the clear. Whoever can write the tables can undo revocations.
///
/// A change has a deadline of 1 s and a reading one of 250 ms, or of 1 s when it reads from the start or after one that failed; see
/// [`with_deadline`](Self::with_deadline). One connection reads and another one writes, so that neither waits for the other, and a third
/// one listens for hints (`LISTEN`), which a proxy that shares connections does not let through.
///
/// # Example
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{Revocations, revocation::PostgresRevocations};
///
/// let url = "postgres://orders:secret@db.example/orders?sslmode=verify-full&sslrootcert=/etc/ssl/db-ca.pem";
/// let revocations = Revocations::open(PostgresRevocations::connect(url).await?).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Example: an address without TLS
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use session_runtime::{error::StoreError, revocation::PostgresRevocations};
///
/// let refused = PostgresRevocations::connect("postgres://orders:secret@db.example/orders").await.unwrap_err();
/// assert!(matches!(refused, StoreError::Misconfigured { .. }));
/// # }
/// ```
pub struct PostgresRevocations {
    reads: Lines<Server>,
    writes: Lines<Server>,
    /// For a reading that may be cut short.
    read: Duration,
    /// For everything else.
    deadline: Duration,
    /// Whether the last reading failed, so that the next one has to connect.
    was_cut_off: AtomicBool,
    wake: Wake,
}

impl PostgresRevocations {
    /// Connects to the database at `url` (`postgres://user:password@host:port/database?sslmode=verify-full`) and makes the tables when they
    /// are not there. It begins no log: one that is not there is [`StoreError::Lost`], because nobody can tell it from one that was there.
    ///
    /// Without TLS it connects to the loopback interface (`localhost`, 127.0.0.0/8, ::1) and to Unix sockets only.
    ///
    /// # Errors
    /// * [`StoreError::Misconfigured`] when the address is not understood, leads off the machine without `sslmode=verify-full`, or the role may
    ///   not call the functions by which a loss is noticed.
    /// * [`StoreError::NewerVersion`] when a newer version of this library made the tables.
    /// * [`StoreError::Unreadable`] when the server does not answer within 5 s, does not let us in, is a replica, or has no such tables and
    ///   lets us make none.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(postgres::options(NAME, url)?).await
    }

    /// As [`connect`](Self::connect), whatever the `sslmode`: for a network that is private by other means.
    ///
    /// **Whoever can read or change that network's traffic can take the password, and keep every revocation from being seen.**
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn dangerous_connect_without_tls(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(postgres::dangerous_options(NAME, url)?).await
    }

    /// The same store, where every call may take this long, connecting included, and at most a day. What a write did that took longer is not
    /// known ([`StoreError::Unknown`]).
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { reads: self.reads.with_deadline(deadline), writes: self.writes.with_deadline(deadline), read: deadline, deadline, ..self }
    }

    async fn connect_with(options: PgConnectOptions) -> Result<Self, StoreError> {
        let unreadable = |reason| StoreError::Unreadable { store: NAME, reason };
        let server = Server(options);
        let connect = async {
            let mut line = server.connect().await.map_err(unreadable)?;
            TABLES.prepare(&mut line).await?;
            look_at(&mut line).await?;
            Ok((line, server.connect().await.map_err(unreadable)?))
        };
        let (reads, writes) = in_time(NAME, database::DEADLINE, connect).await?;
        Ok(Self {
            wake: Wake::new(server.0.clone()),
            reads: Lines::new(Server(server.0.clone()), reads, DEADLINE),
            writes: Lines::new(server, writes, DEADLINE),
            read: READ,
            deadline: DEADLINE,
            was_cut_off: AtomicBool::new(false),
        })
    }
}

impl fmt::Debug for PostgresRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresRevocations").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl RevocationStore for PostgresRevocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            // A reading that is dropped takes its connection with it, so it counts as one that failed.
            let was_cut_off = self.was_cut_off.swap(true, Ordering::Relaxed);
            let deadline = if was_cut_off || cursor.position() == Position::ZERO { self.deadline } else { self.read };
            let told = self.reads.read_within(deadline, async |line| reading::read(line, cursor).await).await?;
            self.was_cut_off.store(false, Ordering::Relaxed);
            told
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move { self.writes.write(async |line| statements::append(line, entry, now).await).await? })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move { self.writes.write(async |line| statements::raise_horizon(line, life).await).await? })
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut pruned = 0_u64;
            // Each step has a deadline of its own, and the connection is free for a revocation in between.
            loop {
                let gone = self.writes.write(async |line| statements::prune(line, now).await).await??;
                pruned = pruned.saturating_add(u64::try_from(gone).unwrap_or(0));
                if gone < PRUNED {
                    return Ok(pruned);
                }
            }
        })
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.writes.write(async |line| statements::begin(line, beginning).await).await? })
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let entries = merged(entries);
            for chunk in entries.chunks(CHUNK) {
                self.writes.write(async |line| statements::restore(line, chunk).await).await??;
            }
            Ok(())
        })
    }

    fn woken(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.wake.woken())
    }
}

struct Server(PgConnectOptions);

impl Connects for Server {
    const NAME: &'static str = NAME;
    type Line = PgConnection;

    async fn connect(&self) -> Result<PgConnection, String> {
        postgres::connect(&self.0).await
    }

    async fn is_alive(&self, line: &mut PgConnection) -> bool {
        line.ping().await.is_ok()
    }
}

/// Refuses a server of which nobody could say whether it lost something, and says what of its settings could lose something.
async fn look_at(line: &mut PgConnection) -> Result<(), StoreError> {
    const LOOK: &str = concat!("SELECT pg_is_in_recovery() AS replica, current_setting('fsync') AS fsync, ", server!(), " AS server");
    let unreadable = |reason| StoreError::Unreadable { store: NAME, reason };
    let odd = |error: sqlx::Error| unreadable(postgres::reason(&error));
    let row = match sqlx::query(LOOK).persistent(false).fetch_one(&mut *line).await {
        Ok(row) => row,
        Err(error) if postgres::code(&error).as_deref() == Some("42501") => {
            let problem = "the role may not call pg_control_system(), pg_current_wal_lsn(), pg_walfile_name() or \
                           pg_postmaster_start_time(), by which a loss is noticed";
            return Err(StoreError::Misconfigured { store: NAME, problem });
        }
        Err(error) => return Err(odd(error)),
    };
    if row.try_get("replica").map_err(odd)? {
        return Err(unreadable("it is a replica, which may be behind".to_owned()));
    }
    let fsync: String = row.try_get("fsync").map_err(odd)?;
    if fsync == "off" {
        tracing::warn!(store = NAME, "`fsync` is off: a crash may take back the last revocations, and the nodes have to tell them again");
    }
    Ok(())
}

fn lost() -> StoreError {
    StoreError::Lost { store: NAME }
}

/// One entry for each target, because one statement changes a row once only: the later `not_after` and the higher `covers_below`.
fn merged(entries: &[Entry]) -> Vec<Entry> {
    let mut merged: HashMap<&Target, Entry> = HashMap::with_capacity(entries.len());
    for entry in entries {
        merged
            .entry(&entry.target)
            .and_modify(|known| {
                known.not_after = known.not_after.max(entry.not_after);
                known.covers_below = known.covers_below.max(entry.covers_below);
            })
            .or_insert_with(|| entry.clone());
    }
    merged.into_values().collect()
}

#[cfg(test)]
mod tests;
