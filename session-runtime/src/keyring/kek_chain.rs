//! One key-encryption key that wraps, and others that open what was wrapped before: how a key-encryption key is replaced.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::wrap::KeyWrap;
use crate::{error::KeyError, future::BoxFuture};

/// Wraps with one key-encryption key, and unwraps with it or with others: for as long as a key-encryption key is being replaced.
///
/// Every node first learns the new key as one that opens, then wraps with it; then [`KeyRing::rewrap`](crate::KeyRing::rewrap) writes what is
/// there anew, and the old key is dropped. See [`manual::rings`](crate::manual::rings#another-key-encryption-key). The members may be of any kind: two
/// local keys, a local key and a key management service, or [`PlaintextKeys`](super::PlaintextKeys) and what shall take its place. With
/// `PlaintextKeys` among them, whoever can write the store can still put a key of his own there, so do not leave it longer than needed.
///
/// # Example
/// ```
/// use session_runtime::{KeyRing, keyring::{FileKeys, KekChain, LocalKek}, paseto::V4Local};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("keys.json");
/// # let (old, new) = (LocalKek::generate()?, LocalKek::generate()?);
/// # drop(KeyRing::<V4Local>::builder().open(FileKeys::at(&file), old.clone()).await?);
/// // One process needs one start: it wraps with the new key, and still opens with the old one.
/// let ring = KeyRing::<V4Local>::builder().open(FileKeys::at(&file), KekChain::new(new.clone()).also_opens_with(old)).await?;
/// assert_eq!(ring.rewrap().await?.keys, 1);
/// # drop(ring);
///
/// // From the next start on the old one is not needed.
/// let ring = KeyRing::<V4Local>::builder().open(FileKeys::at(&file), new).await?;
/// assert_eq!(ring.keys().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KekChain {
    present: Arc<dyn KeyWrap>,
    others: Vec<Arc<dyn KeyWrap>>,
}

impl KekChain {
    /// Wraps and unwraps with `present`.
    pub fn new(present: impl KeyWrap) -> Self {
        Self { present: Arc::new(present), others: Vec::new() }
    }

    /// Also unwraps with `other`: one of before, or one that other nodes will wrap with soon.
    #[must_use]
    pub fn also_opens_with(mut self, other: impl KeyWrap) -> Self {
        self.others.push(Arc::new(other));
        self
    }
}

impl KeyWrap for KekChain {
    fn wrap<'a>(&'a self, context: &'a [u8], plain: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, KeyError>> {
        self.present.wrap(context, plain)
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>> {
        Box::pin(async move {
            let mut unanswered = None;
            for wrap in std::iter::once(&self.present).chain(&self.others) {
                match wrap.unwrap(context, wrapped).await {
                    Ok(None) => {}
                    Ok(plain) => return Ok(plain),
                    // One that is out of reach may not be the one that is needed.
                    Err(error) => unanswered = unanswered.or(Some(error)),
                }
            }
            unanswered.map_or(Ok(None), Err)
        })
    }

    fn unwrap_with_present<'a>(
        &'a self,
        context: &'a [u8],
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>> {
        self.present.unwrap_with_present(context, wrapped)
    }
}
