//! Wrapping in version 4: XChaCha20 and keyed BLAKE2b, Argon2id, and X25519 on the points of Ed25519.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params as Argon2Params};
use blake2::{
    Blake2b, Blake2bMac,
    digest::{
        Digest, FixedOutput, KeyInit, Update,
        consts::{U24, U32, U56},
    },
};
use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use curve25519_dalek::{edwards::CompressedEdwardsY, montgomery::MontgomeryPoint};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{
    lock::{Cost, Lock, Version, Wrapped, WrapsKeys},
    password::within,
    seal::{Recipient, Unsealer},
};
use crate::{
    crypto::{
        Seal, SealingHalf,
        ed25519::{Ed25519Pair, Ed25519Point},
        random, refused,
        xchacha::V4LocalKey,
    },
    error::{KeyError, KeyRule},
    limits,
};

/// Version 4.
#[derive(Debug)]
pub enum K4 {}

impl Version for K4 {
    type Lock = K4Lock;
    type Cost = Argon2Cost;
    const TAG: usize = 32;
    const NONCE: usize = 24;

    fn pie(wrapping: &[u8; 32], nonce: &[u8; 32]) -> Result<K4Lock, KeyRule> {
        let (cipher, authentication) = (Blake2bMac::<U56>::new_from_slice(wrapping), Blake2bMac::<U32>::new_from_slice(wrapping));
        let cipher = cipher.map_err(|_| KeyRule::Wrapped)?.chain([0x80]).chain(nonce).finalize_fixed();
        let authentication = authentication.map_err(|_| KeyRule::Wrapped)?.chain([0x81]).chain(nonce).finalize_fixed();
        let (cipher, nonce) = cipher.split_first_chunk::<32>().ok_or(KeyRule::Wrapped)?;
        K4Lock::new(cipher, nonce, &authentication)
    }

    fn password(derived: &[u8; 32], nonce: &[u8]) -> Result<K4Lock, KeyRule> {
        let hash = |domain: u8| Blake2b::<U32>::new().chain([domain]).chain(derived).finalize_fixed();
        K4Lock::new(&hash(0xff), nonce, &hash(0xfe))
    }
}

/// XChaCha20 and keyed BLAKE2b of 32 bytes.
pub struct K4Lock {
    cipher: Zeroizing<[u8; 32]>,
    nonce: [u8; 24],
    authentication: Zeroizing<[u8; 32]>,
}

impl K4Lock {
    fn new(cipher: &[u8], nonce: &[u8], authentication: &[u8]) -> Result<Self, KeyRule> {
        // Every caller hands over these lengths.
        let (cipher, nonce) = (cipher.try_into().map_err(|_| KeyRule::Wrapped)?, nonce.try_into().map_err(|_| KeyRule::Wrapped)?);
        let authentication = authentication.try_into().map_err(|_| KeyRule::Wrapped)?;
        Ok(Self { cipher: Zeroizing::new(cipher), nonce, authentication: Zeroizing::new(authentication) })
    }

    /// The keys of a sealed key. Every value that the two sides agreed on is hashed into them.
    fn agreed(shared: &MontgomeryPoint, ephemeral: &MontgomeryPoint, recipient: &MontgomeryPoint) -> Result<Self, KeyRule> {
        // RFC 7748 §6.1: with a point of small order the other side knows what is agreed on without any secret.
        if bool::from(shared.as_bytes().ct_eq(&[0; 32])) {
            return Err(KeyRule::WeakPoint);
        }
        let secret = |domain: u8| {
            let secret = Blake2b::<U32>::new().chain([domain]).chain(Ed25519Point::SEAL).chain(shared.as_bytes());
            secret.chain(ephemeral.as_bytes()).chain(recipient.as_bytes()).finalize_fixed()
        };
        let nonce = Blake2b::<U24>::new().chain(ephemeral.as_bytes()).chain(recipient.as_bytes()).finalize_fixed();
        Self::new(&secret(1), &nonce, &secret(2))
    }
}

