//! Why a token could not be issued, or an issuer or verifier not be built: the programmer must act.

use std::time::Duration;

use super::{ClaimErrors, FooterRule, KeyError, StoreError};
use crate::ids::KeyId;

/// Why a token could not be issued. The programmer must act, except for `Key` and `ClockSkew`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// A claim of the value to be issued contradicts its own type, or the policy.
    #[error("{0}")]
    Claims(ClaimErrors),
    /// A claim's own `Serialize` failed. Its message is not repeated, since it may hold the value.
    #[error("claim `{claim}` could not be written as JSON")]
    Unwritable {
        /// The name of the claim.
        claim: &'static str,
    },
    /// A claim's value is larger than a verifier reads, or has a name twice; see [`limits`](crate::limits).
    #[error(
        "claim `{claim}` is beyond what is read: strings of 4 KiB, 16 levels, 128 members unless `json_limits` says otherwise, and no name twice"
    )]
    BeyondLimits {
        /// The name of the claim.
        claim: &'static str,
    },
    /// The token would be longer than a verifier reads.
    #[error("the token would be {length} bytes long, at most {limit} are read")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// No key can sign now.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// This machine's clock is not the revocation store's: its tokens would outlive their revocations, or begin in the future. The operator
    /// must set one of the clocks right.
    #[error("the clock differs from the revocation store's by {seconds} s: set it right")]
    ClockSkew {
        /// How far this machine is ahead, in seconds; negative when it is behind.
        seconds: i64,
    },
}

/// Why a verifier or an issuer could not be built. The programmer must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither the claims type nor the builder says who issues. Say it, or say `no_issuer`.
    #[error("no issuer: write `issuer = \"…\"` or `no_issuer` on the claims type, or set it on the builder")]
    NoIssuer,
    /// Neither the claims type nor the builder says for whom. Say it, or say `no_audience`.
    #[error("no audience: write `audience = \"…\"` or `no_audience` on the claims type, or set it on the builder")]
    NoAudience,
    /// A verifier needs at least one ring.
    #[error("no key ring: call `accept` at least once")]
    NoKeys,
    /// Two accepted rings of one issuer and format hold keys of one name.
    #[error("key id `{0}` stands in two accepted rings of one issuer and format")]
    DuplicateKeyId(KeyId),
    /// The same keys are accepted for an issuer and for none, so that nobody knows whether their tokens have to name one.
    #[error("the same keys are accepted for an issuer and for none: build a verifier for each")]
    IssuerAndNone,
    /// The type may outlive what the ring promises to keep verifiable.
    #[error(
        "tokens of this type may live {wanted:?}, and the ring keeps its keys verifiable for tokens of at most {ring:?}: \
             lower `max_ttl` on the type or raise it on the ring"
    )]
    OutlivesRing {
        /// The longest life of the claims type.
        wanted: Duration,
        /// The `max_ttl` of the ring.
        ring: Duration,
    },
    /// A `never_expires` type on a ring that rotates: the key would be gone before the token.
    #[error("a type that never expires needs a ring that never rotates: build the ring with `non_rotating`")]
    NeverExpires,
    /// A type with several audiences and no `aud` field, on a ring of PASETO, whose tokens are for one audience.
    #[error("a PASETO is for one audience: name one on the issuer's builder, or give the type an `aud` field that says which")]
    SeveralAudiences,
    /// A setting outside its bounds.
    #[error("{setting} of {found:?} is out of bounds: {rule}")]
    OutOfBounds {
        /// The name of the setting.
        setting: &'static str,
        /// What was asked for.
        found: Duration,
        /// The rule in words.
        rule: &'static str,
    },
    /// One of the limits on JSON outside its bounds, see [`JsonLimits`](crate::limits::JsonLimits).
    #[error("a JSON limit `{limit}` of {found} is out of bounds: {least} to {most}")]
    JsonLimit {
        /// The name of the limit.
        limit: &'static str,
        /// What was asked for.
        found: usize,
        /// The smallest that is allowed.
        least: usize,
        /// The largest that is allowed.
        most: usize,
    },
    /// A token length limit outside its bounds.
    #[error("a token length of {found} is out of bounds: 1 to {cap} bytes")]
    TokenLength {
        /// What was asked for.
        found: usize,
        /// The largest that is allowed.
        cap: usize,
    },
    /// The longest token of the type is longer than a cookie, see [`IssuerBuilder::cookie`](crate::IssuerBuilder::cookie). Bound the
    /// claims more tightly, or choose a format with a shorter seal.
    #[error("tokens of this type may be {longest} bytes long, and a cookie of this name has room for {room}")]
    CookieTooSmall {
        /// The longest token, in bytes.
        longest: usize,
        /// What the name of the cookie leaves of 4096 bytes.
        room: usize,
    },
    /// A footer that may not be written, see [`Issuer::with_footer`](crate::Issuer::with_footer).
    #[error("the footer is refused: {0}")]
    Footer(#[from] FooterRule),
    /// The revocation log could not take note of how long these tokens live.
    #[error(transparent)]
    Store(#[from] StoreError),
}
