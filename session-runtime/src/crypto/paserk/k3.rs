//! Wrapping in version 3: AES-256 in counter mode and HMAC with SHA-384, PBKDF2 with SHA-384, and Diffie-Hellman on P-384.

use std::{fmt, num::NonZeroU32};

use aes::Aes256;
use aws_lc_rs::{
    agreement::{self, ECDH_P384, UnparsedPublicKey},
    pbkdf2,
};
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha384};
use zeroize::Zeroizing;

use super::{
    lock::{Cost, Lock, Version, Wrapped, WrapsKeys},
    password::within,
    seal::{Recipient, Unsealer},
};
use crate::{
    crypto::{
        Seal, SealingHalf, V3LocalKey,
        curve::P384,
        ecdsa::{EcPair, EcPoint},
        refused,
    },
    error::{KeyError, KeyRule},
    limits,
};

/// Version 3.
#[derive(Debug)]
pub enum K3 {}

impl Version for K3 {
    type Lock = K3Lock;
    type Cost = Pbkdf2Cost;
    const TAG: usize = 48;
    const NONCE: usize = 16;

    fn pie(wrapping: &[u8; 32], nonce: &[u8; 32]) -> Result<K3Lock, KeyRule> {
        let keyed =
            |domain: u8| Ok(Zeroizing::new(mac(wrapping)?.chain_update([domain]).chain_update(nonce).finalize().into_bytes().to_vec()));
        let (cipher, authentication): (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) = (keyed(0x80)?, keyed(0x81)?);
        let (cipher, nonce) = cipher.split_at_checked(32).ok_or(KeyRule::Wrapped)?;
        // PIE takes the first 32 bytes of this key; the other ways of wrapping take all 48.
        K3Lock::new(cipher, nonce, authentication.get(..32).ok_or(KeyRule::Wrapped)?)
    }

    fn password(derived: &[u8; 32], nonce: &[u8]) -> Result<K3Lock, KeyRule> {
        let cipher = hash([&[0xff], derived, &[], &[]]);
        K3Lock::new(cipher.get(..32).ok_or(KeyRule::Wrapped)?, nonce, &*hash([&[0xfe], derived, &[], &[]]))
    }
}

/// AES-256 in counter mode and HMAC with SHA-384.
pub struct K3Lock {
    cipher: Zeroizing<[u8; 32]>,
    counter: [u8; 16],
    authentication: Zeroizing<Vec<u8>>,
}

impl K3Lock {
    fn new(cipher: &[u8], counter: &[u8], authentication: &[u8]) -> Result<Self, KeyRule> {
        // Every caller hands over these lengths.
        let (cipher, counter) = (cipher.try_into().map_err(|_| KeyRule::Wrapped)?, counter.try_into().map_err(|_| KeyRule::Wrapped)?);
        Ok(Self { cipher: Zeroizing::new(cipher), counter, authentication: Zeroizing::new(authentication.to_vec()) })
    }

    /// The keys of a sealed key. Every value that the two sides agreed on is hashed into them.
    fn agreed(shared: &[u8], ephemeral: &[u8], recipient: &[u8]) -> Result<Self, KeyRule> {
        let header = EcPoint::<P384>::SEAL.as_bytes();
        let keys = |domain: u8| hash([&[&[domain], header].concat(), shared, ephemeral, recipient]);
        let encryption = keys(1);
        let (cipher, counter) = encryption.split_at_checked(32).ok_or(KeyRule::Wrapped)?;
        Self::new(cipher, counter, &*keys(2))
    }
}

impl fmt::Debug for K3Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("K3Lock").finish_non_exhaustive()
    }
}

impl Lock for K3Lock {
    fn apply(&self, data: &mut [u8]) -> Result<(), KeyRule> {
        // The key stream is longer than any key.
        let mut cipher = Ctr128BE::<Aes256>::new((&*self.cipher).into(), (&self.counter).into());
        cipher.try_apply_keystream(data).map_err(|_| KeyRule::Wrapped)
    }

    fn tag(&self, pieces: [&[u8]; 3]) -> Result<Seal, KeyRule> {
        let mac = pieces.iter().fold(mac(&self.authentication)?, |mac, piece| mac.chain_update(piece));
        Ok(Seal::from_slice(&mac.finalize().into_bytes()))
    }
}

/// HMAC takes keys of any length, so this cannot fail.
fn mac(key: &[u8]) -> Result<Hmac<Sha384>, KeyRule> {
    Hmac::new_from_slice(key).map_err(|_| KeyRule::Wrapped)
}

fn hash(pieces: [&[u8]; 4]) -> Zeroizing<[u8; 48]> {
    Zeroizing::new(pieces.iter().fold(Sha384::new(), |hash, piece| hash.chain_update(piece)).finalize().into())
}

