//! Why a key or a key ring could not be used: the operator must act.

use std::time::Duration;

use super::StoreError;
use crate::ids::KeyId;

/// Why a key, or a key ring, could not be used. The operator must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key breaks a rule and was not loaded.
    #[error("key{} refused: {rule}", match key_id { Some(id) => format!(" `{id}`"), None => String::new() })]
    Refused {
        /// The key's name, where it has one.
        key_id: Option<KeyId>,
        /// The rule that it breaks.
        rule: KeyRule,
    },
    /// The ring holds no such key.
    #[error("the ring holds no key `{0}`")]
    NoSuchKey(KeyId),
    /// Two keys of one name; a key id must pick one key.
    #[error("key id `{0}` is there twice")]
    DuplicateKeyId(KeyId),
    /// No key may sign now: every key has retired, is suspended or compromised.
    #[error("the ring `{ring}` has no key that may sign now")]
    NoSigningKey {
        /// The name of the ring.
        ring: String,
    },
    /// The ring was last read too long ago to sign with it: the key may have been retired since. It is over when the ring is read again.
    #[error("the ring `{ring}` was last read {} s ago, and nothing is signed after {} s", age.as_secs(), allowed.as_secs())]
    OutOfDate {
        /// The name of the ring.
        ring: String,
        /// How long ago it was read.
        age: Duration,
        /// How long ago it may be, see [`Timing::max_stale`](crate::keyring::Timing).
        allowed: Duration,
    },
    /// The operation is not for this ring.
    #[error("{0}")]
    NotForThisRing(&'static str),
    /// The stored private half could not be unwrapped: a wrong key-encryption key, or a changed file.
    #[error("private half of key `{0}` cannot be unwrapped: wrong key-encryption key, or the record was changed")]
    CannotUnwrap(KeyId),
    /// A parameter of the ring is out of bounds.
    #[error("{setting} of {found:?} is out of bounds: {rule}")]
    OutOfBounds {
        /// The name of the setting.
        setting: &'static str,
        /// What was asked for.
        found: Duration,
        /// The rule in words.
        rule: &'static str,
    },
    /// The times of a ring do not fit together, see [`Timing`](crate::keyring::Timing).
    #[error("the ring's times: {rule}: {found:?}, and {bound:?}")]
    Timing {
        /// The rule in words.
        rule: &'static str,
        /// What was asked for.
        found: Duration,
        /// What the rule compares it with.
        bound: Duration,
    },
    /// The system gave no random bytes. There is no fallback (CVE-2025-66630).
    #[error("the system's random source failed")]
    NoRandomness,
    /// The cryptographic library refused to seal. It never does for a key that passed its checks.
    #[error("the key could not seal")]
    SealFailed,
    /// The key store failed; this is never read as "the ring is empty".
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The rules that keys are checked against when they are loaded. None of them prints material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRule {
    /// Not readable as what it was given as.
    #[error("not readable as {0}")]
    Unreadable(&'static str),
    /// A key of another family, curve or purpose than the format's.
    #[error("a key for {wanted} is needed")]
    WrongKind {
        /// What the format needs, in words.
        wanted: &'static str,
    },
    /// A secret that is too short (RFC 7518 §3.2).
    #[error("the secret has {found} bytes, at least {least} are needed")]
    TooShort {
        /// Its length in bytes.
        found: usize,
        /// The least length in bytes.
        least: usize,
    },
    /// A secret with fewer than eight distinct byte values is no random secret.
    #[error("the secret has fewer than 8 distinct byte values and is not random")]
    NotRandom,
    /// Text that parses as a public key was given as a secret (CVE-2015-9235 and its many sisters).
    #[error("the secret is the text of a key, which others may know")]
    SecretIsKeyText,
    /// An RSA modulus outside 2048 to 8192 bits.
    #[error("the RSA modulus has {bits} bits, 2048 to 8192 are allowed")]
    RsaSize {
        /// Its size in bits.
        bits: usize,
    },
    /// An RSA exponent that is even or below 65537.
    #[error("the RSA exponent must be odd and at least 65537")]
    RsaExponent,
    /// Not a point of the curve, or not in its one canonical form.
    #[error("not a valid point of the curve")]
    InvalidPoint,
    /// A point of small order: signatures under it hold for any message.
    #[error("a weak point of the curve")]
    WeakPoint,
    /// The private half does not belong to the public half.
    #[error("private and public halves do not belong together")]
    HalvesDiffer,
    /// `use`, `key_ops` or `alg` of the JWK forbid what it is wanted for (RFC 7517 §4.2 to §4.4).
    #[error("its own `{0}` forbids this use")]
    Forbidden(&'static str),
    /// The private half stands in a set that is published, so anybody may hold it.
    #[error("its private half is published")]
    PrivatePublished,
    /// A public half was given where the private half is needed.
    #[error("the private half is needed")]
    NoPrivateHalf,
    /// A freshly loaded key pair did not verify its own signature.
    #[error("the self-test failed")]
    SelfTest,
    /// A wrapped key did not open: it was wrapped with another key or password, or its text was changed.
    #[error("the wrapping does not open: another key or password, or a changed text")]
    Wrapped,
    /// A password that is empty or longer than 4096 bytes.
    #[error("the password is empty or longer than 4096 bytes")]
    Password,
    /// A cost of the derivation from a password that is out of bounds. Who wrote the text chose it, so it is judged before any work.
    #[error("{parameter} of {found} is not within {least} to {most}")]
    Cost {
        /// Which cost, with its unit.
        parameter: &'static str,
        /// What the text asks for.
        found: u64,
        /// The least that is allowed.
        least: u64,
        /// The most that is allowed.
        most: u64,
    },
    /// The system did not give the memory that a password asks for.
    #[error("the system did not give {bytes} bytes for its password")]
    NoMemory {
        /// How many.
        bytes: u64,
    },
    /// The key id is empty or longer than 256 bytes.
    #[error("its key id is empty or longer than 256 bytes")]
    KeyId,
}
