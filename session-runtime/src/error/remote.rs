//! Why another issuer's keys were not read: the operator must act, or that issuer's.

use std::time::Duration;

use super::AddressError;

/// Why keys were not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The address may not be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A setting outside its bounds.
    #[error("{setting} is out of bounds: {rule}")]
    OutOfBounds {
        /// The name of the setting.
        setting: &'static str,
        /// The rule in words.
        rule: &'static str,
    },
    /// The certificates to trust are not PEM, or there are none; without any of the program's own, the machine has none.
    #[error("no usable root certificates, or TLS cannot be set up")]
    Tls,
    /// The issuer does not say where its keys are.
    #[error("the issuer's metadata: {0}")]
    Discovery(#[from] DiscoveryFault),
    /// The fetch failed; keys that were there before stay.
    #[error("the key set could not be read: {0}")]
    Fetch(#[from] FetchFault),
    /// The set was fetched as often as it may be within 30 s.
    #[error("the key set was fetched a moment ago, and may be again in {again_in:?}")]
    CoolingDown {
        /// From when the next fetch is allowed.
        again_in: Duration,
    },
}

/// What was wrong with an issuer's metadata (OpenID Connect Discovery 1.0 §4). Nothing of what it says is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryFault {
    /// It could not be read.
    #[error("could not be read: {0}")]
    Fetch(FetchFault),
    /// It is not an object with an `issuer` (§3), or one of the members that matter is there twice.
    #[error("not an issuer's metadata")]
    NotMetadata,
    /// Its `issuer` is not, letter for letter, the one that was asked (§4.3).
    #[error("of another issuer")]
    OtherIssuer,
    /// It has no `jwks_uri`.
    #[error("no `jwks_uri`")]
    NoKeySet,
}

/// What was wrong with a fetch. Nothing of what the other side sent is repeated, but the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchFault {
    /// No connection: no such host, refused, or a certificate that is not trusted.
    #[error("no connection")]
    Unreachable,
    /// The connection broke off, or what came over it is not HTTP.
    #[error("the connection broke off")]
    BrokenOff,
    /// It took longer than allowed.
    #[error("no answer within {allowed:?}")]
    TimedOut {
        /// How long it may take.
        allowed: Duration,
    },
    /// A redirect, which is never followed: it could lead anywhere inside the operator's network.
    #[error("a redirect ({status}), which is not followed")]
    Redirect {
        /// The status of the answer.
        status: u16,
    },
    /// A status other than 200, or 304 where nobody asked whether the set has changed.
    #[error("status {status}")]
    Status {
        /// The status of the answer.
        status: u16,
    },
    /// Longer than allowed.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Not a JWK set (RFC 7517 §5).
    #[error("not a JWK set")]
    NotASet,
    /// More keys than allowed.
    #[error("more than {limit} keys")]
    TooManyKeys {
        /// The limit.
        limit: usize,
    },
    /// Two keys of one name, or two without a name: which one is meant would be chance.
    #[error("two keys of one name")]
    DuplicateKeyId,
    /// No key that this format could verify with. An issuer without keys is a mistake of its operator's, and no reason to forget them.
    #[error("no key for this format")]
    NoKeys,
}
