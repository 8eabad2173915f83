//! Nodes as processes of their own, each with a link of its own to one store.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::{Mutex as AsyncMutex, oneshot},
    task::JoinHandle,
};

use super::talk::{Answer, Ask, Keys, Question, Reply, Setup, Talk};
use crate::{
    needs::Unmet,
    proxy::Proxy,
    server::{Postgres, Redis},
};

/// The program that is a node when it is started as `faults node SETUP`.
#[derive(Debug, Clone)]
pub struct Program(pub PathBuf);

/// A real store that nodes reach over links.
#[derive(Debug)]
pub enum Server {
    /// A Redis.
    Redis(Redis),
    /// A PostgreSQL.
    Postgres(Postgres),
}

impl Server {
    /// A Redis that keeps every write on disk before it answers.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn durable_redis() -> Result<Self, Unmet> {
        Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).map(Self::Redis)
    }

    /// A PostgreSQL that keeps every write before it answers, as servers do that nobody told otherwise.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn postgres() -> Result<Self, Unmet> {
        Postgres::start_with(&["-c", "synchronous_commit=on"]).map(Self::Postgres)
    }

    /// Its address for clients.
    pub fn url(&self) -> String {
        match self {
            Self::Redis(redis) => redis.url(),
            Self::Postgres(postgres) => postgres.url(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Redis(redis) => redis.address(),
            Self::Postgres(postgres) => (Ipv4Addr::LOCALHOST, postgres.port()).into(),
        }
    }

    /// Ends it at once, as a crash would, and starts it again with what it had on disk.
    ///
    /// # Panics
    /// When it does not start again.
    pub fn crash(&mut self) {
        match self {
            Self::Redis(redis) => {
                kill_process(redis.pid(), Signal::KILL).unwrap();
                redis.stop();
                redis.start_again().unwrap();
            }
            Self::Postgres(postgres) => {
                // The whole cluster at once, without a checkpoint: killing its first process alone leaves others that keep the next one out.
                kill_process(postgres.pid(), Signal::QUIT).unwrap();
                postgres.stop();
                postgres.start_again().unwrap();
            }
        }
    }
}

type Waiting<A> = Arc<Mutex<HashMap<u64, oneshot::Sender<A>>>>;

/// One node, and what is talked about with it.
#[derive(Debug)]
pub struct Node<T: Talk = Keys> {
    child: Child,
    input: AsyncMutex<ChildStdin>,
    waiting: Waiting<T::Answer>,
    next: AtomicU64,
    reader: JoinHandle<()>,
}

impl<T: Talk> Node<T> {
    /// Starts a node and waits until it is there.
    ///
    /// # Errors
    /// When it does not start; what it said is on standard error.
    pub async fn start(program: &Program, setup: &T::Setup) -> io::Result<Self> {
        let setup = serde_json::to_string(setup)?;
        let mut command = Command::new(&program.0);
        command.arg(T::WORD).arg(setup).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let input = AsyncMutex::new(child.stdin.take().unwrap());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        if lines.next_line().await?.is_none() {
            return Err(io::Error::other("a node ended before it was there"));
        }
        let waiting: Waiting<T::Answer> = Arc::default();
        let answered = Arc::clone(&waiting);
        let reader = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let Reply { id, answer } = serde_json::from_str(&line).expect("a reply");
                if let Some(waiting) = answered.lock().unwrap().remove(&id) {
                    let _ = waiting.send(answer);
                }
            }
            // Whoever waits for a node that is gone hears so.
            answered.lock().unwrap().clear();
        });
        Ok(Self { child, input, waiting, next: AtomicU64::new(1), reader })
    }

    /// Asks, and waits for the answer.
    ///
    /// # Panics
    /// When the node is gone.
    pub async fn ask(&self, ask: T::Ask) -> T::Answer {
        self.send(ask).await.await.expect("the node answers")
    }

    /// Asks. The answer comes when it comes.
    ///
    /// # Panics
    /// When the node is gone.
    pub async fn send(&self, ask: T::Ask) -> oneshot::Receiver<T::Answer> {
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        let (send, receive) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, send);
        let mut line = serde_json::to_vec(&Question { id, ask }).unwrap();
        line.push(b'\n');
        self.input.lock().await.write_all(&line).await.expect("the node is there");
        receive
    }

    /// Its process.
    ///
    /// # Panics
    /// When it is gone.
    pub fn pid(&self) -> Pid {
        self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).expect("the node is there")
    }
}

impl Node {
    /// Asks for something that is done or not: why not, and the keys that it knows then.
    ///
    /// # Panics
    /// When the node is gone, or answers something else.
    pub async fn tell(&self, ask: Ask) -> (Result<(), String>, Vec<(u64, String)>) {
        match self.ask(ask).await {
            Answer::Done { error, keys } => (error.map_or(Ok(()), Err), keys),
            other => panic!("{other:?}"),
        }
    }

    /// Tokens of this node.
    ///
    /// # Panics
    /// As [`tell`](Self::tell).
    pub async fn issue(&self, count: usize) -> Vec<String> {
        match self.ask(Ask::Issue(count)).await {
            Answer::Tokens(tokens) => tokens,
            other => panic!("{other:?}"),
        }
    }

    /// What this node says of the tokens that it remembers, or of a flood.
    ///
    /// # Panics
    /// As [`tell`](Self::tell).
    pub async fn judge(&self, ask: Ask) -> (u64, BTreeMap<String, u64>) {
        match self.ask(ask).await {
            Answer::Verdicts { good, refused } => (good, refused),
            other => panic!("{other:?}"),
        }
    }
}

impl<T: Talk> Drop for Node<T> {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        self.reader.abort();
    }
}

/// Nodes over one server, each over a link of its own.
#[derive(Debug)]
pub struct Fleet {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// Their links, in the same order.
    pub links: Vec<Proxy>,
}

impl Fleet {
    /// Starts one node a setup, whose store is replaced by a link to `server`.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start(program: &Program, server: &Server, setups: impl IntoIterator<Item = Setup>) -> io::Result<Self> {
        let mut fleet = Self { nodes: Vec::new(), links: Vec::new() };
        for setup in setups {
            let link = Proxy::start(server.address()).await?;
            let store = server.url().replace(&format!(":{}", server.address().port()), &format!(":{}", link.address().port()));
            fleet.nodes.push(Node::start(program, &Setup { store, ..setup }).await?);
            fleet.links.push(link);
        }
        Ok(fleet)
    }

    /// Asks every node at once.
    pub async fn all(&self, ask: impl Fn(usize) -> Ask) -> Vec<Answer> {
        let mut sent = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            sent.push(node.send(ask(index)).await);
        }
        let mut answers = Vec::new();
        for answer in sent {
            answers.push(answer.await.expect("the node answers"));
        }
        answers
    }
}
