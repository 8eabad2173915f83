//! Reading the log: what is new, everything when there is no way on, and all over again when the store lost what it held.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::{
    builder::OnStoreLoss,
    decision::{Distrust, Snapshot},
    entry::{Entry, Keep},
    log::Log,
    position::Position,
    random,
    set::{Change, Digester, LocalSet, Refusal},
    store::{Beginning, Cursor, Life, RevocationStore},
    target::{DigestKey, Target},
};
use crate::{
    error::StoreError,
    time::{Clock, Timestamp},
};

/// How many entries a store that lost them is told in one call.
const TOLD_AT_ONCE: usize = 1_000;
/// A log that keeps losing its data while it is read is given up on, until the next reading.
const TRIES: usize = 4;

/// What was read, up to the end of the log.
pub(super) struct Reading {
    pub(super) epoch: Box<str>,
    pub(super) horizon: Duration,
    /// By digests under the key that the node has, or takes when it begins to know the log.
    pub(super) changes: Vec<Change>,
    /// By digests under the keys of others.
    pub(super) foreign: HashMap<DigestKey, Vec<Change>>,
    pub(super) key: DigestKey,
    pub(super) complete_to: Position,
    pub(super) asked_at: Duration,
    pub(super) now: Option<Timestamp>,
    pub(super) life: Option<Life>,
    /// Whether it is everything that the log has.
    pub(super) whole: bool,
}

impl Reading {
    /// What a node that knows nothing from before this life cannot judge.
    pub(super) fn distrust(&self) -> Option<Distrust> {
        let life = self.life.as_ref().filter(|life| !life.recovering.is_zero())?;
        Some(Distrust { below: life.begun, until: self.asked_at.saturating_add(life.recovering) })
    }
}

/// What whoever begins a log again knows.
pub(super) struct Beginnings {
    pub(super) above: Position,
    pub(super) horizon: Duration,
    pub(super) key: DigestKey,
    pub(super) recovery: Duration,
}

impl Beginnings {
    async fn begin(&self, store: &dyn RevocationStore) -> Result<(), StoreError> {
        let &Self { above, horizon, key, recovery } = self;
        store.begin(&Beginning::new(above, horizon, key, recovery, random::epoch()?)).await
    }
}

