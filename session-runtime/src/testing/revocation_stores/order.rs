//! Positions rise, and what a read calls complete is complete, also while others write.

use std::{collections::HashSet, sync::Arc, time::Duration};

use super::{
    Broken,
    check::{Check, NOW, Reading, Store, UNTIL, numbered},
};
use crate::revocation::{Cursor, Entry, Keep, NewEntry, Position, Target};

const WRITERS: usize = 16;
/// Entries of each writer while somebody polls.
const EACH: usize = 20;
/// More than a page of any store that we know.
const MANY: usize = 5_000;

/// A new entry stands above everything that was read before, and above every other one.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn positions_rise(store: Store) -> Result<(), Broken> {
    let check = Check("positions_rise");
    let mut last = check.begun(&store).await?.complete_to;
    for number in 0..20 {
        let entry = check.append(&store, &numbered(number), Keep::Until(UNTIL)).await?;
        check.holds(entry.position > last, format!("an entry is put at {:?}, and {last:?} was complete", entry.position))?;
        last = check.read_all(&store).await?.complete_to;
        check.holds(last >= entry.position, format!("an entry at {:?} was written, and a read goes to {last:?}", entry.position))?;
    }
    Ok(())
}

/// Of 64 entries that are appended at once every one is kept, at a position of its own.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn of_64_that_append_at_once_none_is_lost(store: Store) -> Result<(), Broken> {
    let check = Check("of_64_that_append_at_once_none_is_lost");
    check.begun(&store).await?;
    let mut all = Vec::new();
    // More than once, since a race may happen to be run one after the other.
    for round in 0..3_usize {
        let answers = check
            .at_once(64, |number| {
                let (store, target) = (Arc::clone(&store), Target::token(Some(&round.to_string()), &number.to_string()));
                async move { store.append(&NewEntry::new(target, Keep::Until(UNTIL)), NOW).await }
            })
            .await?;
        for answer in answers {
            all.push(check.answer("an append", async { answer }).await?);
        }
    }
    let positions: HashSet<Position> = all.iter().map(|entry| entry.position).collect();
    check.holds(positions.len() == all.len(), "one position was given to two entries")?;
    check.finds_only(&check.read_all(&store).await?, &all)
}

/// Whoever reads on after any position that a read called complete, or that an entry had, gets everything newer.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_read_after_a_cursor_leaves_nothing_out(store: Store) -> Result<(), Broken> {
    let check = Check("a_read_after_a_cursor_leaves_nothing_out");
    let start = check.begun(&store).await?.complete_to;
    let appended = check.append_many(&store, 0..40).await?;
    check.finds(&check.read(&store, Cursor::after(start)).await?, &appended)?;
    for (number, entry) in (1..).zip(&appended) {
        let newer: Vec<Entry> = appended.iter().skip(number).cloned().collect();
        check.finds(&check.read(&store, Cursor::after(entry.position)).await?, &newer)?;
    }
    // An entry that has moved is newer than everything.
    let moved = check.append_many(&store, 7..8).await?;
    for entry in &appended {
        check.finds(&check.read(&store, Cursor::after(entry.position)).await?, &moved)?;
    }
    Ok(())
}

/// Whoever polls while 16 others write has everything in the end, although he reads on after what was complete. It finds a store that
/// gives a position before the entry at it can be seen.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_reader_that_polls_while_16_write_skips_nothing(store: Store) -> Result<(), Broken> {
    let check = Check("a_reader_that_polls_while_16_write_skips_nothing");
    let polled = poll_while_16_write(&check, &store).await?;
    check.finds(&polled.read, &polled.written)
}

/// What a read called complete is all there is up to there: nothing appears below it later, from answer to answer and from read to read.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn what_is_complete_stays_complete(store: Store) -> Result<(), Broken> {
    let check = Check("what_is_complete_stays_complete");
    let polled = poll_while_16_write(&check, &store).await?;
    hold_steps(&check, &polled.read, &polled.written)?;
    let all = check.read_all(&store).await?;
    hold_steps(&check, &all, &polled.written)
}