impl fmt::Debug for K4Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("K4Lock").finish_non_exhaustive()
    }
}

impl Lock for K4Lock {
    fn apply(&self, data: &mut [u8]) -> Result<(), KeyRule> {
        // The key stream is longer than any key.
        XChaCha20::new((&*self.cipher).into(), (&self.nonce).into()).try_apply_keystream(data).map_err(|_| KeyRule::Wrapped)
    }

    fn tag(&self, pieces: [&[u8]; 3]) -> Result<Seal, KeyRule> {
        let mac = Blake2bMac::<U32>::new_from_slice(self.authentication.as_slice()).map_err(|_| KeyRule::Wrapped)?;
        Ok(Seal::from_slice(&pieces.iter().fold(mac, |mac, piece| mac.chain(piece)).finalize_fixed()))
    }
}

/// What a guess at the password of a `k4.local-pw` or `k4.secret-pw` costs: memory and passes of Argon2id, in one lane.
///
/// The default is 64 MiB and 2 passes, the specification's own and libsodium's "interactive".
///
/// # Example
/// ```
/// use session_runtime::keyring::Argon2Cost;
///
/// let dearer = Argon2Cost::new(256 * 1024 * 1024, 3)?;
/// assert_ne!(dearer, Argon2Cost::default());
/// assert!(Argon2Cost::new(1024, 1).is_err());
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    memory: u64,
    passes: u32,
}

impl Argon2Cost {
    /// A cost of at least the default: `memory` in bytes, 64 to 256 MiB, and 2 to 10 passes over it.
    ///
    /// # Errors
    /// [`KeyError::Refused`] with [`KeyRule::Cost`] when one is out of bounds. What is written has to be readable, so the upper bounds
    /// are those of reading.
    pub fn new(memory: u64, passes: u32) -> Result<Self, KeyError> {
        let least = Self::default();
        Self::judged(memory, passes, least).map_err(refused)
    }

    fn judged(memory: u64, passes: u32, least: Self) -> Result<Self, KeyRule> {
        within(MEMORY, memory, least.memory, limits::ARGON2_MEMORY)?;
        within(PASSES, passes.into(), least.passes.into(), limits::ARGON2_PASSES.into())?;
        Ok(Self { memory, passes })
    }
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory: 64 * 1024 * 1024, passes: 2 }
    }
}

impl Cost for Argon2Cost {
    const SALT: usize = 16;
    const LENGTH: usize = 16;

    fn to_bytes(self) -> Vec<u8> {
        [self.memory.to_be_bytes().as_slice(), &self.passes.to_be_bytes(), &LANES.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (memory, rest) = bytes.split_first_chunk().ok_or(KeyRule::Wrapped)?;
        let (passes, rest) = rest.split_first_chunk().ok_or(KeyRule::Wrapped)?;
        let lanes = rest.first_chunk().ok_or(KeyRule::Wrapped)?;
        let (lanes, one) = (u32::from_be_bytes(*lanes).into(), LANES.into());
        // libsodium, which the specification is written for, has one lane.
        within("lanes of Argon2", lanes, one, one)?;
        // Somebody else's text may cost less than ours: the library's least is 8 KiB.
        let least = Self { memory: 8 * 1024, passes: 1 };
        Self::judged(u64::from_be_bytes(*memory), u32::from_be_bytes(*passes), least)
    }

    fn derive(self, password: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyRule> {
        // libsodium rounds down to KiB too. The bound on the memory keeps both conversions far from their ends.
        let kibibytes = u32::try_from(self.memory >> 10).map_err(|_| KeyRule::Wrapped)?;
        let params = Argon2Params::new(kibibytes, self.passes, LANES, Some(32)).map_err(|_| KeyRule::Wrapped)?;
        // The last blocks give the key away, so the memory is ours to wipe. A system that has not so much says so here, and is not
        // brought down by it.
        let mut memory: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
        memory.try_reserve_exact(params.block_count()).map_err(|_| KeyRule::NoMemory { bytes: self.memory })?;
        memory.resize(params.block_count(), Block::default());
        let mut derived = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into_with_memory(password, salt, derived.as_mut_slice(), memory.as_mut_slice())
            .map_err(|_| KeyRule::Wrapped)?;
        Ok(derived)
    }
}

impl Wrapped for V4LocalKey {
    type Version = K4;
    const PIE: &'static str = "k4.local-wrap.pie.";
    const PASSWORD: &'static str = "k4.local-pw.";
    const LENGTH: usize = 32;

    fn to_text(&self) -> Result<Zeroizing<String>, KeyRule> {
        Ok(self.to_paserk())
    }

    fn to_id(&self) -> Result<String, KeyRule> {
        Ok(self.paserk_id())
    }

    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        Ok(Zeroizing::new(self.as_bytes().to_vec()))
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::unjudged(bytes)
    }
}

impl WrapsKeys for V4LocalKey {
    fn wrapping(&self) -> &[u8; 32] {
        self.as_bytes()
    }

