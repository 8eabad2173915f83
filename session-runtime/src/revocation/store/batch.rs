//! What a store is asked with and answers to a read.

use std::time::Duration;

use crate::{
    revocation::{entry::Entry, position::Position, target::DigestKey},
    time::Timestamp,
};

/// From where the log is read: everything up to a position is known, and in the middle of a long answer the store's own note of where it
/// was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    position: Position,
    page: Option<Box<str>>,
}

impl Cursor {
    /// Nothing is known.
    pub const START: Self = Self { position: Position::ZERO, page: None };

    /// Everything up to here is known.
    pub const fn after(position: Position) -> Self {
        Self { position, page: None }
    }

    /// In the middle of a long answer.
    #[must_use]
    pub fn at_page(self, page: impl Into<Box<str>>) -> Self {
        Self { page: Some(page.into()), ..self }
    }

    /// Up to where everything is known.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The note with which the store has ended its last answer.
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }
}

/// What a store answers to a read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// Which life of the log this is: random, made when the log is created, and another one when its data was lost.
    pub epoch: Box<str>,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Together with what was read before, `entries` are all there are up to here. Some may stand above it, where a store hands out
    /// entries while others are written.
    pub complete_to: Position,
    /// Where to read on, when the log held more than fitted when it was asked.
    pub more: Option<Cursor>,
    /// The longest life of a token, as in [`RevocationStore::raise_horizon`](super::RevocationStore::raise_horizon).
    pub horizon: Duration,
    /// Whether this is the beginning of everything that the log has, although the cursor asked for less.
    pub whole: bool,
    /// The store's own time of day, where it has a clock of its own.
    pub now: Option<Timestamp>,
    /// How this life of the log began, where it can have had others.
    pub life: Option<Life>,
}

/// How the present life of a log began.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Life {
    /// The first position of this life: tokens with a `gen` below it are from before.
    pub begun: Position,
    /// For how much longer nodes that know nothing from before refuse tokens from before: until then others tell what they knew. Zero when
    /// it is over.
    pub recovering: Duration,
    /// The key of the nodes' digests.
    pub digests: DigestKey,
}

impl Life {
    /// Puts together what a store has read.
    pub fn new(begun: Position, recovering: Duration, digests: DigestKey) -> Self {
        Self { begun, recovering, digests }
    }
}

/// What whoever begins a log again knows of the life before; see [`RevocationStore::begin`](super::RevocationStore::begin).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Beginning {
    /// The highest position that is known.
    pub above: Position,
    /// The longest life of a token that is known.
    pub horizon: Duration,
    /// The key of the digests, if the store has none.
    pub digests: DigestKey,
    /// For how long nodes that know nothing from before shall wait.
    pub recovery: Duration,
    /// A random name for the new life.
    pub epoch: Box<str>,
}

impl Beginning {
    /// Puts together what is known.
    pub fn new(above: Position, horizon: Duration, digests: DigestKey, recovery: Duration, epoch: impl Into<Box<str>>) -> Self {
        Self { above, horizon, digests, recovery, epoch: epoch.into() }
    }
}

impl Batch {
    /// An answer that goes up to the end of the log.
    pub fn new(epoch: impl Into<Box<str>>, entries: Vec<Entry>, complete_to: Position, horizon: Duration) -> Self {
        Self { epoch: epoch.into(), entries, complete_to, more: None, horizon, whole: false, now: None, life: None }
    }

    /// Says where to read on.
    #[must_use]
    pub fn with_more(mut self, more: Option<Cursor>) -> Self {
        self.more = more;
        self
    }

    /// Says that this begins everything that the log has.
    #[must_use]
    pub fn with_whole(mut self, whole: bool) -> Self {
        self.whole = whole;
        self
    }

    /// Says what time it is for the store.
    #[must_use]
    pub fn with_now(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// Says how this life of the log began.
    #[must_use]
    pub fn with_life(mut self, life: Life) -> Self {
        self.life = Some(life);
        self
    }
}
