//! Logs that hide what they cannot read, or no longer have in its order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use session_runtime::{
    BoxFuture, Timestamp,
    error::StoreError,
    revocation::{Batch, Cursor, Entry, MemoryRevocations, NewEntry, Position, RevocationStore},
    testing::revocation_stores::{a_cursor_before_what_is_in_order_gets_everything, an_entry_that_cannot_be_read_is_never_left_out},
};

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
    /// Goes on after the cursor with what is still in its order, as a stream does that was trimmed.
    GoesOn,
    /// Says that this is everything, and it is not.
    SaysThatItIsAll,
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
                    Does::GoesOn if cursor.position() > Position::ZERO => {
                        batch.entries.sort_by_key(|entry| entry.position);
                        batch.entries.drain(..batch.entries.len().saturating_sub(4));
                    }
                    Does::SaysThatItIsAll => batch.whole = cursor.position() > Position::ZERO,
                    Does::GoesOn => {}
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

fn damaged(does: Does) -> Arc<Damaged> {
    Arc::new(Damaged { store: MemoryRevocations::new().unwrap(), is_damaged: AtomicBool::new(false), does })
}

async fn check(does: Does, want: Option<&str>) {
    let store = damaged(does);
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

#[tokio::test]
async fn a_log_that_goes_on_where_it_cannot_is_caught() {
    for does in [Does::GoesOn, Does::SaysThatItIsAll] {
        let store = damaged(does);
        let trims = async || store.is_damaged.store(true, Ordering::SeqCst);
        let broken = a_cursor_before_what_is_in_order_gets_everything(store.clone(), trims).await.unwrap_err();
        assert!(broken.found.contains("is not read, among"), "{does:?}: {broken}");
    }
}
