//! What every way of wrapping a key comes down to: encrypt, then authenticate, and the text of it.

use std::fmt::Debug;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::of_version;
use crate::{
    crypto::{Seal, SealingHalf, base64url},
    error::KeyRule,
};

/// A version of PASERK, as far as wrapping differs between versions.
pub trait Version: 'static {
    /// Its encryption and authentication.
    type Lock: Lock;
    /// What a guess at a password costs.
    type Cost: Cost;
    /// The length of a tag in bytes.
    const TAG: usize;
    /// The length of the nonce behind a password's salt and cost, in bytes.
    const NONCE: usize;

    /// The keys of PIE: each wrapping has its own, by its nonce.
    fn pie(wrapping: &[u8; 32], nonce: &[u8; 32]) -> Result<Self::Lock, KeyRule>;

    /// The keys of a wrapping under a password, from what was derived of it.
    fn password(derived: &[u8; 32], nonce: &[u8]) -> Result<Self::Lock, KeyRule>;
}

/// The keys of one wrapping: one encrypts and one authenticates.
pub trait Lock: Debug {
    /// Encrypts or decrypts, which are the same.
    fn apply(&self, data: &mut [u8]) -> Result<(), KeyRule>;

    /// The tag over the pieces, one behind the other. They are not separated, since each has the one length of its type.
    fn tag(&self, pieces: [&[u8]; 3]) -> Result<Seal, KeyRule>;
}

/// What a guess at a password costs.
pub trait Cost: Copy + Default + 'static {
    /// The length of the salt in front of it, in bytes.
    const SALT: usize;
    /// Its length in the text, in bytes.
    const LENGTH: usize;

    /// As it stands in the text.
    fn to_bytes(self) -> Vec<u8>;

    /// Reads it out of a text and judges it: whoever wrote the text chose it, and no tag was checked yet.
    fn from_bytes(bytes: &[u8]) -> Result<Self, KeyRule>;

    /// The slow step.
    fn derive(self, password: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyRule>;
}

/// A half that can be wrapped.
pub trait Wrapped: SealingHalf {
    /// Its version.
    type Version: Version;
    /// The header of its text under another key.
    const PIE: &'static str;
    /// The header of its text under a password.
    const PASSWORD: &'static str;
    /// The length of what is wrapped, in bytes.
    const LENGTH: usize;

    /// Its plain text, which is secret.
    fn to_text(&self) -> Result<Zeroizing<String>, KeyRule>;

    /// The id of that text, which may be known to everybody: a hash of the whole of it.
    fn to_id(&self) -> Result<String, KeyRule>;

    /// What is wrapped: the bytes of its plain PASERK. It does not fail for a key that was read.
    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, KeyRule>;

    /// Reads what was wrapped, with every check: whoever wrapped it may have wrapped anything.
    fn from_plain(bytes: &[u8]) -> Result<Self, KeyRule>;
}

/// A secret that wraps keys of its version.
pub trait WrapsKeys: Wrapped {
    /// Its bytes.
    fn wrapping(&self) -> &[u8; 32];

    /// As [`to_id`](Wrapped::to_id), which cannot fail here.
    fn local_id(&self) -> String;
}

/// Encrypts in place, and authenticates what came of it together with its type and what stands in front of it.
pub(in crate::crypto) fn close<L: Lock>(lock: &L, header: &str, front: &[u8], data: &mut [u8]) -> Result<Seal, KeyRule> {
    lock.apply(data)?;
    lock.tag([header.as_bytes(), front, data])
}

/// Checks the tag in constant time, and decrypts in place only when it fits.
pub(super) fn open<L: Lock>(lock: &L, header: &str, front: &[u8], data: &mut [u8], tag: &[u8]) -> Result<(), KeyRule> {
    let fits: bool = lock.tag([header.as_bytes(), front, data])?.as_slice().ct_eq(tag).into();
    if fits { lock.apply(data) } else { Err(KeyRule::Wrapped) }
}

/// The text of a wrapped key.
pub(in crate::crypto) fn text(header: &str, parts: &[&[u8]]) -> String {
    [header, &base64url::encode(&parts.concat())].concat()
}

/// The bytes behind the header, of exactly this many: another length is refused before anything is decoded.
pub(super) fn bytes(text: &str, header: &'static str, length: usize) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
    let wanted = header.trim_end_matches('.');
    let body = of_version(text, header, base64url::encoded_length(length), wanted)?;
    base64url::decode(body).ok_or(KeyRule::Unreadable(wanted))
}

/// Cuts into two, the first of which has this length. The whole has a checked length, so it always does.
pub(super) fn cut(bytes: &mut [u8], length: usize) -> Result<(&mut [u8], &mut [u8]), KeyRule> {
    bytes.split_at_mut_checked(length).ok_or(KeyRule::Wrapped)
}
