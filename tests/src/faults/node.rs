//! A node: a process of its own that signs and verifies with one ring, and does what it is asked.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use session_runtime::{
    Claims, Clock, Issuer, KeyRing, Timestamp, Verifier,
    error::{KeyError, VerifyError},
    jwt::{EdDsa, Jwt},
    keyring::{Keeper, KeyRingBuilder, LocalKek},
    testing::ManualClock,
    time::SystemClock,
};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{
    store::{Link, Sabotage},
    talk::{Answer, Ask, Question, Reply, Setup},
};

/// The format of the rings that faults are tried on.
pub type Format = Jwt<EdDsa>;

/// What it is called in the store.
pub const FORMAT: &str = "EdDSA";

/// The name of most rings in their store.
pub const RING: &str = "main";

/// The claims of every token: a leeway as large as the clocks may differ.
#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", leeway = "60s", token_type = "at+jwt")]
pub struct Access {
    #[claim(sub)]
    user: String,
}

impl Access {
    /// For this subject.
    pub fn of(user: &str) -> Self {
        Self { user: user.to_owned() }
    }
}

/// The key-encryption key of every node.
pub fn kek() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

/// The ring as it is made and opened, with this clock.
pub fn builder(setup: &Setup, clock: impl Clock) -> KeyRingBuilder<Format> {
    let builder = KeyRing::builder().name(&setup.ring).clock(clock).max_ttl(Duration::from_secs(setup.max_ttl));
    match setup.timing {
        Some(timing) => builder.timing(timing),
        None => builder,
    }
}

struct Node {
    setup: Setup,
    link: Link,
    clock: Option<ManualClock>,
    /// `None` for a node that opens no ring when it starts.
    place: Mutex<Option<Place>>,
    tokens: Mutex<Vec<String>>,
}

/// What a node works with. It is only ever replaced by a node that lacks a defence.
#[derive(Clone)]
struct Place {
    ring: KeyRing<Format>,
    issuer: Issuer<Access, Format>,
    verifier: Verifier<Access>,
    keeper: Option<Keeper>,
}

/// Runs a node until its standard input ends.
///
/// # Errors
/// When it cannot start.
pub async fn run(setup: Setup) -> Result<(), KeyError> {
    let deadline = Duration::from_millis(setup.deadline);
    let link = Link::connect(&setup.store, deadline, setup.sabotage).await?;
    let clock = setup.wall.map(|wall| ManualClock::at(Timestamp::from_unix(wall)));
    let place = match setup.open {
        true => Some(open(&setup, &link, clock.as_ref()).await?),
        false => None,
    };
    let node = Arc::new(Node { setup, link, clock, place: Mutex::new(place), tokens: Mutex::default() });
    say(&Reply { id: 0, answer: Answer::Tokens(Vec::new()) });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let question: Question<Ask> = serde_json::from_str(&line).expect("a question");
        match question.ask {
            // What moves time or tokens happens before the next question; what asks the store may take its time.
            ask @ (Ask::Advance(_) | Ask::StepWall(_) | Ask::Learn { .. } | Ask::Issue(_) | Ask::Verify | Ask::State) => {
                say(&Reply { id: question.id, answer: node.at_once(ask) });
            }
            ask => {
                let node = Arc::clone(&node);
                tokio::spawn(async move {
                    let answer = node.answer(ask).await;
                    say(&Reply { id: question.id, answer });
                });
            }
        }
    }
    Ok(())
}

async fn open(setup: &Setup, link: &Link, clock: Option<&ManualClock>) -> Result<Place, KeyError> {
    let ring = match clock {
        Some(clock) => builder(setup, clock.clone()).open(link.clone(), kek()).await?,
        None => builder(setup, SystemClock).open(link.clone(), kek()).await?,
    };
    let (issuer, verifier) = (Issuer::new(&ring).unwrap(), Verifier::new(&ring).unwrap());
    Ok(Place { ring, issuer, verifier, keeper: None })
}

pub(super) fn say<A: serde::Serialize>(reply: &Reply<A>) {
    let mut line = serde_json::to_vec(reply).unwrap();
    line.push(b'\n');
    // One write, so that lines of two tasks do not mix; who asked may be gone.
    let _ = std::io::stdout().lock().write_all(&line);
}

impl Node {
    fn place(&self) -> Place {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone().expect("a node that opened its ring")
    }

    fn done(&self, error: Option<String>) -> Answer {
        Answer::Done { error, keys: keys(&self.place().ring) }
    }

    fn at_once(&self, ask: Ask) -> Answer {
        match ask {
            Ask::Advance(seconds) => {
                self.clock.iter().for_each(|clock| clock.advance(Duration::from_secs(seconds)));
                self.done(None)
            }
            Ask::StepWall(seconds) => {
                self.clock.iter().for_each(|clock| clock.step_wall(seconds));
                self.done(None)
            }
            Ask::Learn { tokens, keep } => {
                let mut known = self.tokens.lock().unwrap();
                known.extend(tokens);
                let old = known.len().saturating_sub(keep);
                known.drain(..old);
                Answer::Tokens(Vec::new())
            }
            Ask::Issue(count) => {
                let issuer = self.place().issuer;
                // Fewer, where the ring is out of date.
                Answer::Tokens((0..count).filter_map(|_| Some(issuer.issue(&Access::of("ada")).ok()?.token)).collect())
            }
            Ask::Verify => {
                let (tokens, verifier) = (self.tokens.lock().unwrap(), self.place().verifier);
                let mut verdicts = Verdicts::default();
                tokens.iter().for_each(|token| verdicts.judge(&verifier, token));
                verdicts.into()
            }
            _ => {
                let health = self.place().ring.health();
                Answer::State { health: health.to_string(), ready: health.is_ready(), reads: self.link.reads(), memory: memory() }
            }
        }
    }

