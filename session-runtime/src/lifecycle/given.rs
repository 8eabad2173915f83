//! A verifier with what the checks of its claims are handed.

use std::{fmt, time::Duration};

use super::{Live, Verifier};
use crate::{
    claims::{ClaimsType, NoContext, OwnedClaims},
    error::{Unavailable, VerifyError},
    format::{Buffer, Lent},
    revocation::{Demand, Freshness, Rule},
    time::Timestamp,
    token::Verified,
};

/// A verifier together with the context of one call; see [`Verifier::given`].
pub struct Given<'v, C: ClaimsType> {
    pub(super) verifier: &'v Verifier<C>,
    pub(super) context: &'v C::Context,
    pub(super) freshness: Freshness,
}

impl<C: ClaimsType> Verifier<C> {
    /// The same verifier for one call, with what the checks of a type with `context` are handed beside the value: the tenant that a
    /// request is for, a configuration, another clock.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{Claims, Issuer, KeyRing, Verifier, paseto::V4Local};
    ///
    /// struct Request { tenant: String }
    ///
    /// fn same_tenant(tenant: &String, request: &Request) -> bool {
    ///     *tenant == request.tenant
    /// }
    ///
    /// #[derive(Claims, Debug)]
    /// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", context = Request)]
    /// struct Access {
    ///     #[claim(check = same_tenant)]
    ///     tenant: String,
    /// }
    ///
    /// let ring = KeyRing::<V4Local>::generate()?;
    /// let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { tenant: "acme".into() })?.token;
    /// let verifier = Verifier::<Access>::new(&ring)?;
    /// assert!(verifier.given(&Request { tenant: "acme".into() }).verify_now(&token).is_ok());
    /// assert!(verifier.given(&Request { tenant: "birch".into() }).verify_now(&token).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn given<'v>(&'v self, context: &'v C::Context) -> Given<'v, C> {
        Given { verifier: self, context, freshness: self.freshness }
    }
}

impl<C: ClaimsType> Verifier<C>
where
    C::Context: NoContext,
{
    /// The same verifier for one call under [`Freshness::strict`]: for money and for administration.
    pub fn strict(&self) -> Given<'_, C> {
        self.given(NoContext::none()).strict()
    }
}

impl<'v, C: ClaimsType> Given<'v, C> {
    /// As [`Verifier::verify`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn verify(&self, text: &str) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
    {
        // A strict call looks at the token first with what is known: strangers cannot make us ask the store.
        let verified = self.open_live(text, None);
        let verified = match verified {
            Err(error) if self.verifier.await_key(text, &error).await => self.open_live(text, None),
            verified => verified,
        }?;
        match self.confirm().await? {
            None => Ok(verified),
            since => self.open_live(text, since),
        }
    }

    /// The same call under [`Freshness::strict`]: the revocation log is read for it.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, Revocations, Verifier, paseto::V4Local, revocation::MemoryRevocations};
    /// # #[derive(Claims, Debug)]
    /// # #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let ring = KeyRing::<V4Local>::generate()?;
    /// # let revocations = Revocations::open(MemoryRevocations::new()?).await?;
    /// # let verifier = Verifier::<Access>::new(&ring)?.with_revocations(&revocations).await?;
    /// # let token = Issuer::<Access, _>::new(&ring)?.with_revocations(&revocations).await?.issue(&Access { user: "ada".into() })?.token;
    /// let transfer = verifier.given(&()).strict().verify(&token).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn strict(self) -> Self {
        Self { freshness: Freshness::strict(), ..self }
    }

    /// Asks the store, where the call is strict: the moment after which it was asked.
    async fn confirm(&self) -> Result<Option<Duration>, VerifyError> {
        let (Some(revocations), Rule::Strict { deadline }) = (&self.verifier.revocations, self.freshness.0) else { return Ok(None) };
        let since = revocations.moment();
        revocations.confirm(since, deadline).await.map_err(VerifyError::Unavailable)?;
        Ok(Some(since))
    }

    /// What is known of revocations at `now`. A strict call is told when it asked, and before that decides only what is certain.
    #[inline]
    pub(super) fn live(&self, now: Timestamp, asked: Option<Duration>) -> Live<'v> {
        let Some(revocations) = &self.verifier.revocations else { return Live(None) };
        let demand = match (revocations.demand(self.freshness.0), asked) {
            (Some(demand), _) => demand,
            (None, Some(since)) => Demand::AskedSince(since),
            (None, None) => Demand::Unchecked(Duration::MAX),
        };
        Live(Some(revocations.look(now, demand)))
    }

    #[inline]
    fn open_live(&self, text: &str, asked: Option<Duration>) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
    {
        let now = self.verifier.clock.wall();
        self.verifier.open::<C>(text, now, Lent::take().scratch(), Some(self.live(now, asked)), self.context)
    }

    /// Refuses what cannot be decided without asking the store.
    #[inline]
    pub(super) fn without_asking(&self) -> Result<(), VerifyError> {
        match &self.verifier.revocations {
            Some(revocations) if revocations.demand(self.freshness.0).is_none() => {
                Err(VerifyError::Unavailable(Unavailable::UnconfirmedRevocations))
            }
            _ => Ok(()),
        }
    }

    /// As [`Verifier::verify_now`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    #[inline]
    pub fn verify_now(&self, text: &str) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
    {
        self.without_asking()?;
        self.open_live(text, None)
    }

    /// As [`Verifier::open_at`].
    ///
    /// # Errors
    /// As [`Verifier::open_at`].
    #[inline]
    pub fn open_at(&self, text: &str, now: Timestamp) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
    {
        self.verifier.open::<C>(text, now, Lent::take().scratch(), None, self.context)
    }

    /// As [`Verifier::verify_in`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn verify_in<'b>(&self, text: &str, buffer: &'b mut Buffer) -> Result<Verified<C::At<'b>>, VerifyError> {
        let clock = &self.verifier.clock;
        let scratch = buffer.emptied();
        let mut now = clock.wall();
        // The seal alone, since no key changes what comes after it; and claims that borrow from the buffer keep it from being used twice.
        let opened = match self.verifier.unseal(text, now, scratch, true) {
            Ok(opened) => opened,
            Err(error) => {
                if !self.verifier.await_key(text, &error).await {
                    return Err(error);
                }
                now = clock.wall();
                scratch.clear();
                self.verifier.unseal(text, now, scratch, true)?
            }
        };
        // The seal is good, so this is no stranger.
        let asked = self.confirm().await?;
        if asked.is_some() {
            now = clock.wall();
        }
        self.verifier.judge(opened, now, scratch, Some(self.live(now, asked)), self.context)
    }

    /// As [`Verifier::verify_now_in`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    #[inline]
    pub fn verify_now_in<'b>(&self, text: &str, buffer: &'b mut Buffer) -> Result<Verified<C::At<'b>>, VerifyError> {
        self.without_asking()?;
        let now = self.verifier.clock.wall();
        self.verifier.open::<C::At<'b>>(text, now, buffer.emptied(), Some(self.live(now, None)), self.context)
    }

    /// As [`Verifier::open_at_in`].
    ///
    /// # Errors
    /// As [`Verifier::open_at`].
    #[inline]
    pub fn open_at_in<'b>(&self, text: &str, buffer: &'b mut Buffer, now: Timestamp) -> Result<Verified<C::At<'b>>, VerifyError> {
        self.verifier.open::<C::At<'b>>(text, now, buffer.emptied(), None, self.context)
    }
}

impl<C: ClaimsType> fmt::Debug for Given<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("verifier", self.verifier).finish_non_exhaustive()
    }
}