impl Log {
    /// Reads what is new.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        self.refresh_since(self.clock.boot()).await
    }

    /// Reads what is new, unless somebody else has read it since `wanted`.
    pub(super) async fn refresh_since(&self, wanted: Duration) -> Result<(), StoreError> {
        let _one = self.reading.lock().await;
        if self.snapshot.load().synced_at > wanted {
            return Ok(());
        }
        self.state.under_way.store(nanoseconds(self.clock.boot()), Ordering::Relaxed);
        let _over = Over(&self.state.under_way);
        let read = self.read().await;
        match &read {
            Ok(()) => self.worked(),
            Err(error) => self.failed(error),
        }
        read
    }

    async fn read(&self) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let since = self.generation();
            let epoch = self.writer().epoch.clone();
            let found = match read(&*self.store, &*self.clock, &Cursor::after(since), Key::Own(self.key)).await {
                Err(StoreError::Lost { .. }) => None,
                found => Some(found?),
            };
            match found {
                // The log goes on where we were.
                Some(reading) if reading.epoch == epoch && !reading.whole => {
                    if reading.complete_to < since {
                        return Err(self.cannot("it ends before what was read before"));
                    }
                    self.adopt(self.snapshot.load().distrust, Duration::ZERO, &reading).await;
                    return Ok(());
                }
                // It goes on and no longer knows from where; or it is another life of it.
                Some(_) | None => {
                    if self.recover(&epoch, found).await? {
                        return Ok(());
                    }
                }
            }
        }
        Err(self.cannot("it loses its data again and again"))
    }

    /// The log is not the one that was read before, or was not read without a gap: everything is read, and whatever is known here and not
    /// there is told. What is known here is never dropped, because the store forgot it. Answers whether it is done.
    async fn recover(&self, epoch: &str, found: Option<Reading>) -> Result<bool, StoreError> {
        let knows = |snapshot: &Snapshot| Beginnings {
            above: snapshot.complete_to,
            horizon: self.writer().horizon,
            key: self.key,
            recovery: self.recovery,
        };
        let lost = found.as_ref().is_none_or(|reading| &*reading.epoch != epoch);
        if lost && found.as_ref().is_some_and(|reading| reading.life.is_none()) {
            // Another instance, or a restart without data, of a store that cannot be begun again.
            return Err(self.cannot("it is not the log that was read before"));
        }
        let before = self.snapshot.load_full();
        // A new life has to begin above all that tokens of the old one may carry, or a new entry for a subject would miss them.
        let begins_too_low = |life: Option<&Life>| life.is_some_and(|life| life.begun <= before.complete_to);
        let begun = found.as_ref().is_none_or(|reading| lost && begins_too_low(reading.life.as_ref()));
        if begun {
            knows(&before).begin(&*self.store).await?;
        }
        let whole = match found.filter(|reading| reading.whole && !begun) {
            Some(whole) => whole,
            None => match not_lost(read(&*self.store, &*self.clock, &Cursor::START, Key::Own(self.key)).await)? {
                Some(whole) => whole,
                None => return Ok(false),
            },
        };
        if lost && begins_too_low(whole.life.as_ref()) {
            return Ok(false);
        }
        let mut there = Snapshot::empty();
        self.take_in(&mut there, &whole);
        there.everything = there.set.find(self.digester.of(&Target::everything()));
        let missing = self.missing(&before, &there);
        for some in missing.chunks(TOLD_AT_ONCE) {
            match self.store.restore(some).await {
                Err(StoreError::Lost { .. }) => return Ok(false),
                told => told?,
            }
        }
        let known = self.snapshot.load().distrust;
        let distrust = match (known.filter(|distrust| self.clock.boot() < distrust.until), whole.distrust()) {
            // What we did not know of the life before last we still do not know, and whoever does has to tell this one.
            (Some(old), Some(new)) => Some(Distrust { below: old.below, until: old.until.max(new.until) }),
            (old, _) => old,
        };
        if lost {
            self.state.losses.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                store = self.store.name(),
                known = before.len(),
                told = missing.len(),
                "the revocation log may have lost its data: it was begun again, and told what this node knows"
            );
        }
        let untold_until = whole.life.as_ref().filter(|_| lost).map_or(Duration::ZERO, |life| {
            // When the time in which others tell is over, they have told.
            whole.asked_at.saturating_add(self.telling.min(life.recovering))
        });
        self.adopt(distrust, untold_until, &whole).await;
        let refused_by_another =
            whole.life.as_ref().is_some_and(|life| there.everything.is_some_and(|refusal| refusal.position() >= life.begun));
        if lost && self.on_loss == OnStoreLoss::RejectOlder && !refused_by_another {
            // What nobody remembers cannot be told. Tokens from before are refused by everybody, once and for all.
            self.revoke(Target::everything(), Keep::Horizon).await?;
        }
        Ok(true)
    }

    /// Takes in what was read. `distrust` is what cannot be judged from now on, and until `untold_until` others tell what was lost.
    async fn adopt(&self, distrust: Option<Distrust>, untold_until: Duration, reading: &Reading) {
        // Entries are good to know before it is proved that they are all. Piece by piece, so that neither a thread nor memory is taken up by
        // a million of them at once.
        let mut pieces = reading.changes.chunks(LocalSet::AT_ONCE);
        let last = pieces.next_back().unwrap_or_default();
        for some in pieces {
            self.publish(&self.writer(), some, None);
            tokio::task::yield_now().await;
        }
        let mut writer = self.writer();
        // The present snapshot: somebody may have revoked meanwhile.
        let mut next = self.next();
        next.distrust = distrust;
        next.untold_until = next.untold_until.max(untold_until);
        next.apply(last);
        self.take_over(&mut next, reading);
        writer.horizon = writer.horizon.max(reading.horizon);
        writer.epoch.clone_from(&reading.epoch);
        self.put(&writer, next);
    }

    /// What `before` knows and the log has not, or only in part.
    fn missing(&self, before: &Snapshot, there: &Snapshot) -> Vec<Entry> {
        let now = self.earliest_now();
        let mut missing = Vec::new();
        let sets = [(self.key, &before.set, Some(&there.set)), (self.key, &before.keys, Some(&there.keys))];
        let former = before.former.sets().map(|(key, set)| (key, set, there.former.sets().find(|(of, _)| *of == key).map(|(_, set)| set)));
        for (key, known, found) in sets.into_iter().chain(former) {
            for (kind, digest, refusal) in known.iter() {
                // What waits for the store is sent by itself.
                if refusal.is_waiting() || refusal.not_after() < now {
                    continue;
                }
                let stands = found.and_then(|set| set.find(digest));
                if stands.is_none_or(|stands| stands.position() < refusal.position() || stands.not_after() < refusal.not_after()) {
                    let entry = Entry::new(Target::digest(kind, key, digest), refusal.not_after(), Position::ZERO);
                    missing.push(entry.covering_below(refusal.position()));
                }
            }
        }
        missing
    }

    fn cannot(&self, reason: &str) -> StoreError {
        StoreError::Unreadable { store: self.store.name(), reason: reason.to_owned() }
    }
}

