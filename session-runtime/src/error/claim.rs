//! What is wrong with single claims. Only ever told about a token whose seal is good, or about a value of the caller's own.

use std::{fmt, time::Duration};

use crate::time::Timestamp;

/// Every claim of one token that was not acceptable, in the order in which they were judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimErrors(Vec<ClaimError>);

impl ClaimErrors {
    /// Records one more.
    pub(crate) fn push(&mut self, claim: &'static str, problem: Problem) {
        self.0.push(ClaimError { claim, problem });
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The single findings.
    pub fn iter(&self) -> std::slice::Iter<'_, ClaimError> {
        self.0.iter()
    }

    /// The finding about one claim.
    pub fn find(&self, claim: &str) -> Option<&Problem> {
        self.0.iter().find(|error| error.claim == claim).map(|error| &error.problem)
    }
}

impl<'a> IntoIterator for &'a ClaimErrors {
    type Item = &'a ClaimError;
    type IntoIter = std::slice::Iter<'a, ClaimError>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ClaimErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

/// One claim and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim `{claim}`: {problem}")]
pub struct ClaimError {
    /// The name of the claim on the wire. It is a name that the claims type or the policy knows, never one that a token brought.
    pub claim: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with one claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Required and not there.
    #[error("missing")]
    Missing,
    /// There, and not of the type that it has to be. Malformed is never read as absent (CVE-2026-25537).
    #[error("not {expected}")]
    Mistyped {
        /// What it has to be, in words.
        expected: &'static str,
    },
    /// There twice (RFC 7519 §4: names must be unique; readers differ in which one wins).
    #[error("there twice")]
    Duplicate,
    /// There, and the type declares none.
    #[error("unexpected")]
    Unexpected,
    /// Not the issuer that the key speaks for.
    #[error("not the expected issuer")]
    WrongIssuer,
    /// None of the expected audiences.
    #[error("not meant for this audience")]
    WrongAudience,
    /// A token of another type (RFC 8725 §3.11).
    #[error("a token of another type")]
    WrongType,
    /// Dead since this moment; a token is dead *at* its `exp` (RFC 7519 §4.1.4).
    #[error("expired at {at}")]
    Expired {
        /// The token's own `exp`.
        at: Timestamp,
    },
    /// Not yet good.
    #[error("not before {at}")]
    NotYet {
        /// The token's own `nbf`.
        at: Timestamp,
    },
    /// From the future.
    #[error("issued in the future, at {at}")]
    FromTheFuture {
        /// The token's own `iat`.
        at: Timestamp,
    },
    /// Lives longer than its type or its ring allows.
    #[error("lives longer than {limit:?}")]
    LivesTooLong {
        /// The longest life allowed.
        limit: Duration,
    },
    /// Issued outside the time in which the key signed.
    #[error("issued when its key did not sign")]
    OutsideKeyWindow,
    /// Not one of the values that `one_of` names.
    #[error("not one of the values that are allowed")]
    NotOneOf,
    /// No number, or one outside of the claim's `range`.
    #[error("not in {}", range(*least, *most, *exclusive))]
    OutOfRange {
        /// The least that is allowed.
        least: Option<i64>,
        /// The greatest that is allowed.
        most: Option<i64>,
        /// Whether `most` itself is too much.
        exclusive: bool,
    },
    /// Longer than the claim's `max_len`.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The most bytes of JSON, for a string without its quotes.
        limit: usize,
    },
    /// Of a version of its type that nobody here knows, such as one of a later release.
    #[error("a version that is not known")]
    UnknownVersion,
    /// Refused by a check of the claims type.
    #[error("{0}")]
    Rejected(&'static str),
}

/// A range as it is written in an attribute.
fn range(least: Option<i64>, most: Option<i64>, exclusive: bool) -> String {
    let end = |end: Option<i64>| end.map_or_else(String::new, |end| end.to_string());
    let dots = if exclusive || most.is_none() { ".." } else { "..=" };
    format!("{}{dots}{}", end(least), end(most))
}
