//! The manual: prose with examples that run.
//!
//! - [`attributes`]: every word of `#[claims(…)]` and `#[claim(…)]`, one by one.
//! - [`rings`]: how keys begin and end, in one process and on many nodes.
//! - [`revocation`]: refusing tokens before they expire, the bound that holds whatever fails, and what an operator sees.
//! - [`web`]: tokens in HTTP requests, with axum, tower and tonic.
//! - [`cookbook`]: roles, tenants, scopes, nested and optional claims, checks, versions, tokens of others.

#[doc = include_str!("../manual/attributes.md")]
pub mod attributes {}

#[doc = include_str!("../manual/rings.md")]
pub mod rings {}

#[doc = include_str!("../manual/revocation.md")]
pub mod revocation {}

// Without the feature there is nothing that its examples could be compiled against.
#[cfg_attr(feature = "axum", doc = include_str!("../manual/web.md"))]
#[cfg_attr(not(feature = "axum"), doc = "Tokens in HTTP requests: this chapter is there with the feature `axum`.")]
pub mod web {}

#[doc = include_str!("../manual/cookbook.md")]
pub mod cookbook {}
