//! What is enforced, in words.

use std::{fmt, time::Duration};

use super::{Demand, Enforced, Party, Rule, Unknown};
use crate::{claims::WHOLE, limits::JsonLimits};

impl fmt::Display for Enforced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("A token of this type")?;
        self.iter().try_for_each(|rule| write!(f, "\n- {rule}"))
    }
}

impl fmt::Display for Rule {
    /// The rule with a token as its subject, as `has "sub"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claim = self.claim;
        match &self.demand {
            Demand::TokenType(token_type) => write!(f, "says `typ` `{token_type}`"),
            Demand::Untyped { any: false } => f.write_str("says no `typ`, or `JWT`"),
            Demand::Untyped { any: true } => f.write_str("may say any `typ`"),
            Demand::Issuer(party) => party.write(f, "is issued by", "`iss`", "whom"),
            Demand::Audience(party) => party.write(f, "is for", "`aud`", "whom"),
            Demand::Expires { required, at_most, issued } => {
                f.write_str(if *required { "has `exp` and lives" } else { "may have `exp`, and then lives" })?;
                match at_most {
                    Some(at_most) => write!(f, " at most {}", Life(*at_most))?,
                    None => f.write_str(" for any time")?,
                }
                issued.map_or(Ok(()), |issued| write!(f, "; one that is issued lives {}", Life(issued)))
            }
            Demand::NotBefore => f.write_str("is not good before its `nbf`, if it has one"),
            Demand::IssuedAt { required: true } => f.write_str("has `iat`, which is not in the future"),
            Demand::IssuedAt { required: false } => f.write_str("may have `iat`, which is not in the future"),
            Demand::Leeway(Duration::ZERO) => f.write_str("is judged to the second"),
            Demand::Leeway(leeway) => write!(f, "is judged with clocks that differ by at most {}", Life(*leeway)),
            Demand::NotRevoked => f.write_str("has `jti` and `gen`, and was not revoked"),
            Demand::Version(1) => f.write_str("is of version 1, as one without `ver` is"),
            Demand::Version(version) => write!(f, "is of version {version}, or of one that this one is made from"),
            Demand::Unknown(Unknown::Ignored) => f.write_str("may have claims that the type does not name; they are ignored"),
            Demand::Unknown(Unknown::Refused) => f.write_str("has no claim that the type does not name"),
            Demand::Unknown(Unknown::Kept) => f.write_str("may have claims that the type does not name; a field keeps them"),
            Demand::Required => write!(f, "has `{claim}`"),
            Demand::Optional => write!(f, "may have `{claim}`"),
            Demand::OneOf(values) => write!(f, "has `{claim}` only as {}", Names(values)),
            Demand::Range(range) => write!(f, "has `{claim}` only {range}"),
            Demand::MaxLength(bytes) => write!(f, "has `{claim}` of at most {bytes} bytes"),
            Demand::Confidential => write!(f, "is encrypted, since `{claim}` is confidential"),
            Demand::Passes(function) if claim == WHOLE => write!(f, "passes `{function}`"),
            Demand::Passes(function) => write!(f, "passes `{function}` with `{claim}`"),
            Demand::Formats(formats) => write!(f, "is sealed as {}", Names(formats)),
            Demand::Length(bytes) => write!(f, "is at most {bytes} bytes long"),
            Demand::Json(JsonLimits { depth, members, string }) => {
                write!(f, "holds JSON of at most {depth} levels, {members} members an object and {string} bytes a text")
            }
        }
    }
}

impl Party {
    fn write(&self, f: &mut fmt::Formatter<'_>, says: &str, claim: &str, whom: &str) -> fmt::Result {
        match self {
            Self::Named(names) => write!(f, "{says} {}", Names(names)),
            Self::Nobody => write!(f, "has no {claim}"),
            Self::Anybody => write!(f, "may have any {claim}, or none"),
            Self::Unsaid => write!(f, "{says} {whom} the builder names"),
        }
    }
}

/// Alternatives in backticks.
struct Names<'n, T>(&'n [T]);

impl<T: AsRef<str>> fmt::Display for Names<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let last = index.saturating_add(1) == self.0.len();
            f.write_str(if index == 0 {
                ""
            } else if last {
                " or "
            } else {
                ", "
            })?;
            write!(f, "`{}`", name.as_ref())?;
        }
        Ok(())
    }
}

/// A time in its largest whole unit.
pub(crate) struct Life(pub(crate) Duration);

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds if seconds > 0 && seconds.is_multiple_of(3_600) => write!(f, "{} h", seconds / 3_600),
            seconds if seconds > 0 && seconds.is_multiple_of(60) => write!(f, "{} min", seconds / 60),
            seconds => write!(f, "{seconds} s"),
        }
    }
}
