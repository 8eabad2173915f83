//! Every bound on input, in one place, with its reason.

use std::time::Duration;

/// The longest token that is looked at, in bytes, unless the verifier is told otherwise (defaults: 8 KiB).
pub const TOKEN_LENGTH: usize = 8 * 1024;
/// The largest value that `TOKEN_LENGTH` may be raised to.
pub const TOKEN_LENGTH_CAP: usize = 64 * 1024;
/// How much JSON one payload may hold, where the token's own length does not decide.
///
/// # Example
/// ```
/// use session_runtime::limits::JsonLimits;
///
/// let wide = JsonLimits { members: 256, ..JsonLimits::DEFAULT };
/// assert_eq!((wide.depth, wide.string), (16, 4 * 1024));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// The deepest nesting of arrays and objects, the payload itself included.
    pub depth: usize,
    /// The most members of one object.
    pub members: usize,
    /// The longest string and the longest number, in bytes as written.
    pub string: usize,
}

impl JsonLimits {
    /// What holds unless a builder says otherwise. serde_json's own depth of 128 is a question of stack, ours is one of work.
    pub const DEFAULT: Self = Self { depth: 16, members: 128, string: 4 * 1024 };
    /// What the limits may be raised to: depth is recursion, and names of one object are compared each with each.
    pub const CAP: Self = Self { depth: 64, members: 1024, string: TOKEN_LENGTH_CAP };
}
/// The longest name and value of a cookie together, in bytes: browsers drop what is longer (RFC 6265bis §5.6).
pub const COOKIE: usize = 4096;
/// The longest key id that is looked up.
pub const KEY_ID: usize = 256;
/// The longest footer that an issuer adds to the key id, in bytes of JSON: it is for a handful of facts that are needed before the
/// token is opened, and every request carries it.
pub const FOOTER: usize = 1024;
/// The longest password of a key, in bytes: whoever hands over more has taken a file for a password.
pub const PASSWORD: usize = 4 * 1024;
/// The most memory that reading a key under a password may take, in bytes. The text of the key asks for it before anything is checked
/// (CVE-2023-6681 was such a count); this admits every official vector and libsodium's "moderate".
pub const ARGON2_MEMORY: u64 = 256 * 1024 * 1024;
/// The most passes over that memory: libsodium's dearest setting has four.
pub const ARGON2_PASSES: u32 = 10;
/// The most iterations of PBKDF2: five times what OWASP advises for SHA-512, so that there is room to grow.
pub const PBKDF2_ITERATIONS: u32 = 1_000_000;
/// The largest number that stands for a time: above it a JSON number is no longer exact (RFC 8259 §6).
pub const NUMERIC_DATE: i64 = 1 << 53;
/// The longest RFC 3339 text that is parsed (RUSTSEC-2026-0009 was a parser without such a limit).
pub const DATE_TEXT: usize = 40;

/// How far clocks may differ by default.
pub const LEEWAY: Duration = Duration::from_secs(30);
/// The largest leeway that a verifier may set ("no more than a few minutes", RFC 7519 §4.1.4).
pub const LEEWAY_CAP: Duration = Duration::from_secs(300);
/// The longest life of a token, unless its type says otherwise: it bounds every revocation entry.
pub const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// How far the clocks of revoker, store and verifier may differ before an entry could be pruned early.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// The most that a ring may allow the clocks of its nodes to differ.
pub const CLOCK_SKEW_CAP: Duration = Duration::from_secs(600);
/// How much longer than its token a revocation is kept: the most patient verifier's leeway, not the revoker's own, and the clocks.
pub const REVOCATION_MARGIN: Duration = Duration::from_secs(LEEWAY_CAP.as_secs().saturating_add(CLOCK_SKEW.as_secs()));
/// How old the local set of revocations may be.
pub const MAX_STALENESS: Duration = Duration::from_secs(15);
/// How often a shared revocation log is read, unless it is told otherwise.
pub const POLL: Duration = Duration::from_millis(500);
/// How long a strict request waits for the revocation log.
pub const STRICT_DEADLINE: Duration = Duration::from_millis(50);
/// How long a whole reading of a revocation log may take, for stores that keep no deadlines of their own: a million entries over a slow link.
pub const LOG_READ: Duration = Duration::from_secs(60);
/// What a client is told to wait that gets a 503. A store that is back is noticed within a second ([`POLL`]), and a failover of one takes
/// some; the same for everybody, so that the answer is.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How far a node's time of day may be from its store's before operators are told.
pub const CLOCK_SKEW_WARNING: Duration = Duration::from_secs(30);

/// The longest JWK set that is read from another's address, in bytes: room for 64 RSA keys of 4096 bits with their certificates.
pub const REMOTE_SET: usize = 256 * 1024;
/// The most keys of such a set, whatever they are for.
pub const REMOTE_KEYS: usize = 64;
/// How long a fetch of such a set may take, from the name's look-up to the last byte.
pub const REMOTE_TIMEOUT: Duration = Duration::from_secs(10);
/// How old such keys may be before nothing more is verified with them: what Microsoft's libraries allow the last good configuration.
pub const REMOTE_MAX_STALE: Duration = Duration::from_secs(60 * 60);
/// In any span of this length a set is fetched at most [`REMOTE_FETCHES`] times, and a key id that was not found is not looked for again.
pub const REMOTE_COOL_DOWN: Duration = Duration::from_secs(30);
/// How often a set is fetched within [`REMOTE_COOL_DOWN`], whatever tokens name and whether the fetches succeed (CVE-2026-48524).
pub const REMOTE_FETCHES: usize = 2;
/// How long [`Verifier::verify`](crate::Verifier::verify) waits for a reading of keys that may bring the one that a token names, counted from the
/// beginning of that reading: a store or an issuer that is slower is waited for by nobody.
pub const KEY_WAIT: Duration = Duration::from_secs(2);
/// How many requests wait for one reading of keys at the same time; those beyond are answered at once. Anybody can send tokens that name keys
/// of their choice.
pub const KEY_WAITERS: usize = 1024;
/// How many key ids that were not found are remembered. The table has this size from the start and never grows.
pub const REMOTE_MISSING: usize = 1024;
