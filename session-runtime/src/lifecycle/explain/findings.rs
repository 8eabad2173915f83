//! What the verdict about a token says of each check.

use super::{Check, Finding, Step};
use crate::{
    claims::{Bounds, ClaimsType, OTHER, Schema, WHOLE, required},
    error::{ClaimError, ClaimErrors, Malformed, Problem, VerifyError},
};

/// Every check of a type, in order.
fn all(schema: &Schema, revocable: bool) -> Vec<Check> {
    let mut checks = vec![Check::Shape, Check::Header, Check::Algorithm, Check::Key, Check::Seal, Check::Payload, Check::TokenType];
    checks.extend([Check::Issuer, Check::Audience, Check::Expiry, Check::NotBefore, Check::IssuedAt, Check::LongestLife]);
    checks.extend([Check::KeyWindow, Check::TokenId, Check::LogPosition]);
    for claim in schema.claims {
        if claim.role.is_none() || judged(claim.name).is_none() {
            checks.push(Check::Claim(claim.name));
        }
        if (Bounds { widest: None, ..claim.bounds }) != Bounds::NONE {
            checks.push(Check::Bounds(claim.name));
        }
        if schema.checks.iter().any(|(name, _)| *name == claim.name) {
            checks.push(Check::Passes(claim.name));
        }
    }
    if schema.checks.iter().any(|(name, _)| *name == WHOLE) {
        checks.push(Check::Whole);
    }
    if schema.version.is_some() {
        checks.push(Check::Version);
    }
    checks.push(Check::Unknown);
    if revocable {
        checks.push(Check::Revocation);
    }
    checks
}

/// The check of a claim that the policy judges, or that has a rule of its own.
fn judged(claim: &str) -> Option<Check> {
    Some(match claim {
        "typ" => Check::TokenType,
        "iss" => Check::Issuer,
        "aud" => Check::Audience,
        "exp" => Check::Expiry,
        "nbf" => Check::NotBefore,
        "iat" => Check::IssuedAt,
        "jti" => Check::TokenId,
        "gen" => Check::LogPosition,
        "ver" => Check::Version,
        OTHER => Check::Unknown,
        _ => return None,
    })
}

/// The one check that a finding about a claim belongs to.
fn check_of(&ClaimError { claim, ref problem }: &ClaimError, schema: &Schema) -> Check {
    let named = schema.claims.iter().any(|spec| spec.name == claim && spec.role.is_none());
    // A type for tokens of others may have a `ver` of its own, which is a claim like any other.
    let judged = if named { None } else { judged(claim) };
    match problem {
        Problem::Rejected(_) if claim == WHOLE => Check::Whole,
        Problem::Rejected(_) => Check::Passes(claim),
        Problem::LivesTooLong { .. } => Check::LongestLife,
        Problem::OutsideKeyWindow => Check::KeyWindow,
        Problem::Missing
        | Problem::Mistyped { .. }
        | Problem::Duplicate
        | Problem::Unexpected
        | Problem::WrongIssuer
        | Problem::WrongAudience
        | Problem::WrongType
        | Problem::Expired { .. }
        | Problem::NotYet { .. }
        | Problem::FromTheFuture { .. } => judged.unwrap_or(Check::Claim(claim)),
        Problem::NotOneOf | Problem::OutOfRange { .. } | Problem::TooLong { .. } => Check::Bounds(claim),
        Problem::UnknownVersion => Check::Version,
    }
}

/// The steps of a token that was refused for its claims, or not at all.
pub(super) fn of_claims<C: ClaimsType>(errors: &ClaimErrors, revocable: bool) -> Vec<Step> {
    let schema = C::SCHEMA;
    let failed: Vec<(Check, &ClaimError)> = errors.iter().map(|error| (check_of(error, schema), error)).collect();
    let fails = |check: Check| failed.iter().any(|(other, _)| *other == check);
    let built = is_built::<C>(errors);
    let mut checks = all(schema, revocable);
    // Claims of an older version of the type, which may have other names, and of none of its fields, as `sub`.
    let before = checks.iter().position(|check| *check == Check::Unknown).unwrap_or_default();
    for (check, _) in &failed {
        if !checks.contains(check) {
            checks.insert(before, *check);
        }
    }
    let finding = |check: Check| {
        let mut reasons = failed.iter().filter(|(other, _)| *other == check).map(|(_, error)| error.problem.to_string());
        if let Some(first) = reasons.next() {
            return Finding::Failed(reasons.fold(first, |all, reason| all + "; " + &reason));
        }
        match check {
            Check::Revocation => Finding::NotReached,
            Check::Passes(_) | Check::Whole if !built => Finding::NotReached,
            Check::Bounds(claim) if fails(judged(claim).unwrap_or(Check::Claim(claim))) => Finding::NotReached,
            // Nobody knows what else such a token would have to be.
            check if fails(Check::Version) && !of_any_token(check) => Finding::NotReached,
            _ => Finding::Passed,
        }
    };
    checks.into_iter().map(|check| Step { check, finding: finding(check) }).collect()
}

/// Whether the struct was made of the token, and so its own checks were run: not where a claim that it needs could not be used.
fn is_built<C: ClaimsType>(errors: &ClaimErrors) -> bool {
    let required = required::<C>();
    let unusable = |error: &ClaimError| match error.problem {
        Problem::Missing | Problem::Mistyped { .. } => true,
        _ => matches!(check_of(error, C::SCHEMA), Check::Bounds(_)),
    };
    !errors.iter().any(|error| unusable(error) && required.find(error.claim).is_some())
}

/// The steps of a token that was refused before its claims were looked at.
pub(super) fn of_token<C: ClaimsType>(error: &VerifyError, revocable: bool) -> Vec<Step> {
    let failed = match error {
        VerifyError::Malformed(what) => match what {
            Malformed::TooLong { .. } | Malformed::Shape | Malformed::Encoding => Check::Shape,
            Malformed::Header | Malformed::RefusedHeader => Check::Header,
            Malformed::Algorithm => Check::Algorithm,
            Malformed::Payload => Check::Payload,
        },
        VerifyError::BadSeal => Check::Seal,
        VerifyError::Claims(_) => Check::Payload,
        // Revocation was not asked yet, so what was revoked, or cannot be answered, is the key.
        VerifyError::UnknownKey | VerifyError::Revoked | VerifyError::Unavailable(_) => Check::Key,
    };
    let mut decided = false;
    let step = |check| {
        let finding = match (check == failed, decided) {
            (true, _) => Finding::Failed(error.to_string()),
            (_, true) => Finding::NotReached,
            (_, false) => Finding::Passed,
        };
        decided |= check == failed;
        Step { check, finding }
    };
    all(C::SCHEMA, revocable).into_iter().map(step).collect()
}

/// Whether the check comes before the claims are read.
fn of_any_token(check: Check) -> bool {
    matches!(check, Check::Shape | Check::Header | Check::Algorithm | Check::Key | Check::Seal | Check::Payload)
}
