//! What a log had lost comes back from those who knew it, as often as they like.

use std::sync::Arc;

use super::{
    Broken,
    check::{Check, HOUR, ISSUER, NOW, Store, UNTIL, beginning, numbered},
};
use crate::{
    ids::KeyId,
    revocation::{Cursor, Entry, Keep, Kind, Position, Target},
    time::Timestamp,
};

/// What is restored is read back with its end and with what it covered, at a place of the new life.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn what_is_restored_is_read_back(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("what_is_restored_is_read_back");
    let lost = lose_four(&check, &store, loses).await?;
    let begun = check.life(&store).await?.begun;
    check.restore(&store, &lost).await?;
    let read = check.read_all(&store).await?;
    for entry in &lost {
        found_as(&check, &read.of(&entry.target), entry)?;
        let place = read.of(&entry.target).map(|found| found.position);
        check.holds(place > Some(begun), format!("a life begins at {begun:?}, and what is restored stands at {place:?}"))?;
    }
    check
        .holds(read.complete_to >= read.entries.iter().map(|entry| entry.position).max().unwrap_or(begun), "it is complete to below it")?;
    check.restore(&store, &[]).await
}

/// Restoring again changes nothing, also when 16 nodes tell the same at once.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn restoring_twice_changes_nothing(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("restoring_twice_changes_nothing");
    let lost = lose_four(&check, &store, loses).await?;
    for _ in 0..2 {
        check.restore(&store, &lost).await?;
    }
    let answers = check
        .at_once(16, |_| {
            let (store, lost) = (Arc::clone(&store), lost.clone());
            async move { store.restore(&lost).await }
        })
        .await?;
    for answer in answers {
        check.answer("a restoring", async { answer }).await?;
    }
    let read = check.read_all(&store).await?;
    for entry in &lost {
        found_as(&check, &read.of(&entry.target), entry)?;
    }
    let targets: std::collections::HashSet<_> = read.entries.iter().map(|entry| &entry.target).collect();
    check.holds(targets.len() == lost.len(), format!("{} targets were restored, and {} are there", lost.len(), targets.len()))
}

/// Of what is there and what is restored the later end and the higher `covers_below` stay, each for itself.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn restoring_never_shortens(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("restoring_never_shortens");
    let above = check.begun(&store).await?.complete_to;
    loses().await;
    check.begin(&store, &beginning(above)).await?;
    let (low, high) = (below(above, 20), below(above, 10));
    let (early, late) = (UNTIL, UNTIL.saturating_add(HOUR));
    let target = Target::subject(ISSUER, "ada");
    let (mut end, mut covers) = (Timestamp::UNIX_EPOCH, Position::ZERO);
    for (not_after, covers_below) in
        [(early, low), (late, low), (early, high), (early, low), (late, high), (Entry::FOREVER, low), (late, low)]
    {
        check.restore(&store, &[Entry::new(target.clone(), not_after, above).covering_below(covers_below)]).await?;
        (end, covers) = (end.max(not_after), covers.max(covers_below));
        found_as(&check, &check.read_all(&store).await?.of(&target), &Entry::new(target.clone(), end, above).covering_below(covers))?;
    }
    // What was revoked in this life covers more than the life before knew, and is not set back.
    let new = check.append(&store, &numbered(1), Keep::Until(late)).await?;
    check.restore(&store, &[Entry::new(new.target.clone(), early, above).covering_below(high)]).await?;
    found_as(&check, &check.read_all(&store).await?.of(&new.target), &new)
}

/// What is revoked again after it was restored covers what was issued since, and keeps the later end.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn revoking_what_was_restored_covers_more(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("revoking_what_was_restored_covers_more");
    let lost = lose_four(&check, &store, loses).await?;
    check.restore(&store, &lost).await?;
    for entry in &lost {
        let known = check.read_all(&store).await?.complete_to;
        let again = check.append(&store, &entry.target, Keep::Until(NOW)).await?;
        check.holds(again.position > known, format!("revoking again stands at {:?}, and {known:?} was read", again.position))?;
        let want = Entry::new(entry.target.clone(), entry.not_after, again.position);
        found_as(&check, &check.read_all(&store).await?.of(&entry.target), &want)?;
    }
    Ok(())
}

