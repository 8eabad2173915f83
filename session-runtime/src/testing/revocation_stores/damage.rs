//! What happens when entries cannot be read, or their order was forgotten.

use super::{
    Broken,
    check::{Check, ISSUER, NOW, Store, UNTIL},
};
use crate::{
    error::StoreError,
    revocation::{Batch, Cursor, Entry, Keep, NewEntry, Target},
};

/// A log of which one entry cannot be read is unreadable: never empty, and never shorter by that entry. What is written afterwards does
/// not hide it.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn an_entry_that_cannot_be_read_is_never_left_out(store: Store, breaks: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("an_entry_that_cannot_be_read_is_never_left_out");
    let start = check.begun(&store).await?.complete_to;
    check.append_many(&store, 0..3).await?;
    check.read_all(&store).await?;
    breaks().await;
    let unreadable = |answer: Result<Batch, StoreError>| match answer {
        Err(StoreError::Unreadable { .. } | StoreError::NewerVersion { .. }) => Ok(()),
        Err(error) => check.broken(format!("an unreadable log is told as another error: {error}")),
        Ok(batch) if batch.entries.is_empty() => check.broken("an unreadable log is told as an empty one"),
        Ok(batch) => check.broken(format!("of an unreadable log {} entries are read", batch.entries.len())),
    };
    for cursor in [Cursor::START, Cursor::after(start)] {
        unreadable(store.read(&cursor).await)?;
    }
    // It may be done or refused.
    let _ = store.append(&NewEntry::new(Target::subject(ISSUER, "later"), Keep::Until(UNTIL)), NOW).await;
    for cursor in [Cursor::START, Cursor::after(start)] {
        unreadable(store.read(&cursor).await)?;
    }
    Ok(())
}

/// Whoever reads on from before the oldest entry that is kept in its order gets everything.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_cursor_before_what_is_in_order_gets_everything(store: Store, trims: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("a_cursor_before_what_is_in_order_gets_everything");
    let start = check.begun(&store).await?.complete_to;
    let mut appended = check.append_many(&store, 0..40).await?;
    trims().await;
    appended.extend(check.append_many(&store, 40..42).await?);
    let places: Vec<_> = std::iter::once(start).chain(appended.iter().map(|entry| entry.position)).collect();
    for place in places {
        let read = check.read(&store, Cursor::after(place)).await?;
        // Whoever is told that this is everything may forget what he had read before.
        let wanted: Vec<Entry> = appended.iter().filter(|entry| read.whole || entry.position > place).cloned().collect();
        check.finds(&read, &wanted)?;
        check.holds(read.complete_to >= place, format!("{place:?} was read, and what is complete goes back to {:?}", read.complete_to))?;
    }
    check.finds_only(&check.read_all(&store).await?, &appended)
}
