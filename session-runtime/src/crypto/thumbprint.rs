//! Thumbprints of JWKs (RFC 7638).

use std::fmt;

use sha2::{Digest, Sha256, Sha384, Sha512};
use smallvec::SmallVec;
use zeroize::Zeroizing;

use crate::crypto::base64url;

/// The hash of a [`Thumbprint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThumbprintHash {
    /// SHA-256, which nearly everybody uses.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// The thumbprint of a key (RFC 7638): a hash of the members that identify it, whatever text it came in. A private key has the
/// thumbprint of its public half. `Display` writes base64url.
///
/// # Example
/// ```
/// use session_runtime::{jwt::{EdDsa, Jwt}, keyring::{PublicKey, ThumbprintHash}};
///
/// // RFC 8037, appendix A.3.
/// let key = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let thumbprint = PublicKey::<Jwt<EdDsa>>::from_jwk(key)?.thumbprint(ThumbprintHash::Sha256);
/// assert_eq!(thumbprint.to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// assert_eq!(thumbprint.as_bytes().len(), 32);
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Thumbprint(SmallVec<[u8; 64]>);

impl Thumbprint {
    /// Hashes members that need no escapes, in any order.
    pub(super) fn of<T: AsRef<str>>(members: &[(&'static str, T)], hash: ThumbprintHash) -> Self {
        let mut members: Vec<_> = members.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        // RFC 7638 §3.3: by the code points of their names; no white space. Wiped, since of an HMAC key this is the secret.
        members.sort_unstable_by_key(|(name, _)| *name);
        let length = members.iter().map(|(name, value)| name.len().saturating_add(value.len()).saturating_add(6)).sum::<usize>();
        let mut text = Zeroizing::new(String::with_capacity(length.saturating_add(2)));
        for (name, value) in members {
            let opening = if text.is_empty() { "{\"" } else { ",\"" };
            text.push_str(opening);
            text.push_str(name);
            text.push_str("\":\"");
            text.push_str(value);
            text.push('"');
        }
        text.push('}');
        Self(match hash {
            ThumbprintHash::Sha256 => Sha256::digest(text.as_bytes()).as_slice().into(),
            ThumbprintHash::Sha384 => Sha384::digest(text.as_bytes()).as_slice().into(),
            ThumbprintHash::Sha512 => Sha512::digest(text.as_bytes()).as_slice().into(),
        })
    }

    /// The bytes of the hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}
