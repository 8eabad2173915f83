//! Why a token is refused, check by check, for support staff.

use std::fmt;

use super::{Given, Verifier};
use crate::{
    claims::{ClaimsType, NoContext},
    error::{ClaimErrors, Unavailable, VerifyError},
    format::Lent,
    time::Timestamp,
};

mod findings;

use findings::{of_claims, of_token};

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
    /// Whether it, its subject, its key or everything was revoked.
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
        if explanation.verdict.is_err() {
            return explanation;
        }
        let live = Some(self.live(now, None));
        let open = |()| verifier.open::<C::At<'_>>(text, now, Lent::take().scratch(), live, self.context).map(drop);
        // This call does not ask the store, so under a strict rule it cannot say.
        let verdict = self.without_asking().and_then(open);
        if let Err(error @ VerifyError::Unavailable(Unavailable::StaleKeys { .. })) = &verdict {
            return Explanation { steps: of_token::<C>(error, verifier.revocations.is_some()), verdict };
        }
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
