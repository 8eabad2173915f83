//! A node that revokes and verifies: a process of its own with a log of revocations, which does what it is asked.

mod calls;

use std::{
    fs,
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use session_runtime::{
    Claims, Clock, Issuer, KeyId, Revocations, Timestamp, Verifier,
    error::{RevokeError, StoreError, VerifyError},
    jwt::{Hs256, Jwt},
    revocation::Freshness,
    testing::fixed_ring_at,
    time::SystemClock,
};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::faults::{
    history::{Verdict, nanoseconds},
    node::{memory, say},
    revocation::{
        store::{Link, connect},
        talk::{Answer, Ask, Outcome, Setup, Token, What},
    },
    store::Sabotage,
    talk::{Question, Reply},
};

/// Who issues every token.
pub const ISSUER: &str = "https://id.example";
/// How the one key of every node is called, which is imported and therefore of the ring `imported`.
pub const KEY: &str = "test-key";

/// The claims of every token. HMAC, because verification is to cost as little as it can.
#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", leeway = "60s", token_type = "at+jwt")]
pub struct Access {
    #[claim(sub)]
    user: String,
    #[claim(sid)]
    session: String,
}

impl Access {
    /// Of this subject, in a session of the same name.
    pub fn of(user: &str) -> Self {
        Self { user: user.to_owned(), session: user.to_owned() }
    }
}

/// The machine's clocks, as somebody has set them.
#[derive(Debug, Clone, Default)]
pub struct Stepped(Arc<(AtomicI64, AtomicU64)>);

impl Clock for Stepped {
    fn wall(&self) -> Timestamp {
        Timestamp::from_unix(SystemClock.wall().as_unix() + self.0.0.load(Ordering::SeqCst))
    }

    fn boot(&self) -> Duration {
        SystemClock.boot() + Duration::from_secs(self.0.1.load(Ordering::SeqCst))
    }
}

/// The moment by which everything is judged.
pub fn now() -> u64 {
    nanoseconds(SystemClock.boot())
}

struct Node {
    clock: Stepped,
    revocations: Revocations,
    issuer: Issuer<Access, Jwt<Hs256>>,
    verifier: Verifier<Access>,
    strict: Verifier<Access>,
    tokens: Mutex<Vec<Arc<str>>>,
    watched: Mutex<Vec<u32>>,
    stopped: AtomicBool,
}

/// Runs a node until its standard input ends.
///
/// # Errors
/// When it cannot start.
pub async fn run(setup: Setup) -> Result<(), StoreError> {
    let node = Arc::new(Node::open(&setup).await?);
    say(&Reply { id: 0, answer: Answer::Done(None) });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Question::<Ask> { id, ask } = serde_json::from_str(&line).expect("a question");
        // What moves time or tokens happens before the next question; what asks the store may take its time.
        if let Some(answer) = node.at_once(&ask) {
            say(&Reply { id, answer });
            continue;
        }
        let mut work = Box::pin(Arc::clone(&node).answer(ask));
        // What a call does before it waits is done before the next question: a revocation is refused here at once.
        match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            Poll::Ready(answer) => say(&Reply { id, answer }),
            Poll::Pending => drop(tokio::spawn(async move { say(&Reply { id, answer: work.await }) })),
        }
    }
    Ok(())
}

/// The log of a node, as it is opened everywhere.
///
/// # Errors
/// When it cannot be read.
pub async fn open(setup: &Setup, clock: impl Clock) -> Result<Revocations, StoreError> {
    let link: Link = connect(&setup.store, Duration::from_millis(setup.deadline), setup.hints, setup.sabotage).await?;
    let hour = 3_600_000;
    let poll = if setup.sabotage == Some(Sabotage::OnlyHints) { hour } else { setup.poll };
    let mut builder =
        Revocations::builder().clock(clock).max_staleness(Duration::from_millis(setup.staleness)).poll(Duration::from_millis(poll));
    match setup.sabotage {
        Some(Sabotage::NoPoll) => builder = builder.unattended(),
        Some(Sabotage::AnyClock) => builder = builder.dangerous_ignore_clock_skew(),
        _ => {}
    }
    builder.open(link).await
}

impl Node {
    async fn open(setup: &Setup) -> Result<Self, StoreError> {
        let clock = Stepped::default();
        clock.0.0.store(setup.ahead, Ordering::SeqCst);
        let revocations = open(setup, clock.clone()).await?;
        let ring = fixed_ring_at::<Jwt<Hs256>>(clock.clone()).unwrap();
        let issuer = Issuer::new(&ring).unwrap().with_revocations(&revocations).await.expect("the store takes note of the issuer");
        let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.expect("and of the verifier");
        let strict = match setup.sabotage {
            Some(Sabotage::Patient) => Freshness::strict_within(Duration::from_secs(5)),
            _ => Freshness::strict(),
        };
        let strict = verifier.clone().with_freshness(strict).unwrap();
        let verifier = match setup.sabotage {
            Some(Sabotage::NeverStale) => verifier.with_freshness(Freshness::dangerous_allow_unchecked()).unwrap(),
            _ => verifier,
        };
        let (tokens, watched) = (Mutex::default(), Mutex::default());
        Ok(Self { clock, revocations, issuer, verifier, strict, tokens, watched, stopped: AtomicBool::new(false) })
    }

