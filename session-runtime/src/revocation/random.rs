//! The random bytes that revocation needs: a key for the digests and a name for a new log.

use crate::{crypto::random, error::StoreError, ids::TokenId};

/// 128 random bits.
pub(super) fn bytes() -> Result<[u8; 16], StoreError> {
    random::bytes().map_err(|_| StoreError::Unreadable { store: "the system's random source", reason: "it gave no bytes".to_owned() })
}

/// The name of a new log.
pub(super) fn epoch() -> Result<Box<str>, StoreError> {
    Ok(TokenId::from_random(bytes()?).as_str().into())
}
