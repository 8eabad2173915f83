//! Keeps the local set and the store together: loads, refreshes, writes, and sends again what was not acknowledged.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;

use super::{
    decision::{Decision, Presented, Snapshot},
    entry::{Entry, Keep, NewEntry},
    position::Position,
    random,
    set::{Change, Digester, LocalSet, Refusal},
    store::{Cursor, RevocationStore},
    target::Target,
};
use crate::{
    error::StoreError,
    time::{Clock, Timestamp},
};

/// How many older revocations a new one takes along. The caller of `revoke` waits for them, so they are few.
const TAKEN_ALONG: usize = 16;

/// One log as one process sees it.
pub(super) struct Log {
    store: Box<dyn RevocationStore>,
    clock: Arc<dyn Clock>,
    /// Both clocks when the log was opened: what the wall clock should show is this plus what the boot clock has gone on.
    anchor: (Timestamp, Duration),
    digester: Digester,
    /// Read as it is, nothing is prepared from it: one pointer is the whole protocol, and `crate::swap` would add a number that nobody reads.
    snapshot: ArcSwap<Snapshot>,
    /// Held while the next snapshot is made, never across an `await`.
    writer: Mutex<Writer>,
    /// One entry is written at a time, so that positions arrive in order and an acknowledged position completes all below it.
    turn: tokio::sync::Mutex<()>,
}

/// The right to write to the store now.
type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

struct Writer {
    epoch: Box<str>,
    horizon: Duration,
    pending: HashMap<Target, Pending>,
    next_ticket: u64,
}

/// A revocation that the store has not acknowledged. There is one for each target, so that repeating it costs no memory.
#[derive(Clone)]
struct Pending {
    entry: NewEntry,
    /// Tells a revocation from an earlier one of the same target that was already on its way: the earlier one's acknowledgement does
    /// not cover tokens that were issued in between on another node.
    ticket: u64,
}

impl Log {
    pub(super) async fn open(store: Box<dyn RevocationStore>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let digester = Digester::new(random::bytes()?);
        let anchor = (clock.wall(), clock.boot());
        let Reading { epoch, horizon, entries, complete_to, asked_at } = read(&*store, &*clock, &digester, Position::ZERO, None).await?;
        let (set, keys) = (LocalSet::default(), LocalSet::default());
        let mut snapshot = Snapshot { set, keys, everything: None, complete_to, synced_at: asked_at };
        snapshot.apply(&entries);
        snapshot.prune(anchor.0);
        snapshot.everything = snapshot.set.find(digester.of(&Target::everything()));
        Ok(Self {
            store,
            clock,
            anchor,
            digester,
            snapshot: ArcSwap::from_pointee(snapshot),
            writer: Mutex::new(Writer { epoch, horizon, pending: HashMap::new(), next_ticket: 0 }),
            turn: tokio::sync::Mutex::new(()),
        })
    }

    pub(super) fn decide(&self, presented: &Presented<'_>, allowed: Duration) -> Decision {
        let snapshot = self.snapshot.load();
        // The clock is read here and now, after the snapshot: a flag set by some background task would still say "fresh" to the first
        // request after the process was suspended.
        snapshot.decide(&self.digester, presented, self.age(&snapshot), allowed)
    }

    pub(super) fn generation(&self) -> Position {
        self.snapshot.load().complete_to
    }

    pub(super) fn lag(&self) -> Duration {
        self.age(&self.snapshot.load())
    }

    pub(super) fn len(&self) -> usize {
        self.snapshot.load().len()
    }

    pub(super) fn pending(&self) -> usize {
        self.writer().pending.len()
    }

