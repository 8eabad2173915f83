//! What can go wrong, sorted by who must act: the client (token errors), the operator (stores), the programmer (configuration).
//!
//! Messages name a claim, a key id or a rule. They never contain key material, a token, or text from an unchecked token.

use std::{fmt, time::Duration};

use crate::{ids::KeyId, time::Timestamp};

/// Why a token was not accepted.
///
/// `Claims` and `Revoked` for a token are only ever returned after the token's seal was checked: before that, a token's text
/// is an attacker's text and shapes no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not a token that this verifier could accept: wrong shape, too long, a header that is refused. The client's mistake.
    #[error("malformed token: {0}")]
    Malformed(Malformed),
    /// No accepted ring has the key that the token names, or the key has retired. The client must log in again.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The signature or authentication tag does not fit. The client's mistake, or an attack.
    #[error("the token's seal does not fit")]
    BadSeal,
    /// The seal is good and the claims are not acceptable, each reason listed. The client must get another token.
    #[error("{0}")]
    Claims(ClaimErrors),
    /// The token, its subject, its key or everything was revoked. The client must log in again.
    #[error("revoked")]
    Revoked,
    /// The question cannot be answered now: a store is out of reach or a key is suspended. The operator must act;
    /// clients get 503 and keep their credentials.
    #[error("cannot decide now: {0}")]
    Unavailable(Unavailable),
}

/// What about a token's shape was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than the verifier reads.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The verifier's limit in bytes.
        limit: usize,
    },
    /// Not the compact form of any accepted format.
    #[error("not a token of an accepted format")]
    Shape,
    /// A part is not strict base64url (RFC 7515 §2: no padding, no white space, no second spelling of a value).
    #[error("not base64url")]
    Encoding,
    /// The JOSE header or the PASETO footer is not the small flat JSON object that it has to be.
    #[error("unreadable header or footer")]
    Header,
    /// The header asks for something that is refused by name: `crit`, an embedded or linked key, `zip`, `b64`, a nested token.
    #[error("the header asks for what is never accepted")]
    RefusedHeader,
    /// The header's algorithm is not the key's own (RFC 8725 §3.1).
    #[error("the header's algorithm is not the key's")]
    Algorithm,
    /// The sealed payload is not one strict JSON object within the limits.
    #[error("the payload is not an acceptable JSON object")]
    Payload,
}

/// What kept a verifier from answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// What is known of revocations is older than the allowed staleness.
    #[error("revocations were last known {age:?} ago, at most {allowed:?} is allowed")]
    StaleRevocations {
        /// How old the local set is.
        age: Duration,
        /// How old it may be.
        allowed: Duration,
    },
    /// The key is suspended and may come back.
    #[error("the token's key is suspended")]
    SuspendedKey,
}

impl VerifyError {
    /// Whether the same token may be accepted later without anybody changing it: the answer for a client is then 503, not 401.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// The value of `WWW-Authenticate` for a refused token, or `None` where the answer is not 401 (RFC 6750 §3).
    ///
    /// It is the same text for every cause, so that a client learns nothing from it (ASVS 16.5.1).
    pub fn challenge(&self) -> Option<&'static str> {
        (!self.is_transient()).then_some(r#"Bearer error="invalid_token""#)
    }
}

/// Every claim of one token that was not acceptable, in the order in which they were judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimErrors(Vec<ClaimError>);

impl ClaimErrors {
    /// Records one more.
    pub(crate) fn push(&mut self, claim: &'static str, problem: Problem) {
        self.0.push(ClaimError { claim, problem });
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The single findings.
    pub fn iter(&self) -> std::slice::Iter<'_, ClaimError> {
        self.0.iter()
    }

    /// The finding about one claim.
    pub fn find(&self, claim: &str) -> Option<&Problem> {
        self.0.iter().find(|error| error.claim == claim).map(|error| &error.problem)
    }
}

