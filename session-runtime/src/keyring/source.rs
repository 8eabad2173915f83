//! The lock-free view of a ring that issuers and verifiers read: prepared keys, replaced as a whole.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    awaited::End,
    health::{Health, Trouble},
    import::Key,
    keeper::Attendance,
    schedule::Timed,
    siblings::Siblings,
    state::{KeyState, KeyTimes, Rules},
    timing::Timing,
};
use crate::{
    claims::policy::Window,
    crypto::SealingHalf,
    error::{KeyError, Unavailable},
    format::{Format, sealed::Sealed},
    ids::KeyId,
    limits,
    swap::{Guard, Published},
    telemetry,
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
    snapshot: Published<Snapshot<F>>,
    /// `None` for keys that cannot be out of date.
    freshness: Option<Freshness>,
    trouble: Mutex<Option<Trouble>>,
    /// The task that looks after the keys, and how it is woken.
    pub(super) attendance: Attendance,
    pub(super) siblings: Siblings,
    wanted: Option<Arc<dyn Wanted>>,
}

/// How old the keys are, by the clock that nobody sets.
struct Freshness {
    allowed: Duration,
    /// Milliseconds of the boot clock when the keys were last known to be what the store has.
    read_at: AtomicU64,
}

/// Hears of tokens that name a key which is not there. It is called on the way of a request: it takes note and returns.
pub(crate) trait Wanted: fmt::Debug + Send + Sync {
    /// `None` for a token that names no key.
    fn wanted(&self, key_id: Option<&str>);

    /// The end of the reading that is under way or about to begin, if there is one.
    fn coming(&self) -> Option<End>;
}

/// The keys of a ring at one moment, prepared for use. Never changed, only replaced, so that reading takes no lock.
pub(crate) struct Snapshot<F: Format> {
    /// Oldest first.
    pub(crate) keys: Vec<RingKey<F>>,
    pub(crate) rules: Rules,
    /// The version of the stored ring that they are from; 0 for keys that no store has.
    pub(crate) version: u64,
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

impl<F: Format> Snapshot<F> {
    /// Keys that were made elsewhere, and of whose times nobody here knows.
    pub(crate) fn of_others(keys: Vec<RingKey<F>>) -> Self {
        Self { keys, rules: Rules { timing: Timing::SINGLE, max_ttl: limits::MAX_TTL }, version: 0 }
    }
}

impl<F: Format> Source<F> {
    pub(crate) fn new(name: String, rotating: bool, clock: Arc<dyn Clock>, snapshot: Snapshot<F>) -> Self {
        Self {
            name,
            rotating,
            clock,
            snapshot: Published::new(snapshot),
            freshness: None,
            trouble: Mutex::new(None),
            attendance: Attendance::default(),
            siblings: Siblings::default(),
            wanted: None,
        }
    }

    /// The same, whose keys are out of date when they were last read longer than `allowed` ago; they were first read when the boot clock showed
    /// `read_at`.
    pub(crate) fn out_of_date_after(mut self, allowed: Option<Duration>, read_at: Duration) -> Self {
        let read_at = AtomicU64::new(millis(read_at));
        self.freshness = allowed.map(|allowed| Freshness { allowed, read_at });
        self
    }

    /// The same, whose missing keys somebody wants to hear of.
    #[cfg(feature = "jwks-client")]
    pub(crate) fn heard_by(mut self, wanted: Arc<dyn Wanted>) -> Self {
        self.wanted = Some(wanted);
        self
    }

    /// Takes note that the store was read well, having been asked at `asked_at`.
    pub(crate) fn read_well(&self, asked_at: Duration, news: bool) {
        self.is_current(asked_at, news);
        self.series().read(true, self.known());
    }

    /// Takes note that the keys were what the store had when the boot clock showed `asked_at`, by a reading or because this node wrote them.
    fn is_current(&self, asked_at: Duration, news: bool) {
        self.read_at(asked_at);
        let ended = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Trouble { since, .. }) = ended {
            tracing::info!(ring = self.name, format = F::NAME, since = %since, news, "keys can be read again");
        }
    }

    /// Takes note that the store was written, and nobody else had changed it since `asked_at`.
    pub(crate) fn written(&self, asked_at: Duration) {
        self.is_current(asked_at, false);
        self.series().known(self.known());
    }

    /// Takes note that the store could not be read.
    pub(crate) fn read_badly(&self, now: Timestamp, error: &KeyError) {
        tracing::warn!(ring = self.name, format = F::NAME, %error, "keys could not be read; those that are known stay in use");
        self.series().read(false, self.known());
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let since = trouble.as_ref().map_or(now, |trouble| trouble.since);
        *trouble = Some(Trouble { since, cause: error.to_string() });
    }