    /// Refuses `target` here at once, and returns when it is in the store.
    pub(super) async fn revoke(&self, target: Target, keep: Keep) -> Result<(), StoreError> {
        // Before the first `await`: whoever drops the future, or loses the store, has refused the credential here.
        self.refuse(&target, keep);
        let sent = self.send(&target, self.turn.lock().await).await;
        if let Err(error) = &sent {
            tracing::warn!(
                store = self.store.name(),
                kind = target.kind().as_str(),
                %error,
                "a revocation was not acknowledged; it is refused here and kept to be sent again"
            );
            return sent;
        }
        // The store is up again, so what it has missed goes along. A failure of it is not a failure of this revocation, and when others
        // are in line already, they send what is theirs.
        for other in self.waiting(TAKEN_ALONG) {
            let Ok(turn) = self.turn.try_lock() else { break };
            if self.send(&other, turn).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Sends everything that waits; one failure does not keep the others back.
    pub(super) async fn retry_pending(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for target in self.waiting(usize::MAX) {
            outcome = outcome.and(self.send(&target, self.turn.lock().await).await);
        }
        outcome
    }

    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        let since = self.generation();
        let epoch = self.writer().epoch.clone();
        let reading = read(&*self.store, &*self.clock, &self.digester, since, Some(&epoch)).await?;
        let mut writer = self.writer();
        writer.horizon = writer.horizon.max(reading.horizon);
        self.publish(&writer, &reading.entries, Some((reading.complete_to, reading.asked_at)));
        Ok(())
    }

    pub(super) async fn raise_horizon(&self, life: Duration) -> Result<(), StoreError> {
        let horizon = self.store.raise_horizon(life).await?;
        {
            let mut writer = self.writer();
            writer.horizon = writer.horizon.max(horizon);
        }
        // An entry that was written under the lower horizon may be pruned before a token of the longer life dies. So no such token may
        // be issued with a `gen` below that entry: whatever stood there when the horizon rose has to be known first.
        if self.store.is_authoritative() { Ok(()) } else { self.refresh().await }
    }

    pub(super) async fn prune(&self) -> Result<u64, StoreError> {
        let now = self.earliest_now();
        {
            let mut writer = self.writer();
            let over: Vec<Target> = writer
                .pending
                .values()
                .filter(|pending| matches!(pending.entry.keep, Keep::Until(moment) if moment < now))
                .map(|pending| pending.entry.target.clone())
                .collect();
            let mut next = self.next();
            for target in over {
                writer.pending.remove(&target);
                let nothing = Refusal::acknowledged(Position::ZERO, Timestamp::UNIX_EPOCH);
                next.apply(&[Change { kind: target.kind(), digest: self.digester.of(&target), refusal: nothing, settled: true }]);
            }
            next.prune(now);
            self.put(&writer, next);
        }
        self.store.prune(now).await
    }

    /// Step one of revoking: the local set refuses every covered token, whatever its `gen`, and the entry is queued.
    fn refuse(&self, target: &Target, keep: Keep) {
        let mut writer = self.writer();
        let ticket = writer.next_ticket;
        writer.next_ticket = ticket.saturating_add(1);
        let keep = match (writer.pending.get(target).map(|pending| pending.entry.keep), keep) {
            (Some(Keep::Until(earlier)), Keep::Until(moment)) => Keep::Until(earlier.max(moment)),
            (_, keep) => keep,
        };
        writer.pending.insert(target.clone(), Pending { entry: NewEntry::new(target.clone(), keep), ticket });
        let refusal = Refusal::waiting(keep.not_after(self.latest_now(), writer.horizon));
        self.publish(&writer, &[Change { kind: target.kind(), digest: self.digester.of(target), refusal, settled: false }], None);
    }

    /// Step two: writes the entry, unless somebody else did while this call waited for its turn, or its token has died meanwhile.
    async fn send(&self, target: &Target, _turn: Turn<'_>) -> Result<(), StoreError> {
        let Some(pending) = self.writer().pending.get(target).cloned() else { return Ok(()) };
        let entry = self.store.append(&pending.entry, self.latest_now()).await?;
        let mut writer = self.writer();
        let settled = writer.pending.get(target).is_some_and(|waiting| waiting.ticket == pending.ticket);
        if settled {
            writer.pending.remove(target);
        }
        let change = Change { settled, ..change(&self.digester, &entry) };
        // Nobody else writes to an authoritative log and this process writes in turn, so all below this position is known here. What an
        // unknown outcome may have left there is still refused whatever its `gen`. Of a shared log only a read can say so.
        let proof = self.store.is_authoritative().then(|| (entry.position, self.clock.boot()));
        self.publish(&writer, &[change], proof);
        Ok(())
    }

    fn waiting(&self, most: usize) -> Vec<Target> {
        self.writer().pending.keys().take(most).cloned().collect()
    }

    /// Makes the next snapshot. Entries and the proof that they are all there become visible together.
    fn publish(&self, writer: &MutexGuard<'_, Writer>, changes: &[Change], proof: Option<(Position, Duration)>) {
        let mut next = self.next();
        next.apply(changes);
        if let Some((complete_to, asked_at)) = proof {
            // Two refreshes may overtake each other; each has proved what it has proved.
            next.complete_to = next.complete_to.max(complete_to);
            next.synced_at = next.synced_at.max(asked_at);
        }
        self.put(writer, next);
    }

    fn next(&self) -> Snapshot {
        Snapshot::clone(&self.snapshot.load())
    }

    /// The guard is asked for so that nobody publishes without it, and two writers never lose each other's changes.
    fn put(&self, _writer: &MutexGuard<'_, Writer>, mut next: Snapshot) {
        next.everything = next.set.find(self.digester.of(&Target::everything()));
        self.snapshot.store(Arc::new(next));
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // Every change under the lock is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn age(&self, snapshot: &Snapshot) -> Duration {
        if self.store.is_authoritative() { Duration::ZERO } else { self.clock.boot().saturating_sub(snapshot.synced_at) }
    }

    /// What the wall clock should show, had nobody set it since the log was opened.
    fn expected_now(&self) -> Timestamp {
        let (wall, boot) = self.anchor;
        wall.saturating_add(self.clock.boot().saturating_sub(boot))
    }

    /// For pruning: a wall clock that was set forward by mistake must not drop entries that are needed when it is set right.
    fn earliest_now(&self) -> Timestamp {
        self.clock.wall().min(self.expected_now())
    }

    /// For `not_after`: a wall clock that was set back by mistake must not make entries shorter.
    fn latest_now(&self) -> Timestamp {
        self.clock.wall().max(self.expected_now())
    }
}

impl fmt::Debug for Log {
    /// Counts, never contents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("store", &self.store)
            .field("entries", &self.len())
            .field("pending", &self.pending())
            .field("lag", &self.lag())
            .finish_non_exhaustive()
    }
}

