//! Key rings: which keys there are, which one signs, which ones verify, and how they are stored.
//!
//! A key ring promises that a rotation never refuses a token that should still be good and never accepts one that should not
//! be; and that a store that cannot be read never leads to a new key.

mod address;
mod awaited;
mod builder;
mod export;
#[cfg(feature = "cli")]
mod handed;
mod health;
mod import;
mod info;
mod jwks;
mod keeper;
mod kek_chain;
mod missing;
mod paserk;
mod plan;
mod provider;
mod public;
mod reading;
mod record;
#[cfg(feature = "jwks-client")]
pub mod remote;
mod representation;
mod rewrap;
mod ring;
mod schedule;
mod secret;
mod siblings;
mod simulate;
mod source;
mod state;
pub mod store;
mod stored;
mod timing;
mod verifying;
mod withdraw;
mod wrap;
mod writer;

pub use crate::crypto::{Argon2Cost, Pbkdf2Cost, Thumbprint, ThumbprintHash};
pub(crate) use awaited::{Absent, End};
pub use builder::KeyRingBuilder;
pub use health::{Health, Trouble};
pub use import::Key;
pub use info::KeyInfo;
pub use jwks::Jwks;
pub use keeper::Keeper;
pub use kek_chain::KekChain;
pub use plan::{Event, Plan, Step};
pub use provider::{ProviderMetadata, ProviderMetadataBuilder};
pub use public::PublicKey;
pub use record::{KeyRecord, StoredRing};
#[cfg(feature = "jwks-client")]
pub use remote::RemoteJwks;
pub use representation::Representation;
pub use rewrap::Rewrapped;
pub use ring::{KeyRing, Rotated};
#[cfg(feature = "testing")]
pub(crate) use schedule::signer;
pub use secret::{SecretBytes, SecretText};
pub use simulate::{Fleet, Simulation};
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
pub use withdraw::Compromised;
pub use wrap::{KeyWrap, LocalKek, PlaintextKeys};
pub use writer::Maintained;
