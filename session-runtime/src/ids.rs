//! Names of things: [`KeyId`] and [`TokenId`].

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::limits;

/// The name of a key (`kid`): any text of 1 to 256 bytes. It is compared and looked up, never interpreted.
///
/// Clones share the text, so that handing it out with every issued token allocates nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// Takes a key id as it is.
    ///
    /// `None` when it is empty or longer than 256 bytes.
    pub fn new(text: impl Into<Arc<str>>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty() && text.len() <= limits::KEY_ID).then_some(Self(text))
    }

    /// A name that stands in this crate's own source.
    pub(crate) fn literal(text: &'static str) -> Self {
        Self(text.into())
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

/// The name of a token (`jti`).
///
/// The issuer's own are 128 random bits as 22 characters of base64url; not a UUID, which has 122 (ASVS 11.5.1). A claims
/// type that brings its own `jti` brings any text.
#[derive(Clone)]
pub struct TokenId(Repr);

/// Random ids stay inline, so that issuing allocates nothing for them.
#[derive(Clone)]
enum Repr {
    Random([u8; 22]),
    Own(Box<str>),
}

impl TokenId {
    pub(crate) fn from_random(bytes: [u8; 16]) -> Self {
        let mut text = [b'A'; 22];
        // 16 bytes always become 22 characters, so the slice is filled exactly.
        let _ = base64_simd::URL_SAFE_NO_PAD.encode(&bytes, base64_simd::Out::from_slice(&mut text));
        Self(Repr::Random(text))
    }

    pub(crate) fn from_text(text: Box<str>) -> Self {
        Self(Repr::Own(text))
    }

    /// The bytes of the text. Those of a random id are base64url, and need no look before they are written.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Random(text) => text,
            Repr::Own(text) => text.as_bytes(),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // Base64url is ASCII; the fallback is never taken and is no panic.
            Repr::Random(text) => std::str::from_utf8(text).unwrap_or_default(),
            Repr::Own(text) => text,
        }
    }
}

/// An id is its text, however it came to be.
impl PartialEq for TokenId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for TokenId {}

impl Hash for TokenId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_str().escape_debug())
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenId({self})")
    }
}

/// So that a field of this type can hold `jti`.
impl Serialize for TokenId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for TokenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<str>::deserialize(deserializer)?;
        // One entry of the revocation log would stand for every token without a name.
        if text.is_empty() { Err(de::Error::invalid_length(0, &"a token id")) } else { Ok(Self::from_text(text)) }
    }
}
