//! How old what is known of the log may be for a decision.

use std::time::Duration;

use crate::limits;

/// What a verifier does when the log cannot be reached, and what is known of it grows old.
///
/// What is known to be revoked is refused under every one of them. A store that one process holds alone is never old, and none of them
/// makes a difference there.
///
/// | | age up to S | older | for |
/// |---|---|---|---|
/// | [`deny`](Self::deny), the default | decided from memory | refused as unavailable: 503, and clients keep their credentials | nearly everything |
/// | [`bounded_stale`](Self::bounded_stale) | from memory | from memory up to the bound, then refused | reading, where an outage would cost more than a late log-out |
/// | [`strict`](Self::strict) | the store is asked, and nothing else will do | refused | money, administration |
/// | [`dangerous_allow_unchecked`](Self::dangerous_allow_unchecked) | from memory | accepted, counted and warned of | nothing that you would miss |
///
/// S is [`Revocations::with_max_staleness`](crate::Revocations::with_max_staleness), 15 s unless it is set.
///
/// # Example
/// ```
/// # use std::time::Duration;
/// # use session_runtime::{Claims, Issuer, KeyRing, Revocations, Verifier, paseto::V4Local, revocation::MemoryRevocations};
/// # #[derive(Claims, Debug)]
/// # #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
/// # struct Access { #[claim(sub)] user: String }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ring = KeyRing::<V4Local>::generate()?;
/// # let revocations = Revocations::open(MemoryRevocations::new()?).await?;
/// use session_runtime::revocation::Freshness;
///
/// let pages = Verifier::<Access>::new(&ring)?.with_revocations(&revocations).await?;
/// // A clone for the routes on which a page may be shown to somebody who logged out five minutes ago.
/// let archive = pages.clone().with_freshness(Freshness::bounded_stale(Duration::from_secs(300)))?;
/// # let token = Issuer::<Access, _>::new(&ring)?.with_revocations(&revocations).await?.issue(&Access { user: "ada".into() })?.token;
///
/// // One call that is stricter than its verifier.
/// let access = pages.strict().verify(&token).await?;
/// # drop((archive, access));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness(pub(crate) Rule);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rule {
    #[default]
    Deny,
    BoundedStale(Duration),
    Strict {
        deadline: Duration,
    },
    Unchecked,
}

impl Freshness {
    /// Nothing is accepted on knowledge that is older than S.
    pub const fn deny() -> Self {
        Self(Rule::Deny)
    }

    /// Knowledge may be older than S, up to `age`: more than S, and at most half of the longest life of the tokens, as whoever attaches it
    /// is told. Beyond that a revocation would mean little more than waiting for the token to expire.
    pub const fn bounded_stale(age: Duration) -> Self {
        Self(Rule::BoundedStale(age))
    }

    /// The store is read for the request, after it came, within [`limits::STRICT_DEADLINE`]; requests that come at the same time share a
    /// reading. While the store does not answer nobody waits: the answer is an immediate [`Unavailable`](crate::error::VerifyError::Unavailable).
    ///
    /// Only [`Verifier::verify`](crate::Verifier::verify) can wait; `verify_now` answers `Unavailable`.
    pub const fn strict() -> Self {
        Self(Rule::Strict { deadline: limits::STRICT_DEADLINE })
    }

    /// As [`strict`](Self::strict), with another deadline.
    pub const fn strict_within(deadline: Duration) -> Self {
        Self(Rule::Strict { deadline })
    }

    /// **Whoever was logged out is let in for as long as the log is out of reach**, unless this node knew of it before. Every acceptance on old
    /// knowledge is counted, and one a minute is warned of.
    pub const fn dangerous_allow_unchecked() -> Self {
        Self(Rule::Unchecked)
    }
}

/// What one decision demands of what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// It is at most so old.
    Age(Duration),
    /// It was proved by a question that was sent at this moment of the boot clock or later.
    AskedSince(Duration),
    /// Nothing; knowledge older than this is told apart.
    Unchecked(Duration),
}
