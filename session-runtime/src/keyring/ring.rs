//! [`KeyRing`]: the keys of one service, one of which signs.

use std::{cmp::Ordering, fmt, sync::Arc, time::Duration};

use tokio::sync::Mutex;

use super::{
    builder::KeyRingBuilder,
    import::Key,
    info::{KeyInfo, infos},
    jwks::Jwks,
    source::{Keys, Material, RingKey, Snapshot, Source},
    state::{KeyState, elect},
    store::KeyStore,
    stored,
    verifying::{PublicKeys, VerifyingKeys},
    wrap::KeyWrap,
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
    source: Arc<Source<F>>,
    writer: Arc<Writer>,
}

/// What changes a ring.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Box<dyn KeyStore>,
    pub(super) wrap: Box<dyn KeyWrap>,
    /// The version that was last loaded or written. One change at a time; other processes are kept out by the store.
    pub(super) version: Mutex<u64>,
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

/// What declaring a key compromised did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compromised {
    /// The key that signs from now on, when the compromised one was the one that signed.
    pub successor: Option<KeyId>,
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
        self.source.load().max_ttl
    }

    /// Every key, oldest first, and what it may do now.
    pub fn keys(&self) -> Vec<KeyInfo> {
        infos(&self.source)
    }

    /// The name of the key that signs now; `None` when it has none, or when no key may sign.
    pub fn signing_key(&self) -> Option<KeyId> {
        let now = self.source.clock.wall();
        let snapshot = self.source.load();
        elect(snapshot.keys.iter().map(|key| (key, &key.times, key.epoch)), now).and_then(|key| key.id.clone())
    }

    /// What one key may do now; `None` when the ring has no such key.
    pub fn state(&self, key_id: &KeyId) -> Option<KeyState> {
        let now = self.source.clock.wall();
        self.source.load().keys.iter().find(|key| key.id.as_ref() == Some(key_id)).map(|key| key.state(now))
    }

    /// Makes a new key that signs from now on; the one before it verifies until the last token that it may have signed has
    /// expired for the most patient verifier (`max_ttl` and 300 s more). There is never a moment without a key that signs.
    ///
    /// # Errors
    /// [`KeyError::NotForThisRing`] for a ring that was declared non-rotating, [`KeyError::Store`] when the change could not be
    /// stored; with [`StoreError::Conflict`](crate::error::StoreError::Conflict) another process rotated first, and [`reload`](Self::reload) shows its key.
    pub async fn rotate(&self) -> Result<Rotated, KeyError> {
        if !self.source.rotating {
            return Err(KeyError::NotForThisRing("this ring was declared non-rotating"));
        }
        let now = self.source.clock.wall();
        let key = Key::<F>::generate()?;
        let key_id = key.id.clone().ok_or(KeyError::NoRandomness)?;
        self.change(|keys, max_ttl| {
            for old in keys.iter_mut().filter(|key| matches!(key.state(now), KeyState::Active | KeyState::Pending)) {
                old.times.retire(now, max_ttl);
            }
            let epoch = next_epoch(keys);
            keys.push(RingKey::starting(key, epoch, now, true));
            Ok(())
        })
        .await?;
        tracing::info!(ring = self.name(), format = F::NAME, key_id = %key_id, "rotated");
        Ok(Rotated { key_id, active_from: now })
    }

    /// Declares that a key is in other hands: tokens under it are refused as revoked from now on, for ever, and its private half
    /// is destroyed. If it was the one that signed, a fresh key signs from now on.
    ///
    /// Verifiers on other machines learn of it when they reload their keys.
    ///
    /// # Errors
    /// [`KeyError::NoSuchKey`], or [`KeyError::Store`] when the change could not be stored: the key then still counts as good.
    pub async fn compromise(&self, key_id: &KeyId) -> Result<Compromised, KeyError> {
        let now = self.source.clock.wall();
        let fresh = Key::<F>::generate()?;
        let mut successor = None;
        self.change(|keys, _| {
            let key = keys.iter_mut().find(|key| key.id.as_ref() == Some(key_id)).ok_or_else(|| KeyError::NoSuchKey(key_id.clone()))?;
            key.times.compromised_at.get_or_insert(now);
            let opening = if F::SYMMETRIC { None } else { key.material.opening.clone() };
            key.material = Arc::new(Material { sealing: None, opening });
            if !keys.iter().any(|key| key.state(now) == KeyState::Active) {
                successor.clone_from(&fresh.id);
                let epoch = next_epoch(keys);
                keys.push(RingKey::starting(fresh, epoch, now, true));
            }
            Ok(())
        })
        .await?;
        tracing::warn!(ring = self.name(), format = F::NAME, key_id = %key_id, "key compromised");
        Ok(Compromised { successor })
    }

    /// Reads the ring from its store again, to see what another process did.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read, or was put back to an older state, which could bring a compromised key back to life;
    /// the keys then stay as they were.
    pub async fn reload(&self) -> Result<(), KeyError> {
        let mut version = self.writer.version.lock().await;
        let stored = self.writer.store.load(&self.source.name, F::NAME).await?;
        // A ring that was there and is not is no empty ring: somebody swapped or emptied the store.
        let stored = stored.ok_or_else(stored::vanished)?;
        match stored.version.cmp(&*version) {
            // Every change raises the version. (The store of a ring in memory holds nothing to read before the first one.)
            Ordering::Equal => return Ok(()),
            Ordering::Less => return Err(stored::went_back()),
            Ordering::Greater => {}
        }
        let snapshot = stored::prepare(&stored, &self.source.name, &*self.writer.wrap, Some(&self.source.load())).await?;
        self.source.publish(snapshot);
        *version = stored.version;
        Ok(())
    }

    /// Changes the keys: the store first, then what issuers and verifiers see.
    async fn change(&self, change: impl FnOnce(&mut Vec<RingKey<F>>, Duration) -> Result<(), KeyError>) -> Result<(), KeyError> {
        let mut version = self.writer.version.lock().await;
        let (mut keys, max_ttl) = {
            let snapshot = self.source.load();
            (snapshot.keys.clone(), snapshot.max_ttl)
        };
        change(&mut keys, max_ttl)?;
        let snapshot = Snapshot { keys, max_ttl };
        let next = version.saturating_add(1);
        let stored = stored::form(&snapshot, next, &self.source.name, &*self.writer.wrap).await?;
        self.writer.store.replace(&self.source.name, F::NAME, Some(*version), stored).await?;
        *version = next;
        self.source.publish(snapshot);
        Ok(())
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

fn next_epoch<F: Format>(keys: &[RingKey<F>]) -> u64 {
    keys.iter().map(|key| key.epoch).max().unwrap_or(0).saturating_add(1)
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
