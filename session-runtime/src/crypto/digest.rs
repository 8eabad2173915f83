//! A name for bytes that are no secret: their SHA-256.

use sha2::{Digest, Sha256};

use crate::crypto::base64url;

/// SHA-256 in base64url: the same bytes have the same name on every machine, and other bytes have another.
pub fn digest(bytes: &[u8]) -> String {
    base64url::encode(&Sha256::digest(bytes))
}
