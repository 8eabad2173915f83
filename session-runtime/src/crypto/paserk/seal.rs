//! `seal`: a symmetric key for the holder of a private key of the same version (PASERK, PKE).

use super::lock::{Version, Wrapped, bytes, close, cut, open, text};
use crate::{
    crypto::{OpeningHalf, SealingHalf, refused},
    error::{KeyError, KeyRule},
};

/// A public half that symmetric keys can be sealed to.
pub trait Recipient: OpeningHalf {
    /// Its version.
    type Version: Version;
    /// The header of a sealed key.
    const SEAL: &'static str;
    /// The length of the public half of a fresh pair, in bytes.
    const EPHEMERAL: usize;

    /// Its plain text.
    fn to_text(&self) -> String;

    /// The id of that text.
    fn to_id(&self) -> String;

    /// Agrees on keys, with a fresh pair whose public half comes first.
    fn agree(&self) -> Result<(Vec<u8>, <Self::Version as Version>::Lock), KeyError>;
}

/// The private half that opens what was sealed to its public half.
pub trait Unsealer: SealingHalf<Opening: Recipient<Version = Self::Version>> {
    /// Its version.
    type Version: Version;

    /// Agrees on the same keys, by the public half of the fresh pair.
    fn agree(&self, ephemeral: &[u8]) -> Result<<Self::Version as Version>::Lock, KeyRule>;
}

/// Seals.
pub fn seal<R: Recipient, K: Wrapped<Version = R::Version>>(key: &K, to: &R) -> Result<String, KeyError> {
    let mut data = key.to_plain().map_err(refused)?;
    let (ephemeral, lock) = to.agree()?;
    let tag = close(&lock, R::SEAL, &ephemeral, &mut data).map_err(refused)?;
    Ok(text(R::SEAL, &[&tag, &ephemeral, &data]))
}

/// Unseals.
pub fn unseal<U: Unsealer, K: Wrapped<Version = U::Version>>(text: &str, with: &U) -> Result<K, KeyRule> {
    let (header, ephemeral) = (U::Opening::SEAL, U::Opening::EPHEMERAL);
    let mut bytes = bytes(text, header, K::Version::TAG.saturating_add(ephemeral).saturating_add(K::LENGTH))?;
    let (tag, rest) = cut(&mut bytes, K::Version::TAG)?;
    let (ephemeral, data) = cut(rest, ephemeral)?;
    open(&with.agree(ephemeral)?, header, ephemeral, data, tag)?;
    K::from_plain(data)
}
