//! One public key: read, written, named.

use std::fmt;

use super::{
    export::refused,
    import::{Key, jwk_id, parse_jwk},
    jwks::public_jwk,
};
use crate::{
    crypto::{JwkOpening, PaserkOpening, PemPublic, SealingHalf, Thumbprint, ThumbprintHash},
    error::{KeyError, KeyRule},
    format::{Asymmetric, JwkKeys, PaserkKeys, PemKeys, Published},
    ids::KeyId,
};

/// The public half of a key for format `F`, with its name where it has one. It has passed every check of its family, and may be known
/// to everybody.
///
/// # Example
/// ```
/// use session_runtime::{jwt::{EdDsa, Jwt}, keyring::{Key, PublicKey, PublicKeys}};
///
/// let ours = Key::<Jwt<EdDsa>>::generate()?.public_key();
/// let theirs = Key::<Jwt<EdDsa>>::generate()?.public_key();
/// let text = theirs.to_jwk();
///
/// let theirs = PublicKey::<Jwt<EdDsa>>::from_jwk(&text)?;
/// let keys = PublicKeys::from_keys([ours, theirs])?;
/// assert_eq!(keys.keys().len(), 2);
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
///
/// A secret has no public half, so nothing can publish it:
///
/// ```compile_fail,E0599
/// # use session_runtime::{jwt::{Hs256, Jwt}, keyring::Key};
/// # fn publish(key: Key<Jwt<Hs256>>) {
/// key.public_key();
/// # }
/// ```
pub struct PublicKey<F: Asymmetric> {
    pub(crate) opening: F::Opening,
    pub(crate) id: Option<KeyId>,
}

impl<F: Asymmetric> Key<F> {
    /// The public half, under the same name.
    pub fn public_key(&self) -> PublicKey<F> {
        PublicKey { opening: self.sealing.opening(), id: self.id.clone() }
    }
}

impl<F: PemKeys> PublicKey<F> {
    /// Reads a public key from PEM text (SPKI, or PKCS#1 for RSA). It has no name.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::unnamed(F::Opening::from_pem(pem))
    }

    /// Reads a public key from DER (SPKI, or PKCS#1 for RSA), all of the bytes. It has no name.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::unnamed(F::Opening::from_der(der))
    }

    /// Writes PEM text (SubjectPublicKeyInfo, RFC 7468 §13). PEM has no place for the key's name.
    ///
    /// # Errors
    /// None for a key that was read; [`KeyError::Refused`] stands for a failure of the writer.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.opening.to_pem().map_err(|rule| refused(&self.id, rule))
    }

    /// Writes DER bytes (SubjectPublicKeyInfo, RFC 5280 §4.1).
    ///
    /// # Errors
    /// As [`to_pem`](Self::to_pem).
    pub fn to_der(&self) -> Result<Vec<u8>, KeyError> {
        self.opening.to_spki().map_err(|rule| refused(&self.id, rule))
    }
}

impl<F: Asymmetric + JwkKeys> PublicKey<F> {
    /// Reads one JWK (RFC 7517), named by its `kid`; its `alg`, `use` and `key_ops` are honoured.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        let jwk = parse_jwk(jwk)?;
        let id = jwk_id(&jwk)?;
        match F::Opening::from_jwk(&jwk) {
            Ok(opening) => Ok(Self { opening, id }),
            Err(rule) => Err(refused(&id, rule)),
        }
    }

    /// The thumbprint of the key (RFC 7638).
    pub fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        self.opening.thumbprint(hash)
    }
}

impl<F: Published> PublicKey<F> {
    /// Writes a JWK (RFC 7517), with `alg`, `use` and its name as `kid`.
    pub fn to_jwk(&self) -> String {
        serde_json::Value::Object(public_jwk::<F>(&self.opening, self.id.as_ref())).to_string()
    }
}

impl<F: Asymmetric + PaserkKeys> PublicKey<F> {
    /// Reads PASERK text (`k4.public`). It has no name.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_paserk(paserk: &str) -> Result<Self, KeyError> {
        Self::unnamed(F::Opening::from_paserk(paserk))
    }
}

impl<F: Asymmetric> PublicKey<F> {
    fn unnamed(opening: Result<F::Opening, KeyRule>) -> Result<Self, KeyError> {
        opening.map(|opening| Self { opening, id: None }).map_err(|rule| refused(&None, rule))
    }

    /// The key's name.
    pub fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// Names the key. Tokens under a named key have to carry the name.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// Takes the name away: any that a token carries is ignored.
    #[must_use]
    pub fn without_id(mut self) -> Self {
        self.id = None;
        self
    }
}

impl<F: Asymmetric> Clone for PublicKey<F> {
    fn clone(&self) -> Self {
        Self { opening: self.opening.clone(), id: self.id.clone() }
    }
}

impl<F: Asymmetric> fmt::Debug for PublicKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("format", &F::NAME).field("id", &self.id).field("opening", &self.opening).finish()
    }
}
