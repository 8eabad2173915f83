//! Rings in Redis, for services of several nodes.

use std::{collections::HashMap, fmt, net::IpAddr, time::Duration};

use redis::{Client, ConnectionAddr, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind, aio::MultiplexedConnection};
use zeroize::Zeroizing;

use super::{
    BoxFuture, KeyStore, StoredRing,
    rows::{Row, Rows, Table},
};
use crate::{
    database::{Connects, DEADLINE, Fault, in_time},
    error::StoreError,
};

const NAME: &str = "the key store in Redis";

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
        let client = client(url)?;
        if !is_safe(client.get_connection_info().addr()) {
            return Err(StoreError::Misconfigured {
                store: NAME,
                problem: "off this machine it needs rediss:// and a checked certificate",
            });
        }
        Self::connect_with(client).await
    }

    /// As [`connect`](Self::connect), also without TLS: for a network that is private by other means.
    ///
    /// **Whoever can read or change that network's traffic can take the password, and make every verifier trust keys of his own.**
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn dangerous_connect_without_tls(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(client(url)?).await
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
            let mut line = server.connect().await.map_err(|reason| StoreError::Unreadable { store: NAME, reason })?;
            // A server that is loading its data, or wants a password, lets us connect.
            let pong: Result<(), RedisError> = redis::cmd("PING").query_async(&mut line).await;
            pong.map_err(|error| StoreError::Unreadable { store: NAME, reason: reason(&error) })?;
            warn_of_settings(&mut line).await;
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
        // The only deadline is ours: the client's own (1 s for connecting, half a second for an answer) would end a slow start as an error.
        let config = redis::AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        self.client.get_multiplexed_async_connection_with_config(&config).await.map_err(|error| reason(&error))
    }

    async fn is_alive(&self, line: &mut MultiplexedConnection) -> bool {
        let pong: Result<(), RedisError> = redis::cmd("PING").query_async(line).await;
        pong.is_ok()
    }
}

impl Table for Server {
    async fn read(&self, line: &mut MultiplexedConnection, ring: &str, format: &str) -> Result<Option<Row>, Fault> {
        let key = key(ring, format);
        if let Some(row) = stored(line, &key).await? {
            return Ok(Some(row));
        }
        // A replica may not have heard of the ring yet. Asked again once it is known to be none, so that the answer is a primary's.
        must_be_primary(line).await?;
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
            Err(error) => Err(match error.kind() {
                // The server answered with an error, before the script's one write: it has no later step that could fail.
                ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::AuthenticationFailed => Fault::Refused(reason(&error)),
                _ => Fault::Lost(reason(&error)),
            }),
        }
    }
}

fn key(ring: &str, format: &str) -> String {
    format!("{{session:keys:{ring}}}:{format}")
}

/// A number as the script wrote it.
fn number(bytes: Vec<u8>) -> Option<u64> {
    let text = String::from_utf8(bytes).ok()?;
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn text(bytes: Vec<u8>) -> Result<Zeroizing<String>, Fault> {
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| Fault::Lost("the stored ring is no text".to_owned()))
}

/// What lies at a key. In one command: between two, somebody may create the ring.
async fn stored(line: &mut MultiplexedConnection, key: &str) -> Result<Option<Row>, Fault> {
    // Redis keeps no hash without fields, so no field means no key.
    let mut fields: HashMap<String, Vec<u8>> =
        redis::cmd("HGETALL").arg(key).query_async(line).await.map_err(|error| Fault::Lost(reason(&error)))?;
    if fields.is_empty() {
        return Ok(None);
    }
    let row = match (fields.remove("layout").and_then(number), fields.remove("version").and_then(number), fields.remove("body")) {
        (Some(layout), Some(version), Some(body)) => Row { layout, version, body: text(body)? },
        _ => return Err(Fault::Lost("a stored ring lacks a field or has a wrong one".to_owned())),
    };
    Ok(Some(row))
}

