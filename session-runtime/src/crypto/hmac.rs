//! HMAC (RFC 2104) with SHA-256, SHA-384 and SHA-512, for JWT `HS256`, `HS384` and `HS512`.

use std::{fmt, hint::black_box};

use hmac::{Hmac, KeyInit, Mac};
use zeroize::Zeroizing;

use crate::{
    crypto::{
        Check, JwkOpening, JwkSealing, OpeningHalf, SealingHalf, SharedSecret, Sign, Thumbprint, ThumbprintHash,
        jwk::{self, Jwk},
        key_text::is_key_text,
        looks_random, random, refused,
    },
    error::{KeyError, KeyRule},
};

/// A hash function under HMAC.
pub trait HmacHash: Send + Sync + 'static {
    /// The name of the algorithm, which is all that `alg` may say in its JWK.
    const ALGORITHM: &'static str;
    /// The least length of a secret in bytes: that of the tag (RFC 7518 §3.2).
    const LEAST: usize;
    /// The keyed state with both pads hashed.
    type Keyed: Mac + KeyInit + Clone + Send + Sync + 'static;
}

/// SHA-256.
#[derive(Debug)]
pub enum Sha256 {}
/// SHA-384.
#[derive(Debug)]
pub enum Sha384 {}
/// SHA-512.
#[derive(Debug)]
pub enum Sha512 {}

impl HmacHash for Sha256 {
    const ALGORITHM: &'static str = "HS256";
    const LEAST: usize = 32;
    type Keyed = Hmac<sha2::Sha256>;
}

impl HmacHash for Sha384 {
    const ALGORITHM: &'static str = "HS384";
    const LEAST: usize = 48;
    type Keyed = Hmac<sha2::Sha384>;
}

impl HmacHash for Sha512 {
    const ALGORITHM: &'static str = "HS512";
    const LEAST: usize = 64;
    type Keyed = Hmac<sha2::Sha512>;
}

/// The secret, which is both halves.
pub struct HmacKey<H: HmacHash> {
    // Both pads are hashed here once; a clone of it costs a copy of 200 bytes with SHA-256 and twice that with the others, where a new
    // one costs two blocks of the hash.
    keyed: H::Keyed,
    secret: Zeroizing<Vec<u8>>,
}

impl<H: HmacHash> HmacKey<H> {
    /// What `alg` may say in its JWK.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &[H::ALGORITHM];

    /// Takes a secret of random bytes, at least as many as the tag has.
    ///
    /// Anything that is a key in some text or binary form is refused: a public key as the secret is the oldest forgery of JWT
    /// (CVE-2015-9235), and lists of prefixes were bypassed again and again (CVE-2022-29217, CVE-2023-48223, CVE-2026-48526).
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        // Judged first, since it says the most: a short PEM text is a mistake of another kind than a short secret.
        if is_key_text(secret) {
            return Err(KeyRule::SecretIsKeyText);
        }
        if secret.len() < H::LEAST {
            return Err(KeyRule::TooShort { found: secret.len(), least: H::LEAST });
        }
        if !looks_random(secret) {
            return Err(KeyRule::NotRandom);
        }
        Self::unjudged(secret)
    }

    /// Takes any secret that is not empty and not the text of a key. For tokens of others and their test vectors only: three valid
    /// ones of Wycheproof have a secret of zeros. It cannot be read back from a store.
    pub fn dangerous_short_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        if is_key_text(secret) {
            return Err(KeyRule::SecretIsKeyText);
        }
        // An empty secret is what a failed look-up leaves behind (CVE-2026-44351, CVE-2026-45363, CVE-2026-49852).
        if secret.is_empty() {
            return Err(KeyRule::TooShort { found: 0, least: 1 });
        }
        Self::unjudged(secret)
    }

    /// Takes the bytes of a public key for a secret, as a forger does (CVE-2015-9235): the tests of applications need such a token, and
    /// no ring can be made of it.
    #[cfg(feature = "testing")]
    pub(crate) fn of_a_public_key(public: &[u8]) -> Result<Self, KeyRule> {
        Self::unjudged(public)
    }

    /// Reads a symmetric JWK (RFC 7518 §6.4).
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        Self::from_secret(&Self::member(jwk)?)
    }

    /// As [`dangerous_short_secret`](Self::dangerous_short_secret), out of a JWK, for vectors with such keys.
    #[cfg(test)]
    pub fn dangerous_from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        Self::dangerous_short_secret(&Self::member(jwk)?)
    }

    fn member(jwk: &Jwk) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        jwk.must_be("oct", None, "HMAC")?;
        let secret = jwk.public("k")?;
        jwk.permit_either(Self::JWK_ALGORITHMS)?;
        Ok(secret)
    }

    fn members(&self) -> Vec<(&'static str, Zeroizing<String>)> {
        jwk::private_members(vec![("kty", "oct".to_owned())], &[("k", &self.secret)])
    }

    fn unjudged(secret: &[u8]) -> Result<Self, KeyRule> {
        // HMAC takes secrets of any length, so this cannot fail.
        let keyed = H::Keyed::new_from_slice(secret).map_err(|_| KeyRule::Unreadable("an HMAC secret"))?;
        Ok(Self { keyed, secret: Zeroizing::new(secret.to_vec()) })
    }
}

impl<H: HmacHash> Drop for HmacKey<H> {
    fn drop(&mut self) {
        // The hashed pads are as good as the secret. The library's own wiping would cost every sealing and opening, not only this.
        if let Ok(blank) = H::Keyed::new_from_slice(&[]) {
            self.keyed = blank;
            black_box(&self.keyed);
        }
    }
}

impl<H: HmacHash> SealingHalf for HmacKey<H> {
    type Opening = Self;

    fn generate() -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new(vec![0; H::LEAST]);
        random::fill(&mut secret)?;
        Self::from_secret(&secret).map_err(refused)
    }

    fn opening(&self) -> Self {
        self.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_secret(bytes)
    }
}

impl<H: HmacHash> OpeningHalf for HmacKey<H> {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_secret(bytes)
    }
}

impl<H: HmacHash> SharedSecret for HmacKey<H> {
    fn from_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        Self::from_secret(secret)
    }

    fn dangerous_short_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        Self::dangerous_short_secret(secret)
    }
}

impl<H: HmacHash> JwkSealing for HmacKey<H> {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        Self::from_jwk(jwk)
    }

    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyRule> {
        Ok(self.members())
    }
}

impl<H: HmacHash> JwkOpening for HmacKey<H> {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        Self::from_jwk(jwk)
    }

    fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        Thumbprint::of(&self.members(), hash)
    }
}

impl<H: HmacHash> Sign for HmacKey<H> {
    fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        out.extend_from_slice(&self.keyed.clone().chain_update(message).finalize().into_bytes());
        Ok(())
    }

    fn seal_length(&self) -> usize {
        H::LEAST
    }
}

impl<H: HmacHash> Check for HmacKey<H> {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        // Constant time, and an error for a tag that is cut short.
        self.keyed.clone().chain_update(message).verify_slice(seal).is_ok()
    }
}

impl<H: HmacHash> Clone for HmacKey<H> {
    fn clone(&self) -> Self {
        Self { keyed: self.keyed.clone(), secret: self.secret.clone() }
    }
}

impl<H: HmacHash> fmt::Debug for HmacKey<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacKey").field("algorithm", &H::ALGORITHM).finish_non_exhaustive()
    }
}
