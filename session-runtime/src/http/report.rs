//! What operators learn of a refusal: an event with names and no values, and a count by reason.

use std::fmt;

use super::{HeaderFault, Refusal};
use crate::{
    error::{ClaimErrors, Problem, Unavailable, VerifyError},
    telemetry::Refused,
};

/// Counts a refusal and tells it at `debug`. Anybody can cause one, so no more than that: a log that strangers fill is a fault of its own.
#[cold]
pub(super) fn refused(refusal: &Refusal, key_id: Option<&str>) {
    let (refused, detail) = reason(refusal);
    refused.count();
    let reason = refused.word();
    match refusal {
        Refusal::Token(VerifyError::Claims(errors)) => tracing::debug!(reason, claims = %Names(errors), "a request was refused"),
        Refusal::NotAllowed { scope } => tracing::debug!(reason, scope, key_id, "a request was refused"),
        _ => tracing::debug!(reason, detail, "a request was refused"),
    }
}

/// The reason, and a word that tells more.
fn reason(refusal: &Refusal) -> (Refused, Option<&'static str>) {
    match refusal {
        Refusal::NoCredentials => (Refused::NoCredentials, None),
        Refusal::Header(HeaderFault::Several) => (Refused::Header, Some("several")),
        Refusal::Header(HeaderFault::Syntax) => (Refused::Header, Some("syntax")),
        Refusal::Header(HeaderFault::TooLong { .. }) | Refusal::Token(VerifyError::Malformed(_)) => (Refused::Malformed, None),
        Refusal::Token(VerifyError::UnknownKey) => (Refused::UnknownKey, None),
        Refusal::Token(VerifyError::BadSeal) => (Refused::BadSeal, None),
        Refusal::Token(VerifyError::Claims(_)) => (Refused::Claims, None),
        Refusal::Token(VerifyError::Revoked) => (Refused::Revoked, None),
        Refusal::Token(VerifyError::Unavailable(what)) => (Refused::Unavailable, Some(unavailable(*what))),
        Refusal::NotAllowed { .. } => (Refused::NotAllowed, None),
    }
}

fn unavailable(what: Unavailable) -> &'static str {
    match what {
        Unavailable::StaleRevocations { .. } => "stale_revocations",
        Unavailable::UnconfirmedRevocations => "unconfirmed_revocations",
        Unavailable::RecoveringRevocations { .. } => "recovering_revocations",
        Unavailable::ClockSkew { .. } => "clock_skew",
        Unavailable::ClockSetBack => "clock_set_back",
        Unavailable::StaleKeys { .. } => "stale_keys",
        Unavailable::SuspendedKey => "suspended_key",
    }
}

/// The claims and what is wrong with them. The text of an error has times of the token in it, and that of a check is the program's own;
/// both stay out.
struct Names<'e>(&'e ClaimErrors);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}:{}", error.claim, problem(&error.problem))?;
        }
        Ok(())
    }
}

fn problem(problem: &Problem) -> &'static str {
    match problem {
        Problem::Missing => "missing",
        Problem::Mistyped { .. } => "mistyped",
        Problem::Duplicate => "duplicate",
        Problem::Unexpected => "unexpected",
        Problem::WrongIssuer => "wrong_issuer",
        Problem::WrongAudience => "wrong_audience",
        Problem::WrongType => "wrong_type",
        Problem::Expired { .. } => "expired",
        Problem::NotYet { .. } => "not_yet",
        Problem::FromTheFuture { .. } => "from_the_future",
        Problem::LivesTooLong { .. } => "lives_too_long",
        Problem::OutsideKeyWindow => "outside_key_window",
        Problem::NotOneOf => "not_one_of",
        Problem::OutOfRange { .. } => "out_of_range",
        Problem::TooLong { .. } => "too_long",
        Problem::UnknownVersion => "unknown_version",
        Problem::Rejected(_) => "rejected",
    }
}
