//! Keys for those who only verify: types without any method that could sign, create or rotate.

use std::{fmt, sync::Arc};

use super::{
    import::{Key, jwk_id, parse_jwk},
    info::{KeyInfo, infos},
    jwks::Jwks,
    public::PublicKey,
    source::{Keys, Material, RingKey, Snapshot, Source},
    state::KeyTimes,
};
use crate::{
    crypto::{self, JwkOpening, PaserkOpening, PemPublic, SealingHalf},
    error::{KeyError, KeyRule},
    format::{
        Asymmetric, Format, JwkKeys, PaserkKeys, PemKeys, Published, Symmetric,
        jwt::{Jwt, SymmetricAlgorithm},
        sealed::Sealed,
    },
    ids::KeyId,
    time::{Clock, SystemClock, Timestamp},
};

/// Public keys: they verify and cannot sign, whoever holds them.
///
/// # Example
/// ```
/// use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}};
///
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let keys = ring.public_keys();
/// assert_eq!(keys.keys(), ring.keys());
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
pub struct PublicKeys<F: Asymmetric>(pub(super) Arc<Source<F>>);

/// Secrets for verifying: the type has no method that signs, but **its bytes are the secret**. A node that holds them could be
/// made to sign by whoever gets at its memory; where that matters, use an asymmetric format and [`PublicKeys`].
///
/// ```compile_fail
/// # use session_runtime::{Issuer, keyring::VerifyingKeys, jwt::{Hs256, Jwt}};
/// # fn sign(keys: VerifyingKeys<Jwt<Hs256>>) {
/// keys.rotate();
/// # }
/// ```
pub struct VerifyingKeys<F: Symmetric>(Arc<Source<F>>);

/// One set of keys that were made elsewhere and that nobody here knows the times of.
fn imported<F: Format>(keys: Vec<(Option<KeyId>, F::Opening)>, clock: Arc<dyn Clock>) -> Result<Arc<Source<F>>, KeyError> {
    let mut ring: Vec<RingKey<F>> = Vec::with_capacity(keys.len());
    for (epoch, (id, opening)) in (1..).zip(keys) {
        // A key id that picks two keys would make the outcome depend on their order (RFC 7517 §4.5).
        if ring.iter().any(|key| key.id == id) {
            return Err(id.map_or(KeyError::NotForThisRing("two keys without a key id"), KeyError::DuplicateKeyId));
        }
        let material = Arc::new(Material { sealing: None, opening: Some(opening) });
        ring.push(RingKey { id, epoch, times: KeyTimes::starting(Timestamp::UNIX_EPOCH), generated: false, material });
    }
    let snapshot = Snapshot::of_others(ring);
    Ok(Arc::new(Source::new("imported".to_owned(), false, clock, snapshot)))
}

fn one<F: Format>(id: Option<KeyId>, opening: Result<F::Opening, KeyRule>) -> Result<Arc<Source<F>>, KeyError> {
    match opening {
        Ok(opening) => imported(vec![(id, opening)], Arc::new(SystemClock)),
        Err(rule) => Err(KeyError::Refused { key_id: id, rule }),
    }
}

macro_rules! views {
    ($($name:ident: $bound:ident),*) => { $(
        impl<F: $bound> $name<F> {
            pub(crate) fn of(source: Arc<Source<F>>) -> Self {
                Self(source)
            }

            /// Every key, oldest first, and what it may do now.
            pub fn keys(&self) -> Vec<KeyInfo> {
                infos(&self.0)
            }
        }

        impl<F: $bound> Sealed for $name<F> {}
        impl<F: $bound> Keys for $name<F> {
            type Format = F;
            fn source(&self) -> &Arc<Source<F>> {
                &self.0
            }
        }

        impl<F: $bound> Clone for $name<F> {
            fn clone(&self) -> Self {
                Self(Arc::clone(&self.0))
            }
        }

        impl<F: $bound> fmt::Debug for $name<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("format", &F::NAME).field("keys", &self.keys()).finish_non_exhaustive()
            }
        }
    )* };
}
views!(PublicKeys: Asymmetric, VerifyingKeys: Symmetric);

