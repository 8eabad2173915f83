//! Why a token was not accepted: the client must act, or for [`Unavailable`] the operator.

use std::time::Duration;

use super::ClaimErrors;

/// Why a token was not accepted.
///
/// `Claims` and `Revoked` for a token are only ever returned after the token's seal was checked: before that, a token's text
/// is an attacker's text and shapes no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not a token that this verifier could accept: wrong shape, too long, a header that is refused. The client's mistake.
    #[error("malformed token: {0}")]
    Malformed(Malformed),
    /// No accepted ring has the key that the token names, or the key has retired. The client must log in again.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The signature or authentication tag does not fit. The client's mistake, or an attack.
    #[error("the token's seal does not fit")]
    BadSeal,
    /// The seal is good and the claims are not acceptable, each reason listed. The client must get another token.
    #[error("{0}")]
    Claims(ClaimErrors),
    /// The token, its subject, its key or everything was revoked. The client must log in again.
    #[error("revoked")]
    Revoked,
    /// The question cannot be answered now: a store is out of reach or a key is suspended. The operator must act;
    /// clients get 503 and keep their credentials.
    #[error("cannot decide now: {0}")]
    Unavailable(Unavailable),
}

/// What about a token's shape was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than the verifier reads.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The verifier's limit in bytes.
        limit: usize,
    },
    /// Not the compact form of any accepted format.
    #[error("not a token of an accepted format")]
    Shape,
    /// A part is not strict base64url (RFC 7515 §2: no padding, no white space, no second spelling of a value).
    #[error("not base64url")]
    Encoding,
    /// The JOSE header or the PASETO footer is not the small flat JSON object that it has to be.
    #[error("unreadable header or footer")]
    Header,
    /// The header asks for something that is refused by name: `crit`, an embedded or linked key, `zip`, `b64`, a nested token.
    #[error("the header asks for what is never accepted")]
    RefusedHeader,
    /// The header's algorithm is not the key's own (RFC 8725 §3.1).
    #[error("the header's algorithm is not the key's")]
    Algorithm,
    /// The sealed payload is not one strict JSON object within the limits.
    #[error("the payload is not an acceptable JSON object")]
    Payload,
}

/// What kept a verifier from answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// What is known of revocations is older than the allowed staleness.
    #[error("revocations were last known {age:?} ago, at most {allowed:?} is allowed")]
    StaleRevocations {
        /// How old the local set is.
        age: Duration,
        /// How old it may be.
        allowed: Duration,
    },
    /// The verifier, or this call, is strict, and the log did not answer the question of this request in time. `verify_now` cannot ask.
    #[error("the revocation log was not asked, or did not answer in time")]
    UnconfirmedRevocations,
    /// The revocation log has lost its data, this node knows nothing from before, and those who do have not told yet.
    #[error("the revocation log is being told again what it lost, for another {for_another:?} at most")]
    RecoveringRevocations {
        /// When tokens from before are judged again.
        for_another: Duration,
    },
    /// This machine's time of day is not the store's: one of them is wrong, and a token that expired could pass for a living one.
    #[error("the clock differs from the revocation store's by {seconds} s")]
    ClockSkew {
        /// How far this machine is ahead, in seconds; negative when it is behind.
        seconds: i64,
    },
    /// The token should have expired before the time that this machine's clock has already shown: it was set back since.
    #[error("the clock was set back to before the token expired, and its revocation may be forgotten")]
    ClockSetBack,
    /// The keys are older than allowed: their store could not be read, and a key in other hands could have been missed.
    #[error("keys were last read {age:?} ago, at most {allowed:?} is allowed")]
    StaleKeys {
        /// How old they are.
        age: Duration,
        /// How old they may be.
        allowed: Duration,
    },
    /// The key is suspended and may come back.
    #[error("the token's key is suspended")]
    SuspendedKey,
}

impl VerifyError {
    /// Whether the same token may be accepted later without anybody changing it: the answer for a client is then 503, not 401.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// The value of `WWW-Authenticate` for a refused token, or `None` where the answer is not 401 (RFC 6750 §3).
    ///
    /// It is the same text for every cause, so that a client learns nothing from it (ASVS 16.5.1).
    pub fn challenge(&self) -> Option<&'static str> {
        (!self.is_transient()).then_some(r#"Bearer error="invalid_token""#)
    }
}
