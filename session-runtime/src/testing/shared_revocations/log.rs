//! What the server of the shared log keeps, and what it does to it.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::NAME;
use crate::{
    error::StoreError,
    limits,
    revocation::{Batch, Beginning, Cursor, DigestKey, Entry, Life, NewEntry, Position, Target},
    time::Timestamp,
};

pub(super) struct Log {
    pub(super) page: usize,
    pub(super) skew: i64,
    /// Whether somebody has to begin it before it answers.
    pub(super) lost: bool,
    pub(super) horizon: Duration,
    in_order: usize,
    /// The last position whose order was forgotten: a reader who knows less has to read everything.
    forgotten: Position,
    life: Option<Begun>,
    /// The last position that was given.
    head: Position,
    entries: BTreeMap<Position, Entry>,
    places: HashMap<Target, Position>,
    /// The positions given in this life, and what each entry replaced.
    written: Vec<(Position, Option<Entry>)>,
}

struct Begun {
    epoch: Box<str>,
    begun: Position,
    recovered_at: Duration,
    digests: DigestKey,
}

impl Log {
    pub(super) fn unbegun() -> Self {
        Self {
            page: 4_096,
            skew: 0,
            lost: true,
            horizon: limits::MAX_TTL,
            in_order: usize::MAX,
            forgotten: Position::ZERO,
            life: None,
            head: Position::ZERO,
            entries: BTreeMap::new(),
            places: HashMap::new(),
            written: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// `None` when the log is lost.
    pub(super) fn read(&self, cursor: &Cursor, boot: Duration) -> Option<Batch> {
        let life = self.life.as_ref().filter(|_| !self.lost)?;
        // A note names its life: in another one, everything has to be read from the start again.
        let page = cursor.page().map(|note| {
            let (place, epoch) = note.split_once(' ').unwrap_or_default();
            place.parse().ok().and_then(Position::new).filter(|_| epoch == &*life.epoch)
        });
        let everything = page.is_some() || cursor.position() < self.forgotten;
        let since = if everything { page.flatten().unwrap_or(Position::ZERO) } else { cursor.position() };
        let mut entries = self.entries.range(since..).filter(|(place, _)| **place > since).map(|(_, entry)| entry.clone());
        let answer: Vec<Entry> = entries.by_ref().take(self.page).collect();
        let last = answer.last().map_or(since, |entry| entry.position);
        let (complete_to, more) = match entries.next() {
            None => (self.head, None),
            Some(_) if everything => {
                let note = format!("{} {}", last.as_u64(), life.epoch);
                (last.max(cursor.position()), Some(Cursor::after(cursor.position()).at_page(note)))
            }
            Some(_) => (last, Some(Cursor::after(last))),
        };
        let whole = everything && since == Position::ZERO && cursor.position() > Position::ZERO;
        let recovering = life.recovered_at.saturating_sub(boot);
        let told = Life::new(life.begun, recovering, life.digests);
        Some(Batch::new(life.epoch.clone(), answer, complete_to, self.horizon).with_more(more).with_whole(whole).with_life(told))
    }

    pub(super) fn append(&mut self, entry: &NewEntry, now: Timestamp) -> Result<Entry, StoreError> {
        let not_after = entry.keep.not_after(now, self.horizon);
        let not_after = self.find(&entry.target).map_or(not_after, |known| known.not_after.max(not_after));
        self.put(|position| Entry::new(entry.target.clone(), not_after, position))
    }

    pub(super) fn restore(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        for entry in entries {
            let known = self.find(&entry.target);
            let not_after = known.map_or(entry.not_after, |known| known.not_after.max(entry.not_after));
            let covers_below = known.map_or(entry.covers_below, |known| known.covers_below.max(entry.covers_below));
            // Every node tells what it knows. What changes nothing gets no new position, or all nodes would read all of it once for each.
            if known.is_none_or(|known| (known.not_after, known.covers_below) != (not_after, covers_below)) {
                self.put(|position| Entry::new(entry.target.clone(), not_after, position).covering_below(covers_below))?;
            }
        }
        Ok(())
    }

    pub(super) fn prune(&mut self, now: Timestamp) -> u64 {
        let before = self.entries.len();
        // At its last moment an entry is still needed.
        self.entries.retain(|_, entry| entry.not_after >= now);
        self.places.retain(|_, place| self.entries.contains_key(place));
        u64::try_from(before.saturating_sub(self.entries.len())).unwrap_or(u64::MAX)
    }

    pub(super) fn begin(&mut self, beginning: &Beginning, wall: Timestamp, boot: Duration) -> Result<(), StoreError> {
        if !self.lost && self.life.as_ref().is_some_and(|life| life.begun > beginning.above) {
            return Ok(());
        }
        let begun = Position::of_new_log(wall).max(self.head).max(beginning.above).next().ok_or_else(full)?;
        let digests = self.life.as_ref().map_or(beginning.digests, |life| life.digests);
        let recovered_at = boot.saturating_add(beginning.recovery);
        self.life = Some(Begun { epoch: beginning.epoch.clone(), begun, recovered_at, digests });
        self.horizon = self.horizon.max(beginning.horizon);
        self.head = begun;
        self.written.clear();
        self.lost = false;
        Ok(())
    }

    pub(super) fn keep_in_order(&mut self, entries: usize) {
        self.in_order = entries;
        self.trim(entries);
    }

    pub(super) fn trim(&mut self, entries: usize) {
        if let Some((oldest, _)) = self.entries.iter().rev().nth(entries) {
            self.forgotten = self.forgotten.max(*oldest);
        }
    }

    pub(super) fn lose_everything(&mut self) {
        *self = Self { page: self.page, skew: self.skew, in_order: self.in_order, ..Self::unbegun() };
    }

    pub(super) fn lose_last(&mut self, entries: usize) {
        self.lost = true;
        for _ in 0..entries {
            let Some((place, replaced)) = self.written.pop() else { return };
            if let Some(lost) = self.entries.remove(&place) {
                self.places.remove(&lost.target);
            }
            if let Some(entry) = replaced {
                self.places.insert(entry.target.clone(), entry.position);
                self.entries.insert(entry.position, entry);
            }
            // The copy that was behind does not know either how far positions had gone.
            let begun = self.life.as_ref().map_or(Position::ZERO, |life| life.begun);
            self.head = self.written.last().map_or(begun, |(place, _)| *place);
        }
    }

    fn find(&self, target: &Target) -> Option<&Entry> {
        self.entries.get(self.places.get(target)?)
    }

    /// Puts an entry at the next position, in place of the earlier one of its target.
    fn put(&mut self, entry: impl FnOnce(Position) -> Entry) -> Result<Entry, StoreError> {
        let position = self.head.next().ok_or_else(full)?;
        let entry = entry(position);
        let replaced = self.places.insert(entry.target.clone(), position).and_then(|place| self.entries.remove(&place));
        self.entries.insert(position, entry.clone());
        self.written.push((position, replaced));
        self.head = position;
        if self.entries.len() > self.in_order {
            self.trim(self.in_order);
        }
        Ok(entry)
    }
}

fn full() -> StoreError {
    StoreError::NotApplied { store: NAME, reason: "no position is left".to_owned() }
}
