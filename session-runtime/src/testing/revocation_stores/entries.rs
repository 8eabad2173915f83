//! What is written is what is read: every kind, odd texts, and what is written again.

use super::{
    Broken,
    check::{Check, HOUR, ISSUER, NOW, Store, UNTIL},
};
use crate::{
    ids::KeyId,
    limits,
    revocation::{Cursor, Entry, Keep, Position, Target},
    time::Timestamp,
};

/// A new log is empty, has a name, and its positions lie above those of any log that stood there before.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_new_log_is_empty_and_begins_above_any_before(store: Store) -> Result<(), Broken> {
    let check = Check("a_new_log_is_empty_and_begins_above_any_before");
    let batch = check.begun(&store).await?;
    check.holds(batch.entries.is_empty() && batch.more.is_none(), "a new log has entries")?;
    check.holds(!batch.epoch.is_empty(), "a new log has no epoch")?;
    check.holds(batch.horizon >= limits::MAX_TTL, format!("the horizon of a new log is {:?}", batch.horizon))?;
    let before = Position::of_new_log(Timestamp::from_unix(1_700_000_000));
    check.holds(batch.complete_to > before, format!("a new log begins at {:?}, where an older one may have been", batch.complete_to))?;
    let again = check.read_all(&store).await?;
    check.holds(again.epoch == batch.epoch && again.complete_to == batch.complete_to, "two reads of a new log are of two logs")
}

/// Entries of every kind are read back as they were written, with the end that was asked for.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn an_entry_is_read_back_as_it_was_written(store: Store) -> Result<(), Broken> {
    let check = Check("an_entry_is_read_back_as_it_was_written");
    check.begun(&store).await?;
    let mut appended = Vec::new();
    for target in every_kind(ISSUER, "ada") {
        appended.push(check.append(&store, &target, Keep::Until(UNTIL)).await?);
        check.holds(appended.last().is_some_and(|entry| entry.not_after == UNTIL), "the end of an entry is not the one asked for")?;
    }
    for (number, end) in (0..).zip([Entry::FOREVER, Timestamp::UNIX_EPOCH, NOW, Timestamp::from_unix(1 << 53)]) {
        let entry = check.append(&store, &Target::token(None, &format!("{number}")), Keep::Until(end)).await?;
        check.holds(entry.not_after == end, format!("an entry until {end:?} lives until {:?}", entry.not_after))?;
        appended.push(entry);
    }
    for entry in &appended {
        check.holds(entry.covers_below == entry.position, format!("a new entry does not cover what is below it: {entry:?}"))?;
    }
    check.finds_only(&check.read_all(&store).await?, &appended)
}

/// Targets that a careless key would mix up stay apart: of other kinds, and with separators in their texts.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn targets_that_look_alike_are_apart(store: Store) -> Result<(), Broken> {
    let check = Check("targets_that_look_alike_are_apart");
    check.begun(&store).await?;
    let mut targets = every_kind(Some("main"), "ada");
    for pair in [
        ("a:b", "c"),
        ("a", "b:c"),
        ("a b", "c"),
        ("a", "b c"),
        ("a\0b", "c"),
        ("a", "b\0c"),
        ("a|b", "c"),
        ("a", "b|c"),
        ("a/b", "c"),
        ("a", "b/c"),
        ("a\n", "b"),
        ("a", "\nb"),
        ("", "a"),
        ("a", ""),
        ("ab", "c"),
        ("a", "bc"),
        ("3:a", "b"),
        ("ada", "main"),
        ("a", "token"),
        ("token", "a"),
    ] {
        targets.extend([Target::token(Some(pair.0), pair.1), Target::subject(Some(pair.0), pair.1)]);
    }
    write_and_find(&check, &store, targets).await
}

