//! Which steps of taking a stolen key out of use are not done: the operator must act, by doing it again.

use super::{KeyError, StoreError};
use crate::ids::KeyId;

/// A stolen key is not out of use everywhere yet: at least one of the steps is not known to be done. The operator must act.
///
/// **Doing it again is safe**, on this node or another: steps that are done change nothing when they are repeated. Steps that failed kept no
/// other from being done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompromiseError {
    /// The key.
    pub key_id: KeyId,
    /// Why step 1, the entry in the revocation log, is not known to be done: other nodes hear of it when they read the ring. This node
    /// refuses the key's tokens all the same, and sends the entry again with later revocations.
    pub log: Option<StoreError>,
    /// Why step 2, the mark in the ring, is not known to be done: nodes whose ring has the key go on signing with it, and those without the
    /// revocation log go on accepting its tokens. Successors that are not trusted with it may not be in the log either: which ones they
    /// are is for the ring to say.
    pub ring: Option<KeyError>,
    /// Why step 3, the next key, is not known to be done. It is made when somebody looks after the ring.
    pub next_key: Option<KeyError>,
}

impl std::error::Error for CompromiseError {}

impl std::fmt::Display for CompromiseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key `{}`: ", self.key_id)?;
        match &self.log {
            None => f.write_str("in the revocation log")?,
            Some(error) => write!(f, "not in the revocation log ({error})")?,
        }
        match &self.ring {
            None => f.write_str(", marked in the ring")?,
            Some(error) => write!(f, ", not marked in the ring ({error})")?,
        }
        match &self.next_key {
            None => f.write_str(", the next key is there")?,
            Some(error) => write!(f, ", the next key is not there ({error})")?,
        }
        f.write_str("; do it again, which is safe")
    }
}
