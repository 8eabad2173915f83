//! How long tokens may live, and the entries that live by it.

use std::{sync::Arc, time::Duration};

use super::{
    Broken,
    check::{Check, HOUR, ISSUER, NOW, Store},
};
use crate::{
    limits,
    revocation::{Entry, Keep, Target},
};

/// An entry that is kept for as long as any token lives is given its end by the store: by the horizon that was said to it, and for ever
/// where tokens live for ever.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn an_entry_lives_by_the_horizon(store: Store) -> Result<(), Broken> {
    let check = Check("an_entry_lives_by_the_horizon");
    let mut horizon = check.begun(&store).await?.horizon;
    let mut appended = Vec::new();
    for (name, life) in [("new", Duration::ZERO), ("longer", limits::MAX_TTL.saturating_add(HOUR)), ("for ever", Duration::MAX)] {
        horizon = horizon.max(check.answer("raising the horizon", store.raise_horizon(life)).await?);
        let entry = check.append(&store, &Target::subject(ISSUER, name), Keep::Horizon).await?;
        let want = Keep::Horizon.not_after(NOW, horizon);
        check.holds(
            entry.not_after == want,
            format!("by a horizon of {horizon:?} an entry lives until {:?}, not {want:?}", entry.not_after),
        )?;
        appended.push(entry);
    }
    check.holds(appended.last().is_some_and(|entry| entry.not_after == Entry::FOREVER), "tokens live for ever, and an entry does not")?;
    check.finds_only(&check.read_all(&store).await?, &appended)
}

/// The horizon is the longest life that was ever said, also when many say theirs at once.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn the_horizon_only_rises(store: Store) -> Result<(), Broken> {
    let check = Check("the_horizon_only_rises");
    check.begun(&store).await?;
    let longer = limits::MAX_TTL.saturating_add(HOUR);
    for (said, want) in [(longer, longer), (HOUR, longer), (Duration::ZERO, longer), (longer, longer)] {
        let found = check.answer("raising the horizon", store.raise_horizon(said)).await?;
        check.holds(found == want, format!("{said:?} is answered with {found:?}, and {want:?} was said before"))?;
        let read = check.read_all(&store).await?.horizon;
        check.holds(read == want, format!("after {said:?} the horizon is {read:?}, and {want:?} was said before"))?;
    }
    // A fraction of a second may be rounded up, since the horizon is an upper bound.
    let fraction = longer.saturating_add(Duration::from_millis(1_500));
    let found = check.answer("raising the horizon", store.raise_horizon(fraction)).await?;
    check.holds(found >= fraction, format!("{fraction:?} is cut to {found:?}"))?;

    let said = move |number: usize| longer.saturating_add(HOUR.saturating_mul(u32::try_from(number % 32).unwrap_or(0).saturating_add(1)));
    let answers = check
        .at_once(64, |number| {
            let store = Arc::clone(&store);
            async move { store.raise_horizon(said(number)).await }
        })
        .await?;
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = check.answer("raising the horizon", async { answer }).await?;
        check.holds(answer >= said(number), format!("{:?} is answered with {answer:?}", said(number)))?;
    }
    let (read, want) = (check.read_all(&store).await?.horizon, said(31));
    check.holds(read == want, format!("of many at once the longest said {want:?}, and the horizon is {read:?}"))?;
    check.answer("raising the horizon", store.raise_horizon(Duration::MAX)).await?;
    check.answer("raising the horizon", store.raise_horizon(HOUR)).await?;
    let read = check.read_all(&store).await?.horizon;
    check.holds(read == Duration::MAX, format!("tokens that live for ever are said to live for {read:?}"))
}