    /// Whose counters and gauges these are.
    pub(crate) fn series(&self) -> telemetry::Of<'_> {
        telemetry::Of { ring: &self.name, format: F::NAME }
    }

    /// How well the keys are known, for gauges.
    pub(crate) fn known(&self) -> telemetry::Known {
        let (age, out_of_date) = (self.age(), self.stale().is_some());
        telemetry::Known { age, out_of_date, now: self.clock.wall().as_unix(), keys: self.load().keys.len() }
    }

    /// How the keys are.
    pub(crate) fn health(&self) -> Health {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Health { age: self.age(), stale: self.stale().is_some(), trouble }
    }

    /// Takes note that the keys were what the store has when the boot clock showed `at`, which was read before the store was asked.
    pub(crate) fn read_at(&self, at: Duration) {
        if let Some(freshness) = &self.freshness {
            freshness.read_at.fetch_max(millis(at), Ordering::AcqRel);
        }
    }

    /// How long ago the keys were last known to be what the store has; `None` where they cannot be out of date.
    pub(crate) fn age(&self) -> Option<Duration> {
        let freshness = self.freshness.as_ref()?;
        let read_at = Duration::from_millis(freshness.read_at.load(Ordering::Acquire));
        Some(self.clock.boot().saturating_sub(read_at))
    }

    /// Why nothing may be verified with these keys now.
    #[inline]
    pub(crate) fn stale(&self) -> Option<Unavailable> {
        let allowed = self.freshness.as_ref()?.allowed;
        self.age().filter(|age| *age > allowed).map(|age| Unavailable::StaleKeys { age, allowed })
    }

    /// Why nobody knows whether the ring has a key that is not here: one that was made after the ring was last read may sign by now.
    #[cold]
    pub(crate) fn incomplete(&self) -> Option<Unavailable> {
        let timing = self.load().rules.timing;
        let allowed = timing.complete_for();
        let old = self.age().filter(|age| timing.is_shared() && *age > allowed);
        self.stale().or_else(|| old.map(|age| Unavailable::StaleKeys { age, allowed }))
    }

    /// A token names a key that is not there.
    #[cold]
    pub(crate) fn wanted(&self, key_id: Option<&str>) {
        self.attendance.ring(key_id, self.clock.boot());
        if let Some(wanted) = &self.wanted {
            wanted.wanted(key_id);
        }
    }

    /// The end of the reading that is under way or about to begin, and may bring a key that was [wanted](Self::wanted).
    pub(super) fn coming(&self) -> Option<End> {
        self.attendance.coming(self.clock.boot()).or_else(|| self.wanted.as_ref()?.coming())
    }

    /// Whether a token that names this key is checked with one of these.
    pub(crate) fn has(&self, key_id: Option<&str>) -> bool {
        self.load().keys.iter().any(|key| key.id.as_ref().is_none_or(|id| key_id == Some(id.as_str())))
    }

    /// The keys now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Arc<Snapshot<F>>> {
        self.snapshot.load()
    }

    /// What publishes the keys, for what is prepared from them.
    #[inline]
    pub(crate) fn published(&self) -> &Published<Snapshot<F>> {
        &self.snapshot
    }

    pub(crate) fn publish(&self, snapshot: Snapshot<F>) {
        self.snapshot.publish(snapshot);
    }

    /// Publishes what was read from a store, unless a later version was published since it was read. Answers whether it was.
    pub(crate) fn publish_unless_older(&self, snapshot: Snapshot<F>) -> bool {
        let version = snapshot.version;
        self.snapshot.publish_if(snapshot, |now| now.version <= version)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl<F: Format> RingKey<F> {
    pub(crate) fn new(key: Key<F>, epoch: u64, times: KeyTimes, generated: bool) -> Self {
        let opening = key.sealing.opening();
        let material = Arc::new(Material { sealing: Some(key.sealing), opening: Some(opening) });
        Self { id: key.id, epoch, times, generated, material }
    }

    /// Lets go of the private half, and of all of a secret.
    pub(crate) fn destroy(&mut self) {
        let opening = if F::SYMMETRIC { None } else { self.material.opening.clone() };
        self.material = Arc::new(Material { sealing: None, opening });
    }

    pub(crate) fn state(&self, now: Timestamp) -> KeyState {
        self.times.state(now)
    }

    /// When the ring let this key sign; nobody knows it of an imported key.
    pub(crate) fn window(&self, rules: &Rules) -> Option<Window> {
        self.generated.then(|| self.times.window(rules))
    }
}

impl<F: Format> Timed for RingKey<F> {
    fn epoch(&self) -> u64 {
        self.epoch
    }
    fn times(&self) -> &KeyTimes {
        &self.times
    }
    fn times_mut(&mut self) -> &mut KeyTimes {
        &mut self.times
    }
    fn has_private(&self) -> bool {
        self.material.sealing.is_some()
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
