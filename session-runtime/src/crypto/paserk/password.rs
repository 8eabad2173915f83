//! `local-pw` and `secret-pw`: a key under a password (PASERK, PBKW), and what a guess at the password costs.

use zeroize::Zeroizing;

use super::lock::{Cost, Version, Wrapped, bytes, close, cut, open, text};
use crate::{
    crypto::{random, refused},
    error::{KeyError, KeyRule},
    limits,
};

type CostOf<K> = <<K as Wrapped>::Version as Version>::Cost;

/// Wraps.
pub fn password_wrap<K: Wrapped>(key: &K, password: &[u8], cost: CostOf<K>) -> Result<String, KeyError> {
    let random: [u8; 48] = random::bytes()?;
    // Version 3 takes all of it and version 4 takes 40 bytes.
    let (salt, rest) = random.split_at_checked(CostOf::<K>::SALT).ok_or(KeyError::SealFailed)?;
    let nonce = rest.get(..K::Version::NONCE).ok_or(KeyError::SealFailed)?;
    wrap_at(key, password, cost, salt, nonce).map_err(refused)
}

/// Wraps with salt and nonce that are given, which is for tests.
pub(in crate::crypto) fn wrap_at<K: Wrapped>(
    key: &K,
    password: &[u8],
    cost: CostOf<K>,
    salt: &[u8],
    nonce: &[u8],
) -> Result<String, KeyRule> {
    judge(password)?;
    let mut data = key.to_plain()?;
    let lock = K::Version::password(&*cost.derive(password, salt)?, nonce)?;
    let front = [salt, &cost.to_bytes(), nonce].concat();
    let tag = close(&lock, K::PASSWORD, &front, &mut data)?;
    Ok(text(K::PASSWORD, &[&front, &data, &tag]))
}

/// Unwraps. What the text asks for is judged before any memory is taken and any work is done.
pub fn password_unwrap<K: Wrapped>(text: &str, password: &[u8]) -> Result<K, KeyRule> {
    judge(password)?;
    let (salt, cost) = (CostOf::<K>::SALT, CostOf::<K>::LENGTH);
    let front = salt.saturating_add(cost).saturating_add(K::Version::NONCE);
    let mut bytes: Zeroizing<Vec<u8>> = bytes(text, K::PASSWORD, front.saturating_add(K::LENGTH).saturating_add(K::Version::TAG))?;
    let (front, rest) = cut(&mut bytes, front)?;
    let (data, tag) = cut(rest, K::LENGTH)?;
    let (salt, rest) = front.split_at_checked(salt).ok_or(KeyRule::Wrapped)?;
    let (cost, nonce) = rest.split_at_checked(cost).ok_or(KeyRule::Wrapped)?;
    let derived = CostOf::<K>::from_bytes(cost)?.derive(password, salt)?;
    open(&K::Version::password(&derived, nonce)?, K::PASSWORD, front, data, tag)?;
    K::from_plain(data)
}

/// An empty password is what a variable that nobody set leaves behind, and wraps the key for everybody.
fn judge(password: &[u8]) -> Result<(), KeyRule> {
    if password.is_empty() || password.len() > limits::PASSWORD { Err(KeyRule::Password) } else { Ok(()) }
}

/// Refuses a cost that is out of bounds.
pub(super) fn within(parameter: &'static str, found: u64, least: u64, most: u64) -> Result<(), KeyRule> {
    if (least..=most).contains(&found) { Ok(()) } else { Err(KeyRule::Cost { parameter, found, least, most }) }
}
