//! The lock-free view of a ring that issuers and verifiers read: prepared keys, replaced as a whole.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;

use super::{
    import::Key,
    state::{KeyState, KeyTimes},
};
use crate::{
    claims::policy::Window,
    crypto::SealingHalf,
    format::{Format, sealed::Sealed},
    ids::KeyId,
    time::{Clock, Timestamp},
};

/// What holds keys for one format: a [`KeyRing`](crate::KeyRing), or one of the two types that can only verify.
pub trait Keys: Sealed {
    /// The format.
    type Format: Format;

    #[doc(hidden)]
    fn source(&self) -> &Arc<Source<Self::Format>>;
}

/// A ring as its users see it.
pub struct Source<F: Format> {
    pub(crate) name: String,
    /// Whether keys of this ring ever retire.
    pub(crate) rotating: bool,
    pub(crate) clock: Arc<dyn Clock>,
    snapshot: ArcSwap<Snapshot<F>>,
    /// Counts what was published.
    edition: AtomicU64,
}

/// The keys of a ring at one moment, prepared for use. Never changed, only replaced, so that reading takes no lock.
pub(crate) struct Snapshot<F: Format> {
    /// Oldest first.
    pub(crate) keys: Vec<RingKey<F>>,
    pub(crate) max_ttl: Duration,
}

/// One key of a snapshot.
pub(crate) struct RingKey<F: Format> {
    pub(crate) id: Option<KeyId>,
    pub(crate) epoch: u64,
    pub(crate) times: KeyTimes,
    /// Whether the ring made it, and so knows when it signed.
    pub(crate) generated: bool,
    /// Prepared once, and shared by every later snapshot.
    pub(crate) material: Arc<Material<F>>,
}

/// The halves of one key.
pub(crate) struct Material<F: Format> {
    pub(crate) sealing: Option<F::Sealing>,
    /// Gone with the secret once a symmetric key is compromised: such a key opens nothing more.
    pub(crate) opening: Option<F::Opening>,
}

impl<F: Format> Source<F> {
    pub(crate) fn new(name: String, rotating: bool, clock: Arc<dyn Clock>, snapshot: Snapshot<F>) -> Self {
        Self { name, rotating, clock, snapshot: ArcSwap::from_pointee(snapshot), edition: AtomicU64::new(0) }
    }

    /// The keys now.
    #[inline]
    pub(crate) fn load(&self) -> arc_swap::Guard<Arc<Snapshot<F>>> {
        self.snapshot.load()
    }

    pub(crate) fn publish(&self, snapshot: Snapshot<F>) {
        self.snapshot.store(Arc::new(snapshot));
        // After the keys, so that whoever sees the new number sees them too; before it returns, since a compromised key has to be
        // gone for everybody who asks from now on.
        self.edition.fetch_add(1, Ordering::Release);
    }

    /// Another number than before means that other keys were published.
    #[inline]
    pub(crate) fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }
}

impl<F: Format> RingKey<F> {
    /// A key that signs from `now` on.
    pub(crate) fn starting(key: Key<F>, epoch: u64, now: Timestamp, generated: bool) -> Self {
        let opening = key.sealing.opening();
        let material = Arc::new(Material { sealing: Some(key.sealing), opening: Some(opening) });
        Self { id: key.id, epoch, times: KeyTimes::starting(now), generated, material }
    }

    pub(crate) fn state(&self, now: Timestamp) -> KeyState {
        self.times.state(now)
    }

    /// When the ring let this key sign; nobody knows it of an imported key.
    pub(crate) fn window(&self, max_ttl: Duration) -> Option<Window> {
        self.generated.then(|| self.times.window(max_ttl))
    }
}

impl<F: Format> Clone for RingKey<F> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), epoch: self.epoch, times: self.times, generated: self.generated, material: Arc::clone(&self.material) }
    }
}

impl<F: Format> fmt::Debug for Source<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("ring", &self.name)
            .field("format", &F::NAME)
            .field("keys", &self.load().keys)
            .finish_non_exhaustive()
    }
}

/// Names and times only; key material has no place in a log.
impl<F: Format> fmt::Debug for RingKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
