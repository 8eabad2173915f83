//! A log that may have lost something says so, and is begun again once.

use std::{collections::HashSet, sync::Arc, time::Duration};

use super::{
    Broken,
    check::{Check, DIGESTS, HOUR, ISSUER, NOW, RECOVERY, Store, UNTIL, beginning, numbered},
};
use crate::{
    error::StoreError,
    limits,
    revocation::{Cursor, DigestKey, Entry, Keep, NewEntry, Position, Target},
};

/// Far above every position that a test comes to, and far below the end of the range.
const FAR: u64 = 1 << 44;

/// After a loss every call says so until the log is begun again, and writes nothing.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_loss_is_told_by_every_call(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("a_loss_is_told_by_every_call");
    let start = check.begun(&store).await?.complete_to;
    let known = check.append_many(&store, 0..3).await?;
    let above = check.read_all(&store).await?.complete_to;
    loses().await;
    let (refused, restored) = (Target::token(ISSUER, "refused"), Target::token(ISSUER, "restored"));
    let entries = [Entry::new(restored.clone(), UNTIL, above)];
    let long = limits::MAX_TTL.saturating_add(HOUR);
    // Twice: a store that has noticed may not take the first answer for the end of it.
    for _ in 0..2 {
        lost(&check, "a read", store.read(&Cursor::START).await)?;
        lost(&check, "a read after a cursor", store.read(&Cursor::after(start)).await)?;
        lost(&check, "an append", store.append(&NewEntry::new(refused.clone(), Keep::Horizon), NOW).await)?;
        lost(&check, "raising the horizon", store.raise_horizon(long).await)?;
        lost(&check, "pruning", store.prune(UNTIL.saturating_add(HOUR)).await)?;
        lost(&check, "a restoring", store.restore(&entries).await)?;
    }
    check.begin(&store, &beginning(above)).await?;
    let read = check.read_all(&store).await?;
    for target in [refused, restored] {
        check.holds(read.of(&target).is_none(), format!("a call was answered with Lost, and wrote {target:?}"))?;
    }
    check.holds(read.horizon < long, "raising the horizon was answered with Lost, and done")?;
    let others = read.entries.iter().any(|entry| known.iter().all(|known| known.target != entry.target));
    check.holds(!others, "there are entries that nobody has written")
}

/// Of 64 that begin a log at once one decides how: all find the same life, from their own answer on.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn of_64_that_begin_a_log_one_decides(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("of_64_that_begin_a_log_one_decides");
    check.begun(&store).await?;
    // More than once, since a race may happen to be run one after the other.
    for _ in 0..3 {
        let known = check.read_all(&store).await?;
        loses().await;
        let answers = check
            .at_once(64, |_| {
                let (store, beginning) = (Arc::clone(&store), beginning(known.complete_to));
                async move {
                    store.begin(&beginning).await?;
                    let batch = store.read(&Cursor::START).await?;
                    Ok((beginning.epoch, batch.epoch, batch.life.map(|life| life.begun)))
                }
            })
            .await?;
        let (mut asked, mut found) = (HashSet::new(), HashSet::new());
        for answer in answers {
            let (mine, epoch, begun) = check.answer("a beginning and a read", async { answer }).await?;
            asked.insert(mine);
            found.insert((epoch, begun));
        }
        let now = check.read_all(&store).await?;
        found.insert((now.epoch.clone(), now.life.map(|life| life.begun)));
        check.holds(found.len() == 1, format!("{} lives are found after one loss", found.len()))?;
        check.holds(asked.contains(&now.epoch), "the life has a name that nobody gave it")?;
        check.holds(now.epoch != known.epoch, "a new life has the name of the one before")?;
    }
    Ok(())
}

/// Beginning a log that was begun changes nothing, and nothing that was written since is gone.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn beginning_again_changes_nothing(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("beginning_again_changes_nothing");
    let above = check.begun(&store).await?.complete_to;
    loses().await;
    let first = beginning(above);
    check.begin(&store, &first).await?;
    let before = check.read_all(&store).await?;
    let life = check.life(&store).await?;
    let appended = check.append_many(&store, 0..3).await?;
    let mut other = beginning(above);
    other.digests = DigestKey::from_bytes([9; 16]);
    other.recovery = RECOVERY.saturating_mul(2);
    for again in [&first, &other, &beginning(Position::ZERO)] {
        check.begin(&store, again).await?;
        let found = check.life(&store).await?;
        let read = check.read_all(&store).await?;
        check.holds(read.epoch == before.epoch, "beginning again begins another life")?;
        check.holds((found.begun, found.digests) == (life.begun, life.digests), "beginning again changes how the life began")?;
        check.holds(found.recovering <= life.recovering, "beginning again makes the recovery longer")?;
        check.finds(&read, &appended)?;
    }
    let last = appended.last().map_or(above, |entry| entry.position);
    let next = check.append(&store, &numbered(3), Keep::Until(UNTIL)).await?;
    check.holds(next.position > last, format!("beginning again puts an entry at {:?}, after one at {last:?}", next.position))
}

