//! A verifier with what the checks of its claims are handed.

use std::fmt;

use super::{Live, Verifier};
use crate::{
    claims::{ClaimsType, OwnedClaims},
    error::VerifyError,
    format::{Buffer, Lent},
    time::Timestamp,
    token::Verified,
};

/// A verifier together with the context of one call; see [`Verifier::given`].
pub struct Given<'v, C: ClaimsType> {
    pub(super) verifier: &'v Verifier<C>,
    pub(super) context: &'v C::Context,
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
        Given { verifier: self, context }
    }
}

impl<C: ClaimsType> Given<'_, C> {
    /// As [`Verifier::verify`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn verify(&self, text: &str) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
    {
        let error = match self.verify_now(text) {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        if self.verifier.await_key(text, &error).await { self.verify_now(text) } else { Err(error) }
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
        let Verifier { clock, revocations, .. } = self.verifier;
        self.verifier.open::<C>(text, clock.wall(), Lent::take().scratch(), Some(Live(revocations.as_ref())), self.context)
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
        let Verifier { clock, revocations, .. } = self.verifier;
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
        self.verifier.judge(opened, now, scratch, Some(Live(revocations.as_ref())), self.context)
    }

    /// As [`Verifier::verify_now_in`].
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    #[inline]
    pub fn verify_now_in<'b>(&self, text: &str, buffer: &'b mut Buffer) -> Result<Verified<C::At<'b>>, VerifyError> {
        let Verifier { clock, revocations, .. } = self.verifier;
        self.verifier.open::<C::At<'b>>(text, clock.wall(), buffer.emptied(), Some(Live(revocations.as_ref())), self.context)
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
