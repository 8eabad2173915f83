//! What is counted and measured for dashboards and alarms, by name; the only file that knows the names.
//!
//! With the feature `metrics` these go to whatever recorder the program has installed with the crate [`metrics`](https://docs.rs/metrics);
//! without it nothing of this is compiled. Nothing is recorded on the way of a token that is accepted, unless unchecked: only where a
//! request was refused, a store or another issuer was asked, or something was changed.
//!
//! Every series of keys has the labels `ring`, the name that the operator gave the ring (for the keys of another issuer: its host), and `format`;
//! those of a revocation log have the label `store`, its name in errors.
//! Requests that were refused are counted by `reason` (features `tower` and `axum`).
//! `outcome` is one of the words below. No label ever holds a key id, or anything else that a token or a store brought.
//!
//! | name | kind | what it tells |
//! |---|---|---|
//! | `session_ring_reads_total` | counter | readings of a stored ring, by `outcome`: `ok`, `failed` |
//! | `session_ring_forced_reads_total` | counter | readings because a token named a key that was not known |
//! | `session_ring_keys_created_total` | counter | keys that this node made |
//! | `session_ring_rotations_total` | counter | early rotations by this node |
//! | `session_ring_compromises_total` | counter | keys that this node declared compromised |
//! | `session_ring_read_timestamp_seconds` | gauge | when the ring was last known to be what the store has, in seconds since 1970 |
//! | `session_ring_age_seconds` | gauge | how long ago that was when the store was last asked |
//! | `session_ring_out_of_date` | gauge | 1 when it was so long ago that nothing is verified, otherwise 0 |
//! | `session_ring_keys` | gauge | keys that the ring has, of every state |
//! | `session_jwks_fetches_total` | counter | fetches of another issuer's keys, by `outcome`: `changed`, `unchanged`, or what was wrong |
//! | `session_jwks_forced_fetches_total` | counter | fetches because a token named a key that was not known |
//! | `session_jwks_read_timestamp_seconds` | gauge | when the keys were last known to be the issuer's, in seconds since 1970 |
//! | `session_jwks_age_seconds` | gauge | how long ago that was when the last fetch ended |
//! | `session_jwks_out_of_date` | gauge | 1 when it was so long ago that nothing is verified, otherwise 0 |
//! | `session_jwks_keys` | gauge | keys that are used |
//! | `session_revocations_total` | counter | revocations asked for on this node, by `kind` and by `outcome`: `ok`, `failed` |
//! | `session_revocation_reads_total` | counter | readings of a revocation log, by `outcome`: `ok`, `failed` |
//! | `session_revocation_read_timestamp_seconds` | gauge | when the log was last known to be what the store has, in seconds since 1970 |
//! | `session_revocation_age_seconds` | gauge | how long ago that was when the store was last asked |
//! | `session_revocation_entries` | gauge | tokens, subjects, sessions and keys that are refused |
//! | `session_revocation_pending` | gauge | revocations that the store has not acknowledged |
//! | `session_revocation_clock_skew_seconds` | gauge | how far this machine's clock is ahead of the store's |
//! | `session_revocation_store_losses` | gauge | how often the store was found to have lost what it held |
//! | `session_revocation_unchecked_total` | counter | tokens accepted on knowledge that was too old, by `dangerous_allow_unchecked` |
//! | `session_http_refused_total` | counter | requests that were refused, by `reason` |
//!
//! Why a request was refused: `no_credentials`, `header`, `malformed`, `unknown_key`, `bad_seal`, `claims`, `revoked`, `unavailable`, `not_allowed`.
//!
//! What was wrong with a fetch: `unreachable`, `broken_off`, `timed_out`, `redirect`, `status`, `too_long`, `not_a_set`, `too_many_keys`,
//! `duplicate_key_id`, `no_keys`.
//!
//! Gauges are set when the store was asked, and stand still when nobody asks any more. An alarm is therefore better made of
//! `session_ring_read_timestamp_seconds`, which grows old by itself: `time() - session_ring_read_timestamp_seconds > 1800` rings before a ring
//! with the times of [`Timing::FLEET`](crate::keyring::Timing::FLEET) verifies nothing more, whatever has happened to the node. Rings of one
//! writer are never out of date, and have none of the three gauges of age.
//!
//! # Example
//! ```
//! # #[cfg(feature = "metrics")] {
//! // After the program's recorder was installed: units and descriptions, which some exporters show.
//! session_runtime::telemetry::describe();
//! # }
//! ```

