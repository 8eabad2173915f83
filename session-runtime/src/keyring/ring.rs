//! [`KeyRing`]: the keys of one service, one of which signs.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{
    import::Key,
    jwks::Jwks,
    record::{KeyRecord, StoredRing},
    source::{Keys, Material, RingKey, Snapshot, Source},
    state::{KeyState, KeyTimes},
    store::{KeyStore, MemoryKeys},
    verifying::{PublicKeys, VerifyingKeys},
    wrap::{KeyWrap, PlaintextKeys},
};
use crate::{
    crypto::{OpeningHalf, SealingHalf},
    error::{KeyError, KeyRule, StoreError},
    format::{
        Asymmetric, Format, Published, Symmetric, encode,
        jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
        paseto::{V4Local, V4Public},
        sealed::Sealed,
    },
    ids::KeyId,
    limits,
    time::{Clock, SystemClock, Timestamp},
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
/// let kek = LocalKek::from_file(kek)?;
/// let ring = KeyRing::<V4Local>::builder().name("main").open(FileKeys::at(file), kek).await?;
/// let before = ring.keys();
/// ring.rotate().await?;
/// assert_eq!(ring.keys().len(), before.len() + 1);
/// # Ok(())
/// # }
/// ```
pub struct KeyRing<F: Format> {
    source: Arc<Source<F>>,
    writer: Arc<Writer>,
}

/// What changes a ring.
#[derive(Debug)]
struct Writer {
    store: Arc<dyn KeyStore>,
    wrap: Arc<dyn KeyWrap>,
    /// The version that was last loaded or written. One change at a time; other processes are kept out by the store.
    version: Mutex<u64>,
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

/// One key of a ring, without its material.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyInfo {
    /// Its name; `None` for a key that was imported without one.
    pub id: Option<KeyId>,
    /// What it may do now.
    pub state: KeyState,
    /// When the ring got it.
    pub created_at: Timestamp,
    /// From when it no longer signs; `None` while that is open.
    pub retire_at: Option<Timestamp>,
    /// From when it no longer verifies; `None` while that is open.
    pub expire_at: Option<Timestamp>,
}

/// Settings of a ring; see [`KeyRing::builder`].
pub struct KeyRingBuilder<F: Format> {
    name: String,
    max_ttl: Option<Duration>,
    rotating: bool,
    clock: Arc<dyn Clock>,
    format: std::marker::PhantomData<fn() -> F>,
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
        KeyRingBuilder {
            name: "main".to_owned(),
            max_ttl: None,
            rotating: true,
            clock: Arc::new(SystemClock),
            format: std::marker::PhantomData,
        }
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
    /// stored; with [`StoreError::Conflict`] another process rotated first, and [`reload`](Self::reload) shows its key.
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
            keys.push(ring_key(key, epoch, now, true));
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
                keys.push(ring_key(fresh, epoch, now, true));
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
    /// [`KeyError`] when it cannot be read; the keys then stay as they were.
    pub async fn reload(&self) -> Result<(), KeyError> {
        let mut version = self.writer.version.lock().await;
        let stored = self.writer.store.load(&self.source.name, F::NAME).await?;
        // A ring that was there and is not is no empty ring: somebody swapped or emptied the store.
        let stored = stored.ok_or_else(vanished)?;
        let snapshot = prepare(&stored, &self.source.name, &*self.writer.wrap, Some(&self.source.load())).await?;
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
        let stored = store_form(&snapshot, next, &self.source.name, &*self.writer.wrap).await?;
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

impl KeyRing<Jwt<Hs256>> {
    /// A ring of one unnamed key from a shared secret of at least 32 random bytes. See [`Key::from_secret`](Key).
    ///
    /// # Errors
    /// [`KeyError::Refused`] when the secret breaks a rule.
    pub fn from_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::builder().import(Key::<Jwt<Hs256>>::from_secret(secret)?)
    }
}

macro_rules! from {
    ($($method:ident($argument:ident): $doc:literal for $($format:ty),*;)*) => { $( $(
        impl KeyRing<$format> {
            #[doc = $doc]
            ///
            /// # Errors
            /// [`KeyError::Refused`] naming the rule that the key breaks.
            pub fn $method($argument: &str) -> Result<Self, KeyError> {
                Self::builder().import(Key::<$format>::$method($argument)?)
            }
        }
    )* )* };
}
from! {
    from_pem(pem): "A ring of one unnamed private key from PEM text." for Jwt<Rs256>, Jwt<Es256>, Jwt<EdDsa>, V4Public;
    from_jwk(jwk): "A ring of one private or secret JWK (RFC 7517), named by its `kid`; without one it is unnamed." for Jwt<Hs256>, Jwt<Rs256>, Jwt<Es256>, Jwt<EdDsa>;
    from_paserk(paserk): "A ring of one unnamed key from PASERK text (`k4.secret.…`, `k4.local.…`)." for V4Public, V4Local;
}

impl<F: Format> KeyRingBuilder<F> {
    /// The ring's name in its store; `main` unless it is set.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The longest life of any token that the ring may sign, 1 second to 10 years; 24 hours unless it is set. A claims type
    /// whose own `max_ttl` is longer cannot be issued from the ring.
    ///
    /// A stored ring keeps the value that it was made with, and opening it with another one is an error.
    #[must_use]
    pub fn max_ttl(mut self, max_ttl: Duration) -> Self {
        self.max_ttl = Some(max_ttl);
        self
    }

    /// Declares that this ring never rotates, which types that never expire need.
    #[must_use]
    pub fn non_rotating(mut self) -> Self {
        self.rotating = false;
        self
    }

    /// The clock of the ring, and of every issuer and verifier that is built on it.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// A ring of one fresh key, in memory.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`], or [`KeyError::OutOfBounds`] for the settings.
    pub fn generate(self) -> Result<KeyRing<F>, KeyError> {
        self.in_memory(Key::generate()?, true)
    }

    /// A ring of one key that was made elsewhere, in memory.
    ///
    /// # Errors
    /// [`KeyError::OutOfBounds`] for the settings.
    pub fn import(self, key: Key<F>) -> Result<KeyRing<F>, KeyError> {
        self.in_memory(key, false)
    }

    /// Opens a stored ring, and makes its first key when the store says that there is no such ring.
    ///
    /// `wrap` is what private halves are wrapped with: a [`LocalKek`](super::LocalKek), a user's own, or [`PlaintextKeys`] by name.
    ///
    /// # Errors
    /// [`KeyError::Store`] when the store cannot be read (which is never taken for an empty ring),
    /// [`KeyError::CannotUnwrap`] with the wrong key-encryption key, [`KeyError::OutOfBounds`] for the settings.
    pub async fn open(self, store: impl KeyStore, wrap: impl KeyWrap) -> Result<KeyRing<F>, KeyError> {
        let max_ttl = self.checked_max_ttl()?;
        let stored = match store.load(&self.name, F::NAME).await? {
            Some(stored) => stored,
            None => {
                let first = ring_key(Key::<F>::generate()?, 1, self.clock.wall(), true);
                let stored = store_form(&Snapshot { keys: vec![first], max_ttl }, 1, &self.name, &wrap).await?;
                match store.replace(&self.name, F::NAME, None, stored.clone()).await {
                    Ok(()) => stored,
                    // Another process was first, and its key is the ring's: exactly one key results.
                    Err(StoreError::Conflict { .. }) => store.load(&self.name, F::NAME).await?.ok_or_else(vanished)?,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        if self.max_ttl.is_some() && stored.max_ttl() != max_ttl {
            return Err(KeyError::OutOfBounds { setting: "max_ttl", found: max_ttl, rule: "the stored ring was made with another one" });
        }
        let snapshot = prepare(&stored, &self.name, &wrap, None).await?;
        let writer = Writer { store: Arc::new(store), wrap: Arc::new(wrap), version: Mutex::new(stored.version) };
        let source = Source::new(self.name, self.rotating, self.clock, snapshot);
        Ok(KeyRing { source: Arc::new(source), writer: Arc::new(writer) })
    }

    fn in_memory(self, key: Key<F>, generated: bool) -> Result<KeyRing<F>, KeyError> {
        let max_ttl = self.checked_max_ttl()?;
        let snapshot = Snapshot { keys: vec![ring_key(key, 1, self.clock.wall(), generated)], max_ttl };
        // The store only decides versions here; keys are prepared already, so their stored form is made by the first change.
        let placeholder = StoredRing { version: 1, max_ttl: max_ttl.as_secs(), keys: Vec::new() };
        let store = MemoryKeys::holding(&self.name, F::NAME, placeholder);
        let writer = Writer { store: Arc::new(store), wrap: Arc::new(PlaintextKeys), version: Mutex::new(1) };
        let source = Source::new(self.name, self.rotating, self.clock, snapshot);
        Ok(KeyRing { source: Arc::new(source), writer: Arc::new(writer) })
    }

    fn checked_max_ttl(&self) -> Result<Duration, KeyError> {
        const TEN_YEARS: u64 = 10 * 366 * 24 * 60 * 60;
        let found = self.max_ttl.unwrap_or(limits::MAX_TTL);
        if (1..=TEN_YEARS).contains(&found.as_secs()) {
            Ok(found)
        } else {
            Err(KeyError::OutOfBounds { setting: "max_ttl", found, rule: "1 second to 10 years" })
        }
    }
}

fn vanished() -> KeyError {
    StoreError::Unreadable { store: "the key store", reason: "a ring that was there is gone".to_owned() }.into()
}

fn next_epoch<F: Format>(keys: &[RingKey<F>]) -> u64 {
    keys.iter().map(|key| key.epoch).max().unwrap_or(0).saturating_add(1)
}

fn ring_key<F: Format>(key: Key<F>, epoch: u64, now: Timestamp, generated: bool) -> RingKey<F> {
    let opening = key.sealing.opening();
    RingKey {
        id: key.id,
        epoch,
        times: KeyTimes::starting(now),
        generated,
        material: Arc::new(Material { sealing: Some(key.sealing), opening: Some(opening) }),
    }
}

pub(crate) fn infos<F: Format>(source: &Source<F>) -> Vec<KeyInfo> {
    let now = source.clock.wall();
    let info = |key: &RingKey<F>| KeyInfo {
        id: key.id.clone(),
        state: key.state(now),
        created_at: key.times.created_at,
        retire_at: key.times.retire_at,
        expire_at: key.times.expire_at,
    };
    source.load().keys.iter().map(info).collect()
}

/// What a private half is bound to in the store, so that it cannot be moved to another record.
fn context(ring: &str, format: &str, epoch: u64, key_id: Option<&str>) -> Vec<u8> {
    serde_json::json!(["session-runtime key", ring, format, epoch, key_id]).to_string().into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    encode(bytes, &mut text);
    text
}

async fn store_form<F: Format>(snapshot: &Snapshot<F>, version: u64, ring: &str, wrap: &dyn KeyWrap) -> Result<StoredRing, KeyError> {
    let mut keys = Vec::with_capacity(snapshot.keys.len());
    for key in &snapshot.keys {
        let mut record = KeyRecord::new(key.epoch, key.id.as_ref(), &key.times, key.generated);
        if let (false, Some(opening)) = (F::SYMMETRIC, &key.material.opening) {
            record.public = Some(base64(&opening.to_stored()));
        }
        if let Some(sealing) = &key.material.sealing {
            let context = context(ring, F::NAME, key.epoch, record.key_id.as_deref());
            record.private = Some(base64(&wrap.wrap(&context, &sealing.to_stored()).await?));
        }
        keys.push(record);
    }
    Ok(StoredRing { version, max_ttl: snapshot.max_ttl.as_secs(), keys })
}

/// Prepares every key of a stored ring, taking over those that are prepared already.
async fn prepare<F: Format>(
    stored: &StoredRing,
    ring: &str,
    wrap: &dyn KeyWrap,
    before: Option<&Snapshot<F>>,
) -> Result<Snapshot<F>, KeyError> {
    let mut keys: Vec<RingKey<F>> = Vec::with_capacity(stored.keys.len());
    for record in &stored.keys {
        let id = record.id()?;
        if id.is_some() && keys.iter().any(|key| key.id == id) {
            return Err(id.map_or(KeyError::NoRandomness, KeyError::DuplicateKeyId));
        }
        let known = before.and_then(|before| before.keys.iter().find(|key| key.epoch == record.epoch && key.id == id));
        let material = match (&record.private, known) {
            (Some(_), Some(known)) if known.material.sealing.is_some() => Arc::clone(&known.material),
            (Some(private), _) => {
                let refused = |rule| KeyError::Refused { key_id: id.clone(), rule };
                let wrapped = unbase64(private).ok_or_else(|| refused(KeyRule::Unreadable("base64url")))?;
                let context = context(ring, F::NAME, record.epoch, record.key_id.as_deref());
                let plain = wrap.unwrap(&context, &wrapped).await?;
                let plain = plain.ok_or_else(|| KeyError::CannotUnwrap(id.clone().unwrap_or_else(unnamed)))?;
                let sealing = F::Sealing::from_stored(&plain).map_err(refused)?;
                let opening = sealing.opening();
                Arc::new(Material { sealing: Some(sealing), opening: Some(opening) })
            }
            // A symmetric key whose secret was destroyed opens nothing, and its record stays to say so.
            (None, _) => Arc::new(Material { sealing: None, opening: public_half::<F>(record)? }),
        };
        keys.push(RingKey { id, epoch: record.epoch, times: record.times(), generated: record.generated, material });
    }
    Ok(Snapshot { keys, max_ttl: stored.max_ttl() })
}

/// The public half of a record; `None` when it has none.
pub(crate) fn public_half<F: Format>(record: &KeyRecord) -> Result<Option<F::Opening>, KeyError> {
    let Some(public) = &record.public else { return Ok(None) };
    let refused = |rule| KeyError::Refused { key_id: record.key_id.as_deref().and_then(KeyId::new), rule };
    let bytes = unbase64(public).ok_or_else(|| refused(KeyRule::Unreadable("base64url")))?;
    F::Opening::from_stored(&bytes).map(Some).map_err(refused)
}

fn unbase64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Vec::new();
    crate::format::decode(text, &mut bytes).ok()?;
    Some(Zeroizing::new(bytes))
}

/// Stands for the name of an unnamed key in errors.
fn unnamed() -> KeyId {
    KeyId::literal("(unnamed)")
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

impl<F: Format> fmt::Debug for KeyRingBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRingBuilder").field("name", &self.name).field("format", &F::NAME).finish_non_exhaustive()
    }
}
