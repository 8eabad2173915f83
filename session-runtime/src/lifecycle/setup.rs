//! How an issuer or a verifier is made, and what can be added to one that is made: assertions, footers, revocations.

use std::{fmt, marker::PhantomData, sync::Arc};

use serde::Serialize;

use super::{Issuer, IssuerBuilder, SigningKeys, Verifier, VerifierBuilder};
use crate::{
    claims::{ClaimsType, Enforced, Party, policy::Policy},
    error::ConfigError,
    format::{
        Among, Carries, Format,
        paseto::{self, Paseto},
    },
    keyring::Keys,
    revocation::{Freshness, Revocations, Rule},
};

impl<C: ClaimsType, F: Format> Issuer<C, F> {
    /// An issuer as the claims type says.
    ///
    /// # Errors
    /// [`ConfigError::OutlivesRing`] when the type's tokens may live longer than the ring keeps their keys,
    /// [`ConfigError::NoIssuer`] or [`ConfigError::NoAudience`] when nobody says them, [`ConfigError::NeverExpires`] for a
    /// `never_expires` type on a ring that rotates, [`ConfigError::SeveralAudiences`] for a PASETO that would be for more than one.
    pub fn new<K: SigningKeys<Format = F>>(ring: &K) -> Result<Self, ConfigError>
    where
        K::Format: Carries<C::Exposure> + Among<C::Formats>,
    {
        Self::builder().build(ring)
    }

    /// An issuer with settings that differ per deployment.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, jwt::{EdDsa, Jwt}};
    /// # #[derive(Claims)]
    /// # #[claims(audience = "orders", ttl = "15m", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    /// let issuer = Issuer::<Access, _>::builder().issuer("https://staging.example").build(&ring)?;
    /// # issuer.issue(&Access { user: "ada".to_owned() })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> IssuerBuilder<C, F> {
        IssuerBuilder::new()
    }

    /// The same issuer with every token bound to `assertion`, which verifiers have to present too and which is not in the token
    /// (PASETO implicit assertion). JWT has no such thing and ignores it.
    #[must_use]
    pub fn with_implicit_assertion(mut self, assertion: &[u8]) -> Self {
        self.ring = Arc::new(self.ring.with_assertion(assertion));
        self
    }

    /// The same issuer, whose tokens can be revoked: it stamps the position of the log, and the log keeps its entries as long as
    /// these tokens live.
    ///
    /// # Errors
    /// [`ConfigError::Store`] when the log cannot take note of how long these tokens live, [`ConfigError::CookieTooSmall`] when the
    /// position makes them too long for their cookie.
    pub async fn with_revocations(mut self, revocations: &Revocations) -> Result<Self, ConfigError> {
        revocations.raise_horizon(self.policy.horizon()).await?;
        self.revocations = Some(revocations.clone());
        self.fitting()
    }
}

impl<C: ClaimsType, F: Format> Issuer<C, F> {
    /// What verifiers of the same settings will enforce about the tokens of this issuer, see [`Enforced`].
    pub fn policy(&self) -> Enforced {
        let issuer = Party::named(self.policy.issuer.as_ref().map(|issuer| vec![issuer.to_string()]));
        let revocable = self.revocations.is_some();
        Enforced::with::<C>(self.policy.settings(issuer, revocable, (vec![F::NAME], self.length)))
    }
}

impl<C: ClaimsType> Verifier<C> {
    /// What this verifier enforces: what the type says, with what was set at start-up. See [`Enforced`].
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, KeyRing, Verifier, jwt::{Hs256, Jwt}, paseto::V4Local};
    /// # #[derive(Claims)]
    /// # #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// # let (ring, partners) = (KeyRing::<V4Local>::generate()?, KeyRing::<Jwt<Hs256>>::generate()?);
    /// let verifier = Verifier::<Access>::builder().accept(&ring).accept_from("https://partner.example", &partners).build()?;
    /// let policy = verifier.policy().to_string();
    /// assert!(policy.contains("- is issued by `https://id.example` or `https://partner.example`\n"));
    /// assert!(policy.contains("- is sealed as `v4.local` or `HS256`\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn policy(&self) -> Enforced {
        let (mut issuers, mut formats) = (Vec::new(), Vec::new());
        for (names, format, _) in self.accepted.iter().map(|ring| ring.names()) {
            for issuer in names.iter().map(ToString::to_string) {
                if !issuers.contains(&issuer) {
                    issuers.push(issuer);
                }
            }
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        let issuer = Party::named((!issuers.is_empty()).then_some(issuers));
        Enforced::with::<C>(self.policy.settings(issuer, self.policy.revocable, (formats, self.length)))
    }
}

