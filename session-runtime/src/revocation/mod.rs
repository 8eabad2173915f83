//! Revocation: refusing tokens before they expire.
//!
//! The [log](RevocationStore) keeps what was revoked, and [`Revocations`] holds all of it in memory, so that the check of a token
//! asks nobody. A token, [everything of a subject](Revocations::revoke_subject), [everything](Revocations::revoke_all), and [what a key
//! sealed](Revocations::revoke_key) can be revoked; an entry lives until the last token that it could cover has expired, and that of a key
//! for ever.
//!
//! "Everything of a subject until now" is not decided by clocks, which differ between nodes. Every entry has a position in the log, and
//! every token carries the position up to which its issuer knew the log (claim `gen`): the token is refused if its issuer did not know
//! of the entry.

mod decision;
mod entry;
mod position;
mod random;
mod set;
pub(crate) mod store;
mod sync;
mod target;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    error::{RevokeError, StoreError},
    ids::KeyId,
    limits,
    time::{Clock, SystemClock, Timestamp},
    token::Verified,
};

pub(crate) use decision::{Decision, Presented};
pub use entry::{Entry, Keep, NewEntry};
pub use position::Position;
#[cfg(feature = "postgres")]
pub use store::PostgresRevocations;
#[cfg(feature = "sqlite")]
pub use store::SqliteRevocations;
pub use store::{Batch, Beginning, Cursor, Life, MemoryRevocations, RevocationStore};
use sync::Log;
pub use target::{DigestKey, Kind, Target};

/// What is revoked, complete and in memory, and the way to revoke more.
///
/// Clones are cheap and share everything. Give one to each verifier, which asks it last, and to each issuer, which stamps the
/// [`generation`](Self::generation) into its tokens.
///
/// `Ok` from a revocation means that it is in the store. On an error it is **refused on this node all the same**, and sent again with
/// later revocations or by [`retry_pending`](Self::retry_pending). As long as it waits, tokens that the target gets afresh are refused
/// here too: they would be refused everywhere once the entry is written, and a login that fails at once can be repeated.
///
/// What is known must not be old. A store that this process holds alone ([`MemoryRevocations`], `SqliteRevocations`) is never behind.
/// Of a store that others write to, [`refresh`](Self::refresh) has to be called again and again, several times within
/// [`max_staleness`](Self::with_max_staleness): past it every token is refused as
/// [`Unavailable`](crate::error::VerifyError::Unavailable), except those known to be revoked, which stay revoked.
///
/// Call [`prune`](Self::prune) about once an hour.
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
}

impl Revocations {
    /// Reads the whole log of `store` into memory.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when any of it cannot be read; a partial set would accept revoked tokens.
    pub async fn open(store: impl RevocationStore) -> Result<Self, StoreError> {
        Self::open_with_clock(store, SystemClock).await
    }

    /// As [`open`](Self::open), with another clock.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with_clock(store: impl RevocationStore, clock: impl Clock) -> Result<Self, StoreError> {
        let log = Log::open(Box::new(store), Arc::new(clock)).await?;
        Ok(Self { log: Arc::new(log), max_staleness: limits::MAX_STALENESS })
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

    /// Revokes this token, and no other. Revoking it again does no harm.
    ///
    /// # Errors
    /// * [`RevokeError::NoTokenId`] when the token has no `jti`.
    /// * [`RevokeError::Store`] when it is not known to be on record; see the [type](Self) for what holds until it is.
    pub async fn revoke<C>(&self, token: &Verified<C>) -> Result<(), RevokeError> {
        let token_id = token.token_id().ok_or(RevokeError::NoTokenId)?;
        self.revoke_token(token.issuer(), token_id, token.expires_at()).await
    }

    /// Revokes the token of this issuer and `jti`; `expires_at` is its `exp`.
    ///
    /// Without `expires_at` the entry is kept for ever, because nobody knows when it is no longer needed.
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_token(&self, issuer: Option<&str>, token_id: &str, expires_at: Option<Timestamp>) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::token(issuer, token_id), Keep::for_token(expires_at)).await?)
    }

    /// Revokes every token that this token's issuer has given its subject so far: "log out everywhere".
    ///
    /// Tokens issued afterwards are good. On a node of a shared log, "afterwards" begins when that node has seen the entry; a token
    /// that it issues before is refused everywhere and the login has to be repeated.
    ///
    /// # Errors
    /// * [`RevokeError::NoSubject`] when the token has no `sub`.
    /// * [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_subject<C>(&self, token: &Verified<C>) -> Result<(), RevokeError> {
        let subject = token.subject().ok_or(RevokeError::NoSubject)?;
        self.revoke_subject_of(token.issuer(), subject).await
    }

    /// Revokes every token of this issuer and subject so far, as [`revoke_subject`](Self::revoke_subject).
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_subject_of(&self, issuer: Option<&str>, subject: &str) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::subject(issuer, subject), Keep::Horizon).await?)
    }

    /// Revokes every token so far of every issuer that is attached to this log. Everybody has to log in again.
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_all(&self) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::everything(), Keep::Horizon).await?)
    }

    /// Revokes every token under one key of one ring, whatever it says: on every node that shares the log within the
    /// [bound](Self::with_max_staleness), although its ring has not heard of it yet. It is the first step of
    /// [`emergency::compromise`](crate::emergency::compromise), which is what you want when a key is in other hands: this alone leaves the
    /// key in the ring, where it goes on signing tokens that are refused.
    ///
    /// `ring` is the name by which verifiers know the ring: what [`KeyRing::name`](crate::KeyRing::name) says for a stored one, the host for
    /// the keys of a `RemoteJwks`, and `imported` for keys that were read from text. A key without a name cannot be revoked.
    ///
    /// The entry is kept for ever, because whoever has the key can make tokens for ever. An older version of this library does not know
    /// this kind of entry and refuses to read a log that has one, so let every node have this version first.
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_key(&self, ring: &str, key_id: &KeyId) -> Result<(), RevokeError> {
        Ok(self.log_key(ring, key_id).await?)
    }

    /// As [`revoke_key`](Self::revoke_key), with the only error that there can be.
    pub(crate) async fn log_key(&self, ring: &str, key_id: &KeyId) -> Result<(), StoreError> {
        self.log.revoke(Target::key(ring, key_id), Keep::KEY).await
    }

    /// Whether this key is known to be revoked.
    pub(crate) fn refuses_key(&self, ring: &str, key_id: &KeyId) -> bool {
        self.decide(&Presented { ring, key_id: Some(key_id.as_str()), ..Presented::default() }) == Decision::KeyRevoked
    }

    /// Sends every revocation that the store has not acknowledged.
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

    /// Reads what is new in the store. With a store that this process holds alone there is nothing to gain.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be read, or is not the log that was read before. What is known is kept, and its
    /// [age](Self::lag) goes on growing.
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

    /// How old what is known is, at most. It is zero for a store that this process holds alone.
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

    /// Decides about a token, from memory alone. It costs two keyed digests, a third once a key was ever revoked, and with a shared
    /// log one reading of the clock.
    #[cfg_attr(not(test), allow(dead_code, reason = "the lifecycle is its only user"))]
    pub(crate) fn decide(&self, presented: &Presented<'_>) -> Decision {
        self.log.decide(presented, self.max_staleness)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.log, f)
    }
}
