//! What the attributes of a claims type say, as data.

use std::time::Duration;

use super::spec::{Role, Spec};
use crate::limits;

/// A claim that a type has no use for and takes no offence at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tolerated {
    /// `iss`, on a type with `no_issuer`.
    Issuer,
    /// `aud`, on a type with `no_audience`.
    Audience,
    /// `typ`, on a type that is `untyped`.
    TokenType,
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

impl<T> Expectation<T> {
    /// The same about something else.
    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Expectation<U> {
        match self {
            Self::Unsaid => Expectation::Unsaid,
            Self::None => Expectation::None,
            Self::Declared(said) => Expectation::Declared(map(said)),
        }
    }
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
    /// What a token may have though the type has no use for it.
    pub tolerated: &'static [Tolerated],
    /// The version of the type, which tokens carry as `ver`.
    pub version: Option<u32>,
    /// Whether a field takes the claims that the type does not name.
    pub takes_rest: bool,
    /// The names of the functions that check fields, each with the name of its claim, and those that check the whole.
    pub checks: &'static [(&'static str, &'static str)],
    /// The claims, in the order of the fields.
    pub claims: &'static [Spec],
    /// Whether a claim has bounds, so that types without any pay nothing for them.
    pub(crate) bounded: bool,
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
            tolerated: &[],
            version: None,
            takes_rest: false,
            checks: &[],
            claims: &[],
            bounded: false,
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

    /// `allow(…)`
    #[must_use]
    pub const fn allow(mut self, tolerated: &'static [Tolerated]) -> Self {
        self.tolerated = tolerated;
        self
    }

    /// `version(…)`
    #[must_use]
    pub const fn version(mut self, version: u32) -> Self {
        self.version = Some(version);
        self
    }

    /// `flatten` on a field.
    #[must_use]
    pub const fn takes_rest(mut self) -> Self {
        self.takes_rest = true;
        self
    }

    /// `check = "…"`, as pairs of a claim and what checks it.
    #[must_use]
    pub const fn checks(mut self, checks: &'static [(&'static str, &'static str)]) -> Self {
        self.checks = checks;
        self
    }

    /// The claims, in the order of the fields.
    #[must_use]
    pub const fn claims(mut self, claims: &'static [Spec]) -> Self {
        self.claims = claims;
        let mut rest = claims;
        while let [claim, others @ ..] = rest {
            self.bounded |= claim.bounds.bind();
            rest = others;
        }
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

    /// Fails to compile when a type cannot be the next version of another.
    ///
    /// # Panics
    /// While compiling, never while running.
    #[allow(clippy::panic, reason = "evaluated in a `const _`, where a panic is a compiler error")]
    pub const fn assert_follows(&self, older: &Self) {
        let (own, before) = (self.version, older.version);
        assert!(
            matches!((own, before), (Some(2..), None)) || matches!((own, before), (Some(own), Some(before)) if own > before),
            "`version` has to be greater than the older type's, which is 1 unless it says so"
        );
        let same = match (self.token_type, older.token_type) {
            (Some(one), Some(other)) => same(one.as_bytes(), other.as_bytes()),
            (None, None) => true,
            _ => false,
        };
        assert!(same, "both versions need one `token_type`, or no token of the older one would be read");
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

/// Equality of bytes, which a `const` can ask for.
const fn same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([first, one @ ..], [second, other @ ..]) => *first == *second && same(one, other),
        _ => false,
    }
}
