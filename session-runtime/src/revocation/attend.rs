//! The task that looks after a log: it reads what is new, sends what was not acknowledged, and forgets what is over.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use tokio::{runtime::Handle, sync::Notify, task::JoinHandle, time::timeout};

use super::log::Log;
use crate::{limits, telemetry};

/// How often what is over is forgotten.
const PRUNING: Duration = Duration::from_secs(3_600);
/// Hints of a store that comes in a storm are heeded at most this often.
const LEAST: Duration = Duration::from_millis(5);

/// The task, which ends when this is dropped.
pub(super) struct Attended(JoinHandle<()>);

impl Drop for Attended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Attended {
    /// `None` outside of a tokio runtime, which is told: then somebody else has to do it.
    pub(super) fn begin(log: &Arc<Log>, poll: Duration) -> Option<Self> {
        let Ok(runtime) = Handle::try_current() else {
            tracing::warn!(store = log.store.name(), "opened outside of a tokio runtime: call `refresh`, `retry_pending` and `prune`");
            return None;
        };
        log.state.attended.store(true, Ordering::Relaxed);
        Some(Self(match log.rules.is_authoritative {
            true => runtime.spawn(look_after_alone(Arc::downgrade(log), poll)),
            false => runtime.spawn(look_after(Arc::clone(log), poll)),
        }))
    }
}

/// Sending and forgetting go on beside reading, and after one. A store that reads and does not write (its copies are away, its disk is full) keeps
/// whoever sends waiting, and a large log whoever forgets; if reading waited for them, knowledge would grow old and nobody would be let in.
async fn look_after(log: Arc<Log>, poll: Duration) {
    let read = Notify::new();
    tokio::join!(keep_reading(&log, poll, &read), keep_sending(&log, &read));
}

async fn keep_reading(log: &Log, poll: Duration, read: &Notify) {
    loop {
        wait(log, poll).await;
        if !log.rules.is_authoritative {
            // A store has deadlines of its own; this one is for those that do not keep them.
            if timeout(limits::LOG_READ, log.refresh()).await.is_err() {
                log.failed(&log.late());
            }
            log.tell_of_skew();
        }
        telemetry::log(log.store.name(), log.known());
        read.notify_one();
    }
}

async fn keep_sending(log: &Log, read: &Notify) {
    let mut pruned_at = log.clock.boot();
    loop {
        read.notified().await;
        send_and_forget(log, &mut pruned_at).await;
    }
}

/// There is nothing to read in a log that nobody else writes to. The task holds it only while it works: whoever drops the last clone has let
/// go of the store, which somebody may want to open at once, before the runtime comes to end a task.
async fn look_after_alone(log: Weak<Log>, poll: Duration) {
    let mut pruned_at = None;
    loop {
        sleep(poll).await;
        let Some(log) = log.upgrade() else { return };
        telemetry::log(log.store.name(), log.known());
        send_and_forget(&log, pruned_at.get_or_insert_with(|| log.clock.boot())).await;
    }
}

async fn send_and_forget(log: &Log, pruned_at: &mut Duration) {
    if log.pending() > 0 {
        log.drop_over(log.earliest_now());
        // It is told by those that wait, and in the log when it was asked for.
        let _ = timeout(limits::LOG_READ, log.retry_pending()).await;
    }
    let now = log.clock.boot();
    if now.saturating_sub(*pruned_at) >= PRUNING {
        *pruned_at = now;
        if let Err(error) = log.prune().await {
            tracing::debug!(store = log.store.name(), %error, "the revocation log was not pruned; entries stay for longer");
        }
    }
}

async fn wait(log: &Log, poll: Duration) {
    sleep(LEAST.min(poll)).await;
    tokio::select! {
        () = sleep(poll.saturating_sub(LEAST)) => {}
        () = log.store.woken() => {}
        () = log.bell.notified() => {}
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place of this task that waits; all that it decides is decided by the log's clock")]
async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}
