//! What differs per deployment: [`IssuerBuilder`] and [`VerifierBuilder`]. Everything else stands on the claims type.

use std::{collections::HashSet, fmt, marker::PhantomData, sync::Arc, time::Duration};

use super::{
    Issuer, NotAccepted, Verifier,
    accepted::{Bound, Opener},
};
use crate::{
    claims::{
        ClaimsType, Expectation, Role, may_be_array,
        policy::{Overrides, Policy},
    },
    error::ConfigError,
    format::{
        Among, Binding, Carries, Format,
        jwt::{EdDsa, Jwt},
    },
    ids::KeyId,
    keyring::{KeyRing, Keys},
    limits::{self, JsonLimits},
    revocation::Freshness,
    time::Clock,
};

/// Settings of an issuer; see [`Issuer::builder`].
pub struct IssuerBuilder<C, F> {
    overrides: Overrides,
    algorithm_name: Option<&'static str>,
    clock: Option<Arc<dyn Clock>>,
    length: usize,
    /// How long a token may be that is for a cookie.
    pub(super) room: Option<usize>,
    issues: PhantomData<fn(&C, &F)>,
}

/// Settings of a verifier; see [`Verifier::builder`].
pub struct VerifierBuilder<C> {
    overrides: Overrides,
    clock: Option<Arc<dyn Clock>>,
    rings: Vec<Accept>,
    length: usize,
    claims: PhantomData<fn() -> C>,
}

/// An accepted ring that waits for the policy.
struct Accept {
    /// In whose names: `None` for the policy's own issuer. Several for keys that are accepted more than once, since it would be chance
    /// which of two rings with the same keys opens a token.
    issuers: Vec<Option<Arc<str>>>,
    /// Where the keys are, which tells whether two calls meant the same ones.
    keys: usize,
    clock: Arc<dyn Clock>,
    bind: Bind,
}

/// Binds a ring to a policy, in the names of issuers.
type Bind = Box<dyn Fn(Arc<[Arc<str>]>, &Policy) -> Arc<dyn Opener> + Send + Sync>;

impl Accept {
    fn bind_to(&self, policy: &Policy) -> Result<Arc<dyn Opener>, ConfigError> {
        let issuers = self.issuers.iter().map(|issuer| issuer.as_ref().or(policy.issuer.as_ref()).cloned());
        let named: Arc<[_]> = issuers.flatten().collect();
        if named.is_empty() || named.len() == self.issuers.len() { Ok((self.bind)(named, policy)) } else { Err(ConfigError::IssuerAndNone) }
    }
}

macro_rules! settings {
    ($name:ident) => {
        /// Who issues, in place of what the claims type says.
        #[must_use]
        pub fn issuer(mut self, issuer: impl Into<Arc<str>>) -> Self {
            self.overrides.issuer = Some(Some(issuer.into()));
            self
        }

        /// For whom, in place of what the claims type says: the audiences of a new token, or those of which one is enough.
        #[must_use]
        pub fn audience<S: Into<Box<str>>>(mut self, audience: impl IntoIterator<Item = S>) -> Self {
            self.overrides.audience = Some(Some(audience.into_iter().map(Into::into).collect()));
            self
        }

        /// How much JSON a payload may hold, for issuer and verifier alike; [`JsonLimits::DEFAULT`] unless it is set.
        #[must_use]
        pub fn json_limits(mut self, limits: JsonLimits) -> Self {
            self.overrides.json = Some(limits);
            self
        }

        /// The longest token, in bytes, up to 64 KiB; 8 KiB unless it is set. An issuer and its verifiers need the same.
        #[must_use]
        pub fn max_length(mut self, length: usize) -> Self {
            self.length = length;
            self
        }

        /// The clock, in place of the ring's.
        #[must_use]
        pub fn clock(mut self, clock: impl Clock) -> Self {
            self.clock = Some(Arc::new(clock));
            self
        }
    };
}

