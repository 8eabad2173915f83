//! Tokens in HTTP requests: reading the header, checking the token, and answers that tell a stranger nothing.
//!
//! [`RequireAuth`] is a layer around any service of tower's; with the feature `axum`, `http::axum` has the extractor `Auth`, and routes that
//! publish keys. Both are [`authenticate`] with a framework around it, and the order of steps stays where it is, in
//! [`Verifier::verify`](crate::Verifier::verify). The chapter [`manual::web`](crate::manual::web) shows them at work.
//!
//! # What is read
//!
//! The `Authorization` header alone, never a query and never a body (RFC 6750 §2.3 has the reasons). [`bearer`] has its rules.
//!
//! # What is answered
//!
//! | what happened | answer |
//! |---|---|
//! | no credentials, or those of another scheme | 401, `WWW-Authenticate: Bearer` |
//! | a token that is not accepted, whatever the cause | 401, `WWW-Authenticate: Bearer error="invalid_token"` |
//! | a header that cannot be read, or two of them | 400, `WWW-Authenticate: Bearer error="invalid_request"` |
//! | a good token that is not allowed to do this | 403, `WWW-Authenticate: Bearer error="insufficient_scope"`, with `scope` where the [`Guard`] names one |
//! | nobody knows now, since a store is out of reach | 503, `Retry-After` |
//!
//! The bytes of an answer are the same for every cause of its line (ASVS 16.5.1). The cause goes to operators: an event of `tracing` at
//! `debug` with a reason, the names of claims and the key id, never a value or a token; and a count by reason
//! ([`telemetry`](crate::telemetry)).

mod answer;
mod authenticate;
#[cfg(feature = "axum")]
pub mod axum;
mod bearer;
mod guard;
mod layer;
mod publish;
mod refusal;
mod report;
mod respond;

pub use answer::Answer;
pub use authenticate::{Authenticated, WebClaims, authenticate};
pub use bearer::{HeaderFault, bearer};
pub use guard::{Anyone, Guard, Strict};
pub use layer::{Authenticating, OptionalAuth, RequireAuth};
pub use publish::publish;
pub use refusal::Refusal;
pub use respond::{Grpc, Plain, Respond};
