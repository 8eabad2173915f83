//! What lifecycle hands out: [`Verified`], [`Issued`], and the registered facts that a verified token carries.

use std::{fmt, ops::Deref};

use serde::de::DeserializeOwned;
use smallvec::SmallVec;

use crate::{
    error::FooterError,
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
    #[inline]
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

    /// The token's `sid`: the session, or the family of refreshed tokens, that it belongs to.
    pub fn session_id(&self) -> Option<&str> {
        self.facts.text(Fact::SessionId)
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

    /// The footer of a PASETO, checked with the token; what the issuer added to it stands beside the `kid`.
    ///
    /// It is authenticated and not encrypted, in `local` too. See [`Issuer::with_footer`](crate::Issuer::with_footer).
    ///
    /// # Errors
    /// [`FooterError::NotPaseto`] for a JWT, [`FooterError::Missing`] when there is none, [`FooterError::Mistyped`] when it is no JSON
    /// object or not what `T` holds.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, Verifier, paseto::V4Public};
    /// # #[derive(Claims)]
    /// # #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// #[derive(serde::Deserialize)]
    /// struct Names {
    ///     kid: String,
    ///     tenant: Option<String>,
    /// }
    ///
    /// # let ring = KeyRing::<V4Public>::generate()?;
    /// # let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".to_owned() })?.token;
    /// let verified = Verifier::<Access>::new(&ring)?.verify_now(&token)?;
    /// let names: Names = verified.footer()?;
    /// assert_eq!(Some(names.kid.as_str()), verified.key_id());
    /// assert_eq!(names.tenant, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn footer<T: DeserializeOwned>(&self) -> Result<T, FooterError> {
        let bytes = self.footer_bytes();
        match (&self.facts.footer, bytes.first()) {
            (Footer::None, _) => Err(FooterError::NotPaseto),
            (_, None) => Err(FooterError::Missing),
            // Only what begins like this was read strictly: each name once, and flat.
            (_, Some(b'{')) => serde_json::from_slice(bytes).map_err(|_| FooterError::Mistyped),
            _ => Err(FooterError::Mistyped),
        }
    }

    /// The bytes of the footer, checked with the token. Empty when there is none, and for a JWT.
    pub fn footer_bytes(&self) -> &[u8] {
        match &self.facts.footer {
            Footer::None => &[],
            Footer::Key => self.facts.bytes(Fact::BeforeKeyId, Fact::AfterKeyId).unwrap_or_default(),
            Footer::Other(bytes) => bytes,
        }
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
    SessionId,
    BeforeKeyId,
    KeyId,
    AfterKeyId,
}

/// The footer of a verified token.
#[derive(Debug, Default)]
pub(crate) enum Footer {
    /// The format has none.
    #[default]
    None,
    /// Nothing but the key's id, or nothing at all: it stands around the key id among the facts, so that it costs no allocation.
    Key,
    /// Any other.
    Other(Vec<u8>),
}

impl Footer {
    /// The footer that a key of this name writes.
    pub(crate) fn of_key(key_id: Option<&KeyId>, footer: &[u8]) -> Self {
        let id = key_id.map(KeyId::as_str);
        let (before, after) = Self::Key.around(id);
        // A foreign name that JSON escapes is longer there than here.
        let plain: usize = [before, id, after].into_iter().flatten().map(str::len).sum();
        if footer.len() == plain { Self::Key } else { Self::Other(footer.to_vec()) }
    }

    /// What stands before and after the key id among the facts.
    #[inline]
    pub(crate) fn around(&self, key_id: Option<&str>) -> (Option<&'static str>, Option<&'static str>) {
        match (self, key_id) {
            (Self::Key, Some(_)) => (Some(r#"{"kid":""#), Some(r#""}"#)),
            _ => (None, None),
        }
    }
}

const FACTS: usize = 7;
/// Bytes of texts that need no allocation.
const INLINE: usize = 160;
/// Marks a fact that the token does not have; no text is that long, since a token is not.
const ABSENT: u32 = u32::MAX;

/// Registered claims of a verified token that revocation and callers need whatever the claims type holds.
///
/// One inline buffer for all texts, so that verifying allocates nothing for them: 160 bytes hold an issuer URL, a subject,
/// a token id of ours and a PASERK key id.
pub(crate) struct Facts {
    text: SmallVec<[u8; INLINE]>,
    ends: [u32; FACTS],
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) footer: Footer,
}

impl Facts {
    /// Copies the texts, in the order of [`Fact`].
    #[inline]
    pub(crate) fn new(texts: [Option<&str>; FACTS], expires_at: Option<Timestamp>, issued_at: Option<Timestamp>, footer: Footer) -> Self {
        let length = texts.iter().flatten().fold(0, |length: usize, text| length.saturating_add(text.len()));
        // One piece of zeros, cut from the front: a vector that grows would look at its capacity for every text.
        let mut text = if length <= INLINE { SmallVec::from_buf_and_len([0; INLINE], length) } else { SmallVec::from_elem(0, length) };
        let mut ends = [ABSENT; FACTS];
        let (mut rest, mut at) = (text.as_mut_slice(), 0_usize);
        for (end, part) in ends.iter_mut().zip(texts) {
            let Some(part) = part else { continue };
            // There is room for every text, since their lengths were added up.
            let Some((room, behind)) = rest.split_at_mut_checked(part.len()) else { break };
            room.copy_from_slice(part.as_bytes());
            rest = behind;
            at = at.saturating_add(part.len());
            *end = u32::try_from(at).unwrap_or(ABSENT);
        }
        Self { text, ends, expires_at, issued_at, footer }
    }

    pub(crate) fn text(&self, fact: Fact) -> Option<&str> {
        std::str::from_utf8(self.bytes(fact, fact)?).ok()
    }

    /// Two facts and what stands between them.
    fn bytes(&self, first: Fact, last: Fact) -> Option<&[u8]> {
        let end = self.ends.get(last as usize).copied().filter(|end| *end != ABSENT)?;
        let before = self.ends.get(..first as usize)?.iter().rev().find(|end| **end != ABSENT);
        let start = before.copied().unwrap_or(0);
        self.text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_keep_absent_and_empty_apart() {
        let facts = Facts::new([Some("https://id.example"), None, Some(""), None, None, Some("k1"), None], None, None, Footer::None);
        assert_eq!(facts.text(Fact::Issuer), Some("https://id.example"));
        assert_eq!(facts.text(Fact::Subject), None);
        assert_eq!(facts.text(Fact::TokenId), Some(""));
        assert_eq!(facts.text(Fact::KeyId), Some("k1"));
    }
}
