//! Taking a key out of use: for ever, when it is in other hands, or for as long as nobody knows whether it is.

use std::sync::{Arc, Mutex, PoisonError};

use super::{
    import::Key,
    ring::KeyRing,
    schedule::{self, Refused},
    source::RingKey,
    state::KeyTimes,
};
use crate::{error::KeyError, format::Format, ids::KeyId};

/// What declaring a key compromised did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compromised {
    /// The key that signs from now on, when the compromised one was the one that signed.
    pub successor: Option<KeyId>,
    /// The successors that were declared compromised together with it, now or when this was done before.
    pub distrusted: Vec<KeyId>,
}

impl<F: Format> KeyRing<F> {
    /// Declares that a key is in other hands: tokens under it are refused as revoked from now on, for ever, and its private half
    /// is destroyed. If it was the one that signed, the next key signs from now on, or a fresh one where there is none.
    ///
    /// Verifiers on other machines learn of it when they read their keys again; until then they accept its tokens, and refuse those of a
    /// next key that they do not know yet. Where there is a revocation log, call
    /// [`emergency::compromise`](crate::emergency::compromise), by which they hear of it within seconds.
    ///
    /// Doing it again changes nothing.
    ///
    /// # Errors
    /// [`KeyError::NoSuchKey`], or [`KeyError::Store`] when the change could not be stored: the key then still counts as good.
    pub async fn compromise(&self, key_id: &KeyId) -> Result<Compromised, KeyError> {
        self.compromise_with(key_id, false).await
    }

    /// As [`compromise`](Self::compromise), for whoever may have got at the successor too, as when a backup or a store was read: it is
    /// declared compromised with the key, and a fresh one signs, which nobody else knows yet.
    ///
    /// Doing it again changes nothing. After a mere [`compromise`](Self::compromise) it takes out what waited then and may sign by now.
    ///
    /// # Errors
    /// As [`compromise`](Self::compromise).
    pub async fn compromise_with_successor(&self, key_id: &KeyId) -> Result<Compromised, KeyError> {
        self.compromise_with(key_id, true).await
    }

    pub(crate) async fn compromise_with(&self, key_id: &KeyId, distrust_successor: bool) -> Result<Compromised, KeyError> {
        let now = self.source.clock.wall();
        let fresh = Arc::new(RingKey::new(Key::<F>::generate()?, 0, KeyTimes::starting(now), true));
        let done = Mutex::new(Compromised { successor: None, distrusted: Vec::new() });
        self.change_whatever_happens(|keys, rules| {
            let epoch = epoch_of(keys, key_id)?;
            let fresh = |epoch, times| RingKey { epoch, times, ..(*fresh).clone() };
            let fallen =
                schedule::compromise(keys, epoch, distrust_successor, rules, now, fresh).map_err(|refused| refusal(refused, key_id))?;
            let named = |epoch| keys.iter().find(|key| key.epoch == epoch).and_then(|key| key.id.clone());
            let distrusted = fallen.out.iter().filter(|out| **out != epoch).filter_map(|out| named(*out)).collect();
            let successor = fallen.promoted.and_then(named);
            *done.lock().unwrap_or_else(PoisonError::into_inner) = Compromised { successor, distrusted };
            keys.iter_mut().filter(|key| key.times.compromised_at.is_some()).for_each(RingKey::destroy);
            Ok(())
        })
        .await?;
        tracing::warn!(ring = self.name(), format = F::NAME, key_id = %key_id, "key compromised");
        Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets a key aside, for as long as nobody knows whether it is in other hands: it neither signs nor verifies, and verifiers answer
    /// [`Unavailable::SuspendedKey`](crate::error::Unavailable::SuspendedKey), so that clients keep their tokens.
    ///
    /// # Errors
    /// [`KeyError::NoSuchKey`]; [`KeyError::NotForThisRing`] for the only key that signs, and for one that is retired or compromised;
    /// [`KeyError::Store`] when the change could not be stored.
    pub async fn suspend(&self, key_id: &KeyId) -> Result<(), KeyError> {
        self.set_aside(key_id, true).await
    }

    /// Takes a key back that was [suspended](Self::suspend), as what it was.
    ///
    /// # Errors
    /// As [`suspend`](Self::suspend).
    pub async fn resume(&self, key_id: &KeyId) -> Result<(), KeyError> {
        self.set_aside(key_id, false).await
    }

    async fn set_aside(&self, key_id: &KeyId, suspended: bool) -> Result<(), KeyError> {
        let now = self.source.clock.wall();
        self.change_whatever_happens(|keys, _| {
            let epoch = epoch_of(keys, key_id)?;
            schedule::suspend(keys, epoch, suspended, now).map_err(|refused| refusal(refused, key_id))
        })
        .await?;
        tracing::warn!(ring = self.name(), format = F::NAME, key_id = %key_id, suspended, "key set aside or taken back");
        Ok(())
    }

    /// The successors that would be declared compromised with this key, as far as this node knows.
    pub(crate) fn falling_with(&self, key_id: &KeyId) -> Vec<KeyId> {
        let (now, snapshot) = (self.source.clock.wall(), self.source.load());
        let Some(lost) = snapshot.keys.iter().find(|key| key.id.as_ref() == Some(key_id)) else { return Vec::new() };
        let epochs = schedule::successors(&snapshot.keys, lost, now);
        snapshot.keys.iter().filter(|key| epochs.contains(&key.epoch)).filter_map(|key| key.id.clone()).collect()
    }
}

fn epoch_of<F: Format>(keys: &[RingKey<F>], key_id: &KeyId) -> Result<u64, KeyError> {
    let key = keys.iter().find(|key| key.id.as_ref() == Some(key_id));
    key.map(|key| key.epoch).ok_or_else(|| KeyError::NoSuchKey(key_id.clone()))
}

fn refusal(refused: Refused, key_id: &KeyId) -> KeyError {
    match refused {
        Refused::NoSuchKey => KeyError::NoSuchKey(key_id.clone()),
        Refused::OnlyActive => KeyError::NotForThisRing("it is the only key that signs; rotate first"),
        Refused::Final => KeyError::NotForThisRing("the key is retired or compromised, and stays so"),
    }
}
