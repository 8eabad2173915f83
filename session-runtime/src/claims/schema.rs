//! What the attributes of a claims type say, as data.

use std::time::Duration;

use crate::limits;

/// A claim that RFC 7519 §4.1 registers and the policy judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// `iss`
    Issuer,
    /// `sub`
    Subject,
    /// `aud`
    Audience,
    /// `exp`
    Expires,
    /// `nbf`
    NotBefore,
    /// `iat`
    IssuedAt,
    /// `jti`
    TokenId,
}

impl Role {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expires => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::TokenId => "jti",
        }
    }
}

/// One claim of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its role, when it is a registered claim.
    pub role: Option<Role>,
}

impl Spec {
    /// A registered claim.
    pub const fn role(role: Role) -> Self {
        Self { name: role.name(), role: Some(role) }
    }

    /// A claim of the type's own.
    pub const fn custom(name: &'static str) -> Self {
        Self { name, role: None }
    }
}

/// What a type says about its issuer or its audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation<T: 'static> {
    /// Nothing, so the builder has to.
    Unsaid,
    /// That there is none, by name.
    None,
    /// This.
    Declared(T),
}

/// Everything that the attributes of one claims type say. Built in a `const` by the derive.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Schema {
    /// The JWT `typ` and PASETO implicit assertion; `None` for `untyped`.
    pub token_type: Option<&'static str>,
    /// Who issues.
    pub issuer: Expectation<&'static str>,
    /// For whom.
    pub audience: Expectation<&'static [&'static str]>,
    /// How long an issued token lives.
    pub ttl: Option<Duration>,
    /// The longest life that is accepted.
    pub max_ttl: Option<Duration>,
    /// Whether tokens may lack `exp`.
    pub never_expires: bool,
    /// How far clocks may differ.
    pub leeway: Duration,
    /// Whether tokens may lack `iat`.
    pub no_issued_at: bool,
    /// Whether a claim that the type does not know refuses the token.
    pub deny_unknown: bool,
    /// The claims, in the order of the fields.
    pub claims: &'static [Spec],
}

impl Schema {
    /// A type whose tokens say what they are.
    pub const fn new(token_type: &'static str) -> Self {
        Self { token_type: Some(token_type), ..Self::untyped() }
    }

    /// A type for tokens of others, which do not say what they are.
    pub const fn untyped() -> Self {
        Self {
            token_type: None,
            issuer: Expectation::Unsaid,
            audience: Expectation::Unsaid,
            ttl: None,
            max_ttl: None,
            never_expires: false,
            leeway: limits::LEEWAY,
            no_issued_at: false,
            deny_unknown: false,
            claims: &[],
        }
    }

    /// `issuer = "…"`
    #[must_use]
    pub const fn issuer(mut self, issuer: &'static str) -> Self {
        self.issuer = Expectation::Declared(issuer);
        self
    }

    /// `no_issuer`
    #[must_use]
    pub const fn no_issuer(mut self) -> Self {
        self.issuer = Expectation::None;
        self
    }

    /// `audience = "…"` or `audience("…", "…")`
    #[must_use]
    pub const fn audience(mut self, audience: &'static [&'static str]) -> Self {
        self.audience = Expectation::Declared(audience);
        self
    }

    /// `no_audience`
    #[must_use]
    pub const fn no_audience(mut self) -> Self {
        self.audience = Expectation::None;
        self
    }

    /// `ttl = "…"`
    #[must_use]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// `max_ttl = "…"`
    #[must_use]
    pub const fn max_ttl(mut self, max_ttl: Duration) -> Self {
        self.max_ttl = Some(max_ttl);
        self
    }

    /// `never_expires`
    #[must_use]
    pub const fn never_expires(mut self) -> Self {
        self.never_expires = true;
        self
    }

    /// `leeway = "…"`
    #[must_use]
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// `no_issued_at`
    #[must_use]
    pub const fn no_issued_at(mut self) -> Self {
        self.no_issued_at = true;
        self
    }

    /// `deny_unknown`
    #[must_use]
    pub const fn deny_unknown(mut self) -> Self {
        self.deny_unknown = true;
        self
    }

    /// The claims, in the order of the fields.
    #[must_use]
    pub const fn claims(mut self, claims: &'static [Spec]) -> Self {
        self.claims = claims;
        self
    }

    /// Whether a field holds this registered claim.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.claims.iter().any(|claim| claim.role == Some(role))
    }

    /// The name of a claim by its index.
    #[cold]
    pub(crate) fn name(&self, index: u16) -> &'static str {
        self.claims.get(usize::from(index)).map_or("", |claim| claim.name)
    }

    /// Fails to compile when durations that stand in constants break the bounds; the derive itself only sees literals.
    ///
    /// # Panics
    /// While compiling, never while running.
    #[allow(clippy::panic, reason = "evaluated in a `const _`, where a panic is a compiler error")]
    pub const fn assert_lifetimes(&self) {
        assert!(self.leeway.as_secs() <= limits::LEEWAY_CAP.as_secs(), "`leeway` is longer than 300 s");
        let max_ttl = match self.max_ttl {
            Some(max_ttl) => max_ttl,
            None => limits::MAX_TTL,
        };
        assert!(max_ttl.as_secs() >= 1, "`max_ttl` is shorter than 1 s");
        if let Some(ttl) = self.ttl {
            assert!(ttl.as_secs() >= 1, "`ttl` is shorter than 1 s");
            assert!(ttl.as_secs() <= max_ttl.as_secs(), "`ttl` is longer than `max_ttl` (24 hours unless it is set)");
        }
    }
}