use std::time::Duration;

#[cfg(feature = "jwks-client")]
use crate::error::FetchFault;

/// Tells the recorder of the program the unit and the meaning of every name. Call it once, after the recorder was installed.
#[cfg(feature = "metrics")]
pub fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge};

    for (name, kind, meaning) in described() {
        let unit = if name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match kind {
            "counter" => describe_counter!(name, unit, meaning),
            _ => describe_gauge!(name, unit, meaning),
        }
    }
}

/// The lines of the table above: name, kind and meaning. It is written once, where it is read.
#[cfg(feature = "metrics")]
fn described() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = include_str!("telemetry.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    lines.filter_map(|line| {
        let mut cells = line.strip_suffix(" |")?.split(" | ");
        Some((cells.next()?.strip_suffix('`')?, cells.next()?, cells.next()?))
    })
}

/// Whose series it is: words of the operator's and ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'n> {
    pub(crate) ring: &'n str,
    pub(crate) format: &'static str,
}

/// How well keys are known after a store or an issuer was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// `None` where they cannot be out of date.
    pub(crate) age: Option<Duration>,
    pub(crate) out_of_date: bool,
    /// The time of day, in seconds since 1970.
    pub(crate) now: i64,
    pub(crate) keys: usize,
}

/// How well a revocation log is known after its store was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownLog {
    /// `None` where it cannot be old.
    pub(crate) age: Option<Duration>,
    /// The time of day, in seconds since 1970.
    pub(crate) now: i64,
    pub(crate) entries: usize,
    pub(crate) pending: usize,
    pub(crate) skew: Option<i64>,
    pub(crate) failed: bool,
    pub(crate) losses: u64,
}

/// A revocation log was asked, or found to need no asking.
pub(crate) fn log(store: &'static str, known: KnownLog) {
    #[cfg(feature = "metrics")]
    {
        let set = |name, value: f64| metrics::gauge!(name, "store" => store).set(value);
        if let Some(age) = known.age {
            let outcome = if known.failed { "failed" } else { "ok" };
            metrics::counter!("session_revocation_reads_total", "store" => store, "outcome" => outcome).increment(1);
            set("session_revocation_read_timestamp_seconds", moment(known.now, age));
            set("session_revocation_age_seconds", age.as_secs_f64());
        }
        if let Some(skew) = known.skew {
            set("session_revocation_clock_skew_seconds", f64::from(i32::try_from(skew).unwrap_or(i32::MAX)));
        }
        set("session_revocation_entries", number(known.entries));
        set("session_revocation_pending", number(known.pending));
        set("session_revocation_store_losses", number(usize::try_from(known.losses).unwrap_or(usize::MAX)));
    }
    #[cfg(not(feature = "metrics"))]
    let _ = (store, known.age, known.now, known.entries, known.pending, known.skew, known.failed, known.losses);
}

/// A revocation was asked for, and acknowledged by its store or not.
pub(crate) fn revoked(store: &'static str, kind: &'static str, acknowledged: bool) {
    let outcome = if acknowledged { "ok" } else { "failed" };
    #[cfg(feature = "metrics")]
    metrics::counter!("session_revocations_total", "store" => store, "kind" => kind, "outcome" => outcome).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = (store, kind, outcome);
}

/// A token was accepted on knowledge that is too old.
pub(crate) fn unchecked(store: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("session_revocation_unchecked_total", "store" => store).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = store;
}

/// Why a request was refused. The words are written out for each, so that a label is never anything else, and counting allocates nothing.
macro_rules! refused {
    ($($name:ident = $word:literal,)*) => {
        #[cfg(feature = "tower")]
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Refused {
            $($name,)*
        }

        #[cfg(feature = "tower")]
        impl Refused {
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// A request was refused.
            pub(crate) fn count(self) {
                #[cfg(feature = "metrics")]
                match self {
                    $(Self::$name => metrics::counter!("session_http_refused_total", "reason" => $word).increment(1),)*
                }
            }
        }
    };
}

refused! {
    NoCredentials = "no_credentials",
    Header = "header",
    Malformed = "malformed",
    UnknownKey = "unknown_key",
    BadSeal = "bad_seal",
    Claims = "claims",
    Revoked = "revoked",
    Unavailable = "unavailable",
    NotAllowed = "not_allowed",
}

