//! Revocation: refusing tokens before they expire.
//!
//! The [log](RevocationStore) keeps what was revoked, and [`Revocations`] holds all of it in memory, so that the check of a token
//! asks nobody. [A token](Revocations::revoke), [a session](Revocations::revoke_session), [everything of a
//! subject](Revocations::revoke_subject), [everything](Revocations::revoke_all), and [what a key sealed](Revocations::revoke_key) can be
//! revoked; an entry lives until the last token that it could cover has expired, and that of a key for ever.
//!
//! "Everything of a subject until now" is not decided by clocks, which differ between nodes. Every entry has a position in the log, and
//! every token carries the position up to which its issuer knew the log (claim `gen`): the token is refused if its issuer did not know
//! of the entry.

mod attend;
mod builder;
mod decision;
mod entry;
mod former;
mod freshness;
mod health;
mod log;
mod pending;
mod position;
mod random;
mod reading;
mod revoke;
mod set;
pub(crate) mod store;
mod strict;
mod target;
#[cfg(test)]
mod tests;
mod upkeep;

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    error::StoreError,
    ids::KeyId,
    time::{Clock, Timestamp},
};

use attend::Attended;
pub use builder::{OnStoreLoss, RevocationsBuilder};
use decision::Moment;
pub(crate) use decision::{Decision, Presented};
pub use entry::{Entry, Keep, NewEntry};
pub use freshness::Freshness;
pub(crate) use freshness::{Demand, Rule};
pub use health::RevocationHealth;
use log::Log;
pub use position::Position;
#[cfg(feature = "postgres")]
pub use store::PostgresRevocations;
#[cfg(feature = "redis")]
pub use store::RedisRevocations;
#[cfg(feature = "sqlite")]
pub use store::SqliteRevocations;
pub use store::{Batch, Beginning, Cursor, Life, MemoryRevocations, RevocationStore};
pub use target::{DigestKey, Kind, Target};

/// What is revoked, complete and in memory, and the way to revoke more.
///
/// Clones are cheap and share everything. Give one to each verifier, which asks it last, and to each issuer, which stamps the
/// [`generation`](Self::generation) into its tokens.
///
/// **The promise**: once a revocation has returned `Ok`, no node that shares the log accepts what it covers for a request that begins later
/// than S, [15 seconds](Self::with_max_staleness) unless it is set, whatever fails. Usually it takes half a second. A node proves to itself in
/// every decision that it heard from the store within S; where it cannot, it answers
/// [`Unavailable`](crate::error::VerifyError::Unavailable), except for what is known to be revoked. [`Freshness`] is for routes that want more,
/// or less. The chapter [`manual::revocation`](crate::manual::revocation) explains the bound, and what an operator sees in each fault.
///
/// `Ok` from a revocation means that it is in the store. On an error it is **refused on this node all the same**, and sent again until the
/// store has it or the token is over. As long as it waits, tokens that the target gets afresh are refused
/// here too: they would be refused everywhere once the entry is written, and a login that fails at once can be repeated.
///
/// A store that this process holds alone ([`MemoryRevocations`], `SqliteRevocations::open`) is never behind. Of one that others write to, a
/// task of the tokio runtime reads what is new, every half a second and whenever the store says that there is something. The same task sends
/// what was not acknowledged, and once an hour forgets what is over. It ends with the last clone.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{Revocations, revocation::MemoryRevocations};
///
/// let revocations = Revocations::open(MemoryRevocations::new()?).await?;
///
/// // One token, by its issuer and `jti`. With a verified token in hand, `revoke(&access)` does the same.
/// revocations.revoke_token(Some("https://id.example"), "pZ7uQ1n5SqKf3Hc0o2LDgA", None).await?;
///
/// // Log out everywhere; tokens that the subject gets from now on are good.
/// revocations.revoke_subject_of(Some("https://id.example"), "ada").await?;
/// assert_eq!(revocations.len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// # Example: the store is out of reach
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use session_runtime::{Revocations, revocation::MemoryRevocations, testing::{FaultyRevocations, WriteFault}};
/// # let store = FaultyRevocations::new(MemoryRevocations::new()?);
/// # let revocations = Revocations::open(store.clone()).await?;
/// # store.fail_writes(WriteFault::NotApplied);
/// let err = revocations.revoke_subject_of(Some("https://id.example"), "ada").await.unwrap_err();
/// assert_eq!(err.to_string(), "the faulty revocation log was not changed: as told");
/// assert_eq!(revocations.pending(), 1); // refused here, not on record yet
/// # store.fail_writes(WriteFault::None);
/// revocations.retry_pending().await?;
/// assert_eq!(revocations.pending(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Revocations {
    log: Arc<Log>,
    max_staleness: Duration,
    _attended: Option<Arc<Attended>>,
}

