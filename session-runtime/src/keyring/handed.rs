//! Single keys of a ring, for the `session` tool: no service needs them, since a ring signs and verifies by itself.

use super::{import::Key, public::PublicKey, ring::KeyRing, verifying::PublicKeys};
use crate::{
    crypto::SealingHalf,
    error::{KeyError, KeyRule},
    format::{Asymmetric, Format},
    ids::KeyId,
};

impl<F: Format> KeyRing<F> {
    /// One key with its private half, as whoever has the store and the key-encryption key could take it anyway.
    ///
    /// # Errors
    /// [`KeyError::NoSuchKey`]; [`KeyError::Refused`] with [`KeyRule::NoPrivateHalf`] once that half is destroyed.
    #[doc(hidden)]
    pub fn dangerous_key(&self, key_id: &KeyId) -> Result<Key<F>, KeyError> {
        let snapshot = self.source.load();
        let found = snapshot.keys.iter().find(|key| key.id.as_ref() == Some(key_id));
        let key = found.ok_or_else(|| KeyError::NoSuchKey(key_id.clone()))?;
        let refused = |rule| KeyError::Refused { key_id: Some(key_id.clone()), rule };
        let sealing = key.material.sealing.as_ref().ok_or_else(|| refused(KeyRule::NoPrivateHalf))?;
        Ok(Key { sealing: F::Sealing::from_stored(&sealing.to_stored()).map_err(refused)?, id: key.id.clone() })
    }
}

impl<F: Asymmetric> PublicKeys<F> {
    /// Every public key, oldest first.
    #[doc(hidden)]
    pub fn each(&self) -> Vec<PublicKey<F>> {
        let public = |key: &super::source::RingKey<F>| Some(PublicKey { opening: key.material.opening.clone()?, id: key.id.clone() });
        self.0.load().keys.iter().filter_map(public).collect()
    }
}
