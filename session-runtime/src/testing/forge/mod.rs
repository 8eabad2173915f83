//! Bad tokens of every kind for one issuer, so that an application can test that its own handlers refuse them.

use std::{fmt, time::Duration};

use super::FixedKeys;
use crate::{
    claims::ClaimsType,
    error::{IssueError, KeyError, RevokeError, VerifyError},
    format::Format,
    keyring::KeyRing,
    lifecycle::Issuer,
    revocation::Revocations,
    time::Timestamp,
};

mod bad;
mod claims;
mod heads;
mod payload;
mod texts;
mod workshop;

pub use bad::Bad;
use payload::Payload;
use workshop::Workshop;

/// A forger of bad tokens with the keys and the claims type of `issuer`.
///
/// A verifier must have the settings of the issuer: audience, limits, revocations. Its leeway is the type's, unless
/// [`Forge::leeway`] says another. Times are those of the issuer's clock.
///
/// # Example: a handler of one's own
/// ```
/// use session_runtime::{Claims, Issuer, Verifier, jwt::{EdDsa, Jwt}, testing};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
///     roles: Vec<String>,
/// }
///
/// /// The application under test: a status for what stands in `Authorization`.
/// fn handle(verifier: &Verifier<Access>, authorization: &str) -> u16 {
///     let Some(token) = authorization.strip_prefix("Bearer ") else { return 401 };
///     match verifier.verify_now(token) {
///         Ok(access) if access.roles.iter().any(|role| role == "admin") => 200,
///         Ok(_) => 403,
///         Err(error) if error.is_transient() => 503,
///         Err(_) => 401,
///     }
/// }
///
/// let ring = testing::fixed_ring::<Jwt<EdDsa>>()?;
/// let (issuer, verifier) = (Issuer::<Access, _>::new(&ring)?, Verifier::<Access>::new(&ring)?);
/// let admin = Access { user: "ada".into(), roles: vec!["admin".into()] };
///
/// // With nothing wrong it is let in, and with any one thing wrong it is not.
/// assert_eq!(handle(&verifier, &format!("Bearer {}", issuer.issue(&admin)?.token)), 200);
/// for bad in testing::forge(&issuer).every_bad_token(&admin)? {
///     assert_eq!(handle(&verifier, &format!("Bearer {}", bad.token)), 401, "{bad}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn forge<C: ClaimsType, F: FixedKeys>(issuer: &Issuer<C, F>) -> Forge<C, F> {
    Forge { issuer: issuer.clone(), leeway: None }
}

/// Makes bad tokens; see [`forge`].
pub struct Forge<C, F: Format> {
    issuer: Issuer<C, F>,
    leeway: Option<Duration>,
}

/// A token with one thing wrong. `Display` says what, and nothing of the token.
#[derive(Clone)]
#[non_exhaustive]
pub struct BadToken {
    /// What is wrong.
    pub bad: Bad,
    /// The claim that it is about, where it is about one.
    pub claim: Option<&'static str>,
    /// What a verifier has to answer.
    pub answer: Answer,
    /// The text.
    pub token: String,
}

/// What a verifier has to answer to a bad token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// [`VerifyError::Malformed`]
    Malformed,
    /// [`VerifyError::UnknownKey`]
    UnknownKey,
    /// [`VerifyError::BadSeal`]
    BadSeal,
    /// [`VerifyError::Claims`] with findings about this claim and no other.
    Claim(&'static str),
    /// [`VerifyError::Revoked`]
    Revoked,
}

/// Why a token was not made bad.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForgeError {
    /// The good token could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// It could not be revoked.
    #[error(transparent)]
    Revoke(#[from] RevokeError),
    /// Its key could not be declared compromised.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Answer {
    /// Whether this is the answer.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{error::VerifyError, testing::Answer};
    ///
    /// assert!(Answer::BadSeal.is(&VerifyError::BadSeal));
    /// assert!(!Answer::BadSeal.is(&VerifyError::UnknownKey));
    /// ```
    pub fn is(self, error: &VerifyError) -> bool {
        match (self, error) {
            (Self::Malformed, VerifyError::Malformed(_))
            | (Self::UnknownKey, VerifyError::UnknownKey)
            | (Self::BadSeal, VerifyError::BadSeal)
            | (Self::Revoked, VerifyError::Revoked) => true,
            (Self::Claim(name), VerifyError::Claims(errors)) => !errors.is_empty() && errors.iter().all(|error| error.claim == name),
            _ => false,
        }
    }
}

