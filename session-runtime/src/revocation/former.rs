//! Entries by digests under another key than this process's: somebody with another memory told a store that had lost them.

use std::{fmt, sync::Arc};

use super::{
    decision::{Decision, Presented},
    set::{Change, Digester, LocalSet},
    target::{DigestKey, Kind},
};
use crate::time::Timestamp;

/// A set for each key, nearly always none: the nodes of one log share their key, and only where a node that knew nothing was the first to
/// begin a lost log again are there two. Each costs a check as much again, until its last entry is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Former(Option<Arc<Vec<One>>>);

#[derive(Clone)]
struct One {
    key: DigestKey,
    digester: Digester,
    set: LocalSet,
}

impl fmt::Debug for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("One").field("entries", &self.set.len()).finish_non_exhaustive()
    }
}

impl Former {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn len(&self) -> usize {
        self.sets().map(|(_, set)| set.len()).sum()
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = (DigestKey, &LocalSet)> {
        self.0.iter().flat_map(|sets| sets.iter()).map(|one| (one.key, &one.set))
    }

    pub(super) fn apply(&mut self, key: DigestKey, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let sets = Arc::make_mut(self.0.get_or_insert_default());
        let known = sets.iter().position(|one| one.key == key);
        let one = match known.and_then(|place| sets.get_mut(place)) {
            Some(one) => one,
            None => {
                sets.push(One { key, digester: Digester::new(key.to_bytes()), set: LocalSet::default() });
                let Some(one) = sets.last_mut() else { return };
                one
            }
        };
        one.set.apply(changes);
    }

    pub(super) fn prune(&mut self, now: Timestamp) {
        let Some(sets) = &mut self.0 else { return };
        let sets = Arc::make_mut(sets);
        sets.iter_mut().for_each(|one| one.set.prune(now));
        sets.retain(|one| one.set.len() > 0);
        if sets.is_empty() {
            self.0 = None;
        }
    }

    /// As [`Snapshot::decide`](super::decision::Snapshot::decide), as far as something is known to be refused.
    #[cold]
    pub(super) fn refuses(&self, presented: &Presented<'_>) -> Option<Decision> {
        self.0.iter().flat_map(|sets| sets.iter()).find_map(|One { digester, set, .. }| {
            let within = digester.within(presented.issuer.unwrap_or_default());
            let of = |kind, name: Option<&str>| name.and_then(|name| set.find(within.digest(kind, name)));
            let key = presented.key_id.and_then(|key_id| set.find(digester.within(presented.ring).digest(Kind::Key, key_id)));
            if key.is_some() {
                return Some(Decision::KeyRevoked);
            }
            let everything = set.find(digester.within("").digest(Kind::Everything, ""));
            let covered = [everything, of(Kind::Subject, presented.subject)].into_iter().flatten();
            let named = of(Kind::Token, presented.token_id).or(of(Kind::Session, presented.session)).is_some();
            (named || covered.into_iter().any(|refusal| refusal.covers(presented.generation))).then_some(Decision::Revoked)
        })
    }
}
