//! How a verifier is set up: which keys it accepts, and in whose name each of them speaks.

use std::{collections::HashSet, fmt, marker::PhantomData, sync::Arc, time::Duration};

use super::permit;
use crate::{
    claims::{
        ClaimsType, Expectation,
        policy::{Overrides, Policy},
    },
    error::ConfigError,
    format::{Among, Binding, Carries},
    ids::KeyId,
    keyring::Keys,
    lifecycle::{
        NotAccepted, Verifier,
        accepted::{Bound, Opener},
    },
    limits::{self, JsonLimits},
    revocation::Freshness,
    time::Clock,
};

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

impl<C: ClaimsType> VerifierBuilder<C> {
    pub(in crate::lifecycle) fn new() -> Self {
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

impl<C> fmt::Debug for VerifierBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder").field("overrides", &self.overrides).field("rings", &self.rings.len()).finish_non_exhaustive()
    }
}
