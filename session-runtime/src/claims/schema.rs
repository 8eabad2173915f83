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
    /// `sid`, the session (OpenID Connect Front-Channel Logout §3). Not judged by the policy.
    SessionId,
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
            Self::SessionId => "sid",
        }
    }
}

/// One claim of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// Its name on the wire; of a nested claim the names of its path, joined by dots.
    pub name: &'static str,
    /// The names from the outer object to a nested claim; empty for a claim of the outer object.
    pub path: &'static [&'static str],
    /// The name under which it is written, where it is another one than the one that is read.
    pub written: Option<&'static str>,
    /// Other names under which it is read.
    pub aliases: &'static [&'static str],
    /// Its role, when it is a registered claim.
    pub role: Option<Role>,
    /// What the value may be; empty for anything.
    pub bounds: Bounds,
    /// Whether it may only be in an encrypted token.
    pub confidential: bool,
}

impl Spec {
    /// A registered claim.
    pub const fn role(role: Role) -> Self {
        Self { role: Some(role), ..Self::custom(role.name()) }
    }

    /// A claim of the type's own.
    pub const fn custom(name: &'static str) -> Self {
        Self { name, path: &[], written: None, aliases: &[], role: None, bounds: Bounds::NONE, confidential: false }
    }

    /// `path = "…"`: the names from the outer object to this claim.
    #[must_use]
    pub const fn path(mut self, path: &'static [&'static str]) -> Self {
        self.path = path;
        self
    }

    /// `#[serde(rename(serialize = "…"))]`
    #[must_use]
    pub const fn written(mut self, name: &'static str) -> Self {
        self.written = Some(name);
        self
    }

    /// `alias = "…"`
    #[must_use]
    pub const fn aliases(mut self, names: &'static [&'static str]) -> Self {
        self.aliases = names;
        self
    }

    /// `one_of("…", "…")`
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.bounds.one_of = values;
        self
    }

    /// `range = 1..=9`
    #[must_use]
    pub const fn range(mut self, range: Range) -> Self {
        self.bounds.range = Some(range);
        self
    }

    /// `max_len = 64`
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.bounds.max_len = Some(bytes);
        self
    }

    /// The longest JSON that the field's type can write; written by the derive beside `max_len` of other fields.
    #[must_use]
    pub const fn widest(mut self, bytes: Option<usize>) -> Self {
        self.bounds.widest = bytes;
        self
    }

    /// `confidential`
    #[must_use]
    pub const fn confidential(mut self) -> Self {
        self.confidential = true;
        self
    }
}

/// What the value of a claim may be, judged on its JSON text, so that it holds for every type of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// `one_of`: the texts that are allowed; empty for all.
    pub one_of: &'static [&'static str],
    /// `range`
    pub range: Option<Range>,
    /// `max_len`, in bytes of JSON, for a string without its quotes.
    pub max_len: Option<usize>,
    /// The longest JSON that the field's type can write, where that is known.
    pub widest: Option<usize>,
}

impl Bounds {
    /// Anything.
    pub const NONE: Self = Self { one_of: &[], range: None, max_len: None, widest: None };

    /// Whether there is any value that they refuse.
    pub(crate) const fn bind(&self) -> bool {
        !self.one_of.is_empty() || self.range.is_some() || self.max_len.is_some()
    }
}

/// The numbers that a claim may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Range {
    /// The least, if there is one.
    pub least: Option<i64>,
    /// The greatest, if there is one.
    pub most: Option<i64>,
    /// Whether `most` itself is too much.
    pub exclusive: bool,
}

impl Range {
    /// `least..=most`, `least..`, `..=most`, and with `exclusive` the same without the equals sign.
    pub const fn new(least: Option<i64>, most: Option<i64>, exclusive: bool) -> Self {
        Self { least, most, exclusive }
    }
}

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
