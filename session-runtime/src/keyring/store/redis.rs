//! Rings in Redis, for services of several nodes.

use std::{collections::HashMap, fmt, time::Duration};

use ::redis::{Client, Script, aio::MultiplexedConnection, cmd};
use zeroize::Zeroizing;

use super::{
    BoxFuture, KeyStore, StoredRing,
    rows::{Row, Rows, Table},
};
use crate::{
    database::{Connects, DEADLINE, Fault, in_time, redis},
    error::StoreError,
};

const NAME: &str = "the key store in Redis";
const WARNINGS: redis::Warnings = redis::Warnings {
    restart: "`appendonly` is not `yes`: a restart loses the rings, or goes back to older ones",
    crash: "`appendfsync` is not `always`: a crash may take back the last change of a ring",
    eviction: "`maxmemory-policy` is one of `allkeys`: a full server throws rings away",
};

/// Keeps rings in Redis or Valkey: one hash for a ring and format, `{session:keys:<ring>}:<format>`, replaced by a script that compares its
/// version. The braces keep a ring on one node of a cluster.
///
/// **Redis keeps a ring only as well as it is told to.** A change is durable when it is reported as done if the server runs with
/// `appendonly yes` and `appendfsync always`; otherwise a crash may take back the last change, and with it a compromise. No memory policy
/// of the `allkeys` family may be set, since it throws rings away. When it connects, the store asks for these settings and warns (`tracing`)
/// when they are others; a server that forbids `CONFIG GET` is not known, and the operator has to look. A failover to a replica may lose
/// what the replica had not heard; [`KeyRing::reload`](crate::KeyRing::reload) then says that the ring went back.
///
/// Off the machine, TLS (`rediss://`) is required. Roots are the system's, or those in the file that the variable `SSL_CERT_FILE` names.
/// If the program has not chosen a provider of cryptography for rustls, the first connection over TLS installs `aws-lc-rs` as the process's.
///
/// Needs the commands `HGETALL`, `HMGET`, `EXISTS`, `HSET`, `PERSIST`, `EVALSHA`, `SCRIPT LOAD`, `ROLE` and `PING`. Every call has a deadline of 5 s, see
/// [`with_deadline`](Self::with_deadline). A cheap clone, so that several rings may share one connection, which is made anew when it was lost.
///
/// # Example
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{KeyRing, keyring::{LocalKek, RedisKeys}, paseto::V4Local};
///
/// let store = RedisKeys::connect("rediss://orders:secret@redis.example").await?;
/// let ring = KeyRing::<V4Local>::builder().open(store, LocalKek::from_file("/run/secrets/kek")?).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Example: an address without TLS
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use session_runtime::{error::StoreError, keyring::RedisKeys};
///
/// let refused = RedisKeys::connect("redis://:secret@redis.example").await.unwrap_err();
/// assert!(matches!(refused, StoreError::Misconfigured { .. }));
/// # }
/// ```
#[derive(Clone)]
pub struct RedisKeys(Rows<Server>);

impl RedisKeys {
    /// Connects to the server at `url` (`rediss://user:password@host:port/database`).
    ///
    /// Without TLS it connects to the loopback interface (`localhost`, 127.0.0.0/8, ::1) and to Unix sockets only.
    ///
    /// # Errors
    /// * [`StoreError::Misconfigured`] when the address is not understood, or leads off the machine without TLS and a checked certificate.
    /// * [`StoreError::Unreadable`] when the server does not answer or does not let us in.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(redis::client(NAME, url)?).await
    }

    /// As [`connect`](Self::connect), also without TLS: for a network that is private by other means.
    ///
    /// **Whoever can read or change that network's traffic can take the password, and make every verifier trust keys of his own.**
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn dangerous_connect_without_tls(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(redis::dangerous_client(NAME, url)?).await
    }

    /// The same store, whose calls may take this long; 5 s unless it is set, and at most a day. What a write did that took longer is not
    /// known ([`StoreError::Unknown`]).
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    async fn connect_with(client: Client) -> Result<Self, StoreError> {
        let server = Server { client, replace: Script::new(include_str!("redis/replace.lua")) };
        let connect = async {
            let unreadable = |reason| StoreError::Unreadable { store: NAME, reason };
            let mut line = server.connect().await.map_err(unreadable)?;
            redis::ping(&mut line).await.map_err(unreadable)?;
            redis::warn_of_settings(&mut line, NAME, &WARNINGS).await;
            Ok(line)
        };
        let line = in_time(NAME, DEADLINE, connect).await?;
        Ok(Self(Rows::new(server, line, DEADLINE)))
    }
}

impl fmt::Debug for RedisKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisKeys").field(&self.0).finish()
    }
}

impl KeyStore for RedisKeys {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(self.0.load(ring, format))
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.0.replace(ring, format, expected, &new).await })
    }
}

struct Server {
    client: Client,
    replace: Script,
}

impl Connects for Server {
    const NAME: &'static str = NAME;
    type Line = MultiplexedConnection;

    async fn connect(&self) -> Result<MultiplexedConnection, String> {
        redis::connect(&self.client).await
    }

    async fn is_alive(&self, line: &mut MultiplexedConnection) -> bool {
        redis::ping(line).await.is_ok()
    }
}

impl Table for Server {
    async fn read(&self, line: &mut MultiplexedConnection, ring: &str, format: &str) -> Result<Option<Row>, Fault> {
        let key = key(ring, format);
        if let Some(row) = stored(line, &key).await? {
            return Ok(Some(row));
        }
        // A replica may not have heard of the ring yet. Asked again once it is known to be none, so that the answer is a primary's.
        redis::must_be_primary(line, "this replica has no such ring, and the primary may").await?;
        stored(line, &key).await
    }

    async fn write(
        &self,
        line: &mut MultiplexedConnection,
        ring: &str,
        format: &str,
        expected: Option<u64>,
        row: &Row,
    ) -> Result<bool, Fault> {
        let expected = expected.map(|expected| expected.to_string()).unwrap_or_default();
        let mut call = self.replace.key(key(ring, format));
        call.arg(expected).arg(row.layout).arg(row.version).arg(row.body.as_str());
        match call.invoke_async::<u8>(line).await {
            Ok(1) => Ok(true),
            Ok(0) => Ok(false),
            Ok(_) => Err(Fault::Lost("the script answered something else".to_owned())),
            // `HSET` is the script's last step that could fail.
            Err(error) => Err(redis::script_fault(&error)),
        }
    }
}

fn key(ring: &str, format: &str) -> String {
    format!("{{session:keys:{ring}}}:{format}")
}

fn text(bytes: Vec<u8>) -> Result<Zeroizing<String>, Fault> {
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| Fault::Lost("the stored ring is no text".to_owned()))
}

/// What lies at a key. In one command: between two, somebody may create the ring.
async fn stored(line: &mut MultiplexedConnection, key: &str) -> Result<Option<Row>, Fault> {
    // Redis keeps no hash without fields, so no field means no key.
    let mut fields: HashMap<String, Vec<u8>> =
        cmd("HGETALL").arg(key).query_async(line).await.map_err(|error| Fault::Lost(redis::reason(&error)))?;
    if fields.is_empty() {
        return Ok(None);
    }
    let row =
        match (fields.remove("layout").and_then(redis::number), fields.remove("version").and_then(redis::number), fields.remove("body")) {
            (Some(layout), Some(version), Some(body)) => Row { layout, version, body: text(body)? },
            _ => return Err(Fault::Lost("a stored ring lacks a field or has a wrong one".to_owned())),
        };
    Ok(Some(row))
}

#[cfg(test)]
mod tests;
