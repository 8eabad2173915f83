//! The order of steps when a key is in other hands: the log, which every node hears of within seconds, then the ring, then its next key.
//!
//! Ring and log may lie in different stores, so this is no transaction. It is a sequence of steps that change nothing when they are
//! repeated, none of which waits for another to succeed: the log is out of reach when the ring is not, and the other way round, and what can
//! be done in an emergency is done.

use crate::{
    error::{CompromiseError, KeyError, StoreError},
    format::Format,
    ids::KeyId,
    keyring::{KeyRing, KeyState},
    revocation::Revocations,
};

/// How often a step is tried that failed for a reason that may pass. At once, since a lost connection is made anew by the next call; an
/// outage is told to whoever asked, who had better know of it than wait.
const TRIES: usize = 3;

/// What taking a key out of use has left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// The successors that were taken out with the key.
    pub distrusted: Vec<KeyId>,
    /// The key that signs now; `None` when it has no name.
    pub signing_key: Option<KeyId>,
}

/// Takes a key that is in other hands out of use everywhere: nodes that share the log refuse its tokens within the log's bound
/// ([`Revocations::with_max_staleness`], 15 seconds unless it is set), whether their ring has heard of it or not, and the successor signs.
///
/// Three steps, each tried a few times: 1 an entry for the key in the revocation log; 2 the key is marked in the ring, its private half is
/// destroyed, and its successor signs from now on, or a fresh key where there is none; 3 the next key is made, so that the ring has a
/// successor again. A step that fails keeps no other from being done.
///
/// Every token under the key is refused, whenever it was issued: whoever has the key writes into `iat` what he likes. Verifiers have to
/// be attached to the log ([`Verifier::with_revocations`](crate::Verifier::with_revocations)). Another node goes on signing with the key
/// until its ring is read again, which a node that verifies is told to do by the first such token; those tokens are refused everywhere.
///
/// # Errors
/// [`CompromiseError`] names the steps that are not known to be done. Calling this again is safe and does only what is left.
///
/// # Example
/// ```
/// use session_runtime::{KeyRing, Revocations, emergency, jwt::{EdDsa, Jwt}, revocation::MemoryRevocations};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// # let revocations = Revocations::open(MemoryRevocations::new()?).await?;
/// let stolen = ring.signing_key().ok_or("a key without a name")?;
/// let removed = emergency::compromise(&ring, &revocations, &stolen).await?;
/// assert_ne!(removed.signing_key, Some(stolen));
/// assert_eq!(revocations.len(), 1);
/// # Ok(())
/// # }
/// ```
pub async fn compromise<F: Format>(ring: &KeyRing<F>, revocations: &Revocations, key_id: &KeyId) -> Result<Removed, CompromiseError> {
    remove(ring, revocations, key_id, false).await
}

/// As [`compromise`], for whoever may have got at the successor too, as when a backup or a store was read: it is taken out with the key, in
/// the log and in the ring, and a fresh key signs. Other nodes learn of the fresh one when they read the ring, at the latest soon
/// after the first token that names it.
///
/// # Errors
/// As [`compromise`].
pub async fn compromise_with_successor<F: Format>(
    ring: &KeyRing<F>,
    revocations: &Revocations,
    key_id: &KeyId,
) -> Result<Removed, CompromiseError> {
    remove(ring, revocations, key_id, true).await
}

async fn remove<F: Format>(
    ring: &KeyRing<F>,
    revocations: &Revocations,
    key_id: &KeyId,
    with_successor: bool,
) -> Result<Removed, CompromiseError> {
    // 1 The log. An entry is for ever, and which keys are successors is for the ring to say: this node may know it as it was before
    // a rotation. Where it cannot be read, they are entered when the second step has found them.
    let mut log = enter(ring, revocations, std::slice::from_ref(key_id)).await;
    let mut distrusted = Vec::new();
    if with_successor && again(|| ring.reload()).await.is_ok() {
        distrusted = ring.falling_with(key_id);
        log = log.and(enter(ring, revocations, &distrusted).await);
    }
    // 2 The ring.
    let marked = match again(|| ring.compromise_with(key_id, with_successor)).await {
        Ok(done) => {
            let more: Vec<KeyId> = done.distrusted.iter().filter(|id| !distrusted.contains(id)).cloned().collect();
            log = log.and(enter(ring, revocations, &more).await);
            distrusted = done.distrusted;
            mark_entered(ring, revocations).await
        }
        Err(error) => Err(error),
    };
    // 3 The next key.
    let next_key = again(|| ring.maintain()).await;
    match (log, marked, next_key) {
        (Ok(()), Ok(()), Ok(_)) => Ok(Removed { distrusted, signing_key: ring.signing_key() }),
        (log, marked, next_key) => {
            let (log, ring, next_key) = (log.err(), marked.err(), next_key.err());
            Err(CompromiseError { key_id: key_id.clone(), log, ring, next_key })
        }
    }
}

/// Enters keys into the log; one failure does not keep the others back.
async fn enter<F: Format>(ring: &KeyRing<F>, revocations: &Revocations, key_ids: &[KeyId]) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for key_id in key_ids {
        outcome = outcome.and(again(|| revocations.log_key(ring.name(), key_id)).await);
    }
    outcome
}

/// Marks what the log refuses and the ring does not: successors that were entered when the ring could not be changed, or just before somebody
/// rotated. A key that the log refuses and the ring elects would sign nothing but refused tokens.
async fn mark_entered<F: Format>(ring: &KeyRing<F>, revocations: &Revocations) -> Result<(), KeyError> {
    let mut outcome = Ok(());
    for key in ring.keys() {
        let Some(key_id) = key.id.filter(|id| revocations.refuses_key(ring.name(), id)) else { continue };
        if !matches!(key.state, KeyState::Compromised | KeyState::Retired) {
            outcome = outcome.and(again(|| ring.compromise(&key_id)).await.map(drop));
        }
    }
    outcome
}

/// Does a step until it is done, or has failed for good or too often.
async fn again<T, E: Passing, S: Future<Output = Result<T, E>>>(step: impl Fn() -> S) -> Result<T, E> {
    let mut outcome = step().await;
    for _ in 1..TRIES {
        match &outcome {
            Err(error) if error.may_pass() => outcome = step().await,
            _ => break,
        }
    }
    outcome
}

/// Whether the same call may do better.
trait Passing {
    fn may_pass(&self) -> bool;
}

impl Passing for StoreError {
    fn may_pass(&self) -> bool {
        !matches!(self, Self::NewerVersion { .. } | Self::Misconfigured { .. })
    }
}

impl Passing for KeyError {
    fn may_pass(&self) -> bool {
        matches!(self, Self::Store(error) if error.may_pass())
    }
}