impl<C: ClaimsType, F: Paseto> Issuer<C, F> {
    /// The same issuer with these members in the footer of every token, beside the `kid` that it writes itself.
    ///
    /// A footer is **authenticated and not encrypted**, in `local` too: whoever sees the token reads it. It is for what is needed
    /// before the token is opened, as the tenant to route by; never put anything secret there. `footer` is one flat JSON
    /// object: strings, numbers, booleans and null, up to [`limits::FOOTER`](crate::limits::FOOTER) bytes. Verifiers need no setting
    /// for it; they hand it out checked, by [`Verified::footer`](crate::Verified::footer).
    ///
    /// # Errors
    /// [`ConfigError::Footer`] with the rule that it breaks: not a flat object, `kid` or `wpk` (which PASETO has reserved), the text of
    /// a key, or too long. [`ConfigError::CookieTooSmall`] when tokens do not fit their cookie any more.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, Verifier, paseto::V4Local};
    /// # #[derive(Claims)]
    /// # #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    /// struct Route {
    ///     region: String,
    /// }
    ///
    /// let ring = KeyRing::<V4Local>::generate()?;
    /// let issuer = Issuer::<Access, _>::new(&ring)?.with_footer(&Route { region: "eu".to_owned() })?;
    /// let token = issuer.issue(&Access { user: "ada".to_owned() })?.token;
    ///
    /// let verified = Verifier::<Access>::new(&ring)?.verify_now(&token)?;
    /// assert_eq!(verified.footer::<Route>()?, Route { region: "eu".to_owned() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Example: what is refused
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, paseto::V4Public};
    /// # #[derive(Claims)]
    /// # #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// # let ring = KeyRing::<V4Public>::generate()?;
    /// let issuer = Issuer::<Access, _>::new(&ring)?;
    /// let error = issuer.with_footer(&serde_json::json!({ "kid": "mine" })).unwrap_err();
    /// assert_eq!(error.to_string(), "the footer is refused: `kid` is reserved");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// JWT has no footer:
    /// ```compile_fail
    /// # use session_runtime::{Claims, Issuer, jwt::{EdDsa, Jwt}};
    /// # fn add<C: session_runtime::claims::ClaimsType>(issuer: Issuer<C, Jwt<EdDsa>>) {
    /// issuer.with_footer(&serde_json::json!({ "region": "eu" })).unwrap();
    /// # }
    /// ```
    pub fn with_footer(mut self, footer: &impl Serialize) -> Result<Self, ConfigError> {
        self.ring = Arc::new(self.ring.with_footer(paseto::footer::members(footer)?));
        self.fitting()
    }
}

impl<C: ClaimsType> Verifier<C> {
    /// A verifier as the claims type says, for the keys of one ring.
    ///
    /// # Errors
    /// [`ConfigError::NoIssuer`] or [`ConfigError::NoAudience`] when nobody says them.
    pub fn new<K: Keys>(keys: &K) -> Result<Self, ConfigError>
    where
        K::Format: Carries<C::Exposure> + Among<C::Formats>,
    {
        Self::builder().accept(keys).build()
    }

    /// A verifier for several rings, several issuers, or with settings that differ per deployment.
    pub fn builder() -> VerifierBuilder<C> {
        VerifierBuilder::new()
    }

    /// The same verifier for tokens that are bound to `assertion`. See [`Issuer::with_implicit_assertion`].
    #[must_use]
    pub fn with_implicit_assertion(mut self, assertion: &[u8]) -> Self {
        self.accepted = self.accepted.iter().map(|ring| ring.with_assertion(assertion)).collect();
        self
    }

    /// The same verifier, which refuses what was revoked. Tokens then need `jti`, `iat` and `gen`, which issuers with revocations
    /// write.
    ///
    /// # Errors
    /// [`ConfigError::Store`] when the log cannot take note of how long these tokens live.
    pub async fn with_revocations(mut self, revocations: &Revocations) -> Result<Self, ConfigError> {
        revocations.raise_horizon(self.policy.horizon()).await?;
        self.policy = Arc::new(Policy { revocable: true, ..(*self.policy).clone() });
        self.revocations = Some(revocations.clone());
        self.with_freshness_checked()
    }

    /// The same verifier under another rule for what happens when the revocation log is out of reach; [`Freshness::deny`] unless it is set.
    ///
    /// # Errors
    /// [`ConfigError::OutOfBounds`] for a [`Freshness::bounded_stale`] that is not more than S, or more than half of the longest life of these
    /// tokens.
    pub fn with_freshness(mut self, freshness: Freshness) -> Result<Self, ConfigError> {
        self.freshness = freshness;
        self.with_freshness_checked()
    }

    fn with_freshness_checked(self) -> Result<Self, ConfigError> {
        let (Rule::BoundedStale(age), setting) = (self.freshness.0, "bounded_stale") else { return Ok(self) };
        if self.policy.horizon().is_some_and(|life| age.saturating_mul(2) > life) {
            return Err(ConfigError::OutOfBounds { setting, found: age, rule: "at most half of the longest life of the tokens" });
        }
        if self.revocations.as_ref().is_some_and(|revocations| age <= revocations.max_staleness()) {
            return Err(ConfigError::OutOfBounds { setting, found: age, rule: "more than the max_staleness of the revocations" });
        }
        Ok(self)
    }
}

impl<C, F: Format> Clone for Issuer<C, F> {
    fn clone(&self) -> Self {
        Self {
            policy: Arc::clone(&self.policy),
            ring: Arc::clone(&self.ring),
            length: self.length,
            room: self.room,
            clock: Arc::clone(&self.clock),
            revocations: self.revocations.clone(),
            claims: PhantomData,
        }
    }
}

impl<C> Clone for Verifier<C> {
    fn clone(&self) -> Self {
        Self {
            policy: Arc::clone(&self.policy),
            accepted: Arc::clone(&self.accepted),
            length: self.length,
            clock: Arc::clone(&self.clock),
            revocations: self.revocations.clone(),
            freshness: self.freshness,
            claims: PhantomData,
        }
    }
}

impl<C, F: Format> fmt::Debug for Issuer<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("format", &F::NAME).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Verifier<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("accepted", &self.accepted).field("policy", &self.policy).finish_non_exhaustive()
    }
}
