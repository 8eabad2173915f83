//! Nodes around one store, what they were told, and what they answered.

use std::{fs, time::Duration};

use rustix::process::{Signal, kill_process};
use session_runtime::{
    limits::MAX_TTL,
    revocation::{Beginning, Cursor, DigestKey, Position, RevocationStore},
};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{Server, Try, broken};
use crate::{
    faults::{
        fault::Size,
        fleet::{Node, Program},
        history::{History, Judged, Outage, Request, Revoked, Rules, Verdict},
        real_time::{pass, within},
        revocation::node::now,
        revocation::store::connect,
        revocation::talk::{Answer, Ask, Outcome, Revoking, Setup, Token, What},
    },
    needs::Unmet,
    proxy::Proxy,
};

/// S of every node here.
pub(super) const S: Duration = Duration::from_secs(3);
pub(super) const POLL: Duration = Duration::from_millis(500);
/// Nobody is waited for any longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a node is, as far as rows ask.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) ready: bool,
    pub(super) entries: usize,
    pub(super) pending: usize,
    pub(super) losses: u64,
    pub(super) tasks: usize,
    pub(super) files: usize,
    pub(super) memory: u64,
}

/// A revocation that was asked for.
pub(super) struct Asked {
    tokens: Vec<u32>,
    answer: oneshot::Receiver<Answer>,
}

pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) nodes: Vec<Node<Revoking>>,
    /// Their links, in the same order.
    pub(super) links: Vec<Proxy>,
    pub(super) tokens: Vec<Token>,
    pub(super) history: History,
    pub(super) size: Size,
    program: Program,
    folder: TempDir,
    loads: Vec<(usize, String)>,
}

/// A node as it is started unless a row says otherwise.
pub(super) fn setup(this: &Try) -> Setup {
    Setup { store: String::new(), staleness: 3_000, poll: 500, deadline: 250, hints: 100, ahead: 0, sabotage: this.sabotage }
}

