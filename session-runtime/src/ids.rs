//! Names of things: [`KeyId`] and [`TokenId`].

use std::fmt;

use crate::limits;

/// The name of a key (`kid`): any text of 1 to 256 bytes. It is compared and looked up, never interpreted.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// Takes a key id as it is.
    ///
    /// `None` when it is empty or longer than 256 bytes.
    pub fn new(text: impl Into<Box<str>>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty() && text.len() <= limits::KEY_ID).then_some(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    /// Writes the id with everything that a log or a terminal could act on escaped, because ids of others are foreign text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_debug())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The name of a token (`jti`), as the issuer makes it: 128 random bits as 22 characters of base64url.
///
/// Not a UUID, which has 122 random bits (ASVS 11.5.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenId([u8; Self::LENGTH]);

impl TokenId {
    /// Characters of the text form.
    pub const LENGTH: usize = 22;

    pub(crate) fn from_random(bytes: [u8; 16]) -> Self {
        let mut text = [b'A'; Self::LENGTH];
        // 16 bytes always become 22 characters, so the slice is filled exactly.
        let _ = base64_simd::URL_SAFE_NO_PAD.encode(&bytes, base64_simd::Out::from_slice(&mut text));
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Base64url is ASCII; the fallback is never taken and is no panic.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenId({self})")
    }
}