async fn must_be_primary(line: &mut MultiplexedConnection) -> Result<(), Fault> {
    match redis::cmd("ROLE").query_async::<Vec<redis::Value>>(line).await {
        Ok(role) => match role.first().and_then(|role| String::from_redis_value_ref(role).ok()).as_deref() {
            Some("master") => Ok(()),
            _ => Err(Fault::Refused("this replica has no such ring, and the primary may".to_owned())),
        },
        // Who may not ask relies on the script, which writes to no replica.
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => Ok(()),
        Err(error) => Err(Fault::Lost(reason(&error))),
    }
}

/// Says in the log what of the server's settings could lose a ring.
async fn warn_of_settings(line: &mut MultiplexedConnection) {
    // A pattern, because servers before version 7 take one word only.
    let settings: Result<Vec<(String, String)>, RedisError> = redis::cmd("CONFIG").arg("GET").arg("append*").query_async(line).await;
    let memory: Result<Vec<(String, String)>, RedisError> = redis::cmd("CONFIG").arg("GET").arg("maxmemory*").query_async(line).await;
    let (Ok(mut settings), Ok(memory)) = (settings, memory) else {
        tracing::debug!(store = NAME, "the server does not tell its settings: whether changes are durable is not known");
        return;
    };
    settings.extend(memory);
    for problem in problems(&settings) {
        tracing::warn!(store = NAME, "{problem}");
    }
}

fn problems(settings: &[(String, String)]) -> Vec<&'static str> {
    let is = |name: &str, wanted: &str| settings.iter().any(|(found, value)| found == name && value == wanted);
    let mut problems = Vec::new();
    if !is("appendonly", "yes") {
        problems.push("`appendonly` is not `yes`: a restart loses the rings, or goes back to older ones");
    } else if !is("appendfsync", "always") {
        problems.push("`appendfsync` is not `always`: a crash may take back the last change of a ring");
    }
    let evicts = |(name, value): &(String, String)| name == "maxmemory-policy" && value.starts_with("allkeys");
    if !is("maxmemory", "0") && settings.iter().any(evicts) {
        problems.push("`maxmemory-policy` is one of `allkeys`: a full server throws rings away");
    }
    problems
}

fn client(url: &str) -> Result<Client, StoreError> {
    // The parser's own message may repeat the address, and the password in it.
    let client = Client::open(url).map_err(|_| StoreError::Misconfigured { store: NAME, problem: "its address is not understood" })?;
    let is_tls = matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { .. });
    if is_tls && rustls::crypto::CryptoProvider::get_default().is_none() {
        // The client asks rustls for the process's provider, and rustls panics where features of two are compiled in and nobody has
        // chosen. Somebody who chose first stays; losing the race to him is no error.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    Ok(client)
}

fn is_safe(address: &ConnectionAddr) -> bool {
    match address {
        ConnectionAddr::TcpTls { insecure, .. } => !insecure,
        ConnectionAddr::Tcp(host, _) => {
            let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
            host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        ConnectionAddr::Unix(_) => true,
        _ => false,
    }
}

/// Redis quotes commands and their arguments in its messages; only its codes and words of ours are told.
fn reason(error: &RedisError) -> String {
    let words = match error.kind() {
        ErrorKind::Io if error.is_timeout() => "the connection timed out",
        ErrorKind::Io if error.is_connection_refusal() => "the connection was refused",
        ErrorKind::Io if error.is_connection_dropped() => "the connection was lost",
        ErrorKind::Io => "the connection failed",
        ErrorKind::AuthenticationFailed => "it does not let us in",
        ErrorKind::Server(ServerErrorKind::BusyLoading) => "it is loading its data",
        ErrorKind::Server(ServerErrorKind::ReadOnly) => "it is a replica and takes no writes",
        ErrorKind::Server(ServerErrorKind::NoPerm) => "the user lacks a right",
        ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask) => "the ring lies on another node of the cluster",
        ErrorKind::Server(ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown | ServerErrorKind::TryAgain) => "its cluster is down",
        ErrorKind::Server(_) | ErrorKind::Extension => "Redis refused",
        ErrorKind::InvalidClientConfig => "TLS failed, or its address is wrong",
        _ => "its answer is not understood",
    };
    // The first word of an answer, by which Redis tells errors apart.
    let code = error.code().filter(|code| code.len() <= 20 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
    code.map_or_else(|| words.to_owned(), |code| format!("{words} ({code})"))
}

#[cfg(test)]
mod tests;