impl<C: ClaimsType, F: Format> IssuerBuilder<C, F> {
    pub(super) fn new() -> Self {
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

fn permit(length: usize) -> Result<(), ConfigError> {
    let cap = limits::TOKEN_LENGTH_CAP;
    if (1..=cap).contains(&length) { Ok(()) } else { Err(ConfigError::TokenLength { found: length, cap }) }
}

/// What can sign: a [`KeyRing`](crate::KeyRing) and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot sign",
    note = "an issuer needs a `KeyRing`; `PublicKeys` and `VerifyingKeys` only verify"
)]
pub trait SigningKeys: Keys {}

impl<F: Format> SigningKeys for KeyRing<F> {}

impl<C: ClaimsType> VerifierBuilder<C> {
    pub(super) fn new() -> Self {
        Self { overrides: Overrides::default(), clock: None, rings: Vec::new(), length: limits::TOKEN_LENGTH, claims: PhantomData }
    }

    settings!(VerifierBuilder);

    /// Accepts tokens of this ring as tokens of the type's own issuer.
    #[must_use]
    pub fn accept<K: Keys>(self, keys: &K) -> Self
    where
        K::Format: Carries<C::Exposure> + Among<C::Formats>,
    {
        self.push(None, keys)
    }

    /// Accepts tokens of these keys as tokens of `issuer`, and of nobody else: a key set can never speak in another's name
    /// (RFC 8725 §3.8).
    ///
    /// The same keys may be accepted for several issuers, of which a token names one: for a provider that has changed its name, or
    /// spells it in two ways, as Google does. Accept the same `keys` then, not a set that was read twice.
    ///
    /// Where all keys are accepted in this way, a claims type that leaves its issuer to the deployment needs nothing more said.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, Verifier, jwt::{Es256, Jwt}};
    /// # #[derive(Claims)]
    /// # #[claims(issuer = "https://accounts.google.com", no_audience, ttl = "15m", token_type = "at+jwt")]
    /// # struct Id { #[claim(sub)] user: String }
    /// # let keys = KeyRing::<Jwt<Es256>>::generate()?;
    /// let verifier = Verifier::<Id>::builder().accept(&keys).accept_from("accounts.google.com", &keys).build()?;
    /// # let older = Issuer::<Id, _>::builder().issuer("accounts.google.com").build(&keys)?;
    /// # assert!(verifier.verify_now(&older.issue(&Id { user: "ada".to_owned() })?.token).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accept_from<K: Keys>(self, issuer: impl Into<Arc<str>>, keys: &K) -> Self
    where
        K::Format: Carries<C::Exposure> + Among<C::Formats>,
    {
        self.push(Some(issuer.into()), keys)
    }

    fn push<K: Keys>(mut self, issuer: Option<Arc<str>>, keys: &K) -> Self {
        let source = Arc::clone(keys.source());
        let keys = Arc::as_ptr(&source).addr();
        if let Some(ring) = self.rings.iter_mut().find(|ring| ring.keys == keys) {
            ring.issuers.push(issuer);
            return self;
        }
        let clock = Arc::clone(&source.clock);
        let bind = move |issuers, policy: &Policy| -> Arc<dyn Opener> {
            let binding = Binding { token_type: policy.token_type.clone(), any_type: policy.any_type, ..Binding::default() };
            Arc::new(Bound::new(Arc::clone(&source), issuers, binding))
        };
        self.rings.push(Accept { issuers: vec![issuer], keys, clock, bind: Box::new(bind) });
        self
    }

    /// Says by name that tokens have no issuer; one that has is refused.
    #[must_use]
    pub fn no_issuer(mut self) -> Self {
        self.overrides.issuer = Some(None);
        self
    }

    /// Says by name that tokens are for nobody in particular; one that names somebody is refused.
    #[must_use]
    pub fn no_audience(mut self) -> Self {
        self.overrides.audience = Some(None);
        self
    }