/// Marks a reading as over, also one that was dropped.
struct Over<'a>(&'a AtomicU64);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
}

/// Reads a log that nothing is known of yet, and begins it when nobody has.
pub(super) async fn read_or_begin(store: &dyn RevocationStore, clock: &dyn Clock, beginnings: &Beginnings) -> Result<Reading, StoreError> {
    for _ in 0..TRIES {
        if let Some(reading) = not_lost(read(store, clock, &Cursor::START, Key::OfLog(beginnings.key)).await)? {
            return Ok(reading);
        }
        beginnings.begin(store).await?;
    }
    Err(StoreError::Lost { store: store.name() })
}

fn not_lost(read: Result<Reading, StoreError>) -> Result<Option<Reading>, StoreError> {
    match read {
        Err(StoreError::Lost { .. }) => Ok(None),
        read => read.map(Some),
    }
}

/// Reads to the end of the log. Entries become digests page by page, so that a million of them are never in memory as text.
async fn read(store: &dyn RevocationStore, clock: &dyn Clock, from: &Cursor, key: Key) -> Result<Reading, StoreError> {
    let refused = |reason: &str| StoreError::Unreadable { store: store.name(), reason: reason.to_owned() };
    let mut cursor = from.clone();
    let (mut changes, mut foreign) = (Vec::new(), HashMap::new());
    let (mut begun, mut whole) = (None, *from == Cursor::START);
    loop {
        // Of several answers the last one proves that nothing is missing, so its question counts.
        let asked_at = clock.boot();
        let batch = store.read(&cursor).await?;
        whole |= begun.is_none() && batch.whole;
        let (epoch, key, digester) = begun.get_or_insert_with(|| {
            let key = key.of(batch.life.as_ref());
            (batch.epoch.clone(), key, Digester::new(key.to_bytes()))
        });
        // Pages of two lives make no whole.
        if *epoch != batch.epoch {
            return Err(refused("it became another log while it was read"));
        }
        for entry in &batch.entries {
            match entry.target.as_digest() {
                Some((of, digest)) if of != *key => foreign.entry(of).or_insert_with(Vec::new).push(change(digest, entry)),
                Some((_, digest)) => changes.push(change(digest, entry)),
                None => changes.push(change(digester.of(&entry.target), entry)),
            }
        }
        let Some(more) = batch.more else {
            let (key, epoch) = (*key, batch.epoch);
            let (complete_to, horizon, now, life) = (batch.complete_to, batch.horizon, batch.now, batch.life);
            return Ok(Reading { epoch, horizon, changes, foreign, key, complete_to, asked_at, now, life, whole });
        };
        if more == cursor {
            return Err(refused("it goes on where it was"));
        }
        cursor = more;
    }
}

/// Under which key entries are known.
#[derive(Clone, Copy)]
enum Key {
    /// This one, as long as the process lives.
    Own(DigestKey),
    /// The log's, or this one where the log has none.
    OfLog(DigestKey),
}

impl Key {
    fn of(self, life: Option<&Life>) -> DigestKey {
        match self {
            Self::Own(key) => key,
            Self::OfLog(key) => life.map_or(key, |life| life.digests),
        }
    }
}

/// An entry of this digest, as a change of the set.
pub(super) fn change(digest: u128, entry: &Entry) -> Change {
    let refusal = Refusal::acknowledged(entry.covers_below, entry.not_after);
    Change { kind: entry.target.kind(), digest, refusal, settled: false }
}
