//! [`KeyRing`]: the keys of one service, one of which signs.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    builder::KeyRingBuilder,
    health::Health,
    import::Key,
    info::{KeyInfo, infos},
    jwks::Jwks,
    schedule,
    source::{Keys, RingKey, Source},
    state::KeyState,
    timing::Timing,
    verifying::{PublicKeys, VerifyingKeys},
    writer::Writer,
};
use crate::{
    error::KeyError,
    format::{
        Asymmetric, Format, JwkKeys, PaserkKeys, PemKeys, Published, Symmetric,
        jwt::{Jwt, SymmetricAlgorithm},
        sealed::Sealed,
    },
    ids::KeyId,
    time::Timestamp,
};

/// The keys of one service in one format: one signs, and those before it verify until their last token has expired.
///
/// A cheap clone; clones are the same ring. Reading takes no lock.
///
/// # Example: a ring for tests and single processes
/// ```
/// use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}};
///
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// assert_eq!(ring.keys().len(), 1);
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
///
/// # Example: a ring in a file, wrapped
/// ```
/// use session_runtime::{KeyRing, keyring::{FileKeys, LocalKek}, paseto::V4Local};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (file, kek) = (folder.path().join("keys.json"), folder.path().join("kek"));
/// let kek = LocalKek::from_file_or_generate(kek)?;
/// let ring = KeyRing::<V4Local>::builder().name("main").open(FileKeys::at(file), kek).await?;
/// let before = ring.keys();
/// let rotated = ring.rotate().await?;
/// assert_eq!(ring.keys().len(), before.len() + 1);
/// assert_eq!(ring.signing_key(), Some(rotated.key_id));
/// # Ok(())
/// # }
/// ```
pub struct KeyRing<F: Format> {
    pub(super) source: Arc<Source<F>>,
    pub(super) writer: Arc<Writer>,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotated {
    /// The key that signs from now on.
    pub key_id: KeyId,
    /// From when it signs.
    pub active_from: Timestamp,
}

impl<F: Format> KeyRing<F> {
    /// A ring of one fresh key, in memory: it dies with the process, and every token with it.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        Self::builder().generate()
    }

    /// A ring with settings of its own: its name, the longest life of its tokens, its clock, its store.
    pub fn builder() -> KeyRingBuilder<F> {
        KeyRingBuilder::new()
    }

    pub(super) fn assemble(source: Source<F>, writer: Writer) -> Self {
        Self { source: Arc::new(source), writer: Arc::new(writer) }
    }

    /// The ring's name.
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// The longest life of any token that this ring signs. It decides how long a retired key goes on verifying.
    pub fn max_ttl(&self) -> Duration {
        self.source.load().rules.max_ttl
    }

    /// When its keys begin, end and are known everywhere.
    pub fn timing(&self) -> Timing {
        self.source.load().rules.timing
    }

    /// How well this node knows the ring: what a readiness probe asks.
    pub fn health(&self) -> Health {
        self.source.health()
    }

    /// Every key, oldest first, and what it may do now.
    pub fn keys(&self) -> Vec<KeyInfo> {
        infos(&self.source)
    }

    /// The name of the key that signs now; `None` when it has none, or when no key may sign.
    pub fn signing_key(&self) -> Option<KeyId> {
        let now = self.source.clock.wall();
        let snapshot = self.source.load();
        schedule::signer(&snapshot.keys, &snapshot.rules, now).and_then(|key| key.id.clone())
    }

    /// What one key may do now; `None` when the ring has no such key.
    pub fn state(&self, key_id: &KeyId) -> Option<KeyState> {
        let now = self.source.clock.wall();
        self.source.load().keys.iter().find(|key| key.id.as_ref() == Some(key_id)).map(|key| key.state(now))
    }

    /// Retires the key that signs, before its time, in favour of the next one. There is never a moment without a key that signs, and the
    /// old one verifies until the last token that it may have signed has expired for the most patient verifier (the grace of
    /// [`Timing::grace`](super::Timing::grace), `max_ttl`, and 300 s).
    ///
    /// For one writer a new key is made, and signs from now on. In a fleet it is the successor that was made when the present key
    /// began, and it signs as soon as every node knows it: [`Rotated::active_from`] is a propagation window after it was made, or now.
    ///
    /// # Errors
    /// [`KeyError::NotForThisRing`] for a ring that was declared non-rotating, [`KeyError::Store`] when the change could not be
    /// stored; with [`StoreError::Conflict`](crate::error::StoreError::Conflict) another process was first, and [`reload`](Self::reload)
    /// shows what it did.
    pub async fn rotate(&self) -> Result<Rotated, KeyError> {
        if !self.source.rotating {
            return Err(KeyError::NotForThisRing("this ring was declared non-rotating"));
        }
        let now = self.source.clock.wall();
        let fresh = Key::<F>::generate()?;
        let mut rotated = None;
        self.change(|keys, rules| {
            let rotation = schedule::rotate(keys, rules, now, |epoch, times| RingKey::new(fresh, epoch, times, true));
            let key = keys.iter().find(|key| key.epoch == rotation.epoch);
            rotated = key.and_then(|key| key.id.clone()).map(|key_id| Rotated { key_id, active_from: rotation.at });
            Ok(())
        })
        .await?;
        let rotated = rotated.ok_or(KeyError::NotForThisRing("the next key of this ring has no name"))?;
        self.source.series().rotated();
        tracing::info!(ring = self.name(), format = F::NAME, key_id = %rotated.key_id, active_from = %rotated.active_from, "rotated");
        Ok(rotated)
    }

