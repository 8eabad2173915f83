//! Every bound on input, in one place, with its reason.

use std::time::Duration;

/// The longest token that is looked at, in bytes, unless the verifier is told otherwise (defaults: 8 KiB).
pub const TOKEN_LENGTH: usize = 8 * 1024;
/// The largest value that `TOKEN_LENGTH` may be raised to.
pub const TOKEN_LENGTH_CAP: usize = 64 * 1024;
/// The deepest nesting of arrays and objects in a payload; serde_json's own 128 is a stack question, ours a work question.
pub const JSON_DEPTH: usize = 16;
/// The most members of one object.
pub const JSON_MEMBERS: usize = 128;
/// The longest string and the longest number in a payload, in bytes as written.
pub const JSON_STRING: usize = 4 * 1024;
/// The longest key id that is looked up.
pub const KEY_ID: usize = 256;
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
/// How old the local set of revocations may be.
pub const MAX_STALENESS: Duration = Duration::from_secs(15);