    async fn answer(&self, ask: Ask) -> Answer {
        if let Ask::Crowd(tasks) = ask {
            return self.crowd(tasks).await;
        }
        let Place { ring, verifier, issuer, .. } = self.place();
        match ask {
            Ask::Maintain => {
                let error = ring.maintain().await.err().map(|error| error.to_string());
                if error.is_some()
                    && self.setup.sabotage == Some(Sabotage::StartsAnew)
                    && let Ok(fresh) = open(&self.setup, &self.link, self.clock.as_ref()).await
                {
                    *self.place.lock().unwrap() = Some(fresh);
                }
                self.done(error)
            }
            Ask::Keep => {
                let keeper = ring.keep();
                self.place.lock().unwrap().iter_mut().for_each(|place| place.keeper = Some(keeper.clone()));
                self.done(None)
            }
            Ask::Rotate => {
                let rotated = ring.rotate().await;
                self.done(rotated.err().map(|error| error.to_string()))
            }
            Ask::Compromise => {
                let Some(key) = ring.signing_key() else { return self.done(Some("no key signs".to_owned())) };
                let done = ring.compromise(&key).await;
                self.done(done.err().map(|error| error.to_string()))
            }
            Ask::Flood(count) => {
                let good = issuer.issue(&Access::of("ada")).unwrap().token;
                let mut verdicts = Verdicts::default();
                for number in 0..count {
                    let unknown = renamed(&good, number);
                    verdicts.judge(&verifier, &unknown);
                    if self.setup.sabotage == Some(Sabotage::ReadsForEverybody) {
                        let _ = ring.reload().await;
                    }
                    if number % 100 == 0 {
                        verdicts.judge(&verifier, &good);
                        // Whoever looks after the ring gets a turn.
                        tokio::task::yield_now().await;
                    }
                }
                verdicts.into()
            }
            ask => self.at_once(ask),
        }
    }

    async fn crowd(&self, tasks: usize) -> Answer {
        /// So that tasks of one node meet in the store and not at its connection.
        const CONNECTIONS: usize = 8;
        let mut links = vec![self.link.clone()];
        while links.len() < CONNECTIONS.min(tasks) {
            let deadline = Duration::from_millis(self.setup.deadline);
            links.push(Link::connect(&self.setup.store, deadline, self.setup.sabotage).await.expect("the store is there"));
        }
        let start = |number: usize| {
            let (setup, link, clock) = (self.setup.clone(), links[number % links.len()].clone(), self.clock.clone());
            tokio::spawn(async move {
                let ring = open(&setup, &link, clock.as_ref()).await.expect("the store can be read").ring;
                ring.maintain().await.expect("the store can be written");
                keys(&ring)
            })
        };
        let crowd: Vec<_> = (0..tasks).map(start).collect();
        let mut rings = Vec::new();
        for task in crowd {
            rings.push(task.await.unwrap());
        }
        Answer::Crowd(rings)
    }
}

/// Rotates again and again, and says what each rotation made, until it is killed: a line of JSON for every one that was acknowledged.
///
/// # Errors
/// When the ring cannot be opened.
pub async fn rotate_for_ever(setup: Setup) -> Result<(), KeyError> {
    let link = Link::connect(&setup.store, Duration::from_millis(setup.deadline), setup.sabotage).await?;
    let clock = ManualClock::at(Timestamp::from_unix(setup.wall.unwrap_or_default()));
    let ring = open(&setup, &link, Some(&clock)).await?.ring;
    let mut out = std::io::stdout();
    let mut say = |keys: Vec<(u64, String)>| out.write_all(format!("{}\n", serde_json::to_string(&keys).unwrap()).as_bytes());
    loop {
        // By then the tokens of the key before the last have expired, so that records go, too.
        clock.advance(Duration::from_secs(2 * setup.max_ttl));
        match ring.rotate().await {
            Ok(_) => {
                let _ = say(keys(&ring));
                let _ = ring.maintain().await;
            }
            // Another one was first.
            Err(_) => drop(ring.reload().await),
        }
    }
}

fn keys(ring: &KeyRing<Format>) -> Vec<(u64, String)> {
    ring.keys().into_iter().map(|key| (key.epoch, key.id.map(|id| id.to_string()).unwrap_or_default())).collect()
}

#[derive(Default)]
struct Verdicts {
    good: u64,
    refused: BTreeMap<String, u64>,
}

impl Verdicts {
    fn judge(&mut self, verifier: &Verifier<Access>, token: &str) {
        match verifier.verify_now(token) {
            Ok(_) => self.good += 1,
            // Ages differ from one to the next and would fill the table.
            Err(VerifyError::Unavailable(_)) => *self.refused.entry("unavailable".to_owned()).or_default() += 1,
            Err(error) => {
                // The same for moments.
                let words = error.to_string();
                let words = words.split_once(" at 20").map_or(words.as_str(), |(words, _)| words);
                *self.refused.entry(words.to_owned()).or_default() += 1;
            }
        }
    }
}

impl From<Verdicts> for Answer {
    fn from(Verdicts { good, refused }: Verdicts) -> Self {
        Self::Verdicts { good, refused }
    }
}

/// The token with a header that names a key which nobody has; what follows the header is of no interest then.
pub fn renamed(token: &str, number: usize) -> String {
    let header = serde_json::json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": format!("flood-{number}-{}", fastrand::u64(..)) });
    let header = base64_simd::URL_SAFE_NO_PAD.encode_to_string(header.to_string());
    let (_, rest) = token.split_once('.').unwrap();
    format!("{header}.{rest}")
}

/// The resident memory of this process in KiB.
pub fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
