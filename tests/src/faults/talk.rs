//! What a node is asked over its standard input and answers on its standard output, one JSON line each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use session_runtime::keyring::Timing;

use super::store::Sabotage;

/// How a node is started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The store, as [`Link::connect`](super::store::Link::connect) takes it.
    pub store: String,
    /// The ring's name in its store.
    pub ring: String,
    /// Whether it opens the ring when it starts.
    pub open: bool,
    /// How long a call of the store may take, in milliseconds of real time.
    pub deadline: u64,
    /// The seconds since 1970 that its clock shows first; `None` for the machine's clock.
    pub wall: Option<i64>,
    /// The times of the ring, where it is not there yet.
    pub timing: Option<Timing>,
    /// The longest life of a token in seconds.
    pub max_ttl: u64,
    /// The defence that this node lacks.
    pub sabotage: Option<Sabotage>,
}

/// What a node is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ask {
    /// Time passes: both of its clocks go on by so many seconds.
    Advance(u64),
    /// Somebody sets its wall clock by so many seconds.
    StepWall(i64),
    /// It looks after the ring once.
    Maintain,
    /// It looks after the ring by itself from now on.
    Keep,
    /// It rotates.
    Rotate,
    /// It declares the key that it signs with compromised.
    Compromise,
    /// It issues so many tokens; none when it must not sign.
    Issue(usize),
    /// It is handed tokens, and remembers the last so many.
    Learn {
        /// The tokens.
        tokens: Vec<String>,
        /// How many are remembered, of all that it was ever handed.
        keep: usize,
    },
    /// It verifies every token that it remembers.
    Verify,
    /// It opens the ring and looks after it in so many tasks at once, each over a ring of its own.
    Crowd(usize),
    /// It verifies so many tokens, each of which names another key that nobody has, and one good one after every hundred.
    Flood(usize),
    /// How it is.
    State,
}

/// What a node answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// It was done, or why not. With the ring as the node knows it then: epochs and key ids.
    Done {
        /// Why it was not done.
        error: Option<String>,
        /// Every key that it knows.
        keys: Vec<(u64, String)>,
    },
    /// Tokens.
    Tokens(Vec<String>),
    /// What it said of tokens, and how often.
    Verdicts {
        /// How many were good.
        good: u64,
        /// The others, by the words of the refusal.
        refused: BTreeMap<String, u64>,
    },
    /// The keys of every task.
    Crowd(Vec<Vec<(u64, String)>>),
    /// How it is.
    State {
        /// Its health in words.
        health: String,
        /// Whether it would be sent requests.
        ready: bool,
        /// How often it read the ring from its store.
        reads: u64,
        /// What it holds of memory, in KiB.
        memory: u64,
    },
}

/// What is talked about with a kind of node.
pub trait Talk: std::fmt::Debug {
    /// The argument of the program that makes it such a node.
    const WORD: &'static str;
    /// How it is started.
    type Setup: Serialize;
    /// What it is asked.
    type Ask: Serialize + Send;
    /// What it answers.
    type Answer: DeserializeOwned + Send + std::fmt::Debug + 'static;
}

/// Talk about a key ring.
#[derive(Debug)]
pub struct Keys;

impl Talk for Keys {
    const WORD: &'static str = "node";
    type Setup = Setup;
    type Ask = Ask;
    type Answer = Answer;
}

/// A line to a node.
#[derive(Debug, Serialize, Deserialize)]
pub struct Question<A> {
    /// By which the answer is known, since a slow one does not hold up the next.
    pub id: u64,
    /// What is asked.
    pub ask: A,
}

/// A line from a node.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply<A> {
    /// Of the question.
    pub id: u64,
    /// What is answered.
    pub answer: A,
}