impl Scene {
    pub(super) async fn start(this: &Try, server: Server, setups: impl IntoIterator<Item = Setup>) -> Result<Self, Unmet> {
        let folder = tempfile::tempdir().map_err(broken)?;
        let (nodes, links, tokens, loads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (history, program, size) = (History::default(), this.program.clone(), this.size);
        let mut scene = Self { server, nodes, links, tokens, history, size, program, folder, loads };
        // A new log is as one that was lost: tokens from before it are distrusted for a while. Here there are none, and nobody waits.
        let store = connect(&scene.server.url(), PATIENCE, 0, None).await.map_err(broken)?;
        let beginning = Beginning::new(Position::ZERO, MAX_TTL, DigestKey::from_bytes([7; 16]), Duration::ZERO, "the first life");
        store.begin(&beginning).await.map_err(broken)?;
        for setup in setups {
            scene.join(setup).await?;
        }
        scene.settled(PATIENCE).await?;
        Ok(scene)
    }

    /// Starts another node, which knows the tokens that there are.
    pub(super) async fn join(&mut self, setup: Setup) -> Result<usize, Unmet> {
        let link = Proxy::start(self.server.address()).await.map_err(broken)?;
        let (from, to) = (format!(":{}", self.server.address().port()), format!(":{}", link.address().port()));
        let store = self.server.url().replace(&from, &to);
        let node = within(PATIENCE, Node::start(&self.program, &Setup { store, ..setup })).await;
        self.nodes.push(node.ok_or_else(|| broken("a node does not start"))?.map_err(broken)?);
        self.links.push(link);
        let number = self.nodes.len() - 1;
        self.ask(number, Ask::Learn(self.tokens.iter().map(|token| token.text.clone()).collect())).await;
        Ok(number)
    }

    pub(super) async fn ask(&self, node: usize, ask: Ask) -> Answer {
        within(PATIENCE, self.nodes[node].ask(ask)).await.expect("a node answers in a minute")
    }

    pub(super) async fn all(&self, ask: &Ask) {
        for node in 0..self.nodes.len() {
            self.ask(node, ask.clone()).await;
        }
    }

    /// Waits until every node judges every token.
    pub(super) async fn settled(&self, patience: Duration) -> Result<(), Unmet> {
        let is_settled = async || {
            for node in 0..self.nodes.len() {
                if !self.state(node).await.ready {
                    return false;
                }
            }
            true
        };
        if until(patience, is_settled).await { Ok(()) } else { Err(broken("the nodes do not become ready")) }
    }

    pub(super) async fn state(&self, node: usize) -> State {
        match self.ask(node, Ask::State).await {
            Answer::State { ready, entries, pending, losses, tasks, files, memory, .. } => {
                State { ready, entries, pending, losses, tasks, files, memory }
            }
            other => panic!("{other:?}"),
        }
    }

    /// One node issues tokens, each for another subject, and all learn them. Returns their numbers.
    pub(super) async fn issue(&mut self, node: usize, count: usize) -> Result<std::ops::Range<u32>, Unmet> {
        let first = self.tokens.len();
        let subjects = (first..first + count).map(|number| format!("user-{number}")).collect();
        let Answer::Tokens(tokens) = self.ask(node, Ask::Issue(subjects)).await else { panic!("tokens") };
        let tokens = tokens.map_err(|error| broken(format!("node {node} issues nothing: {error}")))?;
        self.all(&Ask::Learn(tokens.iter().map(|token| token.text.clone()).collect())).await;
        self.tokens.extend(tokens);
        Ok(u32::try_from(first).unwrap()..u32::try_from(first + count).unwrap())
    }

    /// Every node that does not yet begins to verify all that it knows, so many a second.
    pub(super) async fn load(&mut self, rate: u64) {
        for node in 0..self.nodes.len() {
            if self.loads.iter().any(|(loaded, _)| *loaded == node) {
                continue;
            }
            let file = self.folder.path().join(format!("load-{node}")).display().to_string();
            self.ask(node, Ask::Load { rate, file: file.clone() }).await;
            self.loads.push((node, file));
        }
    }

    /// A way to revoke a token, alone or with all of its subject or session.
    pub(super) fn what(&self, token: u32, chances: &mut fastrand::Rng) -> What {
        let Token { id, subject, expires, .. } = &self.tokens[token as usize];
        match chances.u32(0..10) {
            0 => What::Subject(subject.clone()),
            1 => What::Session(subject.clone()),
            _ => What::Token(id.clone(), *expires),
        }
    }

    /// Asks a node to revoke, which covers these tokens.
    pub(super) async fn revoke(&self, node: usize, what: What, tokens: Vec<u32>) -> Asked {
        Asked { tokens, answer: self.nodes[node].send(Ask::Revoke(what)).await }
    }

    /// Waits for the answer, and takes note of it.
    pub(super) async fn answered(&mut self, Asked { tokens, answer }: Asked) -> Outcome {
        match within(PATIENCE, answer).await {
            Some(Ok(Answer::Revoked { asked, answered, outcome })) => {
                let acknowledged = (outcome == Outcome::Done).then_some(answered);
                self.history.revoked.push(Revoked { tokens, asked, acknowledged });
                outcome
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn outage(&mut self, node: usize, from: u64, at_once: bool) {
        self.history.outages.push(Outage { node, from, to: now(), at_once });
    }

    pub(super) fn signal(&self, node: usize, signal: Signal) {
        kill_process(self.nodes[node].pid(), signal).unwrap();
    }

    /// What a node says of every token now.
    pub(super) async fn verdicts(&self, node: usize) -> Vec<Verdict> {
        let Answer::Verdicts(_, told) = self.ask(node, Ask::Verify(Vec::new())).await else { panic!("verdicts") };
        told.into_iter().map(|(verdict, _)| verdict).collect()
    }

    /// Ends the load and reads what was answered.
    pub(super) async fn finish(&mut self) -> Result<(), Unmet> {
        for (node, file) in std::mem::take(&mut self.loads) {
            self.ask(node, Ask::Stop).await;
            if !until(PATIENCE, async || fs::exists(&file).unwrap_or(false)).await {
                return Err(broken(format!("node {node} does not end its load")));
            }
            let text = fs::read_to_string(&file).map_err(broken)?;
            self.history.requests.extend(text.lines().map(|line| request(node, line)));
            fs::remove_file(&file).map_err(broken)?;
        }
        Ok(())
    }

    /// Ends the load and judges everything.
    pub(super) async fn judge(&mut self) -> Result<Judged, Unmet> {
        self.finish().await?;
        Ok(self.history.judge(Rules { staleness: S, poll: POLL, recovery: self.recovery() }))
    }

    /// How soon a node knows again. A machine that compiles meanwhile is not the promise's.
    pub(super) fn recovery(&self) -> Duration {
        if self.size == Size::Small { Duration::from_secs(2) } else { Duration::from_secs(1) }
    }

    /// The names in the log, read past all links.
    pub(super) async fn stored(&self) -> Result<Vec<String>, Unmet> {
        stored(&self.server.url()).await
    }
}

fn request(node: usize, line: &str) -> Request {
    let mut words = line.split(' ');
    let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).expect("a number");
    let (token, start, end) = (u32::try_from(number()).unwrap(), number(), number());
    let verdict = match words.next() {
        Some("a") => Verdict::Accepted,
        Some("r") => Verdict::Revoked,
        Some("u") => Verdict::Unavailable,
        _ => Verdict::Other,
    };
    Request { node, token, start, end, verdict }
}

async fn stored(url: &str) -> Result<Vec<String>, Unmet> {
    let store = connect(url, PATIENCE, 0, None).await.map_err(broken)?;
    let mut names = Vec::new();
    let mut cursor = Cursor::START;
    loop {
        let batch = store.read(&cursor).await.map_err(broken)?;
        names.extend(batch.entries.iter().map(|entry| entry.target.name().to_owned()));
        match batch.more {
            Some(more) => cursor = more,
            None => return Ok(names),
        }
    }
}

/// Asks again and again, and gives up some time.
pub(super) async fn until(patience: Duration, is_so: impl AsyncFn() -> bool) -> bool {
    let began = now();
    loop {
        if is_so().await {
            return true;
        }
        if now() - began > crate::faults::history::nanoseconds(patience) {
            return false;
        }
        pass(Duration::from_millis(20)).await;
    }
}