/// A life begins above what whoever begins it knows and above what is still there, and a log that does not is begun again.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_life_begins_above_what_is_known(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("a_life_begins_above_what_is_known");
    let mut above = check.begun(&store).await?.complete_to;
    let mut written = check.append_many(&store, 0..3).await?;
    let mut epochs = HashSet::from([check.read_all(&store).await?.epoch]);
    // After a loss with little known; with much known; and without a loss, by somebody who knows more than the log.
    for round in 0..3_usize {
        if round < 2 {
            loses().await;
        }
        if round > 0 {
            above = Position::new(above.as_u64().saturating_add(FAR)).unwrap_or(above);
        }
        check.begin(&store, &beginning(above)).await?;
        let (read, life) = (check.read_all(&store).await?, check.life(&store).await?);
        let begun = life.begun;
        check.holds(begun > above, format!("a life begins at {begun:?}, and {above:?} was known"))?;
        check.holds(read.complete_to >= begun, format!("a life begins at {begun:?}, and is complete to {:?}", read.complete_to))?;
        check.holds(read.entries.iter().all(|entry| entry.position < begun), "a life begins below what is still there")?;
        check.holds(epochs.insert(read.epoch.clone()), "a new life has the name of one before")?;
        if round == 2 {
            check.finds(&read, &written)?;
        }
        let first = round.saturating_add(1).saturating_mul(10);
        written = check.append_many(&store, first..first.saturating_add(3)).await?;
        let place = written.first().map_or(above, |entry| entry.position);
        check.holds(place > begun, format!("a life begins at {begun:?}, and its first entry stands at {place:?}"))?;
        // The next one begins without a word about this: it knows only what it had read.
        above = begun;
    }
    Ok(())
}

/// Positions that were given before a loss are not given again by whoever knew them.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn positions_are_not_given_again_in_a_new_life(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("positions_are_not_given_again_in_a_new_life");
    check.begun(&store).await?;
    let mut last = Position::ZERO;
    for round in 0..3_usize {
        let first = round.saturating_mul(3);
        for entry in check.append_many(&store, first..first.saturating_add(3)).await? {
            check.holds(entry.position > last, format!("an entry is put at {:?}, after one at {last:?}", entry.position))?;
            last = entry.position;
        }
        loses().await;
        check.begin(&store, &beginning(last)).await?;
    }
    Ok(())
}

/// A life says with which key and for how long it was begun, and its horizon is at least the one that was known.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_life_says_how_it_began(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("a_life_says_how_it_began");
    let above = check.begun(&store).await?.complete_to;
    loses().await;
    let mut new = beginning(above);
    new.horizon = limits::MAX_TTL.saturating_add(HOUR);
    check.begin(&store, &new).await?;
    let (read, life) = (check.read_all(&store).await?, check.life(&store).await?);
    check.holds(life.digests == DIGESTS, "the key of the digests is not the one that was given")?;
    // A test that takes an hour would be wrong here; one that takes a minute is not.
    let (least, most) = (RECOVERY.saturating_sub(HOUR), RECOVERY.saturating_add(Duration::from_secs(1)));
    check.holds(least <= life.recovering && life.recovering <= most, format!("{RECOVERY:?} is told as {:?}", life.recovering))?;
    check.holds(read.horizon >= new.horizon, format!("{:?} was known, and the horizon is {:?}", new.horizon, read.horizon))?;

    loses().await;
    let mut over = beginning(read.complete_to);
    (over.horizon, over.recovery) = (HOUR, Duration::ZERO);
    check.begin(&store, &over).await?;
    let (read, life) = (check.read_all(&store).await?, check.life(&store).await?);
    check.holds(life.recovering.is_zero(), format!("nobody has to wait, and {:?} are told", life.recovering))?;
    check.holds(read.horizon >= limits::MAX_TTL, format!("a new life has a horizon of {:?}", read.horizon))
}

/// Whoever reads after a loss gets everything there is: from the start, from what he knew of the life before, and from the middle of an
/// answer of that life.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_whole_reading_after_a_loss_is_whole(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("a_whole_reading_after_a_loss_is_whole");
    let start = check.begun(&store).await?.complete_to;
    let known = check.append_many(&store, 0..5).await?;
    let old = check.answer("a read", store.read(&Cursor::START)).await?;
    loses().await;
    check.begin(&store, &beginning(known.last().map_or(start, |entry| entry.position))).await?;
    let mut new = check.append_many(&store, 10..13).await?;
    check.restore(&store, &known).await?;
    new.extend(check.append_many(&store, 13..15).await?);
    let read = check.read_all(&store).await?;
    check.finds(&read, &new)?;
    for entry in &known {
        let found = read.of(&entry.target);
        check.holds(found.is_some(), format!("what was lost and restored is not read: {entry:?}"))?;
    }
    for cursor in [Cursor::after(start), Cursor::after(old.complete_to)].into_iter().chain(old.more) {
        check.finds(&check.read(&store, cursor).await?, &new)?;
    }
    Ok(())
}

fn lost<T>(check: &Check, what: &str, answer: Result<T, StoreError>) -> Result<(), Broken> {
    match answer {
        Err(StoreError::Lost { .. }) => Ok(()),
        Err(error) => check.broken(format!("{what} after a loss is told as another error: {error}")),
        Ok(_) => check.broken(format!("{what} after a loss is answered as if nothing had happened")),
    }
}