/// Whoever polls sees what another node restores, a thousand entries at once as well as one, and what makes an entry longer.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn what_is_restored_is_seen_by_those_who_poll(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("what_is_restored_is_seen_by_those_who_poll");
    let above = check.begun(&store).await?.complete_to;
    loses().await;
    check.begin(&store, &beginning(above)).await?;
    let covers = below(above, 10);
    let entry = |number: usize, end| Entry::new(numbered(number), end, above).covering_below(covers);
    let many = (0..1_000).map(|number| entry(number, UNTIL)).collect();
    let later = vec![entry(7, UNTIL.saturating_add(HOUR)), entry(1_001, UNTIL)];
    let higher = vec![Entry::new(numbered(8), UNTIL, above).covering_below(below(above, 5))];
    for told in [vec![entry(2_000, UNTIL)], many, later, higher] {
        let known = check.read_all(&store).await?.complete_to;
        check.restore(&store, &told).await?;
        let news = check.read(&store, Cursor::after(known)).await?;
        let found: std::collections::HashMap<_, _> = news.entries.iter().map(|entry| (&entry.target, entry)).collect();
        for entry in &told {
            found_as(&check, &found.get(&entry.target).map(|found| (*found).clone()), entry)?;
        }
    }
    Ok(())
}

/// A target of which only the digest is known stays one, beside a name that looks like it.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn digests_stay_digests(store: Store, loses: impl AsyncFn()) -> Result<(), Broken> {
    let check = Check("digests_stay_digests");
    let above = check.begun(&store).await?.complete_to;
    loses().await;
    check.begin(&store, &beginning(above)).await?;
    let mut names = Vec::new();
    let mut digests = Vec::new();
    for (number, kind) in (1_u8..).zip([Kind::Token, Kind::Subject, Kind::Everything, Kind::Key, Kind::Session]) {
        let digest = digest(kind, number);
        names.extend(Target::from_stored(kind.as_str(), digest.issuer(), digest.name()));
        digests.push(Entry::new(digest, UNTIL, above).covering_below(below(above, 10)));
    }
    let mut appended = Vec::new();
    for name in &names {
        appended.push(check.append(&store, name, Keep::Until(UNTIL)).await?);
    }
    check.restore(&store, &digests).await?;
    let read = check.read_all(&store).await?;
    check.finds(&read, &appended)?;
    for entry in &digests {
        found_as(&check, &read.of(&entry.target), entry)?;
    }
    let known = digests.len().saturating_add(appended.len());
    check.holds(read.entries.len() == known, format!("{known} entries were written, and {} are there", read.entries.len()))
}

/// Begins a new life, and says what was lost of the one before: a token, a subject, a key, and a digest.
async fn lose_four(check: &Check, store: &Store, loses: impl AsyncFn()) -> Result<Vec<Entry>, Broken> {
    let above = check.begun(store).await?.complete_to;
    loses().await;
    check.begin(store, &beginning(above)).await?;
    let mut lost = vec![
        Entry::new(Target::token(ISSUER, "t1"), UNTIL, below(above, 40)),
        Entry::new(Target::subject(ISSUER, "ada \0 ü"), UNTIL.saturating_add(HOUR), below(above, 30)),
        Entry::new(digest(Kind::Subject, 9), UNTIL, below(above, 10)),
    ];
    lost.extend(KeyId::new("stolen").map(|key_id| Entry::new(Target::key("main", &key_id), Entry::FOREVER, below(above, 20))));
    Ok(lost)
}

fn digest(kind: Kind, number: u8) -> Target {
    // The words of digests are the store's business; this is how they are made of words.
    let (word, hex) = (format!("{}-digest", kind.as_str()), format!("{number:02x}").repeat(16));
    Target::from_stored(&word, "07".repeat(16), hex).unwrap_or_else(Target::everything)
}

/// A position of the life before.
fn below(above: Position, by: u64) -> Position {
    Position::new(above.as_u64().saturating_sub(by)).unwrap_or(above)
}

/// Holds that `found` has the end of `want` and covers what it covers; its place is the store's choice.
fn found_as(check: &Check, found: &Option<Entry>, want: &Entry) -> Result<(), Broken> {
    let Some(found) = found else { return check.broken(format!("it is not there: {want:?}")) };
    let same = (&found.target, found.not_after, found.covers_below) == (&want.target, want.not_after, want.covers_below);
    check.holds(same, format!("{found:?} is there in place of {want:?}"))
}
