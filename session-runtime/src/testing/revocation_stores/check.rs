//! One promise under test: the calls that have to succeed, readings to the end of a log, and many callers at once.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::sync::Barrier;

use super::Broken;
use crate::{
    crypto::random,
    error::StoreError,
    ids::TokenId,
    limits,
    revocation::{Batch, Beginning, Cursor, DigestKey, Entry, Keep, Life, NewEntry, Position, RevocationStore, Target},
    time::Timestamp,
};

pub(super) type Store = Arc<dyn RevocationStore>;

/// The time of day of the tests.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);
pub(super) const HOUR: Duration = Duration::from_secs(3_600);
pub(super) const ISSUER: Option<&str> = Some("https://id.example");
/// The key of the digests of every life that the tests begin, unless they say otherwise.
pub(super) const DIGESTS: DigestKey = DigestKey::from_bytes([7; 16]);
/// Long enough that it is not over before a test is.
pub(super) const RECOVERY: Duration = Duration::from_secs(24 * 3_600);
/// An hour from [`NOW`].
pub(super) const UNTIL: Timestamp = Timestamp::from_unix(1_893_459_600);
/// A store that does not answer in this time does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Check(pub(super) &'static str);

/// What a reading to the end of a log has found.
pub(super) struct Reading {
    pub(super) epoch: Box<str>,
    pub(super) entries: Vec<Entry>,
    pub(super) complete_to: Position,
    pub(super) horizon: Duration,
    pub(super) life: Option<Life>,
    /// Whether the log said that it begins with everything.
    pub(super) whole: bool,
    /// What each answer called complete, and how many entries had arrived by then.
    pub(super) steps: Vec<(Position, usize)>,
}

impl Reading {
    /// What is known of a target, all its entries taken together: a store may collapse them, and need not.
    pub(super) fn of(&self, target: &Target) -> Option<Entry> {
        self.entries.iter().filter(|entry| entry.target == *target).cloned().reduce(|one, other| {
            Entry::new(one.target, one.not_after.max(other.not_after), one.position.max(other.position))
                .covering_below(one.covers_below.max(other.covers_below))
        })
    }
}

/// A life to begin, of an epoch of its own.
pub(super) fn beginning(above: Position) -> Beginning {
    // Without random bytes the epochs of two lives are the same, and the promises about them are not kept.
    let epoch = random::bytes().map(TokenId::from_random);
    Beginning::new(above, limits::MAX_TTL, DIGESTS, RECOVERY, epoch.as_ref().map_or("no random bytes", TokenId::as_str))
}

/// One target of a number.
pub(super) fn numbered(number: usize) -> Target {
    Target::token(ISSUER, &format!("token {number}"))
}

impl Check {
    pub(super) fn broken<T>(&self, found: impl Into<String>) -> Result<T, Broken> {
        Err(Broken { promise: self.0, found: found.into() })
    }

    pub(super) fn holds(&self, holds: bool, otherwise: impl Into<String>) -> Result<(), Broken> {
        if holds { Ok(()) } else { self.broken(otherwise) }
    }

    /// Waits for an answer that has to be one.
    pub(super) async fn answer<T>(&self, what: &str, answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, Broken> {
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => self.broken(format!("{what} should be done and is not: {error}")),
            Err(_) => self.broken(format!("{what} is not answered in {} seconds", PATIENCE.as_secs())),
        }
    }

    /// Begins a new log where the store wants that, and returns its first answer.
    pub(super) async fn begun(&self, store: &Store) -> Result<Batch, Broken> {
        if let Err(StoreError::Lost { .. }) = store.read(&Cursor::START).await {
            self.begin(store, &beginning(Position::ZERO)).await?;
        }
        self.answer("a read", store.read(&Cursor::START)).await
    }

    pub(super) async fn begin(&self, store: &Store, beginning: &Beginning) -> Result<(), Broken> {
        self.answer("a beginning", store.begin(beginning)).await
    }

