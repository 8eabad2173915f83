//! One public key: read, written, named.

use std::fmt;

use super::import::Key;
use crate::{crypto::SealingHalf, format::Asymmetric, ids::KeyId};

/// The public half of a key for format `F`, with its name where it has one. It has passed every check of its family, and may be known
/// to everybody.
pub struct PublicKey<F: Asymmetric> {
    pub(crate) opening: F::Opening,
    pub(crate) id: Option<KeyId>,
}

impl<F: Asymmetric> Key<F> {
    /// The public half, under the same name.
    pub fn public_key(&self) -> PublicKey<F> {
        PublicKey { opening: self.sealing.opening(), id: self.id.clone() }
    }
}

impl<F: Asymmetric> PublicKey<F> {
    /// The key's name.
    pub fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// Names the key. Tokens under a named key have to carry the name.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// Takes the name away: any that a token carries is ignored.
    #[must_use]
    pub fn without_id(mut self) -> Self {
        self.id = None;
        self
    }
}

impl<F: Asymmetric> Clone for PublicKey<F> {
    fn clone(&self) -> Self {
        Self { opening: self.opening.clone(), id: self.id.clone() }
    }
}

impl<F: Asymmetric> fmt::Debug for PublicKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("format", &F::NAME).field("id", &self.id).field("opening", &self.opening).finish()
    }
}
