//! One claim of a type as its attributes say it: its name, its role and what its value may be.

use std::fmt;

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

impl fmt::Display for Range {
    /// In words: `from 1 to 9`, `from 1`, `to 9`, `from 1 to below 9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.exclusive { "to below" } else { "to" };
        match (self.least, self.most) {
            (Some(least), Some(most)) => write!(f, "from {least} {to} {most}"),
            (Some(least), None) => write!(f, "from {least}"),
            (None, Some(most)) => write!(f, "{to} {most}"),
            (None, None) => f.write_str("as any number"),
        }
    }
}
