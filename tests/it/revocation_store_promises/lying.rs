//! Logs that hide what they cannot read.

use std::sync::atomic::{AtomicBool, Ordering};

use session_runtime::{
    BoxFuture, Timestamp,
    error::StoreError,
    revocation::{Batch, Cursor, Entry, MemoryRevocations, NewEntry, RevocationStore},
    testing::revocation_stores::an_entry_that_cannot_be_read_is_never_left_out,
};
use std::{sync::Arc, time::Duration};

/// What is done about an entry that is damaged.
#[derive(Debug, Clone, Copy)]
enum Does {
    /// What is right.
    Says,
    /// As a `.ok()` or a default would.
    AnswersEmpty,
    /// As for a kind that is not known.
    Skips,
    /// The store is there and the entry is not: a reader has to try again, for ever.
    SaysSomethingElse,
}

#[derive(Debug)]
struct Damaged {
    store: MemoryRevocations,
    is_damaged: AtomicBool,
    does: Does,
}

impl RevocationStore for Damaged {
    fn name(&self) -> &'static str {
        "mine"
    }

    fn is_authoritative(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            let mut batch = self.store.read(cursor).await?;
            if self.is_damaged.load(Ordering::SeqCst) {
                match self.does {
                    Does::Says => return Err(StoreError::Unreadable { store: "mine", reason: "an entry is damaged".to_owned() }),
                    Does::AnswersEmpty => batch.entries.clear(),
                    Does::Skips => drop(batch.entries.pop()),
                    Does::SaysSomethingElse => return Err(StoreError::Held { store: "mine" }),
                }
            }
            Ok(batch)
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        self.store.append(entry, now)
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        self.store.raise_horizon(life)
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.prune(now)
    }
}

async fn check(does: Does, want: Option<&str>) {
    let store = Arc::new(Damaged { store: MemoryRevocations::new().unwrap(), is_damaged: AtomicBool::new(false), does });
    let breaks = async || store.is_damaged.store(true, Ordering::SeqCst);
    let found = an_entry_that_cannot_be_read_is_never_left_out(store.clone(), breaks).await.err().map(|broken| broken.to_string());
    let want = want.map(|want| format!("the store does not keep `an_entry_that_cannot_be_read_is_never_left_out`: {want}"));
    assert_eq!(found, want, "{does:?}");
}

#[tokio::test]
async fn a_log_that_hides_what_it_cannot_read_is_caught() {
    check(Does::Says, None).await;
    check(Does::AnswersEmpty, Some("an unreadable log is told as an empty one")).await;
    check(Does::Skips, Some("of an unreadable log 2 entries are read")).await;
    check(Does::SaysSomethingElse, Some("an unreadable log is told as another error: mine is held by another process")).await;
}
