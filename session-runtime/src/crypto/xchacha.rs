//! The primitives of PASETO `v4.local`: XChaCha20, and keyed BLAKE2b as authentication and as key derivation.

use std::fmt;

use blake2::{
    Blake2bMac,
    digest::{
        FixedOutput, KeyInit, Update,
        consts::{U32, U56},
    },
};
use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    crypto::{Authenticator, LocalKey, OpeningHalf, Seal, SealingHalf, looks_random, random},
    error::{KeyError, KeyRule},
};

/// The secret, which is both halves.
#[derive(Clone)]
pub struct V4LocalKey {
    secret: Zeroizing<[u8; 32]>,
    // The key block and the constant in front of the nonce are hashed here once: half of what deriving a token's keys costs.
    encryption: Blake2bMac<U56>,
    authentication: Blake2bMac<U32>,
}

impl V4LocalKey {
    /// Takes 32 random bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        let key = Self::unjudged(secret)?;
        if looks_random(secret) { Ok(key) } else { Err(KeyRule::NotRandom) }
    }

    /// Takes 32 bytes of any value: the published vectors of PASETO use a key of zeros.
    pub(super) fn unjudged(secret: &[u8]) -> Result<Self, KeyRule> {
        if secret.len() < 32 {
            return Err(KeyRule::TooShort { found: secret.len(), least: 32 });
        }
        let secret = secret.try_into().map_err(|_| KeyRule::Unreadable("a v4.local key of 32 bytes"))?;
        Self::prepared(Zeroizing::new(secret))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.secret
    }

    fn prepared(secret: Zeroizing<[u8; 32]>) -> Result<Self, KeyRule> {
        const UNREADABLE: KeyRule = KeyRule::Unreadable("a v4.local key of 32 bytes");
        let encryption = Blake2bMac::new_from_slice(&*secret).map_err(|_| UNREADABLE)?.chain(b"paseto-encryption-key");
        let authentication = Blake2bMac::new_from_slice(&*secret).map_err(|_| UNREADABLE)?.chain(b"paseto-auth-key-for-aead");
        Ok(Self { secret, encryption, authentication })
    }
}

impl LocalKey for V4LocalKey {
    type Authenticator = V4LocalMac;

    /// PASETO v4, Encrypt, steps 4 and 5.
    #[inline]
    fn apply(&self, nonce: &[u8; 32], data: &mut [u8]) {
        let hash = self.encryption.clone().chain(nonce).finalize_fixed();
        // 56 bytes were asked for, so there are 32 and 24.
        let (key, inner) = hash.split_at(32);
        let applied = XChaCha20::new_from_slices(key, inner).is_ok_and(|mut cipher| cipher.try_apply_keystream(data).is_ok());
        if !applied {
            // The key stream ends after 256 GiB, which no token reaches. Were it to, nothing may leave unencrypted.
            data.fill(0);
        }
    }

    /// PASETO v4, Encrypt, steps 4 and 6.
    #[inline]
    fn authentication(&self, nonce: &[u8; 32]) -> V4LocalMac {
        let key = self.authentication.clone().chain(nonce).finalize_fixed();
        // BLAKE2b takes keys of up to 64 bytes, so 32 are never refused; were they, the tag would be one that nobody expects.
        V4LocalMac(Blake2bMac::new_from_slice(&key).unwrap_or_else(|_| self.authentication.clone()))
    }
}

impl SealingHalf for V4LocalKey {
    type Opening = Self;

    fn generate() -> Result<Self, KeyError> {
        Self::prepared(Zeroizing::new(random::bytes()?)).map_err(|_| KeyError::NoRandomness)
    }

    fn opening(&self) -> Self {
        self.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        // A stored key was judged when it came in, and a key that came in through PASERK must not be lost on the next start.
        Self::unjudged(bytes)
    }
}

impl OpeningHalf for V4LocalKey {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::unjudged(bytes)
    }
}

impl fmt::Debug for V4LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V4LocalKey").finish_non_exhaustive()
    }
}

/// Keyed BLAKE2b under the key of one token.
pub struct V4LocalMac(Blake2bMac<U32>);

impl Authenticator for V4LocalMac {
    const TAG: usize = 32;

    #[inline]
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    #[inline]
    fn finish(self) -> Seal {
        Seal::from_slice(&self.0.finalize_fixed())
    }

    #[inline]
    fn matches(self, tag: &[u8]) -> bool {
        self.0.finalize_fixed().as_slice().ct_eq(tag).into()
    }
}

impl fmt::Debug for V4LocalMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V4LocalMac").finish_non_exhaustive()
    }
}
