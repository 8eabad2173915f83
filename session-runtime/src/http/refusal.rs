//! Why a request is not let in, for the program; a stranger sees the [`Answer`](super::Answer) alone.

use super::{Answer, HeaderFault};
use crate::error::{Malformed, VerifyError};

/// Why a request is not let in.
///
/// The cause is for the program. What a client is told is its [`answer`](Self::answer), which is the same for many causes: do not send the
/// text of a refusal.
///
/// # Example
/// ```
/// use session_runtime::{error::VerifyError, http::{Answer, Refusal}};
///
/// let revoked = Refusal::from(VerifyError::Revoked);
/// assert_eq!(revoked.answer(), Answer::InvalidToken);
/// assert_eq!(revoked.answer(), Refusal::from(VerifyError::BadSeal).answer());
/// assert_eq!(Refusal::NoCredentials.answer().status(), 401);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There are no credentials, or those of another scheme. The client has to bring some.
    #[error("no credentials")]
    NoCredentials,
    /// The `Authorization` header cannot be read. The client's mistake.
    #[error("the header `authorization`: {0}")]
    Header(HeaderFault),
    /// The token is not accepted, or nobody knows now.
    #[error(transparent)]
    Token(VerifyError),
    /// The token is good, and a [`Guard`](super::Guard) does not allow its claims to do this.
    #[error("the claims do not allow this")]
    NotAllowed {
        /// The guard's [`SCOPE`](super::Guard::SCOPE).
        scope: Option<&'static str>,
    },
}

impl Refusal {
    /// What the client is told.
    pub fn answer(&self) -> Answer {
        Answer::to(self)
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        Self::Token(error)
    }
}

impl From<HeaderFault> for Refusal {
    fn from(fault: HeaderFault) -> Self {
        match fault {
            HeaderFault::TooLong { limit } => Self::Token(VerifyError::Malformed(Malformed::TooLong { limit })),
            fault => Self::Header(fault),
        }
    }
}