    fn at_once(self: &Arc<Self>, ask: &Ask) -> Option<Answer> {
        let done = Some(Answer::Done(None));
        match ask {
            Ask::Issue(subjects) => Some(Answer::Tokens(subjects.iter().map(|subject| self.issue(subject)).collect())),
            Ask::Learn(tokens) => {
                self.tokens.lock().unwrap().extend(tokens.iter().map(|token| Arc::from(token.as_str())));
                done
            }
            Ask::Watch(tokens) => {
                self.watched.lock().unwrap().extend(tokens);
                done
            }
            Ask::Stop => {
                self.stopped.store(true, Ordering::SeqCst);
                done
            }
            Ask::Load { rate, file } => {
                self.stopped.store(false, Ordering::SeqCst);
                let (node, rate, file) = (Arc::clone(self), *rate, file.clone());
                // A thread of its own: what takes long elsewhere in the process holds up no request, and the other way round.
                std::thread::spawn(move || {
                    let unfinished = format!("{file}.part");
                    fs::write(&unfinished, node.load(rate)).expect("a file for what was answered");
                    fs::rename(unfinished, file).expect("and its name, once it is whole");
                });
                done
            }
            Ask::Verify(which) => {
                let tokens = self.tokens.lock().unwrap().clone();
                let all: Vec<u32> = (0..u32::try_from(tokens.len()).unwrap()).collect();
                let which = if which.is_empty() { &all } else { which };
                let started = now();
                let judge = |number: &u32| (self.judge(&tokens[*number as usize]), now() - started);
                Some(Answer::Verdicts(started, which.iter().map(judge).collect()))
            }
            Ask::StepWall(seconds) => {
                self.clock.0.0.fetch_add(*seconds, Ordering::SeqCst);
                done
            }
            Ask::Sleep(seconds) => {
                self.clock.0.1.fetch_add(*seconds, Ordering::SeqCst);
                done
            }
            Ask::State => Some(self.state()),
            _ => None,
        }
    }

    fn issue(&self, subject: &str) -> Result<Token, String> {
        let issued = self.issuer.issue(&Access::of(subject)).map_err(|error| error.to_string())?;
        let expires = issued.expires_at.map(Timestamp::as_unix);
        Ok(Token { text: issued.token, id: issued.id.as_str().to_owned(), subject: subject.to_owned(), expires })
    }

    fn judge(&self, token: &str) -> Verdict {
        verdict(self.verifier.verify_now(token).map(drop))
    }

    async fn answer(self: Arc<Self>, ask: Ask) -> Answer {
        match ask {
            Ask::Revoke(what) => {
                let asked = now();
                let outcome = self.revoke(what).await;
                Answer::Revoked { asked, answered: now(), outcome }
            }
            Ask::RevokeMany { name, count, at_once } => Answer::Many(self.revoke_many(&name, count, at_once).await),
            Ask::Strict { count, at_once } => self.ask_store(count, at_once).await,
            Ask::Drop { count, seed } => self.drop_calls(count, seed).await,
            Ask::Prune => Answer::Done(self.revocations.prune().await.err().map(|error| error.to_string())),
            ask => self.at_once(&ask).expect("answered at once"),
        }
    }

    async fn revoke(&self, what: What) -> Outcome {
        let (log, issuer) = (&self.revocations, Some(ISSUER));
        let revoked = match what {
            What::Token(id, expires) => log.revoke_token(issuer, &id, expires.map(Timestamp::from_unix)).await,
            What::Subject(subject) => log.revoke_subject_of(issuer, &subject).await,
            What::Session(session) => log.revoke_session_of(issuer, &session).await,
            What::Key(key) => log.revoke_key("imported", &KeyId::new(key).unwrap()).await,
            What::All => log.revoke_all().await,
        };
        match revoked {
            Ok(()) => Outcome::Done,
            Err(RevokeError::Store(StoreError::Unknown { .. })) => Outcome::Unknown,
            Err(RevokeError::Store(StoreError::Lost { .. })) => Outcome::Lost,
            Err(_) => Outcome::NotApplied,
        }
    }

    fn state(&self) -> Answer {
        let health = self.revocations.health();
        Answer::State {
            health: health.to_string(),
            ready: health.is_ready() && health.recovering.is_zero(),
            entries: health.entries,
            pending: health.pending,
            losses: health.losses,
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks(),
            files: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
            memory: memory(),
        }
    }
}

fn verdict(verified: Result<(), VerifyError>) -> Verdict {
    match verified {
        Ok(()) => Verdict::Accepted,
        Err(VerifyError::Revoked) => Verdict::Revoked,
        Err(VerifyError::Unavailable(_)) => Verdict::Unavailable,
        Err(_) => Verdict::Other,
    }
}

/// Revokes again and again, and says the name of each revocation that was acknowledged, until it is killed.
///
/// # Errors
/// When the log cannot be opened.
pub async fn revoke_for_ever(setup: Setup) -> Result<(), StoreError> {
    use std::io::Write as _;
    let log = open(&setup, SystemClock).await?;
    let mut out = std::io::stdout();
    for number in 0_u64.. {
        let name = format!("{}-{number}", std::process::id());
        if log.revoke_token(Some(ISSUER), &name, None).await.is_ok() {
            let _ = out.write_all(format!("{name}\n").as_bytes());
        }
    }
    Ok(())
}