    /// The type that tokens have to have, in place of what the claims type says.
    #[must_use]
    pub fn token_type(mut self, token_type: impl Into<Box<str>>) -> Self {
        self.overrides.token_type = Some(Some(token_type.into()));
        self
    }

    /// Says by name that tokens are of no type, for tokens of others: any `typ` is accepted, so nothing but issuer and audience
    /// keeps another kind of token of the same issuer out (RFC 8725 §3.12).
    #[must_use]
    pub fn untyped(mut self) -> Self {
        self.overrides.token_type = Some(None);
        self
    }

    /// How far clocks may differ, at most 300 seconds.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.overrides.leeway = Some(leeway);
        self
    }

    /// The longest life that is accepted; `Duration::MAX` for any, which leaves revocation entries to live for ever.
    #[must_use]
    pub fn max_ttl(mut self, max_ttl: Duration) -> Self {
        self.overrides.max_ttl = Some(max_ttl);
        self
    }

    /// Builds the verifier.
    ///
    /// # Errors
    /// [`ConfigError`] when nothing is accepted, when issuer or audience is neither said nor waived, when two accepted rings of
    /// one issuer and format hold keys of one name, when the same keys are accepted for an issuer and for none, or when a setting is
    /// out of bounds.
    pub fn build(self) -> Result<Verifier<C>, ConfigError> {
        permit(self.length)?;
        let mut overrides = self.overrides;
        if overrides.issuer.is_none() && matches!(C::SCHEMA.issuer, Expectation::Unsaid) {
            overrides.issuer = named_by_all(&self.rings).map(Some);
        }
        let policy = Policy::new(C::SCHEMA, overrides)?;
        let first = self.rings.first().ok_or(ConfigError::NoKeys)?;
        let clock = self.clock.unwrap_or_else(|| Arc::clone(&first.clock));
        let accepted = self.rings.iter().map(|ring| ring.bind_to(&policy)).collect::<Result<Arc<[_]>, _>>()?;
        named_once(&accepted)?;
        let verifier = Verifier {
            policy: Arc::new(policy),
            accepted,
            length: self.length,
            clock,
            revocations: None,
            freshness: Freshness::deny(),
            claims: PhantomData,
        };
        for NotAccepted { ring, format } in verifier.not_accepted() {
            tracing::warn!(ring, format, "the ring has a key that signs in a format that this verifier does not accept");
        }
        Ok(verifier)
    }
}

/// The first issuer, when every ring was accepted for one that was named: nothing is then open that the type would have to say. Each
/// ring still speaks for its own issuers alone.
fn named_by_all(rings: &[Accept]) -> Option<Arc<str>> {
    let issuers = rings.iter().flat_map(|ring| &ring.issuers).cloned().collect::<Option<Vec<_>>>()?;
    issuers.into_iter().next()
}

/// Which of two keys of one name is meant must not be open, unless their issuers tell.
fn named_once(accepted: &[Arc<dyn Opener>]) -> Result<(), ConfigError> {
    let mut names = HashSet::new();
    for ring in accepted {
        let (issuers, format, ids) = ring.names();
        let issuers = if issuers.is_empty() { vec![None] } else { issuers.iter().map(Some).collect() };
        for (issuer, id) in issuers.into_iter().flat_map(|issuer| ids.iter().map(move |id| (issuer, id))) {
            if !names.insert((issuer, format, id.clone())) {
                return Err(ConfigError::DuplicateKeyId(id.clone().unwrap_or_else(|| KeyId::literal("(unnamed)"))));
            }
        }
    }
    Ok(())
}

impl<C, F> fmt::Debug for IssuerBuilder<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerBuilder").field("overrides", &self.overrides).finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for VerifierBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder").field("overrides", &self.overrides).field("rings", &self.rings.len()).finish_non_exhaustive()
    }
}
