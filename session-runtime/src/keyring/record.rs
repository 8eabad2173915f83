//! What a store keeps of a ring: [`StoredRing`] and its [`KeyRecord`]s, as data with a version.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    state::{KeyTimes, Rules},
    timing::Timing,
};
use crate::{
    error::{KeyError, KeyRule},
    ids::KeyId,
    time::Timestamp,
};

/// Everything that is stored of one ring in one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRing {
    /// Raised by one with every change; a store compares it before it writes.
    pub version: u64,
    /// The longest life in seconds of any token that the ring may sign.
    pub max_ttl: u64,
    /// The times that the ring was made with. A ring from before there were any has one writer.
    #[serde(default = "single")]
    pub timing: Timing,
    /// The keys, oldest first.
    pub keys: Vec<KeyRecord>,
}

/// One key as it is stored. Times are seconds since 1970.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// Which key of the ring this is, counted from 1.
    pub epoch: u64,
    /// Its name; `None` for a key that was imported without one.
    pub key_id: Option<String>,
    /// Whether the ring made it, and so knows when it signed.
    pub generated: bool,
    /// The public half in base64url; `None` in symmetric formats, whose opening half is the secret.
    pub public: Option<String>,
    /// The wrapped private half in base64url; `None` once it is destroyed, and in rings that only verify.
    pub private: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// From when it may sign.
    pub activate_at: i64,
    /// From when it no longer signs.
    pub retire_at: Option<i64>,
    /// From when it no longer verifies.
    pub expire_at: Option<i64>,
    /// When it was found to be in other hands.
    pub compromised_at: Option<i64>,
    /// Whether it is set aside for now.
    pub suspended: bool,
}

/// A record may hold a plain private half, so it never prints one.
impl std::fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRecord")
            .field("epoch", &self.epoch)
            .field("key_id", &self.key_id)
            .field("private", &self.private.as_ref().map(|_| "…"))
            .field("times", &self.times())
            .finish_non_exhaustive()
    }
}

fn single() -> Timing {
    Timing::SINGLE
}

impl KeyRecord {
    pub(crate) fn new(epoch: u64, key_id: Option<&KeyId>, times: &KeyTimes, generated: bool) -> Self {
        let mut record = Self {
            epoch,
            key_id: key_id.map(|id| id.as_str().to_owned()),
            generated,
            public: None,
            private: None,
            created_at: 0,
            activate_at: 0,
            retire_at: None,
            expire_at: None,
            compromised_at: None,
            suspended: false,
        };
        record.set_times(times);
        record
    }

    /// Its name; a stored name that breaks the rule for names refuses the ring.
    pub(crate) fn id(&self) -> Result<Option<KeyId>, KeyError> {
        let refused = KeyError::Refused { key_id: None, rule: KeyRule::KeyId };
        self.key_id.as_deref().map(|id| KeyId::new(id).ok_or(refused)).transpose()
    }

    pub(crate) fn times(&self) -> KeyTimes {
        KeyTimes {
            created_at: Timestamp::from_unix(self.created_at),
            activate_at: Timestamp::from_unix(self.activate_at),
            retire_at: self.retire_at.map(Timestamp::from_unix),
            expire_at: self.expire_at.map(Timestamp::from_unix),
            compromised_at: self.compromised_at.map(Timestamp::from_unix),
            suspended: self.suspended,
        }
    }

    pub(crate) fn set_times(&mut self, times: &KeyTimes) {
        self.created_at = times.created_at.as_unix();
        self.activate_at = times.activate_at.as_unix();
        self.retire_at = times.retire_at.map(Timestamp::as_unix);
        self.expire_at = times.expire_at.map(Timestamp::as_unix);
        self.compromised_at = times.compromised_at.map(Timestamp::as_unix);
        self.suspended = times.suspended;
    }
}

impl StoredRing {
    pub(crate) fn rules(&self) -> Rules {
        Rules { timing: self.timing, max_ttl: Duration::from_secs(self.max_ttl) }
    }
}
