//! Forgetting what no token needs any more.

use super::log::Log;
use crate::error::StoreError;

impl Log {
    pub(super) async fn prune(&self) -> Result<u64, StoreError> {
        let now = self.earliest_now();
        self.drop_over(now);
        {
            let writer = self.writer();
            let mut next = self.next();
            next.forget(now);
            self.put(&writer, next);
        }
        self.store.prune(now).await
    }
}
