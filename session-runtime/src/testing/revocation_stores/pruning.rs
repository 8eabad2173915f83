//! What is no longer needed is removed, and nothing else.

use std::time::Duration;

use super::{
    Broken,
    check::{Check, HOUR, ISSUER, NOW, Store, UNTIL, numbered},
};
use crate::{
    ids::KeyId,
    revocation::{Entry, Keep, Target},
    time::Timestamp,
};

const SECOND: Duration = Duration::from_secs(1);
const END_OF_TIME: Timestamp = Timestamp::from_unix(i64::MAX);

/// An entry is there at its last moment, and gone a second later; others stay as they are.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn pruning_removes_what_is_past_its_last_moment_only(store: Store) -> Result<(), Broken> {
    let check = Check("pruning_removes_what_is_past_its_last_moment_only");
    check.begun(&store).await?;
    let (earlier, later) = (UNTIL.saturating_sub(SECOND), UNTIL.saturating_add(SECOND));
    let mut appended = Vec::new();
    for (number, end) in [UNTIL, later, earlier, UNTIL, UNTIL.saturating_add(HOUR)].into_iter().enumerate() {
        appended.push(check.append(&store, &numbered(number), Keep::Until(end)).await?);
    }
    for (now, gone) in [(NOW, 0), (earlier, 0), (UNTIL, 1), (UNTIL, 0), (later, 2), (later.saturating_add(SECOND), 1)] {
        let pruned = check.answer("pruning", store.prune(now)).await?;
        check
            .holds(pruned == gone, format!("at {now:?} {gone} entries are past their last moment, and {pruned} are told to be removed"))?;
        appended.retain(|entry| entry.not_after >= now);
        check.finds_only(&check.read_all(&store).await?, &appended)?;
    }
    Ok(())
}

/// What is kept for ever is never removed: a key, a token that does not expire, and what lived by a horizon without an end.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn pruning_keeps_what_is_needed_for_ever(store: Store) -> Result<(), Broken> {
    let check = Check("pruning_keeps_what_is_needed_for_ever");
    check.begun(&store).await?;
    check.answer("raising the horizon", store.raise_horizon(Duration::MAX)).await?;
    let mut kept = vec![
        check.append(&store, &Target::token(None, "for ever"), Keep::Until(Entry::FOREVER)).await?,
        check.append(&store, &Target::everything(), Keep::Horizon).await?,
        check.append(&store, &Target::session(ISSUER, "for ever"), Keep::Horizon).await?,
    ];
    if let Some(key_id) = KeyId::new("stolen") {
        kept.push(check.append(&store, &Target::key("main", &key_id), Keep::Until(Entry::FOREVER)).await?);
    }
    let others = check.append_many(&store, 0..3).await?;
    let pruned = check.answer("pruning", store.prune(END_OF_TIME)).await?;
    check.holds(pruned == 3, format!("of {} entries with an end {pruned} are told to be removed", others.len()))?;
    check.finds_only(&check.read_all(&store).await?, &kept)
}

/// The positions of removed entries are not given again, and what was complete does not go back.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn positions_are_not_given_again_after_pruning(store: Store) -> Result<(), Broken> {
    let check = Check("positions_are_not_given_again_after_pruning");
    let epoch = check.begun(&store).await?.epoch;
    let kept = check.append(&store, &Target::token(None, "for ever"), Keep::Until(Entry::FOREVER)).await?;
    for round in 0..3_usize {
        let first = round.saturating_mul(3);
        let pruned = check.append_many(&store, first..first.saturating_add(3)).await?;
        let last = pruned.last().map_or(kept.position, |entry| entry.position);
        check.answer("pruning", store.prune(END_OF_TIME)).await?;
        let left = check.read_all(&store).await?;
        check.holds(left.complete_to >= last, format!("{last:?} was written, and after pruning a read goes to {:?}", left.complete_to))?;
        check.holds(left.epoch == epoch, "pruning begins another life")?;
        let next = check.append(&store, &Target::token(None, "next"), Keep::Until(UNTIL)).await?;
        check.holds(next.position > last, format!("after an entry at {last:?} was removed, the next one is put at {:?}", next.position))?;
    }
    check.finds(&check.read_all(&store).await?, &[kept])
}
