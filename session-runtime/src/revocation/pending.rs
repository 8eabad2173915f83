//! Revoking: what is asked for is refused here at once, and sent to the store until it has acknowledged it.

use std::time::Duration;

use super::{
    entry::{Keep, NewEntry},
    log::Log,
    position::Position,
    reading,
    set::{Change, Refusal},
    target::Target,
};
use crate::{error::StoreError, telemetry, time::Timestamp};

/// How many older revocations a new one takes along. The caller of `revoke` waits for them, so they are few.
const TAKEN_ALONG: usize = 16;

/// The right to write to the store now.
type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

/// A revocation that the store has not acknowledged. There is one for each target, so that repeating it costs no memory.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) entry: NewEntry,
    /// Tells a revocation from an earlier one of the same target that was already on its way: the earlier one's acknowledgement does
    /// not cover tokens that were issued in between on another node.
    ticket: u64,
}

impl Log {
    /// Refuses `target` here at once, and returns when it is in the store.
    pub(super) async fn revoke(&self, target: Target, keep: Keep) -> Result<(), StoreError> {
        // Before the first `await`: whoever drops the future, or loses the store, has refused the credential here.
        self.refuse(&target, keep);
        let sent = self.send(&target, self.turn.lock().await).await;
        telemetry::revoked(self.store.name(), target.kind().as_str(), sent.is_ok());
        if let Err(error) = &sent {
            tracing::warn!(
                store = self.store.name(),
                kind = target.kind().as_str(),
                %error,
                "a revocation was not acknowledged; it is refused here and kept to be sent again"
            );
            // Whoever looks after the log reads it now: a store that lost its data is begun again, and then this is sent.
            self.bell.notify_one();
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

    /// Forgets what waits and is over. Its token has died, so nobody needs the store to know.
    pub(super) fn drop_over(&self, now: Timestamp) {
        let mut writer = self.writer();
        let over: Vec<Target> = writer
            .pending
            .values()
            .filter(|pending| matches!(pending.entry.keep, Keep::Until(moment) if moment < now))
            .map(|pending| pending.entry.target.clone())
            .collect();
        let nothing = Refusal::acknowledged(Position::ZERO, Timestamp::UNIX_EPOCH);
        let settled = |target: &Target| Change { kind: target.kind(), digest: self.digester.of(target), refusal: nothing, settled: true };
        let changes: Vec<Change> = over.iter().map(settled).collect();
        for target in over {
            writer.pending.remove(&target);
        }
        if !changes.is_empty() {
            self.publish(&writer, &changes, None);
        }
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
        let change = Change { settled, ..reading::change(self.digester.of(&entry.target), &entry) };
        // Nobody else writes to an authoritative log and this process writes in turn, so all below this position is known here. What an
        // unknown outcome may have left there is still refused whatever its `gen`. Of a shared log only a read can say so.
        let proof = self.rules.is_authoritative.then_some(entry.position);
        self.publish(&writer, &[change], proof);
        Ok(())
    }

    fn waiting(&self, most: usize) -> Vec<Target> {
        self.writer().pending.keys().take(most).cloned().collect()
    }

    pub(super) async fn raise_horizon(&self, life: Duration) -> Result<(), StoreError> {
        let horizon = self.store.raise_horizon(life).await?;
        {
            let mut writer = self.writer();
            writer.horizon = writer.horizon.max(horizon);
        }
        // An entry that was written under the lower horizon may be pruned before a token of the longer life dies. So no such token may
        // be issued with a `gen` below that entry: whatever stood there when the horizon rose has to be known first.
        if self.rules.is_authoritative { Ok(()) } else { self.refresh().await }
    }
}