impl<C: ClaimsType, F: FixedKeys> Forge<C, F> {
    /// How far the verifier lets clocks differ, where that was set at start-up.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Some(leeway);
        self
    }

    /// Every bad token that this format and this claims type have, several of some kinds. [`Bad::Revoked`] and [`Bad::CompromisedKey`]
    /// are not among them: they need [`revoked`](Self::revoked) and [`compromised`](Self::compromised).
    ///
    /// `claims` are good ones; the forger changes what it needs.
    ///
    /// # Errors
    /// As [`Issuer::issue`], for the token that everything is made of.
    pub fn every_bad_token(&self, claims: &C::At<'_>) -> Result<Vec<BadToken>, IssueError> {
        let mut workshop = self.open(claims)?;
        workshop.forge_claims::<C>()?;
        workshop.forge_heads()?;
        workshop.forge_texts()?;
        Ok(workshop.made)
    }

    /// One bad token of a kind; `None` where format or type have no such thing. See [`every_bad_token`](Self::every_bad_token).
    ///
    /// # Errors
    /// As [`Issuer::issue`].
    ///
    /// # Example
    /// ```
    /// use session_runtime::{Claims, Issuer, Verifier, paseto::V4Local, testing::{self, Bad}};
    ///
    /// #[derive(Claims, Debug)]
    /// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// struct Access {
    ///     #[claim(sub)]
    ///     user: String,
    /// }
    ///
    /// let ring = testing::fixed_ring::<V4Local>()?;
    /// let forge = testing::forge(&Issuer::<Access, _>::new(&ring)?);
    /// let ada = Access { user: "ada".into() };
    /// let lasting = forge.token(Bad::LivesTooLong, &ada)?.unwrap();
    /// let error = Verifier::<Access>::new(&ring)?.verify_now(&lasting.token).unwrap_err();
    /// assert_eq!(error.to_string(), "claim `exp`: lives longer than 86400s");
    /// assert!(lasting.answer.is(&error));
    /// // A PASETO has no algorithm to swap.
    /// assert!(forge.token(Bad::AlgorithmSwapped, &ada)?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn token(&self, bad: Bad, claims: &C::At<'_>) -> Result<Option<BadToken>, IssueError> {
        Ok(self.every_bad_token(claims)?.into_iter().find(|token| token.bad == bad))
    }

    /// A token that was good until it was revoked just now. The issuer must have these revocations too
    /// ([`Issuer::with_revocations`]).
    ///
    /// # Errors
    /// [`ForgeError::Issue`], and [`ForgeError::Revoke`] when the log cannot be written.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{Claims, Issuer, Revocations, Verifier, jwt::{Es256, Jwt}, testing};
    /// use session_runtime::revocation::MemoryRevocations;
    ///
    /// #[derive(Claims, Debug)]
    /// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// struct Access {
    ///     #[claim(sub)]
    ///     user: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let ring = testing::fixed_ring::<Jwt<Es256>>()?;
    /// let revocations = Revocations::open(MemoryRevocations::new()?).await?;
    /// let issuer = Issuer::<Access, _>::new(&ring)?.with_revocations(&revocations).await?;
    /// let verifier = Verifier::<Access>::new(&ring)?.with_revocations(&revocations).await?;
    ///
    /// let bad = testing::forge(&issuer).revoked(&revocations, &Access { user: "ada".into() }).await?;
    /// assert!(bad.answer.is(&verifier.verify(&bad.token).await.unwrap_err()));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoked(&self, revocations: &Revocations, claims: &C::At<'_>) -> Result<BadToken, ForgeError> {
        let now = self.issuer.now();
        let issued = self.issuer.issue_at(claims, now)?;
        let workshop = self.workshop(now, &issued.token)?;
        let issuer = workshop.payload.value("iss").and_then(|json| serde_json::from_str::<String>(json).ok());
        revocations.revoke_token(issuer.as_deref(), issued.id.as_str(), issued.expires_at).await?;
        Ok(BadToken { bad: Bad::Revoked, claim: None, answer: Answer::Revoked, token: issued.token })
    }

    /// A token that was good until its key was declared compromised just now. The ring signs with a fresh key from then on.
    ///
    /// # Errors
    /// [`ForgeError::Issue`], and [`ForgeError::Key`] when the key has no name or the ring cannot be changed.
    pub async fn compromised(&self, ring: &KeyRing<F>, claims: &C::At<'_>) -> Result<BadToken, ForgeError> {
        let issued = self.issuer.issue_at(claims, self.issuer.now())?;
        let key_id = issued.key_id.ok_or(KeyError::NotForThisRing("only a key with a name can be declared compromised"))?;
        ring.compromise(&key_id).await?;
        Ok(BadToken { bad: Bad::CompromisedKey, claim: None, answer: Answer::Revoked, token: issued.token })
    }

    fn open(&self, claims: &C::At<'_>) -> Result<Workshop<F>, IssueError> {
        let now = self.issuer.now();
        let issued = self.issuer.issue_at(claims, now)?;
        self.workshop(now, &issued.token)
    }

    fn workshop(&self, now: Timestamp, token: &str) -> Result<Workshop<F>, IssueError> {
        let tools = self.issuer.tools(now).ok_or(KeyError::SealFailed)?;
        let bytes = tools.payload(token).ok_or(KeyError::SealFailed)?;
        let payload = Payload::read(&bytes).ok_or(KeyError::SealFailed)?;
        let leeway = self.leeway.unwrap_or(tools.policy.leeway);
        Ok(Workshop { tools, token: token.to_owned(), bytes, payload, now, leeway, made: Vec::new() })
    }
}

impl<C, F: Format> Clone for Forge<C, F> {
    fn clone(&self) -> Self {
        Self { issuer: self.issuer.clone(), leeway: self.leeway }
    }
}

impl<C, F: Format> fmt::Debug for Forge<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forge").field("format", &F::NAME).finish_non_exhaustive()
    }
}

/// Without the token, whose claims may be an application's real ones.
impl fmt::Debug for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadToken").field("bad", &self.bad).field("claim", &self.claim).field("answer", &self.answer).finish_non_exhaustive()
    }
}

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.claim {
            Some(claim) => write!(f, "{}: `{claim}`", self.bad),
            None => self.bad.fmt(f),
        }
    }
}
