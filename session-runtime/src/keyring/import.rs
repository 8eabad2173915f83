//! Keys that the user already has: [`Key`], read from a secret, PEM, JWK or PASERK text and checked while it is read.

use std::fmt;

use crate::{
    crypto::{self, JwkSealing, PaserkSealing, PemPair, SealingHalf, SharedSecret},
    error::{KeyError, KeyRule},
    format::{
        Format, JwkKeys, PaserkKeys, PemKeys,
        jwt::{Jwt, SymmetricAlgorithm},
    },
    ids::KeyId,
};

/// A private or secret half for format `F`, with its name where it has one. It has passed every check of its family.
pub struct Key<F: Format> {
    pub(crate) sealing: F::Sealing,
    pub(crate) id: Option<KeyId>,
}

impl<F: Format> fmt::Debug for Key<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("format", &F::NAME).field("id", &self.id).finish_non_exhaustive()
    }
}

impl<F: Format> Key<F> {
    /// A fresh random key with a fresh id.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let sealing = F::Sealing::generate()?;
        let id = F::name_key(&sealing.opening())?;
        Ok(Self { sealing, id: Some(id) })
    }

    /// Names the key. Tokens carry the name and, with a named key, have to.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// Takes the name away: tokens then carry none, and any that they carry is ignored.
    #[must_use]
    pub fn without_id(mut self) -> Self {
        self.id = None;
        self
    }

    fn unnamed(sealing: Result<F::Sealing, KeyRule>) -> Result<Self, KeyError> {
        sealing.map(|sealing| Self { sealing, id: None }).map_err(|rule| KeyError::Refused { key_id: None, rule })
    }
}

/// The JWK's own name; one that breaks the rule for names refuses the key.
pub(crate) fn jwk_id(jwk: &crypto::Jwk) -> Result<Option<KeyId>, KeyError> {
    match jwk.kid() {
        None => Ok(None),
        Some(id) => KeyId::new(id).map(Some).ok_or(KeyError::Refused { key_id: None, rule: KeyRule::KeyId }),
    }
}

pub(crate) fn parse_jwk(text: &str) -> Result<crypto::Jwk, KeyError> {
    crypto::Jwk::parse(text).map_err(|rule| KeyError::Refused { key_id: None, rule })
}

impl<A: SymmetricAlgorithm> Key<Jwt<A>> {
    /// Takes a shared secret of random bytes, at least 32 for HS256, 48 for HS384 and 64 for HS512 (RFC 7518 §3.2).
    ///
    /// # Errors
    /// [`KeyError::Refused`] when it is shorter, is not random, or is the text of a key that others may know.
    pub fn from_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::unnamed(A::Sealing::from_secret(secret.as_ref()))
    }

    /// Takes a secret that is shorter than RFC 7518 §3.2 allows, or not random: **whoever guesses it makes tokens**. For tests
    /// against others' fixed vectors, and for nothing else; a ring in a store does not take it back.
    ///
    /// # Errors
    /// [`KeyError::Refused`] when it is empty, or is the text of a key that others may know.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{jwt::{Hs256, Jwt}, keyring::Key};
    ///
    /// assert!(Key::<Jwt<Hs256>>::from_secret("short").is_err());
    /// assert!(Key::<Jwt<Hs256>>::dangerous_short_secret("short").is_ok());
    /// assert!(Key::<Jwt<Hs256>>::dangerous_short_secret("").is_err());
    /// ```
    pub fn dangerous_short_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::unnamed(A::Sealing::dangerous_short_secret(secret.as_ref()))
    }
}

impl<F: PemKeys> Key<F> {
    /// Reads a private key from PEM text (PKCS#8, or PKCS#1 and SEC1 where the family has them).
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::unnamed(F::Sealing::from_pem(pem))
    }

    /// Reads a private key from DER (PKCS#8, or PKCS#1 and SEC1 where the family has them), all of the bytes.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::unnamed(F::Sealing::from_der(der))
    }
}

impl<F: JwkKeys> Key<F> {
    /// Reads a private or secret JWK (RFC 7517). Its `kid` becomes the key's name; its `alg`, `use` and `key_ops` are honoured.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        let jwk = parse_jwk(jwk)?;
        let id = jwk_id(&jwk)?;
        match F::Sealing::from_jwk(&jwk) {
            Ok(sealing) => Ok(Self { sealing, id }),
            Err(rule) => Err(KeyError::Refused { key_id: id, rule }),
        }
    }
}

impl<F: PaserkKeys> Key<F> {
    /// Reads a PASERK text (`k4.local.…`, `k4.secret.…`).
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_paserk(paserk: &str) -> Result<Self, KeyError> {
        Self::unnamed(F::Sealing::from_paserk(paserk))
    }
}
