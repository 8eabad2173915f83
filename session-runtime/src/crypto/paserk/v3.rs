//! PASERK of version 3.

use sha2::{Digest, Sha384};
use zeroize::Zeroizing;

use super::{join, of_version};
use crate::{
    crypto::{EcPair, EcPoint, P384, PaserkOpening, PaserkSealing, V3LocalKey, base64url},
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

impl PaserkSealing for EcPair<P384> {
    /// Reads `k3.secret`: the scalar alone.
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        let wanted = "a k3.secret key";
        let body = of_version(text, SECRET, 64, wanted)?;
        let scalar = base64url::decode(body).ok_or(KeyRule::Unreadable(wanted))?;
        Self::from_scalar(scalar.first_chunk().ok_or(KeyRule::Unreadable(wanted))?)
    }
}

impl EcPair<P384> {
    /// Writes `k3.secret`. It does not fail for a key that was read.
    pub fn to_paserk(&self) -> Result<Zeroizing<String>, KeyRule> {
        Ok(join(SECRET, &self.scalar()?))
    }

    /// Its `k3.sid`. As in version 4, tokens are not found by it.
    pub fn paserk_secret_id(&self) -> Result<String, KeyRule> {
        Ok(id("k3.sid.", &self.to_paserk()?))
    }
}

impl PaserkOpening for EcPoint<P384> {
    /// Reads `k3.public`: the compressed point.
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        let wanted = "a k3.public key";
        let body = of_version(text, PUBLIC, 66, wanted)?;
        let point = base64url::decode(body).ok_or(KeyRule::Unreadable(wanted))?;
        Self::from_compressed(point.first_chunk().ok_or(KeyRule::Unreadable(wanted))?)
    }
}

impl EcPoint<P384> {
    /// Writes `k3.public`.
    pub fn to_paserk(&self) -> String {
        public(&self.compressed())
    }

    /// Its `k3.pid`.
    pub fn paserk_id(&self) -> String {
        public_id(&self.compressed())
    }
}

fn public(point: &[u8; 49]) -> String {
    format!("{PUBLIC}{}", base64url::encode(point))
}

pub(in crate::crypto) fn public_id(point: &[u8; 49]) -> String {
    id("k3.pid.", &public(point))
}

/// The first 33 bytes of SHA-384 over the header and the text of the key.
fn id(header: &str, paserk: &str) -> String {
    let hash = Sha384::new().chain_update(header).chain_update(paserk).finalize();
    format!("{header}{}", base64url::encode(hash.get(..33).unwrap_or_default()))
}

const LOCAL: &str = "k3.local.";
const SECRET: &str = "k3.secret.";
const PUBLIC: &str = "k3.public.";
