//! `local-wrap.pie` and `secret-wrap.pie`: a key under a symmetric key of the same version (PASERK, PIE).

use super::lock::{Version, Wrapped, bytes, close, cut, open, text};
use crate::{
    crypto::{random, refused},
    error::{KeyError, KeyRule},
};

/// Wraps.
pub fn pie_wrap<K: Wrapped>(key: &K, with: &[u8; 32]) -> Result<String, KeyError> {
    wrap_at(key, with, &random::bytes()?).map_err(refused)
}

/// Wraps with a nonce that is given: no two wrappings may have one, so only tests give it.
pub(in crate::crypto) fn wrap_at<K: Wrapped>(key: &K, with: &[u8; 32], nonce: &[u8; 32]) -> Result<String, KeyRule> {
    let mut data = key.to_plain()?;
    let tag = close(&K::Version::pie(with, nonce)?, K::PIE, nonce, &mut data)?;
    Ok(text(K::PIE, &[&tag, nonce, &data]))
}

/// Unwraps.
pub fn pie_unwrap<K: Wrapped>(text: &str, with: &[u8; 32]) -> Result<K, KeyRule> {
    let tag = K::Version::TAG;
    let mut bytes = bytes(text, K::PIE, tag.saturating_add(NONCE).saturating_add(K::LENGTH))?;
    let (tag, rest) = cut(&mut bytes, tag)?;
    let (nonce, data) = rest.split_first_chunk_mut::<NONCE>().ok_or(KeyRule::Wrapped)?;
    open(&K::Version::pie(with, nonce)?, K::PIE, nonce, data, tag)?;
    K::from_plain(data)
}

const NONCE: usize = 32;
