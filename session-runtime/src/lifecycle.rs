//! The whole way of a token, out ([`Issuer`]) and in ([`Verifier`]), as numbered steps. The only file that knows their order.

use std::{marker::PhantomData, sync::Arc};

use crate::{
    claims::{
        Claims, ClaimsType, NoContext, OwnedClaims, Writer,
        policy::{KeyFacts, Policy},
        reader::{self, Reading, Registered},
        version::{self, Payload},
    },
    crypto::random,
    error::{ClaimErrors, IssueError, Malformed, Problem, VerifyError},
    format::{Buffer, Format, Lent, Parts, Scratch},
    ids::TokenId,
    revocation::{Decision, Freshness, Look, Presented, Revocations},
    time::{Clock, Timestamp},
    token::{Facts, Issued, Verified},
};

mod absent;
mod accepted;
mod builder;
mod compromise;
mod explain;
#[cfg(feature = "testing")]
mod forging;
mod given;
mod length;
mod not_accepted;
mod setup;

use accepted::{Bound, Opened, Opener};
pub use builder::{IssuerBuilder, SigningKeys, VerifierBuilder};
pub use compromise::{Removed, compromise, compromise_with_successor};
pub use explain::{Check, Explanation, Finding, Step};
#[cfg(feature = "testing")]
pub(crate) use forging::Tools;
pub use given::Given;
pub use not_accepted::NotAccepted;

/// Makes tokens of one claims type with the keys of one ring.
///
/// A cheap clone. Built once at start-up; issuing takes no lock.
///
/// # Example
/// ```
/// use session_runtime::{Claims, Issuer, KeyRing, jwt::{EdDsa, Jwt}};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
/// }
///
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let issuer = Issuer::<Access, _>::new(&ring)?;
/// let issued = issuer.issue(&Access { user: "ada".to_owned() })?;
/// assert_eq!(issued.token.split('.').count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Issuer<C, F: Format> {
    policy: Arc<Policy>,
    ring: Arc<Bound<F>>,
    length: usize,
    /// How long a token may be that is for a cookie.
    room: Option<usize>,
    clock: Arc<dyn Clock>,
    revocations: Option<Revocations>,
    claims: PhantomData<fn(&C)>,
}

impl<C: ClaimsType, F: Format> Issuer<C, F> {
    /// The one way out, at the moment `now`. See [`issue`](Self::issue).
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    pub fn issue_at(&self, claims: &C::At<'_>, now: Timestamp) -> Result<Issued, IssueError> {
        // The position of the log is read before anything else, so that a token never claims to know more than it does.
        let generation = self.revocations.as_ref().map(Revocations::generation);
        let fresh = TokenId::from_random(random::id()?);
        let mut lent = Lent::take();
        let scratch = lent.scratch();
        // Whatever ends this early leaves no plain text behind.
        scratch.confidential = F::ENCRYPTED;
        // 1 The caller's claims are written.
        let mut writer = Writer::new(&mut scratch.payload, C::SCHEMA, F::TIMES, self.policy.json);
        claims.write(&mut writer)?;
        // 2 The policy stamps what they left open, and refuses what contradicts it.
        let stamped = self.policy.stamp(&mut writer, now, fresh, generation)?;
        writer.finish()?;
        // 3 The ring elects the one signing key, 4 the format seals.
        let (token, key_id) = self.ring.seal(now, stamped.issued_at, scratch)?;
        if token.len() > self.length {
            return Err(IssueError::TooLong { length: token.len(), limit: self.length });
        }
        Ok(Issued { token, id: stamped.id, expires_at: stamped.expires_at, key_id })
    }

