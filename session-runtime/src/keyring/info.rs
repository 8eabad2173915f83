//! What can be told of a key without its material.

use super::{
    source::{RingKey, Source},
    state::KeyState,
};
use crate::{format::Format, ids::KeyId, time::Timestamp};

/// One key of a ring, without its material.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyInfo {
    /// Which key of the ring it is, counted from 1.
    pub epoch: u64,
    /// Its name; `None` for a key that was imported without one.
    pub id: Option<KeyId>,
    /// What it may do now.
    pub state: KeyState,
    /// When the ring got it.
    pub created_at: Timestamp,
    /// From when it may sign.
    pub activate_at: Timestamp,
    /// From when it no longer signs; `None` while that is open.
    pub retire_at: Option<Timestamp>,
    /// From when it no longer verifies; `None` while that is open.
    pub expire_at: Option<Timestamp>,
}

/// Every key, oldest first, as it stands now.
pub(super) fn infos<F: Format>(source: &Source<F>) -> Vec<KeyInfo> {
    let now = source.clock.wall();
    let info = |key: &RingKey<F>| KeyInfo {
        epoch: key.epoch,
        id: key.id.clone(),
        state: key.state(now),
        created_at: key.times.created_at,
        activate_at: key.times.activate_at,
        retire_at: key.times.retire_at,
        expire_at: key.times.expire_at,
    };
    source.load().keys.iter().map(info).collect()
}
