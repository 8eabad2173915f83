//! PASERK of version 3.

use sha2::{Digest, Sha384};
use zeroize::Zeroizing;

use super::{join, of_version};
use crate::{
    crypto::{PaserkOpening, PaserkSealing, V3LocalKey, base64url},
    error::KeyRule,
};

impl V3LocalKey {
    /// Reads `k3.local`.
    pub fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        let wanted = KeyRule::Unreadable("a k3.local key");
        let body = of_version(text, LOCAL, 43, "a k3.local key")?;
        Self::unjudged(&base64url::decode(body).ok_or(wanted)?)
    }

    /// Writes `k3.local`.
    pub fn to_paserk(&self) -> Zeroizing<String> {
        join(LOCAL, self.as_bytes())
    }

    /// Its `k3.lid`. It is safe to show: a hash of the whole 256-bit key.
    pub fn paserk_id(&self) -> String {
        id("k3.lid.", &self.to_paserk())
    }
}

impl PaserkSealing for V3LocalKey {
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        Self::from_paserk(text)
    }
}

impl PaserkOpening for V3LocalKey {
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        Self::from_paserk(text)
    }
}

/// The first 33 bytes of SHA-384 over the header and the text of the key.
fn id(header: &str, paserk: &str) -> String {
    let hash = Sha384::new().chain_update(header).chain_update(paserk).finalize();
    format!("{header}{}", base64url::encode(hash.get(..33).unwrap_or_default()))
}

const LOCAL: &str = "k3.local.";
