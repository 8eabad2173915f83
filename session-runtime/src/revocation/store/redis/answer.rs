//! What the scripts answer, read strictly: what is not understood is an error and never left out.

use std::time::Duration;

use ::redis::Value;

use super::NAME;
use crate::{
    database::Fault,
    error::StoreError,
    revocation::{Batch, Cursor, DigestKey, Entry, Life, Position, Target},
    time::Timestamp,
};

/// The only layout that there is; a script refuses every other.
const LAYOUT: u64 = 1;

/// What a script did.
pub(super) enum Told {
    /// What it was asked for; its answer begins with this word and goes on with these values.
    Done(String, Vec<Value>),
    /// Nothing, since there is no log that the server can speak for.
    Lost,
    /// Nothing, since the log was written by a newer version.
    Newer(u64),
}

impl Told {
    pub(super) fn of(answer: Value) -> Result<Self, Fault> {
        let refused = |reason: &str| Err(Fault::Refused(reason.to_owned()));
        let Value::Array(values) = answer else { return Err(Fault::Lost("a script answered something else".to_owned())) };
        let mut values = values.into_iter();
        match values.next().as_ref().and_then(text) {
            Some("lost") => Ok(Self::Lost),
            Some("copy") => refused("it is a replica, and only the primary knows everything"),
            Some("alone") => refused("it lacks the replicas that it shall have: another may have taken its place"),
            Some("nameless") => refused("it does not say which server it is"),
            Some("full") => refused("no position is left"),
            Some("layout") => match values.next().as_ref().and_then(number) {
                Some(found) if found > LAYOUT => Ok(Self::Newer(found)),
                _ => refused("its layout is none that ever was"),
            },
            Some("half") => Err(Fault::Lost("it stopped in the middle, for want of a right".to_owned())),
            Some(word) => Ok(Self::Done(word.to_owned(), values.collect())),
            None => Err(Fault::Lost("a script answered something else".to_owned())),
        }
    }

    /// The values after the word, unless nothing was done.
    pub(super) fn done(self) -> Result<(String, Vec<Value>), StoreError> {
        match self {
            Self::Done(word, values) => Ok((word, values)),
            Self::Lost => Err(StoreError::Lost { store: NAME }),
            Self::Newer(found) => Err(StoreError::NewerVersion { store: NAME, found, known: LAYOUT }),
        }
    }
}

/// Where a reading of everything is.
pub(super) struct Note<'a> {
    /// The life that is read. In another one the reading begins again.
    pub(super) epoch: &'a str,
    /// The head when it began, after which the tail goes on.
    pub(super) began: Position,
    /// Where HSCAN goes on.
    pub(super) scan: &'a str,
}

impl<'a> Note<'a> {
    /// `None` for what is no note of ours: the reading then begins again.
    pub(super) fn parse(note: &'a str) -> Option<Self> {
        let mut parts = note.splitn(3, ' ');
        let began = position(parts.next()?)?;
        Some(Self { began, scan: parts.next()?, epoch: parts.next()? })
    }

    fn write(&self) -> String {
        format!("{} {} {}", self.began.as_u64(), self.scan, self.epoch)
    }
}

/// The answer to a read after `cursor`; `None` when it makes no sense.
pub(super) fn batch(cursor: &Cursor, word: &str, values: &[Value]) -> Option<Batch> {
    let facts = Facts::of(values.first()?)?;
    match (word, values) {
        ("tail", [_, Value::Array(tail)]) => {
            let entries = tail.iter().map(of_tail).collect::<Option<Vec<Entry>>>()?;
            let last = entries.last().map_or(facts.head, |entry| entry.position);
            let more = (last < facts.head).then(|| Cursor::after(last));
            Some(facts.batch(entries, last).with_more(more))
        }
        ("page", [_, began, scan, Value::Array(fields)]) => {
            let (began, scan) = (position(text(began)?)?, text(scan)?);
            let entries = fields.chunks(2).map(of_field).collect::<Option<Vec<Entry>>>()?;
            // A cursor beyond the head is of another life and is told the truth, which is less than it knows.
            let known = cursor.position().min(began);
            let begins = cursor.page().and_then(Note::parse).is_none_or(|note| note.epoch != facts.epoch);
            let (complete_to, more) = if scan == "0" {
                (began, (began < facts.head).then(|| Cursor::after(began)))
            } else {
                let note = Note { epoch: facts.epoch, began, scan };
                (known, Some(Cursor::after(known).at_page(note.write())))
            };
            let whole = begins && cursor != &Cursor::START;
            Some(facts.batch(entries, complete_to).with_more(more).with_whole(whole))
        }
        _ => None,
    }
}