    pub(super) async fn restore(&self, store: &Store, entries: &[Entry]) -> Result<(), Broken> {
        self.answer("a restoring", store.restore(entries)).await
    }

    pub(super) async fn append(&self, store: &Store, target: &Target, keep: Keep) -> Result<Entry, Broken> {
        let entry = NewEntry::new(target.clone(), keep);
        let appended = self.answer("an append", store.append(&entry, NOW)).await?;
        self.holds(appended.target == *target, format!("an append of {target:.200?} is answered with {:.200?}", appended.target))?;
        Ok(appended)
    }

    /// Appends as many numbered entries of one end, one after the other.
    pub(super) async fn append_many(&self, store: &Store, numbers: std::ops::Range<usize>) -> Result<Vec<Entry>, Broken> {
        let mut appended = Vec::new();
        for number in numbers {
            appended.push(self.append(store, &numbered(number), Keep::Until(UNTIL)).await?);
        }
        Ok(appended)
    }

    /// Reads to the end.
    pub(super) async fn read(&self, store: &Store, cursor: Cursor) -> Result<Reading, Broken> {
        let (mut cursor, mut entries, mut steps, mut whole) = (cursor, Vec::new(), Vec::new(), false);
        loop {
            let batch = self.answer("a read", store.read(&cursor)).await?;
            entries.extend(batch.entries);
            steps.push((batch.complete_to, entries.len()));
            whole |= batch.whole;
            let Some(more) = batch.more else {
                let (epoch, complete_to, horizon, life) = (batch.epoch, batch.complete_to, batch.horizon, batch.life);
                return Ok(Reading { epoch, entries, complete_to, horizon, life, whole, steps });
            };
            self.holds(more != cursor, "a read goes on where it was, for ever")?;
            cursor = more;
        }
    }

    pub(super) async fn read_all(&self, store: &Store) -> Result<Reading, Broken> {
        self.read(store, Cursor::START).await
    }

    pub(super) async fn life(&self, store: &Store) -> Result<Life, Broken> {
        match self.read_all(store).await?.life {
            Some(life) => Ok(life),
            None => self.broken("a log that was begun does not say how"),
        }
    }

    /// Holds that all of these are there, as they are.
    pub(super) fn finds(&self, reading: &Reading, wanted: &[Entry]) -> Result<(), Broken> {
        // By target first: thousands of entries are compared.
        let found: std::collections::HashSet<(&Target, Timestamp, Position, Position)> =
            reading.entries.iter().map(|entry| (&entry.target, entry.not_after, entry.position, entry.covers_below)).collect();
        for entry in wanted {
            if !found.contains(&(&entry.target, entry.not_after, entry.position, entry.covers_below)) {
                return match reading.entries.iter().find(|found| found.target == entry.target) {
                    Some(found) => self.broken(format!("{entry:.400?} is read as {found:.400?}")),
                    None => self.broken(format!("{entry:.400?} is not read, among {} others", reading.entries.len())),
                };
            }
        }
        Ok(())
    }

    /// Holds that these are there as they are, and nothing else.
    pub(super) fn finds_only(&self, reading: &Reading, wanted: &[Entry]) -> Result<(), Broken> {
        self.finds(reading, wanted)?;
        let other = reading.entries.iter().find(|found| wanted.iter().all(|entry| entry.target != found.target));
        match other {
            Some(other) => self.broken(format!("an entry is read that nobody has written: {other:.400?}")),
            None => Ok(()),
        }
    }

    /// Lets as many callers begin at the same moment.
    pub(super) async fn at_once<T, F>(&self, callers: usize, call: impl Fn(usize) -> F) -> Result<Vec<T>, Broken>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let start = Arc::new(Barrier::new(callers));
        let calls: Vec<_> = (0..callers)
            .map(|number| {
                let (start, call) = (Arc::clone(&start), call(number));
                tokio::spawn(async move {
                    start.wait().await;
                    call.await
                })
            })
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            match call.await {
                Ok(answer) => answers.push(answer),
                Err(_) => return self.broken("a call panicked"),
            }
        }
        Ok(answers)
    }
}
