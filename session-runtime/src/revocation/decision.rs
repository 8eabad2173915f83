//! The one place that decides whether a credential is refused: a pure function of a snapshot, the moment, and what the token says.

use std::time::Duration;

use super::{
    former::Former,
    freshness::Demand,
    position::Position,
    set::{Change, Digester, LocalSet, PruneCursor, Refusal, Within},
    target::Kind,
};
use crate::{
    error::{Unavailable, VerifyError},
    limits,
    time::Timestamp,
};

/// What a token says about itself, and the key that opened it, for the check. `None` where the token lacks the claim.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Presented<'a> {
    pub(crate) issuer: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) session: Option<&'a str>,
    pub(crate) token_id: Option<&'a str>,
    /// The claim `gen`; a token without one counts as older than every entry.
    pub(crate) generation: Option<u64>,
    pub(crate) expires_at: Option<Timestamp>,
    /// The name of the ring whose key opened the token.
    pub(crate) ring: &'a str,
    /// The name of that key; one without a name cannot be revoked here.
    pub(crate) key_id: Option<&'a str>,
}

/// When a decision is taken, by both clocks. They are read before the decision begins, and never by a task in the background: a flag set
/// by one would still say "fresh" to the first request after the process was suspended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) wall: Timestamp,
    pub(super) boot: Duration,
}

/// What the log says about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Not revoked, and what is known is fresh enough to say so.
    Good,
    /// Not known to be revoked, on knowledge that is as old as this; accepted because the verifier was told to.
    Unchecked(Duration),
    /// Revoked, whatever the age of what is known.
    Revoked,
    /// Revoked with every other token under its key, of which the ring itself may not have heard yet.
    KeyRevoked,
    /// Nothing is known against it, and it cannot be said that nothing is.
    Unavailable(Unavailable),
}

impl Decision {
    /// The answer as verification gives it: 401 for what is revoked, 503 for what cannot be said.
    pub(crate) fn into_result(self) -> Result<(), VerifyError> {
        match self {
            Self::Good | Self::Unchecked(_) => Ok(()),
            Self::Revoked | Self::KeyRevoked => Err(VerifyError::Revoked),
            Self::Unavailable(why) => Err(VerifyError::Unavailable(why)),
        }
    }
}

/// What is known at one moment. Readers see a whole one or the next whole one, never a mixture.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// Tokens, subjects, sessions and everything.
    pub(super) set: LocalSet,
    /// Keys, apart: as long as none was ever revoked, which is as good as always, no token has to be looked up among them.
    pub(super) keys: LocalSet,
    /// Entries that somebody told a store that had lost them, by digests under another key than ours. Almost always empty.
    pub(super) former: Former,
    /// Looked up once for each snapshot instead of once for each token.
    pub(super) everything: Option<Refusal>,
    /// Whether any session was ever revoked, so that no session is looked up where none was.
    pub(super) has_sessions: bool,
    /// The set holds every entry of the log up to here.
    pub(super) complete_to: Position,
    /// The boot clock *before* the request was sent that last proved it. A reply may be late, and proves only what was true when it
    /// was asked for.
    pub(super) synced_at: Duration,
    /// What was forgotten was needed up to this moment at the most.
    pub(super) pruned_to: Timestamp,
    /// The log has lost its data. What was acknowledged shortly before may be known to one node alone, which tells it when it has noticed.
    /// On the boot clock; a question that was sent before proves nothing, and what is known goes on growing old.
    pub(super) untold_until: Duration,
    /// The store's time of day at `synced_at`, where it has one.
    pub(super) store_time: Option<Timestamp>,
    /// What cannot be judged yet, because the log has lost its data and this node knows nothing from before.
    pub(super) distrust: Option<Distrust>,
}

/// Tokens from before a loss, until those who knew what was revoked have told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Distrust {
    /// Tokens with a `gen` below this are from before.
    pub(super) below: Position,
    /// On the boot clock.
    pub(super) until: Duration,
}

/// The rules of one log, beside what is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Whether nobody else writes to the log, so that what is known is never old.
    pub(super) is_authoritative: bool,
    /// How far this machine's time of day may be from the store's.
    pub(super) skew: Duration,
}

impl Snapshot {
    pub(super) fn empty() -> Self {
        Self {
            set: LocalSet::default(),
            keys: LocalSet::default(),
            former: Former::default(),
            everything: None,
            has_sessions: false,
            complete_to: Position::ZERO,
            synced_at: Duration::ZERO,
            untold_until: Duration::ZERO,
            pruned_to: Timestamp::from_unix(i64::MIN),
            store_time: None,
            distrust: None,
        }
    }

    /// Takes changes in.
    pub(super) fn apply(&mut self, changes: &[Change]) {
        self.has_sessions |= changes.iter().any(|change| change.kind == Kind::Session);
        self.set.apply(changes.iter().filter(|change| change.kind != Kind::Key));
        self.keys.apply(changes.iter().filter(|change| change.kind == Kind::Key));
    }

