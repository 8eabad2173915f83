//! Version 3 of PASETO.

use super::LocalVersion;
use crate::{crypto::V3LocalKey, format::sealed::Sealed};

/// Version 3: the algorithms of NIST, ECDSA on P-384, AES-256 and SHA-384, for those who have to use them.
#[derive(Debug, Clone, Copy)]
pub enum V3 {}

impl Sealed for V3 {}

impl LocalVersion for V3 {
    type LocalKey = V3LocalKey;
    const LOCAL: &'static str = "v3.local";
    const LOCAL_HEADER: &'static str = "v3.local.";

    fn local_key_id(key: &V3LocalKey) -> String {
        key.paserk_id()
    }
}
