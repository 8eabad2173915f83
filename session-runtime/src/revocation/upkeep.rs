//! Forgetting what no token needs any more.

use super::{log::Log, set::PruneCursor};
use crate::error::StoreError;

impl Log {
    pub(super) async fn prune(&self) -> Result<u64, StoreError> {
        let now = self.earliest_now();
        self.drop_over(now);
        let mut step = Some(PruneCursor::default());
        while let Some(at) = step {
            {
                let writer = self.writer();
                let mut next = self.next();
                step = next.forget_some(now, at);
                self.put(&writer, next);
            }
            // A step is a fraction of a millisecond; whoever waits for this thread, or to revoke, comes in between.
            tokio::task::yield_now().await;
        }
        self.store.prune(now).await
    }
}