    /// Raises the longest life of the tokens that the ring may sign: its keys then verify for longer. It can never be lowered, since
    /// tokens of the longer life are out.
    ///
    /// # Errors
    /// [`KeyError::OutOfBounds`] for a shorter life than before, or one beyond ten years; [`KeyError::Store`] when the change could not be
    /// stored.
    pub async fn set_max_ttl(&self, max_ttl: Duration) -> Result<(), KeyError> {
        let now = self.source.clock.wall();
        let max_ttl = check_max_ttl(max_ttl)?;
        self.change_rules(|keys, rules| {
            if max_ttl < rules.max_ttl {
                return Err(KeyError::OutOfBounds { setting: "max_ttl", found: max_ttl, rule: "at least what the ring has" });
            }
            rules.max_ttl = max_ttl;
            schedule::raise_max_ttl(keys, rules, now);
            Ok(())
        })
        .await
    }
}

/// The life of a token that a ring may promise: 1 second to 10 years.
pub(super) fn check_max_ttl(found: Duration) -> Result<Duration, KeyError> {
    const TEN_YEARS: u64 = 10 * 366 * 24 * 60 * 60;
    if (1..=TEN_YEARS).contains(&found.as_secs()) {
        Ok(found)
    } else {
        Err(KeyError::OutOfBounds { setting: "max_ttl", found, rule: "1 second to 10 years" })
    }
}

impl<F: Asymmetric> KeyRing<F> {
    /// The same ring as a type that cannot sign. It follows this ring's rotations.
    pub fn public_keys(&self) -> PublicKeys<F> {
        PublicKeys::of(Arc::clone(&self.source))
    }
}

impl<F: Published> KeyRing<F> {
    /// The public keys as a JWK set (RFC 7517): every key that verifies now.
    pub fn jwks(&self) -> Jwks {
        Jwks::of(&self.source)
    }
}

impl<F: Symmetric> KeyRing<F> {
    /// The same ring as a type that cannot sign. Its bytes are still the secret: whoever gets at the memory of a node that
    /// holds it can make tokens. It follows this ring's rotations.
    pub fn verifying_keys(&self) -> VerifyingKeys<F> {
        VerifyingKeys::of(Arc::clone(&self.source))
    }
}

impl<A: SymmetricAlgorithm> KeyRing<Jwt<A>> {
    /// A ring of one unnamed key from a shared secret. See [`Key::from_secret`].
    ///
    /// # Errors
    /// [`KeyError::Refused`] when the secret breaks a rule.
    pub fn from_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::builder().import(Key::<Jwt<A>>::from_secret(secret)?)
    }
}

impl<F: PemKeys> KeyRing<F> {
    /// A ring of one unnamed private key from PEM text.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::builder().import(Key::from_pem(pem)?)
    }

    /// A ring of one unnamed private key from DER.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::builder().import(Key::from_der(der)?)
    }
}

impl<F: JwkKeys> KeyRing<F> {
    /// A ring of one private or secret JWK (RFC 7517), named by its `kid`; without one it is unnamed.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        Self::builder().import(Key::from_jwk(jwk)?)
    }
}

impl<F: PaserkKeys> KeyRing<F> {
    /// A ring of one unnamed key from PASERK text (`k4.secret.…`, `k4.local.…`).
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that the key breaks.
    pub fn from_paserk(paserk: &str) -> Result<Self, KeyError> {
        Self::builder().import(Key::from_paserk(paserk)?)
    }
}

impl<F: Format> Sealed for KeyRing<F> {}
impl<F: Format> Keys for KeyRing<F> {
    type Format = F;
    fn source(&self) -> &Arc<Source<F>> {
        &self.source
    }
}

impl<F: Format> Clone for KeyRing<F> {
    fn clone(&self) -> Self {
        Self { source: Arc::clone(&self.source), writer: Arc::clone(&self.writer) }
    }
}

impl<F: Format> fmt::Debug for KeyRing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("name", &self.name()).field("format", &F::NAME).field("keys", &self.keys()).finish_non_exhaustive()
    }
}
