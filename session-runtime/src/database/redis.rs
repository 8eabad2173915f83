//! Redis and Valkey: which addresses are safe, what an error means, and which settings lose data.

use std::net::IpAddr;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, FromRedisValue, RedisError, ServerErrorKind, aio::MultiplexedConnection,
};

use super::Fault;
use crate::error::StoreError;

/// The client for an address that is on this machine, or leads to a server whose certificate is checked.
pub(crate) fn client(store: &'static str, url: &str) -> Result<Client, StoreError> {
    let client = dangerous_client(store, url)?;
    if !is_safe(client.get_connection_info().addr()) {
        return Err(StoreError::Misconfigured { store, problem: "off this machine it needs rediss:// and a checked certificate" });
    }
    Ok(client)
}

/// The client for an address, also without TLS.
pub(crate) fn dangerous_client(store: &'static str, url: &str) -> Result<Client, StoreError> {
    // The parser's own message may repeat the address, and the password in it.
    let client = Client::open(url).map_err(|_| StoreError::Misconfigured { store, problem: "its address is not understood" })?;
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

pub(crate) async fn connect(client: &Client) -> Result<MultiplexedConnection, String> {
    // The only deadline is ours: the client's own (1 s for connecting, half a second for an answer) would end a slow start as an error.
    let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    client.get_multiplexed_async_connection_with_config(&config).await.map_err(|error| reason(&error))
}

/// Asks for any answer: a server that is loading its data, or wants a password, lets us connect.
pub(crate) async fn ping(line: &mut MultiplexedConnection) -> Result<(), String> {
    redis::cmd("PING").query_async(line).await.map_err(|error| reason(&error))
}

/// What an error says about a script whose one write is its last step that can fail.
pub(crate) fn script_fault(error: &RedisError) -> Fault {
    match error.kind() {
        // The server answered with an error, and so before the write.
        ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::AuthenticationFailed => Fault::Refused(reason(error)),
        _ => Fault::Lost(reason(error)),
    }
}

/// Refuses, in the words of `otherwise`, what a replica says that it does not have: it may not have heard of it yet.
pub(crate) async fn must_be_primary(line: &mut MultiplexedConnection, otherwise: &str) -> Result<(), Fault> {
    match redis::cmd("ROLE").query_async::<Vec<redis::Value>>(line).await {
        Ok(role) => match role.first().and_then(|role| String::from_redis_value_ref(role).ok()).as_deref() {
            Some("master") => Ok(()),
            _ => Err(Fault::Refused(otherwise.to_owned())),
        },
        // Who may not ask relies on the script, which writes to no replica.
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => Ok(()),
        Err(error) => Err(Fault::Lost(reason(&error))),
    }
}

/// A number as a script of ours wrote it.
pub(crate) fn number(bytes: Vec<u8>) -> Option<u64> {
    let text = String::from_utf8(bytes).ok()?;
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// What is said of settings that lose what is stored.
pub(crate) struct Warnings {
    /// `appendonly` is not `yes`.
    pub(crate) restart: &'static str,
    /// `appendfsync` is not `always`.
    pub(crate) crash: &'static str,
    /// `maxmemory-policy` throws away what never expires.
    pub(crate) eviction: &'static str,
}

/// Says in the log what of the server's settings could lose what is stored.
pub(crate) async fn warn_of_settings(line: &mut MultiplexedConnection, store: &'static str, warnings: &Warnings) {
    // A pattern, because servers before version 7 take one word only.
    let settings: Result<Vec<(String, String)>, RedisError> = redis::cmd("CONFIG").arg("GET").arg("append*").query_async(line).await;
    let memory: Result<Vec<(String, String)>, RedisError> = redis::cmd("CONFIG").arg("GET").arg("maxmemory*").query_async(line).await;
    let (Ok(mut settings), Ok(memory)) = (settings, memory) else {
        tracing::debug!(store, "the server does not tell its settings: whether changes are durable is not known");
        return;
    };
    settings.extend(memory);
    for problem in problems(&settings, warnings) {
        tracing::warn!(store, "{problem}");
    }
}

fn problems(settings: &[(String, String)], warnings: &Warnings) -> Vec<&'static str> {
    let is = |name: &str, wanted: &str| settings.iter().any(|(found, value)| found == name && value == wanted);
    let mut problems = Vec::new();
    if !is("appendonly", "yes") {
        problems.push(warnings.restart);
    } else if !is("appendfsync", "always") {
        problems.push(warnings.crash);
    }
    let evicts = |(name, value): &(String, String)| name == "maxmemory-policy" && value.starts_with("allkeys");
    if !is("maxmemory", "0") && settings.iter().any(evicts) {
        problems.push(warnings.eviction);
    }
    problems
}

/// Redis quotes commands and their arguments in its messages; only its codes and words of ours are told.
pub(crate) fn reason(error: &RedisError) -> String {
    let words = match error.kind() {
        ErrorKind::Io if error.is_timeout() => "the connection timed out",
        ErrorKind::Io if error.is_connection_refusal() => "the connection was refused",
        ErrorKind::Io if error.is_connection_dropped() => "the connection was lost",
        ErrorKind::Io => "the connection failed",
        ErrorKind::AuthenticationFailed => "it does not let us in",
        ErrorKind::Server(ServerErrorKind::BusyLoading) => "it is loading its data",
        ErrorKind::Server(ServerErrorKind::ReadOnly) => "it is a replica and takes no writes",
        ErrorKind::Server(ServerErrorKind::NoPerm) => "the user lacks a right",
        ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask) => "what is stored there lies on another node of the cluster",
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
