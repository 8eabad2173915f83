//! A node that revokes and verifies: a process of its own with a log of revocations, which does what it is asked.

use std::{
    fmt::Write as _,
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

use super::{
    history::{Verdict, nanoseconds},
    node::{memory, say},
    real_time::{pause, within},
    rstore::{Link, connect},
    rtalk::{Answer, Ask, Outcome, Setup, Token, What},
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

    /// Verifies until it is told to stop, and tells what was answered, a line each.
    fn load(&self, rate: u64) -> String {
        const TICK: Duration = Duration::from_millis(10);
        let each = rate.div_ceil(100);
        let (mut told, mut next) = (String::new(), 0);
        while !self.stopped.load(Ordering::SeqCst) {
            let tokens = self.tokens.lock().unwrap().clone();
            let mut ask = |number: usize| {
                let Some(token) = tokens.get(number) else { return Verdict::Other };
                let start = now();
                let verdict = self.judge(token);
                let end = now();
                let letter = match verdict {
                    Verdict::Accepted => 'a',
                    Verdict::Revoked => 'r',
                    Verdict::Unavailable => 'u',
                    Verdict::Other => 'o',
                };
                writeln!(told, "{number} {start} {end} {letter}").unwrap();
                verdict
            };
            let watched = std::mem::take(&mut *self.watched.lock().unwrap());
            let still: Vec<u32> = watched.into_iter().filter(|number| ask(*number as usize) != Verdict::Revoked).collect();
            self.watched.lock().unwrap().extend(still);
            for _ in 0..each.min(tokens.len() as u64 * each) {
                ask(next % tokens.len());
                next += 1;
            }
            pause(TICK);
        }
        told
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

    async fn revoke_many(self: &Arc<Self>, name: &str, count: u64, at_once: usize) -> u64 {
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..at_once.max(1) {
            let (node, next, name) = (Arc::clone(self), Arc::clone(&next), name.to_owned());
            tasks.spawn(async move {
                let mut done = 0;
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return done;
                    }
                    done += u64::from(node.revoke(What::Token(format!("{name}{number}"), None)).await == Outcome::Done);
                }
            });
        }
        tasks.join_all().await.into_iter().sum()
    }

    async fn ask_store(self: &Arc<Self>, count: u64, at_once: usize) -> Answer {
        let Some(token) = self.tokens.lock().unwrap().first().cloned() else { return Answer::Verdicts(now(), Vec::new()) };
        let started = now();
        let mut tasks = tokio::task::JoinSet::new();
        let at_once = at_once.max(1) as u64;
        for _ in 0..at_once {
            let (node, token) = (Arc::clone(self), Arc::clone(&token));
            tasks.spawn(async move {
                let mut told = Vec::new();
                for _ in 0..count / at_once {
                    let start = now();
                    let said = verdict(node.strict.verify(&token).await.map(drop));
                    told.push((said, now() - start));
                }
                told
            });
        }
        Answer::Verdicts(started, tasks.join_all().await.concat())
    }

    /// What is dropped is whatever its future was doing; that of a strict request goes on without it.
    async fn drop_calls(&self, count: u64, seed: u64) -> Answer {
        let mut chances = fastrand::Rng::with_seed(seed);
        let token = self.tokens.lock().unwrap().first().cloned();
        let mut done = 0;
        for number in 0..count {
            let moment = Duration::from_micros(chances.u64(0..3_000));
            let finished = match &token {
                Some(token) if chances.bool() => within(moment, self.strict.verify(token)).await.is_some(),
                _ => within(moment, self.revoke(What::Token(format!("dropped-{seed}-{number}"), None))).await.is_some(),
            };
            done += u64::from(finished);
        }
        Answer::Many(done)
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
