//! How long a token can become, and whether it fits where it is to be kept.

use super::{Issuer, IssuerBuilder, Verifier};
use crate::{
    claims::{self, ClaimsType, Role, Stamped},
    error::ConfigError,
    format::Format,
    limits,
};

impl<C: ClaimsType, F: Format> IssuerBuilder<C, F> {
    /// Tokens are for a cookie of this name. Browsers drop a cookie whose name and value are longer than 4096 bytes together, silently
    /// (RFC 6265bis §5.6), and the user is logged out again and again.
    ///
    /// Where every claim is bounded ([`MAX_ENCODED_LEN`](ClaimsType::MAX_ENCODED_LEN)), an issuer whose longest token would not fit is
    /// not built. Where one is not, [`issue`](Issuer::issue) refuses the token that would not fit, with
    /// [`IssueError::TooLong`](crate::error::IssueError::TooLong). A footer and revocations count from when they are added.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{Claims, Issuer, KeyRing, jwt::{Jwt, MlDsa65}, paseto::V4Local};
    ///
    /// #[derive(Claims)]
    /// #[claims(issuer = "https://shop.example", no_audience, ttl = "15m", token_type = "session")]
    /// struct Session {
    ///     #[claim(sub, max_len = 64)]
    ///     user: String,
    /// }
    ///
    /// let issuer = Issuer::<Session, _>::builder().cookie("__Host-session").build(&KeyRing::<V4Local>::generate()?)?;
    /// assert!(issuer.longest_token().is_some_and(|longest| longest < 1_000));
    ///
    /// // A signature that holds against quantum computers is longer than a cookie.
    /// let refused = Issuer::<Session, _>::builder().cookie("__Host-session").build(&KeyRing::<Jwt<MlDsa65>>::generate()?);
    /// assert!(refused.unwrap_err().to_string().ends_with("bytes long, and a cookie of this name has room for 4082"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cookie(mut self, name: &str) -> Self {
        self.room = Some(limits::COOKIE.saturating_sub(name.len()));
        self
    }
}

impl<C> Verifier<C> {
    /// The longest token that is looked at, in bytes; [`limits::TOKEN_LENGTH`] unless the builder was told another.
    pub fn max_length(&self) -> usize {
        self.length
    }
}

impl<C: ClaimsType, F: Format> Issuer<C, F> {
    /// The length of the longest token that can be issued with the keys of now, in bytes; `None` where a claim is not bounded
    /// ([`MAX_ENCODED_LEN`](ClaimsType::MAX_ENCODED_LEN)) or the ring cannot sign.
    ///
    /// No token is longer, as long as the keys that a ring is given later have names and sizes like those that it has. Many are shorter,
    /// by a byte or two even where every claim is at its bound.
    pub fn longest_token(&self) -> Option<usize> {
        self.ring.longest(self.longest_payload()?)
    }

    /// The longest payload: the claims of the type, and what the policy stamps beside them.
    fn longest_payload(&self) -> Option<usize> {
        let (schema, policy) = (C::SCHEMA, &self.policy);
        let text = |text: &str| claims::of_text(text);
        let issuer = policy.issuer.as_deref().map(text);
        let audience = policy.audience.as_deref().map(|names| match names {
            [one] => text(one),
            names => names.iter().fold(1, |sum: usize, name| sum.saturating_add(text(name)).saturating_add(1)),
        });
        let time = claims::of_time(F::TIMES);
        let claims = claims::of_claims(schema, issuer, F::TIMES, Stamped { audience, token_id: TOKEN_ID })?;
        let stamps = [
            (Role::Issuer.name(), issuer, !schema.has(Role::Issuer)),
            (Role::Audience.name(), audience, !schema.has(Role::Audience)),
            (Role::IssuedAt.name(), Some(time), !schema.has(Role::IssuedAt)),
            (Role::Expires.name(), policy.ttl.map(|_| time), !schema.has(Role::Expires)),
            (Role::TokenId.name(), Some(TOKEN_ID), !schema.has(Role::TokenId)),
            ("ver", schema.version.map(|version| version.to_string().len()), true),
            ("gen", self.revocations.as_ref().map(|_| LONGEST_NUMBER), true),
        ];
        let stamped = stamps.into_iter().filter(|(.., stamped)| *stamped);
        // Quotes, colon and comma.
        let members = stamped.filter_map(|(name, value, _)| Some(value?.saturating_add(name.len()).saturating_add(4)));
        Some(members.fold(claims, usize::saturating_add))
    }

    /// Holds the issuer to the room of a cookie.
    pub(super) fn fitting(self) -> Result<Self, ConfigError> {
        match (self.room, self.longest_token()) {
            (Some(room), Some(longest)) if longest > room => Err(ConfigError::CookieTooSmall { longest, room }),
            _ => Ok(self),
        }
    }
}

/// A random token id between its quotes.
const TOKEN_ID: usize = 22 + 2;
/// The digits of the largest log position.
const LONGEST_NUMBER: usize = 20;
