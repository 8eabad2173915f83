//! What a node that revokes and verifies is asked, and answers.

use serde::{Deserialize, Serialize};

use crate::faults::{history::Verdict, store::Sabotage, talk::Talk};

/// How a node is started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The store, as [`connect`](super::store::connect) takes it.
    pub store: String,
    /// S in milliseconds.
    pub staleness: u64,
    /// How often the log is read, in milliseconds.
    pub poll: u64,
    /// How long a call of the store may take, in milliseconds.
    pub deadline: u64,
    /// How many of a hundred hints of the store are heard; more than a hundred are heard twice.
    pub hints: u64,
    /// How many seconds its time of day is ahead.
    pub ahead: i64,
    /// The defence that it lacks.
    pub sabotage: Option<Sabotage>,
}

/// What is revoked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum What {
    /// One token, and when it dies.
    Token(String, Option<i64>),
    /// A subject.
    Subject(String),
    /// A session.
    Session(String),
    /// A key of the ring.
    Key(String),
    /// Everything.
    All,
}

/// What a node is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ask {
    /// It issues a token for each of these subjects, in a session of the same name.
    Issue(Vec<String>),
    /// It is handed tokens, which are numbered in the order in which they come.
    Learn(Vec<String>),
    /// It verifies what it knows over and over, so many a second, until it is told to stop, and writes down what it answered.
    Load {
        /// How many a second.
        rate: u64,
        /// Where.
        file: String,
    },
    /// Tokens that it verifies all the time until they are refused, beside the others.
    Watch(Vec<u32>),
    /// It stops.
    Stop,
    /// It revokes.
    Revoke(What),
    /// It revokes so many tokens of this name with a number behind it, some at once.
    RevokeMany {
        /// The name.
        name: String,
        /// How many.
        count: u64,
        /// How many at once.
        at_once: usize,
    },
    /// It says of these tokens, or of all, what it thinks.
    Verify(Vec<u32>),
    /// It asks the store for each of so many requests, for the first token that it knows, some at once, and says how long they took.
    Strict {
        /// How many.
        count: u64,
        /// How many at once.
        at_once: usize,
    },
    /// It begins so many revocations and strict verifications, and drops them at any moment.
    Drop {
        /// How many.
        count: u64,
        /// What decides when.
        seed: u64,
    },
    /// Somebody sets its wall clock by so many seconds.
    StepWall(i64),
    /// Its machine was asleep for so many seconds, and knows what time it is.
    Sleep(u64),
    /// It forgets what is over, here and in the store.
    Prune,
    /// How it is.
    State,
}

/// A token and what it can be revoked by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// What is presented.
    pub text: String,
    /// Its `jti`.
    pub id: String,
    /// Its `sub` and `sid`.
    pub subject: String,
    /// Its `exp`.
    pub expires: Option<i64>,
}

/// What became of a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is in the store.
    Done,
    /// It is not.
    NotApplied,
    /// Nobody knows.
    Unknown,
    /// The store has lost its data.
    Lost,
}

/// What a node answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// It was done, or why not.
    Done(Option<String>),
    /// Tokens, or why there are none.
    Tokens(Result<Vec<Token>, String>),
    /// A revocation.
    Revoked {
        /// When it was asked for.
        asked: u64,
        /// When it was answered.
        answered: u64,
        /// What was answered.
        outcome: Outcome,
    },
    /// How many revocations were acknowledged.
    Many(u64),
    /// Verdicts, when the first was asked for, and when each was answered after how many nanoseconds.
    Verdicts(u64, Vec<(Verdict, u64)>),
    /// How it is.
    State {
        /// Its health in words.
        health: String,
        /// Whether it judges every token.
        ready: bool,
        /// How many targets it refuses.
        entries: usize,
        /// How many revocations the store has not acknowledged.
        pending: usize,
        /// How often the store was found to have lost what it held.
        losses: u64,
        /// How many tasks it has.
        tasks: usize,
        /// How many files and connections it has open.
        files: usize,
        /// What it holds of memory, in KiB.
        memory: u64,
    },
}

/// Talk about revocations.
#[derive(Debug)]
pub struct Revoking;

impl Talk for Revoking {
    const WORD: &'static str = "rnode";
    type Setup = Setup;
    type Ask = Ask;
    type Answer = Answer;
}
