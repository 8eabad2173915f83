//! What is said to SQLite, by one process or by several: each change is one transaction, and each answer is of one moment.

use std::time::Duration;

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    limits,
    revocation::{
        entry::{Entry, Keep, NewEntry},
        position::Position,
        store::{Batch, Beginning, Cursor, Life},
        target::{DigestKey, Target},
    },
    time::{Clock, SystemClock, Timestamp},
};

/// Entries in one answer, so that a million of them are not in memory as text at once.
const PAGE: usize = 4_096;
/// Entries that are removed at once. Other processes wait as long.
pub(super) const PRUNED: u64 = 1_000;
/// A year in milliseconds, so that no sum leaves its range.
const LONGEST_RECOVERY: i64 = 365 * 24 * 60 * 60 * 1_000;
/// `horizon` in the file for tokens that never expire.
const FOREVER: i64 = i64::MAX;

/// Why the file did not do what it was asked.
#[derive(Debug)]
pub(super) enum Trouble {
    /// What SQLite says.
    Sqlite(sqlx::Error),
    /// What is in the file makes no sense.
    Odd(&'static str),
    /// Nobody has begun the log.
    NoLog,
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlite(error)
    }
}

// One statement, and so one snapshot whoever writes meanwhile.
const READ: &str = "SELECT log.epoch, log.horizon, log.begun, log.digests, \
       max(0, log.recovering_until - CAST(unixepoch('subsec') * 1000 AS INTEGER)) AS recovering, \
       (SELECT seq FROM sqlite_sequence WHERE name = 'entries') AS head, page.* \
     FROM log LEFT JOIN (SELECT position, kind, issuer, name, not_after, covers_below FROM entries \
       WHERE position > ? ORDER BY position LIMIT 4096) AS page ON true ORDER BY page.position";

// SQLite lets one writer in at a time, so positions become visible in their order. An earlier entry of the same target is replaced, which
// moves it to a new position and keeps the file from growing.
const APPEND: &str = "INSERT OR REPLACE INTO entries (kind, issuer, name, not_after) \
     SELECT ?1, ?2, ?3, max( \
       CASE WHEN NOT ?5 THEN ?4 WHEN horizon > 9223372036854775807 - ?4 THEN 9223372036854775807 ELSE ?4 + horizon END, \
       coalesce((SELECT not_after FROM entries WHERE kind = ?1 AND issuer = ?2 AND name = ?3), -9223372036854775808)) \
     FROM log RETURNING position, not_after";

// What is there already and says as much stays where it is, so that of many processes which tell the same the first is read by everybody.
const RESTORE: &str = "INSERT OR REPLACE INTO entries (kind, issuer, name, not_after, covers_below) \
     SELECT ?1, ?2, ?3, max(?4, coalesce(known.not_after, ?4)), max(?5, coalesce(known.covers_below, known.position, ?5)) \
     FROM (SELECT 1) LEFT JOIN entries AS known ON known.kind = ?1 AND known.issuer = ?2 AND known.name = ?3 \
     WHERE known.position IS NULL OR known.not_after < ?4 OR coalesce(known.covers_below, known.position) < ?5";

const PRUNE: &str = "DELETE FROM entries WHERE position IN (SELECT position FROM entries WHERE not_after < ? LIMIT 1000)";

pub(super) async fn read(connection: &mut SqliteConnection, cursor: &Cursor) -> Result<Batch, Trouble> {
    let rows = sqlx::query(READ).bind(signed(cursor.position())).fetch_all(connection).await?;
    let log = rows.first().ok_or(Trouble::NoLog)?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        // No entry at all is one row that has none.
        let place: Option<i64> = row.try_get("position")?;
        entries.extend(place.map(|place| entry(row, place)).transpose()?);
    }
    let head = position(log.try_get("head")?)?;
    let epoch: String = log.try_get("epoch")?;
    let horizon = life(log.try_get("horizon")?);
    let (complete_to, more) = match entries.last().map(|entry| entry.position) {
        // A head below its own entries means that the sequence was tampered with: positions would be given twice.
        Some(last) if last > head => return Err(Trouble::Odd("an entry stands above the head")),
        Some(last) if entries.len() >= PAGE && last < head => (last, Some(Cursor::after(last))),
        _ => (head, None),
    };
    let recovering: i64 = log.try_get("recovering")?;
    let recovering = Duration::from_millis(u64::try_from(recovering).unwrap_or(0));
    let digests: Vec<u8> = log.try_get("digests")?;
    let digests = <[u8; 16]>::try_from(digests).map_err(|_| Trouble::Odd("the key of the digests has another length"))?;
    let life = Life::new(position(log.try_get("begun")?)?, recovering, DigestKey::from_bytes(digests));
    Ok(Batch::new(epoch, entries, complete_to, horizon).with_more(more).with_life(life))
}

pub(super) async fn append(connection: &mut SqliteConnection, entry: &NewEntry, now: Timestamp) -> Result<Entry, Trouble> {
    let (end, by_horizon) = match entry.keep {
        Keep::Until(end) => (end, false),
        Keep::Horizon => (entry.keep.not_after(now, Duration::ZERO).max(Timestamp::UNIX_EPOCH), true),
    };
    let target = &entry.target;
    // All rows and not one: the commit comes after the row, and an error of the disk at that moment would be lost.
    let rows = sqlx::query(APPEND)
        .bind(target.word())
        .bind(target.issuer())
        .bind(target.name())
        .bind(end.as_unix())
        .bind(by_horizon)
        .fetch_all(connection)
        .await?;
    let row = rows.first().ok_or(Trouble::NoLog)?;
    // Written, and not usable as it is when this fails: not known, so that it is sent again.
    let place = position(row.try_get("position")?)?;
    Ok(Entry::new(target.clone(), Timestamp::from_unix(row.try_get("not_after")?), place))
}

