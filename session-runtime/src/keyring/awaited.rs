//! A reading of keys that requests may wait for: whether one is under way, and when it is over.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::watch;

use super::source::Source;
use crate::{format::Format, future::BoxFuture, limits};

/// The readings of one source, one at a time. What decides whether another one may begin is its owner's, as is the lock under which
/// readings begin and are asked about.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// How many tasks are there that read when they are asked: one, or for a moment two when one takes over.
    attended: AtomicUsize,
    /// How many are under way.
    begun: AtomicUsize,
    /// How many of these have been for no longer than anybody waits.
    awaited: AtomicUsize,
    over: watch::Sender<()>,
}

impl Readings {
    /// A task reads when it is asked, until what this returns is dropped: with the task, or with its runtime.
    pub(super) fn attend(self: &Arc<Self>) -> Attended {
        self.attended.fetch_add(1, Ordering::AcqRel);
        Attended(Arc::clone(self))
    }

    /// A reading begins.
    pub(super) fn begin(self: &Arc<Self>) -> Reading {
        self.begun.fetch_add(1, Ordering::AcqRel);
        self.awaited.fetch_add(1, Ordering::AcqRel);
        Reading { readings: Arc::clone(self), awaited: true }
    }

    /// The end of the reading that is under way, or begins at once; `None` when there is none, or when it has been under way for longer than
    /// anybody waits: what is asked for meanwhile begins after it. `begins`: whether a task that was asked may read now.
    pub(super) fn end(&self, begins: impl FnOnce() -> bool) -> Option<End> {
        // First, so that an end between the next lines is heard.
        let mut over = self.over.subscribe();
        let is_some = |count: &AtomicUsize| count.load(Ordering::Acquire) > 0;
        let coming = is_some(&self.awaited) || (!is_some(&self.begun) && is_some(&self.attended) && begins());
        // Whoever sends tokens that name nothing decides how many wait, but for this.
        (coming && self.over.receiver_count() <= limits::KEY_WAITERS).then(|| -> End {
            Box::pin(async move {
                // An error says that the source is gone, which is an end, too.
                let _ = over.changed().await;
            })
        })
    }
}

/// A task that reads.
pub(super) struct Attended(Arc<Readings>);

impl Drop for Attended {
    fn drop(&mut self) {
        self.0.attended.fetch_sub(1, Ordering::AcqRel);
        // Whoever waits for a reading that was about to begin.
        self.0.over.send_replace(());
    }
}

/// A reading that is under way. However it ends, and be it that its future is dropped, nobody goes on waiting for it.
pub(super) struct Reading {
    readings: Arc<Readings>,
    awaited: bool,
}

impl Reading {
    /// Awaits what reads. Nobody else waits for longer than [`limits::KEY_WAIT`], and those who come later do not begin to.
    pub(super) async fn of<T>(mut self, reading: impl Future<Output = T>) -> T {
        let mut reading = pin!(reading);
        match tokio::time::timeout(limits::KEY_WAIT, &mut reading).await {
            Ok(read) => read,
            Err(_) => {
                self.let_go();
                reading.await
            }
        }
    }

    fn let_go(&mut self) {
        if std::mem::take(&mut self.awaited) {
            self.readings.awaited.fetch_sub(1, Ordering::AcqRel);
            self.readings.over.send_replace(());
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.readings.begun.fetch_sub(1, Ordering::AcqRel);
        self.let_go();
    }
}

/// Ready when a reading is over, or nobody should wait for it any more.
pub(crate) type End = BoxFuture<'static, ()>;

/// A key that a token names and that is not there.
pub(crate) struct Absent {
    keys: Arc<dyn Brings>,
    key_id: Option<Box<str>>,
}

impl Absent {
    pub(crate) fn new<F: Format>(source: &Arc<Source<F>>, key_id: Option<&str>) -> Self {
        Self { keys: Arc::clone(source) as _, key_id: key_id.map(Into::into) }
    }

    /// Whether it has come.
    pub(crate) fn has_come(&self) -> bool {
        self.keys.has(self.key_id.as_deref())
    }

    /// The end of the reading that may bring it.
    pub(crate) fn coming(&self) -> Option<End> {
        self.keys.coming()
    }
}

/// A source, whatever its format.
trait Brings: Send + Sync {
    fn has(&self, key_id: Option<&str>) -> bool;
    fn coming(&self) -> Option<End>;
}

impl<F: Format> Brings for Source<F> {
    fn has(&self, key_id: Option<&str>) -> bool {
        Source::has(self, key_id)
    }

    fn coming(&self) -> Option<End> {
        Source::coming(self)
    }
}