/// Adds to a counter; nothing without the feature.
macro_rules! count {
    ($name:literal, $of:expr, $by:expr $(, $outcome:expr)?) => {{
        let (of, by): (Of<'_>, usize) = ($of, $by);
        #[cfg(feature = "metrics")]
        metrics::counter!($name, "ring" => of.ring.to_owned(), "format" => of.format $(, "outcome" => $outcome)?)
            .increment(u64::try_from(by).unwrap_or(u64::MAX));
        #[cfg(not(feature = "metrics"))]
        let _ = (of.ring, of.format, by $(, $outcome)?);
    }};
}

/// Sets a gauge; nothing without the feature.
macro_rules! gauge {
    ($name:literal, $of:expr, $value:expr) => {{
        let (of, value): (Of<'_>, f64) = ($of, $value);
        #[cfg(feature = "metrics")]
        metrics::gauge!($name, "ring" => of.ring.to_owned(), "format" => of.format).set(value);
        #[cfg(not(feature = "metrics"))]
        let _ = (of.ring, of.format, value);
    }};
}

impl Of<'_> {
    /// The store of a ring was asked for it.
    pub(crate) fn read(self, well: bool, known: Known) {
        count!("session_ring_reads_total", self, 1, if well { "ok" } else { "failed" });
        self.known(known);
    }

    /// The ring is known as this node has just written it, or as it was read when it was opened.
    pub(crate) fn known(self, known: Known) {
        if let Some(age) = known.age {
            gauge!("session_ring_read_timestamp_seconds", self, moment(known.now, age));
            gauge!("session_ring_age_seconds", self, age.as_secs_f64());
            gauge!("session_ring_out_of_date", self, f64::from(u8::from(known.out_of_date)));
        }
        gauge!("session_ring_keys", self, number(known.keys));
    }

    /// The store is asked because a token named a key that is not known.
    pub(crate) fn forced(self) {
        count!("session_ring_forced_reads_total", self, 1);
    }

    /// A change was stored that made so many keys, and declared so many compromised.
    pub(crate) fn changed(self, created: usize, compromised: usize) {
        if created > 0 {
            count!("session_ring_keys_created_total", self, created);
        }
        if compromised > 0 {
            count!("session_ring_compromises_total", self, compromised);
        }
    }

    /// The ring was told to rotate, and did.
    pub(crate) fn rotated(self) {
        count!("session_ring_rotations_total", self, 1);
    }

    /// A fetch of another issuer's keys has ended; `Ok(true)` when they have changed.
    #[cfg(feature = "jwks-client")]
    pub(crate) fn fetched(self, ended: Result<bool, FetchFault>, known: Known) {
        count!("session_jwks_fetches_total", self, 1, ended.map_or_else(word, |changed| if changed { "changed" } else { "unchanged" }));
        if let Some(age) = known.age {
            gauge!("session_jwks_read_timestamp_seconds", self, moment(known.now, age));
            gauge!("session_jwks_age_seconds", self, age.as_secs_f64());
            gauge!("session_jwks_out_of_date", self, f64::from(u8::from(known.out_of_date)));
        }
        gauge!("session_jwks_keys", self, number(known.keys));
    }

    /// Another issuer's keys are fetched because a token named one that is not known.
    #[cfg(feature = "jwks-client")]
    pub(crate) fn forced_fetch(self) {
        count!("session_jwks_forced_fetches_total", self, 1);
    }
}

/// What was wrong with a fetch, without the numbers that would make a series of each.
#[cfg(feature = "jwks-client")]
fn word(fault: FetchFault) -> &'static str {
    match fault {
        FetchFault::Unreachable => "unreachable",
        FetchFault::BrokenOff => "broken_off",
        FetchFault::TimedOut { .. } => "timed_out",
        FetchFault::Redirect { .. } => "redirect",
        FetchFault::Status { .. } => "status",
        FetchFault::TooLong { .. } => "too_long",
        FetchFault::NotASet => "not_a_set",
        FetchFault::TooManyKeys { .. } => "too_many_keys",
        FetchFault::DuplicateKeyId => "duplicate_key_id",
        FetchFault::NoKeys => "no_keys",
    }
}

/// So long before `now`. Seconds since 1970 are exact in a double for the next 285 million years.
#[allow(clippy::cast_precision_loss, reason = "exact up to 2⁵³")]
fn moment(now: i64, age: Duration) -> f64 {
    now as f64 - age.as_secs_f64()
}

fn number(keys: usize) -> f64 {
    f64::from(u32::try_from(keys).unwrap_or(u32::MAX))
}
