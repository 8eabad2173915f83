//! What callers do to a store: they go away in the middle of a call, and print it.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{
    Broken,
    check::{Check, HOUR, ISSUER, NOW, Store, UNTIL, numbered},
};
use crate::revocation::{Cursor, Keep, NewEntry, Target};

/// Whoever drops a call in the middle leaves a store that answers others, with what they asked for.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_dropped_call_leaves_the_store_usable(store: Store) -> Result<(), Broken> {
    let check = Check("a_dropped_call_leaves_the_store_usable");
    check.begun(&store).await?;
    let before = check.append_many(&store, 0..3).await?;
    let mut after = Vec::new();
    for number in 0..24_usize {
        let dropped = NewEntry::new(Target::token(ISSUER, &format!("dropped {number}")), Keep::Until(UNTIL));
        let steps = (number / 3).saturating_add(1);
        match number % 3 {
            0 => begin_and_drop(store.append(&dropped, NOW), steps).await,
            1 => begin_and_drop(store.read(&Cursor::START), steps).await,
            _ => begin_and_drop(store.raise_horizon(HOUR), steps).await,
        }
        let numbered = numbered(number.saturating_add(100));
        after.push(check.append(&store, &numbered, Keep::Until(UNTIL)).await?);
        check.finds(&check.read_all(&store).await?, &after)?;
    }
    check.finds(&check.read_all(&store).await?, &before)?;
    // What was dropped is there or not, and is written all the same when it is sent again.
    for number in (0..24_usize).step_by(3) {
        let again = check.append(&store, &Target::token(ISSUER, &format!("dropped {number}")), Keep::Until(UNTIL)).await?;
        check.finds(&check.read_all(&store).await?, &[again])?;
    }
    Ok(())
}

/// Drops a call that is not over after so many steps. A step ends where the call waits: for a lock, for a disk, for a byte of an answer.
async fn begin_and_drop<T>(call: impl Future<Output = T>, mut steps: usize) {
    let mut call = pin!(call);
    let dropped = poll_fn(|context| {
        steps = steps.saturating_sub(1);
        let is_over = call.as_mut().poll(context).is_ready();
        if is_over || steps == 0 { Poll::Ready(()) } else { Poll::Pending }
    });
    // A call of fewer steps than that may wait for long.
    let _ = tokio::time::timeout(Duration::from_millis(100), dropped).await;
}

/// `Debug` shows no issuer, subject, token id or session id: they are people's.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn debug_shows_no_names(store: Store) -> Result<(), Broken> {
    let check = Check("debug_shows_no_names");
    check.begun(&store).await?;
    let issuer = Some("issuer-of-debug");
    for target in
        [Target::subject(issuer, "subject-of-debug"), Target::token(issuer, "token-of-debug"), Target::session(issuer, "session-of-debug")]
    {
        check.append(&store, &target, Keep::Until(UNTIL)).await?;
    }
    check.read_all(&store).await?;
    for shown in [format!("{store:?}"), format!("{store:#?}")] {
        check.holds(!shown.contains("of-debug"), "it shows a name of what was revoked")?;
    }
    Ok(())
}
