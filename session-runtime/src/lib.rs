//! Typed session claims: annotate a struct, and issue and verify it as JWT or PASETO, with key rings, rotation and revocation.
//!
//! ```
//! use session_runtime::{Claims, Issuer, KeyRing, Verifier, jwt::{EdDsa, Jwt}};
//!
//! #[derive(Claims, Debug, PartialEq)]
//! #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
//! struct Access {
//!     #[claim(sub)]
//!     user: String,
//!     #[claim(rename = "org")]
//!     tenant: String,
//!     roles: Vec<String>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once, at start-up. For PASETO in place of JWT this one line says `KeyRing::<V4Local>`.
//! let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
//! let issuer = Issuer::<Access, _>::new(&ring)?;
//! let verifier = Verifier::<Access>::new(&ring)?;
//!
//! // At login.
//! let access = Access { user: "ada".into(), tenant: "acme".into(), roles: vec!["admin".into()] };
//! let issued = issuer.issue(&access)?;
//!
//! // On every request.
//! let verified = verifier.verify(&issued.token).await?;
//! assert_eq!(*verified, access);
//!
//! // A rotation: the old token is still good.
//! ring.rotate().await?;
//! assert!(verifier.verify(&issued.token).await.is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! # The way of a token
//!
//! ```text
//!             issue                                        verify
//!   struct ──▶ 1 claims written                1 shape and size ◀── text
//!              2 policy stamps                 2 which ring and key
//!              3 ring elects the key           3 seal checked
//!              4 format seals ──▶ text         4 one strict pass fills the struct
//!                                              5 policy judges: iss aud exp nbf iat
//!                                              6 the type's own checks
//!                                              7 revocation ──▶ Verified<C>
//! ```
//!
//! # Where to look
//!
//! - [`Claims`](macro@Claims): the words of the derive; [`manual::attributes`] has each with an example, [`manual::cookbook`] recipes.
//! - [`Issuer`] and [`Verifier`]: out and in. [`Verified`] has no public constructor; holding one is the proof.
//! - [`jwt`] and [`paseto`]: every format. [`Buffer`]: claims that borrow, verified without an allocation.
//! - [`KeyRing`]: the keys, their rotation and their stores; [`keyring::PublicKeys`] and [`keyring::VerifyingKeys`] for those who only verify.
//! - [`keyring::Key`] and [`keyring::PublicKey`]: one key, in and out as PEM, DER, JWK and PASERK, wrapped or in the open.
//! - [`keyring::Jwks`] and [`keyring::ProviderMetadata`]: what others read of us, as data for any web framework.
//! - [`Revocations`]: one token, one subject, one key, everything; memory and SQLite.
//! - [`emergency::compromise`]: a key is in other hands.
//! - `http`: a layer for tower and an extractor for axum (features `tower` and `axum`); [`manual::web`] shows both.
//! - [`telemetry`]: what is counted and measured about keys, by name.
//! - [`error`]: sorted by who must act. [`limits`]: every bound on input. [`testing`]: a clock that is moved by hand, and bad tokens of every kind.
//!
//! # Features
//!
//! - `sqlite` (on unless it is turned off): the revocation log and key rings in an SQLite file. Turn it off where both are kept
//!   elsewhere; it brings SQLite's C code.
//! - `postgres` (off): the revocation log and key rings in PostgreSQL. Turn it on where several nodes share them and have a database.
//! - `redis` (off): the revocation log and key rings in Redis or Valkey. Turn it on where several nodes share them and have one of these.
//! - `jwks-client` (off): the keys of other people's issuers, fetched over HTTPS and kept fresh, as `keyring::RemoteJwks`. Turn it on where
//!   tokens of others are verified; it brings an HTTP client and TLS.
//! - `tower` (off): a layer that checks the tokens of requests, for any service of tower's, in `http`. Turn it on behind a framework that has
//!   no feature of its own here, as tonic.
//! - `axum` (off): the extractor `Auth` for axum 0.8, and routes that publish keys, in `http::axum`. Turn it on in a web service.
//! - `metrics` (off): counters and gauges about rings and key sets for the crate `metrics`, see [`telemetry`]. Turn it on where somebody looks at them.
//! - `cli` (off): the `session` tool, which looks into tokens, verifies them, looks after keys and revokes. Turn it on with
//!   `cargo install --path session-runtime --features cli`; a service has no use for it.
//! - `testing` (off): rings of fixed keys, a forger of bad tokens and the promises of a key store, in [`testing`]. Turn it on in
//!   `[dev-dependencies]` only, since everybody knows these keys.
#![forbid(unsafe_code)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod claims;
mod crypto;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod database;
pub mod error;
mod files;
mod format;
mod future;
#[cfg(feature = "tower")]
pub mod http;
mod ids;
pub mod keyring;
mod lifecycle;
pub mod limits;
pub mod manual;
pub mod revocation;
mod swap;
pub mod telemetry;
pub mod testing;
pub mod time;
mod token;

/// What to do when a key is in other hands; see [`compromise`](emergency::compromise) and
/// [`manual::rings`](manual::rings#a-key-in-other-hands).
pub mod emergency {
    pub use crate::lifecycle::{Removed, compromise, compromise_with_successor};
}

/// Why a token is refused, check by check; see [`Verifier::verify_explain`].
pub mod explain {
    pub use crate::lifecycle::{Check, Explanation, Finding, Step};
}

pub use claims::{Audience, Claims};
pub use format::{Among, Asymmetric, Buffer, Carries, Format, JwkKeys, PaserkKeys, Paseto, PemKeys, Published, Symmetric, jwt, paseto};
pub use future::BoxFuture;
pub use ids::{KeyId, TokenId};
pub use keyring::KeyRing;
pub use lifecycle::{Given, Issuer, IssuerBuilder, NotAccepted, SigningKeys, Verifier, VerifierBuilder};
pub use revocation::Revocations;
pub use session_macros::Claims;
pub use time::{Clock, SystemClock, Timestamp};
pub use token::{Issued, Verified};