    /// How many targets are refused.
    pub(super) fn len(&self) -> usize {
        self.set.len().saturating_add(self.keys.len()).saturating_add(self.former.len())
    }

    /// How old what is known is. Zero for a store that nobody else writes to.
    pub(super) fn age(&self, rules: Rules, boot: Duration) -> Duration {
        if rules.is_authoritative { Duration::ZERO } else { boot.saturating_sub(self.synced_at) }
    }

    /// What the store's clock must show by now, where it has one.
    pub(super) fn store_now(&self, boot: Duration) -> Option<Timestamp> {
        Some(self.store_time?.saturating_add(boot.saturating_sub(self.synced_at)))
    }

    /// Drops what was over at `now`, and takes note of it: whoever sees that it is gone sees this, too.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let mut step = Some(PruneCursor::default());
        while let Some(at) = step {
            step = self.forget_some(now, at);
        }
    }

    /// As [`forget`](Self::forget), a piece of it. Says where to go on.
    pub(super) fn forget_some(&mut self, now: Timestamp, at: PruneCursor) -> Option<PruneCursor> {
        // Before anything is dropped.
        self.pruned_to = self.pruned_to.max(now);
        let next = self.set.prune_step(now, at);
        if next.is_none() {
            // There are few of these.
            self.keys.prune(now);
            self.former.prune(now);
        }
        next
    }

    /// How far the time of day is from what the store's clock must show by now, in seconds; positive when we are ahead.
    pub(super) fn skew(&self, now: Moment) -> Option<i64> {
        let expected = self.store_now(now.boot)?;
        Some(now.wall.as_unix().saturating_sub(expected.as_unix()))
    }

    /// Widest and cheapest first; what cannot be said last, because what is known to be revoked is refused whatever else is unknown.
    ///
    /// `inline` here and in what it calls, because cargo's usual codegen units otherwise make five calls of a check, which cost as much as
    /// one of its digests while the caches hold the rest of a verification.
    #[inline]
    pub(super) fn decide(&self, digester: &Digester, presented: &Presented<'_>, now: Moment, demand: Demand, rules: Rules) -> Decision {
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
            || (self.has_sessions && self.refuses_session(&within, presented))
        {
            return Decision::Revoked;
        }
        if !self.former.is_empty()
            && let Some(refused) = self.former.refuses(presented)
        {
            return refused;
        }
        match (self.unavailable(presented, now, demand, rules), demand) {
            (Some(why), _) => Decision::Unavailable(why),
            (None, Demand::Unchecked(fresh)) if self.age(rules, now.boot) > fresh => Decision::Unchecked(self.age(rules, now.boot)),
            (None, _) => Decision::Good,
        }
    }

    /// Why nothing can be said about a token against which nothing is known.
    #[inline]
    fn unavailable(&self, presented: &Presented<'_>, now: Moment, demand: Demand, rules: Rules) -> Option<Unavailable> {
        // An entry is forgotten when the last token that it could cover has expired for the most patient verifier. A token that should have
        // expired by the time up to which entries were forgotten is only here because a clock was set back, and its entry may be gone.
        if let Some(expires_at) = presented.expires_at
            && expires_at.saturating_add(limits::REVOCATION_MARGIN) < self.pruned_to
        {
            return Some(Unavailable::ClockSetBack);
        }
        if rules.is_authoritative {
            return None;
        }
        if let Some(distrust) = self.distrust
            && now.boot < distrust.until
            && presented.generation.is_none_or(|generation| generation < distrust.below.as_u64())
            && !matches!(demand, Demand::Unchecked(_))
        {
            return Some(Unavailable::RecoveringRevocations { for_another: distrust.until.saturating_sub(now.boot) });
        }
        // A clock that is wrong by more than entries are kept longer for would take an expired token for a living one, and its entry is gone.
        if let Some(skew) = self.skew(now)
            && Duration::from_secs(skew.unsigned_abs()) > rules.skew
        {
            return Some(Unavailable::ClockSkew { seconds: skew });
        }
        let age = now.boot.saturating_sub(self.synced_at);
        match demand {
            // Knowledge that is exactly as old as allowed still counts.
            Demand::Age(allowed) if age > allowed => Some(Unavailable::StaleRevocations { age, allowed }),
            Demand::AskedSince(since) if self.synced_at < since => Some(Unavailable::UnconfirmedRevocations),
            _ => None,
        }
    }

    /// Apart from [`decide`](Self::decide), which almost never needs it, and in which it would take room.
    #[inline(never)]
    fn refuses_key(&self, digester: &Digester, presented: &Presented<'_>) -> bool {
        let digest = |key_id| digester.within(presented.ring).digest(Kind::Key, key_id);
        presented.key_id.and_then(|key_id| self.keys.find(digest(key_id))).is_some()
    }

    /// Whatever the token's `gen`: a session that has ended does not come back, and a token that a node makes for it afterwards is none.
    #[inline(never)]
    fn refuses_session(&self, within: &Within, presented: &Presented<'_>) -> bool {
        presented.session.and_then(|session| self.set.find(within.digest(Kind::Session, session))).is_some()
    }
}