    /// Issues a token.
    ///
    /// A field with a role is written as it is; what is `None` or has no field is stamped: `iss` and `aud` from the type or the
    /// builder, `iat` from the clock, `exp` as `iat` and `ttl`, a random `jti`, and with revocations `gen`.
    ///
    /// # Errors
    /// [`IssueError::Claims`] when a value contradicts its type (another issuer, a longer life than `max_ttl`, an `exp` in the
    /// past), [`IssueError::Unwritable`] when a field's `Serialize` fails, [`IssueError::BeyondLimits`] and [`IssueError::TooLong`]
    /// when no verifier would read the token, [`IssueError::Key`] when no key can sign, [`IssueError::ClockSkew`] when this machine's clock is
    /// so far from the revocation store's that tokens would outlive their revocations.
    pub fn issue(&self, claims: &C::At<'_>) -> Result<Issued, IssueError> {
        let now = self.clock.wall();
        if let Some(revocations) = &self.revocations {
            revocations.may_date(now).map_err(|seconds| IssueError::ClockSkew { seconds })?;
        }
        self.issue_at(claims, now)
    }
}

/// What holds only now, and not at a moment that a caller names: how old the keys are, and what was revoked.
#[derive(Clone, Copy)]
struct Live<'r>(Option<Look<'r>>);

/// Checks tokens of one claims type against the keys of one or more rings.
///
/// A cheap clone. Built once at start-up; verifying takes no lock and does no I/O.
///
/// # Example
/// ```
/// use session_runtime::{Claims, Issuer, KeyRing, Verifier, paseto::V4Local};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::<V4Local>::generate()?;
/// let issued = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".to_owned() })?;
///
/// let verifier = Verifier::<Access>::new(&ring)?;
/// let access = verifier.verify(&issued.token).await?;
/// assert_eq!(access.user, "ada");
/// assert_eq!(access.expires_at(), issued.expires_at);
/// # Ok(())
/// # }
/// ```
pub struct Verifier<C> {
    policy: Arc<Policy>,
    accepted: Arc<[Arc<dyn Opener>]>,
    length: usize,
    clock: Arc<dyn Clock>,
    revocations: Option<Revocations>,
    freshness: Freshness,
    claims: PhantomData<fn() -> C>,
}

impl<C: ClaimsType> Verifier<C> {
    /// Steps 1 to 6 at the moment `now`: no clock, no I/O, the same answer every time. **Revocation is not asked**, so this
    /// is for tests, tools and replays; requests go through [`verify`](Self::verify).
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but for `Revoked` tokens and stale revocations.
    pub fn open_at(&self, text: &str, now: Timestamp) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
        C::Context: NoContext,
    {
        self.given(NoContext::none()).open_at(text, now)
    }

