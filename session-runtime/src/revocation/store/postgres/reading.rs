//! Reads the log: how it stands and its entries, of one moment and in one answer.

use std::time::Duration;

use sqlx::{PgConnection, Row as _, postgres::PgRow};

use super::{
    NAME, TABLES, lost,
    statements::{Told, duration, position, server, signed},
};
use crate::{
    database::{Fault, postgres},
    error::StoreError,
    revocation::{
        entry::Entry,
        position::Position,
        store::{Batch, Cursor, Life},
        target::{DigestKey, Target},
    },
    time::Timestamp,
};

/// Entries in one answer, so that a million of them are not in memory as text at once.
const PAGE: usize = 4_096;

// One statement, and so one snapshot: every entry up to the head that it shows is in it. The entries come as one array for each column,
// since as rows they would each repeat how the log stands.
const READ: &str = concat!(
    "SELECT pg_is_in_recovery() AS replica, (SELECT version FROM session_revocations_schema) AS version, \
       floor(extract(epoch FROM clock_timestamp()))::bigint AS now, \
       log.epoch, log.head, log.begun, log.horizon, log.digests, log.server = ",
    server!(),
    " AS is_ours, \
       ceil(greatest(0, extract(epoch FROM log.recovering_until - clock_timestamp())) * 1000)::bigint AS recovering, \
       page.* \
     FROM (SELECT 1) AS one LEFT JOIN session_revocations_log AS log ON true, \
       (SELECT array_agg(position) AS positions, array_agg(word) AS words, array_agg(issuer) AS issuers, array_agg(name) AS names, \
          array_agg(not_after) AS ends, array_agg(covers_below) AS covers \
        FROM (SELECT position, word, issuer, name, not_after, covers_below FROM session_revocations \
              WHERE position > $1 ORDER BY position LIMIT 4096) AS entries) AS page"
);

pub(super) async fn read(line: &mut PgConnection, cursor: &Cursor) -> Told<Batch> {
    let row = match sqlx::query(READ).persistent(false).bind(signed(cursor.position())).fetch_one(&mut *line).await {
        Ok(row) => row,
        // Tables that are gone are a log that is gone.
        Err(error) if postgres::code(&error).as_deref() == Some("42P01") => return Ok(Err(lost())),
        Err(error) => return Err(undecided(&error)),
    };
    if row.try_get("replica").map_err(|error| undecided(&error))? {
        return Err(Fault::Refused("it is a replica, which may be behind".to_owned()));
    }
    batch(&row, cursor)
}

fn batch(row: &PgRow, cursor: &Cursor) -> Told<Batch> {
    let odd = |error: sqlx::Error| undecided(&error);
    let version: Option<i64> = row.try_get("version").map_err(odd)?;
    let version = version.unwrap_or(0);
    if version > TABLES.version {
        let (found, known) = (u64::try_from(version).unwrap_or(0), u64::try_from(TABLES.version).unwrap_or(0));
        return Ok(Err(StoreError::NewerVersion { store: NAME, found, known }));
    }
    if version != TABLES.version {
        return Err(Fault::Refused("its version is none that ever was".to_owned()));
    }
    let is_ours: Option<bool> = row.try_get("is_ours").map_err(odd)?;
    if is_ours != Some(true) {
        return Ok(Err(lost()));
    }
    let head = position(row.try_get("head").map_err(odd)?)?;
    let begun = position(row.try_get("begun").map_err(odd)?)?;
    let recovering: i64 = row.try_get("recovering").map_err(odd)?;
    let digests: &[u8] = row.try_get("digests").map_err(odd)?;
    let digests = <[u8; 16]>::try_from(digests).map_err(|_| Fault::Lost("the key of the digests has another length".to_owned()))?;
    let life = Life::new(begun, Duration::from_millis(u64::try_from(recovering).unwrap_or(0)), DigestKey::from_bytes(digests));
    let epoch: String = row.try_get("epoch").map_err(odd)?;
    let entries = entries(row)?;
    let last = entries.iter().map(|entry| entry.position).max().unwrap_or(cursor.position());
    if !entries.is_empty() && last > head {
        // Positions would be given twice.
        return Err(Fault::Lost("an entry stands above the head".to_owned()));
    }
    let (complete_to, more) = if entries.len() >= PAGE && last < head { (last, Some(Cursor::after(last))) } else { (head, None) };
    let horizon = duration(row.try_get("horizon").map_err(odd)?);
    let now = Timestamp::from_unix(row.try_get("now").map_err(odd)?);
    Ok(Ok(Batch::new(epoch, entries, complete_to, horizon).with_more(more).with_now(now).with_life(life)))
}

fn entries(row: &PgRow) -> Result<Vec<Entry>, Fault> {
    let odd = |error: sqlx::Error| undecided(&error);
    let Some(positions) = row.try_get::<Option<Vec<i64>>, _>("positions").map_err(odd)? else { return Ok(Vec::new()) };
    let words: Vec<String> = row.try_get("words").map_err(odd)?;
    let issuers: Vec<Vec<u8>> = row.try_get("issuers").map_err(odd)?;
    let names: Vec<Vec<u8>> = row.try_get("names").map_err(odd)?;
    let ends: Vec<i64> = row.try_get("ends").map_err(odd)?;
    let covers: Vec<i64> = row.try_get("covers").map_err(odd)?;
    let count = positions.len();
    if [words.len(), issuers.len(), names.len(), ends.len(), covers.len()] != [count; 5] {
        return Err(Fault::Lost("an entry lacks a field".to_owned()));
    }
    let columns = positions.into_iter().zip(words).zip(issuers).zip(names).zip(ends).zip(covers);
    columns.map(|(((((place, word), issuer), name), end), covers)| entry(place, &word, issuer, name, end, covers)).collect()
}

fn entry(place: i64, word: &str, issuer: Vec<u8>, name: Vec<u8>, end: i64, covers: i64) -> Result<Entry, Fault> {
    let text = |bytes| String::from_utf8(bytes).map_err(|_| Fault::Lost("a stored value has the wrong type".to_owned()));
    let target = Target::from_stored(word, text(issuer)?, text(name)?)
        .ok_or_else(|| Fault::Lost("an entry is of a kind that is not known".to_owned()))?;
    let (place, covers): (Position, Position) = (position(place)?, position(covers)?);
    Ok(Entry::new(target, Timestamp::from_unix(end), place).covering_below(covers))
}

fn undecided(error: &sqlx::Error) -> Fault {
    Fault::Lost(postgres::reason(error))
}