/// Texts are read back as they were written, whatever is in them.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn odd_texts_are_read_back(store: Store) -> Result<(), Broken> {
    let check = Check("odd_texts_are_read_back");
    check.begun(&store).await?;
    let (long, wide, digest) = ("x".repeat(4_096), "é".repeat(2_048), "07".repeat(16));
    let texts = [
        "",
        " ",
        "ada",
        "Ada",
        "ada ",
        " ada",
        "\0",
        "a\0b\0",
        "a\nb\r\n",
        "\t",
        "I 'x' \"y\" `z`",
        "'; DROP TABLE entries; --",
        "\\u0000 \\ \\\\",
        "%s {} ? $1 :name",
        "*",
        "a_b%",
        "ü",
        "u\u{308}",
        "\u{feff}ada",
        "\u{202e}ada",
        "ключ キー 🔑",
        "null",
        "0",
        "00",
        "-1",
        "1e3",
        &digest,
        &long,
        &wide,
    ];
    let mut targets = Vec::new();
    for text in texts {
        targets.extend([Target::subject(ISSUER, text), Target::session(Some(text), "session"), Target::token(Some(text), text)]);
    }
    // What a node's digest looks like, which it is not: whoever chooses his name cannot make it one.
    targets.extend([Target::subject(Some(&digest), &digest), Target::token(Some("subject-digest"), &digest)]);
    for key_id in ["k 'x' ü", "key:1", "k4.pid.0707"].into_iter().filter_map(KeyId::new) {
        targets.push(Target::key("ring \0 : ü", &key_id));
    }
    let mut seen = std::collections::HashSet::new();
    targets.retain(|target| seen.insert(target.clone()));
    write_and_find(&check, &store, targets).await
}

/// A target that is revoked again stands at a new place, where those who had read it find it.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn revoking_again_is_found_by_those_who_have_read(store: Store) -> Result<(), Broken> {
    let check = Check("revoking_again_is_found_by_those_who_have_read");
    check.begun(&store).await?;
    let targets = every_kind(ISSUER, "ada");
    for target in &targets {
        check.append(&store, target, Keep::Until(UNTIL)).await?;
    }
    // Of the same end, of a later one, and of an earlier one: each time tokens of a higher `gen` are refused.
    for until in [UNTIL, UNTIL.saturating_add(HOUR), NOW] {
        for target in &targets {
            let known = check.read_all(&store).await?.complete_to;
            let again = check.append(&store, target, Keep::Until(until)).await?;
            check.holds(again.position > known, format!("revoking again stands at {:?}, and {known:?} was read", again.position))?;
            let news = check.read(&store, Cursor::after(known)).await?;
            let covers = news.of(target).map(|entry| entry.covers_below);
            check.holds(covers >= Some(again.position), format!("revoking again is read as covering below {covers:?}, not {again:?}"))?;
        }
    }
    Ok(())
}

/// An entry that is written again keeps the later end.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn revoking_again_never_shortens(store: Store) -> Result<(), Broken> {
    let check = Check("revoking_again_never_shortens");
    check.begun(&store).await?;
    let target = Target::subject(ISSUER, "ada");
    let mut latest = Timestamp::UNIX_EPOCH;
    for end in [UNTIL, NOW, UNTIL.saturating_add(HOUR), UNTIL, Entry::FOREVER, NOW] {
        check.append(&store, &target, Keep::Until(end)).await?;
        latest = latest.max(end);
        let found = check.read_all(&store).await?.of(&target).map(|entry| entry.not_after);
        check.holds(found == Some(latest), format!("an entry until {latest:?} that is written until {end:?} is read until {found:?}"))?;
    }
    Ok(())
}

async fn write_and_find(check: &Check, store: &Store, targets: Vec<Target>) -> Result<(), Broken> {
    let mut appended = Vec::new();
    for target in &targets {
        appended.push(check.append(store, target, Keep::Until(UNTIL)).await?);
    }
    check.finds_only(&check.read_all(store).await?, &appended)
}

/// One target of each kind, all of one issuer and name where they have any.
fn every_kind(issuer: Option<&str>, name: &str) -> Vec<Target> {
    let mut targets = vec![Target::token(issuer, name), Target::subject(issuer, name), Target::session(issuer, name), Target::everything()];
    targets.extend(KeyId::new(name).map(|key_id| Target::key(issuer.unwrap_or_default(), &key_id)));
    targets
}
