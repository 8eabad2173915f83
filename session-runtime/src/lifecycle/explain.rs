//! Why a token is refused, check by check, for support staff.

use std::fmt;

use super::{Given, Verifier};
use crate::{
    claims::{Bounds, ClaimsType, NoContext, OTHER, Schema, WHOLE, required},
    error::{ClaimError, ClaimErrors, Malformed, Problem, VerifyError},
    format::Lent,
    time::Timestamp,
};

/// What became of every check of one token, in the order in which they are made; see [`Verifier::verify_explain`].
///
/// Its `Display` is a table. Nothing in it is text of a token whose seal was not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    steps: Vec<Step>,
    verdict: Result<(), VerifyError>,
}

/// One check and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// What was checked.
    pub check: Check,
    /// What became of it.
    pub finding: Finding,
}

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The token is good in this.
    Passed,
    /// It is not, for these reasons.
    Failed(String),
    /// Something before it decided.
    NotReached,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident $(($claim:ident))?: $words:literal, $source:literal;)*) => {
        /// A check of a token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Check {
            $($(#[$doc])* $name $((checks!(@name $claim)))?,)*
        }

        impl Check {
            /// The rule that it comes from.
            pub fn source(&self) -> &'static str {
                match self { $(Self::$name $((checks!(@any $claim)))? => $source,)* }
            }
        }

        impl fmt::Display for Check {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$name $(($claim))? => write!(f, $words),)* }
            }
        }
    };
    (@name $claim:ident) => { &'static str };
    (@any $claim:ident) => { _ };
}
checks! {
    /// Its length, its parts and their encoding.
    Shape: "shape and length", "RFC 7515 §7.1, PASETO §2";
    /// The header of a JWT, the footer of a PASETO.
    Header: "header or footer", "RFC 8725 §3.10";
    /// The header's algorithm, which is compared with the key's.
    Algorithm: "algorithm", "RFC 8725 §3.1";
    /// The key that it names, and what that key may do now.
    Key: "key", "RFC 7515 §4.1.4";
    /// The signature or authentication tag.
    Seal: "seal", "RFC 7515 §5.2, PASETO §4";
    /// The payload: one strict JSON object within the limits.
    Payload: "payload", "RFC 7519 §7.2";
    /// The type of the token.
    TokenType: "token type (`typ`)", "RFC 8725 §3.11";
    /// Who issued it, and whether the key speaks for them.
    Issuer: "issuer (`iss`)", "RFC 7519 §4.1.1, RFC 8725 §3.8";
    /// For whom it is.
    Audience: "audience (`aud`)", "RFC 7519 §4.1.3";
    /// Whether it is dead.
    Expiry: "expiry (`exp`)", "RFC 7519 §4.1.4";
    /// Whether it is good already.
    NotBefore: "not before (`nbf`)", "RFC 7519 §4.1.5";
    /// Whether it is from the future.
    IssuedAt: "issued at (`iat`)", "RFC 7519 §4.1.6";
    /// How long it lives altogether.
    LongestLife: "longest life", "`max_ttl` of type, verifier and ring";
    /// Whether its key signed when it was issued.
    KeyWindow: "time of its key", "the ring's own rule";
    /// The name by which it can be revoked.
    TokenId: "token id (`jti`)", "RFC 7519 §4.1.7";
    /// Up to where its issuer knew the revocation log.
    LogPosition: "log position (`gen`)", "the revocation log's own rule";
    /// Whether this claim is there, once, and fits its field.
    Claim(name): "claim `{name}`", "the claims type; RFC 7519 §4";
    /// Whether this claim is within its `one_of`, `range` and `max_len`.
    Bounds(name): "bounds of `{name}`", "the claims type";
    /// The type's own check of this claim.
    Passes(name): "check of `{name}`", "the claims type";
    /// The type's own check of all claims together.
    Whole: "check of the whole", "the claims type";
    /// The version of its type.
    Version: "version (`ver`)", "the claims type";
    /// Claims that the type does not name.
    Unknown: "unknown claims", "`deny_unknown`; RFC 7519 §4";
    /// Whether it, its subject or everything was revoked.
    Revocation: "revocation", "the revocation log";
}