    /// As [`open_at`](Self::open_at), for claims that borrow from `buffer`.
    ///
    /// # Errors
    /// As [`open_at`](Self::open_at).
    pub fn open_at_in<'b>(&self, text: &str, buffer: &'b mut Buffer, now: Timestamp) -> Result<Verified<C::At<'b>>, VerifyError>
    where
        C::Context: NoContext,
    {
        self.given(NoContext::none()).open_at_in(text, buffer, now)
    }

    /// The one way in. `D` is the claims type with the lifetime of the text that it is read from.
    #[inline]
    fn open<'t, D: Claims<'t>>(
        &self,
        text: &str,
        now: Timestamp,
        scratch: &'t mut Scratch,
        live: Option<Live<'_>>,
        context: &D::Context,
    ) -> Result<Verified<D>, VerifyError> {
        let opened = self.unseal(text, now, scratch, live.is_some())?;
        self.judge(opened, now, scratch, live, context)
    }

    /// Steps 1 to 3. The payload is in `scratch` then.
    #[inline]
    fn unseal(&self, text: &str, now: Timestamp, scratch: &mut Scratch, live: bool) -> Result<Opened<'_>, VerifyError> {
        // 1 Shape and size.
        let parts = Parts::split(text, self.length).map_err(VerifyError::Malformed)?;
        // 2 Which ring and key, 3 the seal. What comes after knows that the payload is the issuer's own.
        accepted::open(&self.accepted, &parts, (now, live), scratch)
    }

    /// Steps 4 to 7.
    #[inline]
    fn judge<'t, D: Claims<'t>>(
        &self,
        opened: Opened<'_>,
        now: Timestamp,
        scratch: &'t mut Scratch,
        live: Option<Live<'_>>,
        context: &D::Context,
    ) -> Result<Verified<D>, VerifyError> {
        const NOT_AN_OBJECT: VerifyError = VerifyError::Malformed(Malformed::Payload);
        // 4 One strict pass fills the registered claims and the user's struct together.
        let mut errors = ClaimErrors::default();
        let payload = std::str::from_utf8(&scratch.payload).map_err(|_| NOT_AN_OBJECT)?;
        let (mut registered, mut slots) = (Registered::default(), D::slots());
        let reading = Reading { schema: C::SCHEMA, expected: &self.policy.expected, times: opened.times, limits: self.policy.json };
        reader::read::<D>(payload, &reading, &mut registered, &mut slots, &mut errors).map_err(|_| NOT_AN_OBJECT)?;
        // 5 The policy judges.
        let judge = |registered: &Registered<'_>, errors: &mut ClaimErrors| {
            if !opened.type_matches {
                errors.push("typ", if self.policy.token_type.is_some() { Problem::WrongType } else { Problem::Unexpected });
            }
            self.policy.judge(registered, &KeyFacts { issuers: &opened.ring.issuers, window: opened.window }, now, errors);
        };
        let claims = match version::other(C::SCHEMA, &registered, &errors) {
            None => {
                judge(&registered, &mut errors);
                let claims = D::build(slots, &mut errors);
                // 6 The checks of the type itself, all of them, after the built-in policy.
                if let Some(claims) = &claims {
                    claims.check(context, &mut errors);
                }
                claims
            }
            // Steps 4 to 6 once more for a token of another version, as the type that it is of.
            Some(version) => {
                errors = ClaimErrors::default();
                let registered = &mut registered;
                D::older(&mut Payload { text: payload, reading, version, registered, judge: &judge, errors: &mut errors }, context)
            }
        };
        let Some(claims) = claims.filter(|_| errors.is_empty()) else { return Err(VerifyError::Claims(errors)) };
        // 7 Revocation, last: it is asked about a token that is good in every other way. Not knowing is no permission.
        let (issuer, subject) = (registered.issuer.as_deref(), registered.subject.as_deref());
        let (token_id, generation) = (registered.token_id.as_deref(), registered.generation);
        if let Some(Live(Some(look))) = live {
            let (ring, key_id) = (&*opened.ring.name, scratch.key_id());
            let (session, expires_at) = (registered.session_id.as_deref(), registered.expires_at);
            let presented = Presented { issuer, subject, session, token_id, generation, expires_at, ring, key_id };
            let decision = look.decide(&presented);
            if decision == Decision::KeyRevoked {
                accepted::revoked(&self.accepted, &presented);
            }
            decision.into_result()?;
        }
        let (before, after) = opened.footer.around(scratch.key_id());
        let texts = [issuer, subject, token_id, registered.session_id.as_deref(), before, scratch.key_id(), after];
        Ok(Verified::new(claims, Facts::new(texts, registered.expires_at, registered.issued_at, opened.footer)))
    }

    /// The synchronous twin of [`verify`](Self::verify), which never waits: a token under a key that is not there is refused, and the key is
    /// rung for.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    #[inline]
    pub fn verify_now(&self, text: &str) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
        C::Context: NoContext,
    {
        self.given(NoContext::none()).verify_now(text)
    }

    /// The synchronous twin of [`verify_in`](Self::verify_in).
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    #[inline]
    pub fn verify_now_in<'b>(&self, text: &str, buffer: &'b mut Buffer) -> Result<Verified<C::At<'b>>, VerifyError>
    where
        C::Context: NoContext,
    {
        self.given(NoContext::none()).verify_now_in(text, buffer)
    }

    /// Checks a token and returns its claims.
    ///
    /// A token expires *at* its `exp` plus the leeway. Revocation is asked last; a store that cannot answer refuses the token.
    ///
    /// It waits for one thing: a key that is not there yet. When a token names such a key, and a task that looks after keys
    /// ([`KeyRing::keep`](crate::KeyRing::keep), `RemoteJwks`) is about to read them or does so already, that reading is awaited, for
    /// [`limits::KEY_WAIT`](crate::limits::KEY_WAIT) at most, and the token is judged once more: so an issuer that begins to sign with a new key
    /// has no token refused. Whatever tokens name, there are two such readings in 30 s at most; beyond them the answer comes at once. Dropping
    /// the future is always safe. [`verify_now`](Self::verify_now) rings for the key, too, and never waits.
    ///
    /// # Errors
    /// [`VerifyError::Malformed`], [`VerifyError::UnknownKey`] and [`VerifyError::BadSeal`] before the seal is known to be good;
    /// [`VerifyError::Claims`] with every claim that is absent, mistyped or not acceptable now; [`VerifyError::Revoked`];
    /// [`VerifyError::Unavailable`] when the question cannot be answered.
    ///
    /// # Example: an expired token
    /// ```
    /// # use std::time::Duration;
    /// # use session_runtime::{Claims, Issuer, KeyRing, Timestamp, Verifier, jwt::{Hs256, Jwt}, testing::ManualClock};
    /// # #[derive(Claims, Debug)]
    /// # #[claims(no_issuer, no_audience, ttl = "15m", leeway = "0s", token_type = "at+jwt")]
    /// # struct Access { #[claim(sub)] user: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let clock = ManualClock::at(Timestamp::from_unix(1_893_456_000));
    /// # let ring = KeyRing::<Jwt<Hs256>>::builder().clock(clock.clone()).generate()?;
    /// # let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".to_owned() })?.token;
    /// # let verifier = Verifier::<Access>::new(&ring)?;
    /// clock.advance(Duration::from_secs(3_600));
    /// let err = verifier.verify(&token).await.unwrap_err();
    /// assert_eq!(err.to_string(), "claim `exp`: expired at 2030-01-01T00:15:00Z");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify(&self, text: &str) -> Result<Verified<C>, VerifyError>
    where
        C: OwnedClaims,
        C::Context: NoContext,
    {
        self.given(NoContext::none()).verify(text).await
    }

    /// Checks a token and returns claims that borrow from `buffer`, without an allocation: for a claims type with a lifetime. The
    /// buffer is used again for the next token; what was encrypted in it is wiped then, or when it is dropped.
    ///
    /// A `&str` field refuses a text with a quote, a backslash or a control character, which JSON spells with escapes; a
    /// [`Text`](crate::claims::Text) holds every text and owns a copy of such a one.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    ///
    /// # Example
    /// ```
    /// use session_runtime::{Buffer, Claims, Issuer, KeyRing, Verifier, jwt::{Hs256, Jwt}};
    ///
    /// #[derive(Claims, Debug)]
    /// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    /// struct Access<'a> {
    ///     #[claim(sub)]
    ///     user: &'a str,
    ///     tenant: &'a str,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let ring = KeyRing::<Jwt<Hs256>>::generate()?;
    /// let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada", tenant: "acme" })?.token;
    ///
    /// let verifier = Verifier::<Access>::new(&ring)?;
    /// let mut buffer = Buffer::default(); // one a connection, or one a thread
    /// let access = verifier.verify_in(&token, &mut buffer).await?;
    /// assert_eq!((access.user, access.tenant), ("ada", "acme"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify_in<'b>(&self, text: &str, buffer: &'b mut Buffer) -> Result<Verified<C::At<'b>>, VerifyError>
    where
        C::Context: NoContext,
    {
        self.given(NoContext::none()).verify_in(text, buffer).await
    }
}

#[cfg(test)]
mod tests;
