//! What can be revoked, and by what it is named.

use super::{Keep, Revocations, Target};
use crate::{
    error::{RevokeError, StoreError},
    ids::KeyId,
    time::Timestamp,
    token::Verified,
};

impl Revocations {
    /// Revokes this token, and no other. Revoking it again does no harm.
    ///
    /// # Errors
    /// * [`RevokeError::NoTokenId`] when the token has no `jti`.
    /// * [`RevokeError::Store`] when it is not known to be on record; see the [type](Self) for what holds until it is.
    pub async fn revoke<C>(&self, token: &Verified<C>) -> Result<(), RevokeError> {
        let token_id = token.token_id().ok_or(RevokeError::NoTokenId)?;
        self.revoke_token(token.issuer(), token_id, token.expires_at()).await
    }

    /// Revokes the token of this issuer and `jti`; `expires_at` is its `exp`.
    ///
    /// Without `expires_at` the entry is kept for ever, because nobody knows when it is no longer needed.
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_token(&self, issuer: Option<&str>, token_id: &str, expires_at: Option<Timestamp>) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::token(issuer, token_id), Keep::for_token(expires_at)).await?)
    }

    /// Revokes every token that this token's issuer has given its subject so far: "log out everywhere".
    ///
    /// Tokens issued afterwards are good. On a node of a shared log, "afterwards" begins when that node has seen the entry; a token
    /// that it issues before is refused everywhere and the login has to be repeated.
    ///
    /// # Errors
    /// * [`RevokeError::NoSubject`] when the token has no `sub`.
    /// * [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_subject<C>(&self, token: &Verified<C>) -> Result<(), RevokeError> {
        let subject = token.subject().ok_or(RevokeError::NoSubject)?;
        self.revoke_subject_of(token.issuer(), subject).await
    }

    /// Ends this token's session, or family of refreshed tokens: every token of its issuer with its `sid`, whenever it was or will be issued.
    ///
    /// Tokens that a node goes on issuing for it are refused, too, for as long as the entry is kept: the longest life of a token from now on. Whoever
    /// still issues for it after that has to know himself which sessions have ended.
    ///
    /// # Errors
    /// * [`RevokeError::NoSession`] when the token has no `sid`.
    /// * [`RevokeError::Store`], as [`revoke`](Self::revoke).
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{Claims, Issuer, KeyRing, Revocations, Verifier, paseto::V4Local, revocation::MemoryRevocations};
    /// #[derive(Claims, Debug)]
    /// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    /// struct Access {
    ///     #[claim(sub)]
    ///     user: String,
    ///     #[claim(sid)]
    ///     session: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let ring = KeyRing::<V4Local>::generate()?;
    /// # let revocations = Revocations::open(MemoryRevocations::new()?).await?;
    /// let issuer = Issuer::<Access, _>::new(&ring)?.with_revocations(&revocations).await?;
    /// let verifier = Verifier::<Access>::new(&ring)?.with_revocations(&revocations).await?;
    /// let on = |device: &str| issuer.issue(&Access { user: "ada".to_owned(), session: device.to_owned() });
    ///
    /// let (phone, laptop) = (on("phone")?.token, on("laptop")?.token);
    /// revocations.revoke_session(&verifier.verify(&phone).await?).await?;
    /// assert!(verifier.verify(&phone).await.is_err());
    /// assert!(verifier.verify(&on("phone")?.token).await.is_err());
    /// assert!(verifier.verify(&laptop).await.is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoke_session<C>(&self, token: &Verified<C>) -> Result<(), RevokeError> {
        let session = token.session_id().ok_or(RevokeError::NoSession)?;
        self.revoke_session_of(token.issuer(), session).await
    }

    /// Ends a session of this issuer, as [`revoke_session`](Self::revoke_session).
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_session_of(&self, issuer: Option<&str>, session_id: &str) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::session(issuer, session_id), Keep::Horizon).await?)
    }

    /// Revokes every token of this issuer and subject so far, as [`revoke_subject`](Self::revoke_subject).
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_subject_of(&self, issuer: Option<&str>, subject: &str) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::subject(issuer, subject), Keep::Horizon).await?)
    }

    /// Revokes every token so far of every issuer that is attached to this log. Everybody has to log in again.
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_all(&self) -> Result<(), RevokeError> {
        Ok(self.log.revoke(Target::everything(), Keep::Horizon).await?)
    }

    /// Revokes every token under one key of one ring, whatever it says: on every node that shares the log within the
    /// [bound](Self::with_max_staleness), although its ring has not heard of it yet. It is the first step of
    /// [`emergency::compromise`](crate::emergency::compromise), which is what you want when a key is in other hands: this alone leaves the
    /// key in the ring, where it goes on signing tokens that are refused.
    ///
    /// `ring` is the name by which verifiers know the ring: what [`KeyRing::name`](crate::KeyRing::name) says for a stored one, the host for
    /// the keys of a `RemoteJwks`, and `imported` for keys that were read from text. A key without a name cannot be revoked.
    ///
    /// The entry is kept for ever, because whoever has the key can make tokens for ever. An older version of this library does not know
    /// this kind of entry and refuses to read a log that has one, so let every node have this version first.
    ///
    /// # Errors
    /// [`RevokeError::Store`], as [`revoke`](Self::revoke).
    pub async fn revoke_key(&self, ring: &str, key_id: &KeyId) -> Result<(), RevokeError> {
        Ok(self.log_key(ring, key_id).await?)
    }

    /// As [`revoke_key`](Self::revoke_key), with the only error that there can be.
    pub(crate) async fn log_key(&self, ring: &str, key_id: &KeyId) -> Result<(), StoreError> {
        self.log.revoke(Target::key(ring, key_id), Keep::KEY).await
    }
}