pub(super) async fn raise_horizon(connection: &mut SqliteConnection, wanted: Duration) -> Result<Duration, Trouble> {
    let query = sqlx::query_scalar("UPDATE log SET horizon = max(horizon, ?) RETURNING horizon");
    let horizons: Vec<i64> = query.bind(seconds(wanted)).fetch_all(connection).await?;
    horizons.first().copied().map(life).ok_or(Trouble::NoLog)
}

/// Removes at most [`PRUNED`] entries, and says how many.
pub(super) async fn prune(connection: &mut SqliteConnection, now: Timestamp) -> Result<u64, Trouble> {
    must_be_begun(connection).await?;
    Ok(sqlx::query(PRUNE).bind(now.as_unix()).execute(connection).await?.rows_affected())
}

pub(super) async fn restore(connection: &mut SqliteConnection, entries: &[Entry]) -> Result<(), Trouble> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    must_be_begun(&mut transaction).await?;
    for entry in entries {
        sqlx::query(RESTORE)
            .bind(entry.target.word())
            .bind(entry.target.issuer())
            .bind(entry.target.name())
            .bind(entry.not_after.as_unix())
            .bind(signed(entry.covers_below))
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}

pub(super) async fn begin(connection: &mut SqliteConnection, beginning: &Beginning) -> Result<(), Trouble> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let begun: Option<i64> = sqlx::query_scalar("SELECT begun FROM log").fetch_optional(&mut *transaction).await?;
    if begun.is_some_and(|begun| begun > signed(beginning.above)) {
        return Ok(transaction.rollback().await?);
    }
    begin_above(&mut transaction, beginning).await?;
    Ok(transaction.commit().await?)
}

/// Begins a life above everything that the file or somebody knows, inside the caller's transaction.
pub(super) async fn begin_above(connection: &mut SqliteConnection, beginning: &Beginning) -> Result<(), Trouble> {
    let head: Option<i64> =
        sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetch_optional(&mut *connection).await?;
    let next = |known: Position| known.next().ok_or(Trouble::Odd("no position is left"));
    let known = next(head.map_or(Ok(Position::ZERO), position)?)?;
    let begun = signed(Position::of_new_log(SystemClock.wall()).max(next(beginning.above)?).max(known));
    // SQLite documents that this table may be written; it is where AUTOINCREMENT goes on.
    let sequence = match head {
        Some(_) => "UPDATE sqlite_sequence SET seq = ? WHERE name = 'entries'",
        None => "INSERT INTO sqlite_sequence (seq, name) VALUES (?, 'entries')",
    };
    sqlx::query(sequence).bind(begun).execute(&mut *connection).await?;
    let log = "INSERT INTO log (one, epoch, horizon, begun, digests, recovering_until) \
         VALUES (1, ?, ?, ?, ?, ? + CAST(unixepoch('subsec') * 1000 AS INTEGER)) \
         ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, horizon = max(horizon, excluded.horizon), begun = excluded.begun, \
         recovering_until = excluded.recovering_until";
    let recovery = i64::try_from(beginning.recovery.as_millis()).unwrap_or(i64::MAX).min(LONGEST_RECOVERY);
    sqlx::query(log)
        .bind(&*beginning.epoch)
        .bind(seconds(beginning.horizon.max(limits::MAX_TTL)))
        .bind(begun)
        .bind(beginning.digests.to_bytes().to_vec())
        .bind(recovery)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

async fn must_be_begun(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    let begun: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM log)").fetch_one(connection).await?;
    if begun { Ok(()) } else { Err(Trouble::NoLog) }
}

fn entry(row: &SqliteRow, place: i64) -> Result<Entry, Trouble> {
    let kind: &str = row.try_get("kind")?;
    let issuer: &str = row.try_get("issuer")?;
    let name: &str = row.try_get("name")?;
    let target = Target::from_stored(kind, issuer, name).ok_or(Trouble::Odd("an entry is of a kind that is not known"))?;
    let entry = Entry::new(target, Timestamp::from_unix(row.try_get("not_after")?), position(place)?);
    let covers: Option<i64> = row.try_get("covers_below")?;
    Ok(match covers {
        Some(covers) => entry.covering_below(position(covers)?),
        None => entry,
    })
}

fn position(number: i64) -> Result<Position, Trouble> {
    u64::try_from(number).ok().and_then(Position::new).ok_or(Trouble::Odd("a position is out of range"))
}

/// A position as SQLite keeps it. It has 53 bits.
fn signed(position: Position) -> i64 {
    i64::try_from(position.as_u64()).unwrap_or(i64::MAX)
}

/// A fraction of a second is rounded up, because the horizon is an upper bound.
fn seconds(life: Duration) -> i64 {
    i64::try_from(life.as_secs().saturating_add(u64::from(life.subsec_nanos() > 0))).unwrap_or(FOREVER)
}

fn life(seconds: i64) -> Duration {
    // Negative numbers are kept out by the table; for ever is the safe reading of anything odd.
    if seconds == FOREVER { Duration::MAX } else { u64::try_from(seconds).map_or(Duration::MAX, Duration::from_secs) }
}
