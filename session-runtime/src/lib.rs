//! Typed session claims.
#![forbid(unsafe_code)]

extern crate self as session_runtime;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod claims;
// Called by formats and rings, which come next; the allowance goes away with them.
#[allow(dead_code, unused_imports, reason = "nothing calls the keys yet")]
mod crypto;
pub mod error;
mod ids;
pub mod limits;
pub mod revocation;
pub mod testing;
pub mod time;
mod token;

pub use claims::{Audience, Claims};
pub use ids::{KeyId, TokenId};
pub use revocation::Revocations;
pub use session_macros::Claims;
pub use time::{Clock, Timestamp};
pub use token::{Issued, Verified};
