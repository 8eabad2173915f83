//! What can go wrong, sorted by who must act: the client (token errors), the operator (keys and stores), the programmer (configuration).
//!
//! Messages name a claim, a key id or a rule. They never contain key material, a token, or text from an unchecked token.

mod address;
mod claim;
mod compromise;
mod footer;
mod issue;
mod key;
#[cfg(feature = "jwks-client")]
mod remote;
mod store;
mod verify;

pub use address::{AddressError, AddressRule};
pub use claim::{ClaimError, ClaimErrors, Problem};
pub use compromise::CompromiseError;
pub use footer::{FooterError, FooterRule};
pub use issue::{ConfigError, IssueError};
pub use key::{KeyError, KeyRule};
#[cfg(feature = "jwks-client")]
pub use remote::{DiscoveryFault, FetchFault, RemoteError};
pub use store::{RevokeError, StoreError};
pub use verify::{Malformed, Unavailable, VerifyError};
