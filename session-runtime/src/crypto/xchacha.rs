//! The primitives of PASETO `v4.local`: XChaCha20, and keyed BLAKE2b as authentication and as key derivation.

use std::fmt;

use blake2b_simd::{Params, State};
use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    crypto::{OpeningHalf, SealingHalf, looks_random, random},
    error::{KeyError, KeyRule},
};

/// The secret, which is both halves.
#[derive(Clone)]
pub struct V4LocalKey {
    secret: Zeroizing<[u8; 32]>,
}

impl V4LocalKey {
    /// Takes 32 random bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        let key = Self::unjudged(secret)?;
        if looks_random(secret) { Ok(key) } else { Err(KeyRule::NotRandom) }
    }

    /// The cipher of one token (PASETO v4, Encrypt, steps 4 and 5).
    pub fn encryption(&self, nonce: &[u8; 32]) -> LocalCipher {
        let mut derived = [0; 56];
        fill(&mut derived, self.keyed(56).update(b"paseto-encryption-key").update(nonce));
        let (key, rest) = derived.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
        let inner = rest.first_chunk::<24>().unwrap_or(&[0; 24]);
        let cipher = XChaCha20::new(key.into(), inner.into());
        derived.zeroize();
        LocalCipher(cipher)
    }

    /// The authentication of one token (PASETO v4, Encrypt, steps 4 and 6).
    pub fn authentication(&self, nonce: &[u8; 32]) -> LocalMac {
        let mut derived = [0; 32];
        fill(&mut derived, self.keyed(32).update(b"paseto-auth-key-for-aead").update(nonce));
        let state = Params::new().hash_length(32).key(&derived).to_state();
        derived.zeroize();
        LocalMac(state)
    }

    /// Takes 32 bytes of any value: the published vectors of PASETO use a key of zeros.
    pub(super) fn unjudged(secret: &[u8]) -> Result<Self, KeyRule> {
        if secret.len() < 32 {
            return Err(KeyRule::TooShort { found: secret.len(), least: 32 });
        }
        let secret = secret.try_into().map_err(|_| KeyRule::Unreadable("a v4.local key of 32 bytes"))?;
        Ok(Self { secret: Zeroizing::new(secret) })
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.secret
    }

    fn keyed(&self, length: usize) -> State {
        Params::new().hash_length(length).key(self.secret.as_slice()).to_state()
    }
}

impl SealingHalf for V4LocalKey {
    type Opening = Self;

    fn generate() -> Result<Self, KeyError> {
        Ok(Self { secret: Zeroizing::new(random::bytes()?) })
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

/// XChaCha20 under the keys of one token.
pub struct LocalCipher(XChaCha20);

impl LocalCipher {
    /// Encrypts or decrypts in place; further calls go on where the last one stopped.
    pub fn apply(&mut self, data: &mut [u8]) {
        if self.0.try_apply_keystream(data).is_err() {
            // The key stream ends after 256 GiB, which no token reaches. Were it to, nothing may leave unencrypted.
            data.fill(0);
        }
    }
}

impl fmt::Debug for LocalCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalCipher").finish_non_exhaustive()
    }
}

/// Keyed BLAKE2b under the keys of one token.
pub struct LocalMac(State);

impl LocalMac {
    /// Takes more of the message.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// The tag.
    pub fn finish(self) -> [u8; 32] {
        let mut tag = [0; 32];
        fill(&mut tag, &self.0);
        tag
    }

    /// Whether this is the tag, in constant time; a tag of a wrong length is not.
    pub fn matches(self, tag: &[u8]) -> bool {
        self.finish().as_slice().ct_eq(tag).into()
    }
}

impl fmt::Debug for LocalMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalMac").finish_non_exhaustive()
    }
}

/// Copies a hash; lengths are equal because every caller asks for the length of its buffer.
fn fill(buffer: &mut [u8], state: &State) {
    for (to, from) in buffer.iter_mut().zip(state.finalize().as_bytes()) {
        *to = *from;
    }
}
