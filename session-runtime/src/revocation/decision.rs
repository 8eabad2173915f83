//! The one place that decides whether a credential is refused: a pure function of a snapshot and its age.

use std::time::Duration;

use super::{
    position::Position,
    set::{Change, Digester, LocalSet, Refusal},
    target::Kind,
};
use crate::{
    error::{Unavailable, VerifyError},
    time::Timestamp,
};

/// What a token says about itself, and the key that opened it, for the check. `None` where the token lacks the claim.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Presented<'a> {
    pub(crate) issuer: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) token_id: Option<&'a str>,
    /// The claim `gen`; a token without one counts as older than every entry.
    pub(crate) generation: Option<u64>,
    /// The name of the ring whose key opened the token.
    pub(crate) ring: &'a str,
    /// The name of that key; one without a name cannot be revoked here.
    pub(crate) key_id: Option<&'a str>,
}

/// What the log says about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Not revoked, and what is known is fresh enough to say so.
    Good,
    /// Revoked, whatever the age of what is known.
    Revoked,
    /// Revoked with every other token under its key, of which the ring itself may not have heard yet.
    KeyRevoked,
    /// Nothing is known against it, and what is known is too old to say more.
    Unavailable { age: Duration, allowed: Duration },
}

impl Decision {
    /// The answer as verification gives it: 401 for what is revoked, 503 for what cannot be said.
    pub(crate) fn into_result(self) -> Result<(), VerifyError> {
        match self {
            Self::Good => Ok(()),
            Self::Revoked | Self::KeyRevoked => Err(VerifyError::Revoked),
            Self::Unavailable { age, allowed } => Err(VerifyError::Unavailable(Unavailable::StaleRevocations { age, allowed })),
        }
    }
}

/// What is known at one moment. Readers see a whole one or the next whole one, never a mixture.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// Tokens, subjects and everything.
    pub(super) set: LocalSet,
    /// Keys, apart: as long as none was ever revoked, which is as good as always, no token has to be looked up among them.
    pub(super) keys: LocalSet,
    /// Looked up once for each snapshot instead of once for each token.
    pub(super) everything: Option<Refusal>,
    /// The set holds every entry of the log up to here.
    pub(super) complete_to: Position,
    /// The boot clock *before* the request was sent that last proved it. A reply may be late, and proves only what was true when it
    /// was asked for.
    pub(super) synced_at: Duration,
}

impl Snapshot {
    /// Takes changes in.
    pub(super) fn apply(&mut self, changes: &[Change]) {
        self.set.apply(changes.iter().filter(|change| change.kind != Kind::Key));
        self.keys.apply(changes.iter().filter(|change| change.kind == Kind::Key));
    }

    /// Drops what is not needed at `now`.
    pub(super) fn prune(&mut self, now: Timestamp) {
        self.set.prune(now);
        self.keys.prune(now);
    }

    /// How many targets are refused.
    pub(super) fn len(&self) -> usize {
        self.set.len().saturating_add(self.keys.len())
    }

    /// Widest and cheapest first; age last, because what is known to be revoked is refused whatever else is unknown.
    ///
    /// `inline` here and in what it calls, because cargo's usual codegen units otherwise make five calls of a check, which cost as much as
    /// one of its digests while the caches hold the rest of a verification.
    #[inline]
    pub(super) fn decide(&self, digester: &Digester, presented: &Presented<'_>, age: Duration, allowed: Duration) -> Decision {
        // Whatever its `gen`: who has the key writes into a token what he likes.
        if self.keys.len() > 0 && self.refuses_key(digester, presented) {
            return Decision::KeyRevoked;
        }
        let within = digester.within(presented.issuer.unwrap_or_default());
        // Both digests before either is looked up, so that the processor works on them at the same time.
        let subject = presented.subject.map(|subject| within.digest(Kind::Subject, subject));
        let token_id = presented.token_id.map(|token_id| within.digest(Kind::Token, token_id));
        let covers = |refusal: Refusal| refusal.covers(presented.generation);
        if self.everything.is_some_and(covers)
            || subject.and_then(|subject| self.set.find(subject)).is_some_and(covers)
            || token_id.and_then(|token_id| self.set.find(token_id)).is_some()
        {
            return Decision::Revoked;
        }
        // Knowledge that is exactly as old as allowed still counts.
        if age > allowed {
            return Decision::Unavailable { age, allowed };
        }
        Decision::Good
    }

    /// Apart from [`decide`](Self::decide), which almost never needs it, and in which it would take room.
    #[inline(never)]
    fn refuses_key(&self, digester: &Digester, presented: &Presented<'_>) -> bool {
        let digest = |key_id| digester.within(presented.ring).digest(Kind::Key, key_id);
        presented.key_id.and_then(|key_id| self.keys.find(digest(key_id))).is_some()
    }
}
