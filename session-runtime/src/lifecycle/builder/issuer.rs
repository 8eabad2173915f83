//! How an issuer is set up, and whether its tokens outlive its ring.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::permit;
use crate::{
    claims::{
        ClaimsType, Role, may_be_array,
        policy::{Overrides, Policy},
    },
    error::ConfigError,
    format::{
        Among, Binding, Carries, Format,
        jwt::{EdDsa, Jwt},
    },
    keyring::{KeyRing, Keys},
    lifecycle::{Issuer, accepted::Bound},
    limits::{self, JsonLimits},
    time::Clock,
};

/// Settings of an issuer; see [`Issuer::builder`].
pub struct IssuerBuilder<C, F> {
    overrides: Overrides,
    algorithm_name: Option<&'static str>,
    clock: Option<Arc<dyn Clock>>,
    length: usize,
    /// How long a token may be that is for a cookie.
    pub(in crate::lifecycle) room: Option<usize>,
    issues: PhantomData<fn(&C, &F)>,
}

impl<C: ClaimsType, F: Format> IssuerBuilder<C, F> {
    pub(in crate::lifecycle) fn new() -> Self {
        Self {
            overrides: Overrides::default(),
            algorithm_name: None,
            clock: None,
            length: limits::TOKEN_LENGTH,
            room: None,
            issues: PhantomData,
        }
    }

    settings!(IssuerBuilder);

    /// Builds the issuer.
    ///
    /// # Errors
    /// As [`Issuer::new`].
    pub fn build<K: SigningKeys<Format = F>>(self, ring: &K) -> Result<Issuer<C, F>, ConfigError>
    where
        K::Format: Carries<C::Exposure> + Among<C::Formats>,
    {
        permit(self.length)?;
        let policy = Policy::new(C::SCHEMA, self.overrides)?;
        let source = ring.source();
        // A key that retires stays verifiable for `max_ttl` of its ring, so no token may live longer; otherwise a rotation
        // would strand it. A ring that never rotates has that limit, too: verifiers hold every key to it.
        let (wanted, ring) = (policy.longest_issued(C::SCHEMA), source.load().rules.max_ttl);
        if source.rotating && !policy.expiry_required {
            return Err(ConfigError::NeverExpires);
        }
        if wanted > ring {
            return Err(ConfigError::OutlivesRing { wanted, ring });
        }
        let stamps_array = policy.audience.as_ref().is_some_and(|names| names.len() > 1) && !C::SCHEMA.has(Role::Audience);
        if stamps_array && !may_be_array(F::TIMES) {
            return Err(ConfigError::SeveralAudiences);
        }
        let binding = Binding { token_type: policy.token_type.clone(), algorithm_name: self.algorithm_name, ..Binding::default() };
        let issuer = Issuer {
            clock: self.clock.unwrap_or_else(|| Arc::clone(&source.clock)),
            ring: Arc::new(Bound::new(Arc::clone(source), policy.issuer.iter().cloned().collect(), binding)),
            policy: Arc::new(policy),
            length: self.room.map_or(self.length, |room| room.min(self.length)),
            room: self.room,
            revocations: None,
            claims: PhantomData,
        };
        issuer.fitting()
    }
}

impl<C: ClaimsType> IssuerBuilder<C, Jwt<EdDsa>> {
    /// Writes `Ed25519` as the header's `alg`, in place of `EdDSA`, which also means Ed448 to a reader that does not know the key
    /// (RFC 9864 §2.2, where `EdDSA` is deprecated). Verifiers here read both; others may know only the older name.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{Claims, Issuer, KeyRing, jwt::{EdDsa, Jwt, unverified_header}};
    ///
    /// #[derive(Claims)]
    /// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// struct Access { #[claim(sub)] user: String }
    ///
    /// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    /// let issuer = Issuer::<Access, _>::builder().fully_specified_algorithm().build(&ring)?;
    /// let token = issuer.issue(&Access { user: "ada".to_owned() })?.token;
    /// assert_eq!(unverified_header(&token).unwrap()["alg"], "Ed25519");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn fully_specified_algorithm(mut self) -> Self {
        self.algorithm_name = Some(EdDsa::FULLY_SPECIFIED);
        self
    }
}

/// What can sign: a [`KeyRing`](crate::KeyRing) and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot sign",
    note = "an issuer needs a `KeyRing`; `PublicKeys` and `VerifyingKeys` only verify"
)]
pub trait SigningKeys: Keys {}

impl<F: Format> SigningKeys for KeyRing<F> {}

impl<C, F> fmt::Debug for IssuerBuilder<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerBuilder").field("overrides", &self.overrides).finish_non_exhaustive()
    }
}
