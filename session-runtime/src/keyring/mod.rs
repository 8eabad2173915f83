//! Key rings: which keys there are, which one signs, which ones verify, and how they are stored.
//!
//! A key ring promises that a rotation never refuses a token that should still be good and never accepts one that should not
//! be; and that a store that cannot be read never leads to a new key.

mod builder;
mod export;
mod import;
mod info;
mod jwks;
mod paserk;
mod public;
mod record;
mod ring;
mod secret;
mod source;
mod state;
pub mod store;
mod stored;
mod timing;
mod verifying;
mod wrap;

pub use crate::crypto::{Argon2Cost, Pbkdf2Cost, Thumbprint, ThumbprintHash};
pub use builder::KeyRingBuilder;
pub use import::Key;
pub use info::KeyInfo;
pub use jwks::Jwks;
pub use public::PublicKey;
pub use record::{KeyRecord, StoredRing};
pub use ring::{Compromised, KeyRing, Rotated};
pub use secret::{SecretBytes, SecretText};
pub use source::Keys;
#[cfg(feature = "testing")]
pub(crate) use source::Material;
pub(crate) use source::{RingKey, Snapshot, Source};
pub use state::KeyState;
pub(crate) use state::elect;
#[cfg(feature = "postgres")]
pub use store::PostgresKeys;
#[cfg(feature = "redis")]
pub use store::RedisKeys;
#[cfg(feature = "sqlite")]
pub use store::SqliteKeys;
pub use store::{FileKeys, KeyStore, MemoryKeys, Writers};
pub use timing::Timing;
pub use verifying::{PublicKeys, VerifyingKeys};
pub use wrap::{KeyWrap, LocalKek, PlaintextKeys};
