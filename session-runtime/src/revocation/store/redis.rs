//! A log in Redis, for services of several nodes.

mod answer;
mod scripts;
mod wake;

use std::{fmt, time::Duration};

use ::redis::{Client, ScriptInvocation, Value, aio::MultiplexedConnection};

use self::{
    answer::Told,
    scripts::{Keys, Scripts},
    wake::Wake,
};
use super::{Batch, Beginning, BoxFuture, Cursor, RevocationStore};
use crate::{
    database::{self, Connects, Fault, Lines, in_time, redis},
    error::StoreError,
    revocation::entry::{Entry, NewEntry},
    time::Timestamp,
};

const NAME: &str = "the revocation log in Redis";
/// Which log, unless it is told another one.
const MAIN: &str = "main";
/// How long one question may take. Nodes read every half second and must know nothing new for some seconds before they refuse, so that a
/// few questions may go unanswered; and a new connection over TLS to another region still fits.
const DEADLINE: Duration = Duration::from_secs(1);
/// Entries that are written back at once: about 4 ms in which the server does nothing else.
const CHUNK: usize = 512;
const WARNINGS: redis::Warnings = redis::Warnings {
    restart: "`appendonly` is not `yes`: a restart loses the revocations that no running node knows",
    crash: "`appendfsync` is not `always`: a crash may take back the last revocations, and the nodes have to tell them again",
    eviction: "`maxmemory-policy` is one of `allkeys`: a full server throws the revocations away",
};

/// A log in Redis or Valkey, for services of several nodes: a hash with the entries, a stream with the newest of them in their order, and a
/// hash that says how the log stands, under `{session:revocations:<name>}:…`. The braces keep them on one node of a cluster.
///
/// A node that reads again and again gets what is new in one round trip; one that was away for more than the newest 65,536 entries reads
/// everything again. A message on a channel tells readers to look at once.
///
/// # What is durable, and what a loss is
/// **Redis keeps the log only as well as it is told to.** A revocation survives a crash of the server when it is reported as done if the
/// server runs with `appendonly yes` and `appendfsync always`. When it connects, the store asks for these settings, and for a memory policy
/// that throws the log away, and warns (`tracing`). The log's keys never expire, so the `volatile` policies leave them alone.
///
/// Whatever the settings, nobody can know whether a server that was started again, or a replica that took over, has everything that was
/// acknowledged. So the log belongs to one run of one primary, and another one answers [`StoreError::Lost`], also if it has all data, until
/// the log was [begun again](RevocationStore::begin) and nodes have told what they know. The same is answered when somebody has removed
/// entries. It also happens, without any loss, when the first replica is attached to a server that had none: Redis then gives its history
/// a new name.
///
/// A replica is never read. With a failover, set `min-replicas-to-write 1` and a `min-replicas-max-lag` below the time after which a replica
/// takes over: a primary that was cut off then takes no revocations that are lost later, and the store takes no answers from it that may be
/// old. The price is that nothing is read or written while all replicas are away.
///
/// # What it needs
/// Redis 6 or later; tested with 7.0. A user with `~{session:revocations:*`, `&{session:revocations:*` and the commands `PING`, `EVALSHA`,
/// `SCRIPT LOAD`, `INFO`, `TIME`, `HGET`, `HGETALL`, `HSET`, `HINCRBY`, `HLEN`, `HSCAN`, `HDEL`, `XADD`, `XRANGE`, `XREVRANGE`, `UNLINK`, and for the hints `PUBLISH`,
/// `HELLO` and `SUBSCRIBE`. Off the machine, TLS (`rediss://`) is required, as for [`RedisKeys`](crate::keyring::RedisKeys).
///
/// Entries hold issuers, subjects and token ids in the clear. Whoever can write to the server can undo revocations.
///
/// Measured with Redis 7.0.15: 200,000 entries of tokens (an issuer of 18 bytes, a `jti` of 22) take 28 MB, 139 bytes each, and the newest 65,536
/// of them in their order 6 MB more. A reader that asks in vain costs the server 25 µs.
///
/// Every question has a deadline of 1 s, see [`with_deadline`](Self::with_deadline). Calls share one connection, which is made anew when it was lost; a
/// second one listens for hints. [`prune`](RevocationStore::prune) looks through the whole log in small steps, so one node that calls it is enough.
///
/// # Example
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{Revocations, revocation::RedisRevocations};
///
/// let store = RedisRevocations::connect("rediss://orders:secret@redis.example").await?.with_name("orders");
/// let revocations = Revocations::open(store).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Example: an address without TLS
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use session_runtime::{error::StoreError, revocation::RedisRevocations};
///
/// let refused = RedisRevocations::connect("redis://:secret@redis.example").await.unwrap_err();
/// assert!(matches!(refused, StoreError::Misconfigured { .. }));
/// # }
/// ```
pub struct RedisRevocations {
    lines: Lines<Server>,
    scripts: Scripts,
    keys: Keys,
    wake: Wake,
}

