//! Tokens of random key ids, more than anybody would send.

use std::time::Duration;

use session_runtime::{Issuer, KeyRing, Verifier, error::VerifyError, keyring::RemoteJwks};

use super::{Tally, Try, broken};
use crate::{
    faults::{
        fleet::{Fleet, Node, Server},
        node::{Access, Format, memory, renamed},
        real_time::{Moment, pass},
        report::Found,
        store::Sabotage,
        talk::{Answer, Ask, Setup},
    },
    needs::Unmet,
    proxy::Conduct,
    stub::{Conduct as Endpoint, Stub},
};

/// So many first, until memory has settled.
const BEFORE: usize = 1_000;
/// So many at a time: in between, whoever looks after the keys gets his turn.
const SLICE: usize = 1_000;
/// What may be more afterwards, in KiB: less than one MB.
const MEMORY: u64 = 1_000;

/// How many tokens: without the defence each of them waits for a read, and a few tell.
fn tokens(this: &Try) -> usize {
    if this.sabotage.is_some() { 20 } else { 10_000 }
}

/// What a flood came to.
struct Flood {
    tokens: usize,
    good: u64,
    refused: u64,
    /// Of the ring or of the key set, since before the first token.
    reads: u64,
    memory: u64,
    took: Duration,
}

impl Flood {
    fn found(self, word: &str) -> Found {
        let Self { tokens, good, refused, reads, memory, took } = self;
        let known = u64::try_from(tokens.div_ceil(100)).unwrap();
        let tries = u64::try_from(tokens).unwrap();
        // Two within any 30 s.
        let allowed = 2 * (took.as_secs() / 30 + 1);
        let figure = format!("{reads} {word} in {:.1} s, {good} of {known} known good, {memory} KiB more memory", took.as_secs_f64());
        Found { tries, holds: reads <= allowed && good == known && refused == tries && memory <= MEMORY, figure }
    }
}

/// Of a stored ring that is looked after in the background.
pub(super) async fn ring(this: Try, down: bool) -> Result<Found, Unmet> {
    let server = Server::durable_redis()?;
    // Refreshed so seldom that every read is one for an unknown key.
    let setup = Setup { wall: None, deadline: 1_000, sabotage: this.sabotage, ..super::setup(0) };
    let fleet = Fleet::start(&this.program, &server, [setup]).await.map_err(broken)?;
    let node = &fleet.nodes[0];
    node.tell(Ask::Maintain).await.0.map_err(broken)?;
    let before = state(node).await.0;
    node.tell(Ask::Keep).await.0.map_err(broken)?;
    // Whoever looks after a ring begins with a read.
    while state(node).await.0 == before {}
    let (reads, _) = state(node).await;
    if down {
        fleet.links[0].behave(Conduct::BlackHole);
    }
    let tokens = tokens(&this);
    let since = Moment::now();
    node.judge(Ask::Flood(BEFORE.min(tokens))).await;
    let (_, memory) = state(node).await;
    let mut tally = Tally::default();
    for _ in 0..tokens / SLICE.min(tokens) {
        tally.add(node.judge(Ask::Flood(SLICE.min(tokens))).await);
    }
    // Whatever was asked for has begun by then.
    pass(Duration::from_millis(300)).await;
    let (reads_after, memory_after) = state(node).await;
    let (reads, memory) = (reads_after - reads, memory_after.saturating_sub(memory));
    Ok(Flood { tokens, good: tally.good, refused: tally.bad(), reads, memory, took: since.passed() }.found("reads"))
}

async fn state(node: &Node) -> (u64, u64) {
    match node.ask(Ask::State).await {
        Answer::State { reads, memory, .. } => (reads, memory),
        other => panic!("{other:?}"),
    }
}

/// Of the keys of another issuer.
pub(super) async fn jwks(this: Try, down: bool) -> Result<Found, Unmet> {
    let theirs = KeyRing::<Format>::generate().map_err(broken)?;
    let issuer = Issuer::<Access, _>::new(&theirs).map_err(broken)?;
    let endpoint = Stub::start(Endpoint::set("", theirs.jwks())).await;
    let remote = RemoteJwks::<Format>::builder(endpoint.url()).timeout(Duration::from_millis(500)).load().await.map_err(broken)?;
    let verifier = Verifier::<Access>::builder().accept(&remote).build().map_err(broken)?;
    let good = issuer.issue(&Access::of("ada")).map_err(broken)?.token;
    let fetches = endpoint.requests().len();
    if down {
        endpoint.behave(Endpoint::Reset);
    }
    let tokens = tokens(&this);
    let since = Moment::now();
    flood(&this, &endpoint, &verifier, &good, BEFORE.min(tokens)).await;
    let before = memory();
    let (known, refused) = flood(&this, &endpoint, &verifier, &good, tokens).await;
    // Whatever is fetched has been asked for by then.
    let _ = remote.refresh().await;
    let reads = u64::try_from(endpoint.requests().len() - fetches).unwrap();
    let memory = memory().saturating_sub(before);
    Ok(Flood { tokens, good: known, refused, reads, memory, took: since.passed() }.found("fetches"))
}

async fn flood(this: &Try, endpoint: &Stub, verifier: &Verifier<Access>, good: &str, count: usize) -> (u64, u64) {
    let (mut known, mut refused) = (0, 0);
    for number in 0..count {
        let unknown = renamed(good, number);
        refused += u64::from(matches!(verifier.verify_now(&unknown), Err(VerifyError::UnknownKey)));
        if this.without(Sabotage::ReadsForEverybody) {
            // What a client does that asks for every key that it does not know.
            let _ = RemoteJwks::<Format>::load(endpoint.url()).await;
        }
        if number % 100 == 0 {
            known += u64::from(verifier.verify_now(good).is_ok());
            tokio::task::yield_now().await;
        }
    }
    (known, refused)
}
