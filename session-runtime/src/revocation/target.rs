//! Who or what an entry of the log refuses.

use crate::ids::KeyId;

/// What an entry refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// One token, by its issuer and `jti`.
    Token,
    /// Every token of one subject of one issuer that was issued before the entry was known to its issuer.
    Subject,
    /// Every token that was issued before the entry was known to its issuer.
    Everything,
    /// Every token under one key of one ring, whenever it says that it was issued.
    Key,
    /// Every token of one session or refresh family, by its issuer and `sid`, whenever it was issued: a session that has ended never
    /// comes back.
    Session,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Token, Self::Subject, Self::Everything, Self::Key, Self::Session];

    /// The word for it, readable for whoever lists the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Subject => "subject",
            Self::Everything => "everything",
            Self::Key => "key",
            Self::Session => "session",
        }
    }

    /// The word of a target of this kind of which only the digest is known.
    fn as_digest(self) -> &'static str {
        match self {
            Self::Token => "token-digest",
            Self::Subject => "subject-digest",
            Self::Everything => "everything-digest",
            Self::Key => "key-digest",
            Self::Session => "session-digest",
        }
    }

    /// The byte that keeps the digests of two kinds apart.
    pub(super) fn tag(self) -> u8 {
        match self {
            Self::Token => 1,
            Self::Subject => 2,
            Self::Everything => 3,
            Self::Key => 4,
            Self::Session => 5,
        }
    }
}

/// Who or what is refused: a kind, the issuer (of a key: its ring), and a name within it.
///
/// The texts are stored as they are, so that an operator can list them. Nothing is ever keyed on a token's own text: signatures
/// and lax encodings can be re-spelled, and the re-spelled token would pass.
///
/// A node keeps digests and no texts. What it tells a store that has lost its data is therefore a target of which only the digest is
/// known, see [`is_digest`](Self::is_digest).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    kind: Kind,
    is_digest: bool,
    issuer: Box<str>,
    name: Box<str>,
}

impl Target {
    /// One token. An absent issuer and an empty one are the same.
    pub fn token(issuer: Option<&str>, token_id: &str) -> Self {
        Self::new(Kind::Token, issuer.unwrap_or_default(), token_id)
    }

    /// One subject of one issuer. An absent issuer and an empty one are the same.
    pub fn subject(issuer: Option<&str>, subject: &str) -> Self {
        Self::new(Kind::Subject, issuer.unwrap_or_default(), subject)
    }

    /// One session or refresh family of one issuer. An absent issuer and an empty one are the same.
    pub fn session(issuer: Option<&str>, session_id: &str) -> Self {
        Self::new(Kind::Session, issuer.unwrap_or_default(), session_id)
    }

    /// One key of one ring. The ring's name stands in the place of the issuer, since several rings may speak for one.
    pub fn key(ring: &str, key_id: &KeyId) -> Self {
        Self::new(Kind::Key, ring, key_id.as_str())
    }

    /// Everything that this log stands for.
    pub fn everything() -> Self {
        Self::new(Kind::Everything, "", "")
    }

    /// What a node knows of an entry that its store has lost.
    pub(super) fn digest(kind: Kind, key: DigestKey, digest: u128) -> Self {
        let (issuer, name) = (format!("{:032x}", u128::from_be_bytes(key.0)).into(), format!("{digest:032x}").into());
        Self { kind, is_digest: true, issuer, name }
    }

    fn new(kind: Kind, issuer: &str, name: &str) -> Self {
        Self { kind, is_digest: false, issuer: issuer.into(), name: name.into() }
    }

    /// Puts together what a store has read: the [`word`](Self::word), the [`issuer`](Self::issuer) and the [`name`](Self::name).
    ///
    /// It is `None` for what this version does not understand. A store answers that with
    /// [`StoreError::Unreadable`](crate::error::StoreError::Unreadable) and never skips the entry: what a newer version refused must not be
    /// accepted by an older one.
    pub fn from_stored(word: &str, issuer: impl Into<Box<str>>, name: impl Into<Box<str>>) -> Option<Self> {
        let (issuer, name) = (issuer.into(), name.into());
        let kind = |is: fn(Kind) -> &'static str| Kind::ALL.into_iter().find(|kind| is(*kind) == word);
        if let Some(kind) = kind(Kind::as_str) {
            return Some(Self { kind, is_digest: false, issuer, name });
        }
        let target = Self { kind: kind(Kind::as_digest)?, is_digest: true, issuer, name };
        target.as_digest().is_some().then_some(target)
    }

    /// What kind of thing is refused.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The word that stores write for the kind.
    pub fn word(&self) -> &'static str {
        if self.is_digest { self.kind.as_digest() } else { self.kind.as_str() }
    }

    /// Whether issuer and name are a digest and its key, as after a store lost its data and the nodes told it what they knew.
    pub fn is_digest(&self) -> bool {
        self.is_digest
    }

    /// The issuer, or the ring of a key; empty where there is none.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The token id, the subject, the session id or the key id; empty for everything.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Key and digest of a target of which no more is known.
    pub(super) fn as_digest(&self) -> Option<(DigestKey, u128)> {
        let number = |text: &str| (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok())?;
        Some((DigestKey(number(&self.issuer)?.to_be_bytes()), number(&self.name)?)).filter(|_| self.is_digest)
    }
}

/// The key of the digests by which nodes know entries. The nodes of one log share it, so that what they tell a store that lost its data is
/// the same entry from each of them.
///
/// It is no secret of those who can read the log, which holds the texts. It keeps everybody else from choosing two names that collide.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DigestKey([u8; 16]);

impl DigestKey {
    /// The key of these bytes, which a store has kept.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for a store to keep.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl std::fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_read_back() {
        assert_eq!(Kind::ALL.map(Kind::as_str), ["token", "subject", "everything", "key", "session"]);
        for kind in Kind::ALL {
            let target = Target::new(kind, "https://id.example", "ada");
            assert_eq!(Target::from_stored(target.word(), target.issuer(), target.name()), Some(target));
            let digest = Target::digest(kind, DigestKey([7; 16]), 42);
            assert_eq!(Target::from_stored(digest.word(), digest.issuer(), digest.name()), Some(digest.clone()));
            assert_eq!(digest.as_digest(), Some((DigestKey([7; 16]), 42)));
        }
        assert_eq!(Target::from_stored("sessions", "", ""), None);
        assert_eq!(Target::from_stored("token-digest", "07", "42"), None, "half a digest is no digest");
    }

    /// Whoever may choose a subject cannot name one that is taken for a digest.
    #[test]
    fn a_name_that_looks_like_a_digest_is_a_name() {
        let digest = Target::digest(Kind::Subject, DigestKey([7; 16]), 42);
        let name = Target::subject(Some(digest.issuer()), digest.name());
        assert!(name != digest && name.as_digest().is_none() && !name.is_digest());
    }
}
