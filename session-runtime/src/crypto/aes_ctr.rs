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
    #[inline]
    fn apply(&self, nonce: &[u8; 32], data: &mut [u8]) {
        encrypt(&self.derive(b"paseto-encryption-key", nonce), data);
    }

    /// PASETO v3, Encrypt, steps 4 and 6.
    #[inline]
    fn authentication(&self, nonce: &[u8; 32]) -> V3LocalMac {
        let key = self.derive(b"paseto-auth-key-for-aead", nonce);
        V3LocalMac(Hmac::<Sha384>::new((&*block_of(&key)).into()))
    }
}

/// AES-256 in counter mode, under a key and its first counter, in place.
///
/// The counter is all 128 bits (NIST SP 800-38A §6.5, and OpenSSL, which the specification names). With one of 64 bits, as another
/// library has it, tokens differ whenever the lower half overflows: once in 2^59.
fn encrypt(derived: &[u8; 48], data: &mut [u8]) {
    // 48 bytes are 32 and 16.
    let (key, counter) = derived.split_at(32);
    let applied = Ctr128BE::<Aes256>::new_from_slices(key, counter).is_ok_and(|mut cipher| cipher.try_apply_keystream(data).is_ok());
    if !applied {
        // The lengths fit, and the key stream is longer than any memory. Were it not, nothing may leave unencrypted.
        data.fill(0);
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

    #[inline]
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    #[inline]
    fn finish(self) -> Seal {
        Seal::from_slice(&self.0.finalize().into_bytes())
    }

    #[inline]
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

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
        iv::FixedLength,
    };

    use super::*;

    /// aws-lc's cipher as the oracle, also where the counter overflows in each of its halves, which no nonce leads to in a test.
    #[test]
    fn the_counter_has_128_bits() {
        let key: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let low = [[7; 8], [0xff; 8]].concat();
        for counter in [[0; 16], [0xff; 16], low.try_into().unwrap()] {
            let mut theirs = vec![9; 100];
            let cipher = EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, &key).unwrap()).unwrap();
            cipher.less_safe_encrypt(&mut theirs, EncryptionContext::Iv128(FixedLength::from(counter))).unwrap();
            let mut ours = vec![9; 100];
            encrypt(&[key.as_slice(), &counter].concat().try_into().unwrap(), &mut ours);
            assert_eq!(ours, theirs, "{counter:?}");
        }
    }

    #[test]
    fn a_tag_is_whole_and_of_this_message() {
        let key = V3LocalKey::unjudged(&[7; 32]).unwrap();
        let tag_of = |message: &[u8], nonce: u8| {
            let mut authenticator = key.authentication(&[nonce; 32]);
            authenticator.update(message);
            authenticator
        };
        let tag = tag_of(b"message", 1).finish();
        assert_eq!(tag.len(), V3LocalMac::TAG);
        assert!(tag_of(b"message", 1).matches(&tag));
        assert!(!tag_of(b"massage", 1).matches(&tag) && !tag_of(b"message", 2).matches(&tag));
        for length in 0..tag.len() {
            assert!(!tag_of(b"message", 1).matches(tag.get(..length).unwrap()), "{length}");
        }
        let mut changed = tag.clone();
        for at in 0..tag.len() {
            *changed.get_mut(at).unwrap() ^= 1;
            assert!(!tag_of(b"message", 1).matches(&changed), "{at}");
            *changed.get_mut(at).unwrap() ^= 1;
        }
    }
}