impl<F: Published> PublicKeys<F> {
    /// The keys as a JWK set (RFC 7517 §5): every one that verifies now.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}, keyring::PublicKeys};
    ///
    /// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    /// let elsewhere = PublicKeys::<Jwt<EdDsa>>::from_jwks(&ring.jwks().to_string())?;
    /// assert_eq!(elsewhere.jwks(), ring.jwks());
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn jwks(&self) -> Jwks {
        Jwks::of(&self.0)
    }
}

/// The keys of a JWK set that are for this format.
fn of_set<F: JwkKeys>(set: &str) -> Result<Arc<Source<F>>, KeyError> {
    let refused = |rule| KeyError::Refused { key_id: None, rule };
    let set = crypto::JwkSet::parse(set).map_err(refused)?;
    if let Some(id) = set.duplicate_kid() {
        return Err(KeyId::new(id).map_or_else(|| refused(KeyRule::KeyId), KeyError::DuplicateKeyId));
    }
    let mut keys = Vec::with_capacity(set.keys.len());
    for jwk in set.keys {
        let jwk = jwk.map_err(refused)?;
        let id = jwk_id(&jwk)?;
        match F::Opening::from_jwk(&jwk) {
            Ok(opening) => keys.push((id, opening)),
            Err(KeyRule::WrongKind { .. } | KeyRule::Forbidden("alg")) => {}
            Err(rule) => return Err(KeyError::Refused { key_id: id, rule }),
        }
    }
    imported(keys, Arc::new(SystemClock))
}

macro_rules! imports {
    ($($name:ident: $bound:ident),*) => { $(
        impl<F: $bound + JwkKeys> $name<F> {
            /// Reads one JWK (RFC 7517), named by its `kid`; its `alg`, `use` and `key_ops` are honoured.
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the rule that the key breaks.
            pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
                let jwk = parse_jwk(jwk)?;
                one(jwk_id(&jwk)?, F::Opening::from_jwk(&jwk)).map(Self)
            }

            /// Reads a JWK set (RFC 7517 §5). Keys of other formats are passed over; a bad key of this format, or a name that picks
            /// two keys, refuses the set.
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the key and the rule that it breaks, [`KeyError::DuplicateKeyId`].
            pub fn from_jwks(set: &str) -> Result<Self, KeyError> {
                of_set(set).map(Self)
            }
        }

        impl<F: $bound + PaserkKeys> $name<F> {
            /// Reads one unnamed key from PASERK text.
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the rule that the key breaks.
            pub fn from_paserk(paserk: &str) -> Result<Self, KeyError> {
                one(None, F::Opening::from_paserk(paserk)).map(Self)
            }
        }
    )* };
}
imports!(PublicKeys: Asymmetric, VerifyingKeys: Symmetric);

impl<F: Asymmetric> PublicKeys<F> {
    /// A set of public keys. A token finds its key by the key's name, so a name may be there once; one key may be without.
    ///
    /// # Errors
    /// [`KeyError::DuplicateKeyId`]; [`KeyError::NotForThisRing`] for two keys without a name.
    pub fn from_keys(keys: impl IntoIterator<Item = PublicKey<F>>) -> Result<Self, KeyError> {
        imported(keys.into_iter().map(|key| (key.id, key.opening)).collect(), Arc::new(SystemClock)).map(Self)
    }
}

impl<F: PemKeys> PublicKeys<F> {
    /// Reads one unnamed public key from PEM text (SPKI, or PKCS#1 for RSA).
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        one(None, F::Opening::from_pem(pem)).map(Self)
    }

    /// Reads one unnamed public key from DER (SPKI, or PKCS#1 for RSA), all of the bytes.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        one(None, F::Opening::from_der(der)).map(Self)
    }
}

impl<A: SymmetricAlgorithm> VerifyingKeys<Jwt<A>> {
    /// Takes a shared secret, unnamed, by the rules of [`Key::from_secret`].
    ///
    /// # Errors
    /// [`KeyError::Refused`] when the secret breaks a rule.
    pub fn from_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let Key { sealing, id } = Key::<Jwt<A>>::from_secret(secret)?;
        one(id, Ok(sealing.opening())).map(Self)
    }
}