struct Reading {
    epoch: Box<str>,
    horizon: Duration,
    entries: Vec<Change>,
    complete_to: Position,
    asked_at: Duration,
}

/// Reads to the end of the log. `epoch` is the one that has to be found, if it is known.
async fn read(
    store: &dyn RevocationStore,
    clock: &dyn Clock,
    digester: &Digester,
    since: Position,
    epoch: Option<&str>,
) -> Result<Reading, StoreError> {
    let refused = |reason: &str| StoreError::Unreadable { store: store.name(), reason: reason.to_owned() };
    let mut epoch: Option<Box<str>> = epoch.map(Into::into);
    let mut entries = Vec::new();
    let mut cursor = Cursor::after(since);
    loop {
        // Of several answers the last one proves that nothing is missing, so its question counts.
        let asked_at = clock.boot();
        let batch = store.read(&cursor).await?;
        // Another epoch is another log: what this one knew, and the store forgot, would be accepted elsewhere. A head that has gone back
        // is the same loss. Both are refused until the set is stale and everything is; what is known here is never dropped.
        if epoch.as_ref().is_some_and(|epoch| *epoch != batch.epoch) {
            return Err(refused("it is not the log that was read before"));
        }
        if batch.complete_to < cursor.position() || batch.more.as_ref() == Some(&cursor) {
            return Err(refused("it ends before what was read before"));
        }
        entries.extend(batch.entries.iter().map(|entry| change(digester, entry)));
        let Some(more) = batch.more else {
            return Ok(Reading { epoch: batch.epoch, horizon: batch.horizon, entries, complete_to: batch.complete_to, asked_at });
        };
        epoch = Some(batch.epoch);
        cursor = more;
    }
}

fn change(digester: &Digester, entry: &Entry) -> Change {
    let kind = entry.target.kind();
    Change { kind, digest: digester.of(&entry.target), refusal: Refusal::acknowledged(entry.position, entry.not_after), settled: false }
}
