//! The few answers that a client can get, as data: the same bytes for every cause.

use ::http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};

use super::{HeaderFault, Refusal};
use crate::{error::VerifyError, limits};

/// What a client is told that is not let in: one of five answers.
///
/// A value of it is the whole answer, so two causes with the same value cannot be told apart from outside.
///
/// # Example: a framework of your own
/// ```
/// use session_runtime::http::{Answer, Refusal};
///
/// let answer = Refusal::NoCredentials.answer();
/// let response: http::Response<String> = answer.response();
/// assert_eq!(response.status(), 401);
/// assert_eq!(response.headers()["www-authenticate"], "Bearer");
/// assert_eq!(response.headers()["cache-control"], "no-store");
/// assert_eq!(response.body(), "");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// 401 without an error code: the client has not tried (RFC 6750 §3.1).
    NoCredentials,
    /// 400: the header cannot be read.
    InvalidRequest,
    /// 401: get another token.
    InvalidToken,
    /// 403: this token will not do, a fresh one of the same rights neither.
    InsufficientScope(
        /// What the client would need, as the answer tells it; see [`Guard::SCOPE`](super::Guard::SCOPE).
        Option<&'static str>,
    ),
    /// 503: the same token may be good in [`limits::RETRY_AFTER`]. Clients keep their credentials, and nothing in the answer
    /// tells them to drop them.
    Unavailable,
}

impl Answer {
    /// The answer to a refusal: the one place that decides it.
    pub fn to(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NoCredentials => Self::NoCredentials,
            Refusal::Header(HeaderFault::TooLong { .. }) => Self::InvalidToken,
            Refusal::Header(HeaderFault::Several | HeaderFault::Syntax) => Self::InvalidRequest,
            Refusal::Token(error) => Self::to_token(error),
            Refusal::NotAllowed { scope } => Self::InsufficientScope(*scope),
        }
    }

    fn to_token(error: &VerifyError) -> Self {
        match error {
            // Written out, so that a new cause has to be sorted.
            VerifyError::Malformed(_) | VerifyError::UnknownKey | VerifyError::BadSeal | VerifyError::Claims(_) | VerifyError::Revoked => {
                Self::InvalidToken
            }
            VerifyError::Unavailable(_) => Self::Unavailable,
        }
    }

    /// The status.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::NoCredentials | Self::InvalidToken => 401,
            Self::InsufficientScope(_) => 403,
            Self::Unavailable => 503,
        }
    }

    /// The error code of RFC 6750 §3.1, and for 503 that of RFC 6749 §4.1.2.1. `None` without credentials.
    pub fn error(self) -> Option<&'static str> {
        match self {
            Self::NoCredentials => None,
            Self::InvalidRequest => Some("invalid_request"),
            Self::InvalidToken => Some("invalid_token"),
            Self::InsufficientScope(_) => Some("insufficient_scope"),
            Self::Unavailable => Some("temporarily_unavailable"),
        }
    }

    /// The body: the error code as JSON, or nothing where there is none.
    pub fn body(self) -> &'static str {
        match self {
            Self::NoCredentials => "",
            Self::InvalidRequest => r#"{"error":"invalid_request"}"#,
            Self::InvalidToken => r#"{"error":"invalid_token"}"#,
            Self::InsufficientScope(_) => r#"{"error":"insufficient_scope"}"#,
            Self::Unavailable => r#"{"error":"temporarily_unavailable"}"#,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3); `None` for 503, which is no question of credentials.
    pub fn challenge(self) -> Option<HeaderValue> {
        let fixed = match self {
            Self::NoCredentials => "Bearer",
            Self::InvalidRequest => r#"Bearer error="invalid_request""#,
            Self::InvalidToken => r#"Bearer error="invalid_token""#,
            Self::InsufficientScope(None) => r#"Bearer error="insufficient_scope""#,
            Self::InsufficientScope(Some(scope)) => {
                // A guard's scope is checked when it is compiled, so it is always a header's text.
                let value = HeaderValue::try_from(format!(r#"Bearer error="insufficient_scope", scope="{scope}""#));
                return value.ok().or_else(|| Self::InsufficientScope(None).challenge());
            }
            Self::Unavailable => return None,
        };
        Some(HeaderValue::from_static(fixed))
    }

    /// The whole answer.
    pub fn response<B: From<&'static str>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body()));
        *response.status_mut() = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let headers = response.headers_mut();
        // An answer to one person's request; a cache that kept a 503 would go on refusing (RFC 9111 §3.5 covers requests with
        // `Authorization` alone).
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.challenge() {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if self == Self::Unavailable {
            headers.insert(RETRY_AFTER, HeaderValue::from(limits::RETRY_AFTER.as_secs()));
        }
        if self.error().is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Unavailable;

    /// Two places know the challenge: the error, for programs without the feature, and the answer.
    #[test]
    fn the_error_and_the_answer_agree() {
        for error in [VerifyError::Revoked, VerifyError::BadSeal, VerifyError::Unavailable(Unavailable::SuspendedKey)] {
            let answer = Refusal::from(error.clone()).answer();
            assert_eq!(answer.challenge(), error.challenge().map(HeaderValue::from_static));
            assert_eq!(answer.status() == 503, error.is_transient());
        }
    }

    #[test]
    fn a_scope_is_told() {
        let answer = Answer::InsufficientScope(Some("orders:write orders:read"));
        assert_eq!(answer.challenge().unwrap(), r#"Bearer error="insufficient_scope", scope="orders:write orders:read""#);
        assert_eq!(answer.body(), Answer::InsufficientScope(None).body());
    }
}
