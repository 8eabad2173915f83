//! Keys that the user already has: [`Key`], read from a secret, PEM, JWK or PASERK text and checked while it is read.

use std::fmt;

use crate::{
    crypto::{self, SealingHalf},
    error::{KeyError, KeyRule},
    format::{
        Format,
        jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
        paseto::{V4Local, V4Public},
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

    fn from_parsed_jwk(jwk: &crypto::Jwk, sealing: Result<F::Sealing, KeyRule>) -> Result<Self, KeyError> {
        let id = jwk_id(jwk)?;
        match sealing {
            Ok(sealing) => Ok(Self { sealing, id }),
            Err(rule) => Err(KeyError::Refused { key_id: id, rule }),
        }
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

impl Key<Jwt<Hs256>> {
    /// Takes a shared secret of at least 32 random bytes (RFC 7518 §3.2).
    ///
    /// # Errors
    /// [`KeyError::Refused`] when it is shorter, is not random, or is the text of a key that others may know.
    pub fn from_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::unnamed(crypto::HmacSha256Key::from_secret(secret.as_ref()))
    }
}

impl Key<Jwt<Hs256>> {
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
        Self::unnamed(crypto::HmacSha256Key::dangerous_short_secret(secret.as_ref()))
    }
}

macro_rules! imports {
    ($($format:ty: $sealing:ident { $($method:ident)* };)*) => { $( $( imports!(@$method $format, $sealing); )* )* };
    (@from_pem $format:ty, $sealing:ident) => {
        impl Key<$format> {
            /// Reads a private key from PEM text (PKCS#8, or PKCS#1 and SEC1 where the family has them).
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the rule that the key breaks.
            pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
                Self::unnamed(crypto::$sealing::from_pem(pem))
            }
        }
    };
    (@from_jwk $format:ty, $sealing:ident) => {
        impl Key<$format> {
            /// Reads a private or secret JWK (RFC 7517). Its `kid` becomes the key's name; its `alg`, `use` and `key_ops` are honoured.
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the rule that the key breaks.
            pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
                let jwk = parse_jwk(jwk)?;
                let sealing = crypto::$sealing::from_jwk(&jwk);
                Self::from_parsed_jwk(&jwk, sealing)
            }
        }
    };
    (@from_paserk $format:ty, $sealing:ident) => {
        impl Key<$format> {
            /// Reads a PASERK text (`k4.local.…`, `k4.secret.…`).
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the rule that the key breaks.
            pub fn from_paserk(paserk: &str) -> Result<Self, KeyError> {
                Self::unnamed(crypto::$sealing::from_paserk(paserk))
            }
        }
    };
}

imports! {
    Jwt<Hs256>: HmacSha256Key { from_jwk };
    Jwt<Rs256>: RsaPair { from_pem from_jwk };
    Jwt<Es256>: P256Pair { from_pem from_jwk };
    Jwt<EdDsa>: Ed25519Pair { from_pem from_jwk };
    V4Public: Ed25519Pair { from_pem from_paserk };
    V4Local: V4LocalKey { from_paserk };
}