impl Revocations {
    /// Reads the whole log of `store` into memory, begins it when it is new, and has it looked after by a task of the present tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when any of it cannot be read; a partial set would accept revoked tokens.
    pub async fn open(store: impl RevocationStore) -> Result<Self, StoreError> {
        Self::builder().open(store).await
    }

    /// As [`open`](Self::open), with another clock, and nothing in the background: [`refresh`](Self::refresh),
    /// [`retry_pending`](Self::retry_pending) and [`prune`](Self::prune) are for the caller to call. For tests, which move time.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with_clock(store: impl RevocationStore, clock: impl Clock) -> Result<Self, StoreError> {
        Self::builder().clock(clock).unattended().open(store).await
    }

    /// A log with settings of its own.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::time::Duration;
    /// # use session_runtime::revocation::MemoryRevocations as MyStore;
    /// use session_runtime::{Revocations, revocation::OnStoreLoss};
    ///
    /// let revocations = Revocations::builder()
    ///     .max_staleness(Duration::from_secs(45)) // a failover that takes 40 s refuses nobody
    ///     .on_store_loss(OnStoreLoss::RejectOlder)
    ///     .open(MyStore::new()?)
    ///     .await?;
    /// # assert!(revocations.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> RevocationsBuilder {
        RevocationsBuilder::new()
    }

    /// Says how old the knowledge may be by which this value, and clones made of it later, accept a token; 15 seconds unless told.
    ///
    /// A revocation reaches every node within this time, whatever fails. It should be longer than a failover of the store takes plus
    /// five seconds, and at most a quarter of the life of an access token. A store held by this process alone is never old.
    #[must_use]
    pub fn with_max_staleness(mut self, max_staleness: Duration) -> Self {
        self.max_staleness = max_staleness;
        self
    }

    /// Whether this key is known to be revoked.
    pub(crate) fn refuses_key(&self, ring: &str, key_id: &KeyId) -> bool {
        self.decide(&Presented { ring, key_id: Some(key_id.as_str()), ..Presented::default() }) == Decision::KeyRevoked
    }

    /// Sends every revocation that the store has not acknowledged, as the task in the background does by itself.
    ///
    /// # Errors
    /// The first that occurred; the others were tried all the same.
    pub async fn retry_pending(&self) -> Result<(), StoreError> {
        self.log.retry_pending().await
    }

    /// How many revocations the store has not acknowledged. They are lost when this process ends.
    pub fn pending(&self) -> usize {
        self.log.pending()
    }

    /// Reads what is new in the store, as the task in the background does by itself. With a store that this process holds alone there is nothing
    /// to gain.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be read. What is known is kept, and its [age](Self::lag) goes on growing.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.log.refresh().await
    }

    /// Removes entries that no token needs any more, here and from the store, and returns how many the store removed.
    ///
    /// # Errors
    /// [`StoreError::NotApplied`] or [`StoreError::Unknown`]; entries then stay for longer, which does no harm.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        self.log.prune().await
    }

    /// Tells the log that tokens may live as long as `max_ttl`, or for ever (`None`). Entries for subjects are kept for that time.
    ///
    /// Attaching an issuer or a verifier does it. It never becomes less: the tokens of before are still out there.
    ///
    /// # Errors
    /// Those of the store. The issuer must not issue then.
    pub async fn raise_horizon(&self, max_ttl: Option<Duration>) -> Result<(), StoreError> {
        self.log.raise_horizon(max_ttl.unwrap_or(Duration::MAX)).await
    }

    /// The position in the log up to which everything is known here: what issuers stamp into tokens as `gen`.
    ///
    /// It is read without a lock. Read it **before** the credential of a login is checked, and for a refresh carry on the old one, so
    /// that no token outruns a revocation that came in between.
    pub fn generation(&self) -> u64 {
        self.log.generation().as_u64()
    }

    /// How old what is known is, at most: an upper bound, by a clock that goes on while the machine sleeps. It is zero for a store that this
    /// process holds alone.
    pub fn lag(&self) -> Duration {
        self.log.lag()
    }

    /// How many targets are refused: tokens, subjects, keys, and everything, which counts as one.
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Whether nothing is refused.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an issuer may date tokens by `now`.
    ///
    /// # Errors
    /// The seconds by which this machine's clock is ahead of the store's, if that is more than clocks may differ.
    pub(crate) fn may_date(&self, now: Timestamp) -> Result<(), i64> {
        let Some(skew) = self.log.skew_at(now) else { return Ok(()) };
        if Duration::from_secs(skew.unsigned_abs()) > self.log.rules.skew { Err(skew) } else { Ok(()) }
    }

    /// The moment for [`confirm`](Self::confirm): what is asked later counts.
    pub(crate) fn moment(&self) -> Duration {
        self.log.clock.boot()
    }

    /// Begins a decision, with the time of day by which the token is judged. What has been acknowledged more than the allowed age before this
    /// call is known in it, or it decides nothing.
    #[inline]
    pub(crate) fn look(&self, wall: Timestamp, demand: Demand) -> Look<'_> {
        // A store that nobody else writes to is never old, so nobody needs to know what time it is.
        let boot = if self.log.rules.is_authoritative { Duration::ZERO } else { self.log.clock.boot() };
        Look { revocations: self, now: Moment { wall, boot }, demand }
    }

    /// What a decision under this rule demands; `None` for one that has to ask the store first.
    #[inline]
    pub(crate) fn demand(&self, rule: Rule) -> Option<Demand> {
        match rule {
            Rule::Deny => Some(Demand::Age(self.max_staleness)),
            Rule::BoundedStale(age) => Some(Demand::Age(age.max(self.max_staleness))),
            Rule::Unchecked => Some(Demand::Unchecked(self.max_staleness)),
            Rule::Strict { .. } if self.log.rules.is_authoritative => Some(Demand::Age(self.max_staleness)),
            Rule::Strict { .. } => None,
        }
    }

    /// How old what is known may be.
    pub(crate) fn max_staleness(&self) -> Duration {
        self.max_staleness
    }

    fn decide(&self, presented: &Presented<'_>) -> Decision {
        self.look(self.log.clock.wall(), Demand::Age(self.max_staleness)).decide(presented)
    }
}

/// One decision about one token. It costs two keyed digests, a third once a key or a session was ever revoked, and with a shared log one
/// reading of the clock. It asks nobody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'r> {
    revocations: &'r Revocations,
    now: Moment,
    demand: Demand,
}

impl Look<'_> {
    /// A call of its own: it costs less than a hundredth of what it does, and `cargo xtask gate` counts what happens in it.
    #[inline(never)]
    pub(crate) fn decide(&self, presented: &Presented<'_>) -> Decision {
        let log = &self.revocations.log;
        let decision = log.decide(presented, self.now, self.demand);
        if let Decision::Unchecked(age) = decision {
            log.tell_of_unchecked(age);
        }
        decision
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.log, f)
    }
}