impl RedisRevocations {
    /// Connects to the server at `url` (`rediss://user:password@host:port/database`), for the log `main`. It creates nothing: a log that is not
    /// there is [`StoreError::Lost`], because nobody can tell it from one that was there.
    ///
    /// Without TLS it connects to the loopback interface (`localhost`, 127.0.0.0/8, ::1) and to Unix sockets only.
    ///
    /// # Errors
    /// * [`StoreError::Misconfigured`] when the address is not understood, or leads off the machine without TLS and a checked certificate.
    /// * [`StoreError::Unreadable`] when the server does not answer within 5 s or does not let us in.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(redis::client(NAME, url)?).await
    }

    /// As [`connect`](Self::connect), also without TLS: for a network that is private by other means.
    ///
    /// **Whoever can read or change that network's traffic can take the password, and keep every revocation from being seen.**
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn dangerous_connect_without_tls(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(redis::dangerous_client(NAME, url)?).await
    }

    /// The same server, and the log of this name. Logs of two names know nothing of each other.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        let keys = Keys::of(name);
        let wake = self.wake.on(keys.wake.clone());
        Self { keys, wake, ..self }
    }

    /// The same store, where every question may take this long, connecting included; 1 s unless it is set, and at most a day. What a write did
    /// that took longer is not known ([`StoreError::Unknown`]).
    ///
    /// A deadline that is too short for a new connection never gets through again once a connection was lost.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { lines: self.lines.with_deadline(deadline), ..self }
    }

    async fn connect_with(client: Client) -> Result<Self, StoreError> {
        let unreadable = |reason| StoreError::Unreadable { store: NAME, reason };
        let keys = Keys::of(MAIN);
        let wake = Wake::new(client.clone(), keys.wake.clone());
        let server = Server(client);
        let connect = async {
            let mut line = server.connect().await.map_err(unreadable)?;
            redis::ping(&mut line).await.map_err(unreadable)?;
            redis::warn_of_settings(&mut line, NAME, &WARNINGS).await;
            Ok(line)
        };
        let line = in_time(NAME, database::DEADLINE, connect).await?;
        Ok(Self { lines: Lines::new(server, line, DEADLINE), scripts: Scripts::new(), keys, wake })
    }

    async fn write(&self, call: &ScriptInvocation<'_>) -> Result<Vec<Value>, StoreError> {
        let told = self.lines.write(async |line| run(line, call).await).await?;
        Ok(told.done()?.1)
    }

    async fn prune_in_steps(&self, now: Timestamp, pruned: &mut u64) -> Result<(), StoreError> {
        let mut scan = "0".to_owned();
        loop {
            let values = self.write(&self.scripts.prune(&self.keys, now, &scan)).await?;
            let Some((next, some)) = answer::pruned(&values) else { return Err(not_understood()) };
            *pruned = pruned.saturating_add(some);
            if next == "0" {
                return Ok(());
            }
            next.clone_into(&mut scan);
        }
    }
}

impl fmt::Debug for RedisRevocations {
    /// Neither the address, which may hold a password, nor anything that was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRevocations").field("deadline", &self.lines.deadline()).finish_non_exhaustive()
    }
}

impl RevocationStore for RedisRevocations {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            let call = self.scripts.read(&self.keys, cursor);
            let told = self.lines.read_within(self.lines.deadline(), async |line| run(line, &call).await).await?;
            let (word, values) = told.done()?;
            answer::batch(cursor, &word, &values)
                .ok_or_else(|| StoreError::Unreadable { store: NAME, reason: "what the log holds is not understood".to_owned() })
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            let values = self.write(&self.scripts.append(&self.keys, entry, now)?).await?;
            let (position, not_after) = answer::appended(&values).ok_or_else(not_understood)?;
            Ok(Entry::new(entry.target.clone(), not_after, position))
        })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move {
            let values = self.write(&self.scripts.raise(&self.keys, life)).await?;
            answer::raised(&values).ok_or_else(not_understood)
        })
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut pruned = 0;
            match self.prune_in_steps(now, &mut pruned).await {
                Ok(()) => Ok(pruned),
                Err(error) => Err(in_parts(error, pruned > 0)),
            }
        })
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.write(&self.scripts.begin(&self.keys, beginning)).await.map(drop) })
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for (done, chunk) in entries.chunks(CHUNK).enumerate() {
                let call = self.scripts.restore(&self.keys, chunk).map_err(|error| in_parts(error, done > 0))?;
                self.write(&call).await.map_err(|error| in_parts(error, done > 0))?;
            }
            Ok(())
        })
    }

    fn woken(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.wake.woken())
    }
}

struct Server(Client);

impl Connects for Server {
    const NAME: &'static str = NAME;
    type Line = MultiplexedConnection;

    async fn connect(&self) -> Result<MultiplexedConnection, String> {
        redis::connect(&self.0).await
    }

    async fn is_alive(&self, line: &mut MultiplexedConnection) -> bool {
        redis::ping(line).await.is_ok()
    }
}

/// Runs a script. Those that write say themselves when they stopped after their first write, so an error is one from before it.
async fn run(line: &mut MultiplexedConnection, call: &ScriptInvocation<'_>) -> Result<Told, Fault> {
    match call.invoke_async::<Value>(line).await {
        Ok(answer) => Told::of(answer),
        Err(error) => Err(redis::script_fault(&error)),
    }
}

/// For an answer to a write that makes no sense: not known, so that it is sent again.
fn not_understood() -> StoreError {
    StoreError::Unknown { store: NAME, reason: "its answer is not understood".to_owned() }
}

/// The error of a call of several steps, of which some were `done` already.
fn in_parts(error: StoreError, done: bool) -> StoreError {
    match error {
        StoreError::NotApplied { store, reason } if done => StoreError::Unknown { store, reason },
        error => error,
    }
}

#[cfg(test)]
mod tests;
