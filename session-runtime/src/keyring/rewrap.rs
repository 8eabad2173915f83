//! Writing every private half of a ring anew, wrapped by the key-encryption key of today.

use super::{ring::KeyRing, writer::Wrapping};
use crate::{error::KeyError, format::Format};

/// What [`KeyRing::rewrap`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewrapped {
    /// How many private halves lie in the store, all of them wrapped by the present key-encryption key.
    pub keys: usize,
}

impl<F: Format> KeyRing<F> {
    /// Writes every private half anew, wrapped with the present key-encryption key, so that older ones are of no more use: the third of the
    /// four steps in which a key-encryption key is replaced, see [`manual::rings`](crate::manual::rings#another-key-encryption-key).
    ///
    /// It is checked twice, with the present key alone: before anything is replaced, so that a key that wraps and cannot unwrap loses
    /// nothing, and by reading the store afterwards. (Every change of a ring wraps all of it anew. This one waits for no change, and
    /// checks.) Nothing about the keys changes, and it may be repeated, on any node.
    ///
    /// It is about this format alone; a ring that is stored in several is rewrapped by each.
    ///
    /// # Errors
    /// [`KeyError::CannotUnwrap`] with the first key that the present key-encryption key does not open: it cannot undo what it does, or
    /// another node still wraps with an older one. [`KeyError::Store`] when the store cannot be read or written.
    pub async fn rewrap(&self) -> Result<Rewrapped, KeyError> {
        self.reload().await?;
        self.change_as(Wrapping::Checked, |_, _| Ok(())).await?;
        let keys = self.check_stored().await?;
        tracing::info!(ring = self.name(), format = F::NAME, keys, "private halves wrapped anew");
        Ok(Rewrapped { keys })
    }
}
