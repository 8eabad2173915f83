//! What callers do to a store: they go away in the middle of a call, and print it.

use std::{future::Future, time::Duration};

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
        let patience = Duration::from_micros(u64::try_from(number / 3).unwrap_or(0).saturating_mul(150));
        match number % 3 {
            0 => begin_and_drop(store.append(&dropped, NOW), patience).await,
            1 => begin_and_drop(store.read(&Cursor::START), patience).await,
            _ => begin_and_drop(store.raise_horizon(HOUR), patience).await,
        }
        let numbered = numbered(number.saturating_add(100));
        after.push(check.append(&store, &numbered, Keep::Until(UNTIL)).await?);
        check.finds(&check.read_all(&store).await?, &after)?;
    }
    let all = check.read_all(&store).await?;
    check.finds(&all, &before)?;
    // What was dropped is there or not, and is written all the same when it is sent again.
    for number in (0..24_usize).step_by(3) {
        let again = check.append(&store, &Target::token(ISSUER, &format!("dropped {number}")), Keep::Until(UNTIL)).await?;
        check.finds(&check.read(&store, Cursor::after(all.complete_to)).await?, &[again])?;
    }
    Ok(())
}

/// Polls a call for as long, once at least, and drops it.
async fn begin_and_drop<T>(call: impl Future<Output = T>, patience: Duration) {
    let _ = tokio::time::timeout(patience, call).await;
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