/// The position and the `not_after` that an entry was given; `None` when they make no sense.
pub(super) fn appended(values: &[Value]) -> Option<(Position, Timestamp)> {
    let [place, not_after] = values else { return None };
    Some((position(text(place)?)?, moment(text(not_after)?)?))
}

/// The horizon after a script raised it.
pub(super) fn raised(values: &[Value]) -> Option<Duration> {
    let [seconds] = values else { return None };
    horizon(text(seconds)?)
}

/// Where pruning goes on, and how many entries it removed.
pub(super) fn pruned(values: &[Value]) -> Option<(&str, u64)> {
    let [scan, removed] = values else { return None };
    Some((text(scan)?, number(removed)?))
}

fn horizon(seconds: &str) -> Option<Duration> {
    let seconds = whole(seconds)?;
    // For ever is the greatest second that the log can say.
    Some(if i64::try_from(seconds).is_ok_and(|seconds| seconds < i64::MAX) { Duration::from_secs(seconds) } else { Duration::MAX })
}

/// What every answer says of the log.
struct Facts<'a> {
    epoch: &'a str,
    head: Position,
    horizon: Duration,
    now: Timestamp,
    life: Life,
}

impl<'a> Facts<'a> {
    fn of(values: &'a Value) -> Option<Self> {
        let Value::Array(values) = values else { return None };
        let [epoch, begun, head, horizon_of, digests, until, seconds, micros] = &*values.iter().map(text).collect::<Option<Vec<_>>>()?
        else {
            return None;
        };
        let digests = (digests.len() == 32).then(|| u128::from_str_radix(digests, 16).ok())??;
        let now = whole(seconds)?.checked_mul(1_000)?.checked_add(whole(micros)?.checked_div(1_000)?)?;
        let recovering = Duration::from_millis(whole(until)?.saturating_sub(now));
        Some(Self {
            epoch,
            head: position(head)?,
            horizon: horizon(horizon_of)?,
            now: moment(seconds)?,
            life: Life::new(position(begun)?, recovering, DigestKey::from_bytes(digests.to_be_bytes())),
        })
    }

    fn batch(&self, entries: Vec<Entry>, complete_to: Position) -> Batch {
        Batch::new(self.epoch, entries, complete_to, self.horizon).with_now(self.now).with_life(self.life.clone())
    }
}

/// An entry of the tail: its id, and names and values in turn.
fn of_tail(entry: &Value) -> Option<Entry> {
    let Value::Array(entry) = entry else { return None };
    let [id, Value::Array(values)] = &**entry else { return None };
    let place = position(text(id)?.strip_suffix("-0")?)?;
    match &*values.iter().map(text).collect::<Option<Vec<_>>>()? {
        ["target", target_of, "not_after", not_after, "covers_below", below] => {
            Some(Entry::new(target(target_of)?, moment(not_after)?, place).covering_below(position(below)?))
        }
        _ => None,
    }
}

/// An entry of the hash: its target, and position, `not_after` and, where it is another than the position, `covers_below`.
fn of_field(field: &[Value]) -> Option<Entry> {
    let [name, value] = field else { return None };
    let mut parts = text(value)?.split(' ');
    let place = position(parts.next()?)?;
    let entry = Entry::new(target(text(name)?)?, moment(parts.next()?)?, place);
    let entry = match parts.next() {
        Some(below) => entry.covering_below(position(below)?),
        None => entry,
    };
    parts.next().is_none().then_some(entry)
}

fn target(field: &str) -> Option<Target> {
    let (word, issuer, name): (String, String, String) = serde_json::from_str(field).ok()?;
    Target::from_stored(&word, issuer, name)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    whole(text(value)?)
}

/// A number in the one way in which scripts write it.
fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn position(text: &str) -> Option<Position> {
    whole(text).and_then(Position::new)
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|seconds: &i64| seconds.to_string() == text).map(Timestamp::from_unix)
}
