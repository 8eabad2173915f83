//! What is said to PostgreSQL: each change is one statement, and each answer is of one moment.

use std::time::Duration;

use sqlx::{
    PgConnection, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use super::{TABLES, lost};
use crate::{
    database::{Fault, postgres},
    error::StoreError,
    limits,
    revocation::{
        entry::{Entry, Keep, NewEntry},
        position::Position,
        store::Beginning,
    },
    time::Timestamp,
};

/// What became of a call: an answer, the word that it cannot be given, or no answer at all.
pub(super) type Told<T> = Result<Result<T, StoreError>, Fault>;

/// The horizon of tokens that never expire, as it is stored.
pub(super) const FOREVER: i64 = i64::MAX;
/// Entries that are removed at once. Their rows are locked until all of them are gone, and whoever revokes one of these targets waits.
pub(super) const PRUNED: i64 = 1_000;

// A macro, because `concat!` takes literals only.
//
// Which server this is, as far as what it acknowledged can have been lost: the cluster (a dump that was restored elsewhere is another one),
// the timeline of its write-ahead log (a standby that took over, and a server that was set back to an earlier moment, write a new one),
// and where a crash of the machine may take back what was synced, also since when it runs. `NULL` on a replica, which has no such log.
macro_rules! server {
    () => {
        "CASE WHEN NOT pg_is_in_recovery() THEN \
           (SELECT system_identifier FROM pg_control_system())::text \
           || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) \
           || CASE current_setting('fsync') WHEN 'off' THEN '/' || extract(epoch FROM pg_postmaster_start_time())::text ELSE '' END \
         END"
    };
}
pub(super) use server;

// Part of every change. Whoever set `synchronous_commit = off` for all he does accepts that a crash takes back what was reported as done;
// a revocation must not be taken back. It holds to the end of the transaction, so a proxy that shares connections gives it to nobody
// else. The word goes to readers when the change is visible, and not before. `NOTIFY` makes commits that have one wait for each other,
// as ours do anyway.
macro_rules! done {
    () => {
        "pg_notify('session_revocations', ''), \
         CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
    };
}

// The next position is taken by an update of the log's row, whose lock is held until the change is visible to others. So positions become
// visible in their order, and a reader who goes on after the last position that he saw misses none. A sequence gives its numbers before
// the commit: of two writers the one with the higher number may be seen first, and the reader goes past the other for ever.
//
// It is one statement without a transaction around it, so nobody holds the lock while he talks to the network or to his own program.
// And a long transaction of somebody else holds nothing back, as it would if readers went by `pg_snapshot_xmin`.
const APPEND: &str = concat!(
    "WITH log AS (UPDATE session_revocations_log SET head = head + 1 WHERE server = ",
    server!(),
    " RETURNING head, horizon), \
     entry AS (INSERT INTO session_revocations AS old (position, word, issuer, name, not_after, covers_below) \
       SELECT head, $1, $2, $3, CASE WHEN NOT $5 THEN $4 WHEN horizon > 9223372036854775807 - $4 THEN 9223372036854775807 ELSE $4 + horizon END, head \
       FROM log \
       ON CONFLICT (word, sha256(issuer), sha256(name)) DO UPDATE SET position = EXCLUDED.position, \
         not_after = greatest(old.not_after, EXCLUDED.not_after), covers_below = greatest(old.covers_below, EXCLUDED.covers_below) \
       RETURNING position, not_after, covers_below) \
     SELECT position, not_after, covers_below, ",
    done!(),
    " FROM entry"
);

// What is there already and says as much stays where it is, so that of many nodes which tell the same the first is read by everybody.
const RESTORE: &str = concat!(
    "WITH log AS (UPDATE session_revocations_log SET head = head + cardinality($1::text[]) WHERE server = ",
    server!(),
    " RETURNING head), \
     entries AS (INSERT INTO session_revocations AS old (position, word, issuer, name, not_after, covers_below) \
       SELECT log.head - cardinality($1::text[]) + place, told.word, told.issuer, told.name, told.not_after, told.covers_below \
       FROM log, unnest($1::text[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[]) \
         WITH ORDINALITY AS told (word, issuer, name, not_after, covers_below, place) \
       ON CONFLICT (word, sha256(issuer), sha256(name)) DO UPDATE SET position = EXCLUDED.position, \
         not_after = greatest(old.not_after, EXCLUDED.not_after), covers_below = greatest(old.covers_below, EXCLUDED.covers_below) \
       WHERE old.not_after < EXCLUDED.not_after OR old.covers_below < EXCLUDED.covers_below) \
     SELECT head, ",
    done!(),
    " FROM log"
);

const RAISE: &str = concat!(
    "WITH log AS (UPDATE session_revocations_log SET horizon = greatest(horizon, $1) WHERE server = ",
    server!(),
    " RETURNING horizon) SELECT horizon, ",
    done!(),
    " FROM log"
);

// The end is looked at once more by the `DELETE` itself, because the entry may have been revoked again while it waited for its row.
const PRUNE: &str = concat!(
    "WITH log AS (SELECT FROM session_revocations_log WHERE server = ",
    server!(),
    "), \
     gone AS (DELETE FROM session_revocations \
       WHERE position IN (SELECT position FROM session_revocations WHERE not_after < $1 ORDER BY not_after LIMIT $2) \
       AND not_after < $1 AND EXISTS (SELECT FROM log) RETURNING position) \
     SELECT (SELECT count(*) FROM gone) AS gone FROM log"
);

// One statement, too: `ON CONFLICT` waits for whoever begins the log at the same moment, or writes to it, and then looks at its row as it is.
// The numbers are those of `Position::of_new_log`, by this server's clock.
const BEGIN: &str = concat!(
    "WITH start AS (SELECT greatest($2, least(floor(extract(epoch FROM clock_timestamp()))::bigint * 1048576, 4503599627370495), \
       (SELECT max(position) + 1 FROM session_revocations)) AS begun), \
     log AS (INSERT INTO session_revocations_log AS old (epoch, head, begun, horizon, digests, server, recovering_until) \
       SELECT $1, begun, begun, $3, $4, ",
    server!(),
    ", clock_timestamp() + $5 * interval '1 millisecond' FROM start \
       ON CONFLICT (one) DO UPDATE SET epoch = EXCLUDED.epoch, \
         head = greatest(EXCLUDED.head, old.head + 1), begun = greatest(EXCLUDED.head, old.head + 1), \
         horizon = greatest(old.horizon, EXCLUDED.horizon), server = EXCLUDED.server, recovering_until = EXCLUDED.recovering_until \
       WHERE old.server <> EXCLUDED.server OR old.begun < $2 \
       RETURNING head) \
     SELECT head, ",
    done!(),
    " FROM log"
);

pub(super) async fn append(line: &mut PgConnection, entry: &NewEntry, now: Timestamp) -> Told<Entry> {
    let (end, by_horizon) = match entry.keep {
        Keep::Until(end) => (end, false),
        Keep::Horizon => (entry.keep.not_after(now, Duration::ZERO).max(Timestamp::UNIX_EPOCH), true),
    };
    let target = &entry.target;
    let row = change(line, || {
        sqlx::query(APPEND)
            .bind(target.word())
            .bind(target.issuer().as_bytes())
            .bind(target.name().as_bytes())
            .bind(end.as_unix())
            .bind(by_horizon)
    });
    let Some(row) = row.await? else { return Ok(Err(lost())) };
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(|error| Fault::Lost(postgres::reason(&error)));
    let entry = Entry::new(target.clone(), Timestamp::from_unix(number("not_after")?), position(number("position")?)?);
    Ok(Ok(entry.covering_below(position(number("covers_below")?)?)))
}

pub(super) async fn restore(line: &mut PgConnection, entries: &[Entry]) -> Told<()> {
    let words: Vec<&str> = entries.iter().map(|entry| entry.target.word()).collect();
    let issuers: Vec<&[u8]> = entries.iter().map(|entry| entry.target.issuer().as_bytes()).collect();
    let names: Vec<&[u8]> = entries.iter().map(|entry| entry.target.name().as_bytes()).collect();
    let ends: Vec<i64> = entries.iter().map(|entry| entry.not_after.as_unix()).collect();
    let covers: Vec<i64> = entries.iter().map(|entry| signed(entry.covers_below)).collect();
    let row = change(line, || sqlx::query(RESTORE).bind(&words).bind(&issuers).bind(&names).bind(&ends).bind(&covers)).await?;
    Ok(row.map(drop).ok_or_else(lost))
}

pub(super) async fn raise_horizon(line: &mut PgConnection, life: Duration) -> Told<Duration> {
    let Some(row) = change(line, || sqlx::query(RAISE).bind(seconds(life))).await? else { return Ok(Err(lost())) };
    row.try_get("horizon").map(|seconds| Ok(duration(seconds))).map_err(|error| Fault::Lost(postgres::reason(&error)))
}

/// Removes at most [`PRUNED`] entries, and says how many.
pub(super) async fn prune(line: &mut PgConnection, now: Timestamp) -> Told<i64> {
    let Some(row) = change(line, || sqlx::query(PRUNE).bind(now.as_unix()).bind(PRUNED)).await? else { return Ok(Err(lost())) };
    row.try_get("gone").map(Ok).map_err(|error| Fault::Lost(postgres::reason(&error)))
}

pub(super) async fn begin(line: &mut PgConnection, beginning: &Beginning) -> Told<()> {
    let Some(above) = beginning.above.next() else {
        return Err(Fault::Refused("no position is left".to_owned()));
    };
    // They may be gone with all that stood in them.
    if let Err(error) = TABLES.prepare(line).await {
        return Ok(Err(match error {
            StoreError::Unreadable { store, reason } => StoreError::NotApplied { store, reason },
            error => error,
        }));
    }
    let recovery = i64::try_from(beginning.recovery.as_millis()).unwrap_or(i64::MAX).min(LONGEST_RECOVERY);
    let query = || {
        sqlx::query(BEGIN)
            .bind(&*beginning.epoch)
            .bind(signed(above))
            .bind(seconds(beginning.horizon.max(limits::MAX_TTL)))
            .bind(beginning.digests.to_bytes().to_vec())
            .bind(recovery)
    };
    // No row: the life of whoever came first.
    change(line, query).await.map(|_| Ok(()))
}

/// A year in milliseconds. A time of day has a range, and so has what is added to it.
const LONGEST_RECOVERY: i64 = 365 * 24 * 60 * 60 * 1_000;

/// Asks for a change; `None` when no log of this server is there.
async fn change<'q>(line: &mut PgConnection, query: impl Fn() -> Query<'q, Postgres, PgArguments>) -> Result<Option<PgRow>, Fault> {
    loop {
        // Statements without names, so that a proxy which shares connections among clients does not mix them up. The call ends with the
        // server's word that the transaction has ended, which comes after the row: an error in between is an error here.
        match query().persistent(false).fetch_optional(&mut *line).await {
            Ok(row) => return Ok(row),
            Err(error) => match postgres::code(&error).as_deref() {
                // Where somebody made `repeatable read` the default, whoever had to wait for another one is told to try again.
                Some("40001") => {}
                Some("42P01") => return Ok(None),
                _ => return Err(postgres::write_fault(&error)),
            },
        }
    }
}

pub(super) fn position(number: i64) -> Result<Position, Fault> {
    let position = u64::try_from(number).ok().and_then(Position::new);
    position.ok_or_else(|| Fault::Lost("a position is out of range".to_owned()))
}

/// A position as PostgreSQL keeps it. It has 53 bits.
pub(super) fn signed(position: Position) -> i64 {
    i64::try_from(position.as_u64()).unwrap_or(i64::MAX)
}

/// A fraction of a second is rounded up, because the horizon is an upper bound.
fn seconds(life: Duration) -> i64 {
    i64::try_from(life.as_secs().saturating_add(u64::from(life.subsec_nanos() > 0))).unwrap_or(FOREVER)
}

pub(super) fn duration(seconds: i64) -> Duration {
    // Negative numbers are kept out by the table; for ever is the safe reading of anything odd.
    if seconds == FOREVER { Duration::MAX } else { u64::try_from(seconds).map_or(Duration::MAX, Duration::from_secs) }
}
