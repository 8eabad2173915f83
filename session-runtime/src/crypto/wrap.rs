//! AES-256-GCM under a key-encryption key, for private halves at rest.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::{
    crypto::random,
    error::{KeyError, KeyRule},
};

/// A key-encryption key.
///
/// Nonces are random: NIST SP 800-38D §8.3 allows 2^32 seals under one key so, and a ring makes a few a year.
pub struct WrappingKey(LessSafeKey);

impl WrappingKey {
    /// Prepares a key.
    pub fn new(key: &[u8; 32]) -> Result<Self, KeyRule> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyRule::Unreadable("a key-encryption key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals: nonce, ciphertext, tag. `context` is authenticated and not stored; it says what is sealed (ring, key id, format), so
    /// that nobody can move a sealed half into another record.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let nonce: [u8; NONCE_LEN] = random::bytes()?;
        let mut sealed = Vec::with_capacity(plain.len().saturating_add(NONCE_LEN).saturating_add(AES_256_GCM.tag_len()));
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let body = sealed.get_mut(NONCE_LEN..).unwrap_or_default();
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), body)
            .map_err(|_| KeyError::SealFailed)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens, or `None` for another key, another context or changed bytes.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappingKey").finish_non_exhaustive()
    }
}