/// What a guess at the password of a `k3.local-pw` or `k3.secret-pw` costs: iterations of PBKDF2 with SHA-384.
///
/// The default is 210 000, OWASP's advice for the like of SHA-384; the specification's own is 100 000. Every guess costs time and no
/// memory, so version 4 protects a weak password far better.
///
/// # Example
/// ```
/// use session_runtime::keyring::Pbkdf2Cost;
///
/// assert_ne!(Pbkdf2Cost::new(1_000_000)?, Pbkdf2Cost::default());
/// assert!(Pbkdf2Cost::new(1_000).is_err());
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pbkdf2Cost(NonZeroU32);

impl Pbkdf2Cost {
    /// 100 000 to 1 000 000 iterations.
    ///
    /// # Errors
    /// [`KeyError::Refused`] with [`KeyRule::Cost`] when they are out of bounds. What is written has to be readable, so the upper bound is
    /// that of reading.
    pub fn new(iterations: u32) -> Result<Self, KeyError> {
        Self::judged(iterations, 100_000).map_err(refused)
    }

    fn judged(iterations: u32, least: u32) -> Result<Self, KeyRule> {
        within("iterations of PBKDF2", iterations.into(), least.into(), limits::PBKDF2_ITERATIONS.into())?;
        NonZeroU32::new(iterations).map(Self).ok_or(KeyRule::Wrapped)
    }
}

impl Default for Pbkdf2Cost {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl Cost for Pbkdf2Cost {
    const SALT: usize = 32;
    const LENGTH: usize = 4;

    fn to_bytes(self) -> Vec<u8> {
        self.0.get().to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, KeyRule> {
        // Somebody else's text may cost less than ours: the official vectors have 1000.
        Self::judged(u32::from_be_bytes(bytes.try_into().map_err(|_| KeyRule::Wrapped)?), 1)
    }

    fn derive(self, password: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyRule> {
        let mut derived = Zeroizing::new([0; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA384, self.0, salt, password, derived.as_mut_slice());
        Ok(derived)
    }
}

impl Wrapped for V3LocalKey {
    type Version = K3;
    const PIE: &'static str = "k3.local-wrap.pie.";
    const PASSWORD: &'static str = "k3.local-pw.";
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

impl WrapsKeys for V3LocalKey {
    fn wrapping(&self) -> &[u8; 32] {
        self.as_bytes()
    }

    fn local_id(&self) -> String {
        self.paserk_id()
    }
}

impl Wrapped for EcPair<P384> {
    type Version = K3;
    const PIE: &'static str = "k3.secret-wrap.pie.";
    const PASSWORD: &'static str = "k3.secret-pw.";
    const LENGTH: usize = 48;

    fn to_text(&self) -> Result<Zeroizing<String>, KeyRule> {
        self.to_paserk()
    }

    fn to_id(&self) -> Result<String, KeyRule> {
        self.paserk_secret_id()
    }

    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        self.scalar()
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_scalar(bytes.try_into().map_err(|_| KeyRule::Wrapped)?)
    }
}

impl Recipient for EcPoint<P384> {
    type Version = K3;
    const SEAL: &'static str = "k3.seal.";
    const EPHEMERAL: usize = 49;

    fn to_text(&self) -> String {
        self.to_paserk()
    }

    fn to_id(&self) -> String {
        self.paserk_id()
    }

    fn agree(&self) -> Result<(Vec<u8>, K3Lock), KeyError> {
        let pair = EcPair::<P384>::generate()?;
        let ephemeral = pair.point().compressed();
        let shared = shared(&pair, self).map_err(refused)?;
        let lock = K3Lock::agreed(&shared, &ephemeral, &self.compressed()).map_err(refused)?;
        Ok((ephemeral.to_vec(), lock))
    }
}

impl Unsealer for EcPair<P384> {
    type Version = K3;

    fn agree(&self, ephemeral: &[u8]) -> Result<K3Lock, KeyRule> {
        // A point that is not on the curve would give the scalar away, bit by bit (invalid-curve attacks).
        let point = EcPoint::from_compressed(ephemeral.try_into().map_err(|_| KeyRule::Wrapped)?)?;
        K3Lock::agreed(&shared(self, &point)?, ephemeral, &self.point().compressed())
    }
}

/// The abscissa of the common point. The curve has no points of small order.
fn shared(pair: &EcPair<P384>, point: &EcPoint<P384>) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
    let private = agreement::PrivateKey::from_private_key(&ECDH_P384, &pair.scalar()?).map_err(|_| KeyRule::SelfTest)?;
    let public = UnparsedPublicKey::new(&ECDH_P384, point.as_bytes());
    agreement::agree(&private, public, KeyRule::InvalidPoint, |shared| Ok(Zeroizing::new(shared.to_vec())))
}

const DEFAULT: NonZeroU32 = NonZeroU32::new(210_000).unwrap();
