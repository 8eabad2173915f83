//! How a log is opened: its clock, its bound, and what happens when its store loses what it held.

use std::{fmt, sync::Arc, time::Duration};

use super::{Revocations, attend::Attended, log::Log, store::RevocationStore};
use crate::{
    error::StoreError,
    limits,
    time::{Clock, SystemClock},
};

/// What nodes do when the store comes back without what it held: a restart without its data, a failover that lost the last entries.
///
/// In any case the store is told by every node what that node knows, and a node that is started meanwhile refuses tokens from before as
/// unavailable, for twice the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnStoreLoss {
    /// That is all. Lost is only what no living node had read: nothing that was acknowledged longer ago than the bound, unless every node
    /// was down or cut off.
    #[default]
    Reassert,
    /// Every token from before is refused for good, and everybody has to log in again. For services to which one revoked token that passes is
    /// worse than that.
    RejectOlder,
}

/// Settings of [`Revocations::builder`].
#[must_use = "nothing is opened before `open`"]
pub struct RevocationsBuilder(Settings);

pub(super) struct Settings {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) max_staleness: Duration,
    pub(super) poll: Duration,
    pub(super) skew: Duration,
    pub(super) on_loss: OnStoreLoss,
    pub(super) recovery: Duration,
    pub(super) telling: Duration,
    attended: bool,
}

impl RevocationsBuilder {
    pub(super) fn new() -> Self {
        Self(Settings {
            clock: Arc::new(SystemClock),
            max_staleness: limits::MAX_STALENESS,
            poll: limits::POLL,
            skew: limits::CLOCK_SKEW,
            on_loss: OnStoreLoss::default(),
            recovery: Duration::ZERO,
            telling: Duration::ZERO,
            attended: true,
        })
    }

    /// The clock by which entries end and knowledge grows old.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.0.clock = Arc::new(clock);
        self
    }

    /// S: how old the knowledge may be by which a token is accepted; see [`Revocations::with_max_staleness`].
    pub fn max_staleness(mut self, max_staleness: Duration) -> Self {
        self.0.max_staleness = max_staleness;
        self
    }

    /// How often the log is read; [`limits::POLL`] unless it is set. Several readings have to fit into S.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.0.poll = poll;
        self
    }

    /// What happens when the store loses what it held.
    pub fn on_store_loss(mut self, on_loss: OnStoreLoss) -> Self {
        self.0.on_loss = on_loss;
        self
    }

    /// Trusts this machine's time of day, however far it is from the store's.
    ///
    /// **A token whose revocation was forgotten, because it had expired, is accepted again by a node whose clock is behind.** For machines
    /// whose store has the wrong time and nobody can set it.
    pub fn dangerous_ignore_clock_skew(mut self) -> Self {
        self.0.skew = Duration::MAX;
        self
    }

    /// Nothing runs in the background: [`refresh`](Revocations::refresh), [`retry_pending`](Revocations::retry_pending) and
    /// [`prune`](Revocations::prune) are for you to call, or for a test.
    pub fn unattended(mut self) -> Self {
        self.0.attended = false;
        self
    }

    /// Reads the whole log of `store` into memory, and begins it when it is new. From then on a task of the present tokio runtime looks after
    /// it, until the last clone is dropped: it reads what is new, sends what was not acknowledged, and forgets what is over.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when any of it cannot be read; a partial set would accept revoked tokens.
    pub async fn open(self, store: impl RevocationStore) -> Result<Revocations, StoreError> {
        let Self(mut settings) = self;
        // Twice the bound: every node that is there has read by then, and told what it knows.
        settings.recovery = settings.max_staleness.saturating_mul(2);
        // By then whoever is connected has read, and told what it alone knows. A store that is back before two thirds of S refuses nobody.
        settings.telling = settings.poll.saturating_mul(4).min(settings.max_staleness.div_f32(3.0));
        let (max_staleness, poll, attended) = (settings.max_staleness, settings.poll, settings.attended);
        let log = Arc::new(Log::open(Box::new(store), settings).await?);
        let attended = if attended { Attended::begin(&log, poll) } else { None };
        Ok(Revocations { log, max_staleness, _attended: attended.map(Arc::new) })
    }
}

impl fmt::Debug for RevocationsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { max_staleness, poll, on_loss, attended, .. } = &self.0;
        f.debug_struct("RevocationsBuilder")
            .field("max_staleness", max_staleness)
            .field("poll", poll)
            .field("on_store_loss", on_loss)
            .field("attended", attended)
            .finish_non_exhaustive()
    }
}