impl<'a> IntoIterator for &'a ClaimErrors {
    type Item = &'a ClaimError;
    type IntoIter = std::slice::Iter<'a, ClaimError>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ClaimErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

/// One claim and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim `{claim}`: {problem}")]
pub struct ClaimError {
    /// The name of the claim on the wire. It is a name that the claims type or the policy knows, never one that a token brought.
    pub claim: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with one claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Required and not there.
    #[error("missing")]
    Missing,
    /// There, and not of the type that it has to be. Malformed is never read as absent (CVE-2026-25537).
    #[error("not {expected}")]
    Mistyped {
        /// What it has to be, in words.
        expected: &'static str,
    },
    /// There twice (RFC 7519 §4: names must be unique; readers differ in which one wins).
    #[error("there twice")]
    Duplicate,
    /// There, and the type declares none.
    #[error("unexpected")]
    Unexpected,
    /// Not the issuer that the key speaks for.
    #[error("not the expected issuer")]
    WrongIssuer,
    /// None of the expected audiences.
    #[error("not meant for this audience")]
    WrongAudience,
    /// A token of another type (RFC 8725 §3.11).
    #[error("a token of another type")]
    WrongType,
    /// Dead since this moment; a token is dead *at* its `exp` (RFC 7519 §4.1.4).
    #[error("expired at {at}")]
    Expired {
        /// The token's own `exp`.
        at: Timestamp,
    },
    /// Not yet good.
    #[error("not before {at}")]
    NotYet {
        /// The token's own `nbf`.
        at: Timestamp,
    },
    /// From the future.
    #[error("issued in the future, at {at}")]
    FromTheFuture {
        /// The token's own `iat`.
        at: Timestamp,
    },
    /// Lives longer than its type or its ring allows.
    #[error("lives longer than {limit:?}")]
    LivesTooLong {
        /// The longest life allowed.
        limit: Duration,
    },
    /// Issued outside the time in which the key signed.
    #[error("issued when its key did not sign")]
    OutsideKeyWindow,
    /// Refused by a check of the claims type.
    #[error("{0}")]
    Rejected(&'static str),
}

/// Why a token could not be issued. The programmer must act, except for `Key` and `Clock`.
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
    /// A token length limit outside its bounds.
    #[error("a token length of {found} is out of bounds: 1 to {cap} bytes")]
    TokenLength {
        /// What was asked for.
        found: usize,
        /// The largest that is allowed.
        cap: usize,
    },
    /// The revocation log could not take note of how long these tokens live.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a key, or a key ring, could not be used. The operator must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key breaks a rule and was not loaded.
    #[error("key{} refused: {rule}", match key_id { Some(id) => format!(" `{id}`"), None => String::new() })]
    Refused {
        /// The key's name, where it has one.
        key_id: Option<KeyId>,
        /// The rule that it breaks.
        rule: KeyRule,
    },
    /// The ring holds no such key.
    #[error("the ring holds no key `{0}`")]
    NoSuchKey(KeyId),
    /// Two keys of one name; a key id must pick one key.
    #[error("key id `{0}` is there twice")]
    DuplicateKeyId(KeyId),
    /// No key may sign now: every key has retired, is suspended or compromised.
    #[error("the ring `{ring}` has no key that may sign now")]
    NoSigningKey {
        /// The name of the ring.
        ring: String,
    },
    /// The operation is not for this ring.
    #[error("{0}")]
    NotForThisRing(&'static str),
    /// The stored private half could not be unwrapped: a wrong key-encryption key, or a changed file.
    #[error("private half of key `{0}` cannot be unwrapped: wrong key-encryption key, or the record was changed")]
    CannotUnwrap(KeyId),
    /// A parameter of the ring is out of bounds.
    #[error("{setting} of {found:?} is out of bounds: {rule}")]
    OutOfBounds {
        /// The name of the setting.
        setting: &'static str,
        /// What was asked for.
        found: Duration,
        /// The rule in words.
        rule: &'static str,
    },
    /// The system gave no random bytes. There is no fallback (CVE-2025-66630).
    #[error("the system's random source failed")]
    NoRandomness,
    /// The cryptographic library refused to seal. It never does for a key that passed its checks.
    #[error("the key could not seal")]
    SealFailed,
    /// The key store failed; this is never read as "the ring is empty".
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The rules that keys are checked against when they are loaded. None of them prints material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRule {
    /// Not readable as what it was given as.
    #[error("not readable as {0}")]
    Unreadable(&'static str),
    /// A key of another family, curve or purpose than the format's.
    #[error("a key for {wanted} is needed")]
    WrongKind {
        /// What the format needs, in words.
        wanted: &'static str,
    },
    /// A secret that is too short (RFC 7518 §3.2).
    #[error("the secret has {found} bytes, at least {least} are needed")]
    TooShort {
        /// Its length in bytes.
        found: usize,
        /// The least length in bytes.
        least: usize,
    },
    /// A secret with fewer than eight distinct byte values is no random secret.
    #[error("the secret has fewer than 8 distinct byte values and is not random")]
    NotRandom,
    /// Text that parses as a public key was given as a secret (CVE-2015-9235 and its many sisters).
    #[error("the secret is the text of a key, which others may know")]
    SecretIsKeyText,
    /// An RSA modulus outside 2048 to 8192 bits.
    #[error("the RSA modulus has {bits} bits, 2048 to 8192 are allowed")]
    RsaSize {
        /// Its size in bits.
        bits: usize,
    },
    /// An RSA exponent that is even or below 65537.
    #[error("the RSA exponent must be odd and at least 65537")]
    RsaExponent,
    /// Not a point of the curve, or not in its one canonical form.
    #[error("not a valid point of the curve")]
    InvalidPoint,
    /// A point of small order: signatures under it hold for any message.
    #[error("a weak point of the curve")]
    WeakPoint,
    /// The private half does not belong to the public half.
    #[error("private and public halves do not belong together")]
    HalvesDiffer,
    /// `use`, `key_ops` or `alg` of the JWK forbid what it is wanted for (RFC 7517 §4.2 to §4.4).
    #[error("its own `{0}` forbids this use")]
    Forbidden(&'static str),
    /// A public half was given where the private half is needed.
    #[error("the private half is needed")]
    NoPrivateHalf,
    /// A freshly loaded key pair did not verify its own signature.
    #[error("the self-test failed")]
    SelfTest,
    /// The key id is empty or longer than 256 bytes.
    #[error("its key id is empty or longer than 256 bytes")]
    KeyId,
}

/// Why a revocation is not on record. The programmer must act, except for `Store`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// The token has no `jti`, so it cannot be told from others. Revoke its subject.
    #[error("the token has no `jti` and cannot be revoked alone: revoke its subject")]
    NoTokenId,
    /// The token has no `sub`. Revoke the token alone.
    #[error("the token has no `sub`: revoke the token alone")]
    NoSubject,
    /// The store did not acknowledge the entry. This node refuses the credential all the same, and sends the entry again; other
    /// nodes, and this one after a restart, do not know of it yet.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A store could not do what it was asked. The operator must act. It never stands for "nothing there".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading failed, or what was read cannot be understood.
    #[error("{store} cannot be read: {reason}")]
    Unreadable {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What went wrong; an error of the system or of the store's library, never a stored value.
        reason: String,
    },
    /// Writing failed and nothing was changed.
    #[error("{store} was not changed: {reason}")]
    NotApplied {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// Whether the write took place is not known.
    #[error("whether {store} was changed is not known: {reason}")]
    Unknown {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// Somebody else changed the record first.
    #[error("{store} was changed by somebody else")]
    Conflict {
        /// Which store, by a name of ours.
        store: &'static str,
    },
    /// Another process holds the store.
    #[error("{store} is held by another process")]
    Held {
        /// Which store, by a name of ours.
        store: &'static str,
    },
    /// The store was written by a newer version of this library.
    #[error("{store} has version {found}, this library reads up to {known}: upgrade it")]
    NewerVersion {
        /// Which store, by a name of ours.
        store: &'static str,
        /// The version found.
        found: u64,
        /// The newest version known.
        known: u64,
    },
}