impl Explanation {
    /// The checks, in the order in which they are made.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What [`Verifier::verify`] says of the token.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verdict(&self) -> Result<(), &VerifyError> {
        self.verdict.as_ref().copied()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Ok(()) => f.write_str("accepted")?,
            Err(error) => write!(f, "refused: {error}")?,
        }
        let names: Vec<String> = self.steps.iter().map(|step| step.check.to_string()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        self.steps.iter().zip(&names).try_for_each(|(step, name)| match &step.finding {
            Finding::Passed => write!(f, "\n  passed       {name:width$}  {}", step.check.source()),
            Finding::Failed(why) => write!(f, "\n  FAILED       {name:width$}  {}: {why}", step.check.source()),
            Finding::NotReached => write!(f, "\n  not reached  {name:width$}  {}", step.check.source()),
        })
    }
}

impl<C: ClaimsType> Verifier<C> {
    /// Says of every check what became of it. **For support staff, never for clients**: it tells whoever tries tokens how far they came
    /// (ASVS 16.5.1), and it is as slow as it is thorough.
    ///
    /// [`Explanation::verdict`] is what [`verify`](Self::verify) says, since it is asked; nothing is judged a second way. A token of
    /// an older version of its type is explained by the claims of the type that it is read into.
    ///
    /// # Example
    /// ```
    /// # use std::time::Duration;
    /// # use session_runtime::{Claims, Issuer, KeyRing, Timestamp, Verifier, jwt::{Hs256, Jwt}, testing::ManualClock};
    /// # #[derive(Claims, Debug)]
    /// # #[claims(no_issuer, no_audience, ttl = "15m", leeway = "0s", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// # let clock = ManualClock::at(Timestamp::from_unix(1_893_456_000));
    /// # let ring = KeyRing::<Jwt<Hs256>>::builder().clock(clock.clone()).generate()?;
    /// # let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".to_owned() })?.token;
    /// # let verifier = Verifier::<Access>::new(&ring)?;
    /// clock.advance(Duration::from_secs(3_600));
    /// let explanation = verifier.verify_explain(&token);
    /// assert!(explanation.to_string().starts_with("refused: claim `exp`: expired at 2030-01-01T00:15:00Z\n  passed       shape and length"));
    /// assert_eq!(explanation.verdict().is_ok(), verifier.verify_now(&token).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_explain(&self, text: &str) -> Explanation
    where
        C::Context: NoContext,
    {
        self.given(NoContext::none()).verify_explain(text)
    }

    /// As [`verify_explain`](Self::verify_explain) at the moment `now`, as [`open_at`](Self::open_at) judges: revocation is not asked.
    pub fn explain_at(&self, text: &str, now: Timestamp) -> Explanation
    where
        C::Context: NoContext,
    {
        self.given(NoContext::none()).explain_at(text, now)
    }
}

impl<C: ClaimsType> Given<'_, C> {
    /// As [`Verifier::verify_explain`].
    pub fn verify_explain(&self, text: &str) -> Explanation {
        let verifier = self.verifier;
        // Without the log first: a compromised key and an entry of the log are both `Revoked`, and only here they have to be told apart.
        let now = verifier.clock.wall();
        let explanation = self.explain_at(text, now);
        let (Some(revocations), Ok(())) = (&verifier.revocations, &explanation.verdict) else { return explanation };
        let verdict = verifier.open::<C::At<'_>>(text, now, Lent::take().scratch(), Some(revocations), self.context).map(drop);
        let finding = verdict.as_ref().map_or_else(|error| Finding::Failed(error.to_string()), |()| Finding::Passed);
        let mut steps = explanation.steps;
        steps.iter_mut().filter(|step| step.check == Check::Revocation).for_each(|step| step.finding = finding.clone());
        Explanation { steps, verdict }
    }

    /// As [`Verifier::explain_at`].
    pub fn explain_at(&self, text: &str, now: Timestamp) -> Explanation {
        let verifier = self.verifier;
        let verdict = verifier.open::<C::At<'_>>(text, now, Lent::take().scratch(), None, self.context).map(drop);
        let steps = match &verdict {
            Ok(()) => of_claims::<C>(&ClaimErrors::default(), verifier.revocations.is_some()),
            Err(VerifyError::Claims(errors)) => of_claims::<C>(errors, verifier.revocations.is_some()),
            Err(error) => of_token::<C>(error, verifier.revocations.is_some()),
        };
        Explanation { steps, verdict }
    }
}

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
fn of_claims<C: ClaimsType>(errors: &ClaimErrors, revocable: bool) -> Vec<Step> {
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
fn of_token<C: ClaimsType>(error: &VerifyError, revocable: bool) -> Vec<Step> {
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
