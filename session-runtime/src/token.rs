//! What lifecycle hands out: [`Verified`], [`Issued`], and the registered facts that a verified token carries.

use std::{fmt, ops::Deref};

use smallvec::SmallVec;

use crate::{
    ids::{KeyId, TokenId},
    time::Timestamp,
};

/// A token that was just issued.
///
/// `Debug` does not print the token: it is a credential.
#[derive(Clone)]
#[non_exhaustive]
pub struct Issued {
    /// The token. Whoever holds this text is let in.
    pub token: String,
    /// Its `jti`.
    pub id: TokenId,
    /// When it dies; `None` for a type that never expires.
    pub expires_at: Option<Timestamp>,
    /// The key that sealed it; `None` for a ring of one unnamed key.
    pub key_id: Option<KeyId>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("token", &format_args!("<{} bytes>", self.token.len()))
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .field("key_id", &self.key_id)
            .finish()
    }
}

/// Claims whose token passed every step of verification.
///
/// There is no public constructor: a value of this type *is* the proof. It dereferences to the claims.
///
/// ```compile_fail
/// let forged = session_runtime::Verified { claims: "admin" };
/// ```
pub struct Verified<C> {
    claims: C,
    facts: Facts,
}

impl<C> Verified<C> {
    pub(crate) fn new(claims: C, facts: Facts) -> Self {
        Self { claims, facts }
    }

    /// Gives the claims away, and with them the proof.
    pub fn into_claims(self) -> C {
        self.claims
    }

    /// The token's `jti`; a foreign token may lack one.
    pub fn token_id(&self) -> Option<&str> {
        self.facts.text(Fact::TokenId)
    }

    /// The token's `iss`.
    pub fn issuer(&self) -> Option<&str> {
        self.facts.text(Fact::Issuer)
    }

    /// The token's `sub`.
    pub fn subject(&self) -> Option<&str> {
        self.facts.text(Fact::Subject)
    }

    /// The id of the key that opened the token; `None` for a ring of one unnamed key.
    pub fn key_id(&self) -> Option<&str> {
        self.facts.text(Fact::KeyId)
    }

    /// The token's `exp`: it is dead at this moment. `None` when the type never expires and the token has none.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.facts.expires_at
    }

    /// The token's `iat`.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.facts.issued_at
    }
}

impl<C> Deref for Verified<C> {
    type Target = C;
    fn deref(&self) -> &C {
        &self.claims
    }
}

impl<C: fmt::Debug> fmt::Debug for Verified<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.claims).finish()
    }
}

/// The texts among the registered facts, in the order in which they are stored.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    Issuer,
    Subject,
    TokenId,
    KeyId,
}

const FACTS: usize = 4;
/// Marks a fact that the token does not have; no text is that long, since a token is not.
const ABSENT: u32 = u32::MAX;

/// Registered claims of a verified token that revocation and callers need whatever the claims type holds.
///
/// One inline buffer for all texts, so that verifying allocates nothing for them: 160 bytes hold an issuer URL, a subject,
/// a token id of ours and a PASERK key id.
pub(crate) struct Facts {
    text: SmallVec<[u8; 160]>,
    ends: [u32; FACTS],
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
}

impl Facts {
    /// Copies the texts, in the order of [`Fact`].
    pub(crate) fn new(texts: [Option<&str>; FACTS], expires_at: Option<Timestamp>, issued_at: Option<Timestamp>) -> Self {
        let mut text = SmallVec::new();
        let mut ends = [ABSENT; FACTS];
        for (end, part) in ends.iter_mut().zip(texts) {
            if let Some(part) = part {
                text.extend_from_slice(part.as_bytes());
                *end = u32::try_from(text.len()).unwrap_or(ABSENT);
            }
        }
        Self { text, ends, expires_at, issued_at }
    }

    pub(crate) fn text(&self, fact: Fact) -> Option<&str> {
        let index = fact as usize;
        let end = self.ends.get(index).copied().filter(|end| *end != ABSENT)?;
        let before = self.ends.get(..index)?.iter().rev().find(|end| **end != ABSENT);
        let start = before.copied().unwrap_or(0);
        let bytes = self.text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?;
        std::str::from_utf8(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_keep_absent_and_empty_apart() {
        let facts = Facts::new([Some("https://id.example"), None, Some(""), Some("k1")], None, None);
        assert_eq!(facts.text(Fact::Issuer), Some("https://id.example"));
        assert_eq!(facts.text(Fact::Subject), None);
        assert_eq!(facts.text(Fact::TokenId), Some(""));
        assert_eq!(facts.text(Fact::KeyId), Some("k1"));
    }
}