/// A log that does not fit into one answer arrives complete, and each answer says rightly how far it goes.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn more_than_one_page_arrives_complete(store: Store) -> Result<(), Broken> {
    let check = Check("more_than_one_page_arrives_complete");
    let start = check.begun(&store).await?.complete_to;
    let each = MANY.div_ceil(WRITERS);
    let writers = check
        .at_once(WRITERS, |writer| {
            let store = Arc::clone(&store);
            let first = writer.saturating_mul(each);
            async move { Check("more_than_one_page_arrives_complete").append_many(&store, first..first.saturating_add(each)).await }
        })
        .await?;
    let mut written = Vec::new();
    for entries in writers {
        written.extend(entries?);
    }
    for cursor in [Cursor::START, Cursor::after(start)] {
        let all = check.read(&store, cursor).await?;
        check.finds(&all, &written)?;
        hold_steps(&check, &all, &written)?;
    }
    // From the middle of the order on.
    written.sort_by_key(|entry| entry.position);
    let newer = written.split_off(written.len() / 2);
    let Some(middle) = written.last() else { return Ok(()) };
    check.finds(&check.read(&store, Cursor::after(middle.position)).await?, &newer)
}

struct Polled {
    /// Everything that the reader was given, in the order of answers.
    read: Reading,
    written: Vec<Entry>,
}

async fn poll_while_16_write(check: &Check, store: &Store) -> Result<Polled, Broken> {
    let promise = check.0;
    let mut cursor = Cursor::after(check.begun(store).await?.complete_to);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(store);
            let first = writer.saturating_mul(EACH);
            tokio::spawn(async move { Check(promise).append_many(&store, first..first.saturating_add(EACH)).await })
        })
        .collect();
    let mut read: Option<Reading> = None;
    loop {
        // Asked before the read: the last read begins when all has been written.
        let over = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let mut news = check.read(store, cursor.clone()).await?;
        check.holds(news.complete_to >= cursor.position(), "what is complete goes back")?;
        cursor = Cursor::after(news.complete_to);
        read = Some(match read {
            None => news,
            Some(mut earlier) => {
                let had = earlier.entries.len();
                earlier.steps.extend(news.steps.iter().map(|(to, count)| (*to, had.saturating_add(*count))));
                earlier.entries.append(&mut news.entries);
                earlier
            }
        });
        if over {
            break;
        }
        // Lets the writers of a store without a network come forward; a reader that never waits would hold its lock most of the time.
        let _ = tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
    }
    let mut written = Vec::new();
    for writer in writers {
        match writer.await {
            Ok(entries) => written.extend(entries?),
            Err(_) => return check.broken("an append panicked"),
        }
    }
    match read {
        Some(read) => Ok(Polled { read, written }),
        None => check.broken("nothing was read"),
    }
}

/// Holds that of `written` each answer had brought everything up to where it said that it is complete.
fn hold_steps(check: &Check, reading: &Reading, written: &[Entry]) -> Result<(), Broken> {
    let mut arrived = HashSet::new();
    let mut entries = reading.entries.iter();
    let mut in_order: Vec<&Entry> = written.iter().collect();
    in_order.sort_by_key(|entry| entry.position);
    let mut in_order = in_order.into_iter().peekable();
    let mut highest = Position::ZERO;
    let mut count: usize = 0;
    for (complete_to, arrived_by) in &reading.steps {
        arrived.extend(entries.by_ref().take(arrived_by.saturating_sub(count)).map(|entry| entry.position));
        count = *arrived_by;
        highest = highest.max(*complete_to);
        while let Some(entry) = in_order.next_if(|entry| entry.position <= highest) {
            if !arrived.contains(&entry.position) {
                return check.broken(format!("it was complete to {complete_to:?}, and an entry at {:?} had not arrived", entry.position));
            }
        }
    }
    Ok(())
}