    fn local_id(&self) -> String {
        self.paserk_id()
    }
}

impl Wrapped for Ed25519Pair {
    type Version = K4;
    const PIE: &'static str = "k4.secret-wrap.pie.";
    const PASSWORD: &'static str = "k4.secret-pw.";
    const LENGTH: usize = 64;

    fn to_text(&self) -> Result<Zeroizing<String>, KeyRule> {
        Ok(self.to_paserk())
    }

    fn to_id(&self) -> Result<String, KeyRule> {
        Ok(self.paserk_secret_id())
    }

    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        Ok(Zeroizing::new([*self.seed(), *self.point().as_bytes()].concat()))
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (seed, point) = bytes.split_first_chunk::<32>().ok_or(KeyRule::Wrapped)?;
        Self::from_seed(seed, Some(point))
    }
}

impl Recipient for Ed25519Point {
    type Version = K4;
    const SEAL: &'static str = "k4.seal.";
    const EPHEMERAL: usize = 32;

    fn to_text(&self) -> String {
        self.to_paserk()
    }

    fn to_id(&self) -> String {
        self.paserk_id()
    }

    fn agree(&self) -> Result<(Vec<u8>, K4Lock), KeyError> {
        let secret = Zeroizing::new(random::bytes()?);
        let (ephemeral, recipient) = (MontgomeryPoint::mul_base_clamped(*secret), montgomery(self).map_err(refused)?);
        let shared = Zeroizing::new(recipient.mul_clamped(*secret));
        let lock = K4Lock::agreed(&shared, &ephemeral, &recipient).map_err(refused)?;
        Ok((ephemeral.as_bytes().to_vec(), lock))
    }
}

impl Unsealer for Ed25519Pair {
    type Version = K4;

    fn agree(&self, ephemeral: &[u8]) -> Result<K4Lock, KeyRule> {
        let ephemeral = MontgomeryPoint(ephemeral.try_into().map_err(|_| KeyRule::Wrapped)?);
        // RFC 8032 §5.1.5: the scalar is the first half of the seed's hash.
        let mut hash = Sha512::digest(self.seed());
        let mut scalar = Zeroizing::new([0; 32]);
        scalar.copy_from_slice(hash.split_at(32).0);
        hash.as_mut_slice().zeroize();
        let shared = Zeroizing::new(ephemeral.mul_clamped(*scalar));
        K4Lock::agreed(&shared, &ephemeral, &montgomery(&self.opening())?)
    }
}

/// The same point on the other form of the curve, where X25519 is.
fn montgomery(point: &Ed25519Point) -> Result<MontgomeryPoint, KeyRule> {
    CompressedEdwardsY(*point.as_bytes()).decompress().map(|point| point.to_montgomery()).ok_or(KeyRule::InvalidPoint)
}

const MEMORY: &str = "bytes of memory for Argon2";
const PASSES: &str = "passes of Argon2";
const LANES: u32 = 1;
