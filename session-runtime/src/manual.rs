//! The manual: prose with examples that run.
//!
//! - [`attributes`]: every word of `#[claims(…)]` and `#[claim(…)]`, one by one.
//! - [`rings`]: how keys begin and end, in one process and on many nodes.
//! - [`cookbook`]: roles, tenants, scopes, nested and optional claims, checks, versions, tokens of others.

#[doc = include_str!("../manual/attributes.md")]
pub mod attributes {}

#[doc = include_str!("../manual/rings.md")]
pub mod rings {}

#[doc = include_str!("../manual/cookbook.md")]
pub mod cookbook {}
