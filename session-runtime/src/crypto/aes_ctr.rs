//! The primitives of PASETO `v3.local`: AES-256 in counter mode, HMAC with SHA-384, and HKDF with SHA-384 to derive their keys.

use std::{fmt, hint::black_box};

use aes::Aes256;
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha384;
use zeroize::Zeroizing;

use crate::{
    crypto::{Authenticator, LocalKey, OpeningHalf, Seal, SealingHalf, looks_random, random},
    error::{KeyError, KeyRule},
};

/// The secret, which is both halves.
#[derive(Clone)]
pub struct V3LocalKey {
    secret: Zeroizing<[u8; 32]>,
    // HKDF's first step (RFC 5869 §2.2) does not know the token, so it is done here once, with both pads of the key that it
    // yields: four of the eight compressions that each derived key of a token costs.
    derivation: Hmac<Sha384>,
}

impl V3LocalKey {
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
        let secret = secret.try_into().map_err(|_| UNREADABLE)?;
        Self::prepared(Zeroizing::new(secret))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.secret
    }

    fn prepared(secret: Zeroizing<[u8; 32]>) -> Result<Self, KeyRule> {
        // Extract without a salt is HMAC under a key of zeros, and HMAC pads its key with zeros. It takes keys of any length, so
        // neither call can fail.
        let extract = Hmac::<Sha384>::new_from_slice(&[]).map_err(|_| UNREADABLE)?;
        let mut pseudorandom = extract.chain_update(secret.as_slice()).finalize().into_bytes();
        let derivation = Hmac::new_from_slice(&pseudorandom).map_err(|_| UNREADABLE)?;
        pseudorandom.fill(0);
        black_box(&pseudorandom);
        Ok(Self { secret, derivation })
    }

    /// HKDF's second step (RFC 5869 §2.3) for 48 bytes, which are one block.
    fn derive(&self, purpose: &[u8], nonce: &[u8; 32]) -> Zeroizing<[u8; 48]> {
        let block = self.derivation.clone().chain_update(purpose).chain_update(nonce).chain_update([1]).finalize();
        Zeroizing::new(block.into_bytes().into())
    }
}

impl LocalKey for V3LocalKey {
    type Authenticator = V3LocalMac;

    /// PASETO v3, Encrypt, steps 4 and 5.
    fn apply(&self, nonce: &[u8; 32], data: &mut [u8]) {
        let derived = self.derive(b"paseto-encryption-key", nonce);
        // 48 bytes are 32 and 16.
        let (key, counter) = derived.split_at(32);
        let applied = Ctr128BE::<Aes256>::new_from_slices(key, counter).is_ok_and(|mut cipher| cipher.try_apply_keystream(data).is_ok());
        if !applied {
            // The lengths fit, and the key stream is longer than any memory. Were it not, nothing may leave unencrypted.
            data.fill(0);
        }
    }

    /// PASETO v3, Encrypt, steps 4 and 6.
    fn authentication(&self, nonce: &[u8; 32]) -> V3LocalMac {
        let key = self.derive(b"paseto-auth-key-for-aead", nonce);
        V3LocalMac(Hmac::<Sha384>::new((&*block_of(&key)).into()))
    }
}

/// HMAC pads its key with zeros to a block of the hash (RFC 2104 §2); padded here, there is no length that could be refused.
fn block_of(key: &[u8; 48]) -> Zeroizing<[u8; 128]> {
    let mut block = Zeroizing::new([0; 128]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

impl Drop for V3LocalKey {
    fn drop(&mut self) {
        // As in `HmacSha256Key`.
        if let Ok(blank) = Hmac::new_from_slice(&[]) {
            self.derivation = blank;
            black_box(&self.derivation);
        }
    }
}

impl SealingHalf for V3LocalKey {
    type Opening = Self;

    fn generate() -> Result<Self, KeyError> {
        Self::prepared(Zeroizing::new(random::bytes()?)).map_err(super::refused)
    }

    fn opening(&self) -> Self {
        self.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        // As in `V4LocalKey`.
        Self::unjudged(bytes)
    }
}

impl OpeningHalf for V3LocalKey {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::unjudged(bytes)
    }
}

impl fmt::Debug for V3LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V3LocalKey").finish_non_exhaustive()
    }
}

/// HMAC with SHA-384 under the key of one token.
pub struct V3LocalMac(Hmac<Sha384>);

impl Authenticator for V3LocalMac {
    const TAG: usize = 48;

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(self) -> Seal {
        Seal::from_slice(&self.0.finalize().into_bytes())
    }

    fn matches(self, tag: &[u8]) -> bool {
        // Constant time, and an error for a tag that is cut short.
        self.0.verify_slice(tag).is_ok()
    }
}

impl fmt::Debug for V3LocalMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V3LocalMac").finish_non_exhaustive()
    }
}

const UNREADABLE: KeyRule = KeyRule::Unreadable("a v3.local key of 32 bytes");
